//! The people who use the station: accounts, sessions, what they did. In a
//! SQLite file of its own beside the store, because people are no evidence: an
//! account can be changed and deleted, evidence cannot.

mod account;
mod audit;
mod drafts;
mod login;
mod password;
mod second_factor;
mod session;
mod views;

pub use account::{Account, Credentials, NewAccount};
pub use audit::{AuditRow, Outcome};
pub use login::Refusal;
pub use second_factor::code_at;
pub use session::{IDLE, Session, SessionStage};
pub(crate) use session::{code, same, token};
pub use views::KeptView;

use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::say;
use types::system::{for_owner_alone, open_to_others};

/// How long one process waits for another that writes the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// The layout that this program writes and reads.
const LAYOUT: i64 = 2;

/// What made the tables of each layout out of those of the one before.
const SCHEMA: [&str; 2] = [include_str!("schema.sql"), include_str!("views.sql")];

/// The people file.
pub struct People {
    db: Mutex<Connection>,
    path: PathBuf,
}

impl People {
    /// Opens the people file, or makes an empty one that only its owner can
    /// read.
    ///
    /// # Errors
    /// As [`People::open`]; [`Kind::Io`] if it cannot be made.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        if !path.exists() {
            match for_owner_alone().create_new(true).open(path) {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(Error::io(say!("making the people file"), path, &e));
                }
                _ => {}
            }
        }
        Self::open(path)
    }

    /// Opens the people file.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it is none, or others than its owner can read it.
    pub fn open(path: &Path) -> Result<Self> {
        owners_alone(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let fail = |e: rusqlite::Error| broken(&e).at(path);
        let db = Connection::open_with_flags(path, flags).map_err(fail)?;
        db.busy_timeout(PATIENCE).map_err(fail)?;
        db.pragma_update(None, "foreign_keys", true).map_err(fail)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
        // A confirmed entry of the audit survives a loss of power.
        db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        let layout: i64 =
            db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(fail)?;
        match layout {
            older @ 0..LAYOUT => {
                let steps = SCHEMA.iter().skip(usize::try_from(older).unwrap_or_default());
                let steps: String = steps.copied().collect();
                db.execute_batch(&format!("BEGIN IMMEDIATE; {steps} COMMIT;")).or_else(|e| {
                    // Another process made the tables in the meantime.
                    let _back = db.execute_batch("ROLLBACK");
                    let made: rusqlite::Result<i64> =
                        db.pragma_query_value(None, "user_version", |r| r.get(0));
                    if made == Ok(LAYOUT) { Ok(()) } else { Err(e) }
                })
            }
            LAYOUT => Ok(()),
            newer => {
                let what =
                    say!("the people file has layout {newer}, which is newer than this program");
                return Err(Error::new(Kind::BadInput, what)
                    .at(path)
                    .advise(say!("use the newer program")));
            }
        }
        .map_err(fail)?;
        Ok(Self { db: Mutex::new(db), path: path.to_owned() })
    }

    /// Writes a copy of the file as it is now, while it is in use.
    ///
    /// # Errors
    /// [`Kind::Io`] if `to` is there already or cannot be written.
    pub fn backup(&self, to: &Path) -> Result<()> {
        for_owner_alone()
            .create_new(true)
            .open(to)
            .map_err(|e| Error::io(say!("making the copy"), to, &e))?;
        self.db()
            .backup("main", to, None::<fn(rusqlite::backup::Progress)>)
            .map_err(|e| broken(&e).at(to))?;
        Self::open(to)?.check()
    }

    /// Whether the file is whole.
    ///
    /// # Errors
    /// [`Kind::Store`] naming what is wrong.
    pub fn check(&self) -> Result<()> {
        let found: String = self.get("PRAGMA integrity_check", [])?.unwrap_or_default();
        if found == "ok" {
            return Ok(());
        }
        let what = say!("the people file is damaged: {found}");
        Err(Error::new(Kind::Store, what)
            .at(&self.path)
            .advise(say!("put a copy made by `brasslink people backup` in its place")))
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One statement; how many rows it changed.
    fn run(&self, sql: &str, with: impl rusqlite::Params) -> Result<usize> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| broken(&e))?;
        statement.execute(with).map_err(|e| broken(&e).at(&self.path))
    }

    /// The first value of the first row.
    fn get<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        with: impl rusqlite::Params,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, with, |row| row.get(0))?.into_iter().next())
    }

    fn rows<T>(
        &self,
        sql: &str,
        with: impl rusqlite::Params,
        of: impl FnMut(&rusqlite::Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| broken(&e))?;
        let rows = statement.query_map(with, of).and_then(Iterator::collect);
        rows.map_err(|e| broken(&e).at(&self.path))
    }

    /// 32 random bytes of this file's own, made when first asked for.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn secret(&self, name: &str) -> Result<[u8; 32]> {
        let made: [u8; 32] = rand::random();
        self.run(
            "INSERT OR IGNORE INTO settings (name, value) VALUES (?1, ?2)",
            (name, made.as_slice()),
        )?;
        let kept: Vec<u8> =
            self.get("SELECT value FROM settings WHERE name = ?1", [name])?.unwrap_or_default();
        kept.try_into().map_err(|_| {
            Error::new(Kind::Store, say!("a secret of the people file is not 32 bytes long"))
                .at(&self.path)
        })
    }
}

/// What SQLite says, as an error of this program.
fn broken(e: &rusqlite::Error) -> Error {
    Error::new(Kind::Store, say!("the people file cannot be used: {e}"))
        .because(e)
        .advise(say!("see that it was made by `brasslink people add` and that the disk has room"))
}

fn owners_alone(path: &Path) -> Result<()> {
    let about = std::fs::metadata(path).map_err(|e| {
        Error::io(say!("opening the people file"), path, &e)
            .advise(say!("make it with `brasslink people add`"))
    })?;
    let Some(mode) = open_to_others(&about) else { return Ok(()) };
    let what = say!("others than its owner can use the people file (mode {mode:04o})");
    Err(Error::new(Kind::BadInput, what).at(path).advise(say!("chmod 600 it")))
}
