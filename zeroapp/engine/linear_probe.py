"""The quick first model: a linear classifier on what the frozen base makes of the texts.

It is the baseline every fine-tune must beat and its start (LP-FT, Kumar et al. 2022, arXiv
2202.10054), and it stays beside the model for odd rows and drift.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from zeroapp.task import Encoded
from zeroapp.writing import made_beside

Floats = NDArray[np.float32]
STRENGTHS = (3.0, 30.0, 100.0)
"""Inverse regularisation to try on unit-size features, chosen by validation log-loss."""

_NEVER = -20.0
"""Logit of a label that no training row carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearProbe:
    """weight (labels, width) and bias (labels,) on raw features, and the features it was made of.

    train_features are kept as fp16 on disk; validation_features exactly.
    """

    weight: Floats
    bias: Floats
    train_features: Floats
    validation_features: Floats

    def probabilities(self, features: Floats) -> Floats:
        """(rows, labels), each row sums to one."""
        scores = features @ self.weight.T + self.bias
        return np.asarray(softmax(scores, axis=1), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the probe; the folder exists only when it is whole."""
        with made_beside(folder) as beside:
            tensors: dict[str, np.ndarray] = {
                "weight": self.weight,
                "bias": self.bias,
                "train_features": self.train_features.astype(np.float16),
                "validation_features": self.validation_features,
            }
            save_file(tensors, beside / "probe.safetensors")


def load(folder: Path) -> LinearProbe:
    """A probe that `save` wrote."""
    tensors: Mapping[str, np.ndarray] = load_file(folder / "probe.safetensors")
    return LinearProbe(
        weight=tensors["weight"],
        bias=tensors["bias"],
        train_features=tensors["train_features"].astype(np.float32),
        validation_features=tensors["validation_features"],
    )


def fit(
    features: Floats,
    targets: NDArray[np.int64],
    *,
    weights: Floats,
    validation: tuple[Floats, NDArray[np.int64]],
) -> LinearProbe:
    """The probe whose log-loss on the validation rows is lowest; deterministic.

    weights: how much a row of each label counts (labels,), in training and in that loss.
    """
    scale = float(np.sqrt((features**2).sum(axis=1).mean())) or 1.0
    best: tuple[float, Floats, Floats] | None = None
    for strength in STRENGTHS:
        weight, bias = _fit_one(features / scale, targets, weights=weights, strength=strength)
        loss = _log_loss(validation[0] / scale @ weight.T + bias, validation[1], weights)
        if best is None or loss < best[0]:
            best = (loss, weight, bias)
    assert best is not None
    return LinearProbe(
        weight=best[1] / scale,
        bias=best[2],
        train_features=features,
        validation_features=validation[0],
    )


def _fit_one(
    features: Floats, targets: NDArray[np.int64], *, weights: Floats, strength: float
) -> tuple[Floats, Floats]:
    model = LogisticRegression(C=strength, max_iter=200)
    with warnings.catch_warnings():
        # 200 rounds of L-BFGS are enough to compare; the validation rows have the last word
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, targets, sample_weight=weights[targets])
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # noqa: PLR2004 - sklearn keeps one row for two classes
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
    weight = np.zeros((len(weights), features.shape[1]), np.float32)
    bias = np.full(len(weights), _NEVER, np.float32)
    weight[model.classes_] = coefficients
    bias[model.classes_] = intercepts
    return weight, bias


def _log_loss(scores: NDArray[np.floating], targets: NDArray[np.int64], weights: Floats) -> float:
    if not len(targets):
        return 0.0
    chances = softmax(scores, axis=1)[np.arange(len(targets)), targets]
    return float(np.average(-np.log(np.maximum(chances, 1e-9)), weights=weights[targets]))


def head_tensors(probe: LinearProbe) -> tuple[torch.Tensor, torch.Tensor]:
    """The probe as weight and bias of a model's last linear layer."""
    return torch.from_numpy(probe.weight.copy()), torch.from_numpy(probe.bias.copy())


def targets_of(examples: Sequence[Encoded]) -> NDArray[np.int64]:
    """The label numbers of encoded examples."""
    return np.array([example.target for example in examples], dtype=np.int64)
