"""The rules of the flow, pure: what each step needs, what is open, what comes next. No Qt."""

from enum import StrEnum

import msgspec


class Step(StrEnum):
    """The steps in their order."""

    examples = "examples"
    check = "check"
    plan = "plan"
    train = "train"
    quality = "quality"
    use = "use"


class Mark(StrEnum):
    """How a step looks in the rail."""

    done = "done"
    current = "current"
    open = "open"
    locked = "locked"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a project has so far, as far as the flow cares.

    missing_roles: titles of required roles without a column. blocking: problems that must be
    mended. training: a training run is there that has not finished (alive, paused, stopped,
    interrupted or failed). judged: a finished run with its report is there.
    """

    rows: int = 0
    missing_roles: tuple[str, ...] = ()
    checked: bool = False
    blocking: int = 0
    planned: bool = False
    training: bool = False
    judged: bool = False
    exported: bool = False


def missing(draft: Draft, step: Step) -> tuple[str, ...]:
    """Why `step` cannot be opened yet, as sentences; empty when it can."""
    needs = {
        Step.examples: (),
        Step.check: _examples(draft),
        Step.plan: _examples(draft) or _check(draft),
        Step.train: _train(draft),
        Step.quality: () if draft.judged else ("Train a model first.",),
        Step.use: () if draft.judged else ("Train a model first.",),
    }
    return needs[step]


def _examples(draft: Draft) -> tuple[str, ...]:
    if not draft.rows:
        return ("Add some examples first.",)
    return tuple(f"Choose the column for “{title}”." for title in draft.missing_roles)


def _check(draft: Draft) -> tuple[str, ...]:
    if not draft.checked:
        return ("Let the examples be checked first.",)
    if draft.blocking == 1:
        return ("One problem must be mended first.",)
    if draft.blocking:
        return (f"{draft.blocking} problems must be mended first.",)
    return ()


def _train(draft: Draft) -> tuple[str, ...]:
    if draft.training or draft.judged:
        return ()
    before = _examples(draft) or _check(draft)
    if before:
        return before
    return () if draft.planned else ("Make a plan first.",)


def next_step(step: Step) -> Step | None:
    """The step after `step`."""
    steps = list(Step)
    position = steps.index(step) + 1
    return steps[position] if position < len(steps) else None


def previous_step(step: Step) -> Step | None:
    """The step before `step`."""
    steps = list(Step)
    position = steps.index(step)
    return steps[position - 1] if position else None


def done_steps(draft: Draft) -> tuple[Step, ...]:
    """The steps that have given their result."""
    planned = draft.planned or draft.training or draft.judged
    results = {
        Step.examples: bool(draft.rows) and not draft.missing_roles,
        Step.check: draft.checked and not draft.blocking,
        Step.plan: planned,
        Step.train: draft.judged and not draft.training,
        Step.quality: draft.exported,
        Step.use: draft.exported,
    }
    return tuple(step for step in Step if results[step])


def mark(draft: Draft, step: Step, *, current: Step) -> Mark:
    """How `step` looks while `current` is shown."""
    if step is current:
        return Mark.current
    if step in done_steps(draft):
        return Mark.done
    return Mark.locked if missing(draft, step) else Mark.open


def landing(draft: Draft) -> Step:
    """Where an opened project lands: the training that goes on, the verdict, or the first gap."""
    if draft.training:
        return Step.train
    if draft.judged:
        return Step.quality
    if missing(draft, Step.check):
        return Step.examples
    return Step.check
