//! `lead`: what examiners make of the program's proposals.

mod blind;
mod decide;
mod list;

use super::{End, Say, print_json};
use casework::{Conclusion, Decided, TheirDecision};
use pipeline::{review, theirs};
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::Store;
use types::error::Result;
use types::evidence::CasingId;
use types::message::phrase;

const EXAMPLE: &str = "\
Examples:
  brasslink lead list --store evidence --pending --sort case
  brasslink lead accept C-17 C-42 --store evidence --agency NM0010000
  brasslink lead confirm C-17 C-42 --store evidence --operator 'R. Ortiz'
  brasslink lead reject --group G-1f20a3b4c5d6e7f8 --store evidence --dry-run
  brasslink lead withdraw C-17 C-42 --store evidence --reason 'wrong specimen'
  brasslink lead verify C-17 C-42 --store evidence --operator 'B. Reviewer'
  brasslink lead packet --store evidence --out blind --key blind-key.json --secret 'any words'
  brasslink lead reconcile --store evidence --key blind-key.json \\
      --answers blind/answers.csv --reviewer 'B. Reviewer'

A candidate is what the program proposes, a lead what a trained person accepts
on screen, a hit what an examiner confirms under a microscope. Confirmations
and rejections bind every later linking.

Every person's last word on a pair stands until that person gives another or it
is withdrawn; the last of them in the ledger is in force. Where two persons say
the opposite the pair is contested, and shown so, until one of them withdraws.
What a decision would change is told first; one that the scores or another
person's conclusion contradict needs --reason, and --yes where nobody can be
asked.";

/// `brasslink lead`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// List candidates with what was decided, then the hits between cases.
    List(list::Args),
    /// Show every decision about two casings.
    Show {
        /// One casing.
        a: CasingId,
        /// The other casing.
        b: CasingId,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
    },
    /// Accept a candidate as a lead.
    Accept(decide::Args),
    /// Eliminate: not fired by one firearm.
    Reject(decide::Args),
    /// Reviewed without a conclusion.
    Inconclusive(decide::Args),
    /// Confirm as a hit, with the specimens under a microscope.
    Confirm(decide::Args),
    /// Take back a conclusion; it stays on record.
    Withdraw {
        #[command(flatten)]
        args: decide::Args,
        /// Whose conclusion (default: one's own).
        #[arg(long, value_name = "NAME", value_parser = super::name)]
        of: Option<String>,
    },
    /// Come, as another person, to the conclusion that is in force.
    Verify(decide::Args),
    /// Write a packet of pictures for a blind second review.
    Packet(blind::PacketArgs),
    /// Set a blind reviewer's answers beside the decisions in force.
    Reconcile(blind::ReconcileArgs),
}

/// What stands with every conclusion of another agency.
pub const NOT_OURS: &str = phrase!("binds nothing here until somebody here decides");

/// A decision as `lead show` tells it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    decided: &'a Decided,
    /// Whether it is its author's last word and was not withdrawn.
    stands: bool,
    /// Whether it is the decision in force.
    in_force: bool,
    /// Whether the decision in force says the opposite.
    contested: bool,
}

/// What was decided here, then what other agencies concluded, which have the
/// field `from`.
#[derive(Serialize)]
#[serde(untagged)]
enum ShownDecision<'a> {
    Here(Shown<'a>),
    Elsewhere(Box<TheirDecision>),
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::List(args) => list::run(args, say)?,
        Command::Show { a, b, store } => show(a, b, store)?,
        Command::Accept(args) => decide::conclude(args, Conclusion::Lead, say)?,
        Command::Reject(args) => decide::conclude(args, Conclusion::Eliminated, say)?,
        Command::Inconclusive(args) => decide::conclude(args, Conclusion::Inconclusive, say)?,
        Command::Confirm(args) => decide::conclude(args, Conclusion::Hit, say)?,
        Command::Withdraw { args, of } => decide::withdraw(args, of.as_deref(), say)?,
        Command::Verify(args) => decide::verify(args, say)?,
        Command::Packet(args) => blind::packet(args, say)?,
        Command::Reconcile(args) => return blind::reconciled(args, say),
    }
    Ok(End::AllDone)
}

fn show(a: &CasingId, b: &CasingId, store: &Path) -> Result<()> {
    let snapshot = Store::open(store)?.snapshot()?;
    let theirs = theirs(&snapshot)?.into_iter().filter(|t| t.is_about(a, b));
    let review = review(&snapshot)?;
    let (standing, dissent) = (review.standing(a, b), review.dissent(a, b));
    let state = review.state(a, b);
    let shown = |decided| Shown {
        decided,
        stands: standing.contains(&decided),
        in_force: state == Some(decided),
        contested: dissent.contains(&decided),
    };
    let own = review.history(a, b).into_iter().map(shown).map(ShownDecision::Here);
    print_json(
        &own.chain(theirs.map(|t| ShownDecision::Elsewhere(Box::new(t)))).collect::<Vec<_>>(),
    )
}
