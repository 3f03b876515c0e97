//! What a person had begun to write, and which forms were handed in.

use super::People;
use jiff::Timestamp;
use types::error::Result;

/// Seconds for which a form's token is remembered: longer than any session.
const REMEMBERED: i64 = 2 * 86_400;

impl People {
    /// Keeps what a person has written about something, in place of the last.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn keep_draft(&self, login: &str, about: &str, form: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO drafts (login, about, form, at) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (login, about, form, now.as_second())).map(drop)
    }

    /// What a person had written about something.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn draft(&self, login: &str, about: &str) -> Result<Option<String>> {
        self.get("SELECT form FROM drafts WHERE login = ?1 AND about = ?2", (login, about))
    }

    /// Forgets it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn drop_draft(&self, login: &str, about: &str) -> Result<()> {
        self.run("DELETE FROM drafts WHERE login = ?1 AND about = ?2", (login, about)).map(drop)
    }

    /// What became of a person's form that was handed in before.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn handed_in(&self, login: &str, token: &str) -> Result<Option<String>> {
        self.get("SELECT outcome FROM forms WHERE token = ?1 AND login = ?2", (token, login))
    }

    /// Remembers what became of a form.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn hand_in(&self, login: &str, token: &str, outcome: &str, now: Timestamp) -> Result<()> {
        let at = now.as_second();
        self.run("DELETE FROM forms WHERE at < ?1", [at - REMEMBERED])?;
        let sql = "INSERT OR IGNORE INTO forms (token, login, outcome, at) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (token, login, outcome, at)).map(drop)
    }
}
