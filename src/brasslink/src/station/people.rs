//! `people` as it is written.

use crate::json::Json;
use std::path::PathBuf;

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
pub enum PeopleCommand {
    /// Make an account, and tell once how its person logs in.
    Add {
        /// What the person will type: a–z, 0–9, dot, hyphen, underscore.
        login: String,
        /// The person's name, as the ledger will have it.
        #[arg(long, value_name = "NAME", value_parser = crate::name)]
        name: String,
        /// What the person may do, several with commas between.
        #[arg(long, value_name = "ROLES", value_delimiter = ',', required = true)]
        role: Vec<String>,
        /// The agency that the person works for (ORI or name).
        #[arg(long, value_name = "AGENCY", value_parser = crate::name)]
        agency: Option<String>,
        /// The people file.
        #[command(flatten)]
        file: FileArgs,
    },
    /// List the accounts with their roles and states.
    List {
        /// The people file.
        #[command(flatten)]
        file: FileArgs,
        /// Whether it goes to a machine.
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
        /// The people file.
        #[command(flatten)]
        file: FileArgs,
    },
}

/// The people file.
#[derive(clap::Args)]
pub struct FileArgs {
    /// The people file (made if absent).
    #[arg(long = "people", value_name = "FILE")]
    pub people: PathBuf,
}

/// An account.
#[derive(clap::Args)]
pub struct OneArgs {
    /// The account.
    pub login: String,
    /// The people file.
    #[command(flatten)]
    pub file: FileArgs,
}
