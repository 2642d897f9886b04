"""Answers texts one by one while a person tries a model out. Starts no process, shows nothing."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from zeroapp import tasks
from zeroapp.dataset import Answers
from zeroapp.engine.inference import Predictor
from zeroapp.project import Project
from zeroapp.protocol import Answered, PhaseEntered, TryOut
from zeroapp.report import Answer
from zeroapp.run_folder import RunFolder
from zeroapp.serve.talking import Pair
from zeroapp.work import Stopped, Work

_TICK = 0.05
_BEST = 5
"""How many labels an answer names."""


class _Question(msgspec.Struct, frozen=True):
    text: str
    temperature: float = 0.0
    look: bool = False


def converse(job: TryOut, run: RunFolder, work: Work) -> None:
    """Answer every line of run.inbox until nobody asked for job.idle_seconds.

    Says PhaseEntered "ready" once the model is loaded, then one Answered a question. Raises
    UsageError("no-run"), ModelError("model-missing"), Stopped when asked to stop.
    """
    work.say(PhaseEntered(phase="loading", title="Getting the model ready"))
    with Project.open(Path(job.project)) as project:
        folder = project.run(job.run_id).model
        texts = tasks.get(project.task).answers is Answers.text
    answer = _by_text(folder, work) if texts else _by_label(folder, work)
    work.say(PhaseEntered(phase="ready", title="Ready for your text"))
    for number, asked in _questions(run, work, idle=job.idle_seconds):
        answer(number, asked)


_Reply = Callable[[int, _Question], None]


def _by_label(folder: Path, work: Work) -> _Reply:
    model = Predictor(folder)

    def reply(number: int, asked: _Question) -> None:
        answer = _answer(model, asked.text)
        if asked.look:
            answer = replace(answer, heat=model.look(Path(asked.text)))
        work.say(Answered(number=number, answer=answer))

    return reply


def _by_text(folder: Path, work: Work) -> _Reply:
    pair = Pair(folder, work=work)
    return lambda number, asked: pair.answer(number, asked.text, temperature=asked.temperature)


def _answer(model: Predictor, text: str) -> Answer:
    chances = model.predict([text])[0]
    order = np.argsort(-chances, kind="stable")[:_BEST]
    scores = tuple((model.labels[index], float(chances[index])) for index in order)
    label, confidence = scores[0]
    return Answer(text=text, label=label, confidence=confidence, scores=scores)


def _questions(run: RunFolder, work: Work, *, idle: float) -> Iterator[tuple[int, _Question]]:
    """Number and question of every whole line, as they come."""
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
            yield number, msgspec.json.decode(line, type=_Question)
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
