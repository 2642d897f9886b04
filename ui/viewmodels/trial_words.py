"""What a rehearsal and a comparison of stages found, in words and bars. Pure."""

import statistics
from collections.abc import Callable, Sequence

from ui import words
from ui.shown import Bar, BarGroup, Fact, Rehearsal, Tried
from zeroapp.plan import Device, Forecast, TrainPlan
from zeroapp.protocol import Rehearsed, StageMeasured

LONG = 20 * 60.0
"""Seconds of a training from which on a minute of rehearsal is offered unasked."""

OFFER_TITLE = "This takes long. Try a minute of it first?"
OFFER = (
    "One minute of real steps measures how long it takes here and how much memory it needs, and "
    "shows what it answers before and after. Nothing of it is kept, and your examples stay as they "
    "are."
)

ABOUT_STAGES = (
    "The same few steps, once with nothing shared out among the processes and once at each stage "
    "of sharing (ZeRO). It takes some minutes and keeps nothing."
)

SHARED = (
    "All processes of this computer share one memory and one processor: sharing makes each smaller "
    "and saves nothing in all. It pays where each has a graphics card or a computer of its own."
)

_SHORT = {
    0: "0: nothing is shared",
    1: "1: optimizer states",
    2: "2: also gradients",
    3: "3: also the model",
}


def offers_itself(forecast: Forecast, *, rehearsed: bool) -> bool:
    """Whether a rehearsal is worth a card of its own."""
    return forecast.seconds > LONG and not rehearsed


def rehearsal(told: Rehearsed) -> Rehearsal:
    """What the steps of a rehearsal showed."""
    return Rehearsal(
        title="Rehearsed here",
        facts=(
            Fact(
                name="Whole training",
                value=words.duration(told.seconds),
                meaning="From start to verdict, as the measured steps foretell it.",
            ),
            Fact(
                name="Memory",
                value=words.size(told.peak),
                meaning="The most that one process held during these steps.",
            ),
            Fact(
                name="Steps tried",
                value=f"{words.count(told.steps)} of {words.count(told.total)}",
                meaning=f"Each took {told.seconds_per_step:.2g} seconds. They were thrown away.",
            ),
        ),
        rows=tuple(
            Tried(
                text=row.text,
                words=f"“{row.before}”, then “{row.after}”",
                verdict="Right" if row.after == row.truth else f"It is “{row.truth}”",
                right=row.after == row.truth,
            )
            for row in told.rows
        ),
    )


def stage_bars(seen: Sequence[StageMeasured]) -> tuple[BarGroup, ...]:
    """What each stage held and took; of several processes the fullest, or the slowest."""
    if not seen:
        return ()
    return (
        _group(
            seen,
            title="What training keeps, in each process",
            meaning="Model, gradients and optimizer states, counted from what each process holds.",
            value=lambda ranks: float(
                max(one.parameters + one.gradients + one.optimizer for one in ranks)
            ),
            said=words.size,
        ),
        _group(
            seen,
            title="All memory of a process at its peak",
            meaning="With texts at work and the training program itself, as the system counted it.",
            value=lambda ranks: float(max(one.peak for one in ranks)),
            said=words.size,
        ),
        _group(
            seen,
            title="One step takes",
            meaning="The median of a few steps, of the slowest process.",
            value=lambda ranks: max(one.seconds_per_step for one in ranks),
            said=_seconds,
        ),
        _group(
            seen,
            title="Of that, exchanging with the others",
            meaning="Time in a step spent sending, or waiting for another process; the mean.",
            value=lambda ranks: statistics.mean(one.communication for one in ranks),
            said=_seconds,
        ),
    )


def _seconds(value: float) -> str:
    return f"{value:.2f} s"


def _group(
    seen: Sequence[StageMeasured],
    *,
    title: str,
    meaning: str,
    value: Callable[[list[StageMeasured]], float],
    said: Callable[[float], str],
) -> BarGroup:
    """One bar a stage, the largest as long as there is room."""
    by_stage = {
        stage: [one for one in seen if one.stage == stage]
        for stage in sorted({one.stage for one in seen})
    }
    fit = {stage: all(one.fits for one in ranks) for stage, ranks in by_stage.items()}
    found = {stage: value(ranks) for stage, ranks in by_stage.items() if fit[stage]}
    most = max(found.values(), default=0.0) or 1.0
    least = min(found, key=lambda stage: found[stage], default=None)
    bars = tuple(
        Bar(
            title=_SHORT[stage],
            share=found.get(stage, 0.0) / most,
            words=said(found[stage]) if stage in found else "does not fit",
            leading=stage == least,
        )
        for stage in by_stage
    )
    return BarGroup(title=title, meaning=meaning, bars=bars)


def stages_note(plan: TrainPlan, seen: Sequence[StageMeasured]) -> str:
    """How it was measured, and what that is worth here."""
    if not seen:
        return ""
    how = f"Measured here with {words.plural(seen[0].ranks, 'process', 'processes')}."
    return f"{how} {SHARED}" if plan.device is Device.cpu else how
