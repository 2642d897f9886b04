"""A real training whose rank really cannot allocate: it steps down and ends with the same model."""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from support import capped, memory_cap, tiny_model
from support.processes import none_left
from zeroapp import protocol as p
from zeroapp.data.importing import import_paths
from zeroapp.plan import PlanOptions, TrainPlan
from zeroapp.project import Project
from zeroapp.run_folder import RunFolder
from zeroapp.runs.history import job_of
from zeroapp.status import Outcome, RunStatus
from zeroapp.tasks import default
from zeroapp.work import Silent
from zeroapp.worker.dispatch import perform
from zeroapp.worker.seat import Seat

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="caps memory with RLIMIT_DATA")

PATIENCE = 240.0
ROOM = 320 * 2**20
"""Beyond an idle rank. A rank that reads all at once needs more."""

CAP = 640 * 2**20
"""Of supervisor and rank together; pages of files are given back, so that these are their own."""


@dataclass(frozen=True)
class Done:
    status: RunStatus
    folder: RunFolder

    def weights(self) -> dict:
        return load_file(self.folder.path / "tuned" / "weights.safetensors")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("short")


@pytest.fixture(scope="module")
def base(place) -> Path:
    """Tiny but for its inner layers, so that tokens weigh far more than weights; no dropout."""
    from transformers import BertConfig, BertModel

    folder = tiny_model.make(place / "base")
    config = BertConfig(
        vocab_size=len(tiny_model.WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=6144,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,  # its dice fall by micro-batch, and those are to differ
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def project(place, base) -> Path:
    dice = random.Random(3)
    common = ["i", "my", "card"]
    rows = []
    for number in range(330):
        own = ["lost", "help"][number % 2]
        words = [dice.choice(common) for _ in range(45)] + [own, own]
        dice.shuffle(words)
        rows.append(f"{' '.join(words)},{own}\n")
    table = place / "rows.csv"
    table.write_text("message,kind\n" + "".join(rows))
    with Project.create(place / "project", task=default().key) as made:
        import_paths(made, [table], Silent())
        made.set_options(PlanOptions(base=str(base)))
        folder = made.new_run("check").path
        seat = Seat(folder=str(folder), rank=0, ranks=1, store="")
        perform(p.Check(project=str(made.folder)), seat, Silent())
    return place / "project"


def train(project: Path, base: Path, *, limit: str, monkeypatch) -> Done:
    monkeypatch.setenv(capped.ROOM, limit)
    with Project.open(project) as opened:
        plan = TrainPlan(
            task=opened.task,
            base=str(base),
            data_version=opened.profile().version,
            labels=("help", "lost"),
            epochs=1,
            batch_size=100,
            micro_tokens=4096,
            max_length=64,
            threads=1,
        )
        folder = opened.new_run("train")
    handle = capped.start(p.Train(project=str(project), plan=plan), folder)
    status = handle.wait(PATIENCE)
    handle.kill()
    assert none_left()
    return Done(status=status, folder=folder)


def test_a_rank_that_cannot_allocate_trains_with_less_at_a_time_and_ends_the_same(
    project, base, monkeypatch
):
    free = train(project, base, limit="0", monkeypatch=monkeypatch)
    short = train(project, base, limit=str(ROOM), monkeypatch=monkeypatch)

    assert free.status.outcome is Outcome.completed
    assert free.status.changes == ()
    assert short.status.outcome is Outcome.completed, short.status.failure
    assert short.status.changes
    assert {change.reason for change in short.status.changes} <= {"out-of-memory", "killed"}
    used = job_of(short.folder).plan
    assert used == short.status.changes[-1].plan
    # one rung or two: how much the allocator holds on to is not the same every time
    assert used.micro_tokens in (1024, 256)
    assert used.batch_size == 100
    assert short.status.judged.report.right == free.status.judged.report.right
    ours, theirs = short.weights(), free.weights()
    for name, tensor in theirs.items():
        # sums in another order: 3 steps of fp32
        assert ours[name] == pytest.approx(tensor, rel=1e-3, abs=2e-5), name


def test_a_rank_that_the_system_kills_for_its_memory_goes_on_with_less(project, base, monkeypatch):
    with memory_cap.group(CAP) as group:
        if group is None:
            pytest.skip("needs the right to make a control group")
        monkeypatch.setenv(memory_cap.JOIN, str(group))
        short = train(project, base, limit="0", monkeypatch=monkeypatch)
        killed = memory_cap.kills(group)

    assert killed
    assert short.status.outcome is Outcome.completed, short.status.failure
    assert short.status.changes[0].reason == "killed"
    assert job_of(short.folder).plan.micro_tokens < 4096
