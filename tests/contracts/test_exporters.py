"""What every export format promises: it answers alone and the same, or it is not there."""

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys

import numpy as np
import pytest

from support.finished_model import LABELS, tiny_model, tiny_origin
from zeroapp import protocol as p
from zeroapp.dataset import Answers
from zeroapp.errors import ResourceError
from zeroapp.export import exporting, manifest, same_answer
from zeroapp.export.answerer import open_answerer
from zeroapp.export.manifest import Checked
from zeroapp.export.targets import TARGETS
from zeroapp.work import Silent, Stopped

OF_LABELS = [target for target in TARGETS if Answers.labels in target.answers]

ODD_TEXTS = ("", "   ", "😀🎉", "ünïcödé 漢字", "refund " * 3000, 'line\nbreak, comma "quote"')


class Watched:
    """Collects events, and wants to stop at the `stop_at`-th look."""

    def __init__(self, *, stop_at: int | None = None) -> None:
        self.events: list[p.Event] = []
        self.looks = 0
        self.stop_at = stop_at

    def say(self, event: p.Event) -> None:
        self.events.append(event)

    def stop_wanted(self) -> bool:
        self.looks += 1
        return self.stop_at is not None and self.looks >= self.stop_at

    def pause_wanted(self) -> bool:
        return False


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return tiny_origin(tiny_model(tmp_path_factory.mktemp("run") / "model"))


@pytest.fixture(scope="module", params=OF_LABELS, ids=lambda target: target.key)
def exported(request, origin, tmp_path_factory):
    """An export of each format, made once: the target, its record and its folder."""
    place = tmp_path_factory.mktemp("exports") / request.param.key
    record = exporting.write_export(origin, wanted=request.param, place=place, work=Silent())
    return request.param, record, place


@pytest.fixture(params=OF_LABELS, ids=lambda target: target.key)
def target(request):
    return request.param


@pytest.fixture(scope="module")
def alone(exported, tmp_path_factory):
    """What its own script printed in a bare interpreter away from this project, and what it loaded.

    One run for several tests: loading transformers takes ten seconds.
    """
    folder = tmp_path_factory.mktemp("away")
    (folder / "home").mkdir()
    rows = folder / "rows.csv"
    rows.write_text('message,n\n"refund, money back",1\n"send it\nabroad",2\n,3\n', "utf-8-sig")
    script = (
        "import runpy, sys\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    arguments = [str(exported[2] / "answer.py"), "--file", str(rows), "card chip", *ODD_TEXTS]
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *arguments],
        cwd=folder,
        # Nothing else: some libraries report to their makers except where they see CI.
        env={"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert {path for path in folder.rglob("*") if path.is_file()} == {rows}, "it left something"
    assert not done.stderr.strip(), done.stderr.decode()
    *said, loaded = done.stdout.decode("utf-8").rstrip("\n").split("\n")
    return "\n".join(said), set(loaded.split())


def test_the_record_says_what_is_there(exported, origin):
    target, record, place = exported
    assert record.format == target.key
    assert record.path == str(place)
    assert record.compared == len(origin.reference.rows)
    assert record.agreement >= target.least_agreement
    # The tiny model was fitted until it told its kinds apart.
    assert record.accuracy > 0.95
    assert record.latency_ms > 0
    assert set(record.files) == {path.name for path in place.iterdir()}
    assert record.bytes == sum(path.stat().st_size for path in place.iterdir())


def test_it_answers_as_the_app_does(exported, origin):
    target, _, place = exported
    answerer = open_answerer(place)
    texts = [row.text for row in origin.reference.rows]
    theirs = answerer.predict(texts)
    ours = origin.reference.probabilities
    assert answerer.labels == LABELS
    assert (theirs.argmax(1) == ours.argmax(1)).mean() >= target.least_agreement
    if target.key != "onnx-int8":
        # fp32 sums in another order differ in the sixth digit.
        assert np.abs(theirs - ours).max() < 1e-4


def test_an_answer_does_not_depend_on_the_texts_beside_it(exported, origin):
    _, _, place = exported
    answerer = open_answerer(place)
    texts = [row.text for row in origin.reference.rows[:8]] + ["refund " * 100]
    together = answerer.predict(texts)
    one_by_one = np.concatenate([answerer.predict([text]) for text in texts])
    assert np.abs(together - one_by_one).max() < 1e-4


def test_odd_texts_are_answered(exported):
    _, _, place = exported
    answerer = open_answerer(place)
    shares = answerer.predict(ODD_TEXTS)
    assert shares.shape == (len(ODD_TEXTS), len(LABELS))
    assert np.isfinite(shares).all()
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert answerer.predict([]).shape == (0, len(LABELS))
    assert np.isfinite(answerer.predict(["half \ud83d pair"])).all()


def test_its_script_runs_alone(alone):
    said, _ = alone
    table, _, answers = said.rpartition("\r\n")
    # No column was named: it reads the one it learned from.
    assert table.startswith("message,n,answer,confidence\r\n")
    assert '"refund, money back",1,refund,' in table
    assert '"send it\nabroad",2,transfer,' in table
    lines = answers.splitlines()
    assert len(lines) == 1 + len(ODD_TEXTS)
    assert lines[0].startswith("card\t")
    assert all(line.partition("\t")[0] in LABELS for line in lines)


def test_it_needs_no_more_than_it_says(exported, alone):
    target, _, _ = exported
    _, loaded = alone
    assert not loaded & {*target.forbidden, "zeroapp"}
    assert loaded.issuperset(target.packages)


def test_its_card_is_inside(exported, origin):
    target, record, place = exported
    text = (place / "README.md").read_text("utf-8")
    assert origin.title in text
    assert all(label in text for label in LABELS)
    assert origin.note.data_version in text
    assert f"{record.agreement:.1%} of {record.compared}" in text
    assert "Apache-2.0" in text
    assert f"Format {target.key}" in text
    # Nobody's rows leave with the model.
    assert not any(row.text in text for row in origin.reference.rows)


def test_it_knows_its_own_files(exported):
    _, record, place = exported
    said = json.loads((place / "zeroapp_export.json").read_text("utf-8"))
    assert said["files"] == {
        name: hashlib.sha256((place / name).read_bytes()).hexdigest()
        for name in record.files
        if name != "zeroapp_export.json"
    }
    assert said["checked"]["agreement"] == record.agreement


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX systems")
def test_everyone_may_read_it(exported):
    _, _, place = exported
    assert stat.S_IMODE(place.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o644}


def test_a_damaged_copy_is_refused(exported, tmp_path):
    target, _, place = exported
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    model = copy / target.model_file
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    with pytest.raises(Exception, match="not whole") as caught:
        open_answerer(copy)
    assert caught.value.code == "export-damaged"


@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_stop_leaves_nothing(target, look, origin, tmp_path):
    # 1: before writing, 2: before the check, 3: while it answers or just after.
    work = Watched(stop_at=look)
    with pytest.raises(Stopped):
        exporting.write_export(origin, wanted=target, place=tmp_path / "export", work=work)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["write", "hashes"])
def test_a_full_disk_leaves_nothing(target, where, origin, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    same = Checked(compared=1, agreement=1, accuracy=1, app_accuracy=1, p_value=1, latency_ms=1)
    monkeypatch.setattr(same_answer, "compare", lambda *arguments, **named: same)
    monkeypatch.setattr(manifest, where, full)
    with pytest.raises(ResourceError) as caught:
        exporting.write_export(origin, wanted=target, place=tmp_path / "export", work=Silent())
    assert caught.value.code == "disk-full"
    assert list(tmp_path.iterdir()) == []
