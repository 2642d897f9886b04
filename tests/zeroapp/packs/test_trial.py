"""The trial itself, in this very Python: two real ranks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from zeroapp.packs.engine import System


@pytest.mark.slow
def test_two_ranks_meet_and_shard():
    command = [sys.executable, "-P", "-m", "zeroapp.packs.trial"]
    env = System(Path(sys.executable)).environment()
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ranks"] == 2


@pytest.mark.slow
def test_a_card_that_torch_does_not_see_is_told():
    command = [sys.executable, "-P", "-m", "zeroapp.packs.trial", "nvidia"]
    env = System(Path(sys.executable)).environment() | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode != 0
    assert "sees no graphics card" in done.stderr
