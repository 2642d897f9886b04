"""Takes home what other computers made of a recipe: looked over, never trusted, placed in a run.

Only tensors and the curve are taken. Words, settings, vocabulary and the verdict are made here.
"""

import os
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from zeroapp import protocol as p
from zeroapp.errors import UsageError
from zeroapp.plan import Device, Offload, TrainPlan, ZeroStage
from zeroapp.runs.recipe import (
    Kept,
    Made,
    check_sums,
    damaged,
    kept_file,
    read_json,
)
from zeroapp.writing import write_whole

if TYPE_CHECKING:
    from zeroapp.project import Project
    from zeroapp.run_folder import RunFolder

NOTE = "adopted.json"
WEIGHTS = "weights.safetensors"
_PROBE = "probe.safetensors"
_EVENTS = "events.jsonl"
_RESULT = "result.json"
_HEADER_LIMIT = 100_000_000
_EVENTS_LIMIT = 64 * 2**20
_SPARE = 256 * 2**20
"""Bytes a result may have beyond the base's own parameters: a head, buffers, adapters."""

_CURVE = (p.StepLogged, p.ShardsMade)


def adopt(project: "Project", folder: Path, *, device: Device) -> tuple["RunFolder", p.Train]:
    """A new run with the result's tensors in it, and the job that judges it here.

    folder: a recipe's folder or the result in it. Raises UsageError("no-result", "other-project"),
    DataError("recipe-damaged"), OSError when the disk is full. Nothing is left after an error.
    """
    folder = folder / "result" if (folder / "result").is_dir() else folder
    if not (folder / _RESULT).is_file():
        raise UsageError(
            "no-result",
            title=f"There is no result in “{folder}”.",
            hint="Give the folder “result” that training has left on the first machine.",
        )
    made = read_json(folder / _RESULT, kind=Made)
    kept = _of_this_project(project, made)
    _look_over(folder, made, kept)
    run = project.new_run("train")
    try:
        _place(folder, made, kept, run=run)
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    plan = _judged_here(kept.plan, device=device)
    if not made.tuned:
        plan = replace(plan, fine_tune=False)
    return run, p.Train(project=str(project.folder), plan=plan)


def _of_this_project(project: "Project", made: Made) -> Kept:
    """What this project knows of the recipe. The name is checked before it becomes a path."""
    known = made.recipe.isalnum() and kept_file(project.folder, made.recipe).is_file()
    if not known:
        raise UsageError(
            "other-project",
            title="This result was made from a recipe that is not this project's. "
            "Nothing was changed.",
            hint="Adopt it in the project that wrote the recipe.",
        )
    kept = read_json(kept_file(project.folder, made.recipe), kind=Kept)
    if made.plan_sha256 != kept.plan_sha256 or made.data_version != kept.plan.data_version:
        raise UsageError(
            "other-project",
            title="This result was made with another plan or other data than the recipe says. "
            "Nothing was changed.",
            hint="Train the recipe again as it was written, or write a new one.",
        )
    return kept


def _look_over(folder: Path, made: Made, kept: Kept) -> None:
    """Names, sizes, checksums and the heads of the tensor files; nothing is loaded."""
    wanted = {_PROBE, *((WEIGHTS,) if made.tuned else ())}
    if not wanted <= made.files.keys() <= wanted | {_EVENTS}:
        raise damaged(folder, detail=f"it should hold {', '.join(sorted(wanted))}")
    limits = {
        WEIGHTS: 4 * kept.parameters + _SPARE,
        _PROBE: 64 * 2**30,
        _EVENTS: _EVENTS_LIMIT,
    }
    for name in made.files:
        path = folder / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > limits[name]:
            raise damaged(folder, detail=f"{name} is missing, a link, or far too large")
    check_sums(folder, made.files)
    for name in wanted:
        _refuse_other_than_tensors(folder / name)


def _refuse_other_than_tensors(path: Path) -> None:
    """Layout: https://github.com/huggingface/safetensors#format."""
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else _HEADER_LIMIT  # noqa: PLR2004 - the length field
        header = file.read(length) if length < _HEADER_LIMIT else b""
    try:
        entries = msgspec.json.decode(header, type=dict[str, dict[str, Any]])
        ends = [e["data_offsets"][1] for name, e in entries.items() if name != "__metadata__"]
        whole = 8 + length + max(ends) == path.stat().st_size
    except (msgspec.DecodeError, KeyError, IndexError, TypeError, ValueError):
        whole = False
    if not whole:
        raise damaged(path.parent, detail=f"{path.name} is no safetensors file")


def _place(folder: Path, made: Made, kept: Kept, *, run: "RunFolder") -> None:
    _curve(folder / _EVENTS, run.events)
    if made.tuned:
        (run.path / "adopted").mkdir()
        shutil.copyfile(folder / WEIGHTS, run.path / "adopted" / WEIGHTS)
    beside = run.path / "probe.tmp"
    beside.mkdir()
    shutil.copyfile(folder / _PROBE, beside / _PROBE)
    for copy, name in ((beside / _PROBE, _PROBE), (run.path / "adopted" / WEIGHTS, WEIGHTS)):
        if copy.is_file():
            _refuse_changed(copy, made.files[name])
    beside.rename(run.probe)
    write_whole(run.path / NOTE, msgspec.json.encode(kept))


def _refuse_changed(copy: Path, wanted: str) -> None:
    """What was copied is what was looked over, even if somebody wrote in between."""
    check_sums(copy.parent, {copy.name: wanted})


def _curve(source: Path, target: Path) -> None:
    """The curve as it was seen there; every other word of the log stays away."""
    if not source.is_file():
        return
    with target.open("wb") as file:
        for line in source.read_bytes().splitlines():
            try:
                event = p.decode_event(line)
            except msgspec.DecodeError as error:
                raise damaged(source.parent, detail=f"{source.name}: {error}") from error
            if isinstance(event, _CURVE):
                file.write(p.encode(event) + b"\n")
        os.fsync(file.fileno())


def _judged_here(plan: TrainPlan, *, device: Device) -> TrainPlan:
    """The same plan, held by this computer's one process: what decides the weights is as it was."""
    return replace(
        plan,
        ranks=1,
        zero_stage=ZeroStage.none,
        offload=Offload.none,
        threads=0,
        device=device,
    )
