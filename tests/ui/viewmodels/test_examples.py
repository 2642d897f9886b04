"""Examples: reading is a job, columns change parts at one click, nothing is lost silently."""

import pytest
from PySide6.QtWidgets import QLabel

from support.desk import table
from support.screens import examples_chat, examples_wide
from ui.viewmodels.examples import changed_roles
from ui.widgets.file_card import FileCard, RepairLine
from zeroapp import protocol as p
from zeroapp.wizard import Step


@pytest.fixture
def model(desk):
    return desk.model(Step.examples)


def test_a_clean_file_opens_the_way(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path, rows=60)])
    assert model.rows == 60
    assert model.can_go_on
    assert [(head.name, head.role) for head in model.table.heads] == [
        ("message", "text"),
        ("kind", "label"),
    ]
    assert len(model.table.rows) + model.table.more == 60
    assert model.goal == "Sort texts into kinds"


def test_one_click_changes_the_goal_until_something_was_learned(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path, rows=60)])
    guessed = model.goal
    card = desk.page(Step.examples).goal
    names = [choice.accessibleName() for choice in card.choices]
    card.choices[0].click()
    changed = model.goal
    back = [goal.title for goal in model.goals]
    desk.session.project.new_run("train")
    model.entered()

    assert names
    assert all(name.startswith("Change the goal: ") for name in names)
    assert changed != guessed
    assert changed in names[0]
    assert guessed in back
    assert model.goals == ()
    assert card.choices == []


def test_in_a_chat_one_is_the_person_and_can_be_another(desk, model, tmp_path):
    examples_chat(desk, tmp_path)
    card = desk.page(Step.examples).voice
    shown = [card.names.itemText(at) for at in range(card.names.count())]
    assert shown[1:] == ["Ann Berg (20 messages)", "Bo (20 messages)", "Cy (20 messages)"]
    assert card.names.currentIndex() == 0  # nobody has said, and Continue is open all the same
    assert model.can_go_on
    assert card.names.accessibleName().startswith("Which one is you?")

    card.names.setCurrentIndex(2)
    card.names.activated.emit(2)
    assert desk.session.project.roles()["me"] == "Bo"
    assert (model.voices.chosen, card.names.currentText()) == ("Bo", "Bo (20 messages)")
    card.names.setCurrentIndex(0)
    card.names.activated.emit(0)
    assert "me" not in desk.session.project.roles()


def test_a_table_without_voices_asks_nobody(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path, rows=60)])
    assert model.voices is None
    assert desk.page(Step.examples).voice.isHidden()


def test_while_it_reads_continue_waits_and_says_why(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path)])
    watcher = desk.session.watcher("import")
    watcher.handle.say(
        p.Started(job="ImportData", pid=1, attempt=2),
        p.Progressed(done=1500, total=6000, unit="rows", seconds_left=31.0),
    )
    watcher.watch(watcher.handle)
    assert (model.doing.done, model.doing.total) == (1500, 6000)
    assert model.doing.detail == "1\u2009500 rows · about 30 seconds left"
    assert not model.can_go_on
    assert model.why_not == "The file is being read."
    model.stop()
    assert watcher.handle.told == ["stop"]


def test_repairs_and_rows_set_aside_are_told(desk, model, tmp_path):
    examples_wide(desk, tmp_path)
    assert model.aside_count == 1
    assert model.aside[0].where == "Kundenanfragen_2026.csv, line 41"  # header, 39 rows, this
    assert "letters were read as" in " ".join(repair.text for repair in model.files[0].repairs)
    # Columns with a part come first, the others keep the order of the file.
    names = [head.name for head in model.table.heads]
    assert names[:2] == ["Betreff und Nachricht", "Abteilung"]
    assert names[2:] == ["Nr", "Datum", "Kunde", "Bearbeitet von"]


def test_a_repair_is_shown_taken_back_and_made_again(desk, model, tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"Fish &amp; chips {n},{'xy'[n % 2]}\n" for n in range(20))
    path.write_text(f"message,kind\n{rows}")
    desk.start.add_files([path])
    ((repair,),) = [file.repairs for file in model.files]
    assert (repair.text.endswith("(20 times)"), repair.can_change) == (True, True)
    assert repair.shown[0] == ("Fish &amp; chips 0", "Fish & chips 0")
    line = RepairLine(repair, file="a.csv")
    line.change_wanted.connect(model.change_repair)
    line.change.click()
    assert model.table.rows[0][0] == "Fish &amp; chips 0"
    ((undone,),) = [file.repairs for file in model.files]
    assert undone.undone
    model.change_repair(undone.file, undone.kind)
    assert model.table.rows[0][0] == "Fish & chips 0"
    assert model.rows == 20


def test_other_letters_can_be_chosen_for_a_file(desk, model, tmp_path):
    path = tmp_path / "old.csv"
    rows = "".join(f"Łódź {n},{'xy'[n % 2]}\n" for n in range(9))
    path.write_bytes(f"message,kind\n{rows}".encode("mac_latin2"))
    desk.start.add_files([path])
    ((repair,),) = [file.repairs for file in model.files]
    line = RepairLine(repair, file="old.csv")
    line.encoding_wanted.connect(model.choose_encoding)
    for mine in (line.letters, line.cases.toggle):  # so their words stand below each other
        assert not mine.icon().isNull()
    assert line.letters.iconSize() == line.cases.toggle.iconSize()
    choices = {action.text(): action for action in line.letters.menu().actions()}
    choices["Western Europe, DOS (cp850)"].trigger()
    assert model.table.rows[0][0] != "Łódź 0"
    ((repair,),) = [file.repairs for file in model.files]
    model.choose_encoding(repair.file, "mac_latin2")
    assert model.table.rows[0][0] == "Łódź 0"
    ((repair,),) = [file.repairs for file in model.files]
    model.choose_encoding(repair.file, "cp1252")  # it has no letters at some of these bytes
    assert model.failure is not None
    assert model.rows == 9


def test_a_click_changes_the_part_and_the_columns_stay_where_they_are(desk, model, tmp_path):
    examples_wide(desk, tmp_path)
    before = [head.name for head in model.table.heads]
    model.set_role("Kunde", "label")
    parts = {head.name: head.role for head in model.table.heads}
    assert parts["Kunde"] == "label"
    assert parts["Abteilung"] == ""
    assert [head.name for head in model.table.heads] == before


def test_without_a_kind_continue_says_which_column_is_missing(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path)])
    model.set_role("kind", "")
    assert not model.can_go_on
    assert model.why_not == "Choose the column for “Kind”."


def test_an_import_that_fails_says_what_is_safe(desk, model, tmp_path):
    (tmp_path / "empty").mkdir()
    desk.start.add_files([tmp_path / "empty"])
    assert model.failure.code == "no-tables"
    assert model.doing is None
    assert not model.can_go_on
    model.add_files([table(tmp_path)])
    assert model.failure is None
    assert model.can_go_on


def test_another_file_is_added_to_the_rows(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path, rows=60)])
    # Another number of kinds gives other texts, so nothing is a repetition.
    model.add_files([table(tmp_path, "more.csv", rows=40, kinds=5)])
    assert model.rows == 100
    assert [item.name for item in model.files] == ["questions.csv", "more.csv"]


def test_a_file_that_cannot_be_read_is_not_called_well_read(desk, model, tmp_path):
    torn = tmp_path / "torn.csv"
    torn.write_bytes(b"message,kind\na b,x\nc d,y,extra,more\ne f,x\n")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    desk.start.add_files([table(tmp_path, rows=60)])
    model.add_files([torn, empty])
    assert model.failure is None
    aside = {item.name: item.aside for item in model.files}
    assert aside == {
        "questions.csv": "", "torn.csv": "1 row set aside", "empty.csv": "Could not be read",
    }  # fmt: skip
    cards = desk.page(Step.examples).findChildren(FileCard)
    shown = [[part.text() for part in card.findChildren(QLabel)] for card in cards[-3:]]
    assert ["Read without a hitch" in texts for texts in shown] == [True, False, False]


def test_nothing_is_added_while_a_training_runs(desk, model, tmp_path, monkeypatch):
    desk.start.add_files([table(tmp_path)])
    monkeypatch.setattr(desk.session, "training_alive", lambda: True)
    model.add_files([table(tmp_path, "more.csv", kinds=5)])
    assert model.failure.code == "training-is-on"
    assert model.rows == 60


def test_an_import_that_vanished_is_told(desk, model, tmp_path):
    desk.start.add_files([table(tmp_path)])
    watcher = desk.session.watcher("import")
    handle = watcher.handle
    handle.say(p.Started(job="ImportData", pid=1, attempt=2))
    watcher.watch(handle)
    handle.vanish()
    watcher.read()
    assert model.failure.code == "import-interrupted"
    assert model.doing is None


@pytest.mark.parametrize(
    ("column", "role", "after"),
    [
        ("c", "label", {"text": "a", "label": "c"}),
        ("a", "label", {"label": "a", "text": "b"}),  # both had a part: they swap
        ("a", "", {"label": "b"}),
        ("a", "text", {"text": "a", "label": "b"}),
    ],
)
def test_parts_swap_rather_than_get_lost(column, role, after):
    assert changed_roles({"text": "a", "label": "b"}, column=column, role=role) == after
