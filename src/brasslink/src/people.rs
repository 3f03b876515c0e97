//! `people`: the accounts of the review station.

use super::json::Json;
use super::{End, Say, operator, tell};
use jiff::Timestamp;
use station::Role;
use station::people::{Credentials, NewAccount, People};
use std::path::PathBuf;
use types::error::Result;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink people add admin --name 'A. Keeper' --role administrator --people people.db
  brasslink people add rortiz --name 'R. Ortiz' --role examiner,verifier --people people.db
  brasslink people list --people people.db
  brasslink people unlock rortiz --people people.db
  brasslink people backup /backup/people-2026-11-30.db --people people.db

Roles: technician (reviews candidates, identifies leads), examiner (concludes),
verifier (blind second look at pairs of others), supervisor (settles
disagreements), trace_officer, partner, auditor (reads all, writes nothing),
administrator (accounts, no casework). The last three stand alone.

The password and the secret of the second factor are told once, when an account
is made or reset; the person changes the password at the first log-in.";

/// `brasslink people`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Make an account, and tell once how its person logs in.
    Add {
        /// What the person will type: a–z, 0–9, dot, hyphen, underscore.
        login: String,
        /// The person's name, as the ledger will have it.
        #[arg(long, value_name = "NAME", value_parser = super::name)]
        name: String,
        /// What the person may do, several with commas between.
        #[arg(long, value_name = "ROLES", value_delimiter = ',', required = true)]
        role: Vec<String>,
        /// The agency that the person works for (ORI or name).
        #[arg(long, value_name = "AGENCY", value_parser = super::name)]
        agency: Option<String>,
        #[command(flatten)]
        file: FileArgs,
    },
    /// List the accounts with their roles and states.
    List {
        #[command(flatten)]
        file: FileArgs,
        #[command(flatten)]
        json: Json,
    },
    /// Take an account out of use; its sessions end at once.
    Disable(OneArgs),
    /// Put an account back into use.
    Enable(OneArgs),
    /// Unlock an account that failures locked.
    Unlock(OneArgs),
    /// Give an account a new password and second factor, told once.
    Reset(OneArgs),
    /// Write a copy of the people file while it is in use.
    Backup {
        /// The new file.
        to: PathBuf,
        #[command(flatten)]
        file: FileArgs,
    },
}

/// The people file.
#[derive(clap::Args)]
pub struct FileArgs {
    /// The people file (made if absent).
    #[arg(long = "people", value_name = "FILE")]
    people: PathBuf,
}

/// An account.
#[derive(clap::Args)]
pub struct OneArgs {
    /// The account.
    login: String,
    #[command(flatten)]
    file: FileArgs,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    let (by, now) = (operator(None), Timestamp::now());
    match command {
        Command::Add { login, name, role, agency, file } => {
            let roles = role.iter().map(|r| r.parse::<Role>()).collect::<Result<_>>()?;
            let (login, name, agency) = (login.clone(), name.clone(), agency.clone());
            let new = NewAccount { login, name, agency, roles };
            let people = People::open_or_create(&file.people)?;
            told(&new.login, &people.add(&new, &by, now)?);
        }
        Command::List { file, json } => list(&People::open(&file.people)?, json, say)?,
        Command::Disable(one) => one.people()?.disable(&one.login, true, &by, now)?,
        Command::Enable(one) => one.people()?.disable(&one.login, false, &by, now)?,
        Command::Unlock(one) => one.people()?.unlock(&one.login, &by, now)?,
        Command::Reset(one) => told(&one.login, &one.people()?.reset(&one.login, &by, now)?),
        Command::Backup { to, file } => {
            People::open(&file.people)?.backup(to)?;
            tell(say, say!("written: {}", to.display()));
        }
    }
    Ok(End::AllDone)
}

impl OneArgs {
    fn people(&self) -> Result<People> {
        People::open(&self.file.people)
    }
}

/// Tells, whatever `--quiet` says, what is told once.
fn told(login: &str, credentials: &Credentials) {
    let Credentials { password, secret, uri } = credentials;
    for line in [
        say!("login:         {login}"),
        say!("password:      {password} (to be changed at the first log-in)"),
        say!("second factor: {secret}"),
        say!("               {uri}"),
        say!("this is told once; hand it to the person and to nobody else"),
    ] {
        super::output::line(line);
    }
}

fn list(people: &People, json: &Json, say: Say) -> Result<()> {
    let accounts = people.accounts()?;
    if json.asked() {
        let each = accounts.iter().map(|a| {
            let roles: Vec<&str> = a.roles.iter().map(|r| r.word()).collect();
            serde_json::json!({
                "login": a.login, "name": a.name, "agency": a.agency, "roles": roles,
                "disabled": a.disabled, "locked": a.locked, "must_change": a.must_change,
                "seen": a.seen,
            })
        });
        return json.put(&each.collect::<Vec<_>>());
    }
    for account in &accounts {
        let roles = Message::joined(account.roles.iter().map(|r| r.words()), ", ");
        let state = account.state();
        tell(say, say!("{}  {}  {roles}  {state}", account.login, account.name));
    }
    Ok(())
}
