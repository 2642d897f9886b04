"""What a person can change of a plan, and what to start from, as fields of a form. Pure."""

from typing import Any

import msgspec

from ui.shown import BaseItem, Field, FieldKind
from ui.viewmodels.plan_words import STAGES
from zeroapp import catalogue
from zeroapp.catalogue import Base
from zeroapp.dataset import Answers, Reads
from zeroapp.plan import (
    SETTINGS,
    Method,
    Offload,
    PlanOptions,
    Precision,
    Setting,
    TrainPlan,
)


def fields(plan: TrainPlan, options: PlanOptions) -> tuple[Field, ...]:
    """What can be changed: the declared settings, then how the work is shared out."""
    ranges = _ranges()
    made: list[Field] = []
    reads = Reads.picture if plan.side else Reads.text
    answers = Answers.labels if plan.labels else Answers.text
    for setting in SETTINGS:
        if setting.reads not in (None, reads) or setting.answers not in (None, answers):
            continue
        value = getattr(plan, setting.field)
        if isinstance(value, bool):
            made.append(_yes_or_no(setting, value=str(value).lower(), options=options))
            continue
        kind, low, high = ranges[setting.field]
        made.append(
            Field(
                name=setting.field,
                label=setting.label,
                help=setting.help,
                kind=kind,
                value=value,
                low=low,
                high=high,
                changed=setting.field in options.overrides,
            )
        )
    return (*made, *_learning(plan, options), *_sharing(plan, options))


def _yes_or_no(setting: Setting, *, value: str, options: PlanOptions) -> Field:
    return Field(
        name=setting.field,
        label=setting.label,
        help=setting.help,
        kind=FieldKind.choice,
        value=value,
        choices=(("false", "No"), ("true", "Yes")),
        changed=setting.field in options.overrides,
    )


def _ranges() -> dict[str, tuple[FieldKind, float, float]]:
    """Kind, lowest and highest of each number of a plan, from its type."""
    info = msgspec.inspect.type_info(TrainPlan)
    assert isinstance(info, msgspec.inspect.StructType)
    found = {}
    for field in info.fields:
        of = field.type
        if isinstance(of, msgspec.inspect.IntType):
            low, high = of.ge or 0, of.le if of.le is not None else 2**31 - 1
            found[field.name] = (FieldKind.whole, float(low), float(high))
        elif isinstance(of, msgspec.inspect.FloatType):
            # A range that leaves its end out begins at the smallest value the form can show.
            low_f = of.ge if of.ge is not None else 1e-7
            found[field.name] = (FieldKind.real, float(low_f), float(of.le or 1.0))
    return found


def _learning(plan: TrainPlan, options: PlanOptions) -> tuple[Field, ...]:
    return (
        Field(
            name="method",
            label="What learns",
            help="Small parts beside the model (LoRA) need less memory and learn a little less.",
            kind=FieldKind.choice,
            value=str(plan.method),
            choices=((str(Method.full), "All of it"), (str(Method.lora), "Small parts (LoRA)")),
            changed="method" in options.overrides,
        ),
        Field(
            name="recompute",
            label="In-between results",
            help="Working them out again (checkpointing) saves memory and takes a third longer.",
            kind=FieldKind.choice,
            value=str(plan.recompute).lower(),
            choices=(("false", "Kept in memory"), ("true", "Worked out again")),
            changed="recompute" in options.overrides,
        ),
    )


def _sharing(plan: TrainPlan, options: PlanOptions) -> tuple[Field, ...]:
    _, low, high = _ranges()["ranks"]
    return (
        Field(
            name="ranks",
            label="Processes (ranks)",
            help="How many processes teach together. One is fastest on a processor.",
            kind=FieldKind.whole,
            value=plan.ranks,
            low=low,
            high=min(high, 16.0),
            changed=options.ranks is not None,
        ),
        Field(
            name="zero_stage",
            label="Shared out (ZeRO stage)",
            help="What the processes divide among themselves instead of each keeping a copy.",
            kind=FieldKind.choice,
            value=str(int(plan.zero_stage)),
            choices=tuple((str(int(stage)), text) for stage, text in STAGES.items()),
            changed=options.zero_stage is not None,
        ),
        Field(
            name="offload",
            label="Kept elsewhere",
            help="Where optimizer states wait when the card, or the memory, is too small for them.",
            kind=FieldKind.choice,
            value=str(plan.offload),
            choices=(
                (str(Offload.none), "Nothing"),
                (str(Offload.optimizer), "Optimizer in main memory"),
                (str(Offload.cpu), "In main memory"),
                (str(Offload.disk), "On disk"),
            ),
            changed=options.offload is not None,
        ),
        Field(
            name="precision",
            label="Number format",
            help="bf16 is half as long; it is only faster where the hardware knows it.",
            kind=FieldKind.choice,
            value=str(plan.precision),
            choices=((str(Precision.fp32), "fp32"), (str(Precision.bf16), "bf16")),
            changed="precision" in options.overrides,
        ),
    )


def bases(*, reads: Reads, answers: Answers) -> tuple[BaseItem, ...]:
    """The starters that fit."""
    return tuple(item(base) for base in catalogue.starters(reads=reads, answers=answers))


def base_hint(*, reads: Reads, answers: Answers) -> str:
    """What to start from, and what fits among the models of the Hub."""
    if answers is Answers.text:
        return (
            "A model that can write already; yours goes on from it. From the Hub, any that "
            "writes fits: best an “instruct” one of a size your computer bears."
        )
    if reads is Reads.picture:
        return (
            "A model that has seen many pictures already; yours goes on from it. From the Hub, "
            "any for image classification fits."
        )
    return (
        "A model that knows language already; yours goes on from it. From the Hub, any that reads "
        "texts (an encoder) fits; one that writes does not."
    )


def item(base: Base) -> BaseItem:
    """A base model as it is offered."""
    return BaseItem(
        key=base.key,
        title=base.title,
        blurb=base.blurb,
        licence=base.licence or "no licence named",
        note=base.licence_note,
        sell=base.may_sell,
    )


def with_change(options: PlanOptions, name: str, value: Any) -> PlanOptions:
    """The options with one more wish; a field of the plan goes to the overrides."""
    if name == "base":
        return msgspec.structs.replace(options, base=str(value))
    if name == "ranks":
        return msgspec.structs.replace(options, ranks=int(value))
    if name == "zero_stage":
        return msgspec.structs.replace(options, zero_stage=int(value))
    if name == "offload":
        return msgspec.structs.replace(options, offload=Offload(value))
    return msgspec.structs.replace(options, overrides={**options.overrides, name: value})
