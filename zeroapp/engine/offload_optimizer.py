"""AdamW over states that are elsewhere: gradients stream to them, the processor steps in blocks.

The arithmetic is that of torch's fused AdamW and clip_grad_norm_, in the same order: on a processor
weights come out bit for bit as with states beside the weights (tests hold them together).
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

BLOCK: Final = 1 << 20
"""Values in a block: 4 MiB of each state. A multiple of every vector width, or the last values of
a block would be rounded otherwise than in one piece."""


class Kept(Protocol):
    """Tensors of one kind, one a parameter: fp32, where the processor reaches them."""

    @property
    def tensors(self) -> Sequence[Tensor]:
        """In the order of the parameters."""

    def let_go(self, number: int, first: int, end: int) -> None:
        """Values first..end of a tensor are not needed soon."""


class States(Protocol):
    """All that training keeps of the learning parameters, each known by its number."""

    @property
    def parameters(self) -> Sequence[nn.Parameter]:
        """Those that learn."""

    @property
    def gradients(self) -> Kept:
        """Where gradients are summed."""

    @property
    def means(self) -> Kept:
        """First moments."""

    @property
    def squares(self) -> Kept:
        """Second moments."""

    def weights_of(self, number: int) -> Tensor:
        """What a step changes, on the processor."""

    def arrived(self) -> None:
        """Return when all gradients are here."""

    def changed(self, number: int) -> None:
        """A step has changed all of a parameter's weights."""

    def let_go(self, number: int, first: int, end: int) -> None:
        """A block of a parameter and all its states is done with for this step."""


class StreamedAdamW(torch.optim.AdamW):
    """Fused AdamW (arXiv 1711.05101) whose gradients and moments are kept by `states`.

    A gradient is added to what is kept the moment it is whole, and then freed: `parameter.grad` is
    always None after backward. Embeddings that learn hand over only the rows they read.
    """

    def __init__(self, groups: list[dict[str, Any]], *, states: States, model: nn.Module) -> None:
        super().__init__(groups, fused=True)
        self.states = states
        self._number = {id(p): number for number, p in enumerate(states.parameters)}
        self._arrived: set[int] = set()
        self._rows: dict[int, list[Tensor]] = {}
        self._scale: Tensor | None = None
        _ask_for_rows(model)
        for number, parameter in enumerate(states.parameters):
            self.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": states.means.tensors[number],
                "exp_avg_sq": states.squares.tensors[number],
            }
            parameter.register_post_accumulate_grad_hook(self._take)

    @torch.no_grad()
    def _take(self, parameter: Tensor) -> None:
        gradient, parameter.grad = parameter.grad, None
        assert gradient is not None
        number = self._number[id(parameter)]
        kept = self.states.gradients.tensors[number]
        if gradient.is_sparse:
            self._add_rows(number, gradient.cpu())
        elif number in self._arrived:
            kept.add_(gradient.cpu())
        else:
            kept.copy_(gradient, non_blocking=True)  # to pinned memory, while backward goes on
        self._arrived.add(number)
        self.states.gradients.let_go(number, 0, kept.numel())

    def _add_rows(self, number: int, gradient: Tensor) -> None:
        """Sum a row's parts in the order they came, as a dense gradient would."""
        where, parts = gradient._indices()[0], gradient._values()  # noqa: SLF001 - order matters
        rows, place = where.unique(return_inverse=True)
        sums = parts.new_zeros(len(rows), *parts.shape[1:]).index_add_(0, place, parts)
        self.states.gradients.tensors[number].index_add_(0, rows, sums)
        self._rows.setdefault(number, []).append(rows)

    def clipped_step(self, limit: float) -> float:
        """Change the weights by gradients of at most this norm; the norm they had before."""
        norm = self.clip(limit)
        self.step()
        return norm

    @torch.no_grad()
    def clip(self, limit: float) -> float:
        """The norm over all gradients; the next step scales them so that it is at most `limit`."""
        self.states.arrived()
        gradients = [self.states.gradients.tensors[number] for number in sorted(self._arrived)]
        norm = nn.utils.get_total_norm(gradients)
        self._scale = torch.clamp(limit / (norm + 1e-6), max=1.0)
        return float(norm)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Change the weights, block by block."""
        assert closure is None
        self.states.arrived()
        for group in self.param_groups:
            for parameter in group["params"]:
                number = self._number[id(parameter)]
                if number in self._arrived:
                    self._change(parameter, number=number, group=group)

    def _change(self, parameter: Tensor, *, number: int, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        gradient = self.states.gradients.tensors[number].view(-1)
        weights = self.states.weights_of(number)
        flat = [t.view(-1) for t in (weights, state["exp_avg"], state["exp_avg_sq"])]
        for first in range(0, len(gradient), BLOCK):
            end = min(first + BLOCK, len(gradient))
            scaled = gradient[first:end] * (1.0 if self._scale is None else self._scale)
            blocks = [tensor[first:end] for tensor in flat]
            _fused(blocks, gradient=scaled, step=state["step"].clone(), group=group)
            self.states.let_go(number, first, end)
        state["step"] += 1
        self.states.changed(number)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Fill the states where they are; torch would take them to the weights' device."""
        kept, saved = dict(self.state), state_dict["state"]
        super().load_state_dict({**state_dict, "state": {}})
        members = [p for group in self.param_groups for p in group["params"]]
        order = [one for group in state_dict["param_groups"] for one in group["params"]]
        for parameter, place in zip(members, order, strict=True):
            self.state[parameter] = kept[parameter]
            for name, value in saved.get(place, {}).items():
                kept[parameter][name].copy_(value)

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: FBT001, FBT002 - torch's signature
        """Forget the gradients; of embeddings only the rows that were read need clearing."""
        assert set_to_none
        for number, rows in self._rows.items():
            self.states.gradients.tensors[number].index_fill_(0, torch.cat(rows), 0.0)
        self._rows.clear()
        self._arrived.clear()
        self._scale = None


def _fused(blocks: list[Tensor], *, gradient: Tensor, step: Tensor, group: dict[str, Any]) -> None:
    weight, mean, square = blocks
    beta1, beta2 = group["betas"]
    adamw(
        [weight],
        [gradient],
        [mean],
        [square],
        [],
        [step],
        fused=True,
        amsgrad=False,
        beta1=beta1,
        beta2=beta2,
        lr=group["lr"],
        weight_decay=group["weight_decay"],
        eps=group["eps"],
        maximize=False,
    )


def _ask_for_rows(model: nn.Module) -> None:
    """Let embeddings of this model tell their gradient row by row: most rows have none."""
    embeddings = [m for m in model.modules() if isinstance(m, nn.Embedding)]
    used = [id(p) for m in model.modules() for p in m.parameters(recurse=False)]
    for embedding in embeddings:
        tied = used.count(id(embedding.weight)) > 1
        embedding.sparse = embedding.weight.requires_grad and not tied
