"""What each verb does and prints. A verb takes its arguments and returns an exit code."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from zeroapp import protocol as p
from zeroapp import tasks
from zeroapp.cli import checking, journey, shapes, wishes, words
from zeroapp.cli.console import Console
from zeroapp.cli.demo import demo
from zeroapp.cli.engine import engine
from zeroapp.cli.follow import do
from zeroapp.cli.machines import adopt, recipe
from zeroapp.cli.mend import diff, mend, versions
from zeroapp.cli.trials import benchmark, rehearse
from zeroapp.data import code_pages
from zeroapp.data.pasting import keep_pasted
from zeroapp.data.voices import voices
from zeroapp.errors import UsageError
from zeroapp.export.targets import target
from zeroapp.plan import PlanOptions, TrainPlan
from zeroapp.project import DATABASE, Project
from zeroapp.runs import history
from zeroapp.wording import typed

DONE = 0
MEND_FIRST = 3

Verb = Callable[[Namespace, Console], int]


def run(args: Namespace, console: Console) -> int:
    """Do the verb of `args`; raises AppError, RunFailed, StoppedByUser."""
    verbs: dict[str, Verb] = {
        "demo": demo,
        "new": _new,
        "import": _import,
        "mend": mend,
        "versions": versions,
        "diff": diff,
        "check": checking.check,
        "mask": checking.mask,
        "origin": checking.origin,
        "describe": checking.describe,
        "plan": _plan,
        "train": _train,
        "rehearse": rehearse,
        "benchmark": benchmark,
        "recipe": recipe,
        "adopt": adopt,
        "evaluate": _evaluate,
        "export": _export,
        "predict": _predict,
        "probe": _probe,
        "engine": engine,
    }
    return verbs[args.verb](args, console)


def _new(args: Namespace, console: Console) -> int:
    task = tasks.get(args.task) if args.task else None
    about = f"{task.title}" if task else "what it is for shows with the first files"
    with Project.create(args.project, task=task.key if task else None) as project:
        console.result(
            {"project": str(project.folder), "task": project.task},
            f"Made the project {project.folder}: {about}.\n"
            f"Next: zeroapp import {typed(project.folder)} FILE",
        )
    return DONE


def _import(args: Namespace, console: Console) -> int:
    with Project.open(args.project) as project:
        imported = _brought_in(args, project, console)
        if args.task:
            project.set_task(args.task)
        if args.role:
            project.set_roles({**project.roles(), **dict(_role(text) for text in args.role)})
        aside = project.set_aside(limit=20)
        done = "read again" if args.file else "added"
        task = tasks.get(project.task)
        rows = f"{words.brought_in(imported, reads=task.reads)} {done}"
        lines = [f"{rows}; the project has {project.count():,}."] if imported.files else []
        lines.append(f"What it is for: {task.title}.")
        lines += [words.repaired(repair) for repair in project.repairs()]
        lines += [words.put_aside(one) for one in aside]
        columns = [f"{role} is “{name}”" for role, name in project.roles().items()]
        lines.append("Columns: " + (", ".join(columns) or "choose them with --role ROLE=COLUMN"))
        asked = voices(project.store, task=task, roles=project.roles())
        lines += words.who(asked) if asked else []
        console.result(shapes.imported(project, imported, asked), "\n".join(lines))
    return DONE


def _brought_in(args: Namespace, project: Project, console: Console) -> p.Imported:
    """What the words ask for: new files, or one of them once more."""
    encoding = code_pages.chosen(args.encoding) if args.encoding else ""
    if args.file and not args.paths and (args.undo or encoding):
        return journey.read_again(project, args.file, args.undo, console, encoding=encoding)
    if (args.task or args.role) and not (args.undo or args.file or args.paths or encoding):
        return p.Imported(rows_stored=0, rows_set_aside=0, files=0)
    if args.undo or args.file or not args.paths:
        raise UsageError(
            "bad-usage",
            title="It is not clear what to import.",
            hint="Name files or folders, or with --undo REPAIR or --encoding of files that are "
            "there --file NAME and no others.",
        )
    paths = [_named(path, project) for path in args.paths]
    return journey.bring_in(project, paths, console, encoding=encoding)


def _named(path: Path, project: Project) -> Path:
    """The path, or for “-” a file with what comes in on stdin."""
    if str(path) != "-":
        return path
    return keep_pasted(project.folder, sys.stdin.buffer.read().decode("utf-8", "replace"))


def _role(text: str) -> tuple[str, str]:
    role, equals, column = text.partition("=")
    if not equals:
        raise UsageError(
            "bad-usage",
            title=f"“{text}” does not say which column plays which role.",
            hint="Write it as role=column, for example label=category.",
        )
    return role, column


def _options(args: Namespace, project: Project, console: Console) -> PlanOptions:
    """What was asked now, else what the project keeps from before."""
    asked = wishes.options_of(args)
    if args.auto or not wishes.nothing_asked(asked):
        return asked
    kept = project.options()
    if not wishes.nothing_asked(kept):
        console.remark("Using the choices kept in the project; --auto forgets them.")
    return kept


def _plan(args: Namespace, console: Console) -> int:
    with Project.open(args.project) as project:
        options = _options(args, project, console)
        if args.plan:
            given = _given_plan(args.plan, project, console)
            options = wishes.merged(wishes.as_options(given), wishes.options_of(args))
        made = journey.plan(project, options, console)
    console.result({"plan": made.plan, "forecast": made.forecast}, words.planned(made))
    return DONE


def _given_plan(path: Path, project: Project, console: Console) -> TrainPlan:
    """A plan from a file that fits the project's data."""
    given = wishes.read_plan(path)
    if given.task != project.task or given.data_version != journey.ready(project, console):
        raise UsageError(
            "plan-other-data",
            title="This plan was made for other data than the project has now.",
            hint=f"Make a new one: zeroapp plan {typed(project.folder)} --json",
        )
    return given


def _train(args: Namespace, console: Console) -> int:
    with Project.open(args.project) as project:
        trained = _trained(args, project, console)
    console.result(shapes.trained(trained), words.trained(trained.report, trained.memory))
    return DONE


def _trained(args: Namespace, project: Project, console: Console) -> journey.Trained:
    asked = wishes.options_of(args)
    given = _given_plan(args.plan, project, console) if args.plan else None
    wanted = wishes.merged(wishes.as_options(given), asked) if given else asked
    handle = None if args.fresh else journey.unfinished(project, wanted, console)
    if handle is not None:
        return journey.finish(handle, console, resumed=True)
    if given is not None and wishes.nothing_asked(asked):
        return journey.train(project, given, console)
    options = wanted if given else _options(args, project, console)
    return journey.train(project, journey.plan_to_train(project, options, console), console)


def _evaluate(args: Namespace, console: Console) -> int:
    with Project.open(args.project) as project:
        run = journey.finished_run(project, args.run)
        report = journey.evaluate(project, run, console)
    console.result({**shapes.judged(report), "report": report}, words.judged(report))
    return DONE


def _export(args: Namespace, console: Console) -> int:
    with Project.open(args.project) as project:
        wanted = target(args.to or tasks.get(project.task).exports[0])
        run = journey.finished_run(project, args.run)
        record = journey.export(project, run, console, to=wanted.key, out=args.out)
    console.result(record, words.exported(record))
    return DONE


def _predict(args: Namespace, console: Console) -> int:
    out = args.out or _free(args.file)
    model, folder = args.model, None
    if (args.model / DATABASE).is_file():
        with Project.open(args.model) as project:
            model = journey.finished_run(project, None).path
            folder = project.new_run("predict")
    job = p.Predict(
        model=str(model.absolute()),
        file=str(args.file.absolute()),
        out=str(out.absolute()),
        column=args.column,
    )
    said = journey.predict(job, folder or history.loose_folder("predict"), console)
    right = f" {words.percent(said.accuracy)} right." if said.accuracy is not None else ""
    console.result(
        {"rows": said.rows, "out": said.out, "accuracy": said.accuracy},
        f"{said.rows:,} rows answered in {said.out}.{right}",
    )
    return DONE


def _free(file: Path) -> Path:
    """`NAME-answers.csv` in the current folder, numbered when there is one."""
    name, number = f"{file.stem}-answers.csv", 1
    while Path(name).exists():
        number += 1
        name = f"{file.stem}-answers-{number}.csv"
    return Path(name)


def _probe(_args: Namespace, console: Console) -> int:
    status = do(p.Probe(), history.loose_folder("probe"), console)
    assert status.probed is not None
    found = status.probed.hardware
    console.result(found, words.hardware(found))
    return DONE
