"""Trains a tiny language model whose embedding and head are one parameter."""

from typing import Any

import torch
from torch.distributed.tensor import DTensor

from zeroapp.engine import sharding
from zeroapp.engine.gang import Gang
from zeroapp.plan import TrainPlan, ZeroStage


def train_tied(gang: Gang, case: dict[str, Any]) -> dict[str, Any]:
    """Three steps. case["tied"]: the ZeRO stage; case["loose"]: the head is no unit of its own."""
    from transformers import GPT2Config, GPT2LMHeadModel

    plan = TrainPlan(
        task="t",
        base="b",
        data_version="v",
        labels=("a", "b"),
        ranks=gang.ranks,
        zero_stage=ZeroStage(case["tied"]),
    )
    torch.manual_seed(1)
    model = GPT2LMHeadModel(
        GPT2Config(n_layer=2, n_embd=16, n_head=2, vocab_size=64, n_positions=16)
    )
    body, head = model.transformer, model.lm_head
    units = [body.wte, *body.h] if case.get("loose") else [body.wte, *body.h, head]
    sharded = sharding.shard(model.eval(), units=units, head=head, plan=plan, gang=gang)
    optimizer = torch.optim.SGD(sharded.parameters(), lr=0.5)
    rows = torch.randint(0, 64, (4, 8), generator=torch.Generator().manual_seed(2))
    losses = []
    for _ in range(3):
        logits = sharded(rows[gang.rank :: gang.ranks]).logits
        wanted = rows[gang.rank :: gang.ranks, 1:].flatten()
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), wanted)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(gang.sum([float(loss.detach())])[0] / gang.ranks)
    embedding, out = body.wte.weight, head.weight
    return {
        "losses": losses,
        "one": embedding is out,
        "distributed": isinstance(embedding, DTensor),
        "local": sharding.state_bytes(sharded, None).parameters,
    }
