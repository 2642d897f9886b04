"""Details fold, forms do not fight the user, explanations open by keyboard, flows wrap."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from support import stories
from ui.shown import Bar, BaseItem, ExportChoice, Fact, Field, FieldKind, TryState
from ui.widgets.bars import BarList
from ui.widgets.base_choice import BaseChoice
from ui.widgets.details import Details, FactTable
from ui.widgets.export_card import ExportCard
from ui.widgets.flow import FlowLayout
from ui.widgets.info import FactLabel, FactRow, InfoButton
from ui.widgets.mistakes import MistakeList
from ui.widgets.phases import PhaseTrack
from ui.widgets.plan_form import PlanForm
from ui.widgets.try_box import TryBox
from ui.widgets.verdict_card import BigText, Dots

EPOCHS = Field(
    name="epochs", label="Rounds", help="How often.", kind=FieldKind.whole, value=3, low=1, high=100
)
RATE = Field(
    name="rate",
    label="Learning rate",
    help="How far.",
    kind=FieldKind.real,
    value=5e-5,
    low=1e-7,
    high=1,
)
STAGE = Field(
    name="stage",
    label="Shared out",
    help="What.",
    kind=FieldKind.choice,
    value="2",
    choices=(("0", "nothing"), ("2", "gradients")),
)


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_details_are_folded_until_asked_for(qtbot):
    details = shown(qtbot, Details())
    inside = QLabel("technical")
    details.body.addWidget(inside)
    assert not inside.isVisible()
    assert details.toggle.accessibleName() == "Show Details"
    qtbot.keyClick(details.toggle, Qt.Key.Key_Space)
    assert inside.isVisible()
    assert details.toggle.accessibleName() == "Hide Details"


def test_values_in_details_can_be_selected_for_copying(qtbot):
    table = shown(qtbot, FactTable())
    table.show_rows((("steps", "255"), ("seed", "17")))
    value = next(label for label in table.findChildren(QLabel) if label.text() == "255")
    assert value.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert table.text() == "steps: 255\nseed: 17"


def test_a_number_is_explained_by_keyboard(qtbot):
    button = shown(qtbot, InfoButton("Same answers", "They were compared one by one."))
    assert button.accessibleName() == "What does “Same answers” mean?"
    popup = button.open()
    assert popup.isVisible()
    texts = [label.text() for label in popup.findChildren(QLabel)]
    assert texts == ["Same answers", "They were compared one by one."]
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None, timeout=2000)


def test_a_number_without_explanation_has_no_button(qtbot):
    facts = shown(qtbot, FactRow())
    facts.show_facts((Fact(name="Steps", value="3"), Fact(name="Time", value="", meaning="m")))
    buttons = [b for b in facts.findChildren(InfoButton) if b.isVisible()]
    assert [b.accessibleName() for b in buttons] == ["What does “Time” mean?"]
    names = [label.accessibleName() for label in facts.findChildren(QLabel)]
    assert "Steps: 3" in names
    assert "Time: not known yet" in names


def test_three_numbers_stand_side_by_side_where_there_is_room(qtbot):
    facts = FactRow()
    names = ("Surprise, best while teaching", "Steps", "Took")
    facts.show_facts([Fact(name=name, value="3", meaning="m") for name in names])
    # Room for three of the widest with the gaps between them, but not for four.
    facts.resize(3 * facts.minimumSizeHint().width() + 3 * 20, 60)
    shown(qtbot, facts)
    assert len({one.y() for one in facts.findChildren(FactLabel)}) == 1


def test_a_form_is_made_of_fields_and_tells_settled_values(qtbot):
    form = shown(qtbot, PlanForm())
    form.show_fields((EPOCHS, RATE, STAGE))
    told = []
    form.edited.connect(lambda name, value: told.append((name, value)))
    form.editor("epochs").setValue(5)
    form.editor("rate").setValue(1e-4)
    form.editor("stage").setCurrentIndex(0)
    form.editor("stage").activated.emit(0)
    assert told == [("epochs", 5), ("rate", pytest.approx(1e-4)), ("stage", "0")]
    assert form.editor("rate").text() == "0.0001"
    assert form.editor("epochs").accessibleName() == "Rounds"


def test_showing_new_fields_tells_nothing(qtbot):
    form = shown(qtbot, PlanForm())
    form.show_fields((EPOCHS, RATE, STAGE))
    told = []
    form.edited.connect(lambda *change: told.append(change))
    form.show_fields((EPOCHS, RATE, STAGE))
    assert told == []
    assert form.editor("stage").currentData() == "2"


def test_a_wheel_over_a_field_scrolls_the_page_instead(qtbot):
    form = shown(qtbot, PlanForm())
    form.show_fields((EPOCHS,))
    spin = form.editor("epochs")
    spin.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(spin.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(spin, wheel)
    assert spin.value() == 3


def items():
    return [
        BaseItem(key="a", title="A", blurb="", licence="MIT", note="n", sell=True),
        BaseItem(key="b", title="B", blurb="", licence="MIT", note="n", sell=True),
    ]


def test_a_starter_is_chosen_with_one_click(qtbot):
    choice = shown(qtbot, BaseChoice(items()))
    choice.show_choice("a")
    with qtbot.waitSignal(choice.chosen, timeout=1000) as told:
        choice._radios["b"].click()
    assert told.args == ["b"]


def test_another_model_is_named_and_shows_its_licence(qtbot):
    choice = shown(qtbot, BaseChoice(items()))
    choice.show_choice("a")
    assert not choice._name.isVisible()
    choice._other.click()
    assert choice._name.isVisible()
    choice._name.setText(" ada/lovely ")
    with qtbot.waitSignal(choice.chosen, timeout=1000) as told:
        qtbot.keyClick(choice._name, Qt.Key.Key_Return)
    assert told.args == ["ada/lovely"]
    other = BaseItem(
        key="ada/lovely",
        title="",
        blurb="",
        licence="cc-by-nc-4.0",
        note="Not for sale.",
        sell=False,
    )
    choice.show_choice("ada/lovely", other=other)
    assert choice._licence.text() == "cc-by-nc-4.0 — read it before you sell"
    assert choice._note.text() == "Not for sale."


def test_the_try_box_asks_once_and_waits(qtbot):
    box = shown(qtbot, TryBox(title="Try it", hint="Write"))
    asked = []
    box.asked.connect(asked.append)
    box.field.setText("  where is my card  ")
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    box.show_state(TryState(note="Getting ready", busy=True))
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert asked == ["where is my card"]
    assert box._note.text() == "Getting ready"
    box.show_state(TryState(answer=stories.answer()))
    assert box._answer.accessibleName() == "The answer is card arrival — 94% sure"
    assert [bar.words for bar in box._bars.bars] == ["94%", "3%", "1%"]


def test_an_empty_question_is_not_asked(qtbot):
    box = shown(qtbot, TryBox(title="Try it", hint="Write"))
    with qtbot.assertNotEmitted(box.asked):
        box.ask_button.click()


def test_bars_speak(qtbot):
    bars = shown(qtbot, BarList())
    bars.show_bars([Bar(title="Your model", share=0.97, words="97 of 100", interval=(0.95, 0.98))])
    names = [w.accessibleName() for w in bars.findChildren(QWidget)]
    assert "Your model: 97 of 100" in names


def test_mistakes_speak_and_empty_lists_say_so(qtbot):
    wrong = stories.report().worst[:2]
    mistakes = shown(qtbot, MistakeList())
    mistakes.show_mistakes(wrong, empty_text="none")
    assert mistakes.shown == wrong
    mistakes.show_mistakes((), empty_text="It made none.")
    visible = lambda: [w.text() for w in mistakes.findChildren(QLabel) if w.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: visible() == ["It made none."], timeout=2000)


def test_phases_say_where_they_are(qtbot):
    track = shown(qtbot, PhaseTrack(["Reading", "Teaching"]))
    assert track.accessibleName() == "Not started. 2 stages: Reading, Teaching."
    track.show_phase(1)
    assert track.accessibleName() == "Stage 2 of 2: Teaching."
    track.show_phase(2)
    assert track.accessibleName() == "All 2 stages are done."


def test_dots_are_as_many_as_there_were_examples(qtbot):
    dots = shown(qtbot, Dots())
    dots.show_share(34, of=52)
    assert dots.accessibleName() == "34 of 52 right"
    few = dots.sizeHint().height()
    dots.show_share(98, of=100)
    assert dots.sizeHint().height() > few


def test_big_text_wraps(qtbot):
    text = shown(qtbot, BigText())
    text.show_text("Right on 98 of 100")
    assert text.heightForWidth(200) > text.heightForWidth(900)


def test_an_export_card_offers_again(qtbot):
    choice = ExportChoice(format="f", title="Small", blurb="b", technical="t", recommended=True)
    card = shown(qtbot, ExportCard(choice))
    assert card.export_button.accessibleName() == "Export: Small"
    with qtbot.waitSignal(card.wanted, timeout=1000) as told:
        card.export_button.click()
    assert told.args == ["f"]
    card.show_made(times=1)
    assert card.export_button.text() == "Export again"


def test_a_flow_wraps_and_keeps_its_tail_at_the_right(qtbot):
    host = QWidget()
    layout = FlowLayout(host, gap=10, tail=1)
    boxes = [QLabel(text) for text in ("one", "two", "tail")]
    for box in boxes:
        box.setFixedSize(100, 20)
        layout.addWidget(box)
    host.resize(500, 60)
    shown(qtbot, host)
    assert [box.x() for box in boxes] == [0, 110, 400]
    assert layout.heightForWidth(230) == 50  # two rows of 20 and a gap of 10
    assert layout.minimumSize().width() == 100


def test_a_flow_keeps_its_distance_only_while_something_is_shown(qtbot):
    host = QWidget()
    layout = FlowLayout(host)
    layout.setContentsMargins(0, 6, 0, 0)
    box = QLabel("one")
    box.setFixedSize(100, 20)
    layout.addWidget(box)
    host.resize(200, 60)
    shown(qtbot, host)
    assert (box.y(), layout.heightForWidth(200), layout.sizeHint().height()) == (6, 26, 26)
    box.hide()
    assert (layout.heightForWidth(200), layout.sizeHint().height()) == (0, 0)
