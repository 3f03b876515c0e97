//! `log`: the ledger, printed, filtered, signed.

use super::keys::read_private;
use super::place::StoreAt;
use super::{End, now, operator, output, print_json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::{Action, Deposit, Entry, Snapshot, Store, sign};
use types::error::{Error, Kind, Result};
use types::evidence::CasingId;
use types::files::read_small_text;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink store log --store evidence
  brasslink store log --store evidence --casing CHH-1187-1
  brasslink store log --store evidence --jsonl > ledger.jsonl
  brasslink store log --store evidence --head
  openssl genpkey -algorithm ed25519 -out key.pem
  openssl pkey -in key.pem -pubout -out public.pem
  brasslink store log --store evidence --sign key.pem > deposit.json
  brasslink store log --store evidence --check deposit.json --public-key public.pem";

/// `brasslink store log`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(flatten)]
    store: StoreAt,
    /// Only the entries that concern this casing.
    #[arg(long, value_name = "ID", value_parser = |id: &str| CasingId::new(id))]
    casing: Option<CasingId>,
    /// Print the lines of the ledger exactly as they are on disk.
    #[arg(long)]
    jsonl: bool,
    /// Print the hash of the last entry, which vouches for the whole store.
    #[arg(long, conflicts_with_all = ["casing", "jsonl"])]
    head: bool,
    /// Sign the head with this Ed25519 private key (PEM) and print the
    /// deposit, to be kept where nobody can change both.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["casing", "jsonl", "head", "check"])]
    sign: Option<PathBuf>,
    /// Who signs (default: the login name).
    #[arg(long, value_parser = super::name, value_name = "NAME", requires = "sign")]
    operator: Option<String>,
    /// Check a deposit: is its signature good, and does the store's history
    /// still contain what was signed?
    #[arg(long, value_name = "DEPOSIT", conflicts_with_all = ["casing", "jsonl", "head"])]
    check: Option<PathBuf>,
    /// The public key (PEM) that must have made the deposit's signature; a
    /// deposit signed with any other shows nothing.
    #[arg(long, value_name = "KEY", requires = "check")]
    public_key: Option<PathBuf>,
}

/// Prints the ledger, or what was asked of it.
pub fn run(args: &Args) -> Result<End> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    if args.head {
        output::line(say!("{} {}", snapshot.seq(), snapshot.head()));
    } else if let Some(key) = &args.sign {
        let who = operator(args.operator.as_deref());
        print_json(&sign(&*snapshot.ledger()?, &read_private(key)?, &who, &now())?)?;
    } else if let Some(deposit) = &args.check {
        output::line(check(&snapshot, deposit, args.public_key.as_deref())?);
    } else {
        let ledger = snapshot.ledger()?;
        let wanted: BTreeSet<u64> = match &args.casing {
            Some(casing) => snapshot.history_of(casing)?,
            None => ledger.entries.iter().map(|e| e.seq).collect(),
        };
        for (entry, line) in ledger.entries.iter().zip(&ledger.lines) {
            if !wanted.contains(&entry.seq) {
                continue;
            }
            if args.jsonl { output::content(&format!("{line}\n")) } else { tell(entry) }
        }
    }
    Ok(End::AllDone)
}

fn read(path: &Path) -> Result<String> {
    read_small_text(path)
}

fn check(snapshot: &Snapshot, deposit: &Path, key: Option<&Path>) -> Result<Message> {
    let found = Deposit::parse(&read(deposit)?).map_err(|e| e.at(deposit))?;
    let Some(key) = key else {
        let what =
            say!("a deposit names its own key, which anybody can make, so nothing was checked");
        return Err(Error::new(Kind::BadInput, what)
            .at(deposit)
            .advise(say!("give the key that you expect with --public-key")));
    };
    let statement = found.statement(Some(&read(key)?)).map_err(|e| e.at(deposit))?;
    statement.holds_for(&*snapshot.ledger()?)?;
    Ok(say!(
        "good: entry {} with hash {} was signed by {} at {} with the given key; the store's \
         history contains it",
        statement.seq,
        statement.head,
        statement.who,
        statement.when
    ))
}

fn tell(entry: &Entry) {
    let Entry { seq, when, who, command, software, .. } = entry;
    let action = match entry.action {
        Action::Commit => say!("added"),
        Action::Amend => say!("amended"),
        Action::Compact => say!("merged segments"),
        Action::Seal => say!("sealed"),
        Action::Unseal => say!("gave back"),
        Action::Expunge => say!("expunged"),
        Action::Migrate => say!("migrated"),
        Action::Repair => say!("gave up segments"),
        Action::Share => say!("shared"),
        Action::Receive => say!("received"),
    };
    let added: Vec<String> = entry.added.iter().map(|(what, n)| format!("{n} {what}")).collect();
    let told = [entry.subjects.join(", "), added.join(", ")];
    let told: Vec<String> = told.into_iter().filter(|t| !t.is_empty()).collect();
    output::line(say!("{seq:>6}  {when}  {who}: {action} {}", told.join(": ")));
    if let Some(reason) = &entry.reason {
        output::line(say!("        reason: {reason}"));
    }
    output::line(say!("        {software}: {command}"));
}
