"""The second phase of a run: the base itself learns, sharded over the ranks, from the probe on."""

from dataclasses import dataclass

import torch
from msgspec.structs import replace
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from torch import Tensor, nn

from zeroapp.engine import deepspeed_shards, sharding
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.loading import open_base
from zeroapp.engine.loop import Diverged, Loop, make_optimizer
from zeroapp.engine.lora import add_lora, merged, save_adapter
from zeroapp.engine.memory_seen import MemoryWatch, give_back_before_loss, say_memory
from zeroapp.engine.offload_files import StateFiles, keeps_files
from zeroapp.engine.offload_memory import HostStates, keeps_in_memory
from zeroapp.engine.recompute import add_recompute
from zeroapp.engine.run_kind import Arrays, RunKind
from zeroapp.engine.run_parts import Run
from zeroapp.protocol import Noted, Resumed, ShardsMade
from zeroapp.writing import made_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A model as this rank trains it, with what changes it. whole: bytes of all its parameters.

    files: where its states are when they are not in memory; to be removed in the end.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    whole: int
    files: StateFiles | None


def learner(run: Run, kind: RunKind | None) -> Learner:
    """Meet the other ranks and make the model ready to learn, from where `kind` lets it start."""
    in_files = keeps_files(run.plan)
    spread = sharding.is_sharded(run.plan, run.gang)
    run.gang.join(sharded=spread or deepspeed_shards.shards(run.plan))
    # what is sharded or filed is read piece by piece; a whole copy is made for nobody
    model = open_base(run.training) if spread or in_files else run.training.build()
    head = run.training.head(model)
    if kind is not None:
        kind.start(model)
    units = run.training.shard_units(model)
    add_lora(model, units=units, head=head, plan=run.plan)
    add_recompute(units, head=head, plan=run.plan)
    if run.gang.torch_device.type == "cpu":
        give_back_before_loss(units)
    sharded = sharding.shard(model, units=units, head=head, plan=run.plan, gang=run.gang)
    whole = sum(p.numel() * p.element_size() for p in model.parameters())
    files = _state_files(run, sharded) if in_files else None
    states = HostStates(sharded) if keeps_in_memory(run.plan) else files
    optimizer = make_optimizer(sharded, head=head, plan=run.plan, states=states)
    if deepspeed_shards.shards(run.plan):
        sharded, optimizer = deepspeed_shards.taken_over(
            sharded, optimizer, plan=run.plan, gang=run.gang
        )
    return Learner(model=sharded, optimizer=optimizer, whole=whole, files=files)


def fine_tune(run: Run, kind: RunKind) -> None:
    """Teach the base. Leaves tuned/, or nothing when the loss diverged before it was judged."""
    made = learner(run, kind)
    sharded, optimizer = made.model, made.optimizer
    _say_shards(run, sharded, whole=made.whole)
    checkpoints = Checkpoints(run.folder.checkpoints, gang=run.gang)
    progress = _resumed(run, checkpoints, model=sharded, optimizer=optimizer)
    run.enter("training", "Teaching")
    watch = MemoryWatch()
    loop = Loop(
        plan=run.plan,
        training=run.training,
        model=sharded,
        optimizer=optimizer,
        examples=run.train,
        gang=run.gang,
        checkpoints=checkpoints,
        work=run.work,
        on_epoch=lambda reached: watch.aside(lambda: _judge_pass(run, kind, sharded, reached)),
        patience=kind.patience,
    )
    try:
        with watch.watching():
            reached = loop.run(progress)
        if kind.patience:
            _note_best(run, reached)
    except Diverged:
        _note_divergence(run)
    finally:
        if made.files is not None:
            made.files.remove()
    say_memory(run, watch)
    if run.gang.first and run.best.is_dir():
        run.best.rename(run.tuned)
    run.gang.leave()


def _state_files(run: Run, model: nn.Module) -> StateFiles:
    files = StateFiles(run.offload, model)
    run.work.say(
        Noted(
            level="info",
            code="states-on-disk",
            text=f"What training keeps ({files.bytes / 1e9:.1f} GB) is in files instead of memory; "
            "they go away when it ends. A fast disk (SSD) matters.",
        )
    )
    return files


def _say_shards(run: Run, model: nn.Module, *, whole: int) -> None:
    held = sharding.state_bytes(model, None)
    if run.gang.first:
        run.work.say(
            ShardsMade(
                rank=run.gang.rank,
                ranks=run.gang.ranks,
                zero_stage=int(run.plan.zero_stage),
                sharded=sharding.is_sharded(run.plan, run.gang),
                parameters_local=held.parameters,
                parameters_whole=whole,
            )
        )


def _resumed(
    run: Run, checkpoints: Checkpoints, *, model: nn.Module, optimizer: torch.optim.Optimizer
) -> Progress:
    """Where to start: the newest whole checkpoint of this run, or the beginning."""
    found = checkpoints.newest(run_key=run.key)
    if run.gang.first:
        for path in checkpoints.damaged():
            run.work.say(
                Noted(
                    level="warning",
                    code="checkpoint-damaged",
                    text=f"The saved state {path.name} is damaged and was left aside; "
                    "training goes on from the one before.",
                )
            )
    progress = Progress(step=0, run_key=run.key)
    if found is not None:
        path, progress = found
        checkpoints.load(path, model, optimizer)
    if run.gang.first:
        # From step 0 too: an attempt that was cut off before its first save may have logged steps.
        run.work.say(Resumed(step=progress.step))
    return progress


def _judge_pass(run: Run, kind: RunKind, model: nn.Module, progress: Progress) -> Progress:
    """Score on the validation rows; keep the weights when they are the best so far."""
    arrays = kind.read_validation(model)
    now = kind.standing(arrays, step=progress.step)
    if (now.right, -now.loss) <= (progress.best_right, -progress.best_log_loss):
        return replace(progress, worse=progress.worse + 1)
    state = sharding.full_state(model)
    if run.gang.first:
        _keep(run, sharding.unwrap(model), state, arrays=arrays)
    return replace(progress, best_right=now.right, best_log_loss=now.loss, worse=0)


def _keep(run: Run, model: nn.Module, state: dict[str, Tensor], *, arrays: Arrays) -> None:
    plain = merged(state)
    with made_beside(run.best) as beside:
        save_file(
            {name: t.contiguous() for name, t in plain.items()}, beside / "weights.safetensors"
        )
        save_adapter(model, state, folder=beside, plan=run.plan)
        save_arrays(dict(arrays), beside / "validation.safetensors")


def _note_best(run: Run, reached: Progress) -> None:
    """Say so when the last pass was not the best: what came after it was learning by heart."""
    if not (run.gang.first and reached.worse):
        return
    best = reached.judged_epochs - reached.worse
    early = reached.judged_epochs < run.plan.epochs
    run.work.say(
        Noted(
            level="info",
            code="by-heart",
            text=f"After round {best} it only learned your examples by heart, so "
            f"{'teaching ended early and ' if early else ''}the model of round {best} is kept.",
        )
    )


def _note_divergence(run: Run) -> None:
    if run.gang.first:
        run.work.say(
            Noted(
                level="warning",
                code="diverged",
                text="Fine-tuning went astray (its errors stopped being numbers) and was ended. "
                "The best state before that is kept; a lower learning rate may help.",
            )
        )
