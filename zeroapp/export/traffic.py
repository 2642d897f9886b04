"""Arithmetic: what training on several machines moves over their network. Nothing is loaded."""

import math
from dataclasses import dataclass

from zeroapp.plan import Method, Precision, TrainPlan, ZeroStage

_FLOAT, _HALF = 4, 2
NETWORKS = (("Wi-Fi or 100 Mbit/s", 100e6), ("1 Gbit/s", 1e9), ("25 Gbit/s", 25e9))
SLOW = 2.0
"""Seconds a step at 1 Gbit/s from which on a warning is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """bytes: what one rank sends in a step, and receives as much. micro_steps: assumed in it."""

    bytes: int
    micro_steps: int
    ranks: int

    def seconds(self, bits: float) -> float:
        """Time on the wire for one step at a speed in bits a second, if nothing overlaps."""
        return self.bytes * 8 / bits

    @property
    def warning(self) -> str:
        """A sentence where an ordinary network will be the brake; "" where it will not."""
        seconds = self.seconds(1e9)
        if seconds < SLOW:
            return ""
        return (
            f"Every step moves {self.bytes / 1e9:.2f} GB to and from each process: "
            f"{seconds:.0f} s at 1 Gbit/s, {self.seconds(25e9):.1f} s at 25 Gbit/s, before any "
            "computing. On a slow network one computer is faster; LoRA or larger steps "
            "move less."
        )


def traffic(
    plan: TrainPlan, *, parameters: int, frozen: int = 0, tokens: float | None = None
) -> Traffic:
    """Bytes a rank sends in one optimizer step (ZeRO, arXiv 1910.02054, section 7).

    parameters: of the base; frozen: embeddings, which learn nothing where the plan freezes them.
    tokens: mean length of a row; the longest allowed when it is not known.
    """
    rows = plan.batch_size * (tokens or plan.max_length)
    micro = max(1, math.ceil(rows / plan.ranks / plan.micro_tokens))
    learning = parameters - (frozen if plan.freeze_embeddings else 0)
    if plan.method is Method.lora:
        learning = parameters // 100
    gather = parameters * (_HALF if plan.precision is Precision.bf16 else _FLOAT)
    reduce = learning * _FLOAT
    moved = {
        ZeroStage.none: 2 * reduce,
        ZeroStage.optimizer: gather + reduce,
        ZeroStage.gradients: gather + micro * reduce,
        ZeroStage.parameters: micro * (2 * gather + reduce),
    }[plan.zero_stage]
    share = (plan.ranks - 1) / plan.ranks
    return Traffic(bytes=round(moved * share), micro_steps=micro, ranks=plan.ranks)
