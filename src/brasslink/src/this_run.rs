//! A run of a command on a store: its arguments, its entry in the ledger, its end.

use super::json::{Json, OUTPUT};
use super::recipe;
use super::{End, Say, command_line, heads, now, operator, summarise};
use pipeline::{self, Failed, Outcome, Run};
use serde::Serialize;
use std::path::PathBuf;
use types::error::Result;

/// What every command on a store takes.
#[derive(clap::Args)]
pub struct StoreArgs {
    /// The evidence store (a folder; made if absent).
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    pub operator: Option<String>,
    /// Print what was done, and what failed, as JSON, or write it to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = OUTPUT)]
    pub json: Option<PathBuf>,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Summary<'a> {
    software: &'a str,
    started: &'a str,
    finished: String,
    exit_code: u8,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// The run as the ledger will know it.
pub fn this_run(args: &StoreArgs) -> Run {
    Run {
        who: operator(args.operator.as_deref()),
        started: now(),
        command: command_line(),
        recipe: recipe::in_force().hash(),
        now,
    }
}

/// Keeps the ledger's head where that is set up, and tells how it went, on
/// screen and in JSON.
pub fn finish(outcome: &Outcome, args: &StoreArgs, run: &Run, say: Say) -> Result<End> {
    let mut outcome = outcome.clone();
    if let Err(error) = heads::keep(&args.store, &run.who) {
        outcome.failures.push(Failed::of(args.store.display().to_string(), None, &error));
    }
    let outcome = &outcome;
    summarise(outcome, say);
    let end = End::of(outcome);
    let exit_code = match end {
        End::AllDone => 0,
        End::SomeFailed => 3,
    };
    Json::to(&args.json).put(&Summary {
        software: pipeline::SOFTWARE,
        started: &run.started,
        finished: now(),
        exit_code,
        outcome,
    })?;
    Ok(end)
}
