"""Saves and loads the state of a training run; what is half written never looks whole.

    checkpoints/step-120/   the shards of every rank, then seal.json with their checksums
    checkpoints/LATEST      the newest whole one, written last

A checkpoint made by any number of ranks, at any stage, loads into any other.
"""

import shutil
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.checkpoint import state_dict_loader, state_dict_saver
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_state_dict,
    set_state_dict,
)

from zeroapp.checksum import sha256_of
from zeroapp.engine.checkpoint_pieces import PiecewisePlanner
from zeroapp.engine.deepspeed_shards import DeepSpeedStep
from zeroapp.engine.gang import Gang
from zeroapp.engine.sharding import unwrap
from zeroapp.writing import write_whole

KEEP = 2
"""Whole checkpoints that stay: if the newest was damaged on disk, the one before still stands."""

# frozen parameters come from the base again and need no place in a checkpoint
_OPTIONS = StateDictOptions(ignore_frozen_params=True, strict=False)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where training stands: steps done, passes judged, and the best validation score so far.

    run_key names plan and data; a checkpoint with another key does not resume. worse: passes
    judged since the best one.
    """

    step: int
    run_key: str
    judged_epochs: int = 0
    best_right: int = -1
    best_log_loss: float = 1e9
    worse: int = 0


class _Seal(msgspec.Struct, frozen=True, kw_only=True):
    progress: Progress
    sha256: dict[str, str]


class Checkpoints:
    """The checkpoints folder of one run."""

    def __init__(self, folder: Path, *, gang: Gang) -> None:
        self.folder = folder
        self.gang = gang
        self.seconds = 0.0

    def save(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress
    ) -> tuple[float, int]:
        """Write one; every rank calls it. Returns seconds and bytes (0 but on the first rank).

        Raises OSError when the disk is full; earlier checkpoints stay as they were.
        """
        began = time.monotonic()
        target = self.folder / f"step-{progress.step}"
        beside = self.folder / f"step-{progress.step}.tmp"
        if self.gang.first:
            self.folder.mkdir(parents=True, exist_ok=True)
            _remove(beside)
        weights, moments = _states(model, optimizer)
        try:
            with _quiet():
                state_dict_saver.save(
                    {"model": weights, "optimizer": moments},
                    checkpoint_id=beside,
                    planner=PiecewisePlanner(),
                )
        except CheckpointException as error:
            _remove(beside)
            raise _root_cause(error) from error
        if self.gang.copies is not None:
            self.gang.copies.bring_home(beside)
        size = self._seal(beside, target, progress) if self.gang.first else 0
        self.seconds = time.monotonic() - began
        return self.seconds, size

    def _seal(self, beside: Path, target: Path, progress: Progress) -> int:
        sums = {file.name: sha256_of(file) for file in sorted(beside.iterdir())}
        seal = _Seal(progress=progress, sha256=sums)
        write_whole(beside / "seal.json", msgspec.json.encode(seal))
        _remove(target)
        beside.rename(target)
        write_whole(self.folder / "LATEST", target.name.encode())
        self._forget_old()
        return sum(file.stat().st_size for file in target.iterdir())

    def _forget_old(self) -> None:
        for old in self._whole()[KEEP:]:
            _remove(old)

    def _whole(self) -> list[Path]:
        """Sealed checkpoints, newest first."""
        found = [p for p in self.folder.glob("step-*") if (p / "seal.json").is_file()]
        return sorted(found, key=lambda p: int(p.name.removeprefix("step-")), reverse=True)

    def newest(self, *, run_key: str) -> tuple[Path, Progress] | None:
        """The newest checkpoint of this very run whose checksums hold."""
        for path in self._whole():
            progress = _intact(path)
            if progress is not None and progress.run_key == run_key:
                return path, progress
        return None

    def damaged(self) -> list[Path]:
        """Sealed checkpoints whose files no longer match their seal."""
        return [path for path in self._whole() if _intact(path) is None]

    def load(self, path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Fill model and optimizer from a checkpoint; every rank calls it."""
        weights, moments = _states(model, optimizer)
        with _quiet():  # fills the tensors in place
            state_dict_loader.load({"model": weights, "optimizer": moments}, checkpoint_id=path)
        if isinstance(optimizer, DeepSpeedStep):
            optimizer.take(weights, moments)
            return
        set_state_dict(
            model,
            optimizer,
            model_state_dict=weights,
            optim_state_dict=moments,
            options=_OPTIONS,
        )

    def clear(self) -> None:
        """Delete all of them: the run is done."""
        if self.gang.first:
            _remove(self.folder)


def _states(
    model: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What learns, and its moments; a tensor with two names (tied words) by its first only.

    torch leaves out a frozen tensor under its first name alone, so that the second would bring a
    whole word table into every checkpoint of a few small matrices.
    """
    if isinstance(optimizer, DeepSpeedStep):
        return optimizer.whole_states()
    weights, moments = get_state_dict(model, optimizer, options=_OPTIONS)
    plain = unwrap(model)
    first = {name for name, _ in plain.named_parameters()}
    every = {name for name, _ in plain.named_parameters(remove_duplicate=False)}
    return {name: t for name, t in weights.items() if name not in every - first}, moments


def _intact(path: Path) -> Progress | None:
    try:
        seal = msgspec.json.decode((path / "seal.json").read_bytes(), type=_Seal)
        whole = all(sha256_of(path / name) == wanted for name, wanted in seal.sha256.items())
    except (OSError, msgspec.MsgspecError):
        return None
    return seal.progress if whole else None


def _root_cause(error: CheckpointException) -> BaseException:
    """The first rank's own error, an OSError when the disk is the reason."""
    causes = [wrapped[0] for wrapped in error.failures.values()]
    return next((c for c in causes if isinstance(c, OSError)), causes[0] if causes else error)


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """A single process is a legitimate way to use DCP; it warns all the same."""
    if dist.is_initialized():
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"torch\.distributed\.checkpoint")
        yield
