"""How fast zeroapp's training is beside transformers' Trainer: same rows, model, batch and epochs.

    .venv/bin/python benchmarks/train_text.py [--csv FILE --text COLUMN --label COLUMN]

Every contender runs in a process of its own, in turn, several times; ratios are taken within a
round, so that whatever else the computer does at that moment slows all of them alike.

What differs besides speed: zeroapp starts its head from a linear probe and leaves the word
embeddings as they are (both are its defaults), the Trainer starts from a fresh head and changes
everything (its defaults). Neither side is given more epochs to make up for it, unless
--trainer-epochs lets the Trainer catch up: then the times to a like accuracy are what to compare.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, Trainer

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What zeroapp's own launcher gives its ranks; the Trainer runs as a person would start it.
WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
CONTENDERS = ("zeroapp", "trainer", "trainer-tuned")
TITLES = {
    "zeroapp": "zeroapp",
    "trainer": "Trainer, defaults",
    "trainer-tuned": "Trainer, tuned by hand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One training. seconds: the training loop alone, judging left out; cpu: of the same span.

    whole: from the rows to test accuracy, without imports.
    """

    contender: str
    rows: int
    epochs: int
    seconds: float
    cpu: float
    whole: float
    accuracy: float
    right: int
    tested: int

    @property
    def rate(self) -> float:
        """Training rows a second."""
        return self.rows * self.epochs / self.seconds


# --- the contenders, each in a process of its own ------------------------------------------------


def trainer_of(job: dict, folder: str, *, switches: dict, kind: type | None = None) -> "Trainer":
    """transformers.Trainer for the job's training rows, set up as its guide shows it.

    switches: fields of TrainingArguments beside those. kind: a subclass of it.
    """
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["base"])
    usual = {
        "num_train_epochs": job["trainer_epochs"],
        "per_device_train_batch_size": job["batch_size"],
        "per_device_eval_batch_size": 64,
        "seed": job["seed"],
        "report_to": "none",
        "disable_tqdm": True,
    }
    return (kind or Trainer)(
        model=AutoModelForSequenceClassification.from_pretrained(
            job["base"], num_labels=len(job["labels"])
        ),
        args=TrainingArguments(output_dir=folder, **usual | switches),
        train_dataset=encoded(job, "train", tokenizer=tokenizer),
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
    )


def encoded(job: dict, part: str, *, tokenizer: "PreTrainedTokenizerBase") -> list[dict]:
    """The rows of a part as the Trainer reads them."""
    texts = [text for text, _ in job[part]]
    ids = tokenizer(texts, truncation=True, max_length=job["max_length"])["input_ids"]
    numbers = {label: number for number, label in enumerate(job["labels"])}
    targets = [numbers[label] for _, label in job[part]]
    return [{"input_ids": i, "labels": t} for i, t in zip(ids, targets, strict=True)]


def run_trainer(job: dict, *, tuned: bool) -> Result:
    """transformers.Trainer as its guide shows it.

    tuned: rows grouped by length, and bf16 where it is faster here.
    """
    import numpy as np
    import torch

    began = time.perf_counter()
    switches = {"train_sampling_strategy": "group_by_length"} if tuned else {}
    if tuned and job["plan"]["precision"] == "bf16":
        # a person who tunes looks whether bf16 is faster; without a card the CPU must be named
        switches |= {"bf16": True, "use_cpu": not torch.cuda.is_available()}
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(job, folder, switches=switches)
        start, cpu = time.perf_counter(), time.process_time()
        trainer.train()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        answers = trainer.predict(encoded(job, "test", tokenizer=trainer.processing_class))
    right = int((np.argmax(answers.predictions, axis=1) == answers.label_ids).sum())
    return Result(
        contender="trainer-tuned" if tuned else "trainer",
        rows=len(job["train"]),
        epochs=job["trainer_epochs"],
        seconds=seconds,
        cpu=cpu,
        whole=time.perf_counter() - began,
        accuracy=right / len(job["test"]),
        right=right,
        tested=len(job["test"]),
    )


class Stopwatch:
    """Work that notes wall and CPU time between steps, judging after each epoch left out."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu = 0.0
        self._since: tuple[float, float] | None = None

    def say(self, event: object) -> None:
        """Count the time since training began or the last step; a score restarts the watch."""
        now = (time.perf_counter(), time.process_time())
        kind = type(event).__name__
        if kind == "StepLogged" and self._since:
            self.seconds += now[0] - self._since[0]
            self.cpu += now[1] - self._since[1]
        if kind in ("StepLogged", "Scored", "CheckpointSaved", "PhaseEntered"):
            # saving counts as training, for the Trainer's does too
            if kind == "CheckpointSaved" and self._since:
                self.seconds += now[0] - self._since[0]
                self.cpu += now[1] - self._since[1]
            training = kind != "PhaseEntered" or getattr(event, "phase", "") == "training"
            self._since = now if training else None

    def stop_wanted(self) -> bool:
        """Never."""
        return False

    def pause_wanted(self) -> bool:
        """Never."""
        return False


def run_zeroapp(job: dict) -> Result:
    """The engine as a rank runs it, with everything it always does: probe, checkpoints, report."""
    import msgspec

    from zeroapp.engine.gang import Gang
    from zeroapp.engine.training_run import train
    from zeroapp.plan import TrainPlan
    from zeroapp.project import Project
    from zeroapp.protocol import Train

    plan = msgspec.convert(job["plan"], type=TrainPlan)
    with Project.open(Path(job["project"])) as project:
        folder = project.new_run("train")
    watch = Stopwatch()
    began = time.perf_counter()
    order = Train(project=job["project"], plan=plan)
    report = train(order, folder, watch, Gang(rank=0, ranks=1, store=None, device=plan.device))
    assert report is not None
    return Result(
        contender="zeroapp",
        rows=len(job["train"]),
        epochs=plan.epochs,
        seconds=watch.seconds,
        cpu=watch.cpu,
        whole=time.perf_counter() - began,
        accuracy=report.right / report.n,
        right=report.right,
        tested=report.n,
    )


def child(contender: str, job_file: Path, out: Path) -> None:
    """Run one contender and write its result."""
    job = json.loads(job_file.read_text("utf-8"))
    runs: dict[str, Callable[[], Result]] = {
        "zeroapp": lambda: run_zeroapp(job),
        "trainer": lambda: run_trainer(job, tuned=False),
        "trainer-tuned": lambda: run_trainer(job, tuned=True),
    }
    out.write_text(json.dumps(asdict(runs[contender]())), "utf-8")


# --- what is measured ----------------------------------------------------------------------------


def make_job(options: argparse.Namespace, folder: Path) -> dict:
    """A project with the rows imported, checked and split; what every contender is given."""
    import msgspec

    from zeroapp import models, tasks
    from zeroapp.data.checks import check
    from zeroapp.data.importing import import_paths
    from zeroapp.dataset import Part
    from zeroapp.engine.planner import make_plan
    from zeroapp.plan import PlanOptions
    from zeroapp.project import Project
    from zeroapp.work import Silent

    task = tasks.default()
    work = Silent()
    with Project.create(folder / "project", task=task.key) as project:
        import_paths(project, [options.csv or task.sample.path], work)
        if options.text and options.label:
            project.set_roles({"text": options.text, "label": options.label})
        base = models.prepare(options.base, work)
        check(
            project,
            work,
            count_tokens=models.token_counter(base),
            limit=models.describe(options.base).max_length,
        )
        wishes = {"epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
        asked = PlanOptions(base=options.base, ranks=1, overrides=wishes)
        planned = make_plan(project, asked, work)
        plan = planned.plan
        parts = project.parts(version=plan.data_version, seed=plan.seed)
    rows = {part: [(e.text, e.label) for e in parts[part]] for part in (Part.train, Part.test)}
    return {
        "project": str(folder / "project"),
        "plan": msgspec.to_builtins(plan),
        "base": str(base),
        "labels": list(plan.labels),
        "seed": plan.seed,
        "epochs": plan.epochs,
        "trainer_epochs": options.trainer_epochs or plan.epochs,
        "batch_size": plan.batch_size,
        "max_length": plan.max_length,
        "train": rows[Part.train],
        "test": rows[Part.test],
    }


def measure(contender: str, job_file: Path) -> Result:
    """One contender in a fresh process."""
    out = job_file.with_name("result.json")
    out.unlink(missing_ok=True)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    if contender == "zeroapp":
        environment |= WORKER_ENVIRONMENT
    command = [sys.executable, __file__, "--child", contender, str(job_file), str(out)]
    log = job_file.with_name(f"{contender}.log")
    with log.open("a", encoding="utf-8") as stream:
        code = subprocess.call(command, env=environment, stdout=stream, stderr=stream)
    if code != 0:
        sys.exit(f"{TITLES[contender]} failed:\n{log.read_text('utf-8')[-3000:]}")
    return Result(**json.loads(out.read_text("utf-8")))


def peak_flops(precision: str) -> float:
    """The best of matrix products in the sizes of the encoder, in FLOP a second."""
    import torch

    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    best = 0.0
    for rows, inner, columns in ((4096, 384, 1536), (4096, 1536, 384), (2048, 2048, 2048)):
        a, b = torch.randn(rows, inner, dtype=kind), torch.randn(inner, columns, dtype=kind)
        for _ in range(12):
            start = time.perf_counter()
            a @ b
            best = max(best, 2 * rows * inner * columns / (time.perf_counter() - start))
    return best


def needed_flops(job: dict) -> tuple[float, int, int]:
    """FLOP of one pass over the training rows (6 a body parameter and token), tokens, body."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(job["base"])
    model = AutoModel.from_pretrained(job["base"])
    everything = sum(parameter.numel() for parameter in model.parameters())
    body = everything - sum(p.numel() for p in model.get_input_embeddings().parameters())
    texts = [text for text, _ in job["train"]]
    ids = tokenizer(texts, truncation=True, max_length=job["max_length"])["input_ids"]
    tokens = sum(map(len, ids))
    return 6.0 * body * tokens, tokens, body


# --- what is told --------------------------------------------------------------------------------


def spread(values: Sequence[float], form: str) -> str:
    """Median, with the smallest and largest."""
    middle = format(statistics.median(values), form)
    return f"{middle} ({format(min(values), form)} to {format(max(values), form)})"


def tell(rounds: list[dict[str, Result]], job: dict) -> None:
    """The table, the ratios and what the limit is."""
    print(
        f"\n{len(job['train'])} training rows, {len(job['test'])} test rows, "
        f"{len(job['labels'])} kinds, {job['epochs']} epochs of batch {job['batch_size']}, "
        f"{len(rounds)} rounds. Median (smallest to largest).\n"
    )
    for name in rounds[0]:
        runs = [results[name] for results in rounds]
        print(TITLES[name])
        print(f"  rows a second      {spread([r.rate for r in runs], '.1f')}")
        print(f"  training, seconds  {spread([r.seconds for r in runs], '.1f')}")
        print(f"  CPU seconds        {spread([r.cpu for r in runs], '.1f')}")
        print(f"  rows to verdict, s {spread([r.whole for r in runs], '.1f')}")
        print(f"  test accuracy      {spread([r.accuracy for r in runs], '.4f')}\n")
    for name in rounds[0]:
        if name != "zeroapp" and "zeroapp" in rounds[0]:
            pairs = [(results["zeroapp"], results[name]) for results in rounds]
            faster = [ours.rate / theirs.rate for ours, theirs in pairs]
            cheaper = [
                theirs.cpu / theirs.epochs / (ours.cpu / ours.epochs) for ours, theirs in pairs
            ]
            sooner = [theirs.seconds / ours.seconds for ours, theirs in pairs]
            better = [ours.accuracy - theirs.accuracy for ours, theirs in pairs]
            print(
                f"zeroapp against {TITLES[name]}: {spread(faster, '.2f')} times the rows a second, "
                f"{spread(cheaper, '.2f')} times less CPU a pass; trained "
                f"{spread(sooner, '.2f')} times as soon, accuracy {spread(better, '+.4f')}"
            )
    tell_limit(rounds, job)


def tell_limit(rounds: list[dict[str, Result]], job: dict) -> None:
    """How near to what the processor can do in matrix products."""
    flops, tokens, body = needed_flops(job)
    print(
        f"\nOne epoch: {tokens} tokens without padding, {body / 1e6:.1f} M parameters that every "
        f"token meets: {flops / 1e12:.2f} TFLOP (6 a parameter and token)"
    )
    peaks = {name: peak_flops(name) for name in ("bf16", "fp32")}
    for name, peak in peaks.items():
        print(f"Matrix products in {name} reach {peak / 1e9:.0f} GFLOP/s here.")
    for name in rounds[0]:
        seconds = statistics.median(results[name].seconds for results in rounds)
        used = flops * rounds[0][name].epochs / seconds
        precision = "fp32" if name == "trainer" else job["plan"]["precision"]
        share = f"{used / peaks[precision]:.0%} of its {precision} peak"
        print(f"  {TITLES[name]}: {used / 1e9:.0f} GFLOP/s of use, {share}")


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", type=Path, help="a table; the sample that ships is used otherwise")
    parser.add_argument("--text", help="its column with texts")
    parser.add_argument("--label", help="its column with labels")
    parser.add_argument("--base", default="minilm-l6")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--trainer-epochs", type=int, help="the Trainer's; as many otherwise")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--out", type=Path, help="write every result as JSON")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run every contender in every round, each round in another order, and tell."""
    if arguments[:1] == ["--child"]:
        child(arguments[1], Path(arguments[2]), Path(arguments[3]))
        return
    options = options_of(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # what the computer can do is measured afresh, and a person's own settings stay untouched
        os.environ["ZEROAPP_HOME"] = str(folder / "home")
        job = make_job(options, folder)
        job_file = folder / "job.json"
        job_file.write_text(json.dumps(job), "utf-8")
        rounds: list[dict[str, Result]] = []
        for number in range(options.repeats):
            turn = number % len(options.only)
            results = {}
            for contender in [*options.only[turn:], *options.only[:turn]]:
                results[contender] = result = measure(contender, job_file)
                told = f"{result.rate:.1f} rows/s, accuracy {result.accuracy:.4f}"
                print(f"round {number + 1}: {TITLES[contender]}: {told}", flush=True)
            rounds.append({contender: results[contender] for contender in options.only})
        tell(rounds, job)
    if options.out:
        told = [{key: asdict(result) for key, result in results.items()} for results in rounds]
        options.out.write_text(json.dumps(told, indent=2), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
