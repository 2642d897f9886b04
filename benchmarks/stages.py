"""What each ZeRO stage, each further rank and each optimisation costs or saves on this computer.

    .venv/bin/python benchmarks/stages.py [--only stages growth shares trainer] [--rounds 3]

- stages: stages 0 to 3 on one rank (where they are the same, so the ratios tell the noise) and two
- growth: 1, 2 and 4 ranks at stage 3, with the base whole and cut to half its layers
- shares: the planned setting with one thing changed: no packing, AdamW not fused, one thread,
  bf16 (where the hardware has it), activations recomputed
- trainer: stage 3 on two ranks against transformers' Trainer that was asked for FSDP, as it is and
  with three private fields of accelerate set, without which FSDP stays off on a processor

The rows are real ones, the steps those of training (`engine/few_steps.py`). Every case runs in
fresh processes, one a rank, in turn; ratios are taken within a round, so that whatever else the
computer does at that moment slows all of them alike. Processor seconds are those of the busiest
rank; on a busy computer they tell more than time. Printed: median (smallest to largest).
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import contest
import train_text

if TYPE_CHECKING:
    from zeroapp.engine.fine_tune import Learner

GROUPS = ("stages", "growth", "shares", "trainer")
MB = 1e6
PATIENCE = 1200
HELD = ("parameters", "gradients", "optimizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One setting. against: the name of the case that its ratios are to.

    plan: fields that differ from the planned ones. layers: the base is cut to so many; 0: whole.
    trainer: "" is zeroapp, "asked" the Trainer as it is, "forced" with FSDP switched on by force.
    """

    name: str
    against: str
    plan: dict[str, Any] = field(default_factory=dict)
    layers: int = 0
    fused: bool = True
    trainer: str = ""

    @property
    def ranks(self) -> int:
        """Processes that share the work."""
        return int(self.plan.get("ranks", 1))


def cases_of(group: str, *, bf16: bool, layers: int) -> list[Case]:
    """The cases of a group; the first is what others are compared with, but for growth."""
    if group == "stages":
        return [
            Case(
                name=f"{ranks} rank(s), stage {stage}",
                against=f"{ranks} rank(s), stage 0",
                plan={"ranks": ranks, "zero_stage": stage},
            )
            for ranks in (1, 2)
            for stage in range(4)
        ]
    if group == "growth":
        return _growth(layers // 2, layers)
    if group == "shares":
        return _shares(bf16=bf16)
    # the Trainer changes the word vectors too, so here zeroapp does
    ours = {"ranks": 2, "zero_stage": 3, "freeze_embeddings": False}
    name = "zeroapp, stage 3"
    return [
        Case(name=name, against=name, plan=ours),
        Case(name="Trainer, FSDP asked for", against=name, plan=ours, trainer="asked"),
        Case(name="Trainer, FSDP by force", against=name, plan=ours, trainer="forced"),
    ]


def _growth(*depths: int) -> list[Case]:
    return [
        Case(
            name=f"{layers} layers, {ranks} rank(s)",
            against=f"{layers if ranks > 1 else depths[0]} layers, 1 rank(s)",
            plan={"ranks": ranks, "zero_stage": 3 if ranks > 1 else 0},
            layers=layers,
        )
        for layers in depths
        for ranks in (1, 2, 4)
    ]


def _shares(*, bf16: bool) -> list[Case]:
    planned = "as planned"
    return [
        Case(name=planned, against=planned),
        Case(name="no packing", against=planned, plan={"packing": False}),
        Case(name="AdamW not fused", against=planned, fused=False),
        Case(name="one thread", against=planned, plan={"threads": 1}),
        *([Case(name="bf16", against=planned, plan={"precision": "bf16"})] if bf16 else []),
        Case(name="activations recomputed", against=planned, plan={"recompute": True}),
    ]


# --- in processes of their own -------------------------------------------------------------------


def run_zeroapp(request: dict[str, Any], rank: int) -> dict[str, Any]:
    """A few steps of one rank, as `zeroapp benchmark` takes them."""
    import msgspec

    from zeroapp.engine.device import use_threads
    from zeroapp.engine.fine_tune import learner
    from zeroapp.engine.gang import Gang
    from zeroapp.engine.stage_benchmark import few_rows, measure
    from zeroapp.engine.training_run import prepared
    from zeroapp.plan import TrainPlan
    from zeroapp.project import Project
    from zeroapp.run_folder import RunFolder
    from zeroapp.work import Silent

    plan = msgspec.convert(request["plan"], TrainPlan)
    scratch = Path(request["scratch"])
    gang = Gang(rank=rank, ranks=plan.ranks, store=scratch / "store", device=plan.device)
    use_threads(plan, gang)
    with Project.open(Path(request["project"])) as project:
        folder = RunFolder(scratch / "run")
        run = prepared(plan, folder, work=Silent(), gang=gang, project=project)
    run = few_rows(run, request["steps"])
    made = learner(run, None)
    if not request["fused"]:
        made = _not_fused(made)
    cpu: list[float] = []
    made.optimizer.register_step_post_hook(lambda *_: cpu.append(time.process_time()))
    told = msgspec.to_builtins(measure(run, made, steps=request["steps"]))
    return told | {"cpu": _a_step(cpu[: request["steps"]])}


def _a_step(ends: Sequence[float]) -> float:
    """The median from the end of one step to the end of the next, once warm."""
    gaps = [after - before for before, after in pairwise(ends)]
    return statistics.median(gaps[1:] or gaps)


def _not_fused(made: "Learner") -> "Learner":
    from dataclasses import replace

    import torch

    groups = [{**group, "fused": False} for group in made.optimizer.param_groups]
    return replace(made, optimizer=torch.optim.AdamW(groups))


def run_trainer(request: dict[str, Any], rank: int) -> dict[str, Any]:
    """The Trainer over the same rows, asked for FSDP; what it then holds is counted."""
    import torch
    from torch.distributed.tensor import DTensor
    from transformers import TrainerCallback

    from zeroapp.engine.memory_seen import peak_bytes
    from zeroapp.engine.sharding import state_bytes

    torch.set_num_threads(request["threads"])
    ends: list[float] = []
    cpu: list[float] = []
    held: dict[str, int] = {}

    class Watch(TrainerCallback):
        def on_pre_optimizer_step(self, *_: Any, model: Any, **_more: Any) -> None:
            held["gradients"] = state_bytes(model, None).gradients

        def on_step_end(self, *_: Any, model: Any, optimizer: Any, **_more: Any) -> None:
            ends.append(time.perf_counter())
            cpu.append(time.process_time())
            seen = state_bytes(model, getattr(optimizer, "optimizer", optimizer))
            held.update(parameters=seen.parameters, optimizer=seen.optimizer)
            held["sharded"] = any(isinstance(p, DTensor) for p in model.parameters())

    switches = {
        "use_cpu": True,
        "ddp_backend": "gloo",
        "fsdp": True,
        # left to itself accelerate 1.15 shards BERT's word vectors twice, and fails
        "fsdp_config": {"transformer_layer_cls_to_wrap": ["BertLayer"]},
        "per_device_train_batch_size": request["batch_size"] // request["ranks"],
        "max_steps": request["steps"],
        "save_strategy": "no",
    }
    kind = _forced() if request["trainer"] == "forced" else None
    with tempfile.TemporaryDirectory() as folder:
        trainer = train_text.trainer_of(request, folder, switches=switches, kind=kind)
        trainer.add_callback(Watch())
        trainer.train()
    return held | {
        "rank": rank,
        "peak": peak_bytes(),
        "seconds_per_step": _a_step(ends),
        "cpu": _a_step(cpu),
        "communication": 0.0,
    }


def _forced() -> type:
    """A Trainer whose accelerate shards on a processor: it knows how, but leaves it off there."""
    from accelerate.state import PartialState
    from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
    from transformers import Trainer

    class Forced(Trainer):
        def create_accelerator_and_postprocess(self) -> None:
            super().create_accelerator_and_postprocess()
            state = self.accelerator.state
            state.distributed_type = DistributedType.FSDP
            state.fsdp_plugin = FullyShardedDataParallelPlugin(**self.args.fsdp_plugin_args)
            PartialState._shared_state["distributed_type"] = DistributedType.FSDP  # noqa: SLF001
            self.is_fsdp_enabled = True

    return Forced


def member() -> None:
    """Entry of a process: `--member REQUEST RANK`."""
    request, rank = json.loads(Path(sys.argv[2]).read_text("utf-8")), int(sys.argv[3])
    run = run_trainer if request["trainer"] else run_zeroapp
    told = json.dumps(run(request, rank))
    Path(f"{request['scratch']}/result-{rank}.json").write_text(told, "utf-8")
    sys.stdout.flush()
    os._exit(0)  # gloo's threads may outlive the interpreter


# --- the comparison ------------------------------------------------------------------------------


def cut(base: str, layers: int, folder: Path) -> str:
    """The base with its first layers only; made once."""
    from transformers import AutoModel, AutoTokenizer

    place = folder / f"layers-{layers}"
    if not place.is_dir():
        AutoModel.from_pretrained(base, num_hidden_layers=layers).save_pretrained(place)
        AutoTokenizer.from_pretrained(base).save_pretrained(place)
    return str(place)


def measured(case: Case, job: dict, folder: Path, *, steps: int) -> dict[str, float]:
    """The case in fresh processes; of each figure that of the rank where it is largest.

    Raises RuntimeError with the end of what a rank said when it did not come through.
    """
    from zeroapp.engine.device import cores

    base = cut(job["base"], case.layers, folder) if case.layers else job["plan"]["base"]
    with tempfile.TemporaryDirectory() as scratch:
        request = job | {
            "plan": job["plan"] | case.plan | {"base": base},
            "scratch": scratch,
            "steps": steps,
            "fused": case.fused,
            "ranks": case.ranks,
            "threads": max(1, cores() // case.ranks),
            "trainer": case.trainer,
        }
        path = Path(scratch) / "request.json"
        path.write_text(json.dumps(request), "utf-8")
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port())}
        command = [sys.executable, str(Path(__file__).resolve()), "--member", str(path)]
        processes = [
            subprocess.Popen(
                [*command, str(rank)],
                env=os.environ
                | contest.environment(request, ours=not case.trainer)
                | ({**meeting, **_seat(rank, case.ranks)} if case.trainer else {}),
                stdout=subprocess.DEVNULL,
                stderr=(Path(scratch) / f"log-{rank}").open("w"),
            )
            for rank in range(case.ranks)
        ]
        _wait(processes)
        for rank, process in enumerate(processes):
            if process.returncode:
                raise RuntimeError((Path(scratch) / f"log-{rank}").read_text("utf-8")[-6000:])
        found = [
            json.loads((Path(scratch) / f"result-{rank}.json").read_text("utf-8"))
            for rank in range(case.ranks)
        ]
    result = {
        name: max(one[name] for one in found)
        for name in (*HELD, "peak", "seconds_per_step", "cpu", "communication")
    }
    result["held"] = sum(result[name] for name in HELD)
    return result | {"sharded": float(all(one.get("sharded", True) for one in found))}


def _seat(rank: int, ranks: int) -> dict[str, str]:
    return {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(ranks)}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(processes: Sequence[subprocess.Popen]) -> None:
    """Until all ended; when one fails the others, which would wait for it, are ended too."""
    ends = time.monotonic() + PATIENCE
    while any(process.poll() is None for process in processes):
        if any(process.poll() for process in processes) or time.monotonic() > ends:
            for process in processes:
                process.kill()
        time.sleep(0.2)


def tell(group: str, cases: Sequence[Case], rounds: Sequence[dict[str, dict[str, float]]]) -> None:
    """The table of a group: ratios within rounds, then bytes of the fullest rank."""
    spread = contest.spread
    print(f"\n{group}: {len(rounds)} round(s)")
    for case in cases:
        runs = [one for one in rounds if case.name in one and case.against in one]
        if not runs:
            print(f"  {case.name:26} did not run")
            continue
        mine = [one[case.name] for one in runs]
        pairs = [(one[case.name], one[case.against]) for one in runs]
        times = [a["seconds_per_step"] / b["seconds_per_step"] for a, b in pairs]
        work = [a["cpu"] / b["cpu"] for a, b in pairs]
        bytes_ = [a["held"] / b["held"] for a, b in pairs]
        print(
            f"  {case.name:26} time {spread(times, '.2f')}, processor {spread(work, '.2f')}, "
            f"states {spread(bytes_, '.2f')} of “{case.against}”; step "
            f"{spread([one['seconds_per_step'] for one in mine], '.2f')} s, exchanges "
            f"{spread([one['communication'] for one in mine], '.2f')} s; parameters "
            f"{mine[0]['parameters'] / MB:.1f}, gradients {mine[0]['gradients'] / MB:.1f}, "
            f"moments {mine[0]['optimizer'] / MB:.1f} MB, peak "
            f"{spread([one['peak'] / MB for one in mine], '.0f')} MB"
            + ("" if mine[0]["sharded"] else "; NOT sharded, though asked for")
        )


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--base", default="minilm-l6")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="write every result as JSON")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run every case in every round, each round begun with another case, and tell."""
    options = options_of(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ZEROAPP_HOME"] = str(folder / "home")
        asked = ["--base", options.base, "--batch-size", str(options.batch_size), "--epochs", "1"]
        job = train_text.make_job(train_text.options_of(asked), folder)
        from transformers import AutoConfig

        from zeroapp.engine.device import remembered

        seen = remembered()
        layers = AutoConfig.from_pretrained(job["base"]).num_hidden_layers
        everything: dict[str, list[dict[str, dict[str, float]]]] = {}
        for group in options.only:
            cases = cases_of(group, bf16=bool(seen and seen.bf16_hardware), layers=layers)
            everything[group] = rounds = []
            for number in range(options.rounds):
                turn = number % len(cases)
                rounds.append(_round([*cases[turn:], *cases[:turn]], job, folder, options.steps))
                if options.out:
                    options.out.write_text(json.dumps(everything, indent=1), "utf-8")
            tell(group, cases, rounds)


def _round(
    cases: Sequence[Case], job: dict, folder: Path, steps: int
) -> dict[str, dict[str, float]]:
    found = {}
    for case in cases:
        try:
            found[case.name] = one = measured(case, job, folder, steps=steps)
        except RuntimeError as error:
            print(f"{case.name}: did not run\n{error}", file=sys.stderr, flush=True)
            continue
        print(
            f"{case.name}: {one['seconds_per_step']:.2f} s a step, processor {one['cpu']:.2f}",
            flush=True,
        )
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--member"]:
        member()
    main(sys.argv[1:])
