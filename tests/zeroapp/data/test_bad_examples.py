"""Bad input of the tasks that write and that look at pictures: each is told with its place."""

import numpy as np
import pytest
from PIL import Image

from support.made_files import huge_png
from zeroapp import tasks
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Answers, DatasetProfile, Example, LabelCount, Reads
from zeroapp.errors import DataError, Severity
from zeroapp.label_checks import check as check_labels
from zeroapp.project import Project
from zeroapp.work import Silent

WRITES = next(t.key for t in tasks.all_tasks().values() if t.answers is Answers.text)
SEES = next(t.key for t in tasks.all_tasks().values() if t.reads is Reads.picture)


def photo(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC)


def photos(folder, *kinds: str):
    for number, kind in enumerate(kinds):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        photo(number).save(folder / kind / f"{number}.png")
    return folder


def test_answers_longer_than_the_model_reads_are_counted(tmp_path):
    rows = [f"What of {n}?,{'a long answer ' * (20 if n % 4 == 0 else 1)}{n}" for n in range(40)]
    (tmp_path / "pairs.csv").write_text("\n".join(["question,answer", *rows]))
    with Project.create(tmp_path / "project", task=WRITES) as project:
        import_paths(project, [tmp_path / "pairs.csv"], Silent())
        profile, problems = check(
            project, Silent(), count_tokens=lambda said: [len(t.split()) for t in said], limit=30
        )
    assert profile.usable == 40
    (cut,) = [one for one in problems if one.code == "texts-cut"]
    assert cut.count == 10
    assert cut.place.column == "answer"
    assert cut.title == "10 examples are longer than the model reads."
    assert "part a long answer" in cut.remedy


def test_one_picture_a_kind_teaches_nothing(tmp_path):
    with Project.create(tmp_path / "project", task=SEES) as project:
        import_paths(project, [photos(tmp_path / "photos", *"abcdefgh")], Silent())
        _, problems = check(project, Silent(), count_tokens=None, limit=0)
    blocking = [one for one in problems if one.severity is Severity.blocking]
    assert [one.code for one in blocking] == ["many-labels-like-ids"]
    assert "8 different kinds in 8 rows" in blocking[0].title


@pytest.mark.parametrize(
    ("each", "code"), [(1, "many-labels-like-ids"), (2, "too-many-labels"), (9, "too-many-labels")]
)
def test_ten_thousand_kinds_are_told_in_one_line(each, code):
    kinds = [f"kind {n}" for n in range(10_000)]
    profile = DatasetProfile(
        version="v", rows=each * 10_000, usable=each * 10_000, set_aside=0, columns=(),
        roles={"text": "picture", "label": "folder"},
        labels=tuple(LabelCount(label=kind, count=each) for kind in kinds),
    )  # fmt: skip
    examples = [
        Example(row_id=n, text=f"text {n}", label=kinds[n // each]) for n in range(each * 10_000)
    ]
    found = check_labels(profile, examples)
    assert [(one.code, one.severity) for one in found] == [(code, Severity.blocking)]
    assert all(len(one.title) < 200 and len(one.examples) <= 5 for one in found)
    assert "10,000" in found[0].title


def test_of_a_picture_that_moves_the_first_is_taken_and_that_is_said(tmp_path):
    folder = photos(tmp_path / "photos", *"aabb")
    frames = [photo(20 + n) for n in range(3)]
    frames[0].save(folder / "a" / "moves.gif", save_all=True, append_images=frames[1:])
    with Project.create(tmp_path / "project", task=SEES) as project:
        said = import_paths(project, [folder], Silent())
        (repair,) = project.repairs()
    assert (said.rows_stored, said.rows_set_aside) == (5, 0)
    assert repair.shown[0].before == "moves.gif"
    assert "first" in repair.shown[0].after


def test_a_picture_of_900_million_points_is_set_aside_by_name(tmp_path):
    folder = photos(tmp_path / "photos", *"aabb")
    (folder / "a" / "huge.png").write_bytes(huge_png())
    with Project.create(tmp_path / "project", task=SEES) as project:
        said = import_paths(project, [folder], Silent())
        (aside,) = project.set_aside()
    assert (said.rows_stored, said.rows_set_aside) == (4, 1)
    assert "huge.png" in aside.raw
    assert "more than 120 million points" in aside.reason


def test_a_text_that_is_binary_is_refused_and_passed_over_in_a_folder(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 40)
    with Project.create(tmp_path / "project", task=WRITES) as project:
        with pytest.raises(DataError) as caught:
            import_paths(project, [folder / "noise.txt"], Silent())
        assert caught.value.hint
        for n in range(3):
            (folder / f"day{n}.txt").write_text(f"It rained on day {n}, and we stayed in.\n\nSo.")
        said = import_paths(project, [folder], Silent())
    assert said.rows_stored >= 3
