import json

import pytest

from zeroapp.cli.arguments import parser
from zeroapp.cli.console import Console
from zeroapp.cli.verbs import run
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.errors import UsageError
from zeroapp.project import Project
from zeroapp.work import Silent


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.csv").write_text("text,label,author\none,x,a\ntwo,y,a\ntwo,y,b\nfour,x,b\n")
    with Project.create(tmp_path / "p", task="text_classification") as project:
        import_paths(project, [tmp_path / "a.csv"], Silent())
        check(project, Silent(), count_tokens=lambda texts: [1] * len(texts), limit=9)
    return tmp_path / "p"


@pytest.fixture
def said(folder, capsys):
    def call(verb, *words, json_too=True):
        args = parser().parse_args([verb, str(folder), *words, *(["--json"] * json_too)])
        assert run(args, Console(json=json_too)) == 0
        out = capsys.readouterr().out
        return json.loads(out) if json_too else out

    return call


def test_rows_are_changed_taken_back_and_compared(said):
    (version,) = said("versions")["versions"]
    told = said("mend", "--rename", "x=z", "--set", "2=new", "--bin", "4", "--drop-duplicates")
    assert told["done"] == [
        "Renamed “x” to “z” in 2 rows",
        "Changed “y” to “new” (a.csv, line 3)",
        "Put 1 row into the bin",
    ]
    assert (told["rows"], told["binned"]) == (3, 1)
    found = said("diff", version["version"][:6])
    assert found["counts"] == {"added": 0, "removed": 1, "relabelled": 2, "edited": 0}
    text = said("diff", version["version"][:6], json_too=False)
    assert "relabelled: a.csv, line 2: label “x” → “z”" in text
    assert said("mend", "--undo", "3")["done"][0] == "Undone: Put 1 row into the bin"
    assert said("diff", version["version"])["changes"] == []
    assert said("mend", "--redo")["done"] == ["Done again: Renamed “x” to “z” in 2 rows"]
    assert "Renamed “x” to “z” in 2 rows" in said("mend", "--log", json_too=False)


def test_a_role_is_chosen_and_taken_back(said, folder):
    said("mend", "--role", "group=author")
    with Project.open(folder) as project:
        assert project.roles()["group"] == "author"
        assert {example.group for example in project.examples()} == {"a", "b"}
    said("mend", "--role", "group=")
    with Project.open(folder) as project:
        assert "group" not in project.roles()
    assert said("mend", "--undo")["done"] == ["Undone: Let no column be “Group”"]


@pytest.mark.parametrize("words", [["--set", "one=x"], ["--rename", "x"], ["--bin", "99"]])
def test_what_cannot_be_understood_changes_nothing(said, words):
    with pytest.raises(UsageError):
        said("mend", *words)
    assert said("mend")["log"] == []


def test_who_in_a_chat_is_the_person_is_said_with_import(tmp_path, capsys):
    lines = [
        f"0{1 + n % 9}/03/2024, 09:00 - {'AnnBob'[n % 2 * 3 :][:3]}: hi {n}" for n in range(40)
    ]
    (tmp_path / "_chat.txt").write_text("\n".join(lines))
    folder = str(tmp_path / "p")
    with Project.create(tmp_path / "p") as project:
        import_paths(project, [tmp_path / "_chat.txt"], Silent())

    def call(*words):
        run(parser().parse_args(["import", folder, *words]), Console(json=False))
        return capsys.readouterr().out

    assert "Which one is you?" in (asked := call("--role", "text=text"))
    assert "--role me=NAME: Ann (20), Bob (20)." in asked
    assert "Which one is you?" not in call("--role", "me=Bob")
    with Project.open(tmp_path / "p") as project:
        assert project.roles()["me"] == "Bob"
