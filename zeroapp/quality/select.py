"""Chooses between the quick model (linear probe) and the fine-tuned one on validation rows."""

import numpy as np

from zeroapp.quality.metrics import Labels, Probabilities, row_losses
from zeroapp.quality.paired import Right, discordant, mcnemar_greater, sign_flip_greater
from zeroapp.report import Selection

# Two tests may each keep the fine-tuned model, so each gets half of the usual 5 %.
_LEVEL = 0.025


def select(truth: Labels, *, probe: Probabilities, tuned: Probabilities | None) -> Selection:
    """The model to use, and why; never looks at test rows.

    truth: label numbers (n,); probe, tuned: probabilities (n, K) on the same validation rows.
    Fine-tuning is kept only if it is right more often by an exact one-sided McNemar test, or
    right at least as often with smaller losses by a paired sign-flip test, each at .025.
    """
    quick = np.asarray(probe.argmax(axis=1) == truth)
    if tuned is None:
        why = "There is no fine-tuned model to compare with, so the quick model is in use."
        return Selection(in_use="probe", why=why, n=len(truth), probe_right=int(quick.sum()))
    fine = np.asarray(tuned.argmax(axis=1) == truth)
    by_answers, by_losses = 1.0, 1.0
    if fine.sum() >= quick.sum():
        only_fine, only_quick = discordant(fine, theirs=quick)
        by_answers = mcnemar_greater(only_fine, only_theirs=only_quick)
        gains = row_losses(truth, probabilities=probe) - row_losses(truth, probabilities=tuned)
        by_losses = sign_flip_greater(gains)
    kept = min(by_answers, by_losses) < _LEVEL
    return Selection(
        in_use="fine-tuned" if kept else "probe",
        why=_why(quick, fine=fine, by_answers=by_answers, by_losses=by_losses),
        n=len(truth),
        probe_right=int(quick.sum()),
        fine_tuned_right=int(fine.sum()),
        p_value=by_answers if by_answers < _LEVEL else min(by_answers, by_losses),
    )


def _why(quick: Right, *, fine: Right, by_answers: float, by_losses: float) -> str:
    counts = f"{fine.sum():,} of {len(fine):,} against {quick.sum():,}"
    if by_answers < _LEVEL:
        return (
            f"Fine-tuning made it right more often on examples kept aside ({counts}), by more "
            "than chance explains."
        )
    if by_losses < _LEVEL:
        return (
            f"On examples kept aside, fine-tuning was right at least as often ({counts}) and put "
            "more weight on the right answers, by more than chance explains."
        )
    if fine.sum() < quick.sum():
        return (
            "Fine-tuning was right less often than the quick model on examples kept aside "
            f"({counts}), so the quick model is in use."
        )
    return (
        "Fine-tuning was not clearly better than the quick model on examples kept aside "
        f"({counts}; that can be chance), so the quick model is in use."
    )
