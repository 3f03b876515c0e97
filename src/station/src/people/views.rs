//! Views of a pair that a person kept: what the microscope showed, named by the
//! digest of its text. Only added to, since a decision may name one.

use super::People;
use jiff::Timestamp;
use types::error::Result;
use types::evidence::Digest;

/// A view that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    /// SHA-256 of its text.
    pub digest: String,
    /// Whose it is.
    pub login: String,
    /// Of which pair.
    pub about: String,
    /// Its text.
    pub body: String,
    /// When, seconds since 1970.
    pub at: i64,
}

impl People {
    /// Keeps a view; the same one again is the same.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn keep_view(
        &self,
        login: &str,
        about: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<String> {
        let digest = Digest::of(body.as_bytes()).to_string();
        let sql = "INSERT OR IGNORE INTO views (digest, login, about, body, at) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        self.run(sql, (&digest, login, about, body, now.as_second()))?;
        Ok(digest)
    }

    /// The views of that digest, of whomever.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn views_named(&self, digest: &str) -> Result<Vec<KeptView>> {
        self.rows(&format!("{COLUMNS} WHERE digest = ?1"), [digest], view)
    }

    /// A person's views of a pair, the oldest first.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn views_of(&self, login: &str, about: &str) -> Result<Vec<KeptView>> {
        let sql = format!("{COLUMNS} WHERE login = ?1 AND about = ?2 ORDER BY at, digest");
        self.rows(&sql, (login, about), view)
    }
}

const COLUMNS: &str = "SELECT digest, login, about, body, at FROM views";

fn view(row: &rusqlite::Row) -> rusqlite::Result<KeptView> {
    Ok(KeptView {
        digest: row.get(0)?,
        login: row.get(1)?,
        about: row.get(2)?,
        body: row.get(3)?,
        at: row.get(4)?,
    })
}
