//! Sessions: a random token in the person's cookie; here its SHA-256.

use super::People;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use types::error::{Error, Kind, Result};
use types::message::say;

/// Seconds without a request after which the content is hidden.
pub const IDLE: i64 = 30 * 60;
/// Seconds after which a session ends, whatever was done.
const WHOLE: i64 = 12 * 3600;
/// Seconds that a person has for the second factor.
const HALF: i64 = 10 * 60;

/// How far a person has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStage {
    /// The password was right.
    Password,
    /// The second factor too.
    Whole,
    /// Left alone too long: the password is asked for again.
    Idle,
}

impl SessionStage {
    const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Whole => "whole",
            Self::Idle => "idle",
        }
    }
}

/// A session that is going on.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub login: String,
    /// How far it is.
    pub stage: SessionStage,
    /// The token that every form of it carries.
    pub csrf: String,
    key: [u8; 32],
}

impl Session {
    fn key(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }
}

/// A code that only who has `key` can make of `text`.
pub fn code(key: &[u8], text: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|e| Error::new(Kind::Internal, say!("no code could be made: {e}")))?;
    mac.update(text.as_bytes());
    Ok(BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they
/// differ.
pub fn same(one: &str, other: &str) -> bool {
    let differs = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}

/// 256 random bits as text.
pub fn token() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

impl People {
    /// Begins a session; the token is told nobody but the person.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn begin(&self, login: &str, stage: SessionStage, now: Timestamp) -> Result<String> {
        let (token, at) = (token(), now.as_second());
        self.run("DELETE FROM sessions WHERE created < ?1", [at - WHOLE])?;
        self.run(
            "INSERT INTO sessions (token, login, stage, created, seen) VALUES (?1, ?2, ?3, ?4, ?4)",
            (Session::key(&token), login, stage.word(), at),
        )?;
        Ok(token)
    }

    /// The session of a token; one that was left alone comes back as idle.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>> {
        let key = Session::key(token);
        let sql = "SELECT s.login, s.stage, s.created, s.seen FROM sessions s \
                   JOIN accounts a ON a.login = s.login \
                   WHERE s.token = ?1 AND a.disabled = 0 AND a.locked = 0";
        let read = |r: &rusqlite::Row| {
            Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?))
        };
        let found = self.rows(sql, [key], read)?.into_iter().next();
        let Some((login, stage, created, seen)) = found else { return Ok(None) };
        let (at, created, seen): (i64, i64, i64) = (now.as_second(), created, seen);
        let stage = match stage.as_str() {
            "whole" if at - seen > IDLE => SessionStage::Idle,
            "whole" => SessionStage::Whole,
            "idle" => SessionStage::Idle,
            _ => SessionStage::Password,
        };
        let lives = if stage == SessionStage::Password { HALF } else { WHOLE };
        if at - created > lives {
            self.run("DELETE FROM sessions WHERE token = ?1", [key])?;
            return Ok(None);
        }
        if stage == SessionStage::Idle {
            self.run("UPDATE sessions SET stage = 'idle' WHERE token = ?1", [key])?;
        } else if at - seen >= 5 {
            self.run("UPDATE sessions SET seen = ?2 WHERE token = ?1", (key, at))?;
        }
        let csrf = code(token.as_bytes(), "form")?;
        Ok(Some(Session { login, stage, csrf, key }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn end(&self, session: &Session) -> Result<()> {
        self.run("DELETE FROM sessions WHERE token = ?1", [session.key]).map(drop)
    }

    pub(super) fn end_sessions_of(&self, login: &str) -> Result<()> {
        self.run("DELETE FROM sessions WHERE login = ?1", [login]).map(drop)
    }
}
