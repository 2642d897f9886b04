"""Starts real ranks that each train the tiny model, and collects what they saw."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_gang(folder: Path, cases: list[dict], *, ranks: int = 2) -> list[list[dict]]:
    """[rank][case] of what `train_stage` saw in a real gang."""
    store = folder / f"store-{len(list(folder.glob('store*')))}"
    request = folder / "request.json"
    request.write_text(
        json.dumps(
            {"ranks": ranks, "store": str(store), "cases": cases, "result": f"{folder}/result"}
        )
    )
    command = [sys.executable, str(ROOT / "tests/support/gang_member.py"), str(request)]
    # as the worker sets it where memory is scarce
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": str(1 << 20), "OMP_NUM_THREADS": "1"}
    members = [
        subprocess.Popen([*command, str(rank)], env=env, stderr=subprocess.PIPE, text=True)
        for rank in range(ranks)
    ]
    for member in members:
        _, errors = member.communicate(timeout=150)
        assert member.returncode == 0, errors[-2000:]
    return [json.loads((folder / f"result-{rank}.json").read_text()) for rank in range(ranks)]
