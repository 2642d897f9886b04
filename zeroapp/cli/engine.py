"""`zeroapp engine`: which Python the worker runs in, and the packs it can be made of."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from zeroapp import protocol as p
from zeroapp.cli.console import Console
from zeroapp.cli.follow import do
from zeroapp.errors import ResourceError, UsageError
from zeroapp.packs import making, offer
from zeroapp.packs.engine import Bundled, Engine, Managed, System, choose, chosen
from zeroapp.runs import history


def engine(args: Namespace, console: Console) -> int:
    """Show, make, repair, remove or choose."""
    match args.action:
        case "make" | "repair":
            _make(args, console)
        case "remove":
            making.remove(_folder(args))
        case "use":
            choose(_named(args.name))
    told = _shape(chosen())
    console.result(told, _words(told))
    return 0


def _make(args: Namespace, console: Console) -> None:
    job = p.MakeEngine(
        pack=args.name or _offered(),
        folder=str(_folder(args)),
        index=_place(args.index),
        python=_place(args.python),
        anew=args.action == "repair",
    )
    do(job, history.loose_folder("engine"), console)


def _place(given: str) -> str:
    """A path from the root, since the worker runs elsewhere; an address or a name as it is."""
    return str(Path(given).absolute()) if given and Path(given).exists() else given


def _offered() -> str:
    cards = offer.cards()
    pack, lonely = offer.best(cards), offer.without_pack(cards)
    if lonely is not None and pack is None:
        raise UsageError(
            "no-pack",
            title=f"There is no pack for this graphics card yet: {lonely.name}.",
            hint="Training uses the processor. If you have a Python with torch for this card, "
            "`zeroapp engine use PYTHON` takes it.",
        )
    if pack is None:
        raise UsageError(
            "no-pack",
            title="No graphics card was found that a pack would help.",
            hint="Training uses the processor. To make a pack anyway, name it.",
        )
    if problem := offer.driver_problem(cards, pack):
        # Gigabytes would be fetched that no program could use yet.
        raise ResourceError(problem.code, title=problem.title, hint=problem.remedy)
    return pack.key


def _folder(args: Namespace) -> Path:
    folder: Path | None = args.folder
    if folder is not None:
        return folder
    current = chosen()
    return current.folder.parent if isinstance(current, Managed) else making.usual_folder()


def _named(name: str) -> Engine:
    if name == "bundled":
        return Bundled()
    python = System(Path(name).absolute()) if name else None
    if python is None or not python.whole():
        raise UsageError(
            "no-python",
            title=f"There is no Python at “{name}”.",
            hint="Name the path of one that has torch, or `bundled` for this app's own.",
        )
    return python


def _shape(engine: Engine) -> dict[str, Any]:
    place = ""
    if isinstance(engine, Managed):
        place = str(engine.folder)
    elif isinstance(engine, System):
        place = str(engine.python)
    cards = [{"vendor": c.vendor, "name": c.name, "driver": c.driver} for c in offer.cards()]
    packs = [pack.key for pack in offer.for_this_computer()]
    return {
        "kind": engine.kind.value,
        "place": place,
        "whole": engine.whole(),
        "cards": cards,
        "packs": packs,
    }


def _words(told: dict[str, Any]) -> str:
    kind = told["kind"] if told["whole"] else "none yet: zeroapp engine make"
    where = f" in {told['place']}" if told["place"] else ""
    cards = ", ".join(card["name"] for card in told["cards"]) or "none found"
    return f"Engine: {kind}{where}\nGraphics cards: {cards}\nPacks: {', '.join(told['packs'])}"
