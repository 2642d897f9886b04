"""The last page's model: one click exports, what came of it, answers to a whole file."""

import pytest
from msgspec.structs import replace

from support import stories
from ui.viewmodels import use_words
from ui.viewmodels.use import UseModel
from zeroapp.protocol import (
    Export,
    Exported,
    Failed,
    Finished,
    PhaseEntered,
    Predict,
    Predicted,
    Progressed,
    Train,
)


@pytest.fixture
def model(world):
    made = UseModel(world.session)
    world.run = world.project.add_report(stories.report())
    world.open()
    made.entered()
    return made


def test_the_recommended_format_comes_first(model):
    first = model.choices[0]
    assert first.title == "Small, runs anywhere"
    assert first.recommended
    assert [choice.format for choice in model.choices] == ["onnx-int8", "onnx", "safetensors"]


def test_one_click_exports_the_newest_model(world, model):
    model.export("onnx-int8")
    wanted = Export(project=world.session.folder, run_id=world.run.id, format="onnx-int8", out="")
    assert world.launcher.jobs == [wanted]
    assert not model.free
    world.tell(
        "export",
        PhaseEntered(phase="checking", title="Checking that it answers the same"),
        Progressed(done=120, total=200, unit="rows", seconds_left=30),
    )
    assert model.exporting.title == "Checking that it answers the same"
    assert model.exporting.detail == "about 30 seconds left"


def test_a_finished_export_shows_what_was_checked(world, model):
    model.export("onnx-int8")
    record = stories.export_record("/exports/onnx-int8")
    world.project.records.append(record)
    world.tell("export", Exported(record=record), Finished(outcome="completed"))
    assert model.exporting is None
    assert model.free
    assert model.made == {"onnx-int8": 1}
    result = model.latest
    assert "199 of 200" in result.sentence
    assert result.commands.splitlines() == [
        "pip install onnxruntime tokenizers numpy",
        'cd "/exports/onnx-int8"',
        'python answer.py "your text"',
    ]
    values = {fact.name: fact.value for fact in result.facts}
    assert values == {
        "Same answers": "199 of 200",
        "Right answers": "98%",
        "Size": "23 MB",
        "One answer takes": "6 milliseconds",
    }


def test_a_model_that_sees_is_run_with_a_picture():
    files = ("model.onnx", "preprocessor_config.json", "answer.py")
    shown = use_words.result(replace(stories.export_record("/e"), files=files))
    assert shown.title == "Small, runs anywhere"
    assert shown.commands.splitlines() == [
        "pip install onnxruntime pillow numpy",
        'cd "/e"',
        'python answer.py "your picture.jpg"',
    ]


def test_nothing_of_words_is_said_where_pictures_are_sorted():
    of_pictures = use_words.choices(("onnx-int8", "onnx", "safetensors"), pictures=True)
    of_texts = use_words.choices(("onnx-int8", "onnx", "safetensors"), pictures=False)
    assert not any("tokenizers" in choice.technical for choice in of_pictures)
    assert of_texts[0].title == "Small, runs anywhere"
    assert "onnxruntime and pillow" in of_pictures[0].technical
    assert of_pictures[2] == of_texts[2]


def test_only_a_whole_agreement_is_called_exact():
    exact = use_words.result(stories.export_record("/e", agreement=1.0)).sentence
    assert exact.endswith("answers all 200 examples kept aside exactly as it does here.")
    almost = use_words.result(stories.export_record("/e", agreement=0.995)).sentence
    assert almost.endswith("1 differs.")


def test_the_newest_export_stands_out_and_older_ones_are_listed(world, model):
    older = stories.export_record("/exports/onnx", name="onnx", agreement=1.0)
    world.project.records = [older, stories.export_record("/exports/onnx-int8")]
    model.entered()
    assert model.latest.path == "/exports/onnx-int8"
    assert [result.path for result in model.past] == ["/exports/onnx"]


def test_a_failed_export_says_why_and_can_be_tried_again(world, model):
    model.export("onnx")
    world.tell("export", Failed(failure=stories.out_of_disk()))
    assert model.failure == stories.out_of_disk()
    assert model.free
    model.export("onnx")
    assert model.failure is None


def test_while_it_teaches_nothing_is_exported(world, model):
    world.session.launch(Train(project=world.session.folder, plan=stories.plan()))
    world.tell("train", *stories.beginning())
    assert not model.free
    assert model.note == "The computer is busy teaching. Export when that is done."
    model.export("onnx")
    assert len(world.launcher.jobs) == 1


def test_an_export_can_be_stopped(world, model):
    model.export("onnx")
    model.stop_export()
    assert world.launcher.last.told == ["stop"]


def test_a_whole_file_is_answered_beside_it(world, model, tmp_path):
    file = tmp_path / "new.csv"
    file.write_text("message\nhello\n")
    (tmp_path / "new-answers.csv").write_text("taken")
    model.answer_file(str(file))
    out = str(tmp_path / "new-answers-2.csv")
    assert world.launcher.jobs == [Predict(model=str(world.run.path), file=str(file), out=out)]
    assert model.answering.title == "Reading the file"
    world.tell(
        "predict", Predicted(rows=1200, out=out, accuracy=0.97), Finished(outcome="completed")
    )
    assert model.answering is None
    assert model.answered == (
        f"1\u2009200 rows answered. The answers are in {out}. "
        "Where the file already had a kind, 97% agree."
    )


def test_a_file_that_cannot_be_answered_says_why(world, model, tmp_path):
    model.answer_file(str(tmp_path / "new.csv"))
    world.tell("predict", Failed(failure=stories.out_of_disk()))
    assert model.failure == stories.out_of_disk()
    assert model.answered == ""


def test_another_project_forgets_it(world, model):
    world.session.open(None)
    assert model.choices == ()
    assert model.latest is None
    assert not model.free
