"""What an export is made from: a finished run's model folder and all that is known about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zeroapp import models, tasks
from zeroapp import protocol as p
from zeroapp.dataset import Answers, Example, Part, Roles, SourceFile
from zeroapp.engine.author import Author
from zeroapp.engine.inference import Predictor
from zeroapp.errors import AppError
from zeroapp.export.same_answer import Reference, sample
from zeroapp.export.same_text import MOST, PROMPTS, TextReference
from zeroapp.export.source import ModelNote, read_note
from zeroapp.govern.card import BaseFacts
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.report import AnyReport, decode_report
from zeroapp.run_folder import RunFolder
from zeroapp.task import Task, Writing, by_columns
from zeroapp.work import Stopped, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A model folder, the app's own answers with it, and its history for the card.

    title: the heading of the card. plan and report are None where the run does not have them.
    """

    model: Path
    note: ModelNote
    reference: Reference | TextReference
    title: str
    base: BaseFacts
    roles: Roles
    files: tuple[SourceFile, ...] = ()
    plan: TrainPlan | None = None
    report: AnyReport | None = None


def origin_of(project: Project, *, run: RunFolder, work: Work) -> Origin:
    """Gather it, and let the app answer held-out rows of the run.

    Raises ModelError("model-missing", "model-damaged"), UsageError("data-changed"), Stopped.
    """
    note = read_note(run.model)
    plan = _plan(run)
    rows = _held_out(project, note=note, plan=plan)
    task = tasks.get(note.task)
    return Origin(
        model=run.model,
        note=note,
        reference=reference_of(run.model, rows, task=task, work=work),
        title=task.title,
        base=_base(note.base),
        roles=by_columns(project.roles(), task=task),
        files=tuple(project.files()),
        plan=plan,
        report=_report(run),
    )


def reference_of(
    model: Path, rows: Sequence[Example], *, task: Task, work: Work
) -> Reference | TextReference:
    """The app's own answers to some of the rows. Raises Stopped."""
    if task.answers is Answers.text:
        asked = sample(rows, most=PROMPTS)
        prompts = [row.text for row in asked]
        # one by one, as the export will: beside others the last digits may differ
        author = Author(model)
        texts = [_written(author, one, work) for one in prompts]
        held = [author.held(*pair) for pair in zip(prompts, texts, strict=True)]
        return TextReference(rows=asked, answers=texts, held=held)
    asked = sample(rows)
    predictor = Predictor(model)
    answers = predictor.predict([row.text for row in asked], work)
    return Reference(rows=asked, probabilities=answers, labels=predictor.labels)


def _written(author: Author, prompt: str, work: Work) -> str:
    if work.stop_wanted():
        raise Stopped
    return author.write([prompt], wish=Writing(most=MOST))[0]


def _held_out(project: Project, *, note: ModelNote, plan: TrainPlan | None) -> list[Example]:
    """The test rows; where the data was too small for any, the next best there is."""
    seed = plan.seed if plan else 0
    parts = project.parts(version=note.data_version, seed=seed)
    return parts[Part.test] or parts[Part.validation] or parts[Part.train]


def _plan(run: RunFolder) -> TrainPlan | None:
    try:
        job = p.decode_job(run.job.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return job.plan if isinstance(job, p.Train) else None


def _report(run: RunFolder) -> AnyReport | None:
    try:
        return decode_report(run.report.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def _base(key: str) -> BaseFacts:
    """What is known about the base; a base that is gone leaves its name and no promise."""
    try:
        base = models.describe(key)
    except AppError:
        return BaseFacts(title=key)
    return BaseFacts(
        title=base.title,
        licence=base.licence,
        licence_note=base.licence_note,
        may_sell=base.may_sell,
    )
