"""The card says what a stranger must know, whatever a person called their kinds."""

import dataclasses

import msgspec
import pytest

from zeroapp.dataset import SourceFile
from zeroapp.govern.card import BaseFacts, CardFacts, Replay, card, pinned
from zeroapp.plan import TrainPlan
from zeroapp.report import (
    Comparison,
    Confusion,
    Interval,
    LabelScore,
    Mistake,
    Report,
    Score,
    Selection,
)

LABELS = ("billing", "odd | one\nwith a break")


@pytest.fixture
def report():
    return Report(
        run_id="r",
        task="text_classification",
        base="minilm-l6",
        data_version="v1",
        verdict="Right on 91 of 100 messages it had never seen.",
        ok=True,
        n=100,
        right=91,
        scores=(
            Score(
                key="accuracy",
                value=0.91,
                interval=Interval(low=0.838, high=0.952, method="wilson"),
                n=100,
            ),
        ),
        comparisons=(
            Comparison(
                against="untrained",
                title="the untrained model",
                right=31,
                n=100,
                only_ours=60,
                only_theirs=0,
                p_value=1e-18,
                better=True,
            ),
        ),
        confusion=Confusion(labels=LABELS, counts=((50, 4), (5, 41))),
        per_label=(
            LabelScore(label=LABELS[1], n=46, right=41, precision=0.9, recall=0.89, f1=0.9),
        ),
        worst=(Mistake(row_id=1, text="my secret", truth="a", answer="b", confidence=0.9),),
        selection=Selection(in_use="probe", why="It was enough.", n=80, probe_right=70),
        limits=("Only a few rows of one kind.",),
        train_rows=700,
        validation_rows=150,
        seconds=12.0,
        created_at="2026-01-02T03:04:05+00:00",
    )


@pytest.fixture
def facts(report):
    return CardFacts(
        title="Sort texts into kinds",
        format="onnx",
        task="text_classification",
        made_by="zeroapp 0.1.0",
        created_at="2026-01-02T03:04:05+00:00",
        labels=LABELS,
        max_length=128,
        prefix="",
        column="the message",
        base=BaseFacts(title="MiniLM", licence="Apache-2.0", licence_note="A note.", may_sell=True),
        data_version="v1",
        run_id="20260102-030405-06-train",
        in_use="probe",
        packages=("onnxruntime==1.2.3", "tokenizers==4.5.6"),
        replay=Replay(compared=100, agreement=0.99, accuracy=0.9, latency_ms=3.25),
        files=(
            SourceFile(
                name="private name.csv",
                path="/home/somebody/private name.csv",
                sha256="ab" * 32,
                bytes=10,
                rows_in=1000,
                rows_stored=998,
                rows_set_aside=2,
                encoding="utf-8",
                delimiter=",",
                added_at="2026-01-02T03:04:05+00:00",
            ),
        ),
        plan=TrainPlan(
            task="text_classification", base="minilm-l6", data_version="v1", labels=LABELS, seed=99
        ),
        report=report,
    )


def test_it_says_how_good_with_intervals_and_against_whom(facts):
    text = card(facts)
    assert "Right on 91 of 100 messages it had never seen." in text
    assert "| right answers | 0.910 | 0.838 to 0.952 | wilson |" in text
    assert "better than the untrained model (right on 31 of 100" in text
    assert "99.0% of 100" in text
    assert "3.2 ms" in text


def test_of_a_model_that_writes_it_says_how_often_it_goes_on_alike(facts):
    replay = Replay(compared=12, agreement=0.75, accuracy=0.85, latency_ms=90, same_next=0.985)
    text = card(dataclasses.replace(facts, labels=(), report=None, replay=replay, ruled=True))
    assert "on 75.0% of 12 examples" in text
    assert "the next word piece in 98.5% of places" in text
    assert "begins every talk with the rules" in text
    assert "right on" not in text


def test_it_says_where_it_comes_from(facts):
    text = card(facts)
    assert "`v1`" in text
    assert "998 rows, sha256 `" + "ab" * 32 in text
    assert "700 rows to learn from, 150 to choose" in text
    assert '"seed": 99' in text
    assert "It was enough." in text
    assert "MiniLM: Apache-2.0. It may be used in what you sell. A note." in text
    assert "Only a few rows of one kind." in text


def test_it_says_how_to_use_it(facts):
    text = card(facts)
    assert "pip install onnxruntime==1.2.3 tokenizers==4.5.6" in text
    assert "--column 'the message'" in text
    assert "pipeline(" not in text
    other = card(dataclasses.replace(facts, format="safetensors", prefix="query: "))
    assert 'answer("query: a text to answer", truncation=True)' in other
    assert 'must start with "query: "' in other


def test_it_gives_nobodys_rows_or_paths_away(facts):
    text = card(facts)
    assert "my secret" not in text
    assert "private name" not in text
    assert "/home/somebody" not in text


def test_a_kind_cannot_break_the_card(facts):
    text = card(facts)
    assert "| odd \\| one with a break | 46 | 41 | 0.90 | 0.89 |" in text
    assert "“odd | one with a break”" in text


def test_its_head_is_what_hubs_read(facts):
    _, head, _ = card(facts).split("---\n", 2)
    assert head.splitlines() == [
        'pipeline_tag: "text-classification"',
        "tags: [zeroapp]",
        'license: "apache-2.0"',
        "library_name: onnxruntime",
    ]


def test_what_is_not_known_is_not_promised(facts):
    unknown = dataclasses.replace(
        facts, base=BaseFacts(title="some/base"), report=None, plan=None, files=()
    )
    text = card(unknown)
    assert "some/base: not known. Ask its makers before you use it in what you sell." in text
    assert "license:" not in text
    assert "How good it is" not in text
    assert "Let a person decide" in text


def test_versions_are_pinned_without_their_local_part():
    versions = {"torch": "2.13.0+cpu", "numpy": "2.4.6"}
    assert pinned(("torch", "numpy", "other"), versions=versions) == (
        "torch==2.13.0",
        "numpy==2.4.6",
        "other",
    )


def test_a_report_of_any_shape_fits(facts, report):
    smaller = msgspec.structs.replace(report, comparisons=(), per_label=(), limits=(), scores=())
    assert "On 100 examples" in card(dataclasses.replace(facts, report=smaller))


def test_it_says_that_personal_data_was_hidden_and_how_to_hide_it_elsewhere(facts):
    assert "Personal data" not in card(facts)
    plan = msgspec.structs.replace(facts.plan, masked=True)
    text = card(dataclasses.replace(facts, plan=plan, format="safetensors", prefix="query: "))
    assert "answer.py replaces it in the same way" in text
    assert "from personal import mask" in text
    assert 'answer("query: " + mask("a text to answer"), truncation=True)' in text


def test_it_says_that_rare_kinds_counted_more_but_not_how_many_rows_there_were(facts):
    plan = msgspec.structs.replace(facts.plan, weigh_rare=True, label_counts=(9408, 147))
    text = card(dataclasses.replace(facts, plan=plan))
    # the root of 9408 / 147
    assert "a row of the rarest counted 8.0 times as much" in text
    assert "9408" not in text
