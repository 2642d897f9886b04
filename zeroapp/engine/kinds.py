"""Chooses how a run is led and judged by what its task answers with."""

from zeroapp import tasks
from zeroapp.dataset import Answers
from zeroapp.engine.label_run import LabelRun
from zeroapp.engine.run_kind import RunKind
from zeroapp.engine.run_parts import Run
from zeroapp.engine.text_run import TextRun


def kind_of(run: Run) -> RunKind:
    """The phases of this run."""
    if tasks.get(run.plan.task).answers is Answers.text:
        return TextRun(run)
    return LabelRun(run)
