"""The table is read by eyes, by a screen reader and walked with the keyboard."""

import pytest
from PySide6.QtCore import Qt

from support import stories
from ui.confusion import fold
from ui.widgets.confusion_table import ConfusionTable, summary

ROLE = Qt.ItemDataRole


@pytest.fixture
def table(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.show_table(fold(stories.report().confusion, keep=8))
    table.show()
    return table


def cell(table, truth, answer):
    labels = table.table.labels
    return table.model().index(labels.index(truth), labels.index(answer))


def test_a_cell_says_a_whole_sentence(table):
    wrong = cell(table, "card payment fee charged", "cash withdrawal charge")
    said = wrong.data(ROLE.AccessibleTextRole)
    assert (
        said == "4 examples of “card payment fee charged” were taken for “cash withdrawal charge”."
    )
    right = cell(table, "top up failed", "top up failed")
    assert right.data(ROLE.AccessibleTextRole).endswith("“top up failed” were answered rightly.")


def test_columns_carry_the_numbers_of_the_rows_and_their_full_names(table):
    model = table.model()
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert model.headerData(1, across) == "2"
    assert model.headerData(1, down).startswith("2   ")
    name = table.table.labels[1]
    assert model.headerData(1, across, ROLE.AccessibleTextRole) == f"Answered “{name}”"


def test_enter_on_a_cell_asks_for_its_examples(table, qtbot):
    table.setCurrentIndex(cell(table, "pending top up", "top up failed"))
    with qtbot.waitSignal(table.chosen, timeout=2000) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args == ["pending top up", "top up failed"]


def test_a_click_asks_too(table, qtbot):
    at = table.visualRect(cell(table, "pending top up", "top up failed")).center()
    with qtbot.waitSignal(table.chosen, timeout=2000) as told:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["pending top up", "top up failed"]


def test_the_summary_names_the_commonest_mistake(table):
    assert "“card payment fee charged” taken for “cash withdrawal charge”, 4 times" in summary(
        table.table
    )


def test_all_rows_are_visible_without_scrolling(table):
    last = table.model().index(len(table.table.labels) - 1, 0)
    assert table.visualRect(last).bottom() < table.viewport().height()
