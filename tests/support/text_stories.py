"""What a run of a model that writes looks like: plans, events and reports for tests."""

import math

from support import stories
from zeroapp import protocol as p
from zeroapp import tasks
from zeroapp.dataset import Answers
from zeroapp.plan import Method, Planned, Preview
from zeroapp.report import (
    Answer,
    Copied,
    Interval,
    SideBySide,
    TextReport,
    TextScore,
    TextSelection,
)

TASK = next(t for t in tasks.all_tasks().values() if t.answers is Answers.text)
BASE = 3.42
"""Nats a token before anything was learned."""


def planned(**changes) -> Planned:
    made = stories.planned(**changes)
    plan = {"task": TASK.key, "base": "smollm2-135m", "labels": (), "method": Method.lora}
    return made.__class__(
        plan=made.plan.__class__(**{**_fields(made.plan), **plan}),
        forecast=made.forecast.__class__(
            **{
                **_fields(made.forecast),
                "model_title": "SmolLM2, English",
                "why": made.forecast.why.replace("MiniLM", "SmolLM2"),
                "method": "Small parts beside the base learn to write like you (LoRA).",
            }
        ),
    )


def _fields(value) -> dict:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def previews() -> tuple[Preview, ...]:
    asked = "<|im_start|>user\nWrite the beginning of a text.<|im_end|>\n<|im_start|>assistant\n"
    again = asked.replace("Write the beginning of a text.", "Continue this text:\n\nUp betimes")
    said = "Up early, and by water to Whitehall, where I found all things in great disorder."
    return (
        Preview(read=asked, learned=f"{said}<|im_end|>", tokens=41),
        Preview(read=again, learned=f"{(said + ' ') * 12}<|im_end|>", tokens=128, cut=True),
    )


def heard(model: str, *, step: int, loss: float) -> p.LossSeen:
    return p.LossSeen(model=model, step=step, n=61, tokens=7420, loss=loss)


def beginning() -> list[p.Event]:
    return [
        p.PhaseEntered(phase="loading", title="Reading your examples"),
        p.PhaseEntered(phase="probe", title="Reading what it knows so far"),
        heard("base", step=0, loss=BASE),
        p.PhaseEntered(phase="training", title="Teaching"),
    ]


def steps(until: int, *, total: int = 240) -> list[p.Event]:
    """A falling loss; the texts kept aside are looked at each quarter."""
    said: list[p.Event] = []
    for event in stories.steps(until, total=total):
        if not isinstance(event, p.StepLogged):
            continue
        said.append(p.StepLogged(**{**_fields(event), "loss": 2.4 + 0.5 * event.loss}))
        if event.step % (total // 4) == 0:
            loss = 2.9 + 0.5 * math.exp(-event.step / 60)
            said.append(heard("fine-tuned", step=event.step, loss=loss))
    return said


def score(key: str, *, ours: float, base: float, half: float, better: bool = True) -> TextScore:
    middle = ours - base
    interval = Interval(low=middle - half, high=middle + half, method="bootstrap")
    return TextScore(key=key, value=ours, base=base, interval=interval, n=64, better=better)


def pairs(n: int = 6) -> tuple[SideBySide, ...]:
    return tuple(
        SideBySide(
            row_id=number,
            prompt=f"Continue this text:\n\nTo the office, where we sat all morning, day {number}",
            truth="and so home to dinner with my wife, and after dinner to the playhouse.",
            base="The office is a place where people work. There are many kinds of offices.",
            ours="and after that by coach home, my wife being not well, and there supped.",
        )
        for number in range(1, n + 1)
    )


def report(*, good: bool = True) -> TextReport:
    loss = score("loss", ours=BASE - (0.46 if good else 0.01), base=BASE, half=0.05, better=good)
    sentence = (
        "Your own words surprise it 37 % less than before, on 64 texts it had never seen."
        if good
        else "Your texts surprise it no less than before, or so little that it can be chance: do "
        "not rely on it yet. More of your own texts may help."
    )
    return TextReport(
        run_id="r1",
        task=TASK.key,
        base="smollm2-135m",
        data_version="v1",
        verdict=sentence,
        ok=good,
        n=64,
        tokens=7311,
        scores=(
            loss,
            score("perplexity", ours=19.3, base=30.6, half=1.4, better=good),
            score("chrf", ours=24.1, base=17.3, half=2.2),
            score("exact", ours=0.25, base=0.0, half=0.15),
            score("repetition", ours=0.06, base=0.19, half=0.07),
        ),
        written=24,
        copied=Copied(
            words=7,
            passage="and so home to dinner with my",
            control_words=9,
            share=0.01,
            control_share=0.02,
        ),
        pairs=pairs(),
        selection=TextSelection(
            in_use="fine-tuned",
            why="On examples kept aside, your texts surprise the taught model less than the base, "
            "by more than chance explains.",
            n=61,
            base_loss=BASE,
            fine_tuned_loss=BASE - 0.45,
        ),
        limits=(
            "Less surprise does not mean that what it writes is true: read it before you use it.",
            "That it copied nothing in 24 texts does not prove that it never will.",
        ),
        train_rows=512,
        validation_rows=61,
        seconds=1260.0,
        created_at="2026-01-02T03:08:06+00:00",
    )


def answer(*, whole: bool = True) -> Answer:
    return Answer(
        text="What did you do this morning?",
        label="Up betimes, and to my office, where I set my papers in order till noon.",
        base="As an assistant I do not have mornings. I can help you to plan yours"
        + ("." if whole else ""),
        whole=whole,
    )
