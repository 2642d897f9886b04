"""Calls off the GUI thread come back in it, whatever happens to them."""

import threading

import pytest

from ui.background import Background, Inline
from zeroapp.errors import ResourceError


@pytest.fixture
def door(qapp):
    made = Background()
    yield made
    made.finish()


def test_the_work_is_elsewhere_and_the_answer_is_here(door, qtbot):
    seen = {}

    def work():
        seen["work"] = threading.get_ident()
        return 41

    def done(result):
        seen.update(done=threading.get_ident(), result=result)

    door.run(work, done=done)
    qtbot.waitUntil(lambda: "result" in seen)
    here = threading.get_ident()
    assert seen["result"] == 41
    assert seen["work"] != here
    assert seen["done"] == here


def test_an_error_becomes_a_failure(door, qtbot):
    failures = []

    def work():
        raise ResourceError("disk-full", title="The disk is full.", hint="Free some space.")

    door.run(work, done=failures.append, failed=failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert failures[0].code == "disk-full"


def test_what_nobody_takes_care_of_reaches_the_window(door, qtbot):
    with qtbot.waitSignal(door.failed) as heard:
        door.run(lambda: 1 / 0, done=lambda _result: None)
    failure = heard.args[0]
    assert failure.code == "unexpected"
    assert "ZeroDivisionError" in failure.detail
    assert "ZeroDivisionError" not in failure.title + failure.hint


def test_inline_does_the_same_at_once():
    results, failures = [], []
    Inline().run(lambda: 3, done=results.append)
    Inline().run(lambda: 1 / 0, done=results.append, failed=failures.append)
    assert results == [3]
    assert failures[0].code == "unexpected"
    with pytest.raises(ZeroDivisionError):
        Inline().run(lambda: 1 / 0, done=results.append)


def test_what_waits_for_the_first_frame_begins_with_it(qapp, qtbot):
    door, done = Background(waits=True), []
    door.run(lambda: 41, done=done.append)
    door.finish()
    qapp.processEvents()
    assert done == []
    door.begin()
    qtbot.waitUntil(lambda: done == [41])
    door.run(lambda: 42, done=done.append)
    qtbot.waitUntil(lambda: done == [41, 42])
    door.finish()


def test_a_window_says_once_that_it_was_seen(desk, qtbot):
    seen = []
    desk.window.seen.connect(lambda: seen.append(True))
    desk.window.show()
    qtbot.waitUntil(lambda: seen == [True])
    desk.window.resize(desk.window.width() + 20, desk.window.height())
    desk.window.repaint()
    qtbot.waitUntil(lambda: not desk.window._unseen)
    assert seen == [True]
