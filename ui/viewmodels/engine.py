"""The pack for this computer: what it takes, making it and going back. QtCore only."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from ui import words
from ui.binding import Observable, Property
from ui.viewmodels.session import Session
from zeroapp.errors import Failure, Problem
from zeroapp.packs import making, offer
from zeroapp.packs.engine import Engine, Kind, Managed, System, chosen, wanted
from zeroapp.packs.offer import Pack
from zeroapp.protocol import MakeEngine
from zeroapp.status import Outcome, RunStatus, State

_NO_CARD = (
    "No graphics card was found that a pack would help. Everything works on the processor; a card "
    "only makes it faster."
)
_ANEW = (
    "It is damaged or gone, or was made for an older zeroapp. {meanwhile}; Repair makes the pack "
    "anew."
)
_GONE = (
    "Training uses the processor meanwhile: there is nothing at {python} any more. Put it back, or "
    "say in a terminal what to use: zeroapp engine use bundled."
)
_MISSING = (
    "You have the small download: the window alone. What reads files, checks them, trains and "
    "answers is fetched once, with the starter models. All of it is checked, and tried before it "
    "is used. You can stop at any time; it goes on where it was."
)
_LATER = (
    "Training runs on the processor, and everything works. Packs come with new versions of "
    "zeroapp: look here again after an update."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look at this computer told. broken: a pack was chosen that is not whole any more.

    pack: the one to make here; used: the one in use. missing: there is nothing to work with.
    lonely: the name of a card that there is no pack for, "" when there is none. gone: a Python
    that was chosen and is not there any more, "" else.
    """

    pack: Pack | None
    used: Pack | None = None
    missing: bool = False
    problem: Problem | None
    kind: Kind
    folder: Path
    broken: bool
    needed: int
    free: int
    lonely: str = ""
    gone: str = ""


def look_around(folder: Path | None = None) -> Found:
    """Cards, drivers, packs and space; asks the system, so not for the GUI thread."""
    cards = offer.cards()
    pack, lonely = offer.best(cards), offer.without_pack(cards)
    engine, wish = chosen(), wanted()
    used = wish.folder.parent if isinstance(wish, Managed) else None
    place = folder or used or making.usual_folder()
    needed = making.space_needed(making.Order(pack=pack, folder=place)) if pack else 0
    return Found(
        pack=pack,
        used=_pack_of(engine),
        missing=not engine.whole(),
        lonely=lonely.name if lonely else "",
        problem=offer.driver_problem(cards, pack) if pack else None,
        kind=engine.kind,
        folder=place,
        broken=isinstance(wish, Managed) and not wish.whole(),
        gone=str(wish.python) if isinstance(wish, System) and not wish.whole() else "",
        needed=needed,
        free=_free(place),
    )


def _pack_of(engine: Engine) -> Pack | None:
    """The pack that an engine in use was made of."""
    ready = engine.ready if isinstance(engine, Managed) else None
    here = offer.for_this_computer() if ready else ()
    return next((pack for pack in here if ready and pack.key == ready.pack), None)


def _free(place: Path) -> int:
    """Bytes free where a folder would be made."""
    there = next((path for path in (place, *place.parents) if path.exists()), Path.home())
    return shutil.disk_usage(there).free


class EngineModel(Observable):
    """title, text: the state in words. facts: what it takes and where. busy, progress: at work.

    can_make, can_choose (a folder), can_repair, can_remove: which buttons make sense now.
    make_text: what the first says.
    missing: there is nothing to work with before a pack was made.
    """

    title = Property("Looking for a graphics card …")
    text = Property("")
    facts = Property("")
    busy = Property(default=False)
    progress = Property(-1.0)
    doing = Property("")
    missing = Property(default=False)
    make_text = Property("&Get the pack")
    can_make = Property(default=False)
    can_choose = Property(default=False)
    can_repair = Property(default=False)
    can_remove = Property(default=False)
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: Found | None = None
        self._folder: Path | None = None
        watcher = session.watcher("engine")
        watcher.status_changed.connect(self._told)
        watcher.ended.connect(self._ended)

    def look(self) -> None:
        """Look at this computer."""
        folder = self._folder
        self._session.door.run(lambda: look_around(folder), done=self._show)

    def choose_folder(self, folder: Path) -> None:
        """Put the pack there; what it takes is worked out for that disk."""
        self._folder = folder / "zeroapp-engines"
        self.look()

    def make(self, *, anew: bool = False) -> None:
        """Make the pack, or make it again beside the one that is used."""
        if self._found is None or self._found.pack is None or self.busy:
            return
        self.failure = None
        job = MakeEngine(pack=self._found.pack.key, folder=str(self._found.folder), anew=anew)
        if self._session.launch(job) is not None:
            self.busy = True

    def stop(self) -> None:
        """Stop making; what was downloaded stays."""
        self._session.stop("engine")

    def remove(self) -> None:
        """Go back to what came with the app and free the space."""
        if self._found is not None and not self.busy:
            folder = self._found.folder
            self._session.door.run(
                lambda: making.remove(folder), done=lambda _none: self.look(), failed=self._failed
            )

    def _failed(self, failure: Failure) -> None:
        self.failure = failure

    def _told(self, status: RunStatus) -> None:
        alive = self._session.watcher("engine").handle is not None
        self.busy = alive and status.state is not State.ended
        self.progress = status.done / status.total if status.total else -1.0
        self.doing = status.phase_title if self.busy else ""

    def _ended(self, status: RunStatus) -> None:
        self.busy = False
        if status.outcome is Outcome.failed:
            self.failure = status.failure
        self.look()

    def _show(self, found: Found) -> None:
        self._found = found
        self.title, self.text = _words(found)
        self.missing = found.missing
        self.make_text = "&Get the engine" if found.missing else "&Get the pack"
        pack = found.pack
        self.facts = (
            f"Download {words.size(pack.download)} · on disk {words.size(pack.disk)} · "
            f"{words.size(found.free)} free in {found.folder}"
            if pack
            else ""
        )
        used = found.kind is Kind.managed
        fits = pack is not None and found.problem is None and not _in_use(found)
        self.can_make = fits and not found.broken and found.free >= found.needed
        self.can_repair = pack is not None and (used or found.broken)
        self.can_remove = used or found.broken
        self.can_choose = fits and not self.can_remove


def _in_use(found: Found) -> bool:
    """Whether a pack is in use and there is no better one to be had here."""
    return found.kind is Kind.managed and (found.pack is None or found.pack == found.used)


def _words(found: Found) -> tuple[str, str]:  # noqa: PLR0911 - one sentence a state
    if found.broken:
        meanwhile = "Nothing can be read" if found.missing else "Training uses the processor"
        return "The pack must be made anew", _ANEW.format(meanwhile=f"{meanwhile} meanwhile")
    if found.missing:
        return _words_of_missing(found)
    if found.gone:
        return "The Python that was chosen is gone", _GONE.format(python=found.gone)
    if _in_use(found) and found.used is not None and not found.used.card:
        return "The engine is here", "Training runs on the processor, and everything works."
    if _in_use(found):
        return "Your graphics card is in use", "New trainings run on the card."
    if found.kind is Kind.system:
        return "Another Python is in use", "It was chosen on the command line (zeroapp engine)."
    if found.lonely:
        return f"There is no pack for this graphics card yet: {found.lonely}", _LATER
    if found.pack is None:
        return "Training runs on the processor", _NO_CARD
    if found.problem is not None:
        return found.problem.title, f"{found.problem.why} {found.problem.remedy}"
    if found.free < found.needed:
        return (
            "There is a graphics card, but too little space for its pack",
            f"It needs {words.size(found.needed)}. Choose a folder on another disk, or make room.",
        )
    return (
        f"Your graphics card can help: {found.pack.title}",
        "Its libraries are fetched only if you want them, checked, and tried before they are used.",
    )


def _words_of_missing(found: Found) -> tuple[str, str]:
    if found.pack is None:
        return (
            "There is no engine for this computer to be fetched",
            "The large download has it inside: install that one instead.",
        )
    if found.free < found.needed:
        return (
            "The engine is missing, and there is too little space for it",
            f"It needs {words.size(found.needed)}. Choose a folder on another disk, or make room.",
        )
    return "One thing is missing: the engine", _MISSING
