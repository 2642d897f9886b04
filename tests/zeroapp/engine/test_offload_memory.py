"""The optimizer in main memory: the same weights, and on the device nothing but weights."""

import pytest
import torch
from torch import nn

from support.stages import plan_for, train_stage
from zeroapp.engine.gang import Gang
from zeroapp.engine.offload_memory import HostStates, keeps_in_memory
from zeroapp.engine.offload_optimizer import StreamedAdamW
from zeroapp.errors import UsageError
from zeroapp.plan import Offload


def case(base, folder, **more):
    """Several micro-steps a step, and steps that are clipped."""
    return {"base": str(base), "micro_tokens": 128, "checkpoints": f"{folder}/checkpoints"} | more


@pytest.mark.parametrize(
    "asked", [{}, {"freeze_embeddings": False}, {"method": "lora"}, {"precision": "bf16"}]
)
def test_weights_come_out_bit_for_bit_as_with_plain_adamw(base, tmp_path, asked):
    plain = train_stage(Gang(), case(base, tmp_path / "none", **asked))
    streamed = train_stage(Gang(), case(base, tmp_path / "host", offload="optimizer", **asked))

    assert streamed["losses"] == plain["losses"]
    assert streamed["bits"] == plain["bits"]
    assert plain["gradients"]["bytes"] == plain["trained"]
    assert streamed["gradients"]["bytes"] == 0  # all have left when the step begins


@pytest.mark.parametrize(
    "order", [("none", "optimizer", "none"), ("optimizer", "disk", "optimizer")]
)
def test_a_run_goes_on_whatever_way_its_states_are_kept(base, tmp_path, order):
    unbroken = train_stage(Gang(), case(base, tmp_path / "unbroken"))
    losses, last = [], {}
    for offload, stop in zip(order, (3, 3, 0), strict=True):
        last = train_stage(Gang(), case(base, tmp_path, offload=offload, stop_after=stop))
        losses += last["losses"]

    assert losses == unbroken["losses"]
    assert last["bits"] == unbroken["bits"]


def learner():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 5), nn.Linear(5, 2))
    model[1].bias.requires_grad_(requires_grad=False)
    trained = [p for p in model.parameters() if p.requires_grad]
    return model, [{"params": trained, "lr": 0.1, "weight_decay": 0.1}]


def streamed():
    model, groups = learner()
    states = HostStates(model)
    return model, states, StreamedAdamW(groups, states=states, model=model)


def backward(model, step):
    (model(torch.tensor([step % 7, 3, 3])).pow(2).sum() * 5).backward()


def test_clipping_and_accumulating_are_those_of_torch():
    ours, _, optimizer = streamed()
    theirs, groups = learner()
    plain = torch.optim.AdamW(groups, fused=True)
    for step in range(4):
        for micro in (0, 1, 2):
            backward(ours, step + micro)
            backward(theirs, step + micro)
        norm = optimizer.clip(1.0)
        assert norm == float(nn.utils.clip_grad_norm_(groups[0]["params"], 1.0))
        assert norm > 1.0
        for one in (optimizer, plain):
            one.step()
            one.zero_grad()

    assert all(
        torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True)
    )


def test_beside_the_weights_nothing_is_kept_on_the_device():
    """4 bytes a parameter there; 16 a trained one in main memory, and none of it shared."""
    model, states, optimizer = streamed()
    backward(model, 0)
    trained = sum(p.numel() for p in states.parameters)
    on_device = {p.untyped_storage().data_ptr() for p in model.parameters()}
    moments = [t for state in optimizer.state.values() for t in state.values()]

    assert all(p.grad is None for p in model.parameters())
    assert states.bytes == 16 * trained
    assert not on_device & {t.untyped_storage().data_ptr() for t in moments}
    assert not on_device & {states.weights_of(n).untyped_storage().data_ptr() for n in (0, 1, 2)}


def test_what_is_loaded_goes_where_the_states_are():
    model, _, optimizer = streamed()
    backward(model, 0)
    optimizer.clip(1.0)
    optimizer.step()
    other, states, fresh = streamed()
    places = [t.data_ptr() for t in (*states.means.tensors, *states.squares.tensors)]
    fresh.load_state_dict(optimizer.state_dict())
    other.load_state_dict(model.state_dict())

    held = [fresh.state[p][name] for name in ("exp_avg", "exp_avg_sq") for p in states.parameters]
    assert [t.data_ptr() for t in held] == places
    assert all(fresh.state[p]["step"] == 1 for p in states.parameters)
    for number, parameter in enumerate(states.parameters):
        assert torch.equal(states.weights_of(number), parameter)


def test_several_ranks_are_refused(base):
    with pytest.raises(UsageError) as caught:
        keeps_in_memory(plan_for({"base": str(base), "offload": "optimizer"}, ranks=2))
    assert caught.value.code == "offload-not-possible"
    assert not keeps_in_memory(plan_for({"base": str(base), "offload": Offload.cpu}, ranks=2))
