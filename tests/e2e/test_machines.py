"""A recipe trained by two machines, a folder each, and taken home.

The machines are two agents on loopback, and once two network namespaces with a cable between.
"""

import csv
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from msgspec.structs import replace
from PIL import Image
from safetensors.numpy import load_file

from support import barred, namespaces, rows, tiny_eyes, tiny_model, tiny_writer
from support.command import PATIENCE, told
from support.hardware import plain_computer
from support.processes import none_left
from zeroapp import protocol as p
from zeroapp.checksum import sha256_of
from zeroapp.dataset import Answers, Part, Reads
from zeroapp.engine.device import cores
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.run_folder import RunFolder
from zeroapp.runs.event_log import EventLog
from zeroapp.runs.process import environment
from zeroapp.runs.recipe import Kept, kept_file, read_json
from zeroapp.tasks import all_tasks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(os.name != "posix", reason="run.sh is for a POSIX shell"),
]

MACHINES = 2


@dataclass(frozen=True)
class Home:
    """A project, the machines' copies of its recipe, and how commands are run."""

    folder: Path
    machines: tuple[Path, ...]
    env: dict

    @property
    def result(self) -> Path:
        return self.machines[0] / "result"

    def run(self, *words, code=0):
        """What the command prints with --json; it must leave with `code`."""
        return told(self.env, *words, code=code)

    def runs(self) -> list[Path]:
        return sorted(self.folder.glob("runs/*-train"))


def know_this_computer(settings: Path) -> None:
    """As if it was measured: planning would time the starter model for ten seconds."""
    known = replace(
        plain_computer(),
        processor=platform.processor() or platform.machine(),
        cores=cores(),
        memory_total=psutil.virtual_memory().total,
    )
    settings.mkdir(parents=True)
    (settings / "hardware.json").write_bytes(msgspec.json.encode(known))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def train_on(
    home: Home, *, first: str = "127.0.0.1", within: tuple[list[str], ...] = ([], [])
) -> list[str]:
    """Start run.sh in every machine's folder, wait for all; what each has said.

    first: the address of the first machine. within: what brings a command to each machine.
    """
    env = home.env | {"MASTER_PORT": str(free_port()), "ZEROAPP_PATIENCE": "120"}
    env |= {"MASTER_ADDR": first, "PYTHON": sys.executable}
    agents = [
        subprocess.Popen(
            [*within[number], "sh", str(folder / "run.sh"), str(number)],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, folder in enumerate(home.machines)
    ]
    try:
        said = [agent.communicate(timeout=PATIENCE)[1] for agent in agents]
    finally:
        for agent in agents:
            agent.kill()
    assert [agent.returncode for agent in agents] == [0] * len(agents), "\n".join(said)
    return said


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A recipe for two machines, trained there."""
    top = tmp_path_factory.mktemp("machines")
    env = {**environment(), "ZEROAPP_HOME": str(top / "home"), "OMP_NUM_THREADS": "1"}
    know_this_computer(top / "home" / "settings")
    base = tiny_model.make(top / "base")
    with (top / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        table.writerows((row.text, row.label) for row in rows.examples(120))
    machines = tuple(top / f"machine-{number}" for number in range(MACHINES))
    made = Home(folder=top / "project", machines=machines, env=env)
    made.run("new", made.folder)
    made.run("import", made.folder, top / "rows.csv")
    made.run("plan", made.folder, "--base", base, "--epochs", 1)
    told = made.run("recipe", made.folder, "--out", machines[0], "--nodes", MACHINES)
    assert (Path(told["out"]), told["nodes"]) == (machines[0], MACHINES)
    for copy in (machines[1], *(cabled(folder) for folder in machines)):
        shutil.copytree(machines[0], copy)
    train_on(made)
    return made


def cabled(folder: Path) -> Path:
    """The same machine's folder where it is a network namespace."""
    return folder.with_name(f"cabled-{folder.name}")


def test_the_rows_of_the_last_judgement_and_our_paths_stay_at_home(home):
    recipe = read_json(home.machines[0] / "plan.json", kind=TrainPlan)
    with Project.open(home.folder) as project:
        parts = project.parts(version=recipe.data_version, seed=recipe.seed)
    away = "".join(file.read_text("utf-8") for file in home.machines[0].glob("data/*.jsonl"))
    given = {json.loads(line)["text"] for line in away.splitlines()}
    assert given == {row.text for part in (Part.train, Part.validation) for row in parts[part]}
    assert given.isdisjoint(row.text for row in parts[Part.test])
    assert str(home.folder.parent) not in (home.machines[0] / "plan.json").read_text("utf-8")


def test_the_result_lies_on_the_first_machine_alone(home):
    assert home.result.is_dir()
    assert not (home.machines[1] / "result").exists()
    assert list(home.machines[0].glob("run/checkpoints/step-*")) == []


def test_what_was_trained_there_is_judged_here_and_is_a_run_like_any_other(home):
    adopted = home.run("adopt", home.folder, home.machines[0])
    assert adopted["outcome"] == "completed"
    run = RunFolder(home.runs()[-1])
    assert run.id == adopted["run"]
    tuned = load_file(run.path / "tuned" / "weights.safetensors")
    trained = load_file(home.result / "weights.safetensors")
    assert tuned.keys() == trained.keys()
    assert all(np.array_equal(tuned[name], trained[name]) for name in trained)

    events = EventLog(run.events).read()
    steps = [event.step for event in events if isinstance(event, p.StepLogged)]
    assert steps == list(range(1, steps[-1] + 1))
    assert [e.ranks for e in events if isinstance(e, p.ShardsMade)] == [MACHINES]

    again = home.run("evaluate", home.folder, "--run", run.id)
    assert (again["accuracy"], again["n"]) == (adopted["accuracy"], adopted["n"])


def test_two_machines_with_a_cable_between_train_the_same(home):
    """Neither reaches the other over loopback: each has only its end of the cable."""
    apart = replaced(home, machines=tuple(cabled(folder) for folder in home.machines))
    with namespaces.machines() as names:
        if names is None:
            pytest.skip("needs the right to make network namespaces")
        within = tuple(namespaces.within(name) for name in names)
        train_on(apart, first=namespaces.ADDRESSES[0], within=within)

    ours, theirs = (load_file(one.result / "weights.safetensors") for one in (apart, home))
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def copied(home: Home, tmp_path: Path) -> Path:
    return Path(shutil.copytree(home.result, tmp_path / "result"))


def refused(home: Home, project: Path, folder: Path, code: str, *, exit_code: int) -> None:
    before = home.runs()
    told = home.run("adopt", project, folder, code=exit_code)
    assert told["error"]["code"] == code
    assert home.runs() == before


def test_a_damaged_tensor_file_is_refused(home, tmp_path):
    result = copied(home, tmp_path)
    weights = result / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    refused(home, home.folder, result, "recipe-damaged", exit_code=3)


def test_no_tensors_under_a_right_sum_are_refused(home, tmp_path):
    result = copied(home, tmp_path)
    (result / "weights.safetensors").write_bytes(b"\x80\x04cposix\nsystem\n" * 9)
    note = json.loads((result / "result.json").read_text("utf-8"))
    note["files"]["weights.safetensors"] = sha256_of(result / "weights.safetensors")
    (result / "result.json").write_text(json.dumps(note), "utf-8")
    refused(home, home.folder, result, "recipe-damaged", exit_code=3)


def test_another_projects_result_is_refused(home, tmp_path):
    home.run("new", tmp_path / "other")
    refused(home, tmp_path / "other", home.result, "other-project", exit_code=2)
    assert not (tmp_path / "other" / "runs").exists()


def test_a_result_of_a_changed_plan_is_refused(home, tmp_path):
    result = copied(home, tmp_path)
    note = json.loads((result / "result.json").read_text("utf-8"))
    kept = read_json(kept_file(home.folder, note["recipe"]), kind=Kept)
    assert kept.plan_sha256 == note["plan_sha256"]
    note["plan_sha256"] = "0" * 64
    (result / "result.json").write_text(json.dumps(note), "utf-8")
    refused(home, home.folder, result, "other-project", exit_code=2)


def pairs_of_texts(folder: Path) -> Path:
    with (folder / "pairs.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["question", "answer"])
        table.writerows((row.text, row.label) for row in rows.pairs(60))
    return folder / "pairs.csv"


def photos(folder: Path) -> Path:
    noise = np.random.default_rng(4)
    for kind in ("dark", "light"):
        (folder / "my photos" / kind).mkdir(parents=True)
        for shot in range(12):
            grey = noise.integers(0, 60, (6, 6, 3)) + 150 * (kind == "light")
            image = Image.fromarray(grey.astype(np.uint8)).resize((64, 64))
            image.save(folder / "my photos" / kind / f"secret {shot}.png")
    return folder / "my photos"


@pytest.mark.parametrize(
    ("make", "data", "task", "model"),
    [
        (tiny_writer.make, pairs_of_texts, lambda one: one.answers is Answers.text, "safetensors"),
        (tiny_eyes.make, photos, lambda one: one.reads is Reads.picture, "onnx"),
    ],
)
def test_what_writes_and_what_sees_is_trained_away_with_what_is_required_alone(
    tmp_path, make, data, task, model
):
    (task,) = (one for one in all_tasks().values() if task(one))
    env = {**environment(), "ZEROAPP_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    know_this_computer(tmp_path / "home" / "settings")
    away = tmp_path / "away"
    home = Home(folder=tmp_path / "project", machines=(away,), env=env)
    home.run("new", home.folder, "--task", task.key)
    home.run("import", home.folder, data(tmp_path))
    fast = ("--epochs", 2, "--set", "learning_rate=0.02")
    home.run("plan", home.folder, "--base", make(tmp_path / "base"), *fast)
    home.run("recipe", home.folder, "--out", away, "--ranks-per-node", 2)
    given = "".join(path.read_text("utf-8") for path in away.glob("data/*.jsonl"))
    assert str(tmp_path) not in given
    assert "secret" not in given
    shutil.move(home.folder, tmp_path / "elsewhere")  # nothing of it is reached from there
    shutil.copyfile(Path(barred.__file__), away / "code" / "sitecustomize.py")
    train_on(home)
    shutil.move(tmp_path / "elsewhere", home.folder)

    adopted = home.run("adopt", home.folder, away)
    assert adopted["outcome"] == "completed"
    tuned = load_file(home.runs()[-1] / "tuned" / "weights.safetensors")
    trained = load_file(home.result / "weights.safetensors")
    assert all(np.array_equal(tuned[name], trained[name]) for name in trained)
    assert home.run("export", home.folder, "--to", model)["compared"] > 0


def test_nothing_is_left_running(home, monkeypatch):
    monkeypatch.setenv("ZEROAPP_HOME", home.env["ZEROAPP_HOME"])
    assert none_left(within=10)
