"""Folders, archives and tables of pictures become rows; what cannot be read is set aside."""

import errno
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zeroapp import pixels, tasks
from zeroapp.data.goal import best_task
from zeroapp.data.importing import import_paths
from zeroapp.data.looks import leaders
from zeroapp.data.roles import columns_of
from zeroapp.data.splits import assign
from zeroapp.dataset import Part, Reads
from zeroapp.errors import DataError, ResourceError
from zeroapp.pixels import open_picture
from zeroapp.project import Project
from zeroapp.work import Silent, Stopped


def draw(path, *, seed, size=(48, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def photos(tmp_path):
    """Two kinds, a level that says nothing above them, and files that are no pictures."""
    top = tmp_path / "photos"
    for seed in range(12):
        draw(top / "2026" / ("cat", "dog")[seed % 2] / f"{seed}.png", seed=seed)
    (top / "2026" / "cat" / "broken.jpg").write_bytes(b"no picture at all")
    (top / "notes.txt").write_text("about my photos")
    return top


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project") as made:
        yield made


def test_a_folder_of_pictures_says_what_it_is_for(project, photos):
    said = import_paths(project, [photos], Silent())
    assert tasks.get(project.task).reads is Reads.picture
    assert (said.rows_stored, said.rows_set_aside) == (12, 1)
    assert "broken.jpg" in project.set_aside()[0].raw
    assert project.roles() == {"text": "picture", "label": "folder"}
    assert {e.label for e in project.examples()} == {"cat", "dog"}
    assert all(project.folder / "files" in Path(e.text).parents for e in project.examples())


def test_the_person_s_own_files_may_go(project, photos):
    import_paths(project, [photos], Silent())
    shutil.rmtree(photos)
    assert all(open_picture(Path(e.text)).size == (48, 40) for e in project.examples())


def test_an_archive_is_read_like_its_folder(project, photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as file:
        for path in photos.rglob("*.png"):
            file.write(path, path.relative_to(photos))
    import_paths(project, [tmp_path / "photos.zip"], Silent())
    assert {e.label for e in project.examples()} == {"cat", "dog"}
    assert not list(project.folder.glob(".unpacked*"))


def test_a_table_names_its_pictures(project, photos):
    rows = ["name,what"]
    rows += [
        f"2026/{('cat', 'dog')[n % 2]}/{n}.png,{('left', 'right')[n % 3 == 0]}" for n in range(12)
    ]
    rows += ["missing.png,left", "../../etc/passwd.png,left"]
    (photos / "list.csv").write_text("\n".join(rows))
    import_paths(project, [photos], Silent())
    assert project.count() == 12
    assert project.store.count_set_aside() == 2
    project.set_roles({"text": "name", "label": "what"})
    assert {e.label for e in project.examples()} == {"left", "right"}


def test_nothing_stays_of_an_import_that_was_stopped(project, photos):
    class Hasty(Silent):
        def stop_wanted(self):
            return True

    with pytest.raises(Stopped):
        import_paths(project, [photos], Hasty())
    assert not list((project.folder / "files").rglob("*.*"))


def test_a_project_of_texts_takes_no_pictures(tmp_path, photos):
    with Project.create(tmp_path / "texts", task=tasks.default().key) as texts:
        (photos / "notes.txt").unlink()
        with pytest.raises(DataError):
            import_paths(texts, [photos], Silent())


def test_a_burst_stays_on_one_side(project, tmp_path):
    for seed in range(20):
        first = draw(tmp_path / "p" / "ab"[seed % 2] / f"{seed}.png", seed=seed, size=(240, 200))
        open_picture(first).crop((2, 1, 240, 200)).save(first.with_name(f"{seed} again.jpg"))
    import_paths(project, [tmp_path / "p"], Silent())
    examples = project.examples()
    parts = assign(examples, seed=1)
    assert set(parts.values()) == set(Part)
    shots: dict[str, set[Part]] = {}
    for example in examples:
        number = example.name.rsplit("/", 1)[-1].split(" ")[0].split(".")[0]
        shots.setdefault(number, set()).add(parts[example.row_id])
    assert sum(len(sides) > 1 for sides in shots.values()) == 0


def test_closeness_does_not_run_on_from_link_to_link():
    series = [(1 << 40) - 1 ^ ((1 << n) - 1) for n in range(0, 30, 3)]
    assert len(set(leaders(series))) > 1
    assert leaders([7, 7, 1 << 63]) == [0, 0, 2]


def test_texts_with_kinds_are_sorted():
    rows = [
        {"message": f"where is my parcel {n}, please?", "topic": "ab"[n % 2]} for n in range(30)
    ]
    columns = columns_of(rows, names=("message", "topic"))
    key = best_task(tasks.all_tasks().values(), columns=columns, reads=Reads.text)
    assert key == tasks.default().key


def test_a_phone_s_picture_is_opened():
    assert open_picture(Path(__file__).parent / "golden" / "phone.heic").size == (24, 20)


def test_a_disk_without_room_for_the_copies_ends_the_import(project, tmp_path, monkeypatch):
    """Else every picture would be set aside as one that cannot be read."""
    for seed in range(4):
        draw(tmp_path / "p" / "ab"[seed % 2] / f"{seed}.png", seed=seed)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pixels, "write_whole", full)
    with pytest.raises(ResourceError) as caught:
        import_paths(project, [tmp_path / "p"], Silent())
    assert (caught.value.code, project.files()) == ("disk-full", [])
