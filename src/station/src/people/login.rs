//! Logging in: what counts as a failure, and what follows from it.

use super::password::{hash, is_of};
use super::{Account, Outcome, People, Session, SessionStage};
use jiff::Timestamp;
use std::sync::OnceLock;
use types::error::Result;

/// Failures within [`WINDOW`] that lock an account.
const FAILURES: i64 = 5;
/// Seconds in which failures count.
const WINDOW: i64 = 15 * 60;
/// Seconds after which an unused account is taken out of use.
const UNUSED: i64 = 90 * 86_400;

/// Why nobody was let in; the person is told the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such account.
    Unknown,
    /// The password or code is wrong.
    Wrong,
    /// Failures locked the account.
    Locked,
    /// The account is out of use.
    Disabled,
}

impl Refusal {
    const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "no such account",
            Self::Wrong => "wrong",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
        }
    }
}

/// A hash that no password has, so that an unknown name takes as long as a known
/// one.
fn nobodys() -> &'static str {
    static NOBODY: OnceLock<String> = OnceLock::new();
    NOBODY.get_or_init(|| hash(&super::session::token()).unwrap_or_default())
}

impl People {
    /// Makes what the first refusal needs, so that it takes no longer than the
    /// next.
    pub fn prepare() {
        nobodys();
    }

    /// Whether name and password are right.
    ///
    /// # Errors
    /// Where the file cannot be used: nobody is let in without an entry.
    pub fn check_password(
        &self,
        login: &str,
        password: &str,
        peer: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<Account, Refusal>> {
        let account = self.account(login)?;
        let kept = account.as_ref().map_or_else(|| nobodys().to_owned(), |a| a.password.clone());
        let right = is_of(password, &kept);
        let judged = match account {
            None => Err(Refusal::Unknown),
            Some(a) if a.disabled => Err(Refusal::Disabled),
            Some(a) if a.locked => Err(Refusal::Locked),
            Some(_) if !right => Err(Refusal::Wrong),
            Some(a) if self.unused(&a, now)? => Err(Refusal::Disabled),
            Some(a) => Ok(a),
        };
        self.judged(login, "password", judged, peer, now)
    }

    /// Whether the code of the second factor is right.
    ///
    /// # Errors
    /// As [`People::check_password`].
    pub fn check_code(
        &self,
        login: &str,
        code: &str,
        peer: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<Account, Refusal>> {
        let judged = match self.account(login)? {
            None => Err(Refusal::Unknown),
            Some(a) if a.disabled => Err(Refusal::Disabled),
            Some(a) if a.locked => Err(Refusal::Locked),
            Some(a) if self.use_code(login, code, now.as_second())? => Ok(a),
            Some(_) => Err(Refusal::Wrong),
        };
        let judged = self.judged(login, "second factor", judged, peer, now)?;
        if judged.is_ok() {
            self.forget_failures(login)?;
            self.run("UPDATE accounts SET seen = ?2 WHERE login = ?1", (login, now.as_second()))?;
        }
        Ok(judged)
    }

    /// Opens a session that was left alone, after the password: under a new
    /// token.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn wake(&self, session: &Session, now: Timestamp) -> Result<String> {
        self.end(session)?;
        self.begin(&session.login, SessionStage::Whole, now)
    }

    /// Writes down how it went, counts a failure, and locks after the fifth.
    fn judged(
        &self,
        login: &str,
        what: &str,
        judged: std::result::Result<Account, Refusal>,
        peer: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<Account, Refusal>> {
        let at = now.as_second();
        // What was typed as a name may be a password in the wrong field.
        let (who, place, outcome) = match &judged {
            Ok(account) => (account.name.as_str(), login, Outcome::Done),
            Err(Refusal::Unknown) => ("", "?", Outcome::Refused),
            Err(_) => ("", login, Outcome::Refused),
        };
        let told = match &judged {
            Ok(_) => what.to_owned(),
            Err(refusal) => format!("{what}: {}", refusal.word()),
        };
        self.note(who, &told, place, peer, outcome, now)?;
        if judged == Err(Refusal::Wrong) {
            self.run("DELETE FROM failures WHERE at < ?1", [at - WINDOW])?;
            self.run("INSERT INTO failures (login, at) VALUES (?1, ?2)", (login, at))?;
            let sql = "SELECT count(*) FROM failures WHERE login = ?1 AND at >= ?2";
            let failed: i64 = self.get(sql, (login, at - WINDOW))?.unwrap_or_default();
            if failed >= FAILURES {
                self.run("UPDATE accounts SET locked = 1 WHERE login = ?1", [login])?;
                self.end_sessions_of(login)?;
                self.note("", "account locked", login, peer, Outcome::Done, now)?;
            }
        }
        Ok(judged)
    }

    /// Whether an account was not used for 90 days; it is out of use by this.
    fn unused(&self, account: &Account, now: Timestamp) -> Result<bool> {
        let old = account.seen.is_some_and(|seen| now.as_second() - seen > UNUSED);
        if old {
            self.run("UPDATE accounts SET disabled = 1 WHERE login = ?1", [&account.login])?;
            let what = "account disabled after 90 days without use";
            self.note("", what, &account.login, "", Outcome::Done, now)?;
        }
        Ok(old)
    }

    pub(super) fn forget_failures(&self, login: &str) -> Result<()> {
        self.run("DELETE FROM failures WHERE login = ?1", [login]).map(drop)
    }
}
