"""The tables of project.db and how older files become today's. Knows SQL, nothing of meaning."""

import sqlite3
from pathlib import Path

from zeroapp.errors import ResourceError

_VERSION_1 = """
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    rows_in INTEGER NOT NULL,
    rows_stored INTEGER NOT NULL,
    rows_set_aside INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    delimiter TEXT NOT NULL,
    added_at TEXT NOT NULL,
    columns TEXT NOT NULL
);

CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    line INTEGER NOT NULL,
    cells TEXT NOT NULL
);

CREATE INDEX rows_by_file ON rows (file_id);

CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL
);

CREATE TABLE repairs (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    kind TEXT NOT NULL,
    sentence TEXT NOT NULL,
    count INTEGER NOT NULL
);

CREATE TABLE splits (
    id INTEGER PRIMARY KEY,
    version TEXT NOT NULL,
    seed INTEGER NOT NULL,
    roles TEXT NOT NULL,
    UNIQUE (version, seed)
);

CREATE TABLE split_rows (
    split_id INTEGER NOT NULL REFERENCES splits (id),
    row_id INTEGER NOT NULL REFERENCES rows (id),
    part TEXT NOT NULL,
    PRIMARY KEY (split_id, row_id)
) WITHOUT ROWID;

CREATE TABLE exports (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL
);
"""

_VERSION_2 = """
CREATE TABLE files_2 (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    rows_in INTEGER NOT NULL,
    rows_stored INTEGER NOT NULL,
    rows_set_aside INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    delimiter TEXT NOT NULL,
    added_at TEXT NOT NULL,
    columns TEXT NOT NULL,
    without TEXT NOT NULL DEFAULT '[]',
    replaced INTEGER NOT NULL DEFAULT 0
);
INSERT INTO files_2 (id, name, path, sha256, bytes, rows_in, rows_stored, rows_set_aside,
    encoding, delimiter, added_at, columns)
    SELECT id, name, path, sha256, bytes, rows_in, rows_stored, rows_set_aside,
    encoding, delimiter, added_at, columns FROM files;
DROP TABLE files;
ALTER TABLE files_2 RENAME TO files;
CREATE INDEX files_by_hash ON files (sha256);
ALTER TABLE repairs ADD COLUMN shown TEXT NOT NULL DEFAULT '[]';
ALTER TABLE repairs ADD COLUMN lasting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repairs ADD COLUMN undone INTEGER NOT NULL DEFAULT 0;
"""
"""A file may be read again without some repairs: `without` names them, `replaced` marks the
reading that gave way. Its rows stay, for the runs that learned from them."""

_VERSION_3 = """
CREATE TABLE suspects (
    row_id INTEGER PRIMARY KEY REFERENCES rows (id),
    given TEXT NOT NULL,
    suggested TEXT NOT NULL,
    confidence REAL NOT NULL
);
CREATE TABLE looks (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    look TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    place TEXT NOT NULL,
    verdict TEXT NOT NULL,
    count INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE origins (
    sha256 TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    licence TEXT NOT NULL,
    stated_by TEXT NOT NULL,
    stated_at TEXT NOT NULL
) WITHOUT ROWID;
ALTER TABLE files ADD COLUMN added_by TEXT NOT NULL DEFAULT '';
ALTER TABLE splits ADD COLUMN masked INTEGER NOT NULL DEFAULT 0;
"""
"""What the deeper checks found, what was decided about it, where files come from.

Decisions are only added: the newest about a finding counts, so every one can be taken back."""

_VERSION_4 = """
CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    at TEXT NOT NULL,
    edit TEXT NOT NULL
);
CREATE INDEX edits_by_parent ON edits (parent);
CREATE TABLE edit_cells (
    row_id INTEGER NOT NULL,
    edit_id INTEGER NOT NULL,
    column TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (row_id, edit_id, column)
) WITHOUT ROWID;
CREATE TABLE edit_bin (
    row_id INTEGER NOT NULL,
    edit_id INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (row_id, edit_id)
) WITHOUT ROWID;
ALTER TABLE splits ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
CREATE TABLE versions (
    version TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    head INTEGER NOT NULL,
    files TEXT NOT NULL,
    roles TEXT NOT NULL,
    usable INTEGER NOT NULL
);
INSERT OR IGNORE INTO versions
    SELECT version, '', 0, (
        SELECT json_group_array(DISTINCT file_id) FROM split_rows JOIN rows ON rows.id = row_id
        WHERE split_id = splits.id
    ), roles, (SELECT COUNT(*) FROM split_rows WHERE split_id = splits.id)
    FROM splits ORDER BY id;
"""
"""What a person changes is a row in `edits`, never a change of `rows`. An edit knows the one it
was made after (`parent`), so undoing moves the head back and nothing is ever lost. What an edit
does to single rows stands in `edit_cells` and `edit_bin`; rules stand in the edit alone.
`versions` says for each version of the data which files and which edits it was made of."""

_VERSION_5 = """
ALTER TABLE files ADD COLUMN first_row INTEGER NOT NULL DEFAULT 0;
UPDATE files SET first_row = COALESCE((SELECT MIN(id) FROM rows WHERE file_id = files.id), 0);
DROP INDEX rows_by_file;
"""
"""The rows of a file have ids without a gap, since files come in one after the other: `first_row`
and `rows_stored` say which."""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5)
"""Script n brings a file from version n to n + 1. Scripts are never edited, only added."""


def migrate(
    connection: sqlite3.Connection, *, path: Path, migrations: tuple[str, ...] = MIGRATIONS
) -> None:
    """Bring the file to the newest version, whole or not at all.

    Raises ResourceError("project-newer") when the file is from a later app.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise ResourceError(
            "project-newer",
            title=f"The project in “{path.parent}” was made with a newer version of the app.",
            hint="Update the app, then open it again. Nothing in it was changed.",
            detail=f"schema {version}, this app knows {len(migrations)}",
        )
    if version == len(migrations):
        return
    script = "".join(migrations[version:])
    connection.executescript(
        f"BEGIN IMMEDIATE;{script};PRAGMA user_version={len(migrations):d};COMMIT;"
    )
