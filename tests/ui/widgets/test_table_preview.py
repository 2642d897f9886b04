"""The preview: parts of columns at one click, by key and by menu; long texts stay on their line."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from ui.shown_data import ColumnHead, RoleChoice, TableData
from ui.widgets.table_preview import TablePreview

DATA = TableData(
    heads=(
        ColumnHead(name="message", role="text"),
        ColumnHead(name="kind", role="label"),
        ColumnHead(name="number"),
    ),
    rows=(("Where is my card? " * 20, "card", "1"), ("A refund\nplease", "refund", "2")),
    choices=(
        RoleChoice(key="text", title="Text", help="What the model reads."),
        RoleChoice(key="label", title="Kind", help="What the model answers."),
    ),
    label_role="label",
    more=8,
)


@pytest.fixture
def table(qtbot):
    made = TablePreview()
    made.resize(800, 300)
    qtbot.addWidget(made)
    made.show_table(DATA)
    made.show()
    return made


def test_one_click_gives_a_column_another_part(table, qtbot):
    with qtbot.waitSignal(table.role_chosen) as heard:
        qtbot.mouseClick(table.heads["number"].pills["label"], Qt.MouseButton.LeftButton)
    assert heard.args == ["number", "label"]


def test_a_click_on_the_part_it_has_takes_it_away(table, qtbot):
    with qtbot.waitSignal(table.role_chosen) as heard:
        qtbot.mouseClick(table.heads["kind"].pills["label"], Qt.MouseButton.LeftButton)
    assert heard.args == ["kind", ""]


def test_pills_work_by_keyboard(table, qtbot):
    pill = table.heads["number"].pills["text"]
    with qtbot.waitSignal(table.role_chosen) as heard:
        qtbot.keyClick(pill, Qt.Key.Key_Space)
    assert heard.args == ["number", "text"]


def test_the_menu_offers_the_same_and_not_used(table, qtbot):
    menu = table.heads["kind"].menu()
    assert [(a.text(), a.isChecked()) for a in menu.actions()] == [
        ("Text", False),
        ("Kind", True),
        ("Not used", False),
    ]
    with qtbot.waitSignal(table.role_chosen) as heard:
        menu.actions()[2].trigger()
    assert heard.args == ["kind", ""]
    menu.close()


def test_the_menu_opens_by_keyboard(table, qtbot, qapp):
    qtbot.keyClick(
        table.heads["kind"].pills["text"], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier
    )
    menu = qapp.activePopupWidget()
    assert menu is not None
    assert menu.accessibleName() == "Part of column kind"
    menu.close()


def test_readers_hear_column_and_part(table):
    assert table.heads["kind"].pills["label"].accessibleName() == "Column kind: is Kind"
    assert table.heads["kind"].pills["text"].accessibleName() == "Column kind: use as Text"


def test_the_keyboard_stays_where_it_was_after_a_change(table, qtbot):
    with qtbot.waitActive(table):
        table.activateWindow()
    table.heads["number"].pills["label"].setFocus()
    heads = (DATA.heads[0], ColumnHead(name="kind"), ColumnHead(name="number", role="label"))
    table.show_table(replace(DATA, heads=heads))
    assert table.heads["number"].pills["label"].hasFocus()


def test_it_is_as_tall_as_its_rows(table):
    heights = sum(table.rowHeight(line) for line in range(table.rowCount()))
    assert heights <= table.height() <= heights + 30  # frame and, at most, a scroll bar


def test_long_texts_can_be_read_whole(table):
    assert table.item(1, 0).toolTip() == DATA.rows[0][0]
    assert table.item(1, 1).toolTip() == ""


def test_many_columns_scroll_instead_of_squeezing(qtbot):
    made = TablePreview()
    made.resize(500, 300)
    qtbot.addWidget(made)
    heads = tuple(ColumnHead(name=f"column {n}") for n in range(12))
    made.show_table(replace(DATA, heads=heads, rows=(("x",) * 12,)))
    made.show()
    for card in made.heads.values():
        for pill in card.pills.values():
            assert pill.width() >= pill.minimumSizeHint().width()
    assert made.horizontalScrollBar().maximum() > 0


def test_a_text_size_chosen_while_another_page_is_shown_counts(table, look, qtbot):
    table.hide()
    look.set_scale(150)
    table.show()
    pills = [pill for card in table.heads.values() for pill in card.pills.values()]
    qtbot.waitUntil(lambda: all(p.width() >= p.minimumSizeHint().width() for p in pills))
