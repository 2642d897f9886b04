"""The states of a model in files: weights, gradients and moments, mapped into memory.

The system keeps of them what fits and writes the rest back, so a model may be several times larger
than the memory there is. The files live in the run's folder and end with the phase.
"""

import mmap
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import torch
from torch import Tensor, nn

from zeroapp.engine.checkpoint import KEEP
from zeroapp.errors import ResourceError, UsageError
from zeroapp.plan import Device, Offload, TrainPlan

_ALIGNED: Final = 64
_FLOAT: Final = 4
_ZEROS: Final = bytes(1 << 22)


def keeps_files(plan: TrainPlan) -> bool:
    """Whether training keeps its states in files. Raises UsageError where that is not built."""
    if plan.offload is not Offload.disk:
        return False
    if plan.ranks > 1 or plan.device is not Device.cpu:
        raise UsageError(
            "offload-not-possible",
            title="Keeping the model in files works with one process on the processor only.",
            hint="Choose one process and no graphics card, or another place for the model.",
        )
    return True


class MappedFile:
    """An empty file filled with zeros, seen as fp32 tensors of the given shapes, in order.

    It may be closed afterwards.

    All its space is taken at once: a disk that fills later would end the process without a word.
    Raises OSError when there is not enough.
    """

    def __init__(self, file: IO[bytes], shapes: Sequence[torch.Size]) -> None:
        self._starts: list[int] = []
        size = 0
        for shape in shapes:
            self._starts.append(size)
            size += -(-shape.numel() * _FLOAT // _ALIGNED) * _ALIGNED
        _take_space(file.fileno(), max(size, _ALIGNED))
        self._pages = mmap.mmap(file.fileno(), max(size, _ALIGNED))
        self.size = size
        self.tensors = [
            torch.frombuffer(
                self._pages, dtype=torch.float32, count=shape.numel(), offset=start
            ).view(shape)
            for shape, start in zip(shapes, self._starts, strict=True)
        ]

    def let_go(self, number: int, first: int, end: int) -> None:
        """Values first..end of a tensor are not needed soon; they stay in the file."""
        if not hasattr(mmap, "MADV_DONTNEED"):
            return  # Windows trims the working set by itself
        page = mmap.PAGESIZE
        start = -(-(self._starts[number] + first * _FLOAT) // page) * page
        stop = (self._starts[number] + end * _FLOAT) // page * page
        if stop > start:
            self._pages.madvise(mmap.MADV_DONTNEED, start, stop - start)


def _take_space(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    for start in range(0, size, len(_ZEROS)):
        os.write(descriptor, _ZEROS[: size - start])


class StateFiles:
    """Everything that training keeps for each learning parameter of a model, in four files.

    parameters: those that learn, in the model's order; the tensors of `gradients`, `means` and
    `squares` have the same order. Making one moves the weights into their file. The folder is
    made afresh: what a killed attempt left there goes away.
    """

    def __init__(self, folder: Path, model: nn.Module) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        moved = [p for p in model.parameters() if p.requires_grad or not _as_trained(p)]
        self.parameters = [p for p in moved if p.requires_grad]
        folder.mkdir(parents=True)
        _check_space(folder, moved=moved, trained=self.parameters)
        self.weights = _made(folder / "weights", [p.shape for p in moved])
        move(moved, self.weights)
        shapes = [p.shape for p in self.parameters]
        self._numbers = {
            id(p): number for number, p in enumerate(p for p in moved) if p.requires_grad
        }
        self.gradients = _made(folder / "gradients", shapes)
        self.means = _made(folder / "means", shapes)
        self.squares = _made(folder / "squares", shapes)

    def weights_of(self, number: int) -> Tensor:
        """What a step changes: the parameter is in its file."""
        return self.parameters[number].data

    def arrived(self) -> None:
        """Gradients are here as soon as they are written."""

    def changed(self, number: int) -> None:
        """Nobody else has a copy of the weights."""

    def let_go(self, number: int, first: int, end: int) -> None:
        """A block of a parameter and all its states is done with for this step."""
        for file in (self.gradients, self.means, self.squares):
            file.let_go(number, first, end)
        self.weights.let_go(self._numbers[id(self.parameters[number])], first, end)

    @property
    def bytes(self) -> int:
        """Size of the files."""
        return sum(file.size for file in (self.weights, self.gradients, self.means, self.squares))

    def remove(self) -> None:
        """Delete the files; the disk gets its space back when the last tensor is gone too."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _made(path: Path, shapes: Sequence[torch.Size]) -> MappedFile:
    with path.open("w+b") as file:
        return MappedFile(file, shapes)


def move(parameters: Sequence[nn.Parameter], file: MappedFile) -> None:
    """Let parameters live in a file made for their shapes, in fp32; one is copied at a time."""
    for number, (parameter, place) in enumerate(zip(parameters, file.tensors, strict=True)):
        place.copy_(parameter.data)
        parameter.data = place
        file.let_go(number, 0, place.numel())


def _as_trained(parameter: Tensor) -> bool:
    return parameter.dtype is torch.float32


def space_needed(*, moved: int, trained: int) -> int:
    """Bytes on disk for parameters in files, of which `trained` learn: the four files, the
    checkpoints that stay and the one being written (12 bytes each), and the best weights, twice
    while they are replaced.
    """
    return _FLOAT * moved + 12 * trained + (KEEP + 1) * 12 * trained + 2 * _FLOAT * moved


def _check_space(place: Path, *, moved: Sequence[Tensor], trained: Sequence[Tensor]) -> None:
    needed = space_needed(
        moved=sum(p.numel() for p in moved), trained=sum(p.numel() for p in trained)
    )
    free = shutil.disk_usage(place).free
    if free >= needed:
        return
    raise ResourceError(
        "disk-full",
        title=f"Keeping the model in files needs {_gigabytes(needed)} of free disk space; "
        f"there are {_gigabytes(free)}. What was saved before is safe.",
        hint="Free some space, then press “Go on”; or plan again with a smaller base model.",
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
