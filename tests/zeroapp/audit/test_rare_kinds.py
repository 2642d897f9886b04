"""Rare kinds: those that are missed more often are named with numbers, the others are not."""

import numpy as np
import pytest

from support.planted import material
from zeroapp.audit.label_noise import Fit
from zeroapp.audit.rare_kinds import rare_kinds

COMMON, RARE = 400, 30


def looked_at(rare_right: int, *, rare: int = RARE, how_sure: float = 0.9):
    """Rows of two kinds; the model is right on every common one and on `rare_right` rare ones."""
    kinds = ["usual"] * COMMON + ["seldom"] * rare
    made = material([(f"text {n}", kind) for n, kind in enumerate(kinds)])
    seldom = made.labels.index("seldom")
    chances = np.full((len(kinds), 2), 1 - how_sure, np.float32)
    chances[:, 1 - seldom] = how_sure
    chances[COMMON : COMMON + rare_right] = chances[COMMON : COMMON + rare_right, ::-1]
    return rare_kinds(made, Fit(chances))


def test_a_rare_kind_that_is_missed_is_told_with_its_numbers():
    (found,) = looked_at(12)

    assert found.code == "rare-kinds-missed"
    assert found.title == "18 of 30 “seldom” would be missed."
    assert "on 12 of 30 of these" in found.why
    # Wilson's interval of 12 in 30
    assert found.examples == ("seldom: right on 12 of 30 (25 to 58 of 100)",)
    # a quarter of the 400 common ones is called even enough
    assert "70 more of “seldom”" in found.remedy
    assert found.mend == "weigh-rare"
    assert found.count == 18
    assert set(found.rows) <= set(range(COMMON, COMMON + RARE))


@pytest.mark.parametrize(("right", "rare"), [(30, 30), (29, 30), (3, 4), (60, 100)])
def test_nothing_is_said_of_kinds_that_do_as_well_or_are_not_rare(right, rare):
    # 29 of 30 and 3 of 4 may be chance; 100 of 400 is not rare
    assert looked_at(right, rare=rare) == []


def test_it_foretells_what_more_weight_would_change():
    # with 55 to 45 against them the rows of the rare kind are won by a weight of 3.4 to 1, and so
    # are the common ones, of which the model was no surer
    (found,) = looked_at(0, how_sure=0.55)

    assert "would be on 30, and on 0 instead of 400 of the other 400" in found.why
