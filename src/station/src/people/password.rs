//! Passwords: argon2id, and which are refused.

use super::Account;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use data_encoding::BASE32_NOPAD;
use types::error::{Error, Kind, Result};
use types::message::say;

/// The shortest password (CJIS Security Policy with a second factor).
const SHORTEST: usize = 8;
/// Longer ones would only keep the processor busy.
const LONGEST: usize = 200;

/// Passwords that are tried first, in lower case; what surrounds letters in
/// digits and marks is looked at as well.
const COMMON: &str = include_str!("common.txt");

/// A hash in the PHC format, with argon2id as OWASP recommends it (19 MiB, two
/// passes).
pub fn hash(password: &str) -> Result<String> {
    let made = Argon2::default().hash_password(password.as_bytes());
    made.map(|hash| hash.to_string())
        .map_err(|e| Error::new(Kind::Internal, say!("the password cannot be hashed: {e}")))
}

/// Whether a password is that of a hash.
pub fn is_of(password: &str, hash: &str) -> bool {
    let verify = |hash: &PasswordHash| Argon2::default().verify_password(password.as_bytes(), hash);
    password.len() <= LONGEST && PasswordHash::new(hash).is_ok_and(|hash| verify(&hash).is_ok())
}

/// A password for one log-in: 80 random bits.
pub fn temporary() -> String {
    let bytes: [u8; 10] = rand::random();
    let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
    let groups: Vec<&str> = (0..4).filter_map(|i| text.get(4 * i..4 * i + 4)).collect();
    groups.join("-")
}

/// Refuses a password that is guessed first.
pub fn agreeable(new: &str, account: &Account) -> Result<()> {
    let refuse = |what| {
        let error = Error::new(Kind::BadInput, what);
        Err(error.advise(say!("a phrase of four or more words is long and easy to keep in mind")))
    };
    if new.chars().count() < SHORTEST {
        return refuse(say!("the password is shorter than {SHORTEST} characters"));
    }
    if new.len() > LONGEST {
        return refuse(say!("the password is longer than {LONGEST} bytes"));
    }
    let lower = new.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let repeats = lower.chars().collect::<std::collections::BTreeSet<_>>().len() < 4;
    let common = COMMON.lines().any(|known| known == lower || (known == core && !known.is_empty()));
    if common || repeats {
        return refuse(say!("the password is one of those that are tried first"));
    }
    let own: Vec<String> = account
        .name
        .split_whitespace()
        .chain([account.login.as_str()])
        .map(str::to_lowercase)
        .filter(|part| part.chars().count() >= 4)
        .collect();
    if own.iter().any(|part| core.trim_start_matches(part.as_str()).chars().count() < 4) {
        return refuse(say!("the password is little more than the person's name"));
    }
    if is_of(new, &account.password) {
        return refuse(say!("the password is the old one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn common_passwords_and_names_are_refused_and_phrases_are_not() {
        let account = Account {
            login: "rortiz".into(),
            name: "Rosa Ortiz".into(),
            agency: None,
            roles: std::collections::BTreeSet::new(),
            language: None,
            must_change: true,
            disabled: false,
            locked: false,
            seen: None,
            password: hash("the old phrase was this").unwrap(),
        };
        for bad in [
            "short",
            "password",
            "Password1!",
            "12345678",
            "aaaaaaaaaaaa",
            "contraseña1",
            "qwertyuiop",
            "Ortiz2026",
            "rortiz99",
            "the old phrase was this",
        ] {
            agreeable(bad, &account).unwrap_err();
        }
        for good in
            ["correct horse battery staple", "Tzompantli-42-nopal", "ortiz walks by the river"]
        {
            agreeable(good, &account).unwrap();
        }
        assert!(is_of("the old phrase was this", &account.password));
        assert!(!is_of("another", &account.password) && !is_of("another", "no hash"));
        assert_eq!(temporary().len(), 19);
    }
}
