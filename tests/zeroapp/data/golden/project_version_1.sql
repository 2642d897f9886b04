-- A project as version 1 of the schema keeps it. Never changed.
BEGIN TRANSACTION;
CREATE TABLE exports (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL
);
INSERT INTO "exports" VALUES(1,'{"format":"onnx-int8","path":"/home/me/out","bytes":24000000,"compared":100,"agreement":1.0,"accuracy":0.97,"latency_ms":3.1,"files":["model.onnx"],"created_at":"2026-01-02T04:00:00+00:00"}');
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
INSERT INTO "files" VALUES(1,'questions.csv','/home/me/questions.csv','abababababababababababababababababababababababababababababababab',60,3,2,1,'utf-8',',','2026-01-02T03:05:00+00:00','["message","kind"]');
CREATE TABLE repairs (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    kind TEXT NOT NULL,
    sentence TEXT NOT NULL,
    count INTEGER NOT NULL
);
INSERT INTO "repairs" VALUES(1,1,'header-spaces','Spaces around column names were removed.',1);
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    line INTEGER NOT NULL,
    cells TEXT NOT NULL
);
INSERT INTO "rows" VALUES(1,1,2,'{"message":"Où ?","kind":"place"}');
INSERT INTO "rows" VALUES(2,1,3,'{"message":"Where?","kind":"place"}');
CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL
);
INSERT INTO "set_aside" VALUES(1,1,4,'It has 3 cells where the table has 2 columns.','a,b,c');
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "settings" VALUES('created_at','"2026-01-02T03:04:05+00:00"');
INSERT INTO "settings" VALUES('options','{"ranks":2}');
INSERT INTO "settings" VALUES('revision','1');
INSERT INTO "settings" VALUES('roles','{"text":"message","label":"kind"}');
INSERT INTO "settings" VALUES('task','"text_classification"');
CREATE TABLE split_rows (
    split_id INTEGER NOT NULL REFERENCES splits (id),
    row_id INTEGER NOT NULL REFERENCES rows (id),
    part TEXT NOT NULL,
    PRIMARY KEY (split_id, row_id)
) WITHOUT ROWID;
INSERT INTO "split_rows" VALUES(1,1,'train');
INSERT INTO "split_rows" VALUES(1,2,'test');
CREATE TABLE splits (
    id INTEGER PRIMARY KEY,
    version TEXT NOT NULL,
    seed INTEGER NOT NULL,
    roles TEXT NOT NULL,
    UNIQUE (version, seed)
);
INSERT INTO "splits" VALUES(1,'0123456789abcdef',17,'{"text":"message","label":"kind"}');
CREATE INDEX rows_by_file ON rows (file_id);
COMMIT;
PRAGMA user_version = 1;
