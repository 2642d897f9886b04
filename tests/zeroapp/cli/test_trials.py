"""What `rehearse` and `benchmark` print."""

from pathlib import Path

import pytest

from zeroapp import protocol as p
from zeroapp.cli.arguments import parser
from zeroapp.cli.trials import rehearsed_words, stage_words
from zeroapp.errors import UsageError

MB = 10**6


def measured(stage: int, rank: int, **fields) -> p.StageMeasured:
    usual = {
        "parameters": 90 * MB,
        "gradients": 40 * MB,
        "optimizer": 80 * MB,
        "peak": 700 * MB,
        "steps": 6,
        "seconds_per_step": 0.5,
        "communication": 0.1,
    }
    return p.StageMeasured(stage=stage, rank=rank, ranks=2, **(usual | fields))


def test_a_stage_has_one_line_with_the_rank_that_holds_most():
    seen = [measured(0, 0), measured(0, 1, peak=900 * MB), measured(3, 0, parameters=45 * MB)]
    lines = stage_words(seen).splitlines()
    assert len(lines) == 4  # what it is, the heads, two stages
    assert "900 MB" in lines[2]
    assert "45 MB" in lines[3]
    assert "0.50 s" in lines[3]


def test_a_stage_that_does_not_fit_says_so():
    seen = [measured(0, 0, fits=False), measured(3, 0)]
    assert "does not fit" in stage_words(seen).splitlines()[2]


def test_a_rehearsal_tells_time_memory_and_answers():
    row = p.TriedRow(text="where is it", truth="lost", before="help", after="lost")
    wrong = p.TriedRow(text="and this", truth="help", before="lost", after="lost")
    told = p.Rehearsed(
        steps=20,
        total=2000,
        seconds_per_step=0.4,
        tokens_per_second=600.0,
        peak=700 * MB,
        seconds=840.0,
        rows=(row, wrong),
    )
    text = rehearsed_words(told)
    assert "20 of 2,000" in text
    assert "700 MB" in text
    assert "about 14 minutes" in text
    assert "“help”, then “lost” (right)" in text
    assert "should be “help”" in text


def test_a_folder_is_meant_from_where_the_person_stands(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert parser().parse_args(["check", "shop"]).project == tmp_path / "shop"
    assert parser().parse_args(["new", "../x"]).project == Path(tmp_path / "../x")


@pytest.mark.parametrize("steps", ["1", "1001", "many"])
def test_steps_must_be_possible(steps):
    with pytest.raises(UsageError):
        parser().parse_args(["benchmark", "p", "--steps", steps])
