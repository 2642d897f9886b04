"""The pages of plan, training, quality and use as they can look; see `support.screens`."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from support import stories
from support.desk import Desk, table
from support.played import PlayedHandle
from ui.shown import Looked, TryState
from zeroapp import ladder, tasks
from zeroapp import protocol as p
from zeroapp.dataset import Reads
from zeroapp.report import Answer, Mistake, Report
from zeroapp.wizard import Step

Arrange = Callable[[Desk, Path], None]


def _checked(desk: Desk, place: Path) -> None:
    """A project whose data is checked, so that a plan can be made."""
    desk.start.add_files([table(place, rows=180)])
    desk.session.go(Step.check)
    desk.session.refresh()


def play(desk: Desk, job: p.Job, *events: p.Event) -> PlayedHandle:
    """The newest run of a job's kind says `events`; nothing is started."""
    names = {"MakePlan": "plan", "Rehearse": "rehearse", "Benchmark": "benchmark"}
    kind = names.get(type(job).__name__, "train")
    folder = desk.session.project.new_run(kind)
    folder.job.write_bytes(p.encode(job))
    handle = PlayedHandle(folder)
    handle.say(p.Started(job=type(job).__name__, pid=1, at=1000.0), *events)
    desk.session.watcher(kind).watch(handle)
    return handle


def _planned(desk: Desk, place: Path, **changes) -> None:
    _checked(desk, place)
    version = desk.session.project.profile().version
    planned = stories.planned(data_version=version, **changes)
    job = p.MakePlan(project=desk.session.folder)
    play(desk, job, p.PlanMade(planned=planned), p.Finished(outcome="completed"))
    desk.session.go(Step.plan)


def plan(desk: Desk, place: Path) -> None:
    _planned(desk, place)


def plan_details(desk: Desk, place: Path) -> None:
    _planned(desk, place)
    details = desk.page(Step.plan).details
    details.open()
    scroll_to(desk, details)


def plan_too_big(desk: Desk, place: Path) -> None:
    _planned(desk, place, available=900 * stories.MIB, scale=1.6)


def plan_long(desk: Desk, place: Path) -> None:
    """So long that a rehearsal is offered."""
    _planned(desk, place, seconds=9400.0)


def _tried(desk: Desk, place: Path, job: type[p.Rehearse | p.Benchmark], *events: p.Event) -> None:
    _planned(desk, place, seconds=9400.0)
    plan = desk.session.watcher("plan").status.planned.planned.plan
    play(desk, job(project=desk.session.folder, plan=plan), *events)


def plan_rehearsing(desk: Desk, place: Path) -> None:
    phase = p.PhaseEntered(phase="rehearsing", title="Rehearsing: real steps that are not kept")
    done = p.Progressed(done=31, total=255, unit="steps", seconds_left=40.0)
    _tried(desk, place, p.Rehearse, phase, done)


def plan_rehearsed(desk: Desk, place: Path) -> None:
    _tried(desk, place, p.Rehearse, stories.rehearsed(), p.Finished(outcome="completed"))
    scroll_to(desk, desk.page(Step.plan).trials)


def plan_stages(desk: Desk, place: Path) -> None:
    _tried(desk, place, p.Benchmark, *stories.stages(), p.Finished(outcome="completed"))
    page = desk.page(Step.plan)
    page.details.open()
    scroll_to(desk, page.stages)


def plan_at_work(desk: Desk, place: Path) -> None:
    _checked(desk, place)
    play(
        desk,
        p.MakePlan(project=desk.session.folder),
        p.PhaseEntered(phase="measuring", title="Measuring how fast this computer is"),
        p.Progressed(done=3, total=8, unit="rounds", seconds_left=14),
    )
    desk.session.go(Step.plan)


def _training(desk: Desk, place: Path, *events: p.Event) -> PlayedHandle:
    _planned(desk, place)
    job = p.Train(project=desk.session.folder, plan=stories.plan())
    handle = play(desk, job, *events)
    desk.session.go(Step.train)
    return handle


def train_start(desk: Desk, place: Path) -> None:
    _training(desk, place, *stories.beginning()[:1])


def train_early(desk: Desk, place: Path) -> None:
    _training(desk, place, *stories.beginning(), *stories.steps(24))


def _late(until: int) -> list[p.Event]:
    saved = p.CheckpointSaved(step=until - 14, seconds=0.2, bytes=9, at=time.time() - 20)
    return [*stories.beginning(), *stories.steps(until), saved]


def train_late(desk: Desk, place: Path) -> None:
    _training(desk, place, *_late(200))


def train_restarted(desk: Desk, place: Path) -> None:
    text = "One process was lost and training was started again from step 120."
    note = p.Noted(level="warning", code="restarted", text=text)
    _training(desk, place, *_late(170), note)


def train_paused(desk: Desk, place: Path) -> None:
    _training(desk, place, *_late(140), p.Paused(step=140))


def train_interrupted(desk: Desk, place: Path) -> None:
    _training(desk, place, *_late(140)).vanish()
    desk.session.watcher("train").read()


def train_stopped(desk: Desk, place: Path) -> None:
    _training(desk, place, *_late(140), p.Finished(outcome="stopped"))


def train_failed(desk: Desk, place: Path) -> None:
    _training(desk, place, *_late(140), p.Failed(failure=stories.out_of_disk()))


def train_offer(desk: Desk, place: Path) -> None:
    short = ladder.nothing_left(stories.plan()).failure()
    _training(desk, place, *_late(140), p.Failed(failure=short))


def _judged(desk: Desk, place: Path, report: Report) -> None:
    handle = _training(desk, place, *_late(255), *stories.ending(report))
    handle.folder.report.write_bytes(msgspec.json.encode(report))
    desk.session.refresh()


def train_done(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())


def quality(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())
    desk.session.go(Step.quality)


def quality_lower(desk: Desk, place: Path) -> None:
    """The same page scrolled to the table and the examples behind one of its cells."""
    quality(desk, place)
    desk.model(Step.quality).choose("card payment fee charged", "cash withdrawal charge")
    scroll_to(desk, desk.page(Step.quality).table)


def quality_weak(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report(right=34, n=52, good=False))
    desk.session.go(Step.quality)


def quality_tried(desk: Desk, place: Path) -> None:
    quality(desk, place)
    model, page = desk.model(Step.quality), desk.page(Step.quality)
    model.trying = TryState(answer=stories.answer())
    scroll_to(desk, page.try_box)


def _shelf(desk: Desk, place: Path, *, rows: int = 8) -> list[Mistake]:
    """A project of pictures, and mistakes about some of them."""
    pictures = next(t for t in tasks.all_tasks().values() if t.reads is Reads.picture)
    desk.start.add_files([pictures.sample.path])
    found = desk.session.project.examples()
    kinds = sorted({one.label for one in found})
    return [
        Mistake(
            row_id=one.row_id,
            text=one.text,
            truth=one.label,
            answer=kinds[(kinds.index(one.label) + 1) % len(kinds)],
            confidence=0.97 - number / 20,
        )
        for number, one in enumerate(found[:: len(found) // rows][:rows])
    ]


def quality_pictures(desk: Desk, place: Path) -> None:
    """Mistakes as tiles; one is seen large, and where the model looked in it."""
    _checked(desk, place)
    worst = tuple(_shelf(desk, place))
    report = msgspec.structs.replace(stories.report(), worst=worst)
    _judged(desk, place, report)
    desk.session.go(Step.quality)
    page = desk.page(Step.quality)
    QApplication.processEvents()
    tile = page.mistakes.gallery.tiles[2]
    tile.click()
    ridge = [0.02, 0.1, 0.3, 0.42, 0.38, 0.2, 0.08, 0.01]
    heat = tuple(tuple(round(a * b * 2, 3) for b in ridge) for a in ridge)
    desk.model(Step.quality).looked = Looked(path=tile.mistake.text, heat=heat)
    scroll_to(desk, page.mistakes)


def quality_picture_tried(desk: Desk, place: Path) -> None:
    """A picture in the try box, and where the model looked in it."""
    quality_pictures(desk, place)
    model, page = desk.model(Step.quality), desk.page(Step.quality)
    model.pictures = True
    path = model.looked.path
    scores = (("Banana", 0.83), ("Lemon", 0.12), ("Avocado", 0.05))
    answer = Answer(text=path, label="Banana", confidence=0.83, scores=scores)
    model.trying = TryState(answer=answer)
    model.looked = replace(model.looked, busy=True)
    model.looked = replace(model.looked, busy=False)
    QTest.qWait(300)  # the picture is read beside the window
    scroll_to(desk, page.try_box)


def scroll_to(desk: Desk, widget: QWidget) -> None:
    """The widget at the top of the view, once the layouts have settled."""
    QApplication.processEvents()
    page = desk.window.view.widget()
    top = widget.mapTo(page, QPoint(0, 0)).y()
    desk.window.view.verticalScrollBar().setValue(top - 24)


def use(desk: Desk, place: Path) -> None:
    _judged(desk, place, stories.report())
    desk.session.go(Step.use)


def use_at_work(desk: Desk, place: Path) -> None:
    use(desk, place)
    handle = PlayedHandle(desk.session.project.new_run("export"))
    handle.say(
        p.Started(job="Export", pid=1),
        p.PhaseEntered(phase="checking", title="Checking that it answers the same"),
        p.Progressed(done=120, total=200, unit="rows", seconds_left=6),
    )
    desk.session.watcher("export").watch(handle)


def use_exported(desk: Desk, place: Path) -> None:
    use(desk, place)
    project = desk.session.project
    for name, agreement in (("onnx", 1.0), ("onnx-int8", 0.995)):
        path = f"/home/ada/zeroapp/questions/exports/{name}"
        project.add_export(stories.export_record(path, name=name, agreement=agreement))
    desk.session.refresh()
    desk.model(Step.use).entered()


SCREENS: dict[str, Arrange] = {
    "plan": plan,
    "plan-details": plan_details,
    "plan-too-big": plan_too_big,
    "plan-at-work": plan_at_work,
    "plan-long": plan_long,
    "plan-rehearsing": plan_rehearsing,
    "plan-rehearsed": plan_rehearsed,
    "plan-stages": plan_stages,
    "train-start": train_start,
    "train-early": train_early,
    "train-late": train_late,
    "train-restarted": train_restarted,
    "train-paused": train_paused,
    "train-interrupted": train_interrupted,
    "train-stopped": train_stopped,
    "train-failed": train_failed,
    "train-offer": train_offer,
    "train-done": train_done,
    "quality": quality,
    "quality-lower": quality_lower,
    "quality-weak": quality_weak,
    "quality-tried": quality_tried,
    "quality-pictures": quality_pictures,
    "quality-picture-tried": quality_picture_tried,
    "use": use,
    "use-at-work": use_at_work,
    "use-exported": use_exported,
}
