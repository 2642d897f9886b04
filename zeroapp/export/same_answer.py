"""Replays held-out rows in a fresh process and holds the answers against the app's own."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zeroapp.dataset import Example
from zeroapp.errors import WorkError
from zeroapp.export.manifest import Checked
from zeroapp.export.scripts import replay
from zeroapp.export.targets import Target
from zeroapp.programs import script_command
from zeroapp.quality.paired import discordant, mcnemar
from zeroapp.runs.process import UNOBSERVED
from zeroapp.work import Stopped, Work

MOST_ROWS = 500
"""Rows that are replayed: at 99 % agreement the share is then known to within a point."""

# Two labels this near in probability are a draw, which the last digit of a sum decides.
_DRAW = 1e-3
_LOOK_EVERY = 0.2
_LONGEST = 1800.0
_LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The app's own answers. rows: n examples; probabilities: (n, K); labels: K names."""

    rows: Sequence[Example]
    probabilities: NDArray[np.float32]
    labels: tuple[str, ...]


def sample(rows: Sequence[Example], *, most: int = MOST_ROWS) -> list[Example]:
    """At most `most` rows, evenly over all of them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[i * len(rows) // most] for i in range(most)]


def compare(folder: Path, *, reference: Reference, target: Target, work: Work) -> Checked:
    """Answer the rows with the export alone and count. `differs` judges what comes out.

    Raises WorkError("export-broken") when the export does not run, or needs what it must not.
    """
    texts = [row.text for row in reference.rows]
    said = replayed(folder, asked=texts, script=replay.__file__, work=work)
    needless = set(target.forbidden) & set(said["loaded"])
    if needless or tuple(said["labels"]) != reference.labels:
        raise _broken(target, detail=f"loaded {sorted(needless)}, labels {said['labels']}")
    theirs = np.asarray(said["probabilities"], np.float32).reshape(reference.probabilities.shape)
    return _counted(reference, theirs=theirs, latency_ms=float(said["latency_ms"]))


def differs(checked: Checked, *, target: Target) -> bool:
    """Whether an export answers too differently to be handed out."""
    allowed = int((1 - target.least_agreement) * checked.compared)
    different = round((1 - checked.agreement) * checked.compared)
    worse = checked.accuracy < checked.app_accuracy and checked.p_value < _LEVEL
    return different > allowed or worse


def refuse(checked: Checked, *, target: Target) -> WorkError:
    """The error for an export that answers too differently."""
    other = "Choose the exact ONNX format instead" if target.key == "onnx-int8" else "Try again"
    return WorkError(
        "export-differs",
        title=(
            f"The exported model answers differently: the same on {checked.agreement:.1%} of "
            f"{checked.compared} examples kept aside. It was not kept; your model is safe."
        ),
        hint=f"{other}.",
        detail=str(checked),
    )


def _counted(reference: Reference, *, theirs: NDArray[np.float32], latency_ms: float) -> Checked:
    ours = reference.probabilities
    row = np.arange(len(ours))
    answer, other = ours.argmax(axis=1), theirs.argmax(axis=1)
    same = (answer == other) | (ours[row, answer] - ours[row, other] < _DRAW)
    numbers = {label: index for index, label in enumerate(reference.labels)}
    truth = np.array([numbers.get(example.label or "", -1) for example in reference.rows])
    known = truth >= 0
    app_right, export_right = (answer == truth)[known], (other == truth)[known]
    only_export, only_app = discordant(export_right, theirs=app_right)
    return Checked(
        compared=len(ours),
        agreement=float(same.mean()),
        accuracy=float(export_right.mean()) if known.any() else 0.0,
        app_accuracy=float(app_right.mean()) if known.any() else 0.0,
        p_value=mcnemar(only_export, only_theirs=only_app),
        latency_ms=latency_ms,
    )


def replayed(folder: Path, *, asked: Any, script: str, work: Work) -> dict[str, Any]:
    """What the script replied, in a process that holds nothing else.

    Its files lie in the folder only while it runs.
    """
    questions, replies = folder / "questions.json", folder / "replies.json"
    try:
        questions.write_text(json.dumps(asked), "utf-8")
        _run(folder, script, questions=questions, replies=replies, work=work)
        said: dict[str, Any] = json.loads(replies.read_text("utf-8"))
    finally:
        questions.unlink(missing_ok=True)
        replies.unlink(missing_ok=True)
    return said


def _run(folder: Path, script: str, *, questions: Path, replies: Path, work: Work) -> None:
    """Run it to its end; a wish to stop or half an hour ends it sooner."""
    command = script_command(script)
    log = folder / "replay.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, str(folder), str(questions), str(replies)],
            stdin=subprocess.PIPE,  # its leash
            stdout=out,
            stderr=out,
            env={**os.environ, **UNOBSERVED, "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            _wait(process, work=work)
        finally:
            process.kill()
            process.communicate()  # also closes the leash
    said = log.read_text("utf-8", "replace")
    log.unlink()
    if process.returncode or not replies.is_file():
        raise _broken(None, detail=f"exit {process.returncode}\n{said[-4000:]}")


def _wait(process: subprocess.Popen[bytes], *, work: Work) -> None:
    for _ in range(int(_LONGEST / _LOOK_EVERY)):
        try:
            process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if work.stop_wanted():
                raise Stopped from None
        else:
            return


def _broken(target: Target | None, *, detail: str) -> WorkError:
    name = target.title if target else "The exported model"
    return WorkError(
        "export-broken",
        title=f"{name}: it did not run alone, so it was not kept. Your model is safe.",
        hint="Choose another format; the details say what was missing.",
        detail=detail,
    )
