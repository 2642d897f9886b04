"""What a project is for is guessed, and changed at will until something was learned."""

import pytest

from zeroapp import tasks
from zeroapp.data.goal import other_goals
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Answers, Reads
from zeroapp.errors import UsageError
from zeroapp.plan import PlanOptions
from zeroapp.project import Project
from zeroapp.work import Silent

ROWS = "question,kind\n" + "".join(f"where is parcel {n},{'ab'[n % 2]}\n" for n in range(40))


@pytest.fixture
def project(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(ROWS)
    with Project.create(tmp_path / "p") as made:
        import_paths(made, [file], Silent())
        yield made


def _writing():
    return next(t for t in tasks.all_tasks().values() if t.answers is Answers.text)


def _looking():
    return next(t for t in tasks.all_tasks().values() if t.reads is Reads.picture)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        *(("facts", "sentence"), ("mr", "ref"), ("data", "text"), ("input", "output")),
        *(("context", "text"), ("keywords", "description"), ("source", "target")),
        *(("meaning_representation", "human_reference"), ("prompt", "completion")),
    ],
)
def test_what_a_sentence_is_made_of_is_asked_and_the_sentence_is_said(tmp_path, asked, said):
    """Whichever column comes first, and whichever is longer."""
    for n, names in enumerate([(asked, said), (said, asked)]):
        rows = {
            asked: [
                f"name: Place {n} | food: dish {n % 7} | near: bridge {n % 5}" for n in range(40)
            ],
            said: [f"Beside bridge {n % 5}, Place {n} serves you dish {n % 7}." for n in range(40)],
        }
        lines = [
            ",".join(names),
            *(f'"{rows[names[0]][i]}","{rows[names[1]][i]}"' for i in range(40)),
        ]
        (tmp_path / "pairs.csv").write_text("\n".join(lines))
        with Project.create(tmp_path / f"p{n}") as made:
            import_paths(made, [tmp_path / "pairs.csv"], Silent())
            assert made.task == _writing().key
            assert made.roles() == {"text": asked, "label": said}


def test_two_columns_whose_names_say_nothing_are_asked_and_said_from_left_to_right(tmp_path):
    rows = [
        f'"this is what stands on the left of {n}","and {n} is on the right"' for n in range(40)
    ]
    (tmp_path / "pairs.csv").write_text("\n".join(["one,two", *rows]))
    with Project.create(tmp_path / "p") as made:
        import_paths(made, [tmp_path / "pairs.csv"], Silent())
        assert made.roles() == {"text": "one", "label": "two"}


def test_the_others_read_the_same():
    for task in tasks.all_tasks().values():
        assert {t.reads for t in other_goals(task.key)} <= {task.reads}
        assert task not in other_goals(task.key)


def test_changed_and_back_is_as_it_was(project):
    before, roles = project.task, project.roles()
    project.set_options(PlanOptions(base="a-base-of-the-old-task"))
    project.set_task(_writing().key)
    changed = project.task, project.roles()
    project.set_task(before)

    assert changed[0] == _writing().key
    assert set(changed[1]) <= {role.key for role in _writing().roles} | {"group", "date"}
    assert (project.task, project.roles()) == (before, roles)
    assert project.options() == PlanOptions()
    assert project.count() == 40


def test_the_check_of_the_old_goal_is_stale(project):
    before = project.store.revision()
    project.set_task(_writing().key)

    assert project.store.revision() > before


def test_texts_are_no_pictures(project):
    with pytest.raises(UsageError) as caught:
        project.set_task(_looking().key)

    assert caught.value.code == "goal-does-not-fit"
    assert project.task != _looking().key


def test_what_was_learned_keeps_its_goal(project):
    before = project.task
    project.new_run("train")
    with pytest.raises(UsageError) as caught:
        project.set_task(_writing().key)

    assert caught.value.code == "goal-is-set"
    assert project.task == before
