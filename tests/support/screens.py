"""Every page as it can look, by name: for pictures, for the walk of names, for narrow windows.

To add one, write a function that takes a `Desk` and the test's folder and brings the window there.
"""

from collections.abc import Callable
from pathlib import Path

from support.desk import Desk, table
from ui.pages.fix import FixDialog, show_fix
from ui.pages.rows import show_rows
from ui.pages.versions import show_versions
from zeroapp import protocol as p
from zeroapp import tasks
from zeroapp.data import editing
from zeroapp.dataset import Reads
from zeroapp.errors import Failure, Place, Problem, Severity
from zeroapp.inspection import Look, Suspect, Verdict
from zeroapp.wizard import Step

Arrange = Callable[[Desk, Path], None]


def start_empty(desk: Desk, _place: Path) -> None:
    desk.start.refresh()


def start_list(desk: Desk, place: Path) -> None:
    for name in ("Shop questions.csv", "Complaints 2026.csv"):
        desk.start.add_files([table(place, name)])
    desk.session.open(None)


def start_failed(desk: Desk, place: Path) -> None:
    desk.start.open(place / "gone")


def examples(desk: Desk, place: Path) -> None:
    desk.start.add_files([table(place, rows=400)])


def examples_wide(desk: Desk, place: Path) -> None:
    """Semicolons, umlauts in an older encoding, columns nobody needs, a row that is too long."""
    lines = ["Nr;Datum;Kunde;Betreff und Nachricht;Abteilung;Bearbeitet von"]
    for number in range(90):
        kind = ("Lieferung", "Rechnung", "Anmeldung")[number % 3]
        text = f"Ich möchte wissen, was meine {kind} angeht, Frage {'abcdefghi'[number % 9]} "
        text += "und wann ich eine Antwort bekomme"
        lines.append(f"{number};2026-03-{1 + number % 28:02d};Müller;{text};{kind};Agent 7")
    lines.insert(40, "99;x;y;zu;viele;Zellen;in;dieser;Zeile")
    path = place / "Kundenanfragen_2026.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    desk.start.add_files([path])


def examples_chat(desk: Desk, place: Path) -> None:
    """A chat of three: the file does not say which one is the person."""
    said = ("Is anybody at home?", "In ten minutes", "Then I'll put the kettle on")
    lines = [
        f"{1 + day:02d}/03/2026, 18:{minute:02d} - {who}: {text}"
        for day in range(20)
        for minute, (who, text) in enumerate(zip(("Ann Berg", "Bo", "Cy"), said, strict=True))
    ]
    path = place / "WhatsApp Chat with Our flat.txt"
    path.write_text("\n".join(lines))
    desk.start.add_files([path])


def examples_pictures(desk: Desk, _place: Path) -> None:
    """A folder of photos for each kind, dropped without a word: what it is for is guessed."""
    pictures = next(t for t in tasks.all_tasks().values() if t.reads is Reads.picture)
    desk.start.add_files([pictures.sample.path])


def examples_empty(desk: Desk, place: Path) -> None:
    examples_failed(desk, place)
    desk.model(Step.examples).failure = None


def examples_failed(desk: Desk, place: Path) -> None:
    """A folder without tables: only reading it tells."""
    (place / "empty folder").mkdir()
    desk.start.add_files([place / "empty folder"])


def rows(desk: Desk, place: Path) -> None:
    """All rows, after a few changes."""
    desk.start.add_files([table(place, rows=400, kinds=5)])
    model = desk.model(Step.examples).all_rows
    dialog = show_rows(model, desk.window)
    model.rename(["parcel"], "delivery")
    model.delete([3, 4])
    dialog.view.go_to(5)


def fix_rows(desk: Desk, place: Path) -> None:
    """Twelve doubted rows, two decided."""
    desk.start.add_files([table(place, rows=120)])
    project = desk.session.project
    given = {row.id: row.cells["kind"] for row in project.preview(limit=12)}
    project.store.keep_suspects(
        Suspect(row_id=n, given=kind, suggested="login" if kind != "login" else "card",
                confidence=0.97 - n / 100)
        for n, kind in given.items()
    )  # fmt: skip
    model = desk.model(Step.examples)
    model.entered()
    show_fix(model.fix, desk.window)
    model.fix.take()
    model.fix.keep()


def rows_pictures(desk: Desk, place: Path) -> None:
    """All rows of a project of pictures."""
    examples_pictures(desk, place)
    show_rows(desk.model(Step.examples).all_rows, desk.window).view.go_to(2)


def versions(desk: Desk, place: Path) -> None:
    """What changed since the examples were last looked at."""
    check_clean(desk, place)
    store = desk.session.project.store
    editing.set_cells(store, [1, 4], column="kind", value="parcel")
    editing.set_cells(store, [2], column="message", value="where is the parcel I sent back")
    editing.bin_rows(store, [3, 9])
    desk.session.go(Step.examples)
    show_versions(desk.model(Step.examples).versions, desk.window)


def examples_without_kinds(desk: Desk, place: Path) -> None:
    """A list of texts that somebody has yet to sort."""
    lines = table(place).read_text("utf-8").splitlines()
    file = place / "only texts.csv"
    file.write_text("".join(f"{line.rpartition(',')[0]}\n" for line in lines), "utf-8")
    desk.start.add_files([file])
    desk.model(Step.examples).set_goal(tasks.default().key)


def examples_doubted(desk: Desk, place: Path) -> None:
    fix_rows(desk, place)
    desk.model(Step.examples).entered()
    for dialog in desk.window.findChildren(FixDialog):
        dialog.close()


def start_refused(desk: Desk, place: Path) -> None:
    path = place / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    desk.start.add_files([path])


def check_clean(desk: Desk, place: Path) -> None:
    desk.start.add_files([table(place, rows=180)])
    desk.session.go(Step.check)


def check_problems(desk: Desk, place: Path) -> None:
    check_clean(desk, place)
    project = desk.session.project
    project.store_check(project.profile(), PROBLEMS)
    desk.session.refresh()
    desk.model(Step.check).entered()


def check_deeper(desk: Desk, place: Path) -> None:
    """Three of the deeper checks are done, one is at work; one finding was decided about."""
    check_clean(desk, place)
    project = desk.session.project
    for look in LOOKS:
        project.store.keep_look(look, revision=project.store.revision())
    project.decide(LOOKS[1].problems[0], Verdict.dismissed)
    model = desk.model(Step.check)
    model.entered()
    watcher = desk.session.watcher("inspect")
    watcher.handle.say(
        p.Started(job="Inspect", pid=1, attempt=2),
        p.PhaseEntered(phase="triggers", title="Looking for: words that decide by themselves"),
        p.Progressed(done=2400, total=3866, unit="examples", seconds_left=20.0),
    )
    watcher.watch(watcher.handle)


LOOKS = (
    Look(
        name="personal",
        title="Personal data and secrets",
        blind="Finds names only after words such as “my name is”.",
        problems=(
            Problem(
                code="personal-data",
                severity=Severity.warning,
                title="14 rows hold personal data: mail addresses in 11, phone numbers in 4.",
                why="A model can give away what it has learned, and people may have a right to be "
                "left out.",
                remedy="Hide them in training with one switch. Your rows stay as they are.",
                place=Place(file="questions.csv", line=12, column="message"),
                count=14,
                examples=("please write to [EMAIL]", "call me back on [PHONE]"),
                mend="mask",
                blind="Finds names only after words such as “my name is”.",
            ),
        ),
    ),
    Look(
        name="origins",
        title="Where the rows come from",
        blind="Believes what was stated.",
        problems=(
            Problem(
                code="origin-unstated",
                severity=Severity.info,
                title="Nobody has said where “questions.csv” comes from.",
                why="Whoever gets the model may ask what it was made of.",
                remedy="Say it once, in a few words; it is kept with the file.",
                place=Place(file="questions.csv"),
                count=180,
                mend="state-origin",
            ),
        ),
    ),
    Look(
        name="copies",
        title="Nearly the same texts",
        blind="Cannot see texts that say the same in other words.",
    ),
)


def check_at_work(desk: Desk, place: Path) -> None:
    desk.start.add_files([table(place)])
    desk.session.go(Step.check)
    watcher = desk.session.watcher("check")
    watcher.handle.say(
        p.Started(job="Check", pid=1, attempt=2),
        p.PhaseEntered(phase="measuring", title="Measuring the texts"),
        p.Progressed(done=2400, total=3866, unit="rows", seconds_left=9.0),
    )
    watcher.watch(watcher.handle)


PROBLEMS = (
    Problem(
        code="one-label-only",
        severity=Severity.blocking,
        title="All rows are of one kind: “card”.",
        why="To tell kinds apart, the model must see at least two.",
        remedy="Add rows of another kind, or choose another column as the kind.",
        place=Place(column="kind"),
        count=180,
    ),
    Problem(
        code="contradictions",
        severity=Severity.warning,
        title="6 texts come with different kinds.",
        why="The model cannot know which of them is meant.",
        remedy="Decide on one kind for each of these texts in your file, then add it again.",
        place=Place(file="questions.csv", line=17, column="kind"),
        count=12,
        examples=("Where is my card? (card, parcel)", "I want my money back (refund, invoice)"),
    ),
    Problem(
        code="duplicates",
        severity=Severity.info,
        title="16 rows repeat a text that is there already.",
        why="Rows with the same text are kept together, so that none is both learned and tested.",
        remedy="Nothing needs to be done.",
        place=Place(file="questions.csv", line=90),
        count=16,
    ),
)

UNEXPECTED = Failure(
    code="unexpected",
    title="Something went wrong that this app did not expect.",
    hint="Your project is safe on disk. Try again.",
    detail="Traceback (most recent call last):\n  ...",
)


def window_failed(desk: Desk, place: Path) -> None:
    examples(desk, place)
    desk.window.show_failure(UNEXPECTED)


SCREENS: dict[str, Arrange] = {
    "start-empty": start_empty,
    "start-list": start_list,
    "start-failed": start_failed,
    "start-refused": start_refused,
    "examples": examples,
    "examples-wide": examples_wide,
    "examples-chat": examples_chat,
    "examples-pictures": examples_pictures,
    "examples-empty": examples_empty,
    "examples-failed": examples_failed,
    "examples-doubted": examples_doubted,
    "check-clean": check_clean,
    "check-problems": check_problems,
    "check-at-work": check_at_work,
    "rows": rows,
    "rows-pictures": rows_pictures,
    "versions": versions,
    "examples-without-kinds": examples_without_kinds,
    "fix-rows": fix_rows,
    "check-deeper": check_deeper,
    "window-failed": window_failed,
}
