"""A worker that plays a script into a run folder: a real process of its own, without torch.

Tests of the window pass `FakeLauncher` where the app passes zeroapp.runs.
"""

import os
import sys
from pathlib import Path

from support.script import Act, play, write_script
from zeroapp import protocol as p
from zeroapp.errors import AppError, DataError, Failure
from zeroapp.run_folder import RunFolder
from zeroapp.runs.control import Want, read_want
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.launch import go_on, launch
from zeroapp.runs.state import state_of, write_state
from zeroapp.work import Stopped
from zeroapp.worker.sink import Sink

TESTS = Path(__file__).resolve().parent.parent


def command_of(module: str) -> list[str]:
    """Runs `main()` of a module below tests/ in a process of its own."""
    code = f"import sys; sys.path.insert(0, {str(TESTS)!r}); from {module} import main; main()"
    return [sys.executable, "-c", code]


class FakeLauncher:
    """Starts fake workers. plays: see `support.script.Script`; used for every run it launches."""

    def __init__(self, *plays: tuple[Act, ...]) -> None:
        self.plays = plays
        self.engine = True

    def has_engine(self) -> bool:
        return self.engine

    def launch(self, job: p.Job, folder: RunFolder) -> RunHandle:
        write_script(folder, *self.plays)
        return launch(job, folder, command=command_of("support.fake_worker"))

    def go_on(self, folder: RunFolder) -> RunHandle:
        return go_on(folder, command=command_of("support.fake_worker"))

    def attach(self, folder: RunFolder) -> RunHandle:
        return RunHandle(folder)


class _FakeWork:
    """Writes events itself and looks at control.json itself: supervisor and rank in one."""

    def __init__(self, folder: RunFolder, sink: Sink) -> None:
        self._folder = folder
        self._sink = sink

    def say(self, event: p.Event) -> None:
        self._sink.say(event)

    def stop_wanted(self) -> bool:
        return read_want(self._folder) is Want.stop

    def pause_wanted(self) -> bool:
        return read_want(self._folder) is Want.pause


def _ending(folder: RunFolder, sink: Sink) -> p.Finished | p.Failed:
    try:
        play(folder, _FakeWork(folder, sink))
    except Stopped:
        return p.Finished(outcome="stopped")
    except AppError as error:
        problems = error.problems if isinstance(error, DataError) else ()
        return p.Failed(failure=error.failure(), problems=problems)
    except RuntimeError as error:
        return p.Failed(
            failure=Failure(
                code="unexpected", title="It broke.", hint="Try again.", detail=str(error)
            )
        )
    return p.Finished(outcome="completed")


def main() -> None:
    folder = RunFolder(Path(sys.argv[1]))
    with Sink(folder.events) as sink:
        attempt = sink.attempts + 1
        state = state_of(os.getpid(), attempt=attempt)
        assert state is not None
        write_state(folder, state)
        job = p.decode_job(folder.job.read_bytes())
        sink.say(p.Started(job=type(job).__name__, pid=os.getpid(), attempt=attempt))
        sink.end(_ending(folder, sink))
