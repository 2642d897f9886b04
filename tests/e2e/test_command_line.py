"""The main job from outside: real processes, the real model, 300 rows of the sample."""

import csv
import random
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command import PATIENCE, command, told
from support.processes import eventually, none_left
from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.runs.event_log import EventLog
from zeroapp.runs.process import environment
from zeroapp.tasks import default

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Enough for about four test rows of each of the 22 kinds after the split, and quick to train.
ROWS = 300


@dataclass(frozen=True)
class Place:
    """A project and how commands are run on it."""

    folder: Path
    data: Path
    env: dict

    def run(self, *words, code=0):
        """What the command prints with --json; it must leave with `code`."""
        return told(self.env, *words, code=code)

    def runs(self, kind) -> list[RunFolder]:
        return [RunFolder(path) for path in sorted(self.folder.glob(f"runs/*-{kind}"))]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A project with data; the computer is measured once for all tests here."""
    top = tmp_path_factory.mktemp("e2e")
    with default().sample.path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(5).shuffle(rows)
    with (top / "questions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows[:ROWS]])
    env = {**environment(), "ZEROAPP_HOME": str(top / "home"), "OMP_NUM_THREADS": "1"}
    made = Place(folder=top / "project", data=top / "questions.csv", env=env)
    made.run("new", made.folder)
    assert made.run("import", made.folder, made.data)["rows"] == ROWS
    return made


def test_from_a_file_to_answers(place, tmp_path):
    checked = place.run("check", place.folder)
    assert checked["ok"]
    assert checked["profile"]["usable"] == ROWS
    planned = place.run("plan", place.folder, "--epochs", 1)
    assert planned["plan"]["epochs"] == 1

    trained = place.run("train", place.folder)
    assert trained["outcome"] == "completed"
    assert not trained["resumed"]
    held, foretold = (trained["memory"][0][name] for name in ("peak", "predicted"))
    assert abs(foretold / held - 1) < 0.1, trained["memory"]
    # 22 kinds: always the most common one is right on about one in fifteen. 0.7 is far from
    # chance and far below what the quick model reaches even on 200 rows (.85 and more).
    assert trained["accuracy"] > 0.7
    assert trained["interval"]["low"] < trained["accuracy"] < trained["interval"]["high"]
    assert place.run("evaluate", place.folder)["accuracy"] == trained["accuracy"]

    exported = place.run("export", place.folder, "--to", "onnx-int8", "--out", tmp_path / "export")
    assert exported["agreement"] >= 0.9  # of about 45 rows; one row is 2 %
    assert Path(exported["path"]) == tmp_path / "export"

    for model in (place.folder, tmp_path / "export"):
        out = tmp_path / f"{model.name}.csv"
        said = place.run("predict", model, place.data, "--out", out)
        assert (said["rows"], Path(said["out"])) == (ROWS, out)
        assert said["accuracy"] > 0.7
        with out.open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.DictReader(file))) == ROWS


def events_of(run: RunFolder, kind) -> list:
    return [event for event in EventLog(run.events).read() if isinstance(event, kind)]


def test_two_sharded_processes_stopped_and_gone_on_with(place):
    before = len(place.runs("train"))
    words = ("train", place.folder, "--fresh", "--ranks", 2, "--zero", 3, "--epochs", 2)
    training = subprocess.Popen(command(*words), env=place.env, stderr=subprocess.PIPE, text=True)
    assert eventually(lambda: len(place.runs("train")) > before, within=PATIENCE)
    run = place.runs("train")[-1]
    assert eventually(lambda: len(events_of(run, p.StepLogged)) >= 2, within=PATIENCE)
    training.send_signal(signal.SIGINT)
    _, remarks = training.communicate(timeout=PATIENCE)
    assert training.returncode == 130, remarks
    assert "Traceback" not in remarks
    stopped_after = events_of(run, p.StepLogged)[-1].step
    assert events_of(run, p.CheckpointSaved)[-1].step == stopped_after

    done = place.run("train", place.folder, "--ranks", 2, "--zero", 3, "--epochs", 2)
    assert done["resumed"]
    assert done["run"] == run.id
    assert [event.step for event in events_of(run, p.Resumed)] == [0, stopped_after]
    steps = [event.step for event in events_of(run, p.StepLogged)]
    assert steps == list(range(1, steps[-1] + 1))

    whole = events_of(run, p.ShardsMade)[-1]
    assert (whole.ranks, whole.zero_stage, whole.sharded) == (2, 3, True)
    # Half of it, give or take the padding of uneven rows.
    assert whole.parameters_local == pytest.approx(whole.parameters_whole / 2, rel=0.02)


def test_data_with_problems_stops_before_training(place, tmp_path):
    other = Place(folder=tmp_path / "project", data=tmp_path / "one.csv", env=place.env)
    other.data.write_text("message,kind\n" + "".join(f"text number {n},same\n" for n in range(9)))
    other.run("new", other.folder)
    other.run("import", other.folder, other.data)
    assert not other.run("check", other.folder, code=3)["ok"]
    told = other.run("train", other.folder, code=3)
    assert told["error"]["code"] == "data-problems"
    assert told["problems"]
    assert other.runs("train") == []


def test_nothing_is_left_running(place, monkeypatch):
    monkeypatch.setenv("ZEROAPP_HOME", place.env["ZEROAPP_HOME"])
    assert none_left(within=10)
