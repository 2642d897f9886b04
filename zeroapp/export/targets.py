"""The formats a model can be exported to, as values. Knows no torch; `exporting` writes them."""

from dataclasses import dataclass, replace

from zeroapp.dataset import Answers
from zeroapp.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A format. packages: what its answer.py needs; forbidden: what must not be loaded by it.

    least_agreement: share of held-out rows it must answer as the app does. room: bytes it takes
    while it is made, as a multiple of the run's model file. answers: of which models it can be.
    """

    key: str
    title: str
    blurb: str
    model_file: str
    packages: tuple[str, ...]
    forbidden: tuple[str, ...]
    least_agreement: float
    room: float
    answers: tuple[Answers, ...] = (Answers.labels,)


_ONNX_PACKAGES = ("onnxruntime", "tokenizers", "numpy")
_HEAVY = ("torch", "transformers")

TARGETS: tuple[Target, ...] = (
    Target(
        key="onnx-int8",
        title="Small (ONNX, 8 bit)",
        blurb="A quarter of the size, half where that changes answers; hardly one differs.",
        model_file="model.onnx",
        packages=_ONNX_PACKAGES,
        forbidden=_HEAVY,
        least_agreement=0.99,
        room=2.4,
    ),
    Target(
        key="onnx",
        title="Exact (ONNX)",
        blurb="The same answers as here, in any program that runs ONNX models.",
        model_file="model.onnx",
        packages=_ONNX_PACKAGES,
        forbidden=_HEAVY,
        least_agreement=0.999,
        room=1.1,
    ),
    Target(
        key="safetensors",
        title="For Python (transformers)",
        blurb="The model itself, for programmers and for training it further.",
        model_file="model.safetensors",
        packages=("torch", "transformers", "tokenizers", "numpy"),
        forbidden=(),
        least_agreement=0.999,
        room=1.1,
        answers=(Answers.labels, Answers.text),
    ),
    Target(
        key="adapter",
        title="What it learned, alone (LoRA adapter)",
        blurb="A small file to put beside the base model, for programmers who use peft.",
        model_file="adapter_model.safetensors",
        packages=("torch", "transformers", "peft", "tokenizers", "numpy"),
        forbidden=(),
        # the model here is rounded once more where its base is kept in half precision
        least_agreement=0.3,
        room=0.5,
        answers=(Answers.text,),
    ),
    Target(
        key="gguf-q8_0",
        title="For Ollama, LM Studio and llama.cpp (GGUF, 8 bit)",
        blurb="One file that programs for talking models open; hardly ever another word.",
        model_file="model.gguf",
        packages=("xllamacpp",),
        forbidden=(),
        least_agreement=0.3,
        room=1.3,
        answers=(Answers.text,),
    ),
    Target(
        key="gguf-q4_0",
        title="Small (GGUF, 4 bit)",
        blurb="Half the size again, for phones and small computers; words may differ.",
        model_file="model.gguf",
        packages=("xllamacpp",),
        forbidden=(),
        least_agreement=0.0,
        room=1.0,
        answers=(Answers.text,),
    ),
    Target(
        key="gguf-f16",
        title="Exact (GGUF, 16 bit)",
        blurb="The same words as here, in one file for the same programs.",
        model_file="model.gguf",
        packages=("xllamacpp",),
        forbidden=(),
        least_agreement=0.5,
        room=2.2,
        answers=(Answers.text,),
    ),
)


def for_pictures(wanted: Target) -> Target:
    """The same format for a model that looks at pictures: its script needs other packages."""
    packages = tuple("pillow" if name == "tokenizers" else name for name in wanted.packages)
    return replace(wanted, packages=packages)


def target(key: str) -> Target:
    """The format called `key`; raises UsageError("unknown-format") naming those there are."""
    for candidate in TARGETS:
        if candidate.key == key:
            return candidate
    raise UsageError(
        "unknown-format",
        title=f"There is no export format called “{key}”.",
        hint=f"The formats are: {', '.join(t.key for t in TARGETS)}.",
    )
