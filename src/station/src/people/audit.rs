//! Who did and read what, when, from where, and how it ended. Only added to.

use super::People;
use jiff::Timestamp;
use types::error::Result;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was begun: the entry before a change.
    Begun,
    /// It was done.
    Done,
    /// It was not allowed.
    Refused,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// The person; empty where nobody was logged in.
    pub who: String,
    /// What was asked for.
    pub what: String,
    /// Of what.
    pub place: String,
    /// The network address that asked.
    pub peer: String,
    /// How it ended.
    pub outcome: String,
}

impl People {
    /// Adds an entry.
    ///
    /// # Errors
    /// Where the file cannot be written; what was to be noted is then not done.
    pub fn note(
        &self,
        who: &str,
        what: &str,
        place: &str,
        peer: &str,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<()> {
        let at = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.run(
            "INSERT INTO audit (at, who, what, place, peer, outcome) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (at, who, what, place, peer, outcome.word()),
        )
        .map(drop)
    }

    /// The `most` entries before one, newest first, whose person, place or
    /// matter has these words.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn audit(&self, before: i64, most: i64, words: &str) -> Result<Vec<AuditRow>> {
        self.rows(
            "SELECT seq, at, who, what, place, peer, outcome FROM audit WHERE seq < ?1 \
             AND (?3 = '' OR instr(who || ' ' || what || ' ' || place || ' ' || outcome, ?3) > 0) \
             ORDER BY seq DESC LIMIT ?2",
            (before, most, words),
            |r| {
                Ok(AuditRow {
                    seq: r.get(0)?,
                    at: r.get(1)?,
                    who: r.get(2)?,
                    what: r.get(3)?,
                    place: r.get(4)?,
                    peer: r.get(5)?,
                    outcome: r.get(6)?,
                })
            },
        )
    }
}
