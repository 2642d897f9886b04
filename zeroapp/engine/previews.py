"""The first examples of a task that writes, exactly as training reads them: told with the plan."""

from typing import cast

from zeroapp import tasks
from zeroapp.dataset import Answers, Example, Part
from zeroapp.engine.heavy import heavy_half
from zeroapp.plan import Preview, TrainPlan
from zeroapp.project import Project
from zeroapp.task import TextTraining
from zeroapp.work import Work

_SHOWN = 3


def previews(project: Project, plan: TrainPlan, work: Work) -> tuple[Preview, ...]:
    """None of a task that answers with labels.

    Raises ModelError("template-broken") where the base's layout cannot be used, as training would.
    """
    if tasks.get(plan.task).answers is not Answers.text:
        return ()
    training = cast("TextTraining", heavy_half(plan, work=work))
    parts = project.parts(version=plan.data_version, seed=plan.seed)
    return tuple(_preview(training, row, plan=plan) for row in parts[Part.train][:_SHOWN])


def _preview(training: TextTraining, row: Example, *, plan: TrainPlan) -> Preview:
    *earlier, (read, learned) = training.preview(row)
    tokens = len(training.encode([row])[0].ids)
    cut = tokens >= plan.max_length
    return Preview(earlier=tuple(earlier), read=read, learned=learned, tokens=tokens, cut=cut)
