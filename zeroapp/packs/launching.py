"""Starts a run's worker in the engine that was chosen."""

from zeroapp import protocol as p
from zeroapp.packs.engine import Bundled, Engine, chosen
from zeroapp.run_folder import RunFolder
from zeroapp.runs import launch as runs
from zeroapp.runs.handle import RunHandle


def launch(job: p.Job, folder: RunFolder) -> RunHandle:
    """Write the job into its run folder and start a worker on it; see `runs.launch`."""
    # What makes or replaces an engine must not run inside it.
    engine: Engine = Bundled() if isinstance(job, p.MakeEngine) else chosen()
    return runs.launch(job, folder, command=engine.command(), env=engine.environment())


def go_on(folder: RunFolder) -> RunHandle:
    """Start a worker again on a run that was stopped or interrupted; see `runs.go_on`."""
    engine = chosen()
    return runs.go_on(folder, command=engine.command(), env=engine.environment())
