"""What the project's file keeps of runs: versions of the data, splits, exports. Knows no rows."""

import msgspec

from zeroapp.data.database import as_json
from zeroapp.data.edit_log import EditLog
from zeroapp.dataset import Part, Roles, Version
from zeroapp.report import ExportRecord


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Which part each row (by id) belongs to, under the roles and the edits of that time.

    masked: personal data in its texts was hidden.
    """

    roles: Roles
    head: int = 0
    masked: bool = False
    parts: dict[int, Part]


class Records(EditLog):
    """The part of project.db that runs and exports are found by."""

    def add_version(self, version: Version) -> None:
        """Enter what a version of the data was made of; one that is known stays as it is."""
        self._write(
            "INSERT OR IGNORE INTO versions (version, at, head, files, roles, usable)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(version.version, version.at, version.head),
                *(as_json(version.files), as_json(version.roles), version.usable),
            ),
        )

    def versions(self) -> list[Version]:
        """The versions that were checked or trained with, oldest first."""
        found = self._read(
            "SELECT version, at, head, files, roles, usable FROM versions ORDER BY rowid"
        )
        return [
            Version(
                version=version,
                at=at,
                head=head,
                files=msgspec.json.decode(files, type=tuple[int, ...]),
                roles=msgspec.json.decode(roles, type=Roles),
                usable=usable,
            )
            for version, at, head, files, roles, usable in found
        ]

    def split(self, version: str, *, seed: int) -> Split | None:
        """The split of a version of the data, or None when it was never made."""
        found = self._read(
            "SELECT id, roles, head, masked FROM splits WHERE version = ? AND seed = ?",
            (version, seed),
        )
        if not found:
            return None
        number, roles, head, masked = found[0]
        parts = self._read("SELECT row_id, part FROM split_rows WHERE split_id = ?", (number,))
        named = {part.value: part for part in Part}
        return Split(
            roles=msgspec.json.decode(roles, type=Roles),
            head=head,
            masked=bool(masked),
            parts={row: named[part] for row, part in parts},
        )

    def add_split(self, version: str, *, seed: int, split: Split) -> None:
        """Keep a split for ever; one that is already kept stays as it is."""
        with self.transaction():
            if self._read("SELECT 1 FROM splits WHERE version = ? AND seed = ?", (version, seed)):
                return
            cursor = self._connection.execute(
                "INSERT INTO splits (version, seed, roles, head, masked) VALUES (?, ?, ?, ?, ?)",
                (version, seed, as_json(split.roles), split.head, split.masked),
            )
            number = cursor.lastrowid
            self._write_many(
                "INSERT INTO split_rows VALUES (?, ?, ?)",
                ((number, row, part.value) for row, part in split.parts.items()),
            )

    def exports(self) -> list[ExportRecord]:
        """The finished exports, oldest first."""
        found = self._read("SELECT record FROM exports ORDER BY id")
        return [msgspec.json.decode(text, type=ExportRecord) for (text,) in found]

    def add_export(self, record: ExportRecord) -> None:
        """Enter a finished export."""
        self._write("INSERT INTO exports (record) VALUES (?)", (as_json(record),))
