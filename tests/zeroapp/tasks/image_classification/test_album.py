"""How much room pictures take that are kept open for the next round."""

import numpy as np
import pytest
from PIL import Image

from zeroapp.preparation import Preparation
from zeroapp.tasks.image_classification import album
from zeroapp.tasks.image_classification.album import Album


@pytest.fixture
def paths(tmp_path):
    made = [str(tmp_path / f"{number}.png") for number in range(6)]
    for number, path in enumerate(made):
        noise = np.random.default_rng(number).integers(0, 255, (90, 120, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    return made


def test_room_is_told_before_all_of_it_is_taken(paths, monkeypatch):
    monkeypatch.setattr(album, "_MEASURED", 2)
    told = Album(Preparation(side=32, whole=32), mirror=False).room_for(paths)
    taken = Album(Preparation(side=32, whole=32), mirror=False)
    for path in paths:
        taken.seen(path, draw=1)
    assert told == taken._size > 6 * 3 * 32 * 32


def test_no_more_is_told_than_is_ever_kept(paths, monkeypatch):
    monkeypatch.setattr(album, "ROOM", 10_000)
    assert Album(Preparation(side=32, whole=32), mirror=False).room_for(paths) == 10_000
    assert Album(Preparation(side=32, whole=32), mirror=False).room_for([]) == 0


def test_a_kept_picture_is_the_one_that_was_opened(paths):
    kept = Album(Preparation(side=32, whole=32), mirror=False)
    first, again = kept._opened(paths[0]), kept._opened(paths[0])
    assert again.size == first.size
    assert again.tobytes() == first.tobytes()
    assert kept.seen(paths[0], draw=5).tolist() == kept.seen(paths[0], draw=5).tolist()
