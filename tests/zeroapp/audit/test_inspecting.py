"""The deeper checks as a whole: each is kept when it is done, and made once for the same rows."""

import pytest

from support.listener import Listener
from support.planted import texts, vectors
from zeroapp.audit.inspecting import inspect
from zeroapp.data.editing import bin_rows
from zeroapp.data.importing import import_paths
from zeroapp.project import Project
from zeroapp.protocol import Inspected, PhaseEntered
from zeroapp.work import Silent, Stopped

ROWS = texts(90)


class Stopping(Listener):
    """Wants to stop once `after` checks are done."""

    after = 3

    def stop_wanted(self):
        return sum(isinstance(event, Inspected) for event in self.events) >= self.after


@pytest.fixture
def project(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "\n".join(",".join(row) for row in ROWS))
    with Project.create(tmp_path / "project") as made:
        import_paths(made, [file], Silent())
        made.set_roles({"text": "text", "label": "label"})
        yield made


def look(project, work, *, again=False):
    """Which checks were made now, and all that were told."""

    def embed(examples):
        return vectors([example.label for example in examples])

    inspect(project, work, embed=embed, again=again)
    made = [e.phase for e in work.events if isinstance(e, PhaseEntered) and e.phase != "reading"]
    return made, [e.look.name for e in work.events if isinstance(e, Inspected)]


def test_what_was_found_before_a_stop_is_kept_and_the_rest_follows(project):
    first = Stopping()
    with pytest.raises(Stopped):
        look(project, first)
    kept = {one.name for one in project.store.looks()}
    assert len(kept) == 3
    made, told = look(project, Listener())
    assert kept < set(told)
    assert set(made) == set(told) - kept
    assert look(project, Listener())[0] == []


def test_changed_rows_are_looked_at_anew(project):
    _, told = look(project, Listener())
    assert "wrong-labels" in told
    bin_rows(project.store, [1])
    assert project.store.looks() == ()
    assert look(project, Listener())[0] == told
    assert look(project, Listener(), again=True)[0] == told
