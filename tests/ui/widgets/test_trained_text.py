"""An example as the model sees it: what it reads and what it learns to write, turn by turn."""

from PySide6.QtWidgets import QLabel

from ui.widgets.trained_text import TrainedTexts
from zeroapp.plan import Preview


def test_every_turn_of_a_talk_is_shown_in_order(qtbot):
    made = TrainedTexts()
    qtbot.addWidget(made)
    turns = (("user: Hello", "Hi<end>"), ("user: And?", "And so<end>"))
    made.show_previews(
        [Preview(earlier=turns, read="user: Where?", learned="Here<end>", tokens=20)]
    )
    said = [text.text() for text in made.findChildren(QLabel)]
    whole = ["user: Hello", "Hi<end>", "user: And?", "And so<end>", "user: Where?", "Here<end>"]
    assert [text for text in said if text in whole] == whole
    assert said.count("It learns to write") == 3
