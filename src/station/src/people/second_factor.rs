//! The second factor: time-based one-time codes (RFC 6238), as every
//! authenticator program makes them.

use super::{Credentials, People};
use rusqlite::OptionalExtension as _;
use totp_rs::{Builder, Secret, Totp};
use types::error::{Error, Kind, Result};
use types::message::say;

/// What the person's program calls this station.
const ISSUER: &str = "brasslink";

/// The secret of one account.
pub struct SecondFactor([u8; 20]);

impl SecondFactor {
    pub fn new() -> Result<Self> {
        let bytes: [u8; 20] = rand::random();
        totp(&bytes, "check")?;
        Ok(Self(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn credentials(&self, login: &str, password: String) -> Credentials {
        let secret = data_encoding::BASE32_NOPAD.encode(&self.0);
        let uri = format!(
            "otpauth://totp/{ISSUER}:{login}?secret={secret}&issuer={ISSUER}\
             &algorithm=SHA1&digits=6&period=30"
        );
        Credentials { password, secret, uri }
    }
}

/// Six digits, 30 seconds, one step early or late.
fn totp(secret: &[u8], login: &str) -> Result<Totp> {
    let built = Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_account_name(login)
        .with_issuer(Some(ISSUER))
        .build();
    built.map_err(|e| Error::new(Kind::Internal, say!("no second factor could be made: {e}")))
}

impl People {
    /// Whether a code is right now and was not used before; it is used by this.
    pub(super) fn use_code(&self, login: &str, code: &str, at: i64) -> Result<bool> {
        let secret: Option<Vec<u8>> = {
            let db = self.db();
            db.query_row("SELECT totp FROM accounts WHERE login = ?1", [login], |r| r.get(0))
                .optional()
                .map_err(|e| super::broken(&e))?
        };
        let Some(secret) = secret else { return Ok(false) };
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let Ok(at) = u64::try_from(at) else { return Ok(false) };
        let Some(step) = totp(&secret, login)?.check(&code, at) else { return Ok(false) };
        let Ok(step) = i64::try_from(step) else { return Ok(false) };
        // Of two requests with one code at once, one changes the row.
        let sql = "UPDATE accounts SET totp_step = ?2 WHERE login = ?1 AND totp_step < ?2";
        Ok(self.run(sql, (login, step))? == 1)
    }
}

/// The code of a secret at a time (seconds since 1970); for tests and for people
/// without an authenticator program.
///
/// # Errors
/// [`Kind::BadInput`] for what is no secret.
pub fn code_at(secret: &str, at: u64) -> Result<String> {
    let bytes = data_encoding::BASE32_NOPAD
        .decode(secret.as_bytes())
        .map_err(|e| Error::new(Kind::BadInput, say!("this is no secret in base32: {e}")))?;
    Ok(totp(&bytes, "code")?.generate(at).to_string())
}
