"""Answers texts one by one while a person tries a model out. Starts no process, shows nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from zeroapp.engine.inference import Predictor
from zeroapp.project import Project
from zeroapp.protocol import Answered, PhaseEntered, TryOut
from zeroapp.report import Answer
from zeroapp.run_folder import RunFolder
from zeroapp.work import Stopped, Work

_TICK = 0.05
_BEST = 5
"""How many labels an answer names."""


class _Question(msgspec.Struct, frozen=True):
    text: str


def converse(job: TryOut, run: RunFolder, work: Work) -> None:
    """Answer every line of run.inbox until nobody asked for job.idle_seconds.

    Says PhaseEntered "ready" once the model is loaded, then one Answered a question. Raises
    UsageError("no-run"), ModelError("model-missing"), Stopped when asked to stop.
    """
    work.say(PhaseEntered(phase="loading", title="Getting the model ready"))
    with Project.open(Path(job.project)) as project:
        model = Predictor(project.run(job.run_id).model)
    work.say(PhaseEntered(phase="ready", title="Ready for your text"))
    for number, text in _questions(run, work, idle=job.idle_seconds):
        work.say(Answered(number=number, answer=_answer(model, text)))


def _answer(model: Predictor, text: str) -> Answer:
    chances = model.predict([text])[0]
    order = np.argsort(-chances, kind="stable")[:_BEST]
    scores = tuple((model.labels[index], float(chances[index])) for index in order)
    label, confidence = scores[0]
    return Answer(text=text, label=label, confidence=confidence, scores=scores)


def _questions(run: RunFolder, work: Work, *, idle: float) -> Iterator[tuple[int, str]]:
    """Number and text of every whole line, as they come."""
    number = 0
    offset = 0
    last = time.monotonic()
    while time.monotonic() - last < idle:
        if work.stop_wanted():
            raise Stopped
        lines = _whole_lines(run.inbox, offset)
        for line in lines:
            number += 1
            offset += len(line)
            last = time.monotonic()
            yield number, msgspec.json.decode(line, type=_Question).text
        if not lines:
            time.sleep(_TICK)


def _whole_lines(path: Path, offset: int) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            lines = file.readlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if line.endswith(b"\n")]
