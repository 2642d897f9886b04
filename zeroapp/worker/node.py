"""Entry of a rank that torchrun, `accelerate launch` or a scheduler starts on one of many machines.

    torchrun --nnodes 2 --nproc-per-node 1 --node-rank N --master-addr HOST --master-port PORT \
        -m zeroapp.worker.node FOLDER

RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT decide. The first rank writes events.jsonl.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import NoReturn

from zeroapp import protocol as p
from zeroapp.errors import AppError, UsageError
from zeroapp.plan import TrainPlan
from zeroapp.runs.recipe import Recipe, RecipeFolder
from zeroapp.work import Stopped
from zeroapp.worker.sink import Sink

LEFT_ALONE = 86
"""Exit code of a rank whose launcher is gone."""

_WATCH = 1.0
_EVERY = 2.0
_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class NodeWork:
    """A `Work` for a terminal: events into the run's folder (first rank), progress to stderr.

    A first Ctrl-C or SIGTERM is heard as "stop and save".
    """

    def __init__(self, sink: Sink | None) -> None:
        self._sink = sink
        self._stop = False
        self._told = 0.0

    def listen(self) -> None:
        """Hear the launcher's signals from now on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def _heard(self, *_: object) -> None:
        self._stop = True

    def say(self, event: p.Event) -> None:
        """Write it down, and tell a person what matters."""
        if self._sink is None:
            return
        self._sink.say(event)
        match event:
            case p.PhaseEntered():
                tell(event.title)
            case p.Noted():
                tell(event.text)
            case p.Scored():
                tell(f"right on {event.right} of {event.n} ({event.model}, step {event.step})")
            case p.StepLogged() if time.monotonic() - self._told > _EVERY:
                self._told = time.monotonic()
                tell(f"step {event.step} of {event.total}   loss {event.loss:.4f}")

    def stop_wanted(self) -> bool:
        """Whether a signal asked to stop."""
        return self._stop

    def pause_wanted(self) -> bool:
        """Never: nobody could end the pause."""
        return False


def tell(text: str) -> None:
    """A line for the person at the terminal."""
    print(f"zeroapp: {text}", file=sys.stderr, flush=True)  # noqa: T201 - a terminal program


def main(folder: Path) -> NoReturn:
    """Train as this rank and leave: 0 done or stopped and saved, else the error's code."""
    _follow_launcher()
    code = 1
    try:
        code = _train(RecipeFolder(folder.absolute()))
    except AppError as error:
        tell(f"{error.title} {error.hint}")
        code = error.exit_code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # tearing down an interpreter with torch in it can hang


def _train(folder: RecipeFolder) -> int:
    rank, ranks = _seat()
    recipe, plan = folder.read()
    _fits(recipe, ranks)
    folder.run.path.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(Sink(folder.run.events)) if rank == 0 else None
        work = NodeWork(sink)
        work.listen()
        attempt = sink.attempts + 1 if sink else 1
        work.say(p.Started(job="Train", pid=os.getpid(), attempt=attempt))
        ending, code = _ending(folder, plan, work=work)
        if sink is not None:
            sink.end(ending)
    return code


def _ending(
    folder: RecipeFolder, plan: TrainPlan, *, work: NodeWork
) -> tuple[p.Finished | p.Failed, int]:
    from zeroapp.engine.away import train_away
    from zeroapp.engine.failures import translate
    from zeroapp.engine.gang import Gang
    from zeroapp.engine.meeting import meeting_of_environment

    rank, ranks = _seat()
    gang = Gang(
        rank=rank,
        ranks=ranks,
        device=plan.device,
        meeting=meeting_of_environment(),
        local=int(os.environ.get("LOCAL_RANK", "0")),
    )
    try:
        train_away(folder, work=work, gang=gang)
    except Stopped:
        if rank == 0:
            tell("Stopped and saved. The same command on every machine goes on.")
        return p.Finished(outcome="stopped"), 0
    except (AppError, RuntimeError, OSError, MemoryError) as error:
        failed = translate(error)
        if not isinstance(error, AppError):
            traceback.print_exc()
        tell(f"{failed.title} {failed.hint}")
        return p.Failed(failure=failed.failure()), failed.exit_code
    if rank == 0:
        tell(f"Done. Bring the folder “{folder.result.name}” home: zeroapp adopt PROJECT FOLDER")
    return p.Finished(outcome="completed"), 0


def _seat() -> tuple[int, int]:
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UsageError(
            "not-launched",
            title=f"Nobody has said which process this is ({', '.join(missing)} not set).",
            hint="Start it with the run.sh of the recipe, torchrun or accelerate launch.",
        )
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


def _fits(recipe: Recipe, ranks: int) -> None:
    wanted = recipe.nodes * recipe.ranks_per_node
    if ranks != wanted:
        raise UsageError(
            "other-ranks",
            title=f"The recipe is for {wanted} processes ({recipe.nodes} machines with "
            f"{recipe.ranks_per_node} each); {ranks} were started.",
            hint="Start as many as the recipe says, or make a recipe for what there is.",
        )


def _follow_launcher() -> None:
    """Leave when the launcher is gone: torchrun's ranks go on training when it is killed."""
    launcher = os.getppid()

    def watch() -> None:
        while os.getppid() == launcher:
            time.sleep(_WATCH)
        os._exit(LEFT_ALONE)

    threading.Thread(target=watch, name="launcher", daemon=True).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
