"""The ranks of one run: who they are, and the few things they say to each other.

Single machine: FileStore and sockets on loopback only, so no port is chosen and no firewall asks.
Several machines: they meet at the first one, and gloo listens on the address they reach it from.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.distributed as dist
from torch._C._distributed_c10d import FileStore, Store  # the stubs name them only here
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from zeroapp.engine.copies import Copies
from zeroapp.engine.meeting import Meeting
from zeroapp.plan import Device

PATIENCE = timedelta(minutes=10)
"""How long a rank waits in a collective before it calls the others lost."""


_INTERFACE = "GLOO_SOCKET_IFNAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gang:
    """One rank's view. store: a path that does not exist yet, fresh for every gang.

    meeting: in place of store, where ranks of several machines meet. local: the rank's number on
    its machine. copies: how files get from machine to machine where they share no folder.
    """

    rank: int = 0
    ranks: int = 1
    store: Path | None = None
    device: Device = Device.cpu
    meeting: Meeting | None = None
    local: int | None = None
    copies: Copies | None = None

    @property
    def first(self) -> bool:
        """Whether this rank speaks for all."""
        return self.rank == 0

    @property
    def torch_device(self) -> torch.device:
        """Where this rank's tensors live."""
        if self.device is Device.cuda:
            return torch.device("cuda", self.card)
        return torch.device(self.device.value)

    @property
    def card(self) -> int:
        """The number of this rank's graphics card on its machine."""
        return self.rank if self.local is None else self.local

    def join(self, *, sharded: bool = False) -> None:
        """Meet the other ranks; returns when all are here. Alone it does nothing unless sharded.

        Joining twice is joining once. Raises as `Meeting.store` does.
        """
        if dist.is_initialized() or (self.ranks == 1 and not sharded):
            return
        if self.meeting is not None:
            store = self.meeting.store(me=self.rank, of=self.ranks, kind="processes")
        else:
            assert self.store is not None
            store = FileStore(str(self.store), self.ranks)
        if self.device is Device.cuda:
            torch.cuda.set_device(self.card)
            self._start("nccl", store=store)
        else:
            self._start("gloo", store=store)

    def _start(self, backend: str, *, store: Store) -> None:
        with _listening_on(self._address()):
            dist.init_process_group(
                backend,
                store=store,
                rank=self.rank,
                world_size=self.ranks,
                timeout=PATIENCE,
            )

    def _address(self) -> str:
        """Where gloo listens, unless GLOO_SOCKET_IFNAME says something else."""
        return "127.0.0.1" if self.meeting is None else self.meeting.own_address()

    def mesh(self) -> DeviceMesh:
        """All ranks in one dimension."""
        return init_device_mesh(self.device.value, (self.ranks,))

    def sum(self, values: list[float]) -> list[float]:
        """Element-wise sum over the ranks, fp64: one tiny collective."""
        if self.ranks == 1:
            return values
        precise = torch.float64 if self.device is not Device.mps else torch.float32
        tensor = torch.tensor(values, dtype=precise, device=self.torch_device)
        dist.all_reduce(tensor)
        return [float(value) for value in tensor.tolist()]

    def leave(self) -> None:
        """Wait for the others, then part."""
        if dist.is_initialized():
            dist.barrier()
            dist.destroy_process_group()


@contextmanager
def _listening_on(address: str) -> Iterator[None]:
    """Let gloo listen on the interface that has this address, while a group is made.

    Otherwise it takes what the machine's own name means, which on many systems is the machine
    itself, so that no other reaches it. An address of no interface changes nothing.
    """
    found = [name for name, has in psutil.net_if_addrs().items() if address in _addresses(has)]
    # where gloo cannot look interfaces up, the machine's name has to do
    if not found or os.environ.get(_INTERFACE) or os.name != "posix":
        yield
        return
    os.environ[_INTERFACE] = found[0]
    try:
        yield
    finally:
        del os.environ[_INTERFACE]


def _addresses(has: Iterable[Any]) -> set[str]:
    return {one.address for one in has}
