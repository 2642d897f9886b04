"""What every task must hold: trained on its sample it judges, stops, goes on and repeats itself."""

import csv
import errno
from itertools import islice
from pathlib import Path

import pytest

from support import tiny_eyes, tiny_model, tiny_writer
from support.hardware import plain_computer
from support.stages import Listener
from zeroapp import tasks
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Answers, Part, Reads
from zeroapp.engine import device, quick_model, text_run
from zeroapp.engine.author import Author
from zeroapp.engine.checkpoint import Checkpoints
from zeroapp.engine.evaluate import evaluate
from zeroapp.engine.failures import translate
from zeroapp.engine.gang import Gang
from zeroapp.engine.inference import Predictor
from zeroapp.engine.planner import make_plan
from zeroapp.engine.reading import read_features
from zeroapp.engine.training_run import train
from zeroapp.models import token_counter
from zeroapp.plan import PlanOptions, TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import Evaluate, PhaseEntered, Resumed, Train, encode
from zeroapp.report import Report, decode_report
from zeroapp.run_folder import RunFolder
from zeroapp.task import Writing
from zeroapp.work import Stopped

ROWS = {Answers.labels: 240, Answers.text: 36}
"""Of the sample: enough for every part, few enough for seconds."""

pytestmark = pytest.mark.parametrize("key", sorted(tasks.all_tasks()))


_BASES = {
    (Reads.text, Answers.labels): tiny_model.make,
    (Reads.picture, Answers.labels): tiny_eyes.make,
    (Reads.text, Answers.text): tiny_writer.make,
}
_WISHES = {
    Answers.labels: {"epochs": 2, "batch_size": 32},
    # bytes are the words of the tiny base, so that texts are long
    Answers.text: {"epochs": 2, "batch_size": 16, "max_length": 384, "learning_rate": 0.01},
}


@pytest.fixture
def made(key, tmp_path, monkeypatch) -> tuple[Project, TrainPlan]:
    """A checked project with the head of the task's sample, and a plan on a tiny base."""
    monkeypatch.setattr(device, "remembered", plain_computer)
    task = tasks.get(key)
    base = _BASES[task.reads, task.answers](tmp_path / "base")
    monkeypatch.setattr(text_run, "WRITTEN", 2)
    monkeypatch.setattr(text_run, "MOST", 8)
    project = Project.create(tmp_path / "project", task=key)
    import_paths(
        project, [_head_of(task.sample.path, tmp_path, rows=ROWS[task.answers])], Listener()
    )
    counter = token_counter(base) if task.reads is Reads.text else None
    check(project, Listener(), count_tokens=counter, limit=32)
    options = PlanOptions(base=str(base), overrides=_WISHES[task.answers])
    return project, make_plan(project, options, Listener()).plan


def _head_of(sample: Path, folder: Path, *, rows: int) -> Path:
    if sample.suffix != ".csv":
        return sample
    cut = folder / "sample.csv"
    with sample.open(encoding="utf-8", newline="") as source, cut.open("w", newline="") as target:
        csv.writer(target).writerows(islice(csv.reader(source), rows + 1))
    return cut


def trained(project: Project, plan: TrainPlan, work: Listener, run: RunFolder | None = None):
    """One attempt; the run's folder and what came of it (None when it was stopped)."""
    run = run or project.new_run("train")
    job = Train(project=str(project.folder), plan=plan)
    run.job.write_bytes(encode(job))
    try:
        return run, train(job, run, work, Gang())
    except Stopped:
        return run, None


def weights(run: RunFolder) -> bytes:
    return (run.model / "model.safetensors").read_bytes()


def test_a_run_ends_in_a_model_and_a_verdict(made):
    project, plan = made
    run, report = trained(project, plan, Listener())
    parts = project.parts(version=plan.data_version, seed=plan.seed)

    assert report.n == len(parts["test"])
    if isinstance(report, Report):
        chosen = report.selection.in_use
        rivals = {"untrained", "majority", *(["probe"] if chosen != "probe" else [])}
        assert {c.against for c in report.comparisons} == rivals
    else:
        scores = {score.key: score for score in report.scores}
        # the tiny base knows nothing, so that a few steps help beyond any chance
        assert scores["loss"].better
        assert report.selection.in_use == "fine-tuned"
        assert len(report.pairs) == report.written == 2
    assert report == decode_report(run.report.read_bytes())
    asked = [parts["test"][0].text]
    if isinstance(report, Report):
        assert Predictor(run.model).predict(asked).sum() == pytest.approx(1.0)
    else:
        # what is shown in the report is what the folder says, loaded alone
        wish = Writing(most=text_run.MOST)
        prompts = [pair.prompt for pair in report.pairs]
        written = [Author(run.model).write([one], wish=wish)[0] for one in prompts]
        assert written == [pair.ours for pair in report.pairs]
    assert not run.checkpoints.exists()


def test_the_same_plan_gives_the_same_model(made):
    project, plan = made

    assert weights(trained(project, plan, Listener())[0]) == weights(
        trained(project, plan, Listener())[0]
    )


@pytest.mark.parametrize("at", ["within a pass", "its end"])
def test_stopped_and_gone_on_is_the_model_of_an_unbroken_run(made, at):
    project, plan = made
    rows = project.parts(version=plan.data_version, seed=plan.seed)[Part.train]
    step = 2 if at == "within a pass" else -(-len(rows) // plan.batch_size)
    whole, _ = trained(project, plan, Listener())
    run, nothing = trained(project, plan, Listener(stop_after=step))
    again = Listener()
    trained(project, plan, again, run)

    assert nothing is None
    assert [event.step for event in again.said if isinstance(event, Resumed)] == [step]
    assert weights(run) == weights(whole)


def test_what_is_done_is_not_done_again(made):
    project, plan = made
    run, report = trained(project, plan, Listener())
    again = Listener()
    _, same = trained(project, plan, again, run)

    assert same == report
    assert [e.phase for e in again.said if isinstance(e, PhaseEntered)] == ["loading"]


def test_reading_cut_off_goes_on_with_what_was_read(made, key, monkeypatch):
    if tasks.get(key).answers is Answers.text:
        pytest.skip("no features are read where the answers are texts")
    monkeypatch.setattr(quick_model, "SLICE_TOKENS", 200)
    project, plan = made
    whole, _ = trained(project, plan, Listener())
    read: list[int] = []

    def counted(*args, **kwargs):
        read.append(len(args[2]))
        if len(read) == 3:
            raise KeyboardInterrupt  # as sudden as a kill
        return read_features(*args, **kwargs)

    run = project.new_run("train")
    with monkeypatch.context() as patch:
        patch.setattr(quick_model, "read_features", counted)
        with pytest.raises(KeyboardInterrupt):
            trained(project, plan, Listener(), run)
        first = sum(read[:2])
        trained(project, plan, Listener(), run)
    parts = project.parts(version=plan.data_version, seed=plan.seed)

    # all rows once, and the slice that was cut off twice
    assert sum(read) == len(parts["train"]) + len(parts["validation"]) + read[2]
    assert first > 0
    assert weights(run) == weights(whole)
    assert not (run.path / "reading").exists()


def test_a_full_disk_loses_nothing(made, monkeypatch):
    project, plan = made
    whole, _ = trained(project, plan, Listener())
    run, _ = trained(project, plan, Listener(stop_after=4))

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", full)
        with pytest.raises(OSError, match="No space") as caught:
            trained(project, plan, Listener(stop_after=2), run)
    trained(project, plan, Listener(), run)

    assert translate(caught.value).code == "disk-full"
    assert weights(run) == weights(whole)


def test_judging_again_says_the_same(made):
    project, plan = made
    run, report = trained(project, plan, Listener())

    again = evaluate(Evaluate(project=str(project.folder), run_id=run.id), Listener())

    if isinstance(report, Report):
        assert (again.right, again.confusion) == (report.right, report.confusion)
    else:
        assert (again.scores, again.pairs) == (report.scores, report.pairs)
    assert again.selection == report.selection
