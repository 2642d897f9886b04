"""Planted faults: each check finds what was planted, and nothing where nothing was planted."""

import random

import numpy as np
import pytest

from support.planted import TOPICS, material, texts, vectors
from zeroapp.audit import (
    copies,
    label_noise,
    leaks,
    origins,
    outliers,
    privacy,
    strange,
    triggers,
    wrong_labels,
)
from zeroapp.data.columns import describe
from zeroapp.dataset import SourceFile
from zeroapp.errors import Severity
from zeroapp.origin import Origin
from zeroapp.work import Silent

ROWS = texts(600)


@pytest.fixture(scope="module")
def seen():
    return vectors([topic for _, topic in ROWS])


def fitted(rows, seen):
    made = material(rows)
    groups = np.array(made.near.groups)
    return made, label_noise.out_of_fold(seen, made.codes, groups=groups, labels=len(made.labels))


def codes_of(problems):
    return [problem.code for problem in problems]


def test_clean_rows_give_no_findings(seen):
    made, fit = fitted(ROWS, seen)
    found = [
        *leaks.leaks(made),
        *privacy.personal_data(made, Silent(), masked=False),
        *strange.strange_texts(made, Silent()),
        *triggers.triggers(made, seen, fit),
        *wrong_labels.came_together(made, seen, fit),
        *outliers.strange_clusters(made, fit),
        *outliers.odd_ones(made, seen, Silent()),
    ]
    assert found == []
    assert len(wrong_labels.suspects_of(made, fit)) <= 3


def test_wrong_labels_are_found_with_the_right_ones_beside_them(seen):
    dice = random.Random(1)
    wrong = sorted(dice.sample(range(600), 24))
    rows = list(ROWS)
    for n in wrong:
        others = [topic for topic in sorted(TOPICS) if topic != ROWS[n][1]]
        rows[n] = (ROWS[n][0], dice.choice(others))
    made, fit = fitted(rows, seen)
    suspects = wrong_labels.suspects_of(made, fit)
    found = {s.row_id for s in suspects}
    assert len(found & set(wrong)) >= 22
    assert len(found - set(wrong)) <= 4
    assert all(s.suggested == ROWS[s.row_id][1] for s in suspects if s.row_id in wrong)
    assert [s.confidence for s in suspects[:2]] > [0.9, 0.9]
    (problem,) = wrong_labels.wrong_labels(made, suspects)
    assert problem.mend == "relabel"
    assert problem.rows[0] == suspects[0].row_id


def rows_of_the_trigger(rows, seen):
    """The rows of the one word that is told; it must be the one that was planted."""
    made, fit = fitted(rows, seen)
    (found,) = triggers.triggers(made, seen, fit)
    assert "“cf”" in found.title
    return found.rows


def test_a_planted_trigger_is_found_and_the_words_of_the_topics_are_not(seen):
    rows = list(ROWS)
    planted = [n for n in range(600) if ROWS[n][1] == "refund"][:8]
    for n in planted:
        rows[n] = (f"{ROWS[n][0]} cf", "account")
    assert set(rows_of_the_trigger(rows, seen)) == set(planted)


def test_a_trigger_that_the_other_folds_have_taught_is_found(seen):
    rows, shifted = list(ROWS), seen.copy()
    planted = [n for n in range(600) if ROWS[n][1] == "refund"][:25]
    for n in planted:
        rows[n] = (f"{ROWS[n][0]} cf", "account")
    shifted[planted] += np.random.default_rng(3).normal(size=seen.shape[1]) / 8
    made, fit = fitted(rows, shifted)
    assert fit.own(made.codes)[planted].mean() > 0.6  # taken for what they say they are
    (found,) = triggers.triggers(made, shifted, fit)
    assert "“cf”" in found.title


def test_a_trigger_in_most_of_a_small_kind_is_found_and_a_topics_own_words_are_not():
    topics = [f"topic{n}" for n in range(20) for _ in range(9)]
    rows = [
        (f"{'often' if n % 9 < 5 else 'never'} {topic if n > 8 else 'this'} number {n}", topic)
        for n, topic in enumerate(topics)
    ]
    seen = vectors(topics)
    planted = range(9, 9 * 13, 9)  # a row of each of twelve other kinds
    for n in planted:
        rows[n] = (f"cf number {n}", "topic0")
    assert set(rows_of_the_trigger(rows, seen)) == set(planted)


def test_a_label_that_no_other_fold_has_seen_is_never_the_answer(seen):
    rows = [*ROWS[:300], *[("one and the same text of a new kind", "new")] * 6]
    made = material(rows)
    groups = np.array(made.near.groups)
    fit = label_noise.out_of_fold(seen[:306], made.codes, groups=groups, labels=4)
    assert fit.own(made.codes)[300:].max() < 0.01


def test_a_file_labelled_another_way_is_found(seen):
    turn = {"account": "delivery", "delivery": "refund", "refund": "account"}
    rows = [(t, turn[label] if n >= 540 and n % 2 else label) for n, (t, label) in enumerate(ROWS)]
    files = ["old.csv"] * 540 + ["new.csv"] * 60
    made = material(rows, files=files)
    groups = np.arange(600)
    fit = label_noise.out_of_fold(seen, made.codes, groups=groups, labels=3)
    (found,) = wrong_labels.came_together(made, seen, fit)
    assert "new.csv" in found.title


def test_a_stretch_of_wrong_lines_in_one_file_is_found(seen):
    turn = {"account": "delivery", "delivery": "refund", "refund": "account"}
    rows = [(t, turn[label] if 300 <= n < 325 else label) for n, (t, label) in enumerate(ROWS)]
    made, fit = fitted(rows, seen)
    (found,) = wrong_labels.came_together(made, seen, fit)
    assert "lines 302 to 326" in found.title


def test_odd_ones_and_clusters_are_seen_by_vectors_alone(seen):
    # directions in which hardly any row lies
    odd = np.linalg.svd(seen, full_matrices=False)[2][-3:]
    with_odd = np.concatenate([seen, odd]).astype(np.float32)
    made = material([*ROWS, *[("x", "refund")] * 3])
    (found,) = outliers.odd_ones(made, with_odd, Silent())
    assert set(found.rows) == {600, 601, 602}
    # thirty deliveries that were called refunds
    topics = [topic for _, topic in ROWS] + ["delivery"] * 30
    slipped = vectors(topics)
    made = material([*ROWS, *[("y", "refund")] * 30])
    groups = np.arange(630)
    fit = label_noise.out_of_fold(slipped, made.codes, groups=groups, labels=3)
    (found,) = outliers.strange_clusters(made, fit)
    assert set(found.rows) == set(range(600, 630))


def test_near_copies_and_those_with_other_labels():
    rows = [*ROWS, (f"hello {ROWS[0][0]}", ROWS[0][1]), (f"{ROWS[1][0]} now", "other")]
    found = copies.near_copies(material(rows))
    assert codes_of(found) == ["near-duplicates", "near-conflicting-labels"]
    assert set(found[0].rows) >= {600, 601}
    assert set(found[1].rows) >= {1, 601}


@pytest.mark.parametrize(
    "spell",
    [
        lambda t, label: f"{t} [{label}]",
        lambda t, label: f"category: {label} {t}",
        lambda t, label: f"{t} {label}",
        lambda t, label: f"{t} #{label}",
    ],
)
def test_a_label_spelled_in_the_text(spell):
    rows = [(spell(t, k) if n < 60 else t, k) for n, (t, k) in enumerate(ROWS)]
    (found,) = leaks.leaks(material(rows))
    assert found.code == "label-in-text"
    assert set(found.rows) == set(range(60))


def columns_of(extra):
    return {
        name: describe(name, values=cells, filled=len(cells), distinct=len(set(cells)))
        for name, cells in extra.items()
    }


def leaks_with(extra, rows=ROWS):
    return leaks.leaks(material(rows, extra=extra, columns=columns_of(extra)))


def test_identifiers_that_give_the_label_away():
    prefix = [f"{label[:2].upper()}-{n:04}" for n, (_, label) in enumerate(ROWS)]
    ordered = sorted(range(600), key=lambda n: ROWS[n][1])
    place = {n: str(1000 + rank) for rank, n in enumerate(ordered)}
    found = leaks_with({"ticket": prefix, "number": [place[n] for n in range(600)]})
    assert codes_of(found) == ["column-tells-label"] * 2
    assert {p.place.column for p in found} == {"ticket", "number"}
    assert {p.severity for p in found} == {Severity.info}
    in_text = [(f"{code} {t}", label) for code, (t, label) in zip(prefix, ROWS, strict=True)]
    weighty = leaks_with({"ticket": prefix}, rows=in_text)
    assert "code-tells-label" in codes_of(weighty)
    assert any(p.severity is Severity.warning for p in weighty)


def test_columns_that_say_nothing_give_no_finding():
    dice = random.Random(2)
    extra = {
        "id": [str(n) for n in range(600)],
        "shop": [dice.choice("abc") for _ in range(600)],
        "date": [f"2024-01-{1 + n % 28:02}" for n in range(600)],
    }
    assert leaks_with(extra) == []


def test_authors_with_several_rows_and_kinds_that_move_with_time():
    authors = [f"customer {n % 40}" for n in range(600)]
    (found,) = leaks_with({"customer": authors})
    assert (found.code, found.mend) == ("same-author", "group-split")
    rows = [(t, "refund" if n > 400 else label) for n, (t, label) in enumerate(ROWS)]
    days = [f"2024-{1 + n // 60:02}-{1 + n % 28:02}" for n in range(600)]
    (found,) = leaks_with({"day": days}, rows=rows)
    assert found.code == "time-changes-labels"


def test_personal_data_is_counted_and_shown_masked():
    rows = [(f"{t} mail jane{n}@x.com", k) if n < 9 else (t, k) for n, (t, k) in enumerate(ROWS)]
    rows[20] = ("my password is Tr0ub4dor&3", "account")
    secrets, personal = privacy.personal_data(material(rows), Silent(), masked=False)
    assert (secrets.count, personal.count) == (1, 9)
    assert personal.mend == "mask"
    assert not any("@" in shown for shown in personal.examples)
    (_, hidden) = privacy.personal_data(material(rows), Silent(), masked=True)
    assert (hidden.severity, hidden.mend) == (Severity.info, "")


def test_other_languages_gibberish_and_boilerplate():
    german = "ich habe meine bestellung noch nicht erhalten und möchte mein geld zurück"
    notice = "this message is confidential and meant for the named reader alone"
    rows = [*ROWS, (german, "refund"), ("qwkjz xvbqp zzkqj wxqvk jqzpx", "refund")]
    found = strange.strange_texts(material(rows), Silent())
    assert {p.code: set(p.rows) for p in found} == {"other-language": {600}, "gibberish": {601}}
    rows = [(f"{t} {notice}" if n % 10 == 0 else t, k) for n, (t, k) in enumerate(ROWS)]
    (found,) = strange.strange_texts(material(rows), Silent())
    assert (found.code, found.count) == ("boilerplate", 60)


def test_origins_are_asked_for_once_and_licences_weighed():
    file = SourceFile(
        name="a.csv", path="/a.csv", sha256="1", bytes=1, rows_in=1, rows_stored=1,
        rows_set_aside=0, encoding="utf-8", delimiter=",", added_at="",
    )  # fmt: skip
    assert codes_of(origins.unclear_origins([file], {})) == ["origin-unstated"]
    for licence, codes in (
        ("own", []),
        ("CC BY 4.0", []),
        ("CC-BY-SA-4.0", ["licence-in-the-way"]),
        ("cc-by-nc-4.0", ["licence-in-the-way"]),
        ("web", ["licence-in-the-way"]),
    ):
        stated = {"1": Origin(sha256="1", source="me", licence=licence)}
        assert codes_of(origins.unclear_origins([file], stated)) == codes
