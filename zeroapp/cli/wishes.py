"""From options on the command line to `PlanOptions` and `TrainPlan`. Reads no project."""

import difflib
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import replace

from zeroapp.errors import UsageError
from zeroapp.plan import Offload, PlanOptions, TrainPlan

GIGABYTE = 1_000_000_000

FROM_DATA = ("task", "data_version", "labels", "label_counts", "masked")
"""Plan fields that follow from the project; nobody sets them by hand."""


def options_of(args: Namespace) -> PlanOptions:
    """What was asked for. Raises UsageError("unknown-plan-field", "bad-plan-value")."""
    overrides = dict(_assignment(text) for text in args.set)
    if args.epochs is not None:
        overrides["epochs"] = _value("epochs", args.epochs)
    if args.seed is not None:
        overrides["seed"] = _value("seed", args.seed)
    limit = args.memory_limit
    return PlanOptions(
        base=args.base,
        ranks=None if args.ranks is None else _value("ranks", args.ranks),
        zero_stage=args.zero,
        offload=None if args.offload is None else Offload(args.offload),
        memory_limit=None if limit is None else _value("memory_limit", int(limit * GIGABYTE)),
        overrides=overrides,
    )


def nothing_asked(options: PlanOptions) -> bool:
    """Whether everything is left to the planner."""
    return options == PlanOptions()


def obeys(plan: TrainPlan, options: PlanOptions) -> bool:
    """Whether a plan does what was asked, so that its run may go on."""
    asked: dict[str, Any] = {
        "base": options.base,
        "ranks": options.ranks,
        "zero_stage": options.zero_stage,
        "offload": options.offload,
        "memory_limit": options.memory_limit,
        **options.overrides,
    }
    return all(value is None or getattr(plan, name) == value for name, value in asked.items())


def read_plan(path: Path) -> TrainPlan:
    """The plan in a file: a TrainPlan as JSON, or what `zeroapp plan --json` prints.

    Raises UsageError("no-file", "bad-plan", "unknown-plan-field").
    """
    try:
        raw = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UsageError(
            "no-file",
            title=f"The plan “{path}” cannot be read.",
            hint="Give the path of a file that `zeroapp plan --json` has printed.",
            detail=str(error),
        ) from error
    except msgspec.DecodeError as error:
        raise _bad_plan(path, str(error)) from error
    fields = raw.get("plan", raw) if isinstance(raw, dict) else None
    if not isinstance(fields, dict):
        raise _bad_plan(path, "it is no JSON object")
    for name in fields:
        _require_field(name)
    try:
        return msgspec.convert(fields, type=TrainPlan)
    except msgspec.ValidationError as error:
        raise _bad_plan(path, str(error)) from error


def as_options(plan: TrainPlan) -> PlanOptions:
    """Options that lead the planner to this very plan, for a forecast of it."""
    fields = msgspec.to_builtins(plan)
    overrides = {name: value for name, value in fields.items() if name not in (*FROM_DATA, "base")}
    return PlanOptions(
        base=plan.base, ranks=plan.ranks, zero_stage=int(plan.zero_stage), overrides=overrides
    )


def merged(options: PlanOptions, more: PlanOptions) -> PlanOptions:
    """`options` with everything that `more` asks for on top."""
    given = {
        name: getattr(more, name)
        for name in PlanOptions.__struct_fields__
        if name != "overrides" and getattr(more, name) is not None
    }
    return replace(options, **given, overrides={**options.overrides, **more.overrides})


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals:
        raise UsageError(
            "bad-plan-value",
            title=f"“{text}” does not say what to set to what.",
            hint="Write it as field=value, for example epochs=4.",
        )
    _require_field(name)
    if name in FROM_DATA:
        raise UsageError(
            "bad-plan-value",
            title=f"The plan field “{name}” follows from the project's data.",
            hint="Leave it out.",
        )
    return name, _value(name, value.strip())


def _require_field(name: str) -> None:
    known = TrainPlan.__struct_fields__
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=3)
    raise UsageError(
        "unknown-plan-field",
        title=f"The plan has no field called “{name}”.",
        hint=f"Did you mean {_either(near)}?" if near else f"Its fields are: {', '.join(known)}.",
    )


def _either(names: Sequence[str]) -> str:
    return " or ".join(f"“{name}”" for name in names)


def _value(name: str, value: Any) -> Any:
    """The value as its field has it, checked for type and range."""
    kind = get_type_hints(TrainPlan, include_extras=True)[name]
    try:
        return msgspec.to_builtins(msgspec.convert(value, type=kind, strict=False))
    except msgspec.ValidationError as error:
        raise UsageError(
            "bad-plan-value",
            title=f"“{value}” is not possible for the plan field “{name}”: {error}.",
            hint="Choose another value, or leave it out to let zeroapp choose.",
        ) from error


def _bad_plan(path: Path, why: str) -> UsageError:
    return UsageError(
        "bad-plan",
        title=f"The plan “{path}” cannot be used: {why}.",
        hint="Make one with `zeroapp plan DIR --json` and change that.",
    )
