"""All rows and doubted rows, in a whole window with a real project, worked by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from support.desk import table
from ui.pages.fix import show_fix
from ui.pages.rows import show_rows
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
