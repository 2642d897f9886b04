"""What a plan and its forecast are in words: sentences, gauge, facts. Pure."""

from typing import Any

from ui import words
from ui.shown import Fact, GaugeData, GaugePart
from zeroapp.dataset import Answers
from zeroapp.plan import (
    Device,
    Forecast,
    Planned,
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
    "kept": "Kept for the next step",
    "runtime": "The training program",
}

_TECHNICAL = {
    "parameters": "parameters",
    "gradients": "gradients",
    "optimizer": "optimizer states",
    "activations": "activations",
    "logits": "logits",
    "buffers": "gathered and sent blocks",
    "kept": "freed memory, kept",
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
            title=_seen(planned.plan).get(part.name, part.name),
            bytes=part.bytes * ranks,
            technical=_TECHNICAL.get(part.name, part.name),
        )
        for part in planned.forecast.memory
        if part.bytes > 0
    ]
    parts.sort(key=lambda part: -part.bytes)
    return GaugeData(parts=tuple(parts), available=planned.forecast.available_bytes)


def _seen(plan: TrainPlan) -> dict[str, str]:
    return _PARTS | {"activations": "The pictures it is looking at"} if plan.side else _PARTS


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
                f"Then it reads them {rounds} at most and learns. Texts kept aside show when it "
                "begins to know yours by heart: then it stops early, and the best state is kept."
            ),
            (
                "It is tested on texts it has never seen, and writes to them beside the untrained "
                "base, so that you can judge for yourself."
            ),
        )
    kinds = words.plural(len(plan.labels), "kind")
    knows = "has seen many pictures already" if plan.side else "already knows language"
    reads = "looks at" if plan.side else "reads"
    quick = f"{model} {knows}. A first quick result on your {kinds} comes soon."
    end = "It is tested on examples it has never seen, and you get an honest verdict."
    if not plan.fine_tune:
        return quick, end
    taught = f"Then it {reads} your examples {rounds} and learns. The better of the two is kept."
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


def memory_record(forecast: Forecast) -> str:
    """How far such numbers were off here before, in one sentence; empty before the first time."""
    if not forecast.seen_runs:
        return ""
    off = words.percent(forecast.seen_error)
    return f"The last trainings here took what was foretold within {off}."


def facts(planned: Planned) -> tuple[Fact, ...]:
    """The numbers of the plan that are worth a glance."""
    plan, forecast = planned.plan, planned.forecast
    place = {Device.cpu: "This processor", Device.cuda: "Graphics card", Device.mps: "Apple GPU"}
    return (
        Fact(
            name="Model",
            value=forecast.model_title,
            meaning="The model that is there already. Yours starts from it.",
        ),
        Fact(
            name="Sharing",
            value=_sharing_words(plan),
            meaning=f"{forecast.method} {STAGES_MEANING}",
        ),
        Fact(
            name="Rounds",
            value=words.count(plan.epochs) if plan.fine_tune else "None, quick model",
            meaning="How many times it goes through the examples you gave for learning.",
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
    if name == "label_counts":
        return ", ".join(map(words.count, value)) or "none"
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
