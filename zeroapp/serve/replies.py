"""Opens what answers rows, whatever it answers with: a reply is a text, and how sure it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zeroapp import tasks
from zeroapp.dataset import Answers
from zeroapp.export import manifest, source
from zeroapp.export.answerer import open_answerer
from zeroapp.serve.pictures import answers_to
from zeroapp.turns import asked, messages

LABELS_AT_ONCE = 768
"""Rows between two looks at the wish to stop: a few seconds on a slow computer."""

Reply = tuple[str, str]
"""The answer, and how sure the model is of it, as it stands in a cell; "" where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """to: answers texts in order. answers: of which kind. at_once: rows between two looks up."""

    to: Callable[[Sequence[str]], list[Reply]]
    answers: Answers
    at_once: int


def open_replies(folder: Path) -> Replies:
    """What lies in the folder: an export, or the model/ folder of a run.

    Raises UsageError("no-model"), ModelError("export-damaged").
    """
    if _task_of(folder) is not None and tasks.get(_task_of(folder) or "").answers is Answers.text:
        return Replies(to=_texts(folder), answers=Answers.text, at_once=8)
    answerer = open_answerer(folder)

    def label(texts: Sequence[str]) -> list[Reply]:
        return [
            ("", "")
            if shares is None
            else (answerer.labels[int(shares.argmax())], f"{shares.max():.4f}")
            for shares in answers_to(answerer, texts)
        ]

    return Replies(to=label, answers=Answers.labels, at_once=LABELS_AT_ONCE)


def _task_of(folder: Path) -> str | None:
    if (folder / manifest.FILE).is_file():
        return manifest.read(folder).task
    return source.read_note(folder).task if (folder / source.FILE).is_file() else None


def _texts(folder: Path) -> Callable[[Sequence[str]], list[Reply]]:
    if (folder / manifest.FILE).is_file():
        # The very code that is shipped, so that what is tested here is what runs there.
        from zeroapp.export.scripts.write import Model

        manifest.verify(manifest.read(folder), folder=folder)
        model = Model(folder)
        return lambda texts: [(model.write(messages(asked(text))), "") for text in texts]
    from zeroapp.engine.author import Author
    from zeroapp.task import Writing

    author = Author(folder)
    return lambda texts: [(said, "") for said in author.write(texts, wish=Writing())]
