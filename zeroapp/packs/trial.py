"""Tries an engine before it is used: two ranks meet, add up and shard, on the card if there is one.

`python -m zeroapp.packs.trial PACK` prints one JSON object. Runs in the engine that is tried.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

_RANKS = 2
_LONGEST = 300.0


def main(card: str = "") -> None:
    """Start two ranks of this file and wait for them; leaves with 1 when one fails."""
    import torch

    usable = torch.cuda.is_available()
    if card in {"nvidia", "amd"} and not usable:
        sys.exit("torch sees no graphics card")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder, "meeting").as_uri()
        command = [sys.executable, "-P", "-m", "zeroapp.packs.trial", "--rank", meeting]
        ranks = [subprocess.Popen([*command, str(rank)]) for rank in range(_RANKS)]
        codes = [rank.wait(_LONGEST) for rank in ranks]
    if any(codes):
        sys.exit(f"the ranks ended with {codes}")
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    print(json.dumps({"torch": torch.__version__, "cards": names, "ranks": _RANKS}))


def _rank(meeting: str, rank: int) -> None:
    """One rank: all-reduce over gloo, a sharded step, and a product on the card where one is."""
    import torch
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=_RANKS)
    total = torch.tensor([rank + 1.0])
    dist.all_reduce(total)
    assert total.item() == sum(range(1, _RANKS + 1)), total
    mesh = init_device_mesh("cpu", (_RANKS,))
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 2))
    fully_shard(model, mesh=mesh)
    model(torch.ones(4, 8)).sum().backward()
    torch.optim.AdamW(model.parameters()).step()
    if torch.cuda.is_available():
        square = torch.ones(64, 64, device="cuda")
        assert (square @ square).sum().item() == 64**3
    dist.destroy_process_group()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rank"]:
        _rank(sys.argv[2], int(sys.argv[3]))
    else:
        main(*sys.argv[1:2])
