"""What a run does besides learning, which depends on what its task answers with.

`engine/label_run.py` and `engine/text_run.py` are the two ways; `engine/kinds.py` chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch import nn

from zeroapp.protocol import TriedRow
from zeroapp.report import AnyReport

Arrays = Mapping[str, np.ndarray[Any, Any]]
"""What a model made of the validation examples, by name: kept beside the weights it was of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a model does on the validation examples; more right is better, then the lower loss."""

    right: int
    loss: float


class RunKind(Protocol):
    """The phases around the fine-tune, of one run on one rank.

    patience: passes in a row that made the model no better after which teaching ends; 0: never.
    """

    patience: int

    def begin(self) -> None:
        """What comes before the base itself learns; every rank calls it. Raises Stopped."""

    def start(self, model: nn.Module) -> None:
        """Put what `begin` found into the model that is to learn."""

    def read_validation(self, model: nn.Module) -> Arrays:
        """What the model makes of the validation examples; every rank calls it."""

    def standing(self, arrays: Arrays, *, step: int) -> Standing:
        """How good that is; the first rank says so."""

    def finish(self) -> None:
        """Choose on validation examples and write model/; the first rank alone calls it."""

    def judge(self, *, seconds: float, before: AnyReport | None = None) -> AnyReport:
        """The report on the test examples; seconds: what the run took so far.

        before: the report of a finished run that is judged again; its choice stands.
        """

    def fit_adopted(self) -> None:
        """Refuse what other computers made before the fine-tune when it does not fit this project.

        Raises DataError("result-other-model").
        """

    def answered(self, model: nn.Module, *, rows: int) -> tuple[TriedRow, ...]:
        """The first validation rows with the model's answers as `before`; every rank calls it."""
