"""Mistakes with pictures: tiles for mouse, keys and screen readers; where the model looks."""

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.shown import Looked
from ui.widgets.mistakes import MistakeList
from ui.widgets.picture_look import meaning, veil
from zeroapp.report import Mistake

HEAT = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.4), (0.0, -0.1, 0.0))


@pytest.fixture
def shown(qapp, qtbot, tmp_path):
    made = MistakeList()
    qtbot.addWidget(made)
    made.show_mistakes([_mistake(tmp_path, n) for n in range(3)], empty_text="")
    made.show()
    yield made
    made.close()


def _mistake(folder, number, *, text=""):
    path = folder / f"{number}.png"
    Image.new("RGB", (40, 30), (200, 40 * number, 0)).save(path)
    return Mistake(
        row_id=number, text=text or str(path), truth="plum", answer="fig", confidence=0.9
    )


def test_each_picture_is_a_tile_that_says_what_was_wrong(shown):
    names = [tile.accessibleName() for tile in shown.gallery.tiles]

    assert names == ["A picture of “plum” was answered “fig”, 90% sure"] * 3
    assert all(tile.focusPolicy() & Qt.FocusPolicy.TabFocus for tile in shown.gallery.tiles)


def test_a_key_chooses_a_tile_and_shows_it_large(shown):
    first, second, _ = shown.gallery.tiles
    QTest.keyClick(first, Qt.Key.Key_Space)
    QTest.keyClick(second, Qt.Key.Key_Space)

    assert [tile.isChecked() for tile in shown.gallery.tiles] == [False, True, False]
    assert shown.gallery.look.isVisibleTo(shown)


def test_where_it_looks_is_asked_once_and_folded_away(shown):
    asked = []
    shown.look_wanted.connect(asked.append)
    tile, look = shown.gallery.tiles[0], shown.gallery.look
    tile.click()
    look.button.click()
    path = tile.mistake.text
    shown.gallery.show_looked(Looked(path=path, busy=True))
    waiting = look.button.isEnabled()
    shown.gallery.show_looked(Looked(path="/another.png", heat=HEAT))
    other = look.note.text()
    shown.gallery.show_looked(Looked(path=path, heat=HEAT))
    told = look.note.text()
    look.button.click()

    assert asked == [path]
    assert not waiting
    assert other != meaning(HEAT)
    assert told == meaning(HEAT)
    assert not look.note.isVisibleTo(shown)


def test_texts_stay_cards(shown, tmp_path):
    shown.show_mistakes([_mistake(tmp_path, 1, text="where is it")], empty_text="")

    assert shown.gallery.tiles == []
    assert not shown.gallery.isVisibleTo(shown)


def test_the_meaning_is_said_in_words():
    assert "in the middle right, takes 40% off" in meaning(HEAT)
    assert "No single part decides" in meaning(((0.01, 0.0), (0.0, 0.0)))
    assert meaning(()) == ""


def test_the_veil_is_clear_where_the_answer_hangs():
    image = veil(HEAT)

    assert image.pixelColor(2, 1).alpha() == 0
    assert image.pixelColor(0, 0).alpha() > 200
    assert image.pixelColor(1, 2).alpha() > 200  # a part that speaks against it is no reason
    assert veil(()).isNull()
