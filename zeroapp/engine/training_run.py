"""One training run from rows to verdict, phase by phase; each phase survives a kill.

What a phase made is a folder in the run that exists only when whole (probe/, tuned/, model/), so
that a run that goes on skips what is done.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from msgspec.structs import replace
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from zeroapp.dataset import Example, Part
from zeroapp.engine import linear_probe, sharding
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.device import use_threads
from zeroapp.engine.evaluate import judge
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.loop import Diverged, Loop, make_optimizer
from zeroapp.engine.reading import Floats, read_features, read_probabilities, torch_precision
from zeroapp.engine.writing import made_beside, write_whole
from zeroapp.errors import DataError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import Noted, PhaseEntered, Resumed, Scored, ShardsMade, Train
from zeroapp.quality.metrics import confusion_counts, log_loss, macro_f1
from zeroapp.quality.select import select
from zeroapp.report import Report, Selection
from zeroapp.run_folder import RunFolder
from zeroapp.task import Encoded, Training
from zeroapp.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What every phase reads."""

    plan: TrainPlan
    folder: RunFolder
    gang: Gang
    work: Work
    training: Training
    parts: dict[Part, list[Example]]
    train: list[Encoded]
    validation: list[Encoded]

    @property
    def tuned(self) -> Path:
        """The best fine-tuned weights and their validation answers."""
        return self.folder.path / "tuned"

    @property
    def best(self) -> Path:
        """Like `tuned`, while training still goes on."""
        return self.folder.path / "best"

    @property
    def key(self) -> str:
        """Names everything that decides the weights; ranks and stage do not."""
        fixed = replace(
            self.plan, ranks=1, zero_stage=0, threads=0, checkpoint_seconds=45.0, memory_limit=0
        )
        return hashlib.sha256(msgspec.json.encode(fixed)).hexdigest()[:16]

    def enter(self, phase: str, title: str) -> None:
        """Say where we are; once for the whole gang."""
        if self.gang.first:
            self.work.say(PhaseEntered(phase=phase, title=title))


def train(job: Train, run: RunFolder, work: Work, gang: Gang) -> Report | None:
    """Train as job.plan says; the first rank returns the report, the others None.

    Raises Stopped (saved), DataError, ModelError, ResourceError, WorkError; OSError on a full disk.
    """
    began = time.monotonic()
    use_threads(job.plan, gang)
    if gang.first:
        work.say(PhaseEntered(phase="loading", title="Reading your examples"))
    with Project.open(Path(job.project)) as project:
        if gang.first and run.report.is_file():
            return msgspec.json.decode(run.report.read_bytes(), type=Report)
        state = _prepared(job.plan, run, work=work, gang=gang, project=project)
    probe = _probe(state)
    if job.plan.fine_tune and not state.tuned.is_dir():
        _fine_tune(state, probe)
    if not gang.first:
        return None
    selection = _finish_model(state, probe)
    report = _judged(state, probe, selection=selection, seconds=time.monotonic() - began)
    write_whole(run.report, msgspec.json.encode(report))
    Checkpoints(run.checkpoints, gang=gang).clear()
    return report


def _prepared(plan: TrainPlan, run: RunFolder, *, work: Work, gang: Gang, project: Project) -> _Run:
    training = heavy_half(plan, work=work)
    parts = project.parts(version=plan.data_version, seed=plan.seed)
    if not all(parts.get(part) for part in Part):
        raise DataError(
            "too-few-rows",
            title="There are too few examples to learn from and to check with.",
            hint="Add at least a few examples of every kind, then try again. Nothing was changed.",
        )
    return _Run(
        plan=plan,
        folder=run,
        gang=gang,
        work=work,
        training=training,
        parts=parts,
        train=training.encode(parts[Part.train]),
        validation=training.encode(parts[Part.validation]),
    )


# --- the quick first model -----------------------------------------------------------------------


def _probe(run: _Run) -> linear_probe.LinearProbe:
    """Made by the first rank; the others wait for its folder."""
    if run.gang.first and not run.folder.probe.is_dir():
        run.enter("probe", "A first quick result")
        model = run.training.build().to(run.gang.torch_device)
        features = [_features(run, model, rows) for rows in (run.train, run.validation)]
        targets = [linear_probe.targets_of(rows) for rows in (run.train, run.validation)]
        probe = linear_probe.fit(
            features[0],
            targets[0],
            labels=len(run.plan.labels),
            validation=(features[1], targets[1]),
        )
        probe.save(run.folder.probe)
        save_arrays({"features": features[1]}, run.folder.probe / "validation.safetensors")
    _wait_for(run.folder.probe / "validation.safetensors")
    probe = linear_probe.load(run.folder.probe)
    _say_scored(run, "probe", 0, _probe_answers(run, probe))
    return probe


def _features(run: _Run, model: nn.Module, rows: Sequence[Encoded]) -> Floats:
    precision = torch_precision(run.plan.precision)
    return read_features(run.training, model, rows, precision=precision, work=run.work)


def _probe_answers(run: _Run, probe: linear_probe.LinearProbe) -> Floats:
    stored = load_arrays(run.folder.probe / "validation.safetensors")
    return probe.probabilities(stored["features"])


def _wait_for(path: Path) -> None:
    """Until the first rank has made it; a lost first rank ends us through the supervisor."""
    while not path.is_file():
        time.sleep(0.1)


def _say_scored(run: _Run, model: str, step: int, answers: Floats) -> tuple[int, float]:
    """Tell the validation score; returns (right, log loss)."""
    targets = linear_probe.targets_of(run.validation)
    labels = len(run.plan.labels)
    chosen = answers.argmax(axis=1)
    right = int((chosen == targets).sum())
    loss = log_loss(targets, probabilities=answers)
    if run.gang.first:
        run.work.say(
            Scored(
                model=model,
                step=step,
                n=len(targets),
                right=right,
                accuracy=right / max(1, len(targets)),
                macro_f1=macro_f1(confusion_counts(targets, answers=chosen, labels=labels)),
                log_loss=loss,
            )
        )
    return right, loss


# --- the fine-tune -------------------------------------------------------------------------------


def _fine_tune(run: _Run, probe: linear_probe.LinearProbe) -> None:
    """LP-FT: the head starts from the probe. Leaves tuned/, or nothing when the loss diverged."""
    run.gang.join(sharded=sharding.is_sharded(run.plan, run.gang))
    model = run.training.build()
    head = run.training.head(model)
    _start_head(head, probe)
    units = run.training.shard_units(model)
    sharded = sharding.shard(model, units=units, head=head, plan=run.plan, gang=run.gang)
    whole = sum(p.numel() * p.element_size() for p in model.parameters())
    _say_shards(run, sharded, whole=whole)
    optimizer = make_optimizer(sharded, head=head, plan=run.plan)
    checkpoints = Checkpoints(run.folder.checkpoints, gang=run.gang)
    progress = _resumed(run, checkpoints, model=sharded, optimizer=optimizer)
    run.enter("training", "Teaching")
    loop = Loop(
        plan=run.plan,
        training=run.training,
        model=sharded,
        optimizer=optimizer,
        examples=run.train,
        gang=run.gang,
        checkpoints=checkpoints,
        work=run.work,
        on_epoch=lambda reached: _judge_epoch(run, sharded, reached),
    )
    try:
        loop.run(progress)
    except Diverged:
        _note_divergence(run)
    if run.gang.first and run.best.is_dir():
        run.best.rename(run.tuned)
    run.gang.leave()


def _start_head(head: nn.Module, probe: linear_probe.LinearProbe) -> None:
    assert isinstance(head, nn.Linear)
    weight, bias = linear_probe.head_tensors(probe)
    with torch.no_grad():
        head.weight.copy_(weight)
        head.bias.copy_(bias)


def _say_shards(run: _Run, model: nn.Module, *, whole: int) -> None:
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
    run: _Run, checkpoints: Checkpoints, *, model: nn.Module, optimizer: torch.optim.Optimizer
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
    if found is None:
        return Progress(step=0, run_key=run.key)
    path, progress = found
    checkpoints.load(path, model, optimizer)
    if run.gang.first:
        run.work.say(Resumed(step=progress.step))
    return progress


def _judge_epoch(run: _Run, model: nn.Module, progress: Progress) -> Progress:
    """Score on the validation rows; keep the weights when they are the best so far."""
    precision = torch_precision(run.plan.precision)
    answers = read_probabilities(
        run.training, model, run.validation, precision=precision, work=run.work
    )
    right, loss = _say_scored(run, "fine-tuned", progress.step, answers)
    if (right, -loss) <= (progress.best_right, -progress.best_log_loss):
        return progress
    state = sharding.full_state(model)
    if run.gang.first:
        _keep(run.best, state, answers)
    return replace(progress, best_right=right, best_log_loss=loss)


def _keep(folder: Path, state: dict[str, Tensor], answers: Floats) -> None:
    with made_beside(folder) as beside:
        save_file(
            {name: t.contiguous() for name, t in state.items()}, beside / "weights.safetensors"
        )
        save_arrays({"answers": answers}, beside / "validation.safetensors")


def _note_divergence(run: _Run) -> None:
    if run.gang.first:
        run.work.say(
            Noted(
                level="warning",
                code="diverged",
                text="Fine-tuning went astray (its errors stopped being numbers) and was ended. "
                "The best state before that is kept; a lower learning rate may help.",
            )
        )


# --- choosing, writing, judging ------------------------------------------------------------------


def _finish_model(run: _Run, probe: linear_probe.LinearProbe) -> Selection:
    """Choose on validation rows and write model/."""
    run.enter("saving", "Choosing and saving the better model")
    targets = linear_probe.targets_of(run.validation)
    tuned = None
    if run.tuned.is_dir():
        tuned = load_arrays(run.tuned / "validation.safetensors")["answers"]
    selection = select(targets, probe=_probe_answers(run, probe), tuned=tuned)
    if run.folder.model.is_dir():
        return selection
    if selection.in_use == "fine-tuned":
        state = load_file(run.tuned / "weights.safetensors")
    else:
        model = run.training.build()
        _start_head(run.training.head(model), probe)
        state = dict(model.state_dict())
    with made_beside(run.folder.model) as beside:
        run.training.save(state, beside)
        note = _model_note(run, selection)
        (beside / "zeroapp.json").write_bytes(msgspec.json.format(msgspec.json.encode(note)))
    return selection


def _model_note(run: _Run, selection: Selection) -> dict[str, object]:
    plan = run.plan
    return {
        "task": plan.task,
        "base": plan.base,
        "labels": plan.labels,
        "max_length": plan.max_length,
        "prefix": plan.prefix,
        "data_version": plan.data_version,
        "run_id": run.folder.id,
        "in_use": selection.in_use,
    }


def _judged(
    run: _Run, probe: linear_probe.LinearProbe, *, selection: Selection, seconds: float
) -> Report:
    run.enter("judging", "Checking its work on examples it has never seen")
    return judge(
        run.folder,
        run.plan,
        parts=run.parts,
        training=run.training,
        probe=probe,
        selection=selection,
        seconds=seconds,
        work=run.work,
    )
