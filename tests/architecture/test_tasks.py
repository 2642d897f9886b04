"""A task is a folder: nothing outside names one, and a new one needs no edit anywhere else."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from zeroapp import tasks
from zeroapp.runs.process import environment

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ROOT / "zeroapp" / "tasks"


def test_no_line_outside_a_task_s_folder_names_it():
    keys = "|".join(tasks.all_tasks())
    named = re.compile(rf"\b({keys})\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for top in ("zeroapp", "ui")
        for path in sorted((ROOT / top).rglob("*.py"))
        if not (path.is_relative_to(FOLDERS) and path.parent != FOLDERS)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if named.search(line)
    ]
    assert found == []


TOY = '''
"""Says whether a text is long. A toy."""

from pathlib import Path

from zeroapp.dataset import ColumnKind
from zeroapp.task import Metric, Role, Sample, Task

TASK = Task(
    key="toy_task",
    title="Tell long from short",
    blurb="A toy.",
    roles=(
        Role(key="text", title="Text", help="What is read.", kinds=(ColumnKind.text,)),
        Role(key="label", title="Kind", help="What is said.", kinds=(ColumnKind.category,)),
    ),
    metrics=(Metric(key="accuracy", title="Right answers"),),
    check=lambda profile, examples: [],
    sample=Sample(path=Path(__file__), title="", source="", licence="CC0"),
    training="toy_task.training",
    exports=("onnx",),
)
'''


NUMBERS = TOY.replace(
    "TASK = Task(",
    """
def examples(rows, roles):
    for row in rows:
        number = row.cells[roles["label"]]
        if number.isdigit():
            said = f"{int(number) // 10}0 and more"
            yield Example(row_id=row.id, text=row.cells[roles["text"]], label=said)


TASK = Task(
    examples=examples,""",
)
NUMBERS = NUMBERS.replace("ColumnKind.category", "ColumnKind.number")
NUMBERS = NUMBERS.replace("import ColumnKind", "import ColumnKind, Example")
"""Another shape: what is learned is a number, roughly, which the task makes of the rows itself."""


@pytest.fixture
def toy(request, tmp_path, monkeypatch):
    """A scratch folder with one more task, found as those that ship are."""
    place = tmp_path / "toy_task"
    place.mkdir()
    (place / "__init__.py").write_text(textwrap.dedent(getattr(request, "param", TOY)))
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    tasks.all_tasks.cache_clear()
    yield "toy_task"
    tasks.all_tasks.cache_clear()
    sys.modules.pop("zeroapp.tasks.toy_task", None)
    if hasattr(tasks, "toy_task"):
        delattr(tasks, "toy_task")


def test_one_more_folder_is_one_more_task(toy, tmp_path):
    from zeroapp.data.checks import check
    from zeroapp.data.importing import import_paths
    from zeroapp.project import Project
    from zeroapp.work import Silent

    assert tasks.get(toy).title == "Tell long from short"
    (tmp_path / "rows.csv").write_text(
        "text,label\n" + "".join(f"this is the text {'x' * n},{'ab'[n % 2]}\n" for n in range(40))
    )
    with Project.create(tmp_path / "project", task=toy) as project:
        import_paths(project, [tmp_path / "rows.csv"], Silent())
        profile, problems = check(project, Silent(), count_tokens=None, limit=0)
    assert profile.usable == 40
    assert not [problem for problem in problems if problem.severity == "blocking"]


def test_a_folder_elsewhere_is_found_by_every_process(tmp_path):
    """As the worker's processes start, and without becoming what a new project is for."""
    (tmp_path / "a_toy_task").mkdir()
    (tmp_path / "a_toy_task" / "__init__.py").write_text(TOY.replace("toy_task", "a_toy_task"))
    asked = "from zeroapp import tasks; print(*tasks.all_tasks(), tasks.default().key)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env=environment() | {"ZEROAPP_TASKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    *found, default = done.stdout.split()
    assert found == [*tasks.all_tasks(), "a_toy_task"]
    assert default == tasks.default().key


@pytest.mark.parametrize("toy", [NUMBERS], indirect=True)
def test_a_task_of_another_shape_is_a_folder_too(toy, tmp_path):
    from zeroapp.data.checks import check
    from zeroapp.data.importing import import_paths
    from zeroapp.project import Project
    from zeroapp.work import Silent

    rows = [f"there are many boxes in lot {n},{n}" for n in range(60)] + ["none were counted,few"]
    (tmp_path / "rows.csv").write_text("\n".join(["note,count", *rows]))
    with Project.create(tmp_path / "project", task=toy) as project:
        import_paths(project, [tmp_path / "rows.csv"], Silent())
        assert project.roles() == {"text": "note", "label": "count"}
        profile, problems = check(project, Silent(), count_tokens=None, limit=0)
        assert [one.label for one in project.examples()][:1] == ["00 and more"]
    assert profile.usable == 60
    assert [label.count for label in profile.labels] == [10] * 6
    assert not [problem for problem in problems if problem.severity == "blocking"]
