"""An Export job in a project, from a finished run to a folder, and back by Predict."""

import csv
import json

import pytest

from support.finished_model import LABELS, tiny_model, tiny_rows
from zeroapp import protocol as p
from zeroapp.data.examples import version_of
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Part
from zeroapp.errors import ModelError, UsageError
from zeroapp.export import export
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.serve import batch
from zeroapp.serve.models import find_model
from zeroapp.work import Silent

TASK = "text_classification"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project of 120 rows with a finished training run: its folder, the run, its test rows."""
    home = tmp_path_factory.mktemp("home")
    table = home / "rows.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["message", "kind"])
        writer.writerows([row.text, row.label] for row in tiny_rows(120, seed=3))
    with Project.create(home / "project", task=TASK) as project:
        import_paths(project, [table], Silent())
        project.set_roles({"text": "message", "label": "kind"})
        version = version_of(project.examples(), task=TASK, roles=project.roles())
        plan = TrainPlan(task=TASK, base="minilm-l6", data_version=version, labels=LABELS, seed=5)
        run = project.new_run("train")
        job = p.Train(project=str(project.folder), plan=plan)
        run.job.write_bytes(p.encode(job))
        events = (p.Started(job="Train", pid=1), p.Finished(outcome="completed"))
        run.events.write_bytes(b"".join(p.encode(event) + b"\n" for event in events))
        tiny_model(run.model, data_version=version, run_id=run.id)
        rows = project.parts(version=version, seed=5)[Part.test]
        return project.folder, run, rows


def wanted(finished, *, out="", run=None, form="onnx"):
    folder, made, _ = finished
    return p.Export(project=str(folder), run_id=run or made.id, format=form, out=out)


def test_a_run_is_exported_into_its_project_and_numbered(finished):
    folder, run, rows = finished
    record = export(wanted(finished), Silent())
    assert record.path == str(folder / "exports" / "onnx")
    # Every test row of the run was replayed.
    assert record.compared == len(rows) > 10
    said = json.loads((folder / "exports" / "onnx" / "zeroapp_export.json").read_text("utf-8"))
    assert said["run_id"] == run.id
    assert said["roles"] == {"text": "message", "label": "kind"}
    card = (folder / "exports" / "onnx" / "README.md").read_text("utf-8")
    assert "MiniLM" in card
    assert '"seed": 5' in card
    again = export(wanted(finished, out=str(folder / "exports" / "onnx")), Silent())
    assert again.path == str(folder / "exports" / "onnx-2")


def test_another_place_must_be_free(finished, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError) as caught:
        export(wanted(finished, out=str(tmp_path)), Silent())
    assert caught.value.code == "export-exists"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"form": "pickle"}, UsageError, "unknown-format"),
        ({"run": "20200101-000000-00-train"}, UsageError, "no-run"),
    ],
)
def test_what_is_not_there_is_said(finished, changes, kind, code):
    with pytest.raises(kind) as caught:
        export(wanted(finished, **changes), Silent())
    assert caught.value.code == code


def test_a_run_without_a_model_is_said(finished):
    folder, _, _ = finished
    with Project.open(folder) as project:
        empty = project.new_run("train")
    with pytest.raises(ModelError) as caught:
        export(wanted(finished, run=empty.id), Silent())
    assert caught.value.code == "model-missing"


def test_a_project_a_run_and_a_model_folder_all_mean_the_model(finished):
    folder, run, _ = finished
    found = find_model(folder)
    assert found.folder == run.model
    assert found.roles == {"text": "message", "label": "kind"}
    assert find_model(run.path) == find_model(run.model) == found


def test_a_file_is_answered_with_a_project(finished, tmp_path):
    folder, _, _ = finished
    file = tmp_path / "new.csv"
    file.write_text("n,message,kind\n1,card chip pin,card\n2,wire it abroad,transfer\n", "utf-8")
    out = tmp_path / "deep" / "answers.csv"
    said = batch.predict(p.Predict(model=str(folder), file=str(file), out=str(out)), Silent())
    assert (said.rows, said.accuracy, said.out) == (2, 1.0, str(out))


def test_a_project_that_never_trained_is_said(tmp_path):
    Project.create(tmp_path / "project", task=TASK).close()
    with pytest.raises(UsageError) as caught:
        find_model(tmp_path / "project")
    assert caught.value.code == "no-model"
