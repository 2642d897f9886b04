"""The texts in a recipe's folder: README.md and run.sh. Only text from values."""

from zeroapp.export.traffic import NETWORKS, Traffic
from zeroapp.plan import TrainPlan
from zeroapp.protocol import WriteRecipe

_RUN = """#!/bin/sh
# Trains this recipe. On every machine: MASTER_ADDR=<address of machine 0> sh run.sh <its number>
set -eu
cd "$(dirname "$0")"
NODE=${{1:-0}}
: "${{MASTER_ADDR:=127.0.0.1}}" "${{MASTER_PORT:=29511}}" "${{ZEROAPP_PATIENCE:=300}}"
: "${{PYTHON:=python3}}" "${{OMP_WAIT_POLICY:=PASSIVE}}"
export MASTER_ADDR MASTER_PORT ZEROAPP_PATIENCE OMP_WAIT_POLICY
export PYTHONPATH="$PWD/code" PYTHONUTF8=1 HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
"$PYTHON" -m zeroapp.worker.roll_call "$NODE" {nodes}
exec "$PYTHON" -m torch.distributed.run --nnodes {nodes} --nproc-per-node {ranks} \\
    --node-rank "$NODE" --master-addr "$MASTER_ADDR" --master-port "$MASTER_PORT" \\
    -m zeroapp.worker.node .
"""

_README = """# Training away from home

Everything to train one model on {machines}: the rows to learn
from, the base model ({base}), the plan, and the program. Nothing else is fetched. The rows for
the last judgement stayed at home.

**It holds your examples as they are.** Copy it only to machines you trust.

1. Copy this folder to every machine. A folder they share is fine, and so is a copy on each.
2. On each, with Python 3.11 or newer:
   `python3 -m venv venv && . venv/bin/activate && pip install -r requirements.txt`
   (For NVIDIA cards, choose the torch build as pytorch.org says; the version stays.)
3. On machine 0: `MASTER_ADDR=<its address> sh run.sh 0`{others}
   The address must be one that all machines reach, not a name that means “this machine”. They
   talk on port 29511 (`MASTER_PORT=...` for another) and on ports the system chooses, so no
   firewall may stand between them. They wait five minutes for each other
   (`ZEROAPP_PATIENCE=900` waits longer), then say who is missing.
4. Ctrl-C on machine 0 stops and saves; after that, or after a crash, the same commands go on
   from the last save.
5. Copy the folder `result` of machine 0 home, then: `zeroapp adopt PROJECT result`
   The model is judged there, on rows that were never here.

On Windows, or where `sh` is not to be had, start machine N's processes with the last command in
run.sh; the variables it sets are named there.

`accelerate launch --config_file accelerate/node-0.yaml -m zeroapp.worker.node .` does the same;
put the address in the place of FIRST_MACHINE, and set PYTHONPATH to the folder `code`. It only
starts the processes: how they share the model is in plan.json (ZeRO stage {stage}).

## What the network has to carry

One process sends, and receives, {moved:,.1f} MB in each step
({micro} part(s) a step, {ranks} processes):

| network | seconds a step, for that alone |
|---|---|
{rows}

{warning}
"""


def run_script(job: WriteRecipe) -> str:
    """run.sh."""
    return _RUN.format(nodes=job.nodes, ranks=job.ranks_per_node)


def readme(plan: TrainPlan, job: WriteRecipe, *, base: str, moved: Traffic) -> str:
    """README.md: how to train it, and what that asks of a network."""
    many = job.nodes > 1
    machines = f"{job.nodes} machines" if many else "one machine"
    others = (
        f";\n   on the others the same with their number: 1 to {job.nodes - 1}." if many else "."
    )
    rows = "\n".join(f"| {name} | {moved.seconds(bits):.2f} |" for name, bits in NETWORKS)
    return _README.format(
        machines=f"{machines} with {job.ranks_per_node} process(es) each",
        base=base,
        others=others,
        stage=int(plan.zero_stage),
        moved=moved.bytes / 1e6,
        micro=moved.micro_steps,
        ranks=moved.ranks,
        rows=rows,
        warning=moved.warning,
    )
