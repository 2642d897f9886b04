"""A model that writes, trained by zeroapp and by transformers' Trainer (with peft for LoRA).

    .venv/bin/python benchmarks/train_generation.py [--file FILE] [--methods lora full]

Same base (SmolLM2-135M), rows, token ids, answers that are learned, batch, length limit, learning
rate and trained parameters; one pass over as many rows as `--steps` steps take. What is counted is
tokens of the rows, never padding. Saving is left out on both sides.

Contenders beside zeroapp: the Trainer as its guide shows it (transformers loads a model in the
number format of its files, here bf16, so that the optimizer too works in bf16 when all of it
learns); the same with the weights in fp32, as zeroapp's are when all of them learn; and one tuned
by hand: rows grouped by length, bf16 matrix products where those are faster here, the frozen base
of LoRA in bf16. The last figure, the loss of held-out answers, is read by the same code for all.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import contest as c

if TYPE_CHECKING:
    from torch import nn

    from zeroapp.engine.run_parts import Run

METHODS = ("lora", "full")
TITLES = {
    "zeroapp": "zeroapp",
    "trainer": "Trainer, defaults",
    "trainer-fp32": "Trainer, weights in fp32",
    "trainer-tuned": "Trainer, tuned by hand",
}
CONTEST = c.Contest(
    script=Path(__file__).resolve(), titles=TITLES, unit="tokens", score="held-out loss"
)


# --- the contenders, each in a process of its own ------------------------------------------------


def rows_of(job: dict) -> "Run":
    """The rows that every contender reads, as token ids."""
    import msgspec

    from zeroapp.engine.gang import Gang
    from zeroapp.engine.stage_benchmark import few_rows
    from zeroapp.engine.training_run import prepared
    from zeroapp.plan import TrainPlan
    from zeroapp.project import Project
    from zeroapp.run_folder import RunFolder
    from zeroapp.work import Silent

    plan = msgspec.convert(job["plan"], TrainPlan)
    gang = Gang(rank=0, ranks=1, device=plan.device)
    folder = RunFolder(Path(job["scratch"]))
    with Project.open(Path(job["project"])) as project:
        run = prepared(plan, folder, work=Silent(), gang=gang, project=project)
    return few_rows(run, job["steps"])


def result_of(run: "Run", span: c.Span, model: "nn.Module", *, began: float) -> c.Result:
    """What was measured, with the loss a token of the held-out answers."""
    from zeroapp.engine.reading import ReadProgress, read_losses
    from zeroapp.work import Silent

    held_out = run.validation
    progress = ReadProgress(total=len(held_out), work=Silent())
    losses = read_losses(run.text_training, model, held_out, plan=run.plan, progress=progress)
    return c.Result(
        amount=sum(len(row.ids) for row in run.train),
        epochs=run.plan.epochs,
        seconds=span.seconds,
        cpu=span.cpu,
        peak=span.peak,
        whole=time.perf_counter() - began,
        score=float(losses.sum()) / sum(row.targets for row in held_out),
    )


def run_zeroapp(job: dict) -> c.Result:
    """The engine's loop as a rank runs it, but for saving and judging."""
    from zeroapp.engine.checkpoint import Checkpoints, Progress
    from zeroapp.engine.device import use_threads
    from zeroapp.engine.fine_tune import learner
    from zeroapp.engine.loop import Loop

    class Unsaved(Checkpoints):
        def save(self, *_: Any, **_more: Any) -> tuple[float, int]:
            return 0.0, 0

    began = time.perf_counter()
    run = rows_of(job)
    use_threads(run.plan, run.gang)
    made = learner(run, None)
    loop = Loop(
        plan=run.plan,
        training=run.training,
        model=made.model,
        optimizer=made.optimizer,
        examples=run.train,
        gang=run.gang,
        checkpoints=Unsaved(run.folder.checkpoints, gang=run.gang),
        work=run.work,
        on_epoch=lambda reached: reached,
    )
    with c.watched() as span:
        loop.run(Progress(step=0, run_key=""))
    return result_of(run, span, made.model, began=began)


def run_trainer(job: dict, *, fp32: bool, tuned: bool) -> c.Result:
    """transformers.Trainer over the same ids, the labels of prompts left out."""
    import torch
    from transformers import AutoTokenizer, DataCollatorForSeq2Seq, Trainer, TrainingArguments

    from zeroapp.tasks.text_generation.writer import Writer

    began = time.perf_counter()
    run = rows_of(job)
    half = tuned and job["bf16_faster"]
    usual: dict[str, Any] = {
        "num_train_epochs": run.plan.epochs,
        "per_device_train_batch_size": run.plan.batch_size,
        "learning_rate": run.plan.learning_rate,
        "seed": run.plan.seed,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }
    if tuned:
        usual["train_sampling_strategy"] = "group_by_length"
    if half:
        usual |= {"bf16": True, "use_cpu": not torch.cuda.is_available()}
    tokenizer = AutoTokenizer.from_pretrained(job["base"])
    lora = job["plan"]["method"] == "lora"
    model = base_of(job, fp32=fp32 or (tuned and not (lora and half)))
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=with_lora(job, model) if lora else model,
            args=TrainingArguments(output_dir=folder, **usual),
            train_dataset=as_dicts(run),
            data_collator=DataCollatorForSeq2Seq(tokenizer),
            processing_class=tokenizer,
        )
        with c.watched() as span:
            trainer.train()
    model = trainer.model.merge_and_unload() if lora else trainer.model
    return result_of(run, span, Writer(model.float()), began=began)


def base_of(job: dict, *, fp32: bool) -> "nn.Module":
    """The base; in the number format of its files unless fp32 is asked for."""
    import torch
    from transformers import AutoModelForCausalLM, set_seed

    set_seed(job["seed"])
    asked = {"dtype": torch.float32} if fp32 else {}
    return AutoModelForCausalLM.from_pretrained(job["base"], **asked)


def with_lora(job: dict, model: "nn.Module") -> "nn.Module":
    """The base with small matrices beside the same layers as zeroapp's, of the same rank."""
    from peft import LoraConfig, get_peft_model

    from zeroapp.engine.lora import SCALE

    rank = job["plan"]["lora_rank"]
    # every linear layer but the last: what zeroapp puts them beside
    config = LoraConfig(
        r=rank,
        lora_alpha=round(SCALE * rank),
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def as_dicts(run: "Run") -> list[dict]:
    """Rows as the Trainer reads them; -100 marks what is read but not learned."""
    told = []
    for row in run.train:
        labels = [-100] * len(row.ids)
        for start, end in row.learned:
            labels[start:end] = row.ids[start:end]
        told.append({"input_ids": list(row.ids), "labels": labels})
    return told


RUNS: dict[str, Callable[[dict], c.Result]] = {
    "zeroapp": run_zeroapp,
    "trainer": lambda job: run_trainer(job, fp32=False, tuned=False),
    "trainer-fp32": lambda job: run_trainer(job, fp32=True, tuned=False),
    "trainer-tuned": lambda job: run_trainer(job, fp32=False, tuned=True),
}


# --- what is measured and told -------------------------------------------------------------------


def make_job(options: argparse.Namespace, folder: Path) -> dict:
    """A project with the rows; what every contender is given whatever the method."""
    import msgspec

    from zeroapp import models, tasks
    from zeroapp.engine.device import remembered
    from zeroapp.work import Silent

    task = tasks.get("text_generation")
    wishes = {"epochs": 1, "batch_size": options.batch_size, "seed": options.seed}
    plan = c.planned(
        folder,
        task=task.key,
        paths=[options.file or task.sample.path],
        roles={},
        options={"base": options.base, "overrides": wishes},
    )
    seen = remembered()
    return {
        "project": str(folder / "project"),
        "plan": msgspec.to_builtins(plan),
        "base": str(models.prepare(plan.base, Silent())),
        "seed": plan.seed,
        "steps": options.steps,
        "scratch": str(folder / "scratch"),
        "bf16_faster": bool(seen and seen.bf16_faster),
    }


def with_method(job: dict, method: str) -> dict:
    """The job with the plan of a method; the rate is what the planner gives it."""
    from zeroapp.engine.planner import LORA_RATE
    from zeroapp.plan import TrainPlan

    usual = TrainPlan(task="", base="", data_version="", labels=())
    rate = LORA_RATE if method == "lora" else usual.learning_rate
    return job | {"plan": job["plan"] | {"method": method, "learning_rate": rate}}


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", type=Path, help="pairs or texts; the sample otherwise")
    parser.add_argument("--base", default="")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--steps", type=int, default=20)
    c.usual_options(parser, titles=TITLES, batch_size=8)  # 8 is the Trainer's default
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Each method by itself."""
    if arguments[:1] == ["--child"]:
        c.child(arguments[1:], RUNS)
        return
    options = options_of(arguments)
    with c.workplace() as folder:
        job = make_job(options, folder)
        for method in options.methods:
            print(f"\n{method}, plan: {with_method(job, method)['plan']}", flush=True)
            rounds = c.compete(
                CONTEST,
                with_method(job, method),
                folder,
                only=options.only,
                rounds=options.repeats,
            )
            c.tell(CONTEST, rounds)
            c.write(rounds, options.out and options.out.with_suffix(f".{method}.json"))


if __name__ == "__main__":
    main(sys.argv[1:])
