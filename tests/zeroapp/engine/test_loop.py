"""The loop by itself: micro-batches change nothing, a pause holds, a NaN ends the fine-tune."""

from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from support.rows import examples
from support.stages import Listener, plan_for, train_stage
from zeroapp.engine import loop
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.gang import Gang
from zeroapp.engine.loop import Diverged, Loop, make_optimizer
from zeroapp.protocol import Continued, Paused, StepLogged
from zeroapp.tasks.text_classification.training import training
from zeroapp.work import Stopped


def loop_of(base: Path, folder: Path, work: Listener, **case) -> Loop:
    plan = plan_for({"base": str(base)} | case)
    task = training(plan, base)
    torch.manual_seed(1)
    model = task.build()
    head = task.head(model)
    return Loop(
        plan=plan,
        training=task,
        model=model,
        optimizer=make_optimizer(model, head=head, plan=plan),
        examples=task.encode(examples(150)),
        gang=Gang(),
        checkpoints=Checkpoints(folder, gang=Gang()),
        work=work,
        on_epoch=lambda reached: reached,
    )


def test_the_loss_falls(base, tmp_path):
    seen = train_stage(
        Gang(), {"base": str(base), "checkpoints": str(tmp_path), "epochs": 12, "batch_size": 16}
    )

    assert sum(seen["losses"][-10:]) < 0.6 * sum(seen["losses"][:10])  # from chance, ln 3, down


def test_the_size_of_micro_batches_changes_nothing(base, tmp_path):
    whole, parts = (
        train_stage(
            Gang(),
            {"base": str(base), "checkpoints": str(tmp_path / str(tokens)), "micro_tokens": tokens},
        )
        for tokens in (4096, 128)
    )

    assert parts["losses"] == pytest.approx(whole["losses"], abs=2e-5)


def test_memory_goes_back_before_every_micro_batch(base, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(loop, "close_holes", lambda: said.append("back"))
    made = loop_of(base, tmp_path, Listener(), micro_tokens=128)
    counted = made.training.loss

    def loss(model, tensors):
        said.append("loss")
        return counted(model, tensors)

    monkeypatch.setattr(made.training, "loss", loss)
    made._step(made.examples[:32], step=1)

    # what one leaves in holes would lie beside the tensors of the next (docs/decisions/048)
    assert said == ["back", "loss"] * (len(said) // 2)
    assert len(said) >= 4


def test_the_rate_warms_up_and_runs_down_to_zero(base, tmp_path):
    listener = Listener()
    loop_of(base, tmp_path, listener, epochs=5).run(Progress(step=0, run_key="k"))
    rates = [e.learning_rate for e in listener.said if isinstance(e, StepLogged)]

    assert len(rates) == 20
    assert rates[1] == max(rates) == 1e-3  # a tenth of 20 steps warms up
    assert rates[-1] < 0.1 * max(rates)


def test_a_pause_saves_holds_and_goes_on(base, tmp_path):
    class Paused3(Listener):
        asked = 0

        def pause_wanted(self) -> bool:
            self.asked += 1
            return self.asked in (3, 4)  # asked at step 3, still wanted once more while holding

    listener = Paused3()
    loop_of(base, tmp_path, listener).run(Progress(step=0, run_key="k"))
    kinds = [type(event).__name__ for event in listener.said]

    assert kinds.index("CheckpointSaved") < kinds.index("Paused") < kinds.index("Continued")
    assert [e.step for e in listener.said if isinstance(e, Paused | Continued)] == [3, 3]
    assert len(listener.losses) == 8


def test_a_stop_in_the_first_step_leaves_nothing_to_go_on_from(base, tmp_path):
    class AtOnce(Listener):
        def stop_wanted(self) -> bool:
            return True

    listener = AtOnce()
    with pytest.raises(Stopped):
        loop_of(base, tmp_path, listener, micro_tokens=128).run(Progress(step=0, run_key="k"))

    assert listener.said == []  # no step is counted, and the start is known without a checkpoint
    assert not list(tmp_path.iterdir())


def test_a_loss_that_is_no_number_ends_the_fine_tune(base, tmp_path):
    loop = loop_of(base, tmp_path, Listener())
    with torch.no_grad():
        next(loop.model.bert.encoder.parameters()).fill_(float("nan"))

    with pytest.raises(Diverged):
        loop.run(Progress(step=0, run_key="k"))


def test_each_pass_is_judged_once_even_across_a_stop(base, tmp_path):
    judged = []

    def judge(progress: Progress) -> Progress:
        judged.append(progress.step)
        return progress

    loop = loop_of(base, tmp_path, Listener())
    whole = type(loop)(**{f: getattr(loop, f) for f in loop.__slots__} | {"on_epoch": judge})
    # stopped just after the last step of the first pass, before its judgement
    whole.run(Progress(step=4, run_key="k"))

    assert judged == [4, 8]


@pytest.mark.parametrize("begun_at", [0, 4, 8])
def test_passes_that_make_it_no_better_end_the_training(base, tmp_path, begun_at):
    """Wherever it begins anew, it ends after the same pass."""

    def judge(reached: Progress) -> Progress:
        better = reached.step <= 4  # the first of five passes
        return replace(reached, worse=0 if better else reached.worse + 1)

    loop = loop_of(base, tmp_path, Listener(), epochs=5)
    wanted = {"on_epoch": judge, "patience": 2}
    impatient = type(loop)(**{f: getattr(loop, f) for f in loop.__slots__} | wanted)
    passes = begun_at // 4
    # as saved just before the pass was judged
    begun = Progress(
        step=begun_at, run_key="k", judged_epochs=max(0, passes - 1), worse=max(0, passes - 2)
    )

    ended = impatient.run(begun)

    assert (ended.step, ended.judged_epochs, ended.worse) == (12, 3, 2)
