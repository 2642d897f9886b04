"""ZeRO stages with torch's `fully_shard`; with deepspeed_shards.py all that knows how it is done.

    stage 0  every rank holds all; gradients are averaged (DDP)
    stage 1  optimizer states sharded: all meets at the last micro-step only
    stage 2  gradients sharded too: reduced at every micro-step; parameters stay gathered for
             the whole step
    stage 3  parameters sharded too: gathered block by block in every forward and backward

With one micro-step a step, stage 1 is stage 2. One rank has nothing to share and stays plain.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import (
    CPUOffloadPolicy,
    FSDPModule,
    MixedPrecisionPolicy,
    OffloadPolicy,
    fully_shard,
)
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel

from zeroapp.engine import deepspeed_shards
from zeroapp.engine.gang import Gang
from zeroapp.plan import Device, Offload, Precision, TrainPlan, ZeroStage


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBytes:
    """Bytes this rank holds, counted from local storage."""

    parameters: int
    gradients: int
    optimizer: int


def is_sharded(plan: TrainPlan, gang: Gang) -> bool:
    """Whether `fully_shard` is used: more than one rank and a stage, or parameters offloaded."""
    if deepspeed_shards.shards(plan):
        return False
    offloaded = plan.offload is Offload.cpu and plan.device is Device.cuda
    return offloaded or (gang.ranks > 1 and plan.zero_stage is not ZeroStage.none)


def shard(
    model: nn.Module,
    *,
    units: Sequence[nn.Module],
    head: nn.Module | None,
    plan: TrainPlan,
    gang: Gang,
) -> nn.Module:
    """The model as this rank trains it. units are sharded one by one, the rest as one group."""
    if is_sharded(plan, gang):
        _fully_shard(model, units=units, head=head, plan=plan, gang=gang)
        return model
    model.to(gang.torch_device)
    if gang.ranks == 1 or deepspeed_shards.shards(plan):
        return model
    return DistributedDataParallel(model, find_unused_parameters=_has_idle(model))


def _has_idle(model: nn.Module) -> bool:
    """Only bases with a head of their own may hold parameters that the loss never reaches."""
    return not hasattr(model, "bert")


def _fully_shard(
    model: nn.Module,
    *,
    units: Sequence[nn.Module],
    head: nn.Module | None,
    plan: TrainPlan,
    gang: Gang,
) -> None:
    mesh = gang.mesh()
    reshard = plan.zero_stage is ZeroStage.parameters
    half = plan.precision is Precision.bf16
    precise = MixedPrecisionPolicy(reduce_dtype=torch.float32)
    mixed = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
    offload = (
        CPUOffloadPolicy(pin_memory=True)
        if plan.offload is Offload.cpu and plan.device is Device.cuda
        else OffloadPolicy()
    )
    for group in [*_groups(model, units), [model]]:
        for unit in group:
            unit.float()  # a base may be stored in half; only this unit is whole for a moment
        # the head stays fp32: its differences decide the answer
        policy = mixed if half and head not in group else precise
        fully_shard(
            group if len(group) > 1 else group[0],
            mesh=mesh,
            mp_policy=policy,
            # backward begins with what is left for the model itself: parting is for nothing
            reshard_after_forward=reshard and group != [model],
            offload_policy=offload,
        )


def _groups(model: nn.Module, units: Sequence[nn.Module]) -> list[list[nn.Module]]:
    """Each unit by itself; tied ones together, as `fully_shard` wants every parameter once.

    A unit that is tied to something outside all units is left to the model's own group.
    """
    inside = {m for unit in units for m in unit.modules()}
    outside = {id(p) for m in model.modules() if m not in inside for p in m.parameters(False)}
    groups: list[tuple[set[int], list[nn.Module]]] = []
    for unit in units:
        names, members = {id(p) for p in unit.parameters()}, [unit]
        if names & outside:
            continue
        for tied in [group for group in groups if group[0] & names]:
            groups.remove(tied)
            names, members = names | tied[0], [*tied[1], *members]
        groups.append((names, members))
    return [members for _, members in groups]


@contextmanager
def micro_step(model: nn.Module, *, plan: TrainPlan, last: bool) -> Iterator[None]:
    """Around forward and backward of one micro-batch: when gradients meet and parameters part."""
    if isinstance(model, FSDPModule):
        model.set_requires_gradient_sync(last or plan.zero_stage is not ZeroStage.optimizer)
        # gathered parameters serve all micro-steps; only stage 3 has no room for that
        model.set_reshard_after_backward(last or plan.zero_stage is ZeroStage.parameters)
        yield
        return
    alone = isinstance(model, DistributedDataParallel) and not last
    with model.no_sync() if alone else nullcontext():  # type: ignore[operator]
        yield


def part_parameters(model: nn.Module) -> None:
    """What is gathered for several micro-steps goes back to its ranks; gradients stay."""
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.reshard()


def averages_gradients(model: nn.Module) -> bool:
    """Whether gradients are averaged over the ranks, so that a summed loss must be scaled up."""
    sharded = isinstance(model, FSDPModule | DistributedDataParallel)
    return sharded or deepspeed_shards.drives(model)


def unwrap(model: nn.Module) -> nn.Module:
    """The model under a wrapper."""
    wrapped = isinstance(model, DistributedDataParallel) or deepspeed_shards.drives(model)
    return cast("nn.Module", model.module) if wrapped else model


def local(tensor: Tensor) -> Tensor:
    """This rank's part of a tensor."""
    tensor = getattr(tensor, "ds_tensor", tensor)  # DeepSpeed's stage 3
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def state_bytes(model: nn.Module, optimizer: torch.optim.Optimizer | None) -> StateBytes:
    """Bytes of parameters, gradients and optimizer states on this rank; shared storage once."""
    parameters = list(model.parameters())
    states = optimizer.state.values() if optimizer else ()
    moments = [v for state in states for v in state.values() if isinstance(v, Tensor)]
    return StateBytes(
        parameters=_bytes(parameters),
        gradients=_bytes([p.grad for p in parameters if p.grad is not None]),
        optimizer=_bytes([m for m in moments if m.numel() > 1]),
    )


def _bytes(tensors: Sequence[Tensor]) -> int:
    storages = {}
    for tensor in tensors:
        storage = local(tensor).detach().untyped_storage()
        storages[storage.data_ptr() or id(storage)] = storage.nbytes()
    return sum(storages.values())


def full_state(model: nn.Module) -> dict[str, Tensor]:
    """The whole state dict on the CPU, on the first rank only. Every rank must call it.

    What is whole on the CPU already is not copied: use it before the next step.
    """
    if deepspeed_shards.drives(model):
        return deepspeed_shards.whole_state(model)
    if not isinstance(model, FSDPModule):
        return _each_once(unwrap(model).state_dict())
    from torch.distributed.checkpoint.state_dict import (
        StateDictOptions,
        get_model_state_dict,
    )

    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    state = get_model_state_dict(model, options=options)
    return {n: t.detach().clone() for n, t in state.items() if isinstance(t, Tensor)}


def _each_once(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tied parameters are written as many times as they have names."""
    seen: set[int] = set()
    made = {}
    for name, tensor in state.items():
        whole = tensor.detach().cpu()
        made[name] = whole.clone() if whole.data_ptr() in seen else whole
        seen.add(whole.data_ptr())
    return made
