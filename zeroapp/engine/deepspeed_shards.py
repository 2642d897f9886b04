"""DeepSpeed's ZeRO in place of torch's, where it is installed; the only file that knows it.

It shards, offloads, averages and steps. Batches, loss, rates, checkpoints and judging stay ours,
so that a run may go on with torch's sharding and the other way round. docs/decisions/036.
"""

import logging
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from zeroapp.engine.gang import Gang
from zeroapp.plan import Device, Offload, Precision, Sharder, TrainPlan, ZeroStage

_MOMENTS: Final = ("exp_avg", "exp_avg_sq")
_NEVER: Final = 10**9


def installed() -> bool:
    """Whether DeepSpeed can be asked for on this computer; nothing of it is loaded."""
    return sys.platform == "linux" and find_spec("deepspeed") is not None


def shards(plan: TrainPlan) -> bool:
    """Whether it shards this plan; what no stage shards is left to torch."""
    return plan.sharder is Sharder.deepspeed and plan.zero_stage is not ZeroStage.none


def drives(model: nn.Module) -> bool:
    """Whether it has taken this model over."""
    loaded = sys.modules.get("deepspeed")
    return loaded is not None and isinstance(model, loaded.DeepSpeedEngine)


def taken_over(
    model: nn.Module, optimizer: torch.optim.Optimizer, *, plan: TrainPlan, gang: Gang
) -> "tuple[nn.Module, DeepSpeedStep]":
    """The model and what changes it, from now on sharded by DeepSpeed. Every rank calls it.

    optimizer: of the whole model, not yet used. At its first call DeepSpeed compiles a part of
    itself, which takes a C++ compiler and ninja.
    """
    _tell(gang)
    import deepspeed

    logging.getLogger("DeepSpeed").setLevel(logging.WARNING)
    of = {id(p): name for name, p in model.named_parameters()}
    names = [[of[id(p)] for p in group["params"]] for group in optimizer.param_groups]
    engine, *_ = deepspeed.initialize(
        model=model, optimizer=optimizer, config=_config(plan), dist_init_required=False
    )
    return engine, DeepSpeedStep(engine, names=names)


def _tell(gang: Gang) -> None:
    """What it reads from its surroundings, where a launcher of its own would have put it."""
    local = gang.rank if gang.local is None else gang.local
    said: dict[str, object] = {"RANK": gang.rank, "WORLD_SIZE": gang.ranks}
    said |= {"LOCAL_RANK": local, "LOCAL_SIZE": gang.ranks, "DS_ACCELERATOR": gang.device.value}
    for name, value in said.items():
        os.environ.setdefault(name, str(value))
    tools = str(Path(sys.executable).parent)  # ninja lies beside python
    os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", "")])


def _config(plan: TrainPlan) -> dict[str, Any]:
    zero: dict[str, Any] = {"stage": int(plan.zero_stage), "overlap_comm": False}
    if plan.offload is not Offload.none:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": plan.device is Device.cuda}
    if plan.offload is Offload.cpu:
        zero["offload_param"] = {"device": "cpu", "pin_memory": plan.device is Device.cuda}
    half = plan.precision is Precision.bf16
    return {
        "train_micro_batch_size_per_gpu": 1,  # of no meaning: a step says itself when it ends
        "managed_gradient_accumulation": False,
        "gradient_clipping": plan.clip_norm,
        "zero_optimization": zero,
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,  # torch's fused AdamW takes half its time
        # gradients meet in fp32, as torch's sharding lets them
        "torch_autocast": {
            "enabled": half,
            "dtype": "bfloat16",
            "lower_precision_safe_modules": [],
        },
        "steps_per_print": _NEVER,
    }


class DeepSpeedStep(torch.optim.Optimizer):
    """What changes a model that DeepSpeed has taken over. Every rank calls each method."""

    def __init__(self, engine: Any, *, names: list[list[str]]) -> None:
        """names: of the parameters in each group. Not the base's own: DeepSpeed has the groups."""
        self._engine = engine
        self._names = names
        self._rank = engine.global_rank
        inner = engine.optimizer.optimizer
        self.param_groups = inner.param_groups
        self.state = inner.state
        self.defaults = inner.defaults
        for flat in self._flats():  # there before the first step, so that they can be filled
            moments = {name: torch.zeros_like(flat) for name in _MOMENTS}
            self.state[flat] = {"step": torch.zeros((), device=flat.device)} | moments
        self._link()

    def _flats(self) -> list[Tensor]:
        """What this rank steps: its part of each group, in fp32."""
        zero = self._engine.optimizer
        if hasattr(zero, "fp32_partitioned_groups_flat"):  # stage 3
            return list(zero.fp32_partitioned_groups_flat)
        return list(zero.single_partition_of_fp32_groups)

    def _link(self) -> None:
        """Stages 1 and 2 look for moments after a step of the first group only; all are here."""
        zero = self._engine.optimizer
        if hasattr(zero, "_lazy_init_hp_params_optimizer_state"):
            zero._lazy_init_hp_params_optimizer_state()  # noqa: SLF001 - there is no other way

    def clipped_step(self, limit: float) -> float:
        """Change the weights; the norm of all gradients, before they were cut to plan.clip_norm."""
        del limit  # told in the beginning
        self._engine.step()
        return float(self._engine.get_global_grad_norm())

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: FBT001, FBT002 - torch's
        """Its step forgets the gradients."""
        del set_to_none

    def whole_states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What learns, and its moments, as torch's `get_state_dict` lays them out, whole."""
        from deepspeed.utils import safe_get_full_optimizer_state as moment

        step = next(iter(self.state.values()))["step"].clone()
        weights, states = {}, {}
        for name, parameter in self._learning():
            weights[name] = _whole(parameter)
            states[name] = {"step": step} | {m: moment(parameter, m) for m in _MOMENTS}
        groups = [
            {key: value for key, value in group.items() if key != "params"} | {"params": names}
            for group, names in zip(self.param_groups, self._names, strict=True)
        ]
        return weights, {"state": states, "param_groups": groups}

    def take(self, weights: dict[str, Any], moments: dict[str, Any]) -> None:
        """Go on from what `whole_states`, or torch's `get_state_dict`, once gave."""
        for name, parameter in self._learning():
            state = moments["state"][name]
            with _gathered(parameter, changed=True), torch.no_grad():
                parameter.copy_(weights[name])
            _fill(parameter, weights[name], rank=self._rank)  # the copy that is stepped
            for moment in _MOMENTS:
                _fill(parameter, state[moment], rank=self._rank, moment=moment)
            for held in self.state.values():
                held["step"].copy_(state["step"])

    def _learning(self) -> Iterator[tuple[str, nn.Parameter]]:
        named = self._engine.module.named_parameters()
        return ((name, parameter) for name, parameter in named if parameter.requires_grad)


def _fill(parameter: nn.Parameter, whole: Tensor, *, rank: int, moment: str = "") -> None:
    """Put this rank's part of a moment, or of the fp32 copy, where it belongs."""
    from deepspeed import utils

    part = whole
    kind = "full"
    if hasattr(parameter, "ds_tensor"):  # stage 3; its own cut forgets that the last part is short
        kind, size = "local", parameter.ds_tensor.numel()
        ends = nn.functional.pad(whole.flatten(), (0, size * (rank + 1)))
        part = ends[size * rank : size * (rank + 1)]
    if moment:
        getattr(utils, f"safe_set_{kind}_optimizer_state")(parameter, part, moment)
    else:
        getattr(utils, f"safe_set_{kind}_fp32_param")(parameter, part)


def whole_state(model: nn.Module) -> dict[str, Tensor]:
    """The whole state dict on the CPU; every rank must call it."""
    module: nn.Module = model.module  # type: ignore[assignment]
    parameters = dict(module.named_parameters(remove_duplicate=False))
    names = list(module.state_dict())  # without buffers that are not saved
    buffers = dict(module.named_buffers(remove_duplicate=False))
    return {
        name: _whole(parameters[name]) if name in parameters else buffers[name].cpu().clone()
        for name in names
    }


def _whole(parameter: nn.Parameter) -> Tensor:
    with _gathered(parameter, changed=False):
        return parameter.detach().cpu().clone()


def _gathered(parameter: nn.Parameter, *, changed: bool) -> Any:
    import deepspeed

    return deepspeed.zero.GatheredParameters([parameter], modifier_rank=0 if changed else None)
