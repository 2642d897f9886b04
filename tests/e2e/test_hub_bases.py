"""Bases of the Hub by name, from download to export: real processes, the Hub's own protocol."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support import tiny_eyes, tiny_writer
from support.command import told
from support.hub_server import HubServer
from support.processes import eventually, none_left
from support.rows import pairs
from zeroapp import protocol as p
from zeroapp.dataset import Answers, Reads
from zeroapp.project import Project
from zeroapp.runs.launch import launch
from zeroapp.runs.process import environment
from zeroapp.status import Outcome
from zeroapp.task import Task
from zeroapp.tasks import all_tasks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KEY = "maker/tiny"
KINDS = ("dark", "grey", "light")
PATIENCE = 240
WRITES = next(task for task in all_tasks().values() if task.answers is Answers.text)
SEES = next(task for task in all_tasks().values() if task.reads is Reads.picture)


@dataclass(frozen=True)
class Desk:
    """A computer whose Hub serves one model, and the commands that are run on it."""

    home: Path
    hub: HubServer

    def run(self, *words):
        """What the command prints with --json."""
        env = {
            **environment(),
            "ZEROAPP_HOME": str(self.home / "home"),
            "HF_ENDPOINT": self.hub.address,
            "OMP_NUM_THREADS": "1",
        }
        env.pop("HF_HUB_OFFLINE", None)
        return told(env, *words)


def trained(desk: Desk, data: Path, *options, task: Task) -> Path:
    """A project that learned from the data with the Hub's model, two steps or few more."""
    project = desk.home / "project"
    desk.run("new", project, "--task", task.key)
    desk.run("import", project, data)
    done = desk.run("train", project, "--base", KEY, "--epochs", 1, *options)
    assert done["outcome"] == "completed"
    assert desk.hub.asked_for("model.safetensors")
    return project


def talks(folder: Path) -> Path:
    with (folder / "pairs.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "answer"])
        rows.writerows([pair.text, pair.label] for pair in pairs(200))
    return folder / "pairs.csv"


def photos(folder: Path) -> Path:
    """Three kinds of grey with noise: 12 of each, no two alike."""
    rng = np.random.default_rng(4)
    for number, kind in enumerate(KINDS):
        (folder / "photos" / kind).mkdir(parents=True)
        for shot in range(12):
            noise = rng.integers(0, 60, (6, 6, 3)) + 90 * number
            image = Image.fromarray(noise.astype(np.uint8)).resize(
                (64, 64), Image.Resampling.NEAREST
            )
            image.save(folder / "photos" / kind / f"{shot}.png")
    return folder / "photos"


def test_a_causal_model_of_the_hub_becomes_a_gguf_file(tmp_path):
    base = tiny_writer.make(tmp_path / "base", template=None)
    # as newer models bring it
    (base / "chat_template.jinja").write_text(tiny_writer.TEMPLATE)
    with HubServer(base, key=KEY) as hub:
        desk = Desk(tmp_path, hub)
        # one of a few kilobytes that learned nothing would write by the last digit of its scores
        fast = ("--epochs", 4, "--set", "learning_rate=0.02")
        project = trained(desk, talks(tmp_path), *fast, task=WRITES)
        for form in ("gguf-f16", "adapter"):
            made = desk.run("export", project, "--to", form)
            assert made["compared"] > 0
            assert made["same_next"] == pytest.approx(1.0, abs=0.02)  # a tie may fall otherwise
            assert Path(made["path"], "answer.py").is_file()
        modelfile = Path(desk.home, "project", "exports", "gguf-f16", "Modelfile").read_text()
        assert "{{ .Content }}<|im_end|>\n<|im_start|>assistant\n" in modelfile


@pytest.mark.parametrize("make", [tiny_eyes.make_vit, tiny_eyes.make_resnet])
def test_a_model_of_the_hub_that_sees_becomes_an_onnx_file(make, tmp_path):
    base = make(tmp_path / "base")
    with HubServer(base, key=KEY) as hub:
        desk = Desk(tmp_path, hub)
        project = trained(desk, photos(tmp_path), task=SEES)
        for form in ("onnx", "onnx-int8"):
            made = desk.run("export", project, "--to", form)
            assert made["agreement"] >= 0.99 if form == "onnx" else made["agreement"] > 0.5
        out = tmp_path / "answers.csv"
        answered = desk.run("predict", made["path"], tmp_path / "photos", "--out", out)
        assert answered["rows"] == 36
    _asks_where_it_looks(project, tmp_path / "photos" / KINDS[0] / "0.png")


def _asks_where_it_looks(folder: Path, picture: Path) -> None:
    """Through a worker of its own, as the window asks."""
    with Project.open(folder) as project:
        run = project.runs("train")[0]
        job = p.TryOut(project=str(folder), run_id=run.id)
        handle = launch(job, project.new_run("tryout"))
        handle.ask(str(picture), look=True)
        assert eventually(lambda: handle.status.answers, within=PATIENCE)
        heat = np.array(handle.status.answers[0].answer.heat)
        assert heat.ndim == 2
        assert heat.size > 1
        assert np.isfinite(heat).all()
        handle.stop()
        assert handle.wait(PATIENCE).outcome is Outcome.stopped
    assert none_left()
