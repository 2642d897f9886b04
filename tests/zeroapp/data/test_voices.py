"""Whose words they are in a chat: guessed only where a file says so, asked, changed, undone."""

import pytest

from zeroapp import tasks
from zeroapp.data import editing
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.data.voices import voices
from zeroapp.dataset import Answers
from zeroapp.errors import UsageError
from zeroapp.project import Project
from zeroapp.task import by_columns
from zeroapp.work import Silent


def chat(folder, name, *said):
    """A WhatsApp export in which these people say something in turn, twenty times."""
    lines = [
        f"0{1 + turn % 9}/03/2024, 09:{turn:02d} - {who}: message {turn} of {who}"
        for turn in range(20)
        for who in said
    ]
    (folder / name).write_text("\n".join(lines))
    return folder / name


def made(folder, *files):
    project = Project.create(folder / "project")
    import_paths(project, list(files), Silent())
    return project


def asked(project):
    return voices(project.store, task=tasks.get(project.task), roles=project.roles())


@pytest.mark.parametrize(
    ("name", "people", "me"),
    [
        ("WhatsApp Chat with Ann Berg.txt", ("Ann Berg", "Bo"), "Bo"),
        ("WhatsApp-Chat mit ann berg.txt", ("Bo", "Ann Berg"), "Bo"),
        # nothing is certain: no name, both names, a part of a word, more than two
        ("_chat.txt", ("Ann Berg", "Bo"), None),
        ("Bo and Ann Berg.txt", ("Ann Berg", "Bo"), None),
        ("chat.txt", ("Ha", "Bo"), None),
        ("WhatsApp Chat with Ann Berg.txt", ("Ann Berg", "Bo", "Cy"), None),
    ],
)
def test_the_person_is_guessed_only_from_a_chat_that_is_called_after_the_other(
    tmp_path, name, people, me
):
    with made(tmp_path, chat(tmp_path, name, *people)) as project:
        assert tasks.get(project.task).answers is Answers.text
        assert (project.roles()["speaker"], project.roles().get("me")) == ("sender", me)
        assert asked(project).chosen == (me or "")
        assert dict(asked(project).counts) == dict.fromkeys(people, 20)


def test_two_chats_that_name_two_people_leave_the_question_open(tmp_path):
    files = [chat(tmp_path, "with Ann.txt", "Ann", "Bo"), chat(tmp_path, "with Bo.txt", "Bo", "Cy")]
    with made(tmp_path, *files) as project:
        assert asked(project).chosen == ""


def test_who_was_chosen_stays_when_another_chat_comes_and_can_be_undone(tmp_path):
    with made(tmp_path, chat(tmp_path, "_chat.txt", "Ann", "Bo")) as project:
        project.set_roles({**project.roles(), "me": "Ann"})
        import_paths(project, [chat(tmp_path, "with Ann.txt", "Ann", "Cy")], Silent())
        assert asked(project).chosen == "Ann"
        project.set_roles({**project.roles(), "me": ""})
        assert asked(project).chosen == ""
        project.store.undo()
        assert asked(project).chosen == "Ann"


def test_nobody_who_is_not_there_can_be_chosen(tmp_path):
    with made(tmp_path, chat(tmp_path, "_chat.txt", "Ann", "Bo")) as project:
        before = project.roles()
        with pytest.raises(UsageError) as caught:
            project.set_roles({**before, "me": "Zoe"})
        assert caught.value.code == "no-such-value"
        assert "“Ann”, “Bo”" in caught.value.hint
        assert project.roles() == before


def test_the_name_of_a_person_goes_into_no_export(tmp_path):
    with made(tmp_path, chat(tmp_path, "with Ann.txt", "Ann", "Bo")) as project:
        roles = project.roles()
        assert roles["me"] == "Bo"
        assert "Bo" not in by_columns(roles, task=tasks.get(project.task)).values()


def test_another_column_for_the_names_forgets_who_was_chosen(tmp_path):
    with made(tmp_path, chat(tmp_path, "_chat.txt", "Ann", "Bo")) as project:
        project.set_roles({**project.roles(), "me": "Ann"})
        project.set_roles({**project.roles(), "speaker": "sent", "date": ""})
        assert "me" not in project.roles()


def test_a_person_with_two_names_becomes_one(tmp_path):
    with made(tmp_path, chat(tmp_path, "_chat.txt", "Ann", "Ann (new phone)", "Bo")) as project:
        editing.rename_values(project.store, ["Ann (new phone)"], column="sender", after="Ann")
        assert asked(project).counts == (("Ann", 40), ("Bo", 20))
        project.set_roles({**project.roles(), "me": "Ann"})
        said = "\n".join(example.label for example in project.examples())
        assert "message 19 of Ann\nmessage 19 of Ann (new phone)" in said


def test_a_table_with_a_column_of_kinds_stays_one_of_kinds(tmp_path):
    rows = "".join(f"Ann{n % 3},where is parcel {n},{'ab'[n % 2]}\n" for n in range(40))
    (tmp_path / "tickets.csv").write_text("sender,message,kind\n" + rows)
    with made(tmp_path, tmp_path / "tickets.csv") as project:
        assert tasks.get(project.task).answers is Answers.labels


def test_a_column_of_answers_leaves_nothing_to_ask(tmp_path):
    rows = "".join(f"Ann{n % 3},where is it {n}?,it is at the {n}. stop\n" for n in range(40))
    (tmp_path / "pairs.csv").write_text("sender,question,answer\n" + rows)
    with made(tmp_path, tmp_path / "pairs.csv") as project:
        assert {"text", "label"} <= set(project.roles())
        assert asked(project) is None


def test_the_check_asks_while_nobody_has_said(tmp_path):
    def found():
        _, problems = check(project, Silent(), count_tokens=None, limit=99)
        return {problem.code for problem in problems}

    with made(tmp_path, chat(tmp_path, "_chat.txt", "Ann", "Bo")) as project:
        assert "nobody-is-you" in found()
        project.set_roles({**project.roles(), "me": "Bo"})
        assert found() & {"nobody-is-you", "other-columns"} == set()
