CREATE TABLE accounts (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    agency TEXT,
    roles TEXT NOT NULL,
    password TEXT NOT NULL,
    must_change INTEGER NOT NULL DEFAULT 1,
    totp BLOB NOT NULL,
    totp_step INTEGER NOT NULL DEFAULT 0,
    language TEXT,
    disabled INTEGER NOT NULL DEFAULT 0,
    locked INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    seen INTEGER
) STRICT;
CREATE TABLE failures (login TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX failures_by_login ON failures (login, at);
CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    login TEXT NOT NULL REFERENCES accounts (login) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE TABLE drafts (
    login TEXT NOT NULL,
    about TEXT NOT NULL,
    form TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (login, about)
) STRICT;
CREATE TABLE forms (
    token TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    place TEXT NOT NULL,
    peer TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
PRAGMA user_version = 1;
