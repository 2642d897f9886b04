"""Drives an installed app through the sample: `installed_test.py PROGRAM`, on every system.

The program must make the sample's way to an export that answers, train on two ranks where the
system lets it, and open its window. The small app fetches its engine before, which needs a network.
Prints what it measured as one JSON object.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LONGEST = 3000
WINDOW_SECONDS = 15


def answer(program: str, *words: str, env: dict[str, str]) -> dict[str, Any]:
    """What the app prints as JSON; ends the test with all it said when it fails."""
    command = [program, *words, "--json", "--quiet"]
    done = subprocess.run(
        command, env=env, capture_output=True, encoding="utf-8", timeout=LONGEST, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return dict(json.loads(done.stdout))


def window_stays(program: str, project: Path, *, env: dict[str, str]) -> bool:
    """Whether the window is still there after a while, and did not end with an error."""
    window = subprocess.Popen([program, "--window", str(project)], env=env)
    try:
        window.wait(WINDOW_SECONDS)
    except subprocess.TimeoutExpired:
        window.terminate()
        window.wait(30)
        return True
    return False


def main(program: str, window: str) -> None:
    """The whole drive; window: the program with the window, on Windows another file."""
    with tempfile.TemporaryDirectory(prefix="zeroapp äöü ") as folder:
        # A folder with spaces and letters that are not ASCII, as user names have them.
        home = Path(folder)
        env = {**os.environ, "ZEROAPP_HOME": str(home)}
        figures: dict[str, Any] = {}
        began = time.monotonic()
        if not answer(program, "engine", env=env)["whole"]:
            made = answer(program, "engine", "make", "cpu", env=env)
            assert made["whole"], made
            figures["engine_s"] = round(time.monotonic() - began)
        began = time.monotonic()
        demo = answer(program, "demo", "--out", str(home / "Über uns"), env=env)
        figures |= {"accuracy": demo["accuracy"], "demo_s": round(time.monotonic() - began)}
        assert demo["ok"], demo
        assert demo["export_agreement"] > 0.98, demo
        if sys.platform == "linux":
            words = ["--ranks", "2", "--zero", "3", "--fresh", "--set", "epochs=1"]
            answer(program, "train", str(home / "Über uns"), *words, env=env)
        assert window_stays(window, home / "Über uns", env=env), "the window closed by itself"
        print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[-1])
