"""A full fine-tune in a quarter of its model states: zeroapp with `--offload disk` and the Trainer.

    .venv/bin/python benchmarks/offload.py [--layers 24 --hidden 1024] [--limit cgroup|data]

Makes a BERT of the size asked for with random weights, caps memory at 4 bytes a parameter (weights,
gradients and AdamW's moments take 16), and trains every weight of it: zeroapp as its window starts
it, then transformers' Trainer with its thriftiest settings under the same cap, then both without a
cap, for what the files cost in time. Linux only.

limit cgroup: all memory of all processes, file pages too, as a container has it (needs the right
to make one). limit data: RLIMIT_DATA, the memory that a process has for itself.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
STATES = 16
"""Bytes a parameter in fp32: weight, gradient, two moments (arXiv 1910.02054, section 3.1)."""
LABELS = ("red", "green", "blue")
WORDS = 6000
V1, V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


# --- a limit and a process below it --------------------------------------------------------------


class Cgroup:
    """A memory cgroup of our own, version 1 or 2; None of its files is there without the right."""

    def __init__(self, limit: int) -> None:
        self.old = V1.is_dir()
        self.path = (V1 if self.old else V2) / f"zeroapp-bench-{os.getpid()}"
        self.path.mkdir()
        names = ("memory.limit_in_bytes",) if self.old else ("memory.max",)
        for name in names:
            (self.path / name).write_text(str(limit))
        if not self.old and (self.path / "memory.swap.max").exists():
            (self.path / "memory.swap.max").write_text("0")

    def own(self) -> int:
        """Bytes that are not files: they cannot be given back."""
        wanted = "total_rss " if self.old else "anon "
        for line in (self.path / "memory.stat").read_text().splitlines():
            if line.startswith(wanted):
                return int(line.split()[1])
        return 0

    def remove(self) -> None:
        """Give it back; all its processes are gone by now."""
        for _ in range(50):
            try:
                self.path.rmdir()
            except OSError:
                time.sleep(0.1)
            else:
                return


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a contender ended. own: most memory that is not files, seen every 50 ms; 0: unknown."""

    code: int
    seconds: float
    own: int


def run(command: list[str], *, limit: int, how: str, log: Path) -> Ended:
    """Run below a limit (0: none) until it ends."""
    group = Cgroup(limit) if limit and how == "cgroup" else None

    def enter() -> None:
        if group is not None:
            (group.path / "cgroup.procs").write_text(str(os.getpid()))
        elif limit:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    began, own = time.monotonic(), 0
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, preexec_fn=enter)  # noqa: PLW1509
        while process.poll() is None:
            own = max(own, group.own() if group else _own_of(process.pid))
            time.sleep(0.05)
    if group is not None:
        group.remove()
    return Ended(code=process.returncode, seconds=time.monotonic() - began, own=own)


def _own_of(pid: int) -> int:
    """Anonymous memory of a process and its children, summed."""
    import psutil

    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    total += int(line.split()[1]) * 1024
    except (psutil.Error, OSError):
        pass
    return total


# --- what is trained -----------------------------------------------------------------------------


def make_base(folder: Path, *, layers: int, hidden: int, vocabulary: int) -> int:
    """A BERT with random weights, as transformers saves it; returns its parameters."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=max(1, hidden // 64),
        intermediate_size=4 * hidden,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LABELS, *(f"w{n}" for n in range(WORDS))]
    inner = Tokenizer(models.WordPiece({w: n for n, w in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", model_max_length=512,
    ).save_pretrained(folder)  # fmt: skip
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Random weights\n")
    return sum(p.numel() for p in model.parameters())


def make_rows(count: int) -> list[tuple[str, str]]:
    """Texts of 20 to 40 words that name their colour."""
    dice = random.Random(3)
    rows = []
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        words = [f"w{dice.randrange(WORDS)}" for _ in range(dice.randint(19, 39))]
        words.insert(dice.randrange(len(words)), label)
        rows.append((" ".join(words), label))
    return rows


def make_run(folder: Path, base: Path, options: argparse.Namespace, *, offload: str) -> Path:
    """A project with the rows, and a run in it that waits for its worker; everything learns."""
    import msgspec

    from zeroapp.data.checks import check
    from zeroapp.data.importing import import_paths
    from zeroapp.engine.planner import make_plan
    from zeroapp.models import token_counter
    from zeroapp.plan import Offload, PlanOptions
    from zeroapp.project import Project
    from zeroapp.protocol import Train, encode
    from zeroapp.work import Silent

    table = folder / "rows.csv"
    lines = [f"{text},{label}" for text, label in make_rows(options.rows)]
    table.write_text("text,label\n" + "\n".join(lines) + "\n")
    project = Project.create(folder / f"project-{offload}", task="text_classification")
    import_paths(project, [table], Silent())
    check(project, Silent(), count_tokens=token_counter(base), limit=128)
    wishes = {
        "epochs": 1, "batch_size": options.batch, "micro_tokens": options.micro_tokens,
        "freeze_embeddings": False, "precision": "fp32", "zero_stage": 0, "ranks": 1,
        "fine_tune": True,
    }  # fmt: skip
    asked = PlanOptions(base=str(base), overrides=wishes)
    plan = make_plan(project, asked, Silent()).plan
    plan = msgspec.structs.replace(plan, offload=Offload(offload))
    run = project.new_run("train")
    run.job.write_bytes(encode(Train(project=str(project.folder), plan=plan)))
    project.close()
    return run.path


# --- the Trainer, in a process of its own --------------------------------------------------------


def trainer(base: Path, job: dict) -> None:
    """transformers.Trainer as thrifty as its guide tells: one row at a time, recomputing."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(LABELS))
    rows = [
        {"input_ids": ids, "labels": LABELS.index(label)}
        for (text, label) in make_rows(job["rows"])
        for ids in [tokenizer(text, truncation=True, max_length=128)["input_ids"]]
    ]

    class Steps(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            print(f"STEP {time.monotonic()}", flush=True)

    with tempfile.TemporaryDirectory(dir=base.parent) as folder:
        arguments = TrainingArguments(
            output_dir=folder, num_train_epochs=1, per_device_train_batch_size=1,
            gradient_accumulation_steps=job["batch"], gradient_checkpointing=True,
            optim="adamw_torch_fused", save_strategy="no", report_to="none", disable_tqdm=True,
            use_cpu=True,
        )  # fmt: skip
        Trainer(
            model=model, args=arguments, train_dataset=rows, callbacks=[Steps()],
            data_collator=DataCollatorWithPadding(tokenizer), processing_class=tokenizer,
        ).train()  # fmt: skip
    print("DONE", flush=True)


# --- what is told --------------------------------------------------------------------------------


def tell_run(name: str, ended: Ended, run_folder: Path) -> None:
    """How a run of ours went, by its own events."""
    events = [json.loads(line) for line in (run_folder / "events.jsonl").read_text().splitlines()]
    kinds = [event.get("type") for event in events]
    steps = [event for event in events if event.get("type") == "StepLogged"]
    words = f"ended {kinds[-1] if kinds else 'without a word'} ({ended.code})"
    for event in events:
        if event.get("type") == "Failed":
            words += f": {event['failure']['title']} {event['failure'].get('detail', '')[-1500:]}"
    times = [event["at"] for event in steps]
    tell(name, words, ended, times)
    if steps:
        print(f"    losses {[round(event['loss'], 6) for event in steps]}")


def tell(name: str, words: str, ended: Ended, times: list[float]) -> None:
    """One contender's line."""
    gaps = sorted(after - before for before, after in pairwise(times))
    pace = f"{gaps[0]:.1f} to {gaps[-1]:.1f} s a step, " if gaps else ""
    print(
        f"{name}: {words}; {len(times)} steps, {pace}{ended.seconds:.0f} s in all, "
        f"own memory at most {ended.own / 2**20:.0f} MiB",
        flush=True,
    )


def contend(options: argparse.Namespace, folder: Path) -> None:
    """Make the base, then run every contender."""
    base = folder / "base"
    count = make_base(
        base, layers=options.layers, hidden=options.hidden, vocabulary=options.vocabulary
    )
    cap = options.cap * 2**20 or count * STATES // 4
    print(
        f"{count / 1e6:.1f} M parameters; model states {count * STATES / 2**20:.0f} MiB; "
        f"limit ({options.limit}) {cap / 2**20:.0f} MiB",
        flush=True,
    )
    shutil.copytree(base, folder / "theirs")
    job = json.dumps({"rows": options.rows, "batch": options.batch})
    for limit in (cap, 0):
        capped = "capped" if limit else "free"
        for offload in ("disk", "none") if not limit or options.ordinary_too else ("disk",):
            place = folder / f"{capped}-{offload}"
            place.mkdir()
            ours = make_run(place, base, options, offload=offload)
            command = [sys.executable, "-m", "zeroapp.worker", str(ours)]
            ended = run(command, limit=limit, how=options.limit, log=place / "log")
            tell_run(f"zeroapp, offload {offload}, {capped}", ended, ours)
            shutil.rmtree(place)
        log = folder / f"trainer-{capped}.log"
        command = [sys.executable, __file__, "--trainer", str(folder / "theirs"), job]
        ended = run(command, limit=limit, how=options.limit, log=log)
        said = log.read_text(errors="replace").splitlines()
        times = [float(line.split()[1]) for line in said if line.startswith("STEP")]
        words = "done" if "DONE" in said else f"died ({ended.code}): {said[-1] if said else ''}"
        tell(f"Trainer, {capped}", words, ended, times)
        if options.capped_only:
            return


def options_of() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--hidden", type=int, default=1024)
    parser.add_argument("--vocabulary", type=int, default=30522)
    parser.add_argument("--rows", type=int, default=120)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--micro-tokens", type=int, default=256)
    parser.add_argument("--limit", choices=("cgroup", "data"), default="cgroup")
    parser.add_argument("--cap", type=int, default=0, help="MiB, instead of a quarter")
    parser.add_argument("--capped-only", action="store_true")
    parser.add_argument("--ordinary-too", action="store_true", help="ours without files, capped")
    parser.add_argument("--folder", type=Path, help="where to work; a disk, not a memory disk")
    return parser.parse_args()


def main() -> None:
    """Run the comparison, or one side of it as its child."""
    if sys.argv[1:2] == ["--trainer"]:
        trainer(Path(sys.argv[2]), json.loads(sys.argv[3]))
        return
    options = options_of()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        os.environ["ZEROAPP_HOME"] = str(Path(name) / "home")
        contend(options, Path(name))


if __name__ == "__main__":
    main()
