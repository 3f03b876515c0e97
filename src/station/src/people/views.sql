CREATE TABLE views (
    digest TEXT NOT NULL,
    login TEXT NOT NULL,
    about TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (digest, login)
) STRICT;
CREATE TRIGGER views_stay BEFORE DELETE ON views
BEGIN SELECT RAISE(ABORT, 'views are only added to'); END;
CREATE TRIGGER views_are BEFORE UPDATE ON views
BEGIN SELECT RAISE(ABORT, 'views are only added to'); END;
PRAGMA user_version = 2;
