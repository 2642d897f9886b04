"""Runs the `zeroapp` command as a person's script would."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

# A command that takes longer hangs: the slowest trains for half a minute on two cores.
PATIENCE = 240


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "zeroapp", *map(str, words)]


def told(env: Mapping[str, str], *words: object, code: int = 0) -> Any:
    """What the command prints with --json; it must leave with `code`."""
    done = subprocess.run(
        [*command(*words), "--json"],
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)
