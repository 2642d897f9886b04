"""The pages of a model that writes as they can look; see `support.screens`."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from support import text_stories as stories
from support.desk import Desk
from support.run_screens import play, scroll_to
from ui.shown import TryState
from zeroapp import protocol as p
from zeroapp.project import Project
from zeroapp.report import TextReport
from zeroapp.wizard import Step

Arrange = Callable[[Desk, Path], None]


def _checked(desk: Desk, place: Path) -> None:
    """A project of the task's own sample, checked."""
    folder = place / "My diary"
    Project.create(folder, task=stories.TASK.key).close()
    desk.start.open(folder)
    sample = str(stories.TASK.sample.path)
    desk.session.launch(p.ImportData(project=str(folder), paths=(sample,)))
    desk.session.go(Step.check)
    desk.session.refresh()


def text_check(desk: Desk, place: Path) -> None:
    _checked(desk, place)


def _planned(desk: Desk, place: Path) -> None:
    _checked(desk, place)
    planned = stories.planned(data_version=desk.session.project.profile().version)
    made = p.PlanMade(planned=planned, previews=stories.previews())
    play(desk, p.MakePlan(project=desk.session.folder), made, p.Finished(outcome="completed"))
    desk.session.go(Step.plan)


def text_plan(desk: Desk, place: Path) -> None:
    _planned(desk, place)


def text_reads(desk: Desk, place: Path) -> None:
    _planned(desk, place)
    scroll_to(desk, desk.page(Step.plan).previews)


def text_bases(desk: Desk, place: Path) -> None:
    _planned(desk, place)
    details = desk.page(Step.plan).details
    details.open()
    scroll_to(desk, details)


def _training(desk: Desk, place: Path, *events: p.Event) -> None:
    _planned(desk, place)
    plan = desk.session.watcher("plan").status.planned.planned.plan
    handle = play(desk, p.Train(project=desk.session.folder, plan=plan), *events)
    report = handle.status.judged
    if report is not None:
        handle.folder.report.write_bytes(msgspec.json.encode(report.report))
    desk.session.refresh()
    desk.session.go(Step.train)


def text_train(desk: Desk, place: Path) -> None:
    _training(desk, place, *stories.beginning(), *stories.steps(150))


def _judged(desk: Desk, place: Path, report: TextReport) -> None:
    end = (
        p.PhaseEntered(phase="judging", title="Checking its work"),
        p.Judged(report=report),
        p.Finished(outcome="completed", at=1241.0),
    )
    _training(desk, place, *stories.beginning(), *stories.steps(240), *end)


def text_train_done(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())


def text_quality(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())
    desk.session.go(Step.quality)


def text_quality_weak(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report(good=False))
    desk.session.go(Step.quality)


def text_written(desk: Desk, place: Path) -> None:
    text_quality(desk, place)
    scroll_to(desk, desk.page(Step.quality).written)


def text_rated(desk: Desk, place: Path) -> None:
    text_quality(desk, place)
    rating = desk.model(Step.quality).rating
    for first in (True, False, True):
        rating.choose(first)
    scroll_to(desk, desk.page(Step.quality).duel)


def text_tried(desk: Desk, place: Path) -> None:
    """The base is still writing; Details are open."""
    text_quality(desk, place)
    page = desk.page(Step.quality)
    desk.model(Step.quality).trying = TryState(busy=True, answer=stories.answer(whole=False))
    page.try_box.freedom.open()
    scroll_to(desk, page.try_box)


def text_use(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())
    desk.session.go(Step.use)


SCREENS: dict[str, Arrange] = {
    "text-check": text_check,
    "text-plan": text_plan,
    "text-reads": text_reads,
    "text-bases": text_bases,
    "text-train": text_train,
    "text-train-done": text_train_done,
    "text-quality": text_quality,
    "text-quality-weak": text_quality_weak,
    "text-written": text_written,
    "text-rated": text_rated,
    "text-tried": text_tried,
    "text-use": text_use,
}
