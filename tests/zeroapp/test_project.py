import pytest

from zeroapp.data.importing import import_paths
from zeroapp.data.splits import assign
from zeroapp.data.store import Store
from zeroapp.dataset import Part
from zeroapp.errors import ResourceError, UsageError
from zeroapp.plan import PlanOptions
from zeroapp.project import Project
from zeroapp.report import ExportRecord
from zeroapp.work import Silent

THINGS = [
    "card",
    "money",
    "code",
    "key",
    "phone",
    "account",
    "bill",
    "refund",
    "order",
    "letter",
    "parcel",
    "desk",
]
ROWS = [f"where is my {thing},{'lost' if n % 2 else 'found'}" for n, thing in enumerate(THINGS)]


def words(texts):
    return [len(text.split()) for text in texts]


def add(project, folder, rows, *, name="table.csv", header="message,kind"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n")
    import_paths(project, [path], Silent())


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", task="text_classification") as made:
        add(made, tmp_path, ROWS)
        yield made


def checked(project):
    from zeroapp.data.checks import check

    return check(project, Silent(), count_tokens=words, limit=128)[0]


def code_of(call, *args, **kwargs):
    with pytest.raises(UsageError) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_a_project_that_could_not_be_made_leaves_no_folder(tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        (tmp_path / "new" / "project.db.part").touch()
        raise ResourceError("disk-full", title="", hint="")

    monkeypatch.setattr(Store, "create", full)
    with pytest.raises(ResourceError):
        Project.create(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_project_is_made_once_and_found_again(project):
    assert code_of(Project.create, project.folder, task="text_classification") == "project-exists"
    with Project.open(project.folder) as again:
        assert (again.task, again.count()) == ("text_classification", 12)


def test_what_is_no_project_is_not_opened_or_made(tmp_path):
    assert code_of(Project.open, tmp_path / "nowhere") == "no-project"
    (tmp_path / "file").write_text("x")
    assert code_of(Project.create, tmp_path / "file", task="text_classification") == "not-a-folder"
    assert code_of(Project.create, tmp_path / "new", task="poetry") == "unknown-task"
    assert not (tmp_path / "new").exists()


def test_roles_must_name_columns_that_are_there(project):
    before = project.roles()
    wrong = {"text": "message", "label": "Kind"}
    assert code_of(project.set_roles, wrong) == "missing-column"
    assert code_of(project.set_roles, {"colour": "kind"}) == "unknown-role"
    assert project.roles() == before == {"text": "message", "label": "kind"}


def test_labels_are_stripped_and_texts_stay_as_they_are(project, tmp_path):
    add(project, tmp_path, ['"  Cafe\u0301,  please ", lost '], name="b.csv")
    example = project.examples()[-1]
    assert (example.text, example.label) == ("  Café,  please ", "lost")


def test_parts_are_made_once_and_kept(project):
    version = checked(project).version
    parts = project.parts(version=version, seed=17)
    assert sum(map(len, parts.values())) == 12
    expected = assign(project.examples(), seed=17)
    for part, examples in parts.items():
        assert [e.row_id for e in examples] == [e.row_id for e in project.examples()
                                                if expected[e.row_id] is part]  # fmt: skip
    with Project.open(project.folder) as again:
        assert again.parts(version=version, seed=17) == parts
    assert project.parts(version=version, seed=18) != parts


def test_parts_of_an_older_version_outlive_new_rows_and_roles(project, tmp_path):
    version = checked(project).version
    parts = project.parts(version=version, seed=17)
    add(project, tmp_path, ["something new,lost"], name="b.csv")
    project.set_roles({"text": "kind", "label": "message"})
    assert project.parts(version=version, seed=17) == parts


def test_no_split_is_made_of_data_that_has_changed(project, tmp_path):
    version = checked(project).version
    add(project, tmp_path, ["something new,lost"], name="b.csv")
    assert code_of(project.parts, version=version, seed=17) == "data-changed"
    new = project.parts(version=checked(project).version, seed=17)
    assert set(new) == set(Part)
    assert sum(map(len, new.values())) == 13


def test_options_are_kept(project):
    assert project.options() == PlanOptions()
    options = PlanOptions(ranks=2, zero_stage=3, overrides={"epochs": 5, "packing": False})
    project.set_options(options)
    with Project.open(project.folder) as again:
        assert again.options() == options


def test_runs_sort_by_time_and_are_found_by_name(project):
    assert project.runs() == []
    made = [project.new_run(kind) for kind in ("train", "try-out", "train", "export")]
    assert [run.id for run in made] == sorted(run.id for run in made)
    assert project.runs() == made[::-1]
    assert project.runs("train") == [made[2], made[0]]
    assert project.runs("try-out") == [made[1]]
    assert project.run(made[0].id) == made[0]
    assert all(run.path.is_dir() for run in made)


def test_runs_sort_by_time_even_when_the_clock_is_set_back(project):
    future = project.folder / "runs" / "20991231-235959-99-train"
    future.mkdir(parents=True)
    assert project.new_run("train").id == "21000101-000000-00-train"


@pytest.mark.parametrize("name", ["nothing", "..", "../runs", ""])
def test_a_run_that_is_not_there(project, name):
    project.new_run("train")
    assert code_of(project.run, name) == "no-run"


def test_exports_are_remembered(project):
    record = ExportRecord(
        format="onnx", path="/out", bytes=1, compared=2, agreement=1.0, accuracy=0.5,
        latency_ms=1.5, files=("a",), created_at="2026-01-02T03:04:05+00:00",
    )  # fmt: skip
    assert project.exports() == []
    project.add_export(record)
    assert project.exports() == [record]
