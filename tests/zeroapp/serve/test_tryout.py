"""Trying a model out through a real worker: asked by the handle, answered in the log."""

import pytest

from support.finished_model import LABELS, tiny_model
from support.processes import eventually, none_left
from zeroapp import protocol as p
from zeroapp.project import Project
from zeroapp.runs.launch import launch
from zeroapp.status import Outcome
from zeroapp.tasks import default

# The worker loads torch and transformers, which takes long on a busy machine.
PATIENCE = 90


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", task=default().key) as made:
        yield made
    assert none_left()


def test_answers_come_back_by_number_until_stopped(project):
    run = project.new_run("train")
    tiny_model(run.model)
    job = p.TryOut(project=str(project.folder), run_id=run.id)
    handle = launch(job, project.new_run("tryout"))
    asked = {handle.ask("card chip pin"): "card", handle.ask("wire it abroad"): "transfer"}
    assert eventually(lambda: len(handle.status.answers) == 2, within=PATIENCE)
    # And once it is warm: a question asked while it waits.
    asked[handle.ask("refund my money")] = "refund"
    assert eventually(lambda: len(handle.status.answers) == 3, within=PATIENCE)
    assert {said.number: said.answer.label for said in handle.status.answers} == asked
    for said in handle.status.answers:
        chances = [chance for _, chance in said.answer.scores]
        assert sorted(chances, reverse=True) == chances
        assert {label for label, _ in said.answer.scores} == set(LABELS)
        assert sum(chances) == pytest.approx(1, abs=1e-5)
        assert said.answer.confidence == chances[0]
    handle.stop()
    assert handle.wait(PATIENCE).outcome is Outcome.stopped


def test_it_leaves_when_nobody_asks(project):
    run = project.new_run("train")
    tiny_model(run.model)
    job = p.TryOut(project=str(project.folder), run_id=run.id, idle_seconds=0.1)
    handle = launch(job, project.new_run("tryout"))
    assert handle.wait(PATIENCE).outcome is Outcome.completed


def test_without_a_model_it_says_so(project):
    run = project.new_run("train")
    job = p.TryOut(project=str(project.folder), run_id=run.id)
    status = launch(job, project.new_run("tryout")).wait(PATIENCE)
    assert status.failure.code == "model-missing"
