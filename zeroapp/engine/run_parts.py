"""What every phase of a training run reads: the plan, the folder, the ranks, the encoded rows."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
from msgspec.structs import replace

from zeroapp.dataset import Example, Part
from zeroapp.engine import linear_probe
from zeroapp.engine.gang import Gang
from zeroapp.engine.reading import Floats
from zeroapp.errors import DataError
from zeroapp.plan import Offload, TrainPlan, ZeroStage
from zeroapp.protocol import PhaseEntered, Scored
from zeroapp.quality.metrics import confusion_counts, log_loss, macro_f1
from zeroapp.run_folder import RunFolder
from zeroapp.task import Encoded, LabelTraining, TextTraining, Training
from zeroapp.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as one rank sees it."""

    plan: TrainPlan
    folder: RunFolder
    gang: Gang
    work: Work
    training: Training
    parts: dict[Part, list[Example]]
    train: list[Encoded]
    validation: list[Encoded]

    @property
    def label_training(self) -> LabelTraining:
        """The heavy half of a task that answers with labels."""
        return cast("LabelTraining", self.training)

    @property
    def text_training(self) -> TextTraining:
        """The heavy half of a task that answers with texts."""
        return cast("TextTraining", self.training)

    @property
    def tuned(self) -> Path:
        """The best fine-tuned weights and their validation answers."""
        return self.folder.path / "tuned"

    @property
    def best(self) -> Path:
        """Like `tuned`, while training still goes on."""
        return self.folder.path / "best"

    @property
    def offload(self) -> Path:
        """States in files, while the fine-tune of a plan that keeps them there goes on."""
        return self.folder.path / "offload"

    @property
    def reading(self) -> Path:
        """Features read so far, until the probe is whole."""
        return self.folder.path / "reading"

    @property
    def key(self) -> str:
        """Names everything that decides the weights; how they are held and shared does not."""
        fixed = replace(
            self.plan,
            ranks=1,
            zero_stage=ZeroStage.none,
            offload=Offload.none,
            recompute=False,
            micro_tokens=4096,
            threads=0,
            checkpoint_seconds=45.0,
            memory_limit=0,
        )
        return hashlib.sha256(msgspec.json.encode(fixed)).hexdigest()[:16]

    def enter(self, phase: str, title: str) -> None:
        """Say where we are; once for the whole gang."""
        if self.gang.first:
            self.work.say(PhaseEntered(phase=phase, title=title))


def say_scored(run: Run, model: str, step: int, answers: Floats) -> tuple[int, float]:
    """Tell the validation score; returns (right, log loss)."""
    targets = linear_probe.targets_of(run.validation)
    labels = len(run.plan.labels)
    chosen = answers.argmax(axis=1)
    right = int((chosen == targets).sum())
    loss = log_loss(targets, probabilities=answers)
    if run.gang.first:
        run.work.say(
            Scored(
                model=model,
                step=step,
                n=len(targets),
                right=right,
                accuracy=right / max(1, len(targets)),
                macro_f1=macro_f1(confusion_counts(targets, answers=chosen, labels=labels)),
                log_loss=loss,
            )
        )
    return right, loss


def other_model(detail: str) -> DataError:
    """What other computers made is not of this project's model."""
    return DataError(
        "result-other-model",
        title="What was trained elsewhere does not fit this project's model. Your project is as "
        "it was.",
        hint="Train the recipe again with the program that is in it, or write a new one.",
        detail=detail,
    )
