"""The quick model: learns what can be learnt, keeps its folder whole, survives odd labels."""

import numpy as np
import pytest
import torch

from zeroapp.engine import linear_probe


def clouds(*, labels: int, rows: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A cloud of points around its own corner for every label."""
    random = np.random.default_rng(seed)
    targets = np.arange(rows * labels) % labels
    centres = 3 * np.eye(labels, 6)
    return (centres[targets] + random.normal(0, 0.4, (len(targets), 6))).astype(np.float32), targets


def even(labels: int) -> np.ndarray:
    return np.ones(labels, np.float32)


@pytest.mark.parametrize("labels", [2, 3, 6])
def test_it_tells_clouds_apart(labels):
    train, test = clouds(labels=labels), clouds(labels=labels, seed=1)
    probe = linear_probe.fit(*train, weights=even(labels), validation=test)

    answers = probe.probabilities(test[0])

    assert answers.shape == (len(test[1]), labels)
    assert answers.sum(axis=1) == pytest.approx(1.0)
    assert (answers.argmax(axis=1) == test[1]).mean() > 0.97  # 3 apart, spread .4: about 1 in 10^4


def test_a_label_without_training_rows_is_never_the_answer():
    features, targets = clouds(labels=3)
    kept = targets != 1
    probe = linear_probe.fit(
        features[kept], targets[kept], weights=even(3), validation=(features, targets)
    )

    assert set(probe.probabilities(features).argmax(axis=1)) == {0, 2}


def test_the_same_rows_give_the_same_probe():
    rows = clouds(labels=3)

    once, twice = (linear_probe.fit(*rows, weights=even(3), validation=rows) for _ in range(2))

    assert np.array_equal(once.weight, twice.weight)
    assert np.array_equal(once.bias, twice.bias)


def test_it_comes_back_from_disk(tmp_path):
    rows = clouds(labels=3)
    probe = linear_probe.fit(*rows, weights=even(3), validation=rows)
    probe.save(tmp_path / "probe")

    again = linear_probe.load(tmp_path / "probe")

    assert np.array_equal(again.probabilities(rows[0]), probe.probabilities(rows[0]))
    assert again.train_features == pytest.approx(rows[0], abs=0.01)  # kept as fp16


def test_the_head_answers_as_the_probe():
    rows = clouds(labels=3)
    probe = linear_probe.fit(*rows, weights=even(3), validation=rows)
    weight, bias = linear_probe.head_tensors(probe)

    scores = torch.nn.functional.linear(torch.from_numpy(rows[0]), weight, bias)

    assert torch.softmax(scores, 1).numpy() == pytest.approx(probe.probabilities(rows[0]), abs=1e-5)


def test_a_rare_label_that_weighs_more_is_missed_less():
    random = np.random.default_rng(3)
    targets = np.repeat([0, 1], [400, 20])
    features = (1.2 * np.eye(2)[targets] + random.normal(0, 1, (420, 2))).astype(np.float32)
    found = []
    for rare in (1.0, 20.0):
        weights = np.array([1.0, rare], np.float32)
        probe = linear_probe.fit(features, targets, weights=weights, validation=(features, targets))
        found.append((probe.probabilities(features).argmax(axis=1)[targets == 1] == 1).mean())

    assert found[0] < 0.3  # the clouds overlap, and one in 21 is of the rare kind
    assert found[1] > 0.6  # as if both were as common: about three of four
