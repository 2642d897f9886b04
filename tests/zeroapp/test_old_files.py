"""What earlier versions wrote is read for ever; the files in golden/ are never changed."""

from pathlib import Path

import msgspec
import pytest

from zeroapp.protocol import Exported, Judged, Noted, decode_event
from zeroapp.report import ExportRecord, Report, decode_report

GOLDEN = Path(__file__).parent / "golden"
"""Of a real run from before a report was of one of two kinds; its messages are replaced."""


def old_events():
    lines = (GOLDEN / "events_before_kinds.jsonl").read_bytes().splitlines()
    return [decode_event(line) for line in lines]


def test_a_report_from_before_there_were_two_kinds_is_one_on_labels():
    report = decode_report((GOLDEN / "report_before_kinds.json").read_bytes())
    again = decode_report(msgspec.json.encode(report))

    assert type(report) is Report
    assert (report.right, report.n, report.selection.in_use) == (833, 838, "fine-tuned")
    assert report.confusion.counts == ((724, 0), (5, 109))
    assert again == report  # rewritten, it says its kind


def test_every_event_of_an_old_run_is_known():
    events = old_events()

    assert not [event for event in events if isinstance(event, Noted)]
    (judged,) = (event.report for event in events if isinstance(event, Judged))
    assert judged == decode_report((GOLDEN / "report_before_kinds.json").read_bytes())


def test_an_old_export_says_nothing_of_how_texts_begin():
    (record,) = (event.record for event in old_events() if isinstance(event, Exported))

    assert (record.format, record.agreement, record.same_start) == ("onnx-int8", 1.0, None)
    assert msgspec.json.decode(msgspec.json.encode(record), type=ExportRecord) == record


def test_a_report_of_one_kind_is_never_taken_for_the_other():
    raw = msgspec.json.decode((GOLDEN / "report_before_kinds.json").read_bytes())

    with pytest.raises(msgspec.ValidationError):
        decode_report(msgspec.json.encode(raw | {"type": "text"}))
