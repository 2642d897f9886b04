"""Exports and answered files in words. Pure."""

from dataclasses import dataclass
from pathlib import Path

from ui import words
from ui.shown import ExportChoice, Fact
from zeroapp.protocol import Predicted
from zeroapp.report import ExportRecord

_WORDS = {
    "onnx-int8": (
        "Small, runs anywhere",
        (
            "One folder that answers on any computer, without the internet. A quarter of the "
            "size, half where that changes answers; hardly one differs."
        ),
        "ONNX, 8-bit weights (16 where need be); needs only onnxruntime and tokenizers",
        "package",
    ),
    "onnx": (
        "Exact, runs anywhere",
        "The same answers as here, in any program that runs ONNX models.",
        "ONNX, 32-bit weights; needs only onnxruntime and tokenizers",
        "badge-check",
    ),
    "gguf-q8_0": (
        "For Ollama, LM Studio and llama.cpp",
        "One file that such programs open. Half the size; hardly a word differs.",
        "GGUF, 8-bit weights, with a Modelfile for Ollama",
        "package",
    ),
    "gguf-q4_0": (
        "Small, for phones and old computers",
        "The same in a third of the size; it may choose other words now and then.",
        "GGUF, 4-bit weights (Q4_0)",
        "package",
    ),
    "gguf-f16": (
        "Exact, for Ollama, LM Studio and llama.cpp",
        "The same words as here, in one file.",
        "GGUF, 16-bit weights",
        "badge-check",
    ),
    "safetensors": (
        "For developers",
        "The model itself, to build on or to teach further.",
        "safetensors folder for transformers and torch",
        "wrench",
    ),
    "adapter": (
        "What it learned, alone",
        "A small file to put beside the base model, for programmers who use peft.",
        "LoRA adapter in peft's layout",
        "wrench",
    ),
}

_PACKAGES = {
    "onnx-int8": "onnxruntime tokenizers numpy",
    "onnx": "onnxruntime tokenizers numpy",
    "safetensors": "torch transformers tokenizers numpy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished export as it is shown. commands: how to run it, one a line."""

    title: str
    sentence: str
    path: str
    facts: tuple[Fact, ...]
    commands: str
    files: tuple[str, ...]
    made: str


def choices(formats: tuple[str, ...], *, pictures: bool) -> tuple[ExportChoice, ...]:
    """The formats on offer; the first is the recommended one. pictures: for a model that sees."""
    return tuple(
        _choice(name, first=place == 0, pictures=pictures) for place, name in enumerate(formats)
    )


def _choice(name: str, *, first: bool, pictures: bool) -> ExportChoice:
    title, blurb, technical, icon = _WORDS.get(name, (name, "", name, "package"))
    return ExportChoice(
        format=name,
        title=title,
        blurb=blurb,
        technical=technical.replace("tokenizers", "pillow") if pictures else technical,
        icon=icon,
        recommended=first,
    )


def result(record: ExportRecord) -> Result:
    """A finished export with its numbers."""
    same = round(record.agreement * record.compared)
    return Result(
        title=_choice(record.format, first=False, pictures=_sees(record)).title,
        sentence=_sentence(same, record.compared),
        path=record.path,
        facts=_facts(record, same=same),
        commands=commands(record),
        files=record.files,
        made=record.created_at.replace("T", " ").removesuffix("+00:00"),
    )


def _sentence(same: int, compared: int) -> str:
    if same == compared:
        return (
            f"Checked in a fresh process: it answers all {words.count(compared)} examples kept "
            "aside exactly as it does here."
        )
    other = compared - same
    return (
        f"Checked in a fresh process: it answers {words.count(same)} of {words.count(compared)} "
        f"examples kept aside as it does here; {words.count(other)} "
        f"{'differs' if other == 1 else 'differ'}."
    )


def _facts(record: ExportRecord, *, same: int) -> tuple[Fact, ...]:
    agreed = f"{words.count(same)} of {words.count(record.compared)}"
    return (
        Fact(
            name="Same answers",
            value=agreed,
            meaning="The exported files were loaded alone, in a fresh process, and answered "
            "examples kept aside. So many answers were the same as in this app.",
        ),
        _second(record),
        Fact(
            name="Size",
            value=words.size(record.bytes),
            meaning="All files of the folder together.",
        ),
        Fact(
            name="One answer takes",
            value=words.speed(record.latency_ms),
            meaning="The middle of many single answers, measured on this computer.",
        ),
    )


def _second(record: ExportRecord) -> Fact:
    if record.same_next is not None:
        return Fact(
            name="Same next word piece",
            value=words.percent(record.same_next),
            meaning="With the text held as this app wrote it, in how many places the exported "
            "files would go on with the same word piece. One other word early in an answer changes "
            "all that follows; here it counts once.",
        )
    if record.same_start is not None:
        return Fact(
            name="Same beginning",
            value=words.percent(record.same_start),
            meaning="How far into an answer the words are the same as in this app, on average. "
            "After the first other word the rest may be another, and as good.",
        )
    return Fact(
        name="Right answers",
        value=words.percent(record.accuracy),
        meaning="Of those with a known kind, how many the exported files answered rightly.",
    )


def commands(record: ExportRecord) -> str:
    """How to run the export, to be copied; empty when it brings no script."""
    if "Modelfile" in record.files:
        make = "ollama create my-model -f Modelfile"
        return "\n".join([f'cd "{record.path}"', make, "ollama run my-model"])
    scripts = [name for name in record.files if name.endswith(".py")]
    if not scripts:
        return ""
    packages, asked = _PACKAGES.get(record.format), "your text"
    if packages and _sees(record):
        packages, asked = packages.replace("tokenizers", "pillow"), "your picture.jpg"
    install = [f"pip install {packages}"] if packages else []
    return "\n".join([*install, f'cd "{record.path}"', f'python {scripts[0]} "{asked}"'])


def _sees(record: ExportRecord) -> bool:
    """Whether the model reads pictures: it says how they are prepared."""
    return "preprocessor_config.json" in record.files


def answers_file(file: Path) -> Path:
    """Where the answers to a file go: beside it, under a name that is not taken."""
    wanted = file.with_name(f"{file.stem}-answers.csv")
    number = 2
    while wanted.exists():
        wanted = file.with_name(f"{file.stem}-answers-{number}.csv")
        number += 1
    return wanted


def answered(told: Predicted) -> str:
    """What came of a file."""
    text = f"{words.plural(told.rows, 'row')} answered. The answers are in {told.out}."
    if told.accuracy is not None:
        text += f" Where the file already had a kind, {words.percent(told.accuracy)} agree."
    return text
