"""The deeper checks as a real job: killed half-way it loses nothing, and makes nothing twice."""

import csv

import pytest

from support.processes import eventually, none_left
from zeroapp import protocol as p
from zeroapp.data.importing import import_paths
from zeroapp.project import Project
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.launch import launch
from zeroapp.status import Outcome
from zeroapp.tasks import default
from zeroapp.work import Silent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 240.0
ROWS = 400


@pytest.fixture
def project(tmp_path):
    """Rows of the sample, in which some kinds are rare."""
    with default().sample.path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows[:ROWS]])
    with Project.create(tmp_path / "project", task=default().key) as made:
        import_paths(made, [tmp_path / "rows.csv"], Silent())
        yield made


def inspected(project, *, kill_after: int = 0):
    """The status of a run of the job; with kill_after it dies once so many checks are done."""
    handle = launch(p.Inspect(project=str(project.folder)), project.new_run("inspect"))
    if kill_after:
        assert eventually(lambda: _looks(handle) >= kill_after, within=PATIENCE)
        handle.kill()
    return handle.wait(PATIENCE)


def _looks(handle: RunHandle) -> int:
    handle.poll()
    return len(handle.status.looks)


def test_a_killed_look_keeps_what_was_found_and_the_next_makes_the_rest(project):
    first = inspected(project, kill_after=2)
    assert first.outcome is Outcome.interrupted
    kept = {look.name: look for look in project.store.looks()}
    assert len(kept) >= 2

    second = inspected(project)
    assert second.outcome is Outcome.completed
    looks = {look.name: look for look in second.looks}
    assert {"personal", "wrong-labels", "rare-kinds", "odd"} <= looks.keys()
    # what was kept is told as it was, down to the seconds it took
    assert all(looks[name] == kept[name] for name in kept)
    assert {look.name for look in project.store.looks()} == looks.keys()
    assert not [look.name for look in looks.values() if look.skipped]
    assert none_left()
