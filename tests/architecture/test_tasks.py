"""A task is a folder: nothing outside names one, and a new one needs no edit anywhere else."""

import re
import sys
import textwrap
from pathlib import Path

import pytest

from zeroapp import tasks

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


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A scratch folder with one more task, found as those that ship are."""
    place = tmp_path / "toy_task"
    place.mkdir()
    (place / "__init__.py").write_text(textwrap.dedent(TOY))
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
