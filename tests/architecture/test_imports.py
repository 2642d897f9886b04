"""Who may know whom: import contracts, what the window loads, where tasks are named."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
TASKS = ROOT / "zeroapp" / "tasks"

# Seconds of start-up each; the window must not pay them, nor may any light module below it.
HEAVY = ("torch", "transformers", "accelerate", "sklearn", "scipy", "onnx", "onnxruntime")

LIGHT = ("ui.app", "zeroapp.cli", "zeroapp.project", "zeroapp.wizard", "zeroapp.worker.__main__")

# Where an unexpected error is caught so that it can be told to the person. Nowhere else.
CATCH_ALL = {
    "ui/background.py": "the one door to background threads",
    "zeroapp/worker/__main__.py": "the worker's entry",
    "zeroapp/worker/rank.py": "the worker's entry, rank side",
}


def sources() -> list[Path]:
    return sorted(path for top in ("zeroapp", "ui") for path in (ROOT / top).rglob("*.py"))


def in_fresh_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_contracts_of_import_linter_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_logo=True, cache_dir=None) == 0, capsys.readouterr().out


@pytest.mark.parametrize("module", LIGHT)
def test_what_people_wait_for_loads_no_heavy_library(module):
    code = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    assert in_fresh_python(code) == ""


def test_the_window_starts_without_numpy():
    # numpy costs 0.1 to 0.2 s and 30 MB; nothing in the window computes with arrays.
    assert in_fresh_python("import sys, ui.app; print('numpy' in sys.modules)") == "False"


# What shows a project, this computer and help: half a second that the first frame need not wait.
AFTER_THE_FIRST_FRAME = (
    *(f"ui.pages.{page}" for page in ("examples", "check", "plan", "train", "quality", "use")),
    *("ui.pages.house", "ui.viewmodels.plan", "ui.viewmodels.projects", "zeroapp.project"),
    *("zeroapp.data", "zeroapp.packs", "zeroapp.runs", "ui.shown_data", "psutil"),
    *("email", "keyring", "PIL", "pydantic"),
)

FIRST_FRAME = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from ui import app, home
class Later:
    def run(self, work, *, done, failed=None): pass
qt = app.make_qt(())
made = app.assemble(qt, launcher=app.Runs(), door=Later())
home.Home(qt, made.window, made.models)
made.window.show()
qt.processEvents()
print(made.window.isVisible(), *sorted(set({modules!r}) & set(sys.modules)), flush=True)
os._exit(0)
"""


def test_the_first_frame_waits_for_nothing_that_only_a_project_needs(zeroapp_home):
    assert in_fresh_python(FIRST_FRAME.format(modules=AFTER_THE_FIRST_FRAME)) == "True"


def task_keys() -> list[str]:
    return sorted(path.parent.name for path in TASKS.glob("*/__init__.py"))


def test_there_is_a_task():
    assert task_keys()


@pytest.mark.parametrize("key", task_keys())
def test_no_code_outside_its_folder_names_a_task(key):
    naming = [
        str(path.relative_to(ROOT))
        for path in sources()
        if TASKS / key not in path.parents and key in path.read_text("utf-8")
    ]
    assert naming == []


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """`except:`, `except Exception`, `except BaseException` that does not end in a bare `raise`."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in names)


def test_except_exception_stands_only_where_errors_are_told():
    found = {
        str(path.relative_to(ROOT))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    }
    assert found == set(CATCH_ALL)
