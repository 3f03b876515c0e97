//! `clock`: whether exhibits are dealt with in time.

use super::json::Json;
use super::this_run::{StoreArgs, this_run};
use super::{End, Say, now, tell};
use casework::{Clock, overdue};
use pipeline::{clock, progress_of_exhibits, set_clock};
use std::path::PathBuf;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::Moment;
use types::files::read_small_text;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Example of a clock (TOML; what is left out has the value shown by `clock show`):
  country = \"MX\"
  utc_offset_hours = -6
  holidays = [\"2026-04-03\"]
  entry_business_days = 2
  correlation_hours = 24
  review_hours = 48
  notice_hours = 24

Examples:
  brasslink clock set clock.toml --store evidence --reason 'agreement of 2026'
  brasslink clock overdue --store evidence
  brasslink clock stages --store evidence --json

Receipt comes from the exhibits' records, entry and correlation from the ledger,
review from the decisions, notice from records of kind `notification`.";

/// `brasslink clock`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Keep a clock in the store; older ones stay readable.
    Set {
        /// The clock (TOML).
        file: PathBuf,
        /// Why.
        #[arg(long, value_name = "TEXT", value_parser = super::reason)]
        reason: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Print the clock in force (TOML).
    Show {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
    },
    /// List the exhibits whose next step is late; exit code 3 if there are any.
    Overdue(AtArgs),
    /// List every exhibit with its steps: when due, when done.
    Stages(AtArgs),
}

/// What looking at the clock takes.
#[derive(clap::Args)]
pub struct AtArgs {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// As of this day or moment (default: now).
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    #[command(flatten)]
    json: Json,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Set { file, reason, store } => {
            let text = read_small_text(file)?;
            let new = Clock::from_toml(&text).map_err(|e| e.at(file))?;
            let run = this_run(store);
            let reason = reason.as_deref().unwrap_or_default();
            set_clock(&Store::open(&store.store)?, &new, reason, &run)?;
            tell(say, say!("kept"));
        }
        Command::Show { store } => {
            let clock = clock(&Store::open(store)?.snapshot()?)?;
            let text = toml::to_string(&clock).map_err(|e| {
                Error::new(Kind::Internal, say!("no TOML could be made: {e}")).because(&e)
            })?;
            super::tell_lines(Say { quiet: false, ..say }, text.trim_end());
        }
        Command::Overdue(args) => return late(args, say),
        Command::Stages(args) => stages(args, say)?,
    }
    Ok(End::AllDone)
}

impl AtArgs {
    fn now(&self) -> Result<jiff::Timestamp> {
        let moment = self.at.map_or_else(|| now().parse::<Moment>(), Ok)?;
        Ok(moment.earliest())
    }
}

fn late(args: &AtArgs, say: Say) -> Result<End> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    let late = overdue(&progress_of_exhibits(&snapshot)?, &clock(&snapshot)?, args.now()?);
    if args.json.asked() {
        args.json.put(&late)?;
    } else {
        for o in &late {
            tell(say, say!("{}: {} was due {}", o.item, o.step.words(), o.due));
        }
        tell(say, say!("{} overdue", late.len()));
    }
    Ok(if late.is_empty() { End::AllDone } else { End::SomeFailed })
}

fn stages(args: &AtArgs, say: Say) -> Result<()> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    let (clock, now) = (clock(&snapshot)?, args.now()?);
    let items = progress_of_exhibits(&snapshot)?;
    if args.json.asked() {
        let with_stages = |p| serde_json::json!({ "progress": p, "stages": clock.stages(p) });
        return args.json.put(&items.iter().map(with_stages).collect::<Vec<_>>());
    }
    for p in &items {
        let received =
            p.received.map_or_else(|| say!("not known"), |m| Message::foreign(m.to_string()));
        tell(say, say!("{}: received {received}", p.item));
        for s in clock.stages(p) {
            let done = s.done.map_or_else(|| say!("open"), |t| Message::foreign(t.to_string()));
            let step = say!("  {}: due {}, {done}", s.step.words(), s.due);
            tell(say, if s.late(now) { say!("{step}  LATE") } else { step });
        }
    }
    Ok(())
}
