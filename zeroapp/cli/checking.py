"""`zeroapp check`, `mask`, `origin` and `describe`: what is wrong with the data, whose it is."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from zeroapp.cli import journey, words
from zeroapp.cli.console import Console
from zeroapp.errors import Problem, Severity, UsageError
from zeroapp.govern.croissant import describe_data, write_description
from zeroapp.inspection import Look, Verdict
from zeroapp.licences import LICENCES, light_of
from zeroapp.project import Project

DONE = 0
MEND_FIRST = 3


def check(args: Namespace, console: Console) -> int:
    """The quick report, then the deeper checks; decisions about findings when asked for."""
    with Project.open(args.project) as project:
        found = journey.check(project, console)
        blocking = any(problem.severity is Severity.blocking for problem in found.problems)
        looks: tuple[Look, ...] = ()
        if not (args.quick or blocking):
            looks = journey.inspect(project, console, again=args.again)
        every = [*found.problems, *(p for look in looks for p in look.problems)]
        for verdict in (Verdict.accepted, Verdict.dismissed, Verdict.open):
            _decide(project, every, codes=getattr(args, verdict), verdict=verdict)
        decided = {p: project.verdict_on(p) for p in every}
    open_ones = tuple(p for p in found.problems if decided[p] is Verdict.open)
    console.result(
        {
            "ok": not blocking,
            "profile": found.profile,
            "problems": found.problems,
            "looks": looks,
            "decided": [
                {"code": p.code, "column": p.place.column, "verdict": verdict}
                for p, verdict in decided.items()
                if verdict is not Verdict.open
            ],
        },
        "\n".join([words.checked(found.profile, open_ones), *_told(looks, decided)]),
    )
    return MEND_FIRST if blocking else DONE


def _decide(project: Project, every: list[Problem], *, codes: list[str], verdict: Verdict) -> None:
    known = {problem.code for problem in every}
    if odd := sorted(set(codes) - known):
        raise UsageError(
            "no-finding",
            title=f"Nothing of the kind “{odd[0]}” was found.",
            hint=f"What was found: {', '.join(sorted(known)) or 'nothing'}.",
        )
    for problem in every:
        if problem.code in codes:
            project.decide(problem, verdict)


def _told(looks: tuple[Look, ...], decided: dict[Problem, Verdict]) -> list[str]:
    lines = []
    for look in looks:
        shown = [p for p in look.problems if decided[p] is Verdict.open]
        hidden = len(look.problems) - len(shown)
        state = look.skipped or ("" if shown else "nothing found")
        more = f" ({hidden} decided)" if hidden else ""
        lines.append(f"{look.title}{f': {state}' if state else ':'}{more}")
        lines += [words.problem(problem) for problem in shown]
    return lines


def mask(args: Namespace, console: Console) -> int:
    """Hide personal data in training, or show it again."""
    with Project.open(args.project) as project:
        project.set_masks(on=args.switch == "on")
        masks = project.store.masks()
    said = "is hidden in training" if masks else "stands in training as in the rows"
    console.result({"masks": masks}, f"Personal data {said}. Rows stay as they are.")
    return DONE


def origin(args: Namespace, console: Console) -> int:
    """State where files come from; without anything stated, list what is known."""
    with Project.open(args.project) as project:
        if args.source or args.licence:
            _state(project, args)
        known = project.store.origins()
        listed: list[dict[str, Any]] = []
        for file in project.files():
            stated = known.get(file.sha256)
            listed.append(
                {
                    "file": file.name,
                    "source": stated.source if stated else "",
                    "licence": stated.licence if stated else "",
                    "light": light_of(stated.licence) if stated else None,
                }
            )
    text = [
        f"{one['file']}: {one['source'] or 'nobody has said'}"
        + (f" ({one['licence']}, {one['light']})" if one["licence"] else "")
        for one in listed
    ]
    console.result({"files": listed}, "\n".join(text))
    return DONE


def _state(project: Project, args: Namespace) -> None:
    files = [f for f in project.files() if args.file in (None, f.name)]
    if not files:
        raise UsageError(
            "no-file",
            title=f"This project has no file called “{args.file}”.",
            hint=f"Its files: {', '.join(f.name for f in project.files()) or 'none yet'}.",
        )
    if not args.source or not args.licence:
        raise UsageError(
            "bad-usage",
            title="An origin needs both: where the rows come from, and their licence.",
            hint="--source TEXT --licence KEY; keys: " + ", ".join(one.key for one in LICENCES),
        )
    for file in files:
        project.store.state_origin(file.sha256, source=args.source, licence=args.licence)


def describe(args: Namespace, console: Console) -> int:
    """Write what the data is and where it comes from as Croissant metadata."""
    with Project.open(args.project) as project:
        out: Path = args.out or Path(f"{project.folder.name}-croissant.json")
        write_description(describe_data(project), out)
    console.result({"path": str(out.absolute())}, str(out))
    return DONE
