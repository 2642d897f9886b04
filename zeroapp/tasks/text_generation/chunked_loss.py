"""Cross-entropy of a large vocabulary, piece by piece: the scores never exist as a whole.

A step's scores are tokens x vocabulary; kept for backward they are most of a small model's
memory. Here each piece's gradient is made at once, as in Liger-Kernel (arXiv 2410.10989).
"""

from typing import Any

import torch
from torch import Tensor

PIECE = 256
"""Tokens whose scores exist at once: 50 MB for 49,152 words."""


class ChunkedLoss(torch.autograd.Function):
    """hidden (n, width), weight (words, width), targets (n,) -> losses (n,) in nats, fp32.

    backward takes one gradient for all: the losses must be summed, or summed by group with equal
    weights, which is what training does.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        """The losses, and the gradients of their sum when anybody wants them."""
        wants_hidden, wants_weight, _ = ctx.needs_input_grad
        losses = torch.empty(len(targets), dtype=torch.float32, device=hidden.device)
        of_hidden = torch.empty_like(hidden) if wants_hidden else None
        of_weight = torch.zeros_like(weight, dtype=torch.float32) if wants_weight else None
        for start in range(0, len(targets), PIECE):
            part = slice(start, start + PIECE)
            rows, wanted = hidden[part], targets[part, None]
            scores = (rows @ weight.to(rows.dtype).T).float()
            total = scores.logsumexp(dim=1, keepdim=True)
            losses[part] = (total - scores.gather(1, wanted)).squeeze(1)
            if of_hidden is None:
                continue
            shares = scores.sub_(total).exp_()
            shares.scatter_add_(1, wanted, torch.full_like(total, -1.0))
            halved = shares.to(rows.dtype)
            of_hidden[part] = halved @ weight.to(rows.dtype)
            if of_weight is not None:
                of_weight.addmm_(shares.T, rows.float())
        ctx.save_for_backward(of_hidden, of_weight)
        return losses

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        """Scaled by what the sum is worth."""
        of_hidden, of_weight = ctx.saved_tensors
        worth = upstream[0][:1].sum()  # all are equal; none of a batch without answers
        return (
            of_hidden * worth.to(of_hidden.dtype) if of_hidden is not None else None,
            of_weight * worth if of_weight is not None else None,
            None,
        )
