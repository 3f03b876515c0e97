//! Accounts: one for each person.

use super::password::{agreeable, hash, temporary};
use super::second_factor::SecondFactor;
use super::{Outcome, People};
use crate::role::{Role, fit};
use casework::same_person;
use jiff::Timestamp;
use report::Language;
use std::collections::BTreeSet;
use types::error::{Error, Kind, Result};
use types::evidence::normalised;
use types::message::{Message, say};

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the person types.
    pub login: String,
    /// The person's name, as the ledger has it.
    pub name: String,
    /// The agency that the person works for.
    pub agency: Option<String>,
    /// What the person may do.
    pub roles: BTreeSet<Role>,
    /// The language of the pages.
    pub language: Option<Language>,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Whether an administrator took the account out of use.
    pub disabled: bool,
    /// Whether failures locked it.
    pub locked: bool,
    /// When it was last used (seconds since 1970).
    pub seen: Option<i64>,
    pub(super) password: String,
}

/// What a new account is made of.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What the person will type.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The agency that the person works for.
    pub agency: Option<String>,
    /// What the person may do.
    pub roles: BTreeSet<Role>,
}

/// What a person needs to log in for the first time; told once.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// A password that must be changed.
    pub password: String,
    /// The secret of the second factor (base32).
    pub secret: String,
    /// The same for programs that read addresses.
    pub uri: String,
}

impl Account {
    /// Whether it can be used, in words.
    pub fn state(&self) -> Message {
        match self {
            a if a.disabled => say!("out of use"),
            a if a.locked => say!("locked after five failures"),
            _ => say!("in use"),
        }
    }
}

const COLUMNS: &str =
    "login, name, agency, roles, language, must_change, disabled, locked, seen, password";

fn account(row: &rusqlite::Row) -> rusqlite::Result<Account> {
    let roles: String = row.get(3)?;
    let language: Option<String> = row.get(4)?;
    Ok(Account {
        login: row.get(0)?,
        name: row.get(1)?,
        agency: row.get(2)?,
        // A role that this program does not know gives nothing.
        roles: roles.split(',').filter_map(|r| r.parse().ok()).collect(),
        language: language.and_then(|l| l.parse().ok()),
        must_change: row.get(5)?,
        disabled: row.get(6)?,
        locked: row.get(7)?,
        seen: row.get(8)?,
        password: row.get(9)?,
    })
}

impl People {
    /// Every account, by login.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.rows(&format!("SELECT {COLUMNS} FROM accounts ORDER BY login"), [], account)
    }

    /// The account of that login.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn account(&self, login: &str) -> Result<Option<Account>> {
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE login = ?1");
        Ok(self.rows(&sql, [login], account)?.into_iter().next())
    }

    /// Makes an account; who is told how to log in is up to the caller.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a login, name or roles that cannot be, or are
    /// somebody else's.
    pub fn add(&self, new: &NewAccount, by: &str, now: Timestamp) -> Result<Credentials> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        if new.login.is_empty() || new.login.len() > 32 || !new.login.chars().all(plain) {
            let what = say!("{:?} cannot be a login", new.login);
            return Err(Error::new(Kind::BadInput, what)
                .advise(say!("use up to 32 of a–z, 0–9, dot, hyphen and underscore")));
        }
        fit(&new.roles)?;
        let name = normalised(new.name.trim())?;
        for other in self.accounts()? {
            if other.login == new.login || same_person(&other.name, &name) {
                let what = say!("there is an account {} of {} already", other.login, other.name);
                return Err(Error::new(Kind::BadInput, what)
                    .advise(say!("one person has one account; see `brasslink people reset`")));
            }
        }
        let (factor, password) = (SecondFactor::new()?, temporary());
        let roles: Vec<&str> = new.roles.iter().map(|r| r.word()).collect();
        self.run(
            "INSERT INTO accounts (login, name, agency, roles, password, totp, created) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &new.login,
                &name,
                &new.agency,
                roles.join(","),
                hash(&password)?,
                factor.bytes(),
                now.as_second(),
            ),
        )?;
        self.note(by, "account added", &new.login, "", Outcome::Done, now)?;
        Ok(factor.credentials(&new.login, password))
    }

    /// Gives an account a new password and a new second factor, and ends its
    /// sessions.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none.
    pub fn reset(&self, login: &str, by: &str, now: Timestamp) -> Result<Credentials> {
        let (factor, password) = (SecondFactor::new()?, temporary());
        let changed = self.run(
            "UPDATE accounts SET password = ?2, totp = ?3, totp_step = 0, must_change = 1, \
             locked = 0 WHERE login = ?1",
            (login, hash(&password)?, factor.bytes()),
        )?;
        there(login, changed)?;
        self.forget_failures(login)?;
        self.end_sessions_of(login)?;
        self.note(by, "account reset", login, "", Outcome::Done, now)?;
        Ok(factor.credentials(login, password))
    }

    /// Takes an account out of use, and ends its sessions; or back into use.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none; [`Kind::BadInput`] for the last
    /// administrator in use.
    pub fn disable(&self, login: &str, disabled: bool, by: &str, now: Timestamp) -> Result<()> {
        let accounts = self.accounts()?;
        let keeps = |a: &&Account| a.roles.contains(&Role::Administrator) && !a.disabled;
        let mut others = accounts.iter().filter(keeps).filter(|a| a.login != login);
        let is_one = accounts.iter().filter(keeps).any(|a| a.login == login);
        if disabled && is_one && others.next().is_none() {
            let what = say!("{login} is the last administrator in use");
            return Err(Error::new(Kind::BadInput, what).advise(say!("make another one first")));
        }
        // Who comes back begins anew: 90 days without use count from now.
        let sql = "UPDATE accounts SET disabled = ?2, seen = CASE ?2 WHEN 0 THEN ?3 ELSE seen END \
                   WHERE login = ?1";
        there(login, self.run(sql, (login, disabled, now.as_second()))?)?;
        if disabled {
            self.end_sessions_of(login)?;
        }
        let what = if disabled { "account disabled" } else { "account enabled" };
        self.note(by, what, login, "", Outcome::Done, now)
    }

    /// Unlocks an account that failures locked.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none.
    pub fn unlock(&self, login: &str, by: &str, now: Timestamp) -> Result<()> {
        there(login, self.run("UPDATE accounts SET locked = 0 WHERE login = ?1", [login])?)?;
        self.forget_failures(login)?;
        self.note(by, "account unlocked", login, "", Outcome::Done, now)
    }

    /// Changes a person's own password.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for one that is too short, common, or the old one.
    pub fn change_password(&self, account: &Account, new: &str, now: Timestamp) -> Result<()> {
        agreeable(new, account)?;
        self.run(
            "UPDATE accounts SET password = ?2, must_change = 0 WHERE login = ?1",
            (&account.login, hash(new)?),
        )?;
        self.note(&account.name, "password changed", &account.login, "", Outcome::Done, now)
    }

    /// Keeps the language that a person chose.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn speak(&self, login: &str, language: Language) -> Result<()> {
        let sql = "UPDATE accounts SET language = ?2 WHERE login = ?1";
        self.run(sql, (login, language.code())).map(drop)
    }

    /// Whether somebody can keep the accounts.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn has_administrator(&self) -> Result<bool> {
        let keeps = |a: &Account| a.roles.contains(&Role::Administrator) && !a.disabled;
        Ok(self.accounts()?.iter().any(keeps))
    }
}

fn there(login: &str, changed: usize) -> Result<()> {
    if changed > 0 {
        return Ok(());
    }
    Err(Error::new(Kind::NotFound, say!("there is no account {login}"))
        .advise(say!("see `brasslink people list`")))
}
