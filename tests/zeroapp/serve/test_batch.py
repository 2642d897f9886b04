"""A whole file is answered: every row, safely, or nothing is written."""

import csv
import errno
import json
import os
import subprocess
import sys

import pytest

from support.finished_model import tiny_model, tiny_origin, tiny_rows
from zeroapp import protocol as p
from zeroapp.errors import DataError, ModelError, ResourceError, UsageError
from zeroapp.export import exporting
from zeroapp.export.targets import target
from zeroapp.serve import batch, replies
from zeroapp.serve.cells import guarded
from zeroapp.work import Silent, Stopped


class Listening(Silent):
    def __init__(self, *, stop_at=None):
        self.events = []
        self.looks = 0
        self.stop_at = stop_at

    def say(self, event):
        self.events.append(event)

    def stop_wanted(self):
        self.looks += 1
        return self.looks == self.stop_at


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    home = tmp_path_factory.mktemp("export")
    origin = tiny_origin(tiny_model(home / "model"), rows=12)
    exporting.write_export(origin, wanted=target("onnx"), place=home / "onnx", work=Silent())
    return home / "onnx"


@pytest.fixture
def rows_file(tmp_path):
    """300 rows with a label: more than two portions."""
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "message", "kind"])
        writer.writerows([row.row_id, row.text, row.label] for row in tiny_rows(300, seed=2))
    return path


def answered(model, file, tmp_path, *, column=None, work=None):
    """The event, and the rows of the answers."""
    out = tmp_path / "answers.csv"
    job = p.Predict(model=str(model), file=str(file), out=str(out), column=column)
    event = batch.predict(job, work or Listening())
    with out.open(encoding="utf-8-sig", newline="") as source:
        return event, list(csv.DictReader(source))


def test_every_row_is_answered_in_order(export, rows_file, tmp_path):
    work = Listening()
    event, rows = answered(export, rows_file, tmp_path, work=work)
    assert event.rows == len(rows) == 300
    assert list(rows[0]) == ["id", "message", "kind", "answer", "confidence"]
    assert [row["id"] for row in rows] == [str(n) for n in range(1, 301)]
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)
    # The tiny model was fitted until it told its kinds apart.
    assert event.accuracy > 0.95
    right = sum(row["kind"] == row["answer"] for row in rows) / 300
    assert event.accuracy == pytest.approx(right)
    progress = [e for e in work.events if isinstance(e, p.Progressed)]
    assert (progress[-1].done, progress[-1].total) == (300, 300)


def test_a_runs_own_model_gives_the_same_answers(export, rows_file, tmp_path):
    _, theirs = answered(export, rows_file, tmp_path)
    _, ours = answered(export.parent / "model", rows_file, tmp_path, column="message")
    assert [row["answer"] for row in ours] == [row["answer"] for row in theirs]


def test_the_column_may_be_named_known_or_guessed(export, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("note,words\nx,card chip please\ny,send it abroad today\n", "utf-8")
    event, rows = answered(export, file, tmp_path, column="words")
    assert [row["answer"] for row in rows] == ["card", "transfer"]
    assert event.accuracy is None
    _, guessed = answered(export, file, tmp_path)
    assert guessed == rows
    with pytest.raises(UsageError, match="Its columns are: note, words") as caught:
        answered(export, file, tmp_path, column="text")
    assert caught.value.code == "missing-column"


def test_blank_texts_get_no_answer_and_unknown_labels_count_as_wrong(export, tmp_path):
    file = tmp_path / "rows.csv"
    rows = ("message,kind", "card chip,card", "  ,card", "card pin,parking", ",", "chip card pin,")
    file.write_text("\n".join(rows), "utf-8")
    event, rows = answered(export, file, tmp_path)
    assert [row["answer"] for row in rows] == ["card", "", "card", "card"]
    # Of three labelled rows one is right, one blank, one of a kind it never learned.
    assert event.accuracy == pytest.approx(1 / 3)


def test_an_answer_column_that_is_there_is_kept(export, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("message,answer\ncard chip,mine\nrefund money,mine too\n", "utf-8")
    _, rows = answered(export, file, tmp_path)
    assert [row["answer"] for row in rows] == ["mine", "mine too"]
    assert [row["answer 2"] for row in rows] == ["card", "refund"]


def test_json_rows_may_bring_new_columns_late(export, tmp_path):
    file = tmp_path / "rows.jsonl"
    lines = [{"message": "card chip"}, {"message": "refund money", "extra": "late"}]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    _, rows = answered(export, file, tmp_path)
    assert [row["extra"] for row in rows] == ["", "late"]


def test_no_cell_becomes_a_formula(export, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text('message,n\n"=HYPERLINK(""http://x"",""card"")",-3.5\n', "utf-8")
    _, rows = answered(export, file, tmp_path)
    assert rows[0]["message"].startswith("'=HYPERLINK")
    assert rows[0]["n"] == "-3.5"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("\t=1", "'\t=1"),
        ("-3.5", "-3.5"),
        ("+49 30 1234", "+49 30 1234"),
        ("- 5 %", "- 5 %"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_disarmed(cell, written):
    assert guarded(cell) == written


def test_a_stop_leaves_the_old_answers(export, rows_file, tmp_path, monkeypatch):
    monkeypatch.setattr(replies, "LABELS_AT_ONCE", 2)  # several portions even of few rows
    out = tmp_path / "answers.csv"
    out.write_text("old", "utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Stopped):
        answered(export, rows_file, tmp_path, work=Listening(stop_at=2))
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_full_disk_leaves_the_old_answers(export, rows_file, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "answers.csv").write_text("old", "utf-8")
    with pytest.raises(ResourceError) as caught:
        answered(export, rows_file, tmp_path)
    assert caught.value.code == "disk-full"
    assert (tmp_path / "answers.csv").read_text("utf-8") == "old"
    assert not list(tmp_path.glob(".*"))


def test_the_questions_are_not_written_over(export, rows_file):
    job = p.Predict(model=str(export), file=str(rows_file), out=str(rows_file))
    with pytest.raises(UsageError) as caught:
        batch.predict(job, Silent())
    assert caught.value.code == "same-file"


def test_a_place_without_a_model_is_said(rows_file, tmp_path):
    with pytest.raises(UsageError) as caught:
        answered(tmp_path, rows_file, tmp_path)
    assert caught.value.code == "no-model"


def test_a_manifest_that_is_none_is_said(rows_file, tmp_path):
    (tmp_path / "zeroapp_export.json").write_text("{", "utf-8")
    with pytest.raises(ModelError) as caught:
        answered(tmp_path, rows_file, tmp_path)
    assert caught.value.code == "export-damaged"


def test_a_missing_file_is_said(export, tmp_path):
    with pytest.raises(DataError) as caught:
        answered(export, tmp_path / "none.csv", tmp_path)
    assert caught.value.code == "file-missing"


def test_an_onnx_export_is_answered_without_torch(export, rows_file, tmp_path):
    script = (
        "import sys\n"
        "from zeroapp import protocol as p\n"
        "from zeroapp.serve.batch import predict\n"
        "from zeroapp.work import Silent\n"
        "predict(p.Predict(model=sys.argv[1], file=sys.argv[2], out=sys.argv[3]), Silent())\n"
        "assert not {'torch', 'transformers', 'scipy'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", script, str(export), str(rows_file), str(tmp_path / "o.csv")]
    subprocess.run(command, check=True, timeout=60)
    assert (tmp_path / "o.csv").is_file()
