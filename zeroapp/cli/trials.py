"""`zeroapp rehearse` and `zeroapp benchmark`: a few real steps, measured, nothing kept."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from zeroapp import protocol as p
from zeroapp.cli import journey, wishes, words
from zeroapp.cli.console import Console
from zeroapp.cli.follow import do
from zeroapp.errors import WorkError
from zeroapp.plan import Device, TrainPlan
from zeroapp.project import Project

SHARED_MEMORY = (
    "On this computer all processes share one memory and one processor: sharding halves what each "
    "holds, but saves nothing in all. It pays where each process has a graphics card or a computer "
    "of its own."
)


def rehearse(args: Namespace, console: Console) -> int:
    """Measure the first steps of the plan."""
    with Project.open(args.project) as project:
        plan = _plan(args, project, console)
        job = p.Rehearse(project=str(project.folder), plan=plan, seconds=args.seconds)
        told = do(job, project.new_run("rehearse"), console).rehearsed
    if told is None:
        raise _nothing_measured()
    console.result(_rehearsed(told), rehearsed_words(told))
    return 0


def benchmark(args: Namespace, console: Console) -> int:
    """Measure the same steps at stages 0 to 3."""
    with Project.open(args.project) as project:
        plan = _plan(args, project, console)
        job = p.Benchmark(
            project=str(project.folder), plan=plan, ranks=args.ranks or 2, steps=args.steps
        )
        seen = do(job, project.new_run("benchmark"), console).stages
    if not seen:
        raise _nothing_measured()
    shared = plan.device is not Device.cuda
    console.result(
        {"ranks": job.ranks, "shared_memory": shared, "stages": _stages(seen)},
        stage_words(seen) + (f"\n{SHARED_MEMORY}" if shared else ""),
    )
    return 0


def _plan(args: Namespace, project: Project, console: Console) -> TrainPlan:
    """The newest plan where it holds for what is asked, else a new one."""
    asked = wishes.options_of(args)
    options = project.options() if wishes.nothing_asked(asked) else asked
    return journey.plan_to_train(project, options, console)


def _nothing_measured() -> WorkError:
    return WorkError(
        "no-result",
        title="The work ended without a result.",
        hint="Try again; if it happens again, send us the report.",
    )


def _rehearsed(told: p.Rehearsed) -> dict[str, Any]:
    names = ("steps", "total", "seconds_per_step", "tokens_per_second", "peak", "seconds", "rows")
    return {name: getattr(told, name) for name in names}


def rehearsed_words(told: p.Rehearsed) -> str:
    """What a rehearsal found."""
    lines = [
        f"Steps    {told.steps} of {told.total:,} tried, {told.seconds_per_step:.2f} seconds each",
        f"Memory   {words.size(told.peak)} at the most",
        f"Time     {words.duration(told.seconds)} for the whole training, as measured",
        "A few examples it does not learn from, before and after these steps:",
    ]
    for row in told.rows:
        right = "right" if row.after == row.truth else f"should be “{row.truth}”"
        lines.append(f"- {row.text}\n  “{row.before}”, then “{row.after}” ({right})")
    return "\n".join(lines)


def _stages(seen: Sequence[p.StageMeasured]) -> list[dict[str, Any]]:
    fields = [name for name in p.StageMeasured.__struct_fields__ if name != "at"]
    ordered = sorted(seen, key=lambda one: (one.stage, one.rank))
    return [{name: getattr(one, name) for name in fields} for one in ordered]


def stage_words(seen: Sequence[p.StageMeasured]) -> str:
    """A table: for each stage the rank that holds most, the slowest step."""
    rows: list[tuple[str, ...]] = [
        ("ZeRO", "parameters", "gradients", "optimizer", "peak", "step", "exchanging")
    ]
    for stage in sorted({one.stage for one in seen}):
        ranks = [one for one in seen if one.stage == stage]
        rows.append(_row(stage, ranks))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    first = seen[0]
    return "\n".join([f"Held by each of {first.ranks} processes, and seconds a step", *lines])


def _row(stage: int, ranks: Sequence[p.StageMeasured]) -> tuple[str, ...]:
    if not all(one.fits for one in ranks):
        return (f"stage {stage}", *["does not fit"] * 4, "", "")
    held = [
        words.size(max(getattr(one, name) for one in ranks))
        for name in ("parameters", "gradients", "optimizer", "peak")
    ]
    step = max(one.seconds_per_step for one in ranks)
    exchanging = sum(one.communication for one in ranks) / len(ranks)
    return (f"stage {stage}", *held, f"{step:.2f} s", f"{exchanging:.2f} s")
