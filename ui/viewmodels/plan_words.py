"""What a plan and its forecast are in words: sentences, gauge, facts, fields. Pure."""

from typing import Any

import msgspec

from ui import words
from ui.shown import BaseItem, Fact, Field, FieldKind, GaugeData, GaugePart
from zeroapp import catalogue
from zeroapp.catalogue import Base
from zeroapp.dataset import Answers, Reads
from zeroapp.plan import (
    SETTINGS,
    Device,
    Forecast,
    Method,
    Offload,
    Planned,
    PlanOptions,
    Precision,
    Setting,
    TrainPlan,
    ZeroStage,
)

_PARTS = {
    "parameters": "The model itself",
    "gradients": "What it wants to change",
    "optimizer": "Notes on past changes",
    "activations": "The texts it is reading",
    "logits": "The answers it gives",
    "buffers": "What its processes send each other",
    "runtime": "The training program",
}

_TECHNICAL = {
    "parameters": "parameters",
    "gradients": "gradients",
    "optimizer": "optimizer states",
    "activations": "activations",
    "logits": "logits",
    "buffers": "gathered and sent blocks",
    "runtime": "Python, torch",
}

STAGES = {
    ZeroStage.none: "0: nothing is shared out",
    ZeroStage.optimizer: "1: optimizer states are shared out",
    ZeroStage.gradients: "2: also gradients",
    ZeroStage.parameters: "3: also the model itself",
}


def gauge(planned: Planned) -> GaugeData:
    """Memory on this computer: every rank's parts, largest first."""
    ranks = planned.plan.ranks
    parts = [
        GaugePart(
            title=_PARTS.get(part.name, part.name),
            bytes=part.bytes * ranks,
            technical=_TECHNICAL.get(part.name, part.name),
        )
        for part in planned.forecast.memory
        if part.bytes > 0
    ]
    parts.sort(key=lambda part: -part.bytes)
    return GaugeData(parts=tuple(parts), available=planned.forecast.available_bytes)


def headline(planned: Planned) -> str:
    """The plan in one line."""
    if not gauge(planned).fits:
        return "This plan does not fit into the memory that is free"
    return f"Ready in about {words.duration(planned.forecast.seconds)}"


def stages(planned: Planned, answers: Answers = Answers.labels) -> tuple[str, ...]:
    """What will happen, one after the other."""
    plan, model = planned.plan, planned.forecast.model_title
    rounds = "once" if plan.epochs == 1 else words.plural(plan.epochs, "time")
    if answers is Answers.text:
        return (
            f"{model} already writes. First it is measured how much your texts surprise it.",
            (
                f"Then it reads them {rounds} and learns. Texts kept aside show when it begins to "
                "know yours by heart; the best state is kept."
            ),
            (
                "It is tested on texts it has never seen, and writes to them beside the untrained "
                "base, so that you can judge for yourself."
            ),
        )
    kinds = words.plural(len(plan.labels), "kind")
    quick = f"{model} already knows language. A first quick result on your {kinds} comes soon."
    end = "It is tested on examples it has never seen, and you get an honest verdict."
    if not plan.fine_tune:
        return quick, end
    taught = f"Then it reads your examples {rounds} and learns. The better of the two is kept."
    return quick, taught, end


def between(forecast: Forecast) -> str:
    """The range around it and where it comes from."""
    low, high = words.duration(forecast.seconds_low), words.duration(forecast.seconds_high)
    span = f"About {high}" if low == high else f"Between {_without_unit(low, high)} and {high}"
    if forecast.measured:
        return f"{span}, from the speed measured on this computer."
    return f"{span}. The speed was not measured here yet, so this is a guess."


def _without_unit(low: str, high: str) -> str:
    """The number of “3 minutes” before “5 minutes”: the unit is said once."""
    number, _, unit = low.partition(" ")
    same = unit.rstrip("s") == high.partition(" ")[2].rstrip("s")
    return number if unit and same else low


def memory_sentence(data: GaugeData) -> str:
    """Whether it fits, in one sentence."""
    if not data.fits:
        return (
            "This needs more memory than is free. Close other programs or choose a smaller model."
        )
    share = data.needed / max(data.available, 1)
    if share < 0.5:  # noqa: PLR2004 - half of what is free
        return "Fits easily. You can go on using this computer."
    return "Fits. Other programs may feel a little slower meanwhile."


def facts(planned: Planned) -> tuple[Fact, ...]:
    """The numbers of the plan that are worth a glance."""
    plan, forecast = planned.plan, planned.forecast
    place = {Device.cpu: "This processor", Device.cuda: "Graphics card", Device.mps: "Apple GPU"}
    return (
        Fact(
            name="Model",
            value=forecast.model_title,
            meaning="The model that already knows language. Yours starts from it.",
        ),
        Fact(
            name="Sharing",
            value=_sharing_words(plan),
            meaning=f"{forecast.method} {STAGES_MEANING}",
        ),
        Fact(
            name="Rounds",
            value=words.count(plan.epochs) if plan.fine_tune else "None, quick model",
            meaning="How many times it reads every example you gave for learning.",
        ),
        Fact(
            name="Works on",
            value=place[plan.device],
            meaning="Everything happens on this computer. Nothing is sent anywhere.",
        ),
    )


STAGES_MEANING = (
    "Several processes can teach together and share out the memory among them (ZeRO). On one "
    "processor that is slower; it pays on several graphics cards."
)


def _sharing_words(plan: TrainPlan) -> str:
    if plan.ranks == 1:
        return "One process"
    return f"{plan.ranks} processes, ZeRO {int(plan.zero_stage)}"


def technical(planned: Planned) -> tuple[tuple[str, str], ...]:
    """Every value of the plan and the forecast, as name and value."""
    plan, forecast = planned.plan, planned.forecast
    rows = [(name, _value(name, getattr(plan, name))) for name in plan.__struct_fields__]
    rows += [
        ("method", forecast.method),
        ("steps", words.count(forecast.steps)),
        ("peak memory", words.size(forecast.peak_bytes)),
        ("free for us", words.size(forecast.available_bytes)),
        (
            "seconds",
            f"{forecast.seconds:.0f} ({forecast.seconds_low:.0f}–{forecast.seconds_high:.0f})",
        ),
        ("speed", "measured here" if forecast.measured else "assumed"),
    ]
    return tuple(rows)


def memory_rows(planned: Planned) -> tuple[tuple[str, str], ...]:
    """The parts of the memory by their technical names, per rank."""
    rows = [
        (_TECHNICAL.get(part.name, part.name), words.size(part.bytes))
        for part in planned.forecast.memory
    ]
    ranks = planned.plan.ranks
    rows.append(
        (f"sum over {words.plural(ranks, 'rank')}", words.size(planned.forecast.peak_bytes))
    )
    return tuple(rows)


def _value(name: str, value: Any) -> str:
    if name == "labels":
        return f"{len(value)}: {', '.join(value)}"
    if isinstance(value, ZeroStage):
        return STAGES[value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "memory_limit":
        return words.size(value) if value else "none"
    if name == "threads" and not value:
        return "as many as there are cores"
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def fields(plan: TrainPlan, options: PlanOptions) -> tuple[Field, ...]:
    """What can be changed: the declared settings, then how the work is shared out."""
    ranges = _ranges()
    made: list[Field] = []
    reads = Reads.picture if plan.side else Reads.text
    for setting in SETTINGS:
        if setting.reads not in (None, reads):
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
