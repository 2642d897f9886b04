"""`zeroapp demo`: the whole way with a task's sample, from import to an export that answers."""

import csv
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeroapp import paths, tasks
from zeroapp import protocol as p
from zeroapp.cli import journey, shapes, wishes, words
from zeroapp.cli.console import Console
from zeroapp.data.examples import FILES
from zeroapp.dataset import Example, Part
from zeroapp.plan import PlanOptions
from zeroapp.project import Project
from zeroapp.report import ExportRecord, Report
from zeroapp.run_folder import RunFolder
from zeroapp.runs import history
from zeroapp.task import Task
from zeroapp.wording import short

_SENTENCES = 4
"""A few answers are shown, so that a person sees what the model does."""


def demo(args: Namespace, console: Console) -> int:
    """Make a project with the sample, train, judge, export, ask the export; print how it went."""
    began = time.monotonic()
    task = tasks.get(args.task) if args.task else tasks.default()
    options = wishes.options_of(args)
    with Project.create(_place(args.out, task), task=task.key) as project:
        trained = _train(project, task, console, options=options)
        report = journey.evaluate(project, trained.run, console)
        console.remark(f"Exporting for use elsewhere ({task.exports[0]})")
        record = journey.export(project, trained.run, console, to=task.exports[0], out=None)
        answers = _ask(project, trained.run, record, console)
        value = {
            "task": task.key,
            "project": str(project.folder),
            **shapes.judged(report),
            "comparisons": report.comparisons if isinstance(report, Report) else (),
            "export": record.path,
            "export_format": record.format,
            "export_agreement": record.agreement,
            "export_accuracy": record.accuracy,
            "export_same_next": record.same_next,
            "answers": answers,
            "seconds": round(time.monotonic() - began, 1),
        }
        console.result(value, _told(words.judged(report), record, answers))
    return 0


def _place(out: Path | None, task: Task) -> Path:
    if out is not None:
        return out.absolute()
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return paths.projects_dir() / f"demo-{task.key.replace('_', '-')}-{stamp}"


def _train(
    project: Project, task: Task, console: Console, *, options: PlanOptions
) -> journey.Trained:
    console.remark(f"{task.sample.title}. {task.sample.source}, {task.sample.licence}")
    imported = journey.bring_in(project, [task.sample.path], console)
    console.remark(f"{imported.rows_stored:,} rows are in {project.folder}")
    made = journey.plan(project, options, console)
    console.remark(words.planned(made))
    return journey.train(project, made.plan, console)


def _ask(
    project: Project, run: RunFolder, record: ExportRecord, console: Console
) -> list[dict[str, Any]]:
    """Let a fresh process answer a few sentences with nothing but the export."""
    folder = project.new_run("predict")
    questions = _questions(project, run)
    # pictures are named as they lie beside the table
    place = project.folder / FILES if any(one.name for one in questions) else folder.path
    asked, answered = place / "questions.csv", folder.path / "answers.csv"
    with asked.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["number", "text"])  # a list of names alone does not show that it has a head
        rows.writerows(
            (number, Path(one.text).name if one.name else one.text)
            for number, one in enumerate(questions, start=1)
        )
    job = p.Predict(model=record.path, file=str(asked), out=str(answered), column="text")
    journey.predict(job, folder, console)
    with answered.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        {
            "text": question.name or question.text,
            "label": row["answer"],
            "confidence": float(row["confidence"]) if row.get("confidence") else None,
            "truth": question.label,
        }
        for question, row in zip(questions, found, strict=True)
    ]


def _questions(project: Project, run: RunFolder) -> list[Example]:
    """Test rows of different kinds."""
    job = history.job_of(run)
    assert isinstance(job, p.Train)
    parts = project.parts(version=job.plan.data_version, seed=job.plan.seed)
    first: dict[str | None, Example] = {}
    for example in parts[Part.test]:
        first.setdefault(example.label, example)
    return list(first.values())[:_SENTENCES]


def _told(verdict: str, record: ExportRecord, answers: list[dict[str, Any]]) -> str:
    lines = [verdict, "", "The export answers by itself:"]
    for one in answers:
        sure = one["confidence"]
        said = "" if sure is None else f" ({words.percent(sure)})"
        lines.append(f"  “{short(one['text'])}”\n    {one['label']}{said}")
    return "\n".join([*lines, "", "The export is in", words.exported(record)])
