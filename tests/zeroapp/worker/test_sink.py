import errno
import os

import pytest

from zeroapp import protocol as p
from zeroapp.errors import ResourceError
from zeroapp.runs.event_log import EventLog
from zeroapp.worker.sink import Sink

NOTE = p.Noted(at=1.0, level="info", text="a")
STARTED = p.Started(at=1.0, job="Train", pid=1)
DONE = p.Finished(at=2.0, outcome="completed")


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def test_counts_the_attempts_before(tmp_path):
    log = tmp_path / "events.jsonl"
    for attempt in range(3):
        with Sink(log) as sink:
            assert sink.attempts == attempt
            sink.say(STARTED)


@pytest.mark.parametrize(
    ("torn", "kept"),
    [
        (b"", 1),
        (b'{"type":"Noted","at":2.0,"lev', 1),  # half an object is dropped
        (b'{"type":"Noted","at":2.0,"level":"info","text":"b"}', 2),  # whole but for its end
        (b"\0\0\0\0", 1),  # a power cut
    ],
)
def test_a_torn_end_is_mended(tmp_path, torn, kept):
    log = tmp_path / "events.jsonl"
    log.write_bytes(p.encode(NOTE) + b"\n" + torn)
    with Sink(log) as sink:
        sink.say(DONE)
    events = EventLog(log).read()
    assert [type(event) for event in events] == [p.Noted] * kept + [p.Finished]


def test_nothing_follows_the_terminal_event(tmp_path):
    with Sink(tmp_path / "events.jsonl") as sink:
        assert sink.end(DONE)
        sink.say(NOTE)
        assert sink.end(DONE)
    assert [type(event) for event in EventLog(tmp_path / "events.jsonl").read()] == [p.Finished]


class FullDisk:
    """Takes `room` bytes more, the last write in part, then ENOSPC; like a real disk."""

    def __init__(self, monkeypatch, room):
        self.room = room
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, fd, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data)[: self.room]
        self.room -= len(part)
        return self._write(fd, part)


def test_a_full_disk_leaves_whole_lines_and_room_for_the_last_word(tmp_path, monkeypatch):
    log = tmp_path / "events.jsonl"
    with Sink(log) as sink:
        sink.say(NOTE)
        disk = FullDisk(monkeypatch, room=10)  # less than any event
        with pytest.raises(ResourceError) as caught:
            sink.say(NOTE)
        assert caught.value.code == "disk-full"
        assert len(lines(log)) == 1
        assert (tmp_path / "events.reserve").stat().st_size > 100_000
        monkeypatch.setattr("time.sleep", lambda _s: setattr(disk, "room", 10_000))
        assert sink.end(p.Failed(failure=caught.value.failure()))
        assert not (tmp_path / "events.reserve").exists()
    assert all(line.endswith(b"\n") for line in lines(log))
    assert [type(event) for event in EventLog(log).read()] == [p.Noted, p.Failed]


def test_a_disk_that_stays_full_is_given_up_soon(tmp_path, monkeypatch):
    with Sink(tmp_path / "events.jsonl") as sink:
        FullDisk(monkeypatch, room=0)
        waits = []
        monkeypatch.setattr("time.sleep", waits.append)
        assert not sink.end(DONE)
    assert sum(waits) <= 2  # seconds: a person waits for this


def test_the_reserve_is_gone_after_work(tmp_path):
    with Sink(tmp_path / "events.jsonl") as sink:
        sink.say(NOTE)
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]
