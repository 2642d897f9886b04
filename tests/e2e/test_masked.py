"""Personal data that is hidden before training is in nothing that training leaves behind, and what
the model is asked is hidden alike: in the app, and by the export's own script.
"""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support import tiny_model, tiny_writer
from support.hardware import plain_computer
from support.stages import Listener
from zeroapp import protocol as p
from zeroapp import tasks
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.data.personal import mask
from zeroapp.dataset import Answers, Reads
from zeroapp.engine import device, text_run
from zeroapp.engine.author import Author
from zeroapp.engine.gang import Gang
from zeroapp.engine.inference import Predictor
from zeroapp.engine.planner import make_plan
from zeroapp.engine.training_run import train
from zeroapp.export import export
from zeroapp.models import token_counter
from zeroapp.plan import PlanOptions
from zeroapp.project import Project
from zeroapp.task import Writing
from zeroapp.work import Silent, Stopped

pytestmark = pytest.mark.slow

NAME = "Quentin Zabriskie"
PLANTED = (
    "jane.quillfeather@northbank.example",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "+44 20 7946 0123",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    f"my name is {NAME}",
)
SECRETS = (*PLANTED[:-1], NAME)
READ = [key for key, task in tasks.all_tasks().items() if task.reads is Reads.text]
WISHES = {
    Answers.labels: {"epochs": 2, "batch_size": 16},
    Answers.text: {"epochs": 2, "batch_size": 16, "max_length": 192, "learning_rate": 0.01},
}


def rows() -> list[tuple[str, str]]:
    """Two kinds of text, each with something planted in the text; an answer may hold it, too."""
    common = ("i lost my card", "help my cards")
    return [
        (f"{common[n % 2]} {'i my card '[: n % 9]}{n}. {PLANTED[n % len(PLANTED)]}", "ab"[n % 2])
        for n in range(96)
    ]


@pytest.fixture(scope="module", params=READ)
def made(request, tmp_path_factory):
    """A project with masking on, stopped after two steps, gone on with to its end; and its run."""
    top, task = tmp_path_factory.mktemp("masked"), tasks.get(request.param)
    table = top / "rows.csv"
    writes = task.answers is Answers.text
    base = (tiny_writer if writes else tiny_model).make(top / "base")
    with table.open("w", encoding="utf-8", newline="") as file:
        said = [(text, f"{kind} {text}" if writes else kind) for text, kind in rows()]
        csv.writer(file).writerows([("text", "label"), *said])
    with pytest.MonkeyPatch.context() as patch, Project.create(top / "p", task=task.key) as project:
        patch.setattr(device, "remembered", plain_computer)
        patch.setattr(text_run, "WRITTEN", 2)
        patch.setattr(text_run, "MOST", 8)
        import_paths(project, [table], Silent())
        project.set_roles({"text": "text", "label": "label"})
        project.set_masks(on=True)
        check(project, Silent(), count_tokens=token_counter(base), limit=32)
        options = PlanOptions(base=str(base), overrides=WISHES[task.answers])
        plan = make_plan(project, options, Silent()).plan
        assert plan.masked
        run = project.new_run("train")
        job = p.Train(project=str(project.folder), plan=plan)
        run.job.write_bytes(p.encode(job))
        with pytest.raises(Stopped):
            train(job, run, Listener(stop_after=2), Gang())
        assert any(run.checkpoints.rglob("*"))
        half_way = leaks(project.folder)
        train(job, run, Silent(), Gang())
        yield project, run, half_way


def leaks(folder: Path) -> set[str]:
    """Every file that holds something planted, whatever it is a file of."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        for held in [path.read_bytes()]
        if any(s.encode() in held or s.encode("utf-16-le") in held for s in SECRETS)
    }


def test_it_is_in_the_rows_and_nowhere_else_half_way_and_at_the_end(made):
    project, run, half_way = made
    for found in (half_way, leaks(project.folder)):
        assert "project.db" in {name.removesuffix("-wal") for name in found}
        assert {name for name in found if not name.startswith("project.db")} == set()
    assert run.report.is_file()
    assert run.model.is_dir()


def asked() -> list[str]:
    return [f"i lost my card. {secret}" for secret in PLANTED]


def test_the_app_answers_as_if_it_had_been_asked_without(made):
    project, run, _ = made
    hidden = [mask(text) for text in asked()]
    assert all(a != b for a, b in zip(asked(), hidden, strict=True))
    if tasks.get(project.task).answers is Answers.labels:
        predictor = Predictor(run.model)
        assert np.array_equal(predictor.predict(asked()), predictor.predict(hidden))
        return
    author, wish = Author(run.model), Writing(most=8)
    assert author.write(asked(), wish=wish) == author.write(hidden, wish=wish)


def test_every_export_holds_none_of_it_and_hides_it_in_what_it_is_asked(made, tmp_path):
    project, run, _ = made
    formats = tasks.get(project.task).exports
    wanted = {form for form in formats if form in {"onnx", "safetensors"}}
    assert wanted
    for form in sorted(wanted):
        job = p.Export(
            project=str(project.folder), run_id=run.id, format=form, out=str(tmp_path / form)
        )
        export(job, Silent())
        assert leaks(tmp_path / form) == set()
        card = (tmp_path / form / "README.md").read_text("utf-8")
        assert "placeholders such as [EMAIL]" in card
        assert '"masked": true' in card
        raw, hidden = (
            _answers(tmp_path / form, texts) for texts in (asked(), [mask(t) for t in asked()])
        )
        assert raw == hidden


def _answers(folder: Path, texts: list[str]) -> str:
    """What the export's own script says, in a process without the app."""
    few = ["--most", "8"] if "--most" in (folder / "answer.py").read_text("utf-8") else []
    done = subprocess.run(
        [sys.executable, "answer.py", *few, *texts],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        cwd=folder,
    )
    assert done.stdout.strip()
    return done.stdout
