"""All rows and doubted rows, in a whole window with a real project, worked by keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QInputDialog, QLineEdit

from support import screens
from support.desk import table
from ui import theme
from ui.pages.fix import show_fix
from ui.pages.rows import show_rows
from ui.pages.versions import show_versions
from zeroapp.data import editing
from zeroapp.inspection import Suspect
from zeroapp.wizard import Step


@pytest.fixture
def model(desk, tmp_path):
    desk.start.add_files([table(tmp_path, rows=300)])
    desk.window.show()
    return desk.model(Step.examples)


@pytest.fixture
def rows(desk, model, qtbot):
    made = show_rows(model.all_rows, desk.window)
    qtbot.waitExposed(made)
    yield made
    made.close()


def texts(view):
    model = view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def labels(project):
    return [row.cells["kind"] for row in project.store.rows()]


def test_a_cell_is_edited_with_the_keyboard_and_taken_back(desk, rows, qtbot):
    view = rows.view
    view.go_to(4)
    QTest.keyClick(view, Qt.Key.Key_F2)
    (editor,) = [one for one in view.findChildren(QLineEdit) if one.isVisible()]
    assert editor.accessibleName() == "Change message"
    editor.setText("a new text")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.model().index(4, 0).data() == "a new text")
    assert rows.told.text().startswith("Changed “")
    rows.undo.click()
    assert view.model().index(4, 0).data() != "a new text"
    assert rows.told.text().startswith("Undone: Changed “")
    assert not rows.undo.isEnabled()
    rows.redo.click()
    assert desk.session.project.store.rows_of([5])[0].cells["message"] == "a new text"


def test_a_label_is_chosen_from_the_list_of_those_there_are(desk, rows):
    rows.view.setCurrentIndex(rows.view.model().index(0, 1))
    rows.view.edit(rows.view.currentIndex())
    (box,) = [one for one in rows.view.findChildren(QComboBox) if one.isVisible()]
    assert {box.itemText(n) for n in range(box.count())} == {"card", "refund", "login"}
    box.setCurrentText("parcel")
    box.activated.emit(0)
    assert labels(desk.session.project)[0] == "parcel"
    assert any("parcel · 1" in rows.kinds.item(n).text() for n in range(rows.kinds.count()))


def test_deleted_rows_are_in_the_bin_and_come_back(desk, rows):
    first = texts(rows.view)[:3]
    rows.view.selectAll()
    rows.view.go_to(0)
    QTest.keyClick(rows.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(rows.view, Qt.Key.Key_Delete)
    assert texts(rows.view)[0] == first[2]
    assert desk.session.project.count() == 298
    rows.kinds.setCurrentRow(rows.kinds.count() - 1)
    assert texts(rows.view) == first[:2]
    rows.view.go_to(0)
    QTest.keyClick(rows.view, Qt.Key.Key_Delete)
    assert (texts(rows.view), desk.session.project.count()) == (first[1:2], 299)


def test_rows_are_found_by_text_and_kind(rows, qtbot):
    rows.search.setText("WHERE when")
    qtbot.waitUntil(lambda: 0 < rows.view.model().rowCount() < 30)
    assert all(text.startswith("where when") for text in texts(rows.view))
    some = rows.view.model().rowCount()
    names = [rows.kinds.item(n).text() for n in range(rows.kinds.count())]
    rows.kinds.setCurrentRow(next(n for n, name in enumerate(names) if name.startswith("card")))
    assert 0 < rows.view.model().rowCount() < some
    assert all("card" in text for text in texts(rows.view))


def test_renaming_says_beforehand_how_many_rows_it_changes(desk, rows, monkeypatch):
    asked = []

    def answer(_parent, _title, text, *_names, **_more):
        asked.append(text)
        return "login", True

    monkeypatch.setattr(QInputDialog, "getItem", answer)
    names = [rows.kinds.item(n).text() for n in range(rows.kinds.count())]
    rows.kinds.setCurrentRow(next(n for n, name in enumerate(names) if name.startswith("card")))
    rows.rename.click()
    assert asked == ["In 100 rows “card” becomes (the name of another kind merges both):"]
    assert rows.told.text() == "Renamed “card” to “login” in 100 rows."


def test_a_kind_is_merged_into_another(desk, model, rows):
    model.all_rows.rename(["card"], "login")
    assert rows.told.text() == "Renamed “card” to “login” in 100 rows."
    assert set(labels(desk.session.project)) == {"login", "refund"}
    QTest.keyClick(rows, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "card" in labels(desk.session.project)


def test_doubted_rows_are_decided_one_by_one_with_one_key_each(desk, model, qtbot):
    project = desk.session.project
    project.store.keep_suspects([
        Suspect(row_id=n, given=labels(project)[n - 1], suggested="parcel", confidence=1 - n / 100)
        for n in (1, 2, 3, 4, 5)
    ])  # fmt: skip
    screen = show_fix(model.fix, desk.window)
    qtbot.waitExposed(screen)
    assert screen.progress.text() == "1 of 5"
    for key, place in ((Qt.Key.Key_S, "2 of 5"), (Qt.Key.Key_K, "3 of 5"),
                       (Qt.Key.Key_Delete, "4 of 5")):  # fmt: skip
        QTest.keyClick(screen, key)
        qtbot.waitUntil(lambda place=place: screen.progress.text() == place)
    assert labels(project)[0] == "parcel"
    assert project.store.binned_now() == [3]
    QTest.keyClick(screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: screen.progress.text() == "3 of 5")
    assert project.store.binned_now() == []
    model.fix.keep()
    model.fix.choose("login")
    model.fix.take()
    assert (model.fix.item, screen.progress.text()) == (None, "All decided")
    screen.close()
    # Nobody is asked twice: what was decided stays decided.
    model.fix.entered()
    assert model.fix.progress == "Nothing is doubted"


def test_the_examples_page_offers_doubted_rows_only_when_there_are_some(desk, model):
    page = desk.page(Step.examples)
    assert page.fix_rows.isHidden()
    desk.session.project.store.keep_suspects(
        [Suspect(row_id=1, given="card", suggested="login", confidence=0.9)]
    )
    model.entered()
    assert (page.fix_rows.isHidden(), page.fix_rows.text()) == (False, "Fi&x 1 doubted row")


def test_scrolling_reads_pages_and_keeps_few(desk, model, rows, monkeypatch):
    monkeypatch.setattr("ui.viewmodels.rows_table.PAGE", 10)
    monkeypatch.setattr("ui.viewmodels.rows_table.KEPT_PAGES", 4)
    store, asked = desk.session.project.store, []
    real = store.rows_of
    monkeypatch.setattr(store, "rows_of", lambda ids: asked.append(len(ids)) or real(ids))
    model.all_rows.table.renew()
    asked.clear()
    assert len({model.all_rows.table.row(at).id for at in range(300)}) == 300
    assert set(asked) == {10}
    assert len(model.all_rows.table._pages) <= 4


def test_cells_copied_from_a_spreadsheet_are_pasted_as_rows(desk, model, qapp):
    project = desk.session.project
    qapp.clipboard().setText("message\tkind\nmy phone is broken\tphone\nno signal here\tphone\n")
    desk.page(Step.examples)._paste()
    assert project.count() == 302
    assert project.files()[-1].name.startswith("Pasted ")
    assert labels(project)[-2:] == ["phone", "phone"]
    qapp.clipboard().setText("   ")
    desk.page(Step.examples)._paste()
    assert model.failure.code == "empty-paste"
    assert project.count() == 302


def test_the_rows_of_a_finding_are_shown_alone_and_then_all(desk, model, qtbot):
    made = show_rows(model.all_rows, desk.window, among=(7, 3, 200))
    store = desk.session.project.store
    wanted = [store.rows_of([row])[0].cells["message"] for row in (3, 7, 200)]
    assert texts(made.view) == wanted
    assert made.count.text() == "3 rows to look at"
    made.view.go_to(0)
    made.delete.click()
    qtbot.waitUntil(lambda: texts(made.view) == wanted[1:])
    made.every.click()
    assert made.view.model().rowCount() == 299
    assert made.every.isHidden()
    made.close()


def test_pictures_are_shown_small_and_their_stored_names_are_not_edited(desk, qtbot):
    screens.examples_pictures(desk, desk.launcher.place)
    made = show_rows(desk.model(Step.examples).all_rows, desk.window)
    qtbot.waitExposed(made)
    view, table_of = made.view, made.view.model()
    first = table_of.index(0, 0)
    place = Path(first.data(Qt.ItemDataRole.DecorationRole))
    assert place.is_file()
    assert first.data(Qt.ItemDataRole.AccessibleTextRole).startswith("Picture ")
    assert not first.flags() & Qt.ItemFlag.ItemIsEditable
    label = desk.session.project.roles()["label"]
    kind = table_of.index(0, table_of.columns().index(label))
    assert kind.flags() & Qt.ItemFlag.ItemIsEditable
    shelf = view.itemDelegate().shelf
    qtbot.waitUntil(lambda: shelf.picture(str(place)) is not None)
    assert not shelf.picture(str(place)).isNull()
    assert view.verticalHeader().defaultSectionSize() > theme.px(56)
    made.close()


@pytest.fixture
def changed(desk, model, tmp_path):
    """A first version, then: one row gone, one of another kind, one text changed."""
    desk.session.go(Step.check)
    project = desk.session.project
    editing.bin_rows(project.store, [3])
    editing.set_cells(project.store, [1], column="kind", value="parcel")
    editing.set_cells(project.store, [2], column="message", value="a new text")
    desk.session.go(Step.examples)
    dialog = show_versions(model.versions, desk.window)
    yield dialog
    dialog.close()


def cells(dialog):
    table_of = dialog.changes
    return [
        [table_of.item(line, column).text() for column in range(table_of.columnCount())]
        for line in range(table_of.rowCount())
    ]


def test_what_changed_since_the_last_version_is_shown_with_before_and_after(changed):
    assert changed.summary.text() == (
        "1 row removed, 1 row with another kind, 1 row with another text."
    )
    by_sort = {line[0]: line for line in cells(changed)}
    assert by_sort["Another kind"][2:4] == ["card", "parcel"]
    assert by_sort["Another kind"][1].endswith("about my card")
    assert by_sort["Changed"][3] == "a new text"
    assert by_sort["Removed"][3] == ""
    assert by_sort["Removed"][4] == "questions.csv, line 4"


def test_versions_are_chosen_with_the_keyboard_and_any_two_are_compared(desk, changed, qtbot):
    assert changed.versions.count() == 2
    assert changed.versions.item(0).text().startswith("As it is now")
    assert "300 examples" in changed.versions.item(1).text()
    changed.versions.setFocus()
    QTest.keyClick(changed.versions, Qt.Key.Key_Down)
    assert changed.summary.text().startswith("This is the first version")
    assert cells(changed) == []
    changed.older.setCurrentIndex(0)
    changed.older.activated.emit(0)
    # back from now to then: what was removed comes back
    assert changed.summary.text().startswith("1 row added")


def test_a_table_without_kinds_gets_a_column_for_them(desk, tmp_path, monkeypatch):
    file = tmp_path / "texts.csv"
    file.write_text("message\n" + "".join(f"text number {n} here\n" for n in range(20)), "utf-8")
    desk.start.add_files([file])
    desk.window.show()
    model, page = desk.model(Step.examples), desk.page(Step.examples)
    model.set_goal("text_classification")
    assert model.lacks_label
    assert not page.add_label.isHidden()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("topic", True))
    page.add_label.click()
    project = desk.session.project
    assert project.roles()["label"] == "topic"
    assert page.add_label.isHidden()
    assert desk.top.windowTitle() == "Your examples"
    desk.model(Step.examples).all_rows.set_label([0, 1], "greeting")
    assert [row.cells.get("topic") for row in project.preview(limit=3)][:2] == ["greeting"] * 2
    desk.top.close()
    # the column, then what it is for, then the kinds: all of it can be taken back
    for _ in range(3):
        project.store.undo()
    assert "topic" not in project.columns()
