"""From a finished run to a checked export: write beside, replay alone, describe, rename."""

import platform
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from msgspec.structs import replace

import zeroapp
from zeroapp import models
from zeroapp import protocol as p
from zeroapp.data import personal, personal_patterns
from zeroapp.errors import WorkError
from zeroapp.export import (
    adapter,
    bundle,
    gguf_file,
    manifest,
    onnx,
    onnx_pictures,
    packed_weights,
    quantise,
    safetensors,
    same_answer,
    same_text,
)
from zeroapp.export.manifest import Checked, Manifest
from zeroapp.export.origin import Origin, origin_of
from zeroapp.export.same_text import TextReference
from zeroapp.export.scripts import answer, answer_pictures, write
from zeroapp.export.source import looks_at_pictures
from zeroapp.export.targets import Target, for_pictures, target
from zeroapp.govern.card import CardFacts, Replay, card, pinned
from zeroapp.project import Project
from zeroapp.report import ExportRecord
from zeroapp.rules import rules_of
from zeroapp.work import Stopped, Work

Way = Callable[[Path, Path], None]
"""Writes a run's model folder (first) into an export folder (second)."""

WAYS: dict[str, tuple[Way, ...]] = {
    "safetensors": (safetensors.write,),
    "adapter": (adapter.write,),
    "onnx": (onnx.write,),
    "gguf-f16": (gguf_file.writer_of("f16"),),
    "gguf-q8_0": (gguf_file.writer_of("q8_0"),),
    "gguf-q4_0": (gguf_file.writer_of("q4_0"),),
    "onnx-int8": (
        quantise.write,
        quantise.write_without_last,
        packed_weights.writer_of(onnx.write, bits=8),
        packed_weights.writer_of(onnx.write, bits=16),
    ),
}
"""How each format is written; the next way is tried when the answers differ too much."""

WAYS_OF_PICTURES: dict[str, tuple[Way, ...]] = {
    "onnx": (onnx_pictures.write,),
    "onnx-int8": (
        packed_weights.writer_of(onnx_pictures.write, bits=8),
        packed_weights.writer_of(onnx_pictures.write, bits=16),
    ),
}
"""Where models that look at pictures are written otherwise."""

SCRIPT = "answer.py"
CARD = "README.md"

# Tokenizer, card and the file system's own needs.
_ROOM_BESIDE = 64 * 2**20
# A protobuf file ends at 2 GiB; the graph itself takes some of it.
_LARGEST_ONNX = 2**31 - 2**26


def export(job: p.Export, work: Work) -> ExportRecord:
    """Make the export; what is returned has answered by itself in a fresh process.

    job.out: the folder to make; "" takes <project>/exports/<format>, numbered when it is taken.
    Raises UsageError("no-run", "unknown-format", "export-exists"), ModelError("model-missing"),
    ResourceError("disk-full", "no-permission"), WorkError("export-differs", "export-broken",
    "too-large"), Stopped; then nothing is left behind.
    """
    wanted = target(job.format)
    with Project.open(Path(job.project)) as project:
        run = project.run(job.run_id)
        place = _place(job, exports=project.folder / "exports")
        work.say(p.PhaseEntered(phase="answering", title="Answering the examples kept aside"))
        origin = origin_of(project, run=run, work=work)
    return write_export(origin, wanted=wanted, place=place, work=work)


def _place(job: p.Export, *, exports: Path) -> Path:
    """Where it goes. In the project's own folder a taken name gets a number, elsewhere not."""
    place = Path(job.out).expanduser().absolute() if job.out else exports / job.format
    if place.parent.resolve() == exports.resolve():
        bundle.clear_partial(exports)
        return bundle.free_name(exports, name=place.name)
    bundle.refuse_taken(place)
    return place


def write_export(origin: Origin, *, wanted: Target, place: Path, work: Work) -> ExportRecord:
    """Write the format into the folder `place`, which must not be there yet or be empty.

    See `export` for what it raises; needs no project.
    """
    if looks_at_pictures(origin.model):
        wanted = for_pictures(wanted)
    _require_fit(origin.model, wanted=wanted, place=place)
    with bundle.whole_or_nothing(place) as folder:
        facts = _manifest(origin, wanted=wanted)
        checked = _checked(origin, facts=facts, wanted=wanted, folder=folder, work=work)
        _boundary(work, phase="finishing", title="Writing its card")
        text = card(_card_facts(origin, facts=facts, wanted=wanted, checked=checked))
        (folder / CARD).write_text(text, "utf-8")
        hashes = manifest.hashes(folder)
        manifest.write(replace(facts, checked=checked, files=hashes), folder=folder)
    files = sorted(path for path in place.iterdir() if path.is_file())
    texts = isinstance(origin.reference, TextReference)
    return ExportRecord(
        format=wanted.key,
        path=str(place),
        bytes=sum(path.stat().st_size for path in files),
        compared=checked.compared,
        agreement=checked.agreement,
        accuracy=0.0 if texts else checked.accuracy,
        same_start=checked.accuracy if texts else None,
        same_next=checked.same_next,
        latency_ms=checked.latency_ms,
        files=tuple(path.name for path in files),
        created_at=facts.created_at,
    )


def _checked(
    origin: Origin, *, facts: Manifest, wanted: Target, folder: Path, work: Work
) -> Checked:
    """Write the model one way after the other until it answers as the app does."""
    checked: Checked | None = None
    texts = isinstance(origin.reference, TextReference)
    for way in ways(wanted, origin):
        if checked is not None:
            share = f"{checked.agreement:.1%}"
            text = f"Only {share} of the answers were the same; trying a gentler way."
            work.say(p.Noted(level="info", text=text, code="export-gentler"))
        _boundary(work, phase="writing", title="Writing the model")
        way(origin.model, folder)
        shutil.copyfile(script_of(origin), folder / SCRIPT)
        if facts.masked:
            _copy_masking(folder)
        manifest.write(facts, folder=folder)
        _boundary(work, phase="checking", title="Checking that it answers alone")
        checked = _compared(folder, origin=origin, wanted=wanted, work=work)
        judge = same_text if texts else same_answer
        if not judge.differs(checked, target=wanted):
            return checked
    assert checked is not None
    raise (same_text if texts else same_answer).refuse(checked, target=wanted)


def _compared(folder: Path, *, origin: Origin, wanted: Target, work: Work) -> Checked:
    reference = origin.reference
    if isinstance(reference, TextReference):
        beside = models.prepare(origin.note.base, work) if wanted.key == "adapter" else None
        return same_text.compare(folder, reference=reference, work=work, base=beside)
    return same_answer.compare(folder, reference=reference, target=wanted, work=work)


def ways(wanted: Target, origin: Origin) -> tuple[Way, ...]:
    """How the format is written for what this model reads."""
    known = WAYS | WAYS_OF_PICTURES if looks_at_pictures(origin.model) else WAYS
    return known[wanted.key]


def script_of(origin: Origin) -> str:
    """The script that answers alone with such a model."""
    if isinstance(origin.reference, TextReference):
        return str(write.__file__)
    return str((answer_pictures if looks_at_pictures(origin.model) else answer).__file__)


def _boundary(work: Work, *, phase: str, title: str) -> None:
    """Between two steps: the place to stop, and to say what comes."""
    if work.stop_wanted():
        raise Stopped
    work.say(p.PhaseEntered(phase=phase, title=title))


def _require_fit(model: Path, *, wanted: Target, place: Path) -> None:
    size = sum(path.stat().st_size for path in model.glob("*.safetensors"))
    if wanted.model_file.endswith(".onnx") and size > _LARGEST_ONNX:
        raise WorkError(
            "too-large",
            title="This model is too large for the ONNX format, whose files end at 2 GB.",
            hint="Export it as safetensors instead.",
        )
    parent = next(folder for folder in place.parents if folder.exists())
    bundle.require_room(parent, needed=int(size * wanted.room) + _ROOM_BESIDE)


def _manifest(origin: Origin, *, wanted: Target) -> Manifest:
    note = origin.note
    libraries = {"torch", "transformers", "onnx", *_packages(wanted, masked=note.masked)}
    return Manifest(
        format=wanted.key,
        task=note.task,
        base=note.base,
        labels=note.labels,
        max_length=note.max_length,
        prefix=note.prefix,
        masked=note.masked,
        model_file=wanted.model_file,
        roles=origin.roles,
        data_version=note.data_version,
        run_id=note.run_id,
        in_use=note.in_use,
        made_by=f"zeroapp {zeroapp.__version__}",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in sorted(libraries)},
        },
    )


def _copy_masking(folder: Path) -> None:
    """Put beside answer.py what finds personal data, so that it answers without this app."""
    for module in (personal, personal_patterns):
        source = Path(str(module.__file__))
        text = source.read_text("utf-8").replace(
            "from zeroapp.data import personal_patterns as patterns",
            "import personal_patterns as patterns",
        )
        (folder / source.name).write_text(text, "utf-8")


def _packages(wanted: Target, *, masked: bool) -> tuple[str, ...]:
    """What answer.py needs; to find phone numbers it needs one more."""
    return (*wanted.packages, "phonenumbers") if masked else wanted.packages


def _card_facts(origin: Origin, *, facts: Manifest, wanted: Target, checked: Checked) -> CardFacts:
    return CardFacts(
        title=origin.title,
        format=wanted.key,
        task=facts.task,
        made_by=facts.made_by,
        created_at=facts.created_at,
        labels=facts.labels,
        max_length=facts.max_length,
        prefix=facts.prefix,
        column=facts.roles.get("text", "text"),
        base=origin.base,
        data_version=facts.data_version,
        run_id=facts.run_id,
        in_use=facts.in_use,
        packages=pinned(_packages(wanted, masked=facts.masked), versions=facts.versions),
        replay=Replay(
            compared=checked.compared,
            agreement=checked.agreement,
            accuracy=checked.accuracy,
            latency_ms=checked.latency_ms,
            same_next=checked.same_next,
        ),
        files=origin.files,
        plan=origin.plan,
        report=origin.report,
        ruled=bool(rules_of(origin.model)),
    )
