"""Starts a run's worker in the engine that was chosen."""

import contextlib

from zeroapp import protocol as p
from zeroapp.errors import ResourceError
from zeroapp.packs.engine import Bundled, Engine, chosen
from zeroapp.run_folder import RunFolder
from zeroapp.runs import launch as runs
from zeroapp.runs.handle import RunHandle


def launch(job: p.Job, folder: RunFolder) -> RunHandle:
    """Write the job into its run folder and start a worker on it.

    Raises as `runs.launch`, and ResourceError("no-engine") where there is nothing to work with.
    """
    # What makes or replaces an engine must not run inside it.
    engine: Engine = Bundled() if isinstance(job, p.MakeEngine) else chosen()
    if not isinstance(job, p.MakeEngine) and not engine.whole():
        with contextlib.suppress(OSError):
            folder.path.rmdir()  # made for this run, which there will not be
        raise no_engine()
    return runs.launch(job, folder, command=engine.command(), env=engine.environment())


def go_on(folder: RunFolder) -> RunHandle:
    """Start a worker again on a run that was stopped or interrupted; raises as `launch`."""
    engine = chosen()
    if not engine.whole():
        raise no_engine()
    return runs.go_on(folder, command=engine.command(), env=engine.environment())


def has_engine() -> bool:
    """Whether there is anything to work with: the small app has nothing until a pack was made."""
    return chosen().whole()


def no_engine() -> ResourceError:
    """The error for what the window alone cannot do."""
    return ResourceError(
        "no-engine",
        title="This needs the engine, which is not on this computer yet. Nothing was changed.",
        hint="The small download brings the window only. Get the engine once: in the window under "
        "“Computer and help”, in a terminal with “zeroapp engine make”.",
    )
