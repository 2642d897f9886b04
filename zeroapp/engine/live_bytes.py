"""Counts the bytes of living tensors, operation by operation, and remembers the fullest moment."""

import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_COLLECTIVES = "_fsdp_collectives"
_SHAPES_ONLY = "tensor/_sharding_prop"
_DEPTH = 40
"""Frames to look up for who makes a tensor; torch's own hooks lie within."""


_COPYING = {
    torch.ops.c10d._reduce_scatter_base_.default: 1,
    torch.ops.c10d._allgather_base_.default: 0,
}
"""gloo copies the whole that is scattered, or gathered (measured); the argument that is whole."""

_CUTTING = "fsdp::chunk_cat"
"""Lays gradients out to be scattered; those that cannot be cut evenly are copied first, padded."""


def storage_id(tensor: Tensor) -> int:
    """Names a tensor's storage on this rank; no operation runs, so nothing is counted."""
    mine = tensor._local_tensor if isinstance(tensor, DTensor) else tensor  # noqa: SLF001
    return id(mine.untyped_storage())


class LiveBytes(TorchDispatchMode):
    """`peak`: the most bytes alive at once while counting; `parts` names those of that moment.

    name: tells which storages (by `storage_id`) are what; all others are "activations", or
    "buffers" when sharding made them, or "logits" when as wide as `scores`. What only data would
    give (a loss, a norm) reads as one. `moves`: each storage's bytes whenever they change.
    """

    def __init__(self, name: Callable[[], dict[int, str]], *, scores: int) -> None:
        super().__init__()
        self._scores = scores
        self.peak = 0
        self.parts: dict[str, int] = {}
        self.moves: list[tuple[int, int]] = []
        self._name = name
        self._now = 0
        self._heed = True
        self._sizes: dict[int, int] = {}
        self._made_by: dict[int, str] = {}

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the operation and count what it made."""
        if any(issubclass(kind, DTensor) for kind in types):
            return NotImplemented  # it comes again, with the local tensors
        kwargs = kwargs or {}
        if func in _COPYING:
            self._scratch(_size(args[_COPYING[func]]))
        if func.name() == _CUTTING:
            self._scratch(_padded(*args[:3]))
        known = _without_data(func, args, kwargs)
        out = func(*args, **kwargs) if known is None else known
        if isinstance(out, Tensor | tuple | list):
            for leaf in tree_leaves(out):
                if isinstance(leaf, Tensor) and not isinstance(leaf, DTensor):
                    scores = leaf.ndim == 2 and leaf.shape[1] == self._scores  # noqa: PLR2004
                    self._add(leaf, by=(lambda: "logits") if scores else _maker)
        return out

    @contextmanager
    def counting(self, held: list[Tensor]) -> Iterator[None]:
        """Count from here on; held are the tensors that are there already.

        Storages that are emptied and filled again by hand, as sharding does, are followed too.
        """
        resize = torch.UntypedStorage.resize_

        def watched(storage: torch.UntypedStorage, size: int) -> Any:
            made = resize(storage, size)
            if id(storage) in self._sizes:
                self._resized(id(storage), size)
            return made

        for tensor in held:
            self._add(tensor, by=lambda: "activations")
        torch.UntypedStorage.resize_ = watched  # type: ignore[method-assign,assignment]
        try:
            with self:
                yield
            self._settle()
        finally:
            torch.UntypedStorage.resize_ = resize  # type: ignore[method-assign]

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """Count on, but let no moment be the fullest."""
        self._heed = False
        yield
        self._heed = True

    def _add(self, tensor: Tensor, *, by: Callable[[], str]) -> None:
        """Count a storage until it dies; once, however many views it has."""
        mine = tensor._local_tensor if isinstance(tensor, DTensor) else tensor  # noqa: SLF001
        storage = mine.untyped_storage()
        key = id(storage)
        if key in self._sizes:
            return
        maker = by()
        if maker == _SHAPES_ONLY:
            return
        self._sizes[key] = 0
        self._made_by[key] = maker
        weakref.finalize(storage, self._drop, key)
        self._resized(key, storage.nbytes())

    def _scratch(self, size: int) -> None:
        """An operation that makes a copy of its own, for a moment."""
        self._sizes[-1], self._made_by[-1] = size, "buffers"
        self._now += size
        self.moves.append((-1, size))
        self._drop(-1)

    def _drop(self, key: int) -> None:
        self._settle()
        self._now -= self._sizes.pop(key, 0)
        self.moves.append((key, 0))
        self._made_by.pop(key, None)

    def _resized(self, key: int, size: int) -> None:
        if size < self._sizes[key]:
            self._settle()
        self._now += size - self._sizes[key]
        self.moves.append((key, size))
        self._sizes[key] = size

    def _settle(self) -> None:
        """Before anything shrinks: was there ever more? Naming it all is slow, so only then."""
        if not self._heed or self._now <= self.peak:
            return
        self.peak = self._now
        names = self._made_by | self._name()
        self.parts = {}
        for key, size in self._sizes.items():
            self.parts[names[key]] = self.parts.get(names[key], 0) + size


def _size(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()


def _padded(tensors: list[Tensor], dim: int, chunks: int) -> int:
    """Bytes of the copies that `_chunk_cat` makes: of all that is not a multiple of the chunks."""
    size = 0
    for tensor in tensors:
        rows = tensor.shape[dim]
        if rows % chunks:
            more = -(-rows // chunks) * chunks
            size += tensor.numel() // rows * more * tensor.element_size()
    return size


def _without_data(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The answer to what cannot be known without data; None for everything else."""
    aten = torch.ops.aten
    if func is aten._local_scalar_dense.default:  # noqa: SLF001 - the operation's name
        return 1.0 if args[0].dtype.is_floating_point else 1
    if func is aten.bincount.default:
        # as long as minlength says: what is counted lies below it
        return args[0].new_ones(kwargs.get("minlength", args[-1]))
    return None


def _maker() -> str:
    """Who makes a tensor, by the files on the call stack."""
    frame = sys._getframe(2)  # noqa: SLF001 - the documented way to walk the stack
    for _ in range(_DEPTH):
        file = frame.f_code.co_filename
        if _SHAPES_ONLY in file:
            return _SHAPES_ONLY
        if _COLLECTIVES in file:
            return "buffers"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "activations"
