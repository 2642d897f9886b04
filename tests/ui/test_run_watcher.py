"""The watcher tells every piece of news once and the end once, live and afterwards."""

import pytest

from support.fake_worker import FakeLauncher
from support.played import PlayedHandle
from support.script import AwaitStop, Say, Steps
from ui.run_watcher import RunWatcher
from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.status import Outcome, State


@pytest.fixture
def watcher(qapp):
    return RunWatcher()


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


def heard(watcher):
    statuses, ends = [], []
    watcher.status_changed.connect(statuses.append)
    watcher.ended.connect(ends.append)
    return statuses, ends


def test_a_real_process_is_followed_to_its_end(watcher, folder, qtbot):
    statuses, ends = heard(watcher)
    watcher.watch(FakeLauncher((Steps(total=8),)).launch(p.Probe(), folder))
    assert watcher.busy
    qtbot.waitUntil(lambda: bool(ends), timeout=20_000)
    assert ends[0].outcome is Outcome.completed
    assert [point.step for point in ends[0].losses] == list(range(1, 9))
    assert not watcher.busy
    assert len(statuses) > 1  # it was told while it went on, not only at the end


def test_a_stop_reaches_the_process(watcher, folder, qtbot):
    _, ends = heard(watcher)
    watcher.watch(FakeLauncher((AwaitStop(),)).launch(p.Probe(), folder))
    qtbot.waitUntil(lambda: watcher.status.state is State.running, timeout=20_000)
    watcher.handle.stop()
    qtbot.waitUntil(lambda: bool(ends), timeout=20_000)
    assert ends[0].outcome is Outcome.stopped


def test_a_run_that_ended_before_is_told_at_once(watcher, folder):
    statuses, ends = heard(watcher)
    handle = PlayedHandle(folder)
    handle.say(p.Started(job="Train", pid=1), p.Finished(outcome="completed"))
    watcher.watch(handle)
    watcher.read()
    assert (len(statuses), len(ends)) == (1, 1)


def test_no_news_is_not_told(watcher, folder):
    handle = PlayedHandle(folder)
    handle.say(p.Started(job="Train", pid=1))
    watcher.watch(handle)
    statuses, ends = heard(watcher)
    watcher.read()
    assert (statuses, ends) == ([], [])


def test_forgetting_a_run_ends_the_news(watcher, folder):
    handle = PlayedHandle(folder)
    handle.say(p.Started(job="Train", pid=1))
    watcher.watch(handle)
    watcher.watch(None)
    statuses, _ = heard(watcher)
    handle.say(p.Finished(outcome="completed"))
    watcher.read()
    assert statuses == []
    assert watcher.status.state is State.waiting
    assert watcher.handle is None


def test_a_slot_may_start_the_next_run(watcher, folder, tmp_path):
    """A job's end often starts the next one, inside the signal."""
    first, second = PlayedHandle(folder), PlayedHandle(RunFolder(tmp_path / "next"))
    first.say(p.Started(job="Check", pid=1))
    second.say(p.Started(job="Check", pid=2))
    watcher.watch(first)
    watcher.ended.connect(lambda _status: watcher.watch(second))
    first.say(p.Finished(outcome="completed"))
    watcher.read()
    assert watcher.handle is second
    assert watcher.busy


def test_events_of_all_kinds_reach_the_status(watcher, folder, qtbot):
    note = Say(event=p.Noted(level="info", text="Hello"))
    watcher.watch(FakeLauncher((note,)).launch(p.Probe(), folder))
    qtbot.waitUntil(lambda: not watcher.busy, timeout=20_000)
    assert [noted.text for noted in watcher.status.notes] == ["Hello"]
