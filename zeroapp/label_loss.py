"""What a model that sorts is taught by: cross-entropy; rows of rare labels may count more in it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zeroapp.plan import TrainPlan, label_weights

if TYPE_CHECKING:
    from torch import Tensor


class LabelLoss:
    """Of a plan: scores (rows, labels) and targets (rows,; -1: none) to a sum and its rows."""

    def __init__(self, plan: TrainPlan) -> None:
        self._weights: Sequence[float] | None = label_weights(plan) if plan.weigh_rare else None

    def __call__(self, scores: "Tensor", targets: "Tensor") -> "tuple[Tensor, int]":
        """Summed cross-entropy over the rows with a target, by the weights of their labels, and
        their number.
        """
        from torch.nn.functional import cross_entropy

        weight = scores.new_tensor(self._weights) if self._weights else None
        total = cross_entropy(scores, targets, weight=weight, ignore_index=-1, reduction="sum")
        return total, int((targets >= 0).sum())
