"""The words of the command line: verbs, options and their help. Does nothing with them."""

import argparse
from pathlib import Path
from typing import Any, NoReturn

from zeroapp.errors import UsageError


class Parser(argparse.ArgumentParser):
    """Raises UsageError("bad-usage") where argparse would print and leave."""

    def error(self, message: str) -> NoReturn:
        """A word on the command line is wrong."""
        raise UsageError(
            "bad-usage",
            title=f"{message[:1].upper()}{message[1:]}.",
            hint=f"See `{self.prog} --help`.",
        )


def parser() -> Parser:
    """All verbs. The chosen one is in `verb`, None when there is none."""
    top = Parser(
        prog="zeroapp",
        description="Teach a model your own work, on your own computer. Without a verb the "
        "window opens.",
        epilog="Exit codes: 0 done, 1 the work failed, 2 wrong usage, 3 the data must be mended "
        "first, 130 stopped and saved.",
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    _demo(verbs)
    _project_verbs(verbs)
    _plan_verbs(verbs)
    _machine_verbs(verbs)
    _model_verbs(verbs)
    _verb(verbs, "probe", "what this computer can do")
    _engine(verbs)
    return top


def _verb(verbs: "argparse._SubParsersAction[Parser]", name: str, text: str) -> Parser:
    made: Parser = verbs.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--quiet", action="store_true", help="no progress and no remarks")
    return made


def _engine(verbs: "argparse._SubParsersAction[Parser]") -> None:
    made = _verb(verbs, "engine", "which libraries the work runs on; packs for graphics cards")
    actions = ("show", "make", "repair", "remove", "use")
    made.add_argument("action", nargs="?", default="show", choices=actions, help="default: show")
    made.add_argument("name", nargs="?", default="", help="a pack; for use: `bundled` or a Python")
    made.add_argument("--folder", metavar="DIR", type=_absolute, help="where packs are put")
    made.add_argument("--index", metavar="URL|DIR", default="", help="where the wheels are")
    made.add_argument("--python", metavar="PATH", default="", help="instead of a fetched one")


def _absolute(text: str) -> Path:
    """The worker runs in a folder of its own, where a relative path would lead elsewhere."""
    return Path(text).absolute()


def _on_project(verbs: "argparse._SubParsersAction[Parser]", name: str, text: str) -> Parser:
    made = _verb(verbs, name, text)
    made.add_argument("project", metavar="DIR", type=_absolute, help="the project's folder")
    return made


def _demo(verbs: "argparse._SubParsersAction[Parser]") -> None:
    demo = _verb(verbs, "demo", "the whole way with a sample: import to export")
    demo.add_argument("--task", metavar="KEY", help="whose sample (default: the first task's)")
    demo.add_argument("--out", metavar="DIR", type=Path, help="where to make the project")
    _wishes(demo)


def _project_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    new = _on_project(verbs, "new", "make a project")
    new.add_argument(
        "--task", metavar="KEY", help="what it is for (default: what fits the first files)"
    )
    bring = _on_project(verbs, "import", "add files or folders to a project")
    bring.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="a file, a folder or a ZIP file; - for text on stdin",
    )
    bring.add_argument(
        "--undo",
        metavar="REPAIR",
        action="append",
        default=[],
        help="read --file once more without this repair, as `repairs` names it; several times",
    )
    bring.add_argument(
        "--encoding",
        metavar="NAME",
        default="",
        help="how letters are read where the guess is wrong, such as cp852; with files or --file",
    )
    bring.add_argument("--file", metavar="NAME", help="what --undo or --encoding is about")
    bring.add_argument(
        "--task",
        metavar="KEY",
        help="what the project is for after all; alone or with files, until something was learned",
    )
    bring.add_argument(
        "--role",
        metavar="ROLE=COLUMN",
        action="append",
        default=[],
        help="which column plays a role, such as label=category, or who in a chat is you; alone "
        "or with files; may be given several times",
    )
    _data_verbs(verbs)
    _mend_verbs(verbs)


def _mend_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    mend = _on_project(verbs, "mend", "change rows; every change can be undone, no file is touched")
    several: dict[str, Any] = {"action": "append", "default": []}
    mend.add_argument("--rename", metavar="OLD=NEW", help="rename a label, or merge two", **several)
    mend.add_argument("--set", metavar="ROW=VALUE", help="give a row another label", **several)
    mend.add_argument("--column", metavar="NAME", help="another column for --rename and --set")
    mend.add_argument("--bin", metavar="ROW", nargs="+", default=[], help="put rows into the bin")
    mend.add_argument("--restore", metavar="ROW", nargs="+", default=[], help="take them out again")
    mend.add_argument(
        "--drop-duplicates", action="store_true", help="bin rows that repeat a text and its label"
    )
    mend.add_argument(
        "--role", metavar="ROLE=COLUMN", help="group=author keeps an author in one part", **several
    )
    mend.add_argument("--undo", metavar="N", type=int, nargs="?", const=1, default=0)
    mend.add_argument("--redo", metavar="N", type=int, nargs="?", const=1, default=0)
    mend.add_argument("--log", action="store_true", help="say what was changed, the newest first")
    _on_project(verbs, "versions", "the versions of the data, and the runs that learned from them")
    diff = _on_project(verbs, "diff", "what changed from one version of the data to another")
    diff.add_argument("older", metavar="A", help="a version, or how its name begins")
    diff.add_argument("newer", metavar="B", nargs="?", help="another (default: the data now)")


def _data_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    check = _on_project(verbs, "check", "look through the data and say what needs to be mended")
    check.add_argument("--quick", action="store_true", help="leave the deeper checks out")
    check.add_argument("--again", action="store_true", help="make all deeper checks anew")
    decisions = (
        ("--accept", "accepted", "it is so and stays so"),
        ("--dismiss", "dismissed", "it is no problem"),
        ("--reopen", "open", "take back what was decided"),
    )
    for option, place, text in decisions:
        check.add_argument(
            option,
            dest=place,
            metavar="CODE",
            action="append",
            default=[],
            help=f"decide about a finding: {text}; several times",
        )
    mask = _on_project(verbs, "mask", "hide personal data in training, or show it again")
    mask.add_argument("switch", choices=("on", "off"), help="on: placeholders in its place")
    origin = _on_project(verbs, "origin", "say where files come from, or list what is known")
    origin.add_argument("--file", metavar="NAME", help="default: all files")
    origin.add_argument("--source", metavar="TEXT", help="in your own words")
    origin.add_argument("--licence", metavar="KEY", help="own, permitted, CC-BY-4.0, ...")
    describe = _on_project(verbs, "describe", "write what the data is as Croissant metadata")
    describe.add_argument("--out", metavar="FILE", type=Path, help="the JSON to write")


def _plan_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    plan = _on_project(verbs, "plan", "what training will do on this computer")
    train = _on_project(verbs, "train", "train; Ctrl-C stops and saves, again to go on")
    train.add_argument("--fresh", action="store_true", help="start anew, go on with nothing")
    rehearse = _on_project(verbs, "rehearse", "take the first steps, measure them, keep nothing")
    rehearse.add_argument("--seconds", metavar="N", type=float, default=60.0, help="default: 60")
    compare = _on_project(verbs, "benchmark", "the same few steps at ZeRO stages 0 to 3, measured")
    compare.add_argument("--steps", metavar="N", type=_steps, default=6, help="default: 6")
    for verb in (plan, train, rehearse, compare):
        _wishes(verb)
        verb.add_argument(
            "--plan", metavar="FILE", type=Path, help="a plan as `plan --json` prints it"
        )
        verb.add_argument(
            "--auto", action="store_true", help="forget the choices kept in the project"
        )


def _wishes(verb: Parser) -> None:
    """What may be asked of the planner; see `wishes.options_of`."""
    verb.add_argument("--ranks", metavar="N", type=int, help="how many processes share it")
    verb.add_argument("--zero", metavar="STAGE", type=int, choices=range(4), help="0 to 3")
    places = ("none", "optimizer", "cpu", "disk")
    verb.add_argument("--offload", choices=places, help="where states wait")
    verb.add_argument("--memory-limit", metavar="GB", type=float, help="use no more than this")
    verb.add_argument("--base", metavar="NAME", help="the model to start from")
    verb.add_argument("--seed", metavar="N", type=int, help="the same seed, the same model")
    verb.add_argument("--epochs", metavar="N", type=int, help="how often it reads every row")
    verb.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="any field of the plan; may be given several times",
    )


def _steps(text: str) -> int:
    """A number of steps that a speed can be told from."""
    steps = int(text)
    if not 2 <= steps <= 1000:  # noqa: PLR2004 - as the job has it
        raise argparse.ArgumentTypeError("must be from 2 to 1000")
    return steps


def _machine_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    recipe = _on_project(verbs, "recipe", "write a folder with which other computers train")
    recipe.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="what to make")
    recipe.add_argument("--nodes", metavar="N", type=int, default=1, help="computers (1)")
    recipe.add_argument(
        "--ranks-per-node", metavar="M", type=int, default=1, help="processes on each (1)"
    )
    adopt = _on_project(verbs, "adopt", "take in what other computers made of a recipe")
    adopt.add_argument("folder", metavar="FOLDER", type=Path, help="the folder “result”")


def _model_verbs(verbs: "argparse._SubParsersAction[Parser]") -> None:
    evaluate = _on_project(verbs, "evaluate", "the quality report and verdict")
    evaluate.add_argument("--run", metavar="ID", help="which run (default: the newest finished)")
    export = _on_project(verbs, "export", "write the model for use elsewhere")
    export.add_argument(
        "--to",
        metavar="FORMAT",
        help="safetensors, onnx, onnx-int8, adapter, gguf-q8_0, gguf-q4_0 or gguf-f16",
    )
    export.add_argument("--out", metavar="PATH", type=Path, help="the folder to make")
    export.add_argument("--run", metavar="ID", help="which run (default: the newest finished)")
    predict = _verb(verbs, "predict", "answer every row of a file")
    predict.add_argument("model", metavar="DIR|EXPORT", type=Path, help="a project or an export")
    predict.add_argument("file", metavar="FILE", type=Path, help="a table, or a folder of pictures")
    predict.add_argument("--out", metavar="F", type=Path, help="the csv to write")
    predict.add_argument("--column", metavar="NAME", help="the column with the texts")
