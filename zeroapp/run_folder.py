"""The names of everything in a run's folder. Worker, engine and window find each other by these."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`<project>/runs/<id>/`. Paths only; what is in the files belongs to their writers.

    job: the Job as JSON, written once. events: one Event a line. log: stdout and stderr of the
    worker. state: pid, start time and heartbeat. control: what the user wants ("run", "pause",
    "stop"). inbox: questions of a TryOut, one JSON object a line.
    """

    path: Path

    @property
    def id(self) -> str:
        """The folder's name; sorts by time."""
        return self.path.name

    @property
    def job(self) -> Path:
        """job.json."""
        return self.path / "job.json"

    @property
    def events(self) -> Path:
        """events.jsonl."""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """worker.log."""
        return self.path / "worker.log"

    @property
    def state(self) -> Path:
        """state.json."""
        return self.path / "state.json"

    @property
    def control(self) -> Path:
        """control.json."""
        return self.path / "control.json"

    @property
    def inbox(self) -> Path:
        """inbox.jsonl."""
        return self.path / "inbox.jsonl"

    @property
    def probe(self) -> Path:
        """The linear probe on the frozen base; whole once the folder exists."""
        return self.path / "probe"

    @property
    def checkpoints(self) -> Path:
        """step-N folders and LATEST."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """The finished model; whole once the folder exists."""
        return self.path / "model"

    @property
    def report(self) -> Path:
        """report.json."""
        return self.path / "report.json"

    @property
    def ratings(self) -> Path:
        """ratings.json: which of two answers a person liked better."""
        return self.path / "ratings.json"
