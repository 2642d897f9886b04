"""What a good and a bad run look like: plans, events and reports for tests and pictures."""

import math
import random
from itertools import count

from zeroapp import protocol as p
from zeroapp.errors import Failure
from zeroapp.plan import Forecast, MemoryPart, Planned, Rejected, TrainPlan
from zeroapp.report import (
    Answer,
    Comparison,
    Confusion,
    ExportRecord,
    Interval,
    LabelScore,
    Mistake,
    Report,
    Score,
    Selection,
)

MIB = 2**20
KINDS = (
    "activate my card",
    "age limit",
    "balance not updated",
    "card arrival",
    "card linking",
    "card not working",
    "card payment fee charged",
    "cash withdrawal charge",
    "change pin",
    "compromised card",
    "country support",
    "declined transfer",
    "exchange rate",
    "lost or stolen card",
    "pending top up",
    "refund not showing up",
    "request refund",
    "reverted payment",
    "top up failed",
    "transfer timing",
    "verify my identity",
    "wrong amount received",
)


def plan(**changes) -> TrainPlan:
    return TrainPlan(
        task="text-classification",
        base="minilm-l6",
        data_version=changes.pop("data_version", "v1"),
        labels=KINDS,
        epochs=3,
        **changes,
    )


def planned(
    *, available: int = 18_400 * MIB, scale: float = 1.0, seconds: float = 236.0, **changes
) -> Planned:
    sizes = {"parameters": 87, "gradients": 41, "optimizer": 82, "activations": 118, "runtime": 430}
    memory = tuple(
        MemoryPart(name=name, bytes=int(size * MIB * scale)) for name, size in sizes.items()
    )
    return Planned(
        plan=plan(**changes),
        forecast=Forecast(
            model_title="MiniLM, English",
            method="First a quick model on top of the base, then the base itself is taught, "
            "starting from there. The better of the two is kept.",
            why="MiniLM, English is taught on the processor (2 cores) and nothing leaves this "
            "computer. One process with all of it is the fastest way here.",
            memory=memory,
            peak_bytes=sum(part.bytes for part in memory),
            available_bytes=available,
            steps=255,
            seconds=seconds,
            seconds_low=seconds * 0.8,
            seconds_high=seconds * 1.3,
            measured=True,
            rejected=(
                Rejected(
                    choice="Several processes with ZeRO stages 1 to 3",
                    why="They divide memory between separate memories. This computer has one, so "
                    "they would be slower and save nothing.",
                ),
                Rejected(choice="A graphics card", why="None was found that torch can use."),
            ),
        ),
    )


def rehearsed(**changes) -> p.Rehearsed:
    rows = (
        p.TriedRow(
            text="Where is the card I ordered?",
            truth="card arrival",
            before="card linking",
            after="card arrival",
        ),
        p.TriedRow(
            text="My PIN was refused twice",
            truth="pin blocked",
            before="pin blocked",
            after="card linking",
        ),
    )
    told = {"steps": 84, "total": 9120, "seconds_per_step": 0.71, "tokens_per_second": 2210.0}
    return p.Rehearsed(**{**told, "peak": 812 * MIB, "seconds": 6840.0, "rows": rows} | changes)


def stages() -> list[p.StageMeasured]:
    """Two processes at every stage; the last one did not fit."""
    held = {0: (90, 43, 85), 1: (45, 43, 43), 2: (45, 21, 43)}
    said = [
        p.StageMeasured(
            stage=stage,
            rank=rank,
            ranks=2,
            parameters=sizes[0] * MIB,
            gradients=sizes[1] * MIB,
            optimizer=sizes[2] * MIB,
            peak=(759 - 20 * stage) * MIB,
            steps=6,
            seconds_per_step=0.6 + 0.5 * stage,
            communication=0.15 + 0.3 * stage,
        )
        for stage, sizes in held.items()
        for rank in range(2)
    ]
    return [*said, p.StageMeasured(stage=3, rank=0, ranks=2, fits=False)]


def scored(model: str, *, step: int, right: int, n: int = 580) -> p.Scored:
    share = right / n
    return p.Scored(
        model=model,
        step=step,
        n=n,
        right=right,
        accuracy=share,
        macro_f1=share - 0.006,
        log_loss=0.14,
    )


def steps(until: int, *, total: int = 255, seed: int = 4) -> list[p.Event]:
    """A noisy falling loss, step by step, with a score at the end of each third."""
    noise = random.Random(seed)
    said: list[p.Event] = []
    for step in range(1, until + 1):
        loss = 1.9 * math.exp(-step / 55) + 0.09 + noise.gauss(0, 0.06) * math.exp(-step / 150)
        said.append(
            p.StepLogged(
                step=step,
                total=total,
                epoch=3 * step / total,
                loss=max(loss, 0.02),
                learning_rate=5e-5,
                grad_norm=1.0,
                rows_per_second=81.4,
                tokens_per_second=1630.0,
                seconds_left=(total - step) * 0.8 + 12,
            )
        )
        if step % (total // 3) == 0:
            said.append(
                scored("fine-tuned", step=step, right=(546, 561, 566)[step * 3 // total - 1])
            )
    return said


def beginning() -> list[p.Event]:
    return [
        p.PhaseEntered(phase="loading", title="Reading your examples"),
        p.PhaseEntered(phase="probe", title="A first quick result"),
        scored("probe", step=0, right=557),
        p.PhaseEntered(phase="training", title="Teaching"),
        p.ShardsMade(
            rank=0,
            ranks=1,
            zero_stage=0,
            sharded=False,
            parameters_local=87 * MIB,
            parameters_whole=87 * MIB,
        ),
    ]


def ending(report_: Report) -> list[p.Event]:
    return [
        p.PhaseEntered(phase="saving", title="Choosing and saving the better model"),
        p.PhaseEntered(phase="judging", title="Checking its work on examples it has never seen"),
        p.Judged(report=report_),
        p.Finished(outcome="completed", at=1241.0),
    ]


def out_of_disk() -> Failure:
    return Failure(
        code="disk-full",
        title="The disk is full, so the last state could not be saved. The one before is safe.",
        hint="Free 2 GB, then press Go on.",
        detail="OSError: [Errno 28] No space left on device",
    )


def _interval(right: int, n: int) -> Interval:
    share, z = right / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(low=middle - half, high=middle + half, method="wilson")


def _confusion(wrong: int, n: int, seed: int) -> Confusion:
    noise, size = random.Random(seed), len(KINDS)
    table = [[0] * size for _ in range(size)]
    for number in range(n):
        table[number % size][number % size] += 1
    pairs = [(6, 7), (7, 6), (14, 18), (15, 16), (11, 17), (3, 4), (2, 21), (19, 11)]
    for _ in range(wrong):
        truth, answer = noise.choices(pairs, weights=(9, 5, 4, 4, 3, 2, 1, 1))[0]
        if table[truth][truth]:
            table[truth][truth] -= 1
            table[truth][answer] += 1
    return Confusion(labels=KINDS, counts=tuple(map(tuple, table)))


def _label_scores(table: Confusion) -> tuple[LabelScore, ...]:
    made = []
    for i, label in enumerate(table.labels):
        n, right = sum(table.counts[i]), table.counts[i][i]
        given = sum(row[i] for row in table.counts)
        recall, precision = right / max(n, 1), right / max(given, 1)
        f1 = 2 * recall * precision / max(recall + precision, 1e-9)
        made.append(
            LabelScore(label=label, n=n, right=right, precision=precision, recall=recall, f1=f1)
        )
    return tuple(made)


def _worst(table: Confusion) -> tuple[Mistake, ...]:
    texts = {
        (6, 7): "Why was I charged when I took money out at an ATM in Spain?",
        (7, 6): "There is a fee I do not know on my statement.",
        (14, 18): "My top-up from this morning is still not there.",
        (15, 16): "The shop says it sent my money back, but I cannot see it.",
    }
    numbers = count(1)
    found = [
        Mistake(
            row_id=next(numbers),
            text=texts.get((i, j), f"A message about {truth} that reads like {answer}."),
            truth=truth,
            answer=answer,
            confidence=0.5 + 0.45 * table.counts[i][j] / 10,
        )
        for i, truth in enumerate(table.labels)
        for j, answer in enumerate(table.labels)
        if i != j and table.counts[i][j]
    ]
    return tuple(sorted(found, key=lambda m: -m.confidence))


def report(*, right: int = 566, n: int = 580, good: bool = True, run_id: str = "r1") -> Report:
    table = _confusion(n - right, n, seed=2)
    untrained, majority = (178, 35) if good else (right - 4, right - 9)
    return Report(
        run_id=run_id,
        task="text-classification",
        base="minilm-l6",
        data_version="v1",
        verdict=_verdict(right, n, good=good),
        ok=good,
        n=n,
        right=right,
        scores=(
            Score(key="accuracy", value=right / n, interval=_interval(right, n), n=n),
            Score(key="macro_f1", value=right / n - 0.01, interval=_interval(right - 6, n), n=n),
        ),
        comparisons=(
            _comparison("untrained", "the untrained model", untrained, right, n, good=good),
            _comparison(
                "majority", "always answering “card arrival”", majority, right, n, good=good
            ),
            _comparison("probe", "the quick model", right - 9, right, n, good=good),
        ),
        confusion=table,
        per_label=_label_scores(table),
        worst=_worst(table),
        selection=Selection(
            in_use="fine-tuned",
            why="Fine-tuning made it right more often on examples kept aside (566 of 580 against "
            "557), by more than chance explains.",
            n=580,
            probe_right=557,
            fine_tuned_right=566,
            p_value=0.011,
        ),
        limits=(
            (
                "It was tested on messages like those you gave. Whatever it is asked, it answers "
                "with one of its 22 kinds, even where none fits."
            ),
            "The kinds in your file were taken as the truth; a wrong one counts as a mistake.",
            "How sure it says it is has not been checked against how often it is right.",
        ),
        train_rows=2706,
        validation_rows=580,
        seconds=241.0,
        created_at="2026-01-02T03:08:06+00:00",
    )


def _verdict(right: int, n: int, *, good: bool) -> str:
    start = f"Right on {right} of {n} messages it had never seen"
    if good:
        return f"{start} (98 of 100); the untrained model was right on 31 of 100."
    return (
        f"{start}. That is more than the untrained model, but with so few to test on it can be "
        "chance: add examples before you rely on it."
    )


def _comparison(
    against: str, title: str, theirs: int, ours: int, n: int, *, good: bool
) -> Comparison:
    return Comparison(
        against=against,
        title=title,
        right=theirs,
        n=n,
        only_ours=ours - theirs + 2,
        only_theirs=2,
        p_value=1e-9 if good else 0.34,
        better=good,
    )


def export_record(path: str, *, name: str = "onnx-int8", agreement: float = 0.995) -> ExportRecord:
    return ExportRecord(
        format=name,
        path=path,
        bytes=23 * MIB,
        compared=200,
        agreement=agreement,
        accuracy=0.975,
        latency_ms=6.4,
        files=("model.onnx", "tokenizer.json", "answer.py", "README.md", "zeroapp_export.json"),
        created_at="2026-01-02T03:20:00+00:00",
    )


def answer() -> Answer:
    return Answer(
        text="Where is my new card?",
        label="card arrival",
        confidence=0.94,
        scores=(("card arrival", 0.94), ("lost or stolen card", 0.03), ("card linking", 0.01)),
    )
