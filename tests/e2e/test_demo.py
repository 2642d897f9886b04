"""`zeroapp demo` in one go, on a part of each task's sample; the workers are real processes."""

import csv
import json
import sys
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from support import tiny_writer
from zeroapp import tasks
from zeroapp.cli import main
from zeroapp.dataset import Answers, Reads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Six test rows or so of each kind: enough to tell a model that learned from one that guesses.
KINDS = 5
OF_A_KIND = 40
# Each makes a passage or two; a tenth of them is kept aside.
TEXTS = 48


def few_rows(sample, place):
    """The first rows of the first kinds."""
    with sample.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row[header.index("kind")]].append(row)
    return written(place / "few.csv", header, [r for k in chosen(by_kind) for r in by_kind[k]])


def few_pictures(sample, place):
    with zipfile.ZipFile(sample) as whole, zipfile.ZipFile(place / "few.zip", "w") as part:
        by_kind = defaultdict(list)
        for name in whole.namelist():
            by_kind[name.partition("/")[0]].append(name)
        for kind in chosen(by_kind):
            for name in by_kind[kind]:
                part.writestr(name, whole.read(name))
    return place / "few.zip"


def few_texts(sample, place):
    with sample.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return written(place / "few.csv", header, rows[:TEXTS])


def chosen(by_kind):
    for kind in by_kind:
        by_kind[kind] = by_kind[kind][:OF_A_KIND]
    return sorted(by_kind)[:KINDS]


def written(file, header, rows):
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return file


SMALLER = {
    (Reads.text, Answers.labels): few_rows,
    (Reads.picture, Answers.labels): few_pictures,
    (Reads.text, Answers.text): few_texts,
}


@pytest.fixture
def small(request, tmp_path, monkeypatch):
    """A task that brings a part of its sample only."""
    task = request.param
    make = SMALLER[task.reads, task.answers]
    part = replace(task, sample=replace(task.sample, path=make(task.sample.path, tmp_path)))
    known = tasks.get
    monkeypatch.setattr(tasks, "get", lambda key: part if key == part.key else known(key))
    monkeypatch.setattr(tasks, "default", lambda: part)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main() sets it for the process
    return part


def demo(capsys, *words):
    assert main(["demo", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def of(answers):
    found = [task for task in tasks.all_tasks().values() if task.answers is answers]
    return pytest.mark.parametrize("small", found, indirect=True, ids=lambda one: one.key)


@pytest.mark.usefixtures("zeroapp_home")
@of(Answers.labels)
def test_the_sample_goes_all_the_way(small, tmp_path, capsys):
    # what is no picture is the default's; pictures take long, and these are easily told apart
    seen = ["--task", small.key, "--epochs", "2"] if small.reads is Reads.picture else []
    told = demo(capsys, "--out", str(tmp_path / "demo"), *seen)
    # Guessing is right on one of five.
    assert told["accuracy"] > 0.6
    assert told["export_agreement"] > 0.9
    export = Path(told["export"])
    kinds = json.loads((export / "zeroapp_export.json").read_text("utf-8"))["labels"]
    assert len(kinds) == KINDS
    assert {answer["label"] for answer in told["answers"]} <= set(kinds)
    assert (export / "README.md").is_file()
    assert list(export.rglob("*.onnx"))


@pytest.mark.usefixtures("zeroapp_home")
@of(Answers.text)
def test_texts_go_all_the_way(small, tmp_path, capsys):
    # The starter takes minutes; a tiny base that knows nothing learns at least letters.
    base = tiny_writer.make(tmp_path / "base")
    words = ["--base", str(base), "--epochs", "4", "--set", "learning_rate=0.02"]
    told = demo(capsys, "--task", small.key, "--out", str(tmp_path / "demo"), *words)
    assert told["ok"]
    assert told["in_use"] == "fine-tuned"
    assert told["scores"]["loss"]["difference_high"] < 0
    assert told["export_format"] == small.exports[0]
    assert told["export_same_next"] > 0.9
    assert all(answer["label"] and answer["truth"] for answer in told["answers"])
    assert len(told["answers"]) > 1
    export = Path(told["export"])
    assert {"model.gguf", "Modelfile", "README.md"} <= {path.name for path in export.iterdir()}
