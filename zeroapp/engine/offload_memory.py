"""The states of a model in main memory while its weights compute on a card (ZeRO-Offload).

After arXiv 2101.06840: the card holds weights and activations; gradients leave it as they come,
the processor keeps the weights that are changed and both moments, and sends the weights back.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zeroapp.errors import UsageError
from zeroapp.plan import Offload, Sharder, TrainPlan


def keeps_in_memory(plan: TrainPlan) -> bool:
    """Whether the optimizer works in main memory. Raises UsageError where that is not built.

    A processor, whose memory that is anyway, can do it too: tests hold both ways together there.
    """
    if plan.offload is not Offload.optimizer or plan.sharder is Sharder.deepspeed:
        return False
    if plan.ranks > 1:
        raise UsageError(
            "offload-not-possible",
            title="Keeping only the optimizer in main memory works with one process.",
            hint="Choose one process, or --offload cpu, which several graphics cards can do too.",
        )
    return True


@dataclass(frozen=True, slots=True)
class HostTensors:
    """Tensors of one kind in main memory."""

    tensors: list[Tensor]

    def let_go(self, number: int, first: int, end: int) -> None:
        """They stay where they are."""


class HostStates:
    """What training keeps for each learning parameter of a model, in main memory and fp32.

    What crosses to a card is pinned. When the model is given other weights (a checkpoint), they
    are taken over.
    """

    def __init__(self, model: nn.Module) -> None:
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self._weights = HostTensors([_zeros(p, crosses=True) for p in self.parameters])
        self.gradients = HostTensors([_zeros(p, crosses=True) for p in self.parameters])
        self.means = HostTensors([_zeros(p, crosses=False) for p in self.parameters])
        self.squares = HostTensors([_zeros(p, crosses=False) for p in self.parameters])
        self._take_over()
        model.register_load_state_dict_post_hook(lambda *_: self._take_over())

    @torch.no_grad()
    def _take_over(self) -> None:
        for parameter, kept in zip(self.parameters, self._weights.tensors, strict=True):
            kept.copy_(parameter)

    def weights_of(self, number: int) -> Tensor:
        """The processor's own copy."""
        return self._weights.tensors[number]

    def arrived(self) -> None:
        """Wait for what is still on its way from the card."""
        if self.parameters and self.parameters[0].is_cuda:
            torch.cuda.current_stream(self.parameters[0].device).synchronize()

    @torch.no_grad()
    def changed(self, number: int) -> None:
        """Send the weights back; what computes with them on the card waits for them by itself."""
        self.parameters[number].copy_(self._weights.tensors[number], non_blocking=True)

    def let_go(self, number: int, first: int, end: int) -> None:
        """Everything stays in memory."""

    @property
    def bytes(self) -> int:
        """What they take of main memory."""
        kinds = (self._weights, self.gradients, self.means, self.squares)
        return sum(tensor.nbytes for kind in kinds for tensor in kind.tensors)


def _zeros(parameter: Tensor, *, crosses: bool) -> Tensor:
    pinned = crosses and parameter.is_cuda
    return torch.zeros(parameter.shape, dtype=torch.float32, pin_memory=pinned)
