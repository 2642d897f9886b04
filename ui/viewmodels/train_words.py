"""What a training run is doing, in words: phases, clock, notices, chart. Pure."""

from dataclasses import replace
from enum import StrEnum

from ui import words
from ui.shown import ChartData, Doing, Fact, Mark, Notice, Offer
from ui.viewmodels import writing_words
from zeroapp import ladder
from zeroapp.dataset import Answers
from zeroapp.errors import Failure
from zeroapp.plan import Method
from zeroapp.protocol import Scored
from zeroapp.runs.history import can_go_on
from zeroapp.status import Outcome, RunStatus, State

PHASES = ("loading", "probe", "training", "saving", "judging")
PHASE_NAMES = (
    "Reading your examples",
    "First quick result",
    "Teaching",
    "Choosing the better",
    "Checking its work",
)


def phase_names(answers: Answers) -> tuple[str, ...]:
    """What the PHASES are called."""
    return writing_words.PHASE_NAMES if answers is Answers.text else PHASE_NAMES


class Look(StrEnum):
    """How the page looks: one of these at a time."""

    idle = "idle"
    starting = "starting"
    running = "running"
    pausing = "pausing"
    paused = "paused"
    stopping = "stopping"
    stopped = "stopped"
    interrupted = "interrupted"
    failed = "failed"
    done = "done"


WORKING = frozenset({Look.starting, Look.running, Look.pausing, Look.paused, Look.stopping})


def look(status: RunStatus, *, followed: bool) -> Look:
    """How a run looks, as far as its status says. followed: there is a run at all."""
    if not followed:
        return Look.idle
    if status.state is State.ended:
        ends = {
            Outcome.completed: Look.done,
            Outcome.stopped: Look.stopped,
            Outcome.failed: Look.failed,
            Outcome.interrupted: Look.interrupted,
        }
        return ends[status.outcome or Outcome.interrupted]
    if status.state is State.paused:
        return Look.paused
    return Look.starting if status.state is State.waiting else Look.running


def phase_at(status: RunStatus) -> int:
    """Which of PHASES is at work; their number when all are done, -1 before the first."""
    if status.outcome is Outcome.completed:
        return len(PHASES)
    return PHASES.index(status.phase) if status.phase in PHASES else -1


def doing(status: RunStatus, look_now: Look) -> Doing:
    """The line over the progress bar."""
    titles = {
        Look.starting: "Warming up. The first seconds are quiet.",
        Look.pausing: "Pausing after this step",
        Look.paused: "Paused",
        Look.stopping: "Saving, then stopping",
        Look.stopped: "Stopped",
        Look.interrupted: "Interrupted",
        Look.failed: "Could not go on",
        Look.done: "Done",
    }
    title = titles.get(look_now) or _phase(status)
    if look_now is Look.done:
        return Doing(title=title, done=1, total=1)
    clock = words.time_left(status.seconds_left) if look_now is Look.running else ""
    moving = look_now in {Look.starting, Look.running, Look.pausing, Look.stopping}
    total = status.total if moving else max(status.total, 1)
    return Doing(title=title, detail=clock, done=status.done, total=total)


def _phase(status: RunStatus) -> str:
    at = phase_at(status)
    return status.phase_title or (PHASE_NAMES[at] if at >= 0 else "Working")


def _took(status: RunStatus) -> str:
    if not status.started_at or status.ended_at <= status.started_at:
        return ""
    return words.duration(status.ended_at - status.started_at)


def facts(
    status: RunStatus, look_now: Look, *, now: float, answers: Answers = Answers.labels
) -> tuple[Fact, ...]:
    """The four numbers under the bar."""
    running = look_now in {Look.running, Look.pausing}
    step = f"{words.count(status.step)} of {words.count(status.steps)}" if status.steps else ""
    speed = _speed(status.rows_per_second) if running else ""
    best = _best_fact(status, answers)
    if look_now is Look.done:
        return _facts_at_end(status, best, step)
    return (
        best,
        Fact(
            name="Steps",
            value=step,
            meaning="After each step the model changes itself a little. One step reads as many "
            "examples as the plan says.",
        ),
        Fact(
            name="Examples a second",
            value=speed,
            meaning="How many of your examples it reads each second, measured just now.",
        ),
        Fact(
            name="Last saved",
            value=_saved(status, now=now),
            meaning="Everything up to the last save is safe, whatever happens to this computer. "
            "It saves by itself about every 45 seconds.",
        ),
    )


def _speed(rows: float) -> str:
    """Rows a second; a model that writes may take seconds for one. "" where nothing is known."""
    if not rows:
        return ""
    few, hardly_any = 10, 0.1
    if rows < hardly_any:
        return f"under {hardly_any}"
    return f"{rows:.0f}" if rows >= few else f"{rows:.1f}"


def _facts_at_end(status: RunStatus, best: Fact, step: str) -> tuple[Fact, ...]:
    took = _took(status)
    return (
        replace(best, name=best.name.replace("so far", "while teaching")),
        Fact(name="Steps", value=step, meaning="How often the model changed itself."),
        Fact(name="Took", value=took, meaning="From the first start to the verdict."),
    )


_BEST = (
    "How many of the examples kept aside it got right at its best. They are not used for "
    "teaching, only for choosing; the final verdict comes from other examples still."
)


def _best_fact(status: RunStatus, answers: Answers) -> Fact:
    if answers is Answers.text:
        value = writing_words.best(status)
        return Fact(name="Surprise, best so far", value=value, meaning=writing_words.BEST)
    return Fact(name="Best so far", value=_best(status), meaning=_BEST)


def _best(status: RunStatus) -> str:
    if not status.scores:
        return ""
    best = max(status.scores, key=lambda score: score.accuracy)
    right, of = words.of_hundred(best.right, best.n)
    return f"{right} of {of}"


def _saved(status: RunStatus, *, now: float) -> str:
    return words.ago(max(0.0, now - status.saved_at)) if status.saved_at else ""


def safe(status: RunStatus) -> str:
    """What is not lost when a run ended early."""
    if not status.saved_step:
        return "Your examples are safe. Nothing was saved of the run yet, so it begins anew."
    of = f" of {words.count(status.steps)}" if status.steps else ""
    lost = max(0, status.step - status.saved_step)
    again = f" {words.plural(lost, 'step')} will be done again." if lost else ""
    return f"Everything up to step {words.count(status.saved_step)}{of} is saved.{again}"


def notice(status: RunStatus, look_now: Look) -> Notice | None:
    """The card on top, when there is something to know."""
    if look_now is Look.interrupted:
        return Notice(
            kind="warn",
            icon="triangle-alert",
            title="It can go on where it stopped",
            text=f"The computer or the app was ended in the middle of it. {safe(status)}",
        )
    if look_now is Look.stopped:
        return Notice(
            kind="primary",
            icon="circle-check",
            title="Stopped and saved",
            text=f"{safe(status)} Go on whenever you like.",
        )
    if look_now is Look.paused:
        return Notice(
            kind="primary",
            icon="pause",
            title="Training holds still",
            text="It uses no computing power now, but keeps its memory. Go on whenever you like.",
        )
    if look_now is Look.failed:
        text = safe(status) if can_go_on(status) else "Your examples and earlier models are safe."
        return Notice(kind="warn", icon="triangle-alert", title="What is safe", text=text)
    if look_now is Look.done:
        return Notice(
            kind="ok", icon="circle-check", title="Your model is ready", text=_done(status)
        )
    return None


def _done(status: RunStatus) -> str:
    if status.judged is None:
        return "Look at how good it is."
    return status.judged.report.verdict


def offer(failure: Failure | None, *, base: str) -> Offer | None:
    """What would let a training fit that ran short of memory, but would change what is learned."""
    code = failure.code if failure else ""
    if code == ladder.ASK_LORA:
        return Offer(text="Teach only small &parts", field="method", value=str(Method.lora))
    smaller = ladder.smaller_base(base) if code == ladder.ASK_SMALLER else None
    return Offer(text="Take a smaller &model", field="base", value=smaller) if smaller else None


def quick(status: RunStatus) -> Notice | None:
    """The first quick result, as a card, from when it is there until there is a better one."""
    found = [score for score in status.scores if score.model == "probe"]
    taught = len(found) < len(status.scores)
    if not found or taught or status.outcome is Outcome.completed:
        return None
    score = found[-1]
    right, of = words.of_hundred(score.right, score.n)
    return Notice(
        kind="true",
        icon="sparkles",
        title=f"First quick result: right on {right} of {of}",
        text=f"Measured on {words.plural(score.n, 'example')} kept aside. Teaching now tries to "
        "do better; the better of the two is kept.",
    )


def chart(status: RunStatus, look_now: Look) -> ChartData:
    """Losses as a curve, scores as marks."""
    points = tuple((float(point.step), point.value) for point in status.losses)
    marks = tuple(_mark(score) for score in status.scores) or writing_words.marks(status)
    return ChartData(
        points=points,
        marks=marks,
        x_max=float(max(status.steps, status.step)),
        live=look_now is Look.running,
    )


def _mark(score: Scored) -> Mark:
    right, of = words.of_hundred(score.right, score.n)
    return Mark(
        x=float(score.step),
        share=score.right / max(score.n, 1),
        words=f"right on {right} of {of}",
        quick=score.model == "probe",
    )


def trend(status: RunStatus) -> str:
    """The curve's headline, from its first and last stretch."""
    values = [point.value for point in status.losses]
    if status.outcome is Outcome.completed:
        return "How it learned"
    # It starts from the quick result, so the first steps are noise and no news in either way.
    early = 24
    if len(values) < early:
        return "How it is learning"
    part = len(values) // 6
    first, before = sum(values[:part]) / part, sum(values[-2 * part : -part]) / part
    last = sum(values[-part:]) / part
    if last > 1.1 * first:
        return "Still finding its way"
    falling = last < 0.97 * before
    if status.heard:
        return "It is less and less surprised" if falling else "Its surprise has levelled off"
    return "Mistakes are going down" if falling else "Mistakes have levelled off"


def technical(status: RunStatus) -> tuple[tuple[str, str], ...]:
    """Everything else that is known about the run."""
    last = f"{status.losses[-1].value:.4f}" if status.losses else "–"
    rows = [
        ("loss (cross-entropy)", last),
        ("attempt", str(status.attempt or 1)),
        ("saved step", str(status.saved_step)),
        ("phase", status.phase or "–"),
    ]
    rows += [
        (
            f"score, {score.model}, step {score.step}",
            (
                f"accuracy {score.accuracy:.4f}, macro-F1 {score.macro_f1:.4f}, "
                f"log loss {score.log_loss:.4f} (n = {score.n})"
            ),
        )
        for score in status.scores
    ]
    return tuple(rows + writing_words.rows(status) + _shards(status) + _memory(status))


def _memory(status: RunStatus) -> list[tuple[str, str]]:
    """What each rank held while it trained; the first one's is what a plan foretells."""
    return [
        (
            f"memory held by rank {seen.rank}",
            f"{words.size(seen.peak)}, {words.size(seen.predicted)} foretold"
            if seen.predicted
            else words.size(seen.peak),
        )
        for seen in sorted(status.memory, key=lambda seen: seen.rank)
    ]


def _shards(status: RunStatus) -> list[tuple[str, str]]:
    shards = status.shards
    if shards is None:
        return []
    share = f"{words.size(shards.parameters_local)} of {words.size(shards.parameters_whole)}"
    return [
        ("ranks", str(shards.ranks)),
        ("ZeRO stage", str(shards.zero_stage)),
        ("sharded", "yes" if shards.sharded else "no, one process holds all of it"),
        ("parameters on rank 0", share),
    ]
