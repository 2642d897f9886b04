"""When an export counts as the same, row by row."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from support.processes import eventually, none_left
from zeroapp.dataset import Example
from zeroapp.export.manifest import Checked
from zeroapp.export.same_answer import Reference, _counted, differs, refuse, sample
from zeroapp.export.targets import target
from zeroapp.runs.process import environment

NEVER_ANSWERS = """
import time
from pathlib import Path

class Model:
    def __init__(self, folder):
        (folder / "here").touch()
        time.sleep(600)
"""

CHECKS = """
import sys
from pathlib import Path
from zeroapp.export.same_answer import replayed
from zeroapp.export.scripts import replay
from zeroapp.work import Silent

replayed(Path(sys.argv[1]), asked=["text"], script=replay.__file__, work=Silent())
"""


def checked(*, n, different=0, accuracy=0.9, app_accuracy=0.9, p_value=1.0):
    return Checked(
        compared=n,
        agreement=1 - different / n,
        accuracy=accuracy,
        app_accuracy=app_accuracy,
        p_value=p_value,
        latency_ms=1.0,
    )


@pytest.mark.parametrize(
    ("key", "n", "different", "refused"),
    [
        # .999 of 500 allows none, .99 of 500 allows five.
        ("onnx", 500, 0, False),
        ("onnx", 500, 1, True),
        ("safetensors", 500, 1, True),
        ("onnx-int8", 500, 5, False),
        ("onnx-int8", 500, 6, True),
        ("onnx-int8", 100, 1, False),
        # One of few rows is more than one of a hundred.
        ("onnx-int8", 99, 1, True),
        ("onnx", 12, 1, True),
    ],
)
def test_how_many_answers_may_differ(key, n, different, refused):
    assert differs(checked(n=n, different=different), target=target(key)) is refused


def test_clearly_worse_is_refused_even_where_it_mostly_agrees():
    worse = checked(n=900, different=8, accuracy=0.90, app_accuracy=0.909, p_value=0.008)
    better = checked(n=900, different=8, accuracy=0.909, app_accuracy=0.90, p_value=0.008)
    assert differs(worse, target=target("onnx-int8"))
    assert not differs(better, target=target("onnx-int8"))


def test_the_refusal_says_how_much_and_what_next():
    error = refuse(checked(n=500, different=25), target=target("onnx-int8"))
    assert (error.code, error.exit_code) == ("export-differs", 1)
    assert "95.0% of 500" in error.title
    assert "exact ONNX" in error.hint


def test_answers_are_counted_row_by_row():
    rows = [
        Example(row_id=i, text="t", label=label) for i, label in enumerate(("a", "a", "b", None))
    ]
    ours = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]], np.float32)
    theirs = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.2, 0.8]], np.float32)
    reference = Reference(rows=rows, probabilities=ours, labels=("a", "b"))
    found = _counted(reference, theirs=theirs, latency_ms=2.5)
    assert (found.compared, found.agreement, found.latency_ms) == (4, 0.75, 2.5)
    # The unlabelled row counts for agreement only.
    assert found.app_accuracy == pytest.approx(2 / 3)
    assert found.accuracy == 1


def test_a_draw_may_fall_either_way():
    ours = np.array([[0.50004, 0.49996]], np.float32)
    theirs = np.array([[0.49999, 0.50001]], np.float32)
    reference = Reference(
        rows=[Example(row_id=1, text="t", label="a")], probabilities=ours, labels=("a", "b")
    )
    assert _counted(reference, theirs=theirs, latency_ms=1).agreement == 1


def test_rows_are_taken_from_everywhere():
    rows = [Example(row_id=i, text="t") for i in range(1000)]
    taken = sample(rows, most=10)
    assert [row.row_id for row in taken] == list(range(0, 1000, 100))
    assert sample(rows[:3], most=10) == rows[:3]


def test_a_check_does_not_outlive_who_asked_for_it(tmp_path):
    (tmp_path / "answer.py").write_text(NEVER_ANSWERS)
    asking = subprocess.Popen([sys.executable, "-c", CHECKS, tmp_path], env=environment())
    assert eventually((tmp_path / "here").exists, within=60)

    asking.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    asking.wait()

    assert none_left()
