"""What the deeper checks found and what was decided about it, in the project's SQLite file."""

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from zeroapp.data.database import Database, as_json
from zeroapp.errors import Place, Problem
from zeroapp.inspection import Decision, Look, Suspect, Verdict
from zeroapp.origin import Origin

MASKING = "masking"
"""The setting that says whether personal data is hidden in training."""


class FindingStore(Database):
    """The part of `Store` that keeps findings. Results of an older revision are not given out."""

    def keep_look(self, look: Look, *, revision: int) -> None:
        """Keep what a check found of the data as it was at `revision`."""
        self._write(
            "INSERT OR REPLACE INTO looks VALUES (?, ?, ?)", (look.name, revision, as_json(look))
        )

    def looks(self) -> tuple[Look, ...]:
        """What was found of today's rows and roles."""
        found = self._read("SELECT look FROM looks WHERE revision = ?", (self.revision(),))
        return tuple(msgspec.json.decode(text, type=Look) for (text,) in found)

    def keep_suspects(self, suspects: Iterable[Suspect]) -> None:
        """Replace the rows whose label is suspected. Runs in a transaction of its own."""
        with self.transaction():
            self._write("DELETE FROM suspects", ())
            self._write_many(
                "INSERT INTO suspects VALUES (?, ?, ?, ?)",
                ((s.row_id, s.given, s.suggested, s.confidence) for s in suspects),
            )

    def suspects(self) -> tuple[Suspect, ...]:
        """The rows whose label is suspected, the surest first."""
        found = self._read(
            "SELECT row_id, given, suggested, confidence FROM suspects"
            " ORDER BY confidence DESC, row_id"
        )
        return tuple(
            Suspect(row_id=row, given=given, suggested=suggested, confidence=sure)
            for row, given, suggested, sure in found
        )

    def masks(self) -> bool:
        """Whether personal data is hidden in training."""
        return self.setting(MASKING, kind=bool) or False

    def origins(self) -> dict[str, Origin]:
        """What was stated about files, by their hash."""
        found = self._read("SELECT sha256, source, licence, stated_by, stated_at FROM origins")
        return {
            row[0]: Origin(**dict(zip(Origin.__struct_fields__, row, strict=True))) for row in found
        }

    def state_origin(self, sha256: str, *, source: str, licence: str) -> None:
        """Keep where a file comes from, who says so and when."""
        with self.transaction():
            self._write(
                "INSERT OR REPLACE INTO origins VALUES (?, ?, ?, ?, ?)",
                (sha256, source.strip(), licence, user_name(), _now()),
            )
            self._write("DELETE FROM looks WHERE name = 'origins'", ())

    def decide(self, problem: Problem, *, verdict: Verdict) -> None:
        """Add a decision about a finding; the newest one counts."""
        self._write(
            "INSERT INTO decisions (code, place, verdict, count, at) VALUES (?, ?, ?, ?, ?)",
            (
                problem.code,
                place_key(problem.place),
                verdict.value,
                problem.count,
                _now(),
            ),
        )

    def verdict_on(self, problem: Problem) -> Verdict:
        """The newest decision about a finding, unless it touches more rows than it did then."""
        found = self._read(
            "SELECT verdict, count FROM decisions WHERE code = ? AND place = ?"
            " ORDER BY id DESC LIMIT 1",
            (problem.code, place_key(problem.place)),
        )
        if not found or problem.count > found[0][1]:
            return Verdict.open
        return Verdict(found[0][0])

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision, oldest first: what goes on record."""
        found = self._read("SELECT code, place, verdict, count, at FROM decisions ORDER BY id")
        return tuple(
            Decision(code=code, place=place, verdict=Verdict(verdict), count=count, at=at)
            for code, place, verdict, count, at in found
        )


def user_name() -> str:
    """Who works at this computer; empty where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def place_key(place: Place) -> str:
    """What tells two findings of one code apart: the column, else the file; lines move."""
    return place.column or place.file or ""
