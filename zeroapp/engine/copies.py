"""Files between machines that share no folder: sent over the ranks' connections, in pieces.

Every rank calls each function; where all see one folder nothing is sent.
"""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
import torch.distributed as dist

_PIECE = 8 * 2**20
_Names = dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Who sees the first rank's folder. apart: one rank of each machine that does not."""

    rank: int
    device: torch.device
    apart: tuple[int, ...]

    def hand_out(self, folder: Path) -> None:
        """Give every machine the first rank's folder, in the place of its own; whole or not."""
        for other in self.apart:
            if self.rank == 0:
                self._send(folder, to=other)
            elif self.rank == other:
                beside = folder.with_name(f"{folder.name}.tmp")
                shutil.rmtree(beside, ignore_errors=True)
                self._receive(beside, source=0)
                shutil.rmtree(folder, ignore_errors=True)
                beside.rename(folder)
        dist.barrier()

    def bring_home(self, folder: Path) -> None:
        """Move the files that other machines have in `folder` into the first rank's `folder`."""
        for other in self.apart:
            if self.rank == 0:
                self._receive(folder, source=other)
            elif self.rank == other:
                self._send(folder, to=0)
                shutil.rmtree(folder, ignore_errors=True)
        dist.barrier()

    def _send(self, folder: Path, *, to: int) -> None:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        names = msgspec.json.encode({path.name: path.stat().st_size for path in files})
        dist.send(torch.tensor([len(names)], device=self.device), dst=to)
        dist.send(self._tensor(names), dst=to)
        for path in files:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    dist.send(self._tensor(piece), dst=to)

    def _receive(self, folder: Path, *, source: int) -> None:
        length = torch.zeros(1, dtype=torch.int64, device=self.device)
        dist.recv(length, src=source)
        names = msgspec.json.decode(self._bytes(int(length), source=source), type=_Names)
        folder.mkdir(parents=True, exist_ok=True)
        for name, size in names.items():
            with (folder / Path(name).name).open("wb") as file:
                for start in range(0, size, _PIECE):
                    file.write(self._bytes(min(_PIECE, size - start), source=source))

    def _tensor(self, data: bytes) -> torch.Tensor:
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).to(self.device)

    def _bytes(self, length: int, *, source: int) -> bytes:
        tensor = torch.empty(length, dtype=torch.uint8, device=self.device)
        dist.recv(tensor, src=source)
        return bytes(tensor.cpu().numpy().data)


def find_copies(folder: Path, *, rank: int, local: int, device: torch.device) -> Copies:
    """Look who sees what the first rank writes into `folder`."""
    token = torch.zeros(1, dtype=torch.int64, device=device)
    sign = folder / "first-rank-was-here"
    if rank == 0:
        token += secrets.randbits(60)
        sign.write_text(str(int(token)))
    dist.broadcast(token, src=0)
    sees = sign.is_file() and sign.read_text() == str(int(token))
    flags = torch.zeros(dist.get_world_size(), dtype=torch.int64, device=device)
    flags[rank] = int(not sees and local == 0)
    dist.all_reduce(flags)
    if rank == 0:
        sign.unlink()
    apart = tuple(one for one, flag in enumerate(flags.tolist()) if flag)
    return Copies(rank=rank, device=device, apart=apart)
