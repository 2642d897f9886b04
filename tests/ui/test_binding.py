"""Properties tell of changes; bindings live as long as their widget."""

from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from ui.binding import Observable, Property, bind, bind_all, changed


class Person(Observable):
    name = Property("Ada")
    age = Property(36)


def test_each_object_has_its_own_value_and_the_default_until_then():
    one, other = Person(), Person()
    one.name = "Grace"
    assert (one.name, other.name, other.age) == ("Grace", "Ada", 36)


def test_only_a_real_change_is_told(qtbot):
    person, heard = Person(), []
    changed(person, "name").connect(heard.append)
    person.name = "Ada"
    person.name = "Grace"
    person.name = "Grace"
    assert heard == ["Grace"]


def test_bind_writes_now_and_later(qtbot):
    person, label = Person(), QLabel()
    qtbot.addWidget(label)
    bind(person, "name", label, to=label.setText)
    assert label.text() == "Ada"
    person.name = "Grace"
    assert label.text() == "Grace"


def test_bind_goes_both_ways(qtbot):
    person, field = Person(), QLineEdit()
    qtbot.addWidget(field)
    bind(person, "name", field, to=field.setText, back=field.textChanged)
    qtbot.keyClicks(field, " L.")
    assert person.name == "Ada L."


def test_bind_all_is_called_for_each_property(qtbot):
    person, label, calls = Person(), QLabel(), []
    qtbot.addWidget(label)
    bind_all(person, ("name", "age"), label, to=lambda: calls.append((person.name, person.age)))
    person.age = 37
    person.name = "Grace"
    assert calls == [("Ada", 36), ("Ada", 37), ("Grace", 37)]


def test_a_widget_that_is_gone_is_not_written_to(qapp):
    person, label, calls = Person(), QLabel(), []
    bind(person, "name", label, to=calls.append)
    label.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    person.name = "Grace"
    assert calls == ["Ada"]
