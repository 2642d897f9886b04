"""`zeroapp demo` in one go, on a few kinds of the sample; the workers are real processes."""

import csv
import json
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from zeroapp import tasks
from zeroapp.cli import main

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Six test rows or so of each kind: enough to tell a model that learned from one that guesses.
KINDS = 5
ROWS_OF_A_KIND = 40


@pytest.fixture
def kinds(tmp_path, monkeypatch):
    """The default task brings the first rows of the first kinds of its sample only."""
    task = tasks.default()
    with task.sample.path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row[header.index("kind")]].append(row)
    chosen = sorted(by_kind)[:KINDS]
    few = tmp_path / "few.csv"
    with few.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [header, *(r for k in chosen for r in by_kind[k][:ROWS_OF_A_KIND])]
        )
    small = replace(task, sample=replace(task.sample, path=few))
    monkeypatch.setattr(tasks, "default", lambda: small)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main() sets it for the process
    return chosen


@pytest.mark.usefixtures("zeroapp_home")
def test_the_sample_goes_all_the_way(kinds, tmp_path, capsys):
    assert main(["demo", "--json", "--out", str(tmp_path / "demo")]) == 0
    told = json.loads(capsys.readouterr().out)
    # Guessing is right on one of five.
    assert told["accuracy"] > 0.6
    assert {answer["label"] for answer in told["answers"]} <= set(kinds)
    assert told["export_agreement"] > 0.9
    export = Path(told["export"])
    assert (export / "README.md").is_file()
    assert list(export.rglob("*.onnx"))
