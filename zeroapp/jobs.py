"""What may be asked of the worker: one tagged union, `Job`."""

from typing import Annotated

import msgspec

from zeroapp.plan import PlanOptions, TrainPlan


class Tagged(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """A member of a union; its tag is the name of its class."""


class Probe(Tagged, frozen=True, kw_only=True):
    """Look at this computer; measure speeds when `measure` is set."""

    measure: bool = True


class ImportData(Tagged, frozen=True, kw_only=True):
    """Read files or folders into the project.

    again: read the file of this number once more instead, without these kinds of repairs.
    encoding: how letters are read, where that is not to be guessed.
    """

    project: str
    paths: tuple[str, ...]
    again: int = 0
    without: tuple[str, ...] = ()
    encoding: str = ""


class Check(Tagged, frozen=True, kw_only=True):
    """Profile the data and list what is wrong with it."""

    project: str


class Inspect(Tagged, frozen=True, kw_only=True):
    """Look deeper than `Check`: what takes longer is said check by check, as each is done.

    again: also the checks whose result is kept and still holds.
    """

    project: str
    again: bool = False


class MakePlan(Tagged, frozen=True, kw_only=True):
    """Choose how to train on this computer."""

    project: str
    options: PlanOptions = PlanOptions()


class Train(Tagged, frozen=True, kw_only=True):
    """Train as the plan says, judge, and write model/ and report.json into the run folder."""

    project: str
    plan: TrainPlan


class Evaluate(Tagged, frozen=True, kw_only=True):
    """Judge a finished run again on its test rows."""

    project: str
    run_id: str


class Export(Tagged, frozen=True, kw_only=True):
    """Write a finished run's model in a format; out is the folder to make."""

    project: str
    run_id: str
    format: str
    out: str


class Predict(Tagged, frozen=True, kw_only=True):
    """Answer every row of a file with a run's model (a run folder) or an export folder.

    The answers go to the csv file `out`.
    """

    model: str
    file: str
    out: str
    column: str | None = None


class TryOut(Tagged, frozen=True, kw_only=True):
    """Stay ready and answer each line appended to `inbox.jsonl` in the run folder ({"text": ...}).

    With "look": true it also tells where in a picture it looks.

    Ends when stopped or after `idle_seconds` without a question.
    """

    project: str
    run_id: str
    idle_seconds: float = 600.0


class Rehearse(Tagged, frozen=True, kw_only=True):
    """Take real training steps for about `seconds`, measure them, and throw them away."""

    project: str
    plan: TrainPlan
    seconds: float = 60.0


class Benchmark(Tagged, frozen=True, kw_only=True):
    """Take the same few steps of the plan at ZeRO stages 0 to 3 on `ranks` ranks, and measure."""

    project: str
    plan: TrainPlan
    ranks: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    steps: Annotated[int, msgspec.Meta(ge=2, le=1000)] = 6


class MakeEngine(Tagged, frozen=True, kw_only=True):
    """Make an environment with other libraries in `folder`, try it, and use it from then on.

    pack: which one. index: an address or a folder of wheels instead of the usual one. python: an
    interpreter instead of one that is fetched. anew: make it again though it is there.
    """

    pack: str
    folder: str
    index: str = ""
    python: str = ""
    anew: bool = False


class WriteRecipe(Tagged, frozen=True, kw_only=True):
    """Write a folder with which `nodes` other computers train the plan; out is the folder."""

    project: str
    plan: TrainPlan
    out: str
    nodes: int = 1
    ranks_per_node: int = 1


Job = (
    Probe
    | ImportData
    | Check
    | Inspect
    | MakePlan
    | Train
    | Evaluate
    | Export
    | Predict
    | TryOut
    | Rehearse
    | Benchmark
    | WriteRecipe
    | MakeEngine
)
