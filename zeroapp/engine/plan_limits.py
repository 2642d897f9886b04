"""What a computer, or too little data, cannot do, refused before anything is planned. Pure."""

from zeroapp.engine import deepspeed_shards, planner_words
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device, Offload, PlanOptions, Sharder, TrainPlan, ZeroStage


def possible(
    plan: TrainPlan, options: PlanOptions, hardware: HardwareProfile, *, rows: int
) -> None:
    """Raises UsageError for what this computer, or this much data, cannot do."""
    if plan.device is Device.cuda and not hardware.gpus:
        raise planner_words.no_card()
    if plan.ranks > 1 and plan.ranks > rows:
        raise planner_words.more_ranks_than_rows(plan.ranks, rows=rows)
    most = {
        Device.cuda: len(hardware.gpus),
        Device.cpu: 4 * hardware.cores,
        Device.mps: 1,
    }[plan.device]
    if plan.ranks > most:
        raise planner_words.too_many_ranks(plan, most=most, cores=hardware.cores)
    if plan.device is Device.mps and options.zero_stage:
        raise planner_words.stage_not_possible(plan.zero_stage)
    if plan.offload in (Offload.optimizer, Offload.cpu) and plan.device is not Device.cuda:
        raise planner_words.offload_not_possible(
            "Only a graphics card has another memory to keep things in.",
            hint="Leave it out, or keep states on disk (--offload disk) to need less memory.",
        )
    if plan.offload is Offload.optimizer and plan.ranks > 1:
        raise planner_words.offload_not_possible(
            "Keeping only the optimizer in main memory works with one graphics card.",
            hint="Ask for one process, or keep the model there, too (--offload cpu).",
        )
    if plan.sharder is Sharder.deepspeed:
        _by_deepspeed(plan)
    if plan.offload is Offload.disk and (plan.device is not Device.cpu or plan.ranks > 1):
        raise planner_words.offload_not_possible(
            "Keeping the model's states on disk works with one process on the processor.",
            hint="Ask for one process, on the processor (device=cpu).",
        )


def _by_deepspeed(plan: TrainPlan) -> None:
    if not deepspeed_shards.installed():
        raise planner_words.deepspeed_not_possible(
            "DeepSpeed is not installed in the Python that trains here.",
            hint="On Linux, install it there (pip install ninja deepspeed; it needs a C++ "
            "compiler), or leave sharder=deepspeed out: torch shards the same stages.",
        )
    if plan.offload is Offload.disk:
        raise planner_words.deepspeed_not_possible(
            "DeepSpeed does not keep the model's states in our files on the disk.",
            hint="Leave out --offload disk, or sharder=deepspeed.",
        )
    if plan.zero_stage is ZeroStage.none:
        raise planner_words.deepspeed_not_possible(
            "DeepSpeed has nothing to do where no ZeRO stage shares anything out.",
            hint="Ask for --zero 1, 2 or 3, or leave sharder=deepspeed out.",
        )
