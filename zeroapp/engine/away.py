"""Trains a recipe on other computers: no project, no test rows, ranks on one or many machines.

Where the machines share no folder, the probe and the checkpoints travel over the ranks' own
connections: the first rank's folder is whole, and every machine has a copy when it starts.
"""

import shutil
from dataclasses import replace
from importlib import import_module

import msgspec
import torch

from zeroapp import tasks
from zeroapp.checksum import sha256_of
from zeroapp.dataset import Part
from zeroapp.engine.checkpoint import Checkpoints
from zeroapp.engine.copies import find_copies
from zeroapp.engine.device import cores
from zeroapp.engine.fine_tune import fine_tune
from zeroapp.engine.gang import Gang
from zeroapp.engine.kinds import kind_of
from zeroapp.engine.run_kind import RunKind
from zeroapp.engine.run_parts import Run
from zeroapp.plan import TrainPlan
from zeroapp.protocol import PhaseEntered
from zeroapp.runs.recipe import Made, Recipe, RecipeFolder, sums
from zeroapp.work import Work
from zeroapp.writing import made_beside, write_whole

_READING = 7 * 24 * 3600.0
"""Seconds the others wait for the first rank to read all examples."""


def train_away(folder: RecipeFolder, *, work: Work, gang: Gang) -> None:
    """Train the recipe; leaves result/ on the first rank's machine.

    Started again it goes on from the first rank's newest checkpoint. Raises as `train` does, and
    ResourceError("machines-missing", "port-taken", "first-machine-silent").
    """
    recipe, plan = folder.read()
    torch.set_num_threads(plan.threads or max(1, cores() // recipe.ranks_per_node))
    folder.run.path.mkdir(exist_ok=True)
    if gang.first:
        work.say(PhaseEntered(phase="loading", title=f"Waiting for {gang.ranks} processes"))
    gang.join(sharded=True)
    copies = find_copies(folder.run.path, rank=gang.rank, local=gang.card, device=gang.torch_device)
    run = _run(folder, plan, work=work, gang=replace(gang, copies=copies))
    kind = kind_of(run)
    _begin(run, kind)
    if plan.fine_tune and not _on_first(run, known=run.tuned.is_dir()):
        _hand_out_newest(run)
        fine_tune(run, kind)
    gang.leave()
    if gang.first:
        _leave_result(folder, recipe, run)


def _run(folder: RecipeFolder, plan: TrainPlan, *, work: Work, gang: Gang) -> Run:
    training = import_module(tasks.get(plan.task).training).training(plan, folder.base)
    parts = {part: folder.examples(part) for part in (Part.train, Part.validation)}
    return Run(
        plan=plan,
        folder=folder.run,
        gang=gang,
        work=work,
        training=training,
        parts={**parts, Part.test: []},
        train=training.encode(parts[Part.train]),
        validation=training.encode(parts[Part.validation]),
    )


def _on_first(run: Run, *, known: bool) -> bool:
    """What the first rank knows, for all."""
    return run.gang.sum([float(run.gang.first and known)]) != [0.0]


def _begin(run: Run, kind: RunKind) -> None:
    """Done by the first rank; every machine gets a copy before its ranks look for it."""
    copies = run.gang.copies
    assert copies is not None
    if run.gang.first:
        kind.begin()
    if run.gang.meeting is not None:
        # reading may take far longer than a collective waits
        patient = replace(run.gang.meeting, patience=_READING)
        patient.store(me=run.gang.rank, of=run.gang.ranks, kind="readers")
    copies.hand_out(run.folder.probe)
    if not run.gang.first:
        kind.begin()


def _hand_out_newest(run: Run) -> None:
    """The checkpoint to go on from, to machines that do not see the first rank's."""
    assert run.gang.copies is not None
    checkpoints = Checkpoints(run.folder.checkpoints, gang=run.gang)
    found = checkpoints.newest(run_key=run.key) if run.gang.first else None
    step = int(run.gang.sum([float(found[1].step if found else 0)])[0])
    if run.gang.rank in run.gang.copies.apart:
        shutil.rmtree(run.folder.checkpoints, ignore_errors=True)
    if step:
        run.gang.copies.hand_out(run.folder.checkpoints / f"step-{step}")


def _leave_result(folder: RecipeFolder, recipe: Recipe, run: Run) -> None:
    """What is brought home: safetensors, the curve, and a note with their checksums."""
    run.enter("saving", "Putting the result together")
    with made_beside(folder.result) as beside:
        shutil.copyfile(run.folder.probe / "probe.safetensors", beside / "probe.safetensors")
        if run.tuned.is_dir():
            shutil.copyfile(run.tuned / "weights.safetensors", beside / "weights.safetensors")
        if run.folder.events.is_file():
            shutil.copyfile(run.folder.events, beside / "events.jsonl")
        made = Made(
            recipe=recipe.id,
            plan_sha256=sha256_of(folder.plan_file),
            data_version=recipe.data_version,
            tuned=run.tuned.is_dir(),
            files=sums(beside),
        )
        write_whole(beside / "result.json", msgspec.json.format(msgspec.json.encode(made)))
    Checkpoints(run.folder.checkpoints, gang=run.gang).clear()
