"""Where a model looks is where the answer hangs on; nothing else is claimed."""

import numpy as np
import pytest
from PIL import Image

from support import tiny_eyes
from support.snapshots import finished_eyes
from zeroapp.engine.inference import Predictor
from zeroapp.engine.looking import CELLS, where_it_looks


def _picture(*, spot: tuple[int, int]) -> Image.Image:
    """White, with a black square in one of its eight by eight fields."""
    values = np.full((80, 160, 3), 255, np.uint8)
    down, along = spot
    values[down * 10 : down * 10 + 10, along * 20 : along * 20 + 20] = 0
    return Image.fromarray(values)


def _sees_black(images):
    """Sure of its second answer as long as the black square is there."""
    dark = np.array([min(1.0, (np.asarray(i) < 50).mean() * 64) for i in images], np.float32)
    return np.stack([1 - dark, dark], axis=1)


@pytest.mark.parametrize("spot", [(0, 0), (2, 5), (7, 7)])
def test_the_part_that_decides_is_the_brightest(spot):
    heat = np.array(where_it_looks(_picture(spot=spot), ask=_sees_black))

    assert heat.shape == (CELLS, CELLS)
    assert np.unravel_index(heat.argmax(), heat.shape) == spot
    assert heat[spot] == pytest.approx(1.0, abs=0.05)
    far = [abs(np.arange(CELLS) - at) > 1 for at in spot]
    assert abs(heat[far[0]]).max() < 0.05
    assert abs(heat[:, far[1]]).max() < 0.05


def test_a_model_that_looks_nowhere_is_hot_nowhere():
    heat = where_it_looks(
        _picture(spot=(1, 1)), ask=lambda images: np.full((len(images), 2), 0.5, np.float32)
    )

    assert not np.any(heat)


def test_a_finished_model_is_asked_and_a_text_has_no_where(tmp_path):
    origin = finished_eyes(tmp_path, base=tiny_eyes.make_resnet(tmp_path / "base"))
    model = Predictor(origin.model)
    heat = np.array(model.look(_saved(tmp_path)))

    assert heat.shape == (CELLS, CELLS)
    assert abs(heat).max() > 0


def _saved(folder):
    path = folder / "asked.png"
    _picture(spot=(3, 3)).save(path)
    return path
