//! `lead`: what examiners make of the program's proposals.

use super::this_run::{StoreArgs, this_run};
use super::{End, Say, print_json, tell, write_file, write_json};
use crate::batch::{blind_packet, decide, files, review};
use crate::casework::{Answer, Conclusion, Decision, Files, Key, reconcile};
use crate::error::{Error, Kind, Result};
use crate::evidence::CasingId;
use crate::prepare::Recipe;
use crate::store::Store;
use serde::Serialize;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Examples:
  brasslink lead list --store evidence
  brasslink lead accept C-17 C-42 --store evidence --agency NM0010000
  brasslink lead confirm C-17 C-42 --store evidence --operator 'R. Ortiz'
  brasslink lead packet --store evidence --out blind --key blind-key.json --secret 'any words'
  brasslink lead reconcile --store evidence --key blind-key.json --answers blind/answers.csv

A candidate is what the program proposes, a lead what a trained person accepts
on screen, a hit what an examiner confirms under a microscope. Confirmations
and rejections bind every later linking.";

/// `brasslink lead`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// List proposed links with what was decided, then the hits between cases.
    List {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show every decision about two casings.
    Show {
        /// One casing.
        a: CasingId,
        /// The other.
        b: CasingId,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
    },
    /// Accept a candidate as a lead.
    Accept(DecideArgs),
    /// Eliminate: not fired by one firearm.
    Reject(DecideArgs),
    /// Reviewed without a conclusion.
    Inconclusive(DecideArgs),
    /// Confirm as a hit, with the specimens under a microscope.
    Confirm(DecideArgs),
    /// Write a packet of pictures for a blind second review.
    Packet {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// New folder for the pictures and the answer sheet.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where to write the key, which the reviewer must not have.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Words from which names, order and sides are drawn; keep them.
        #[arg(long, value_name = "WORDS")]
        secret: String,
    },
    /// Set a blind reviewer's answers beside the decisions in force.
    Reconcile {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// The key of the packet.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The filled answer sheet (columns item, conclusion).
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
    },
}

/// A decision on two casings.
#[derive(clap::Args)]
pub struct DecideArgs {
    /// One casing.
    a: CasingId,
    /// The other.
    b: CasingId,
    #[command(flatten)]
    store: StoreArgs,
    /// The agency that decides (ORI or name).
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

#[derive(Serialize)]
struct Listed {
    a: CasingId,
    b: CasingId,
    score: f64,
    decision: Option<Decision>,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::List { store, json } => list(store, *json, say),
        Command::Show { a, b, store } => {
            let review = review(&Store::open(store)?.snapshot()?)?;
            print_json(&review.history(a, b))
        }
        Command::Accept(args) => conclude(args, Conclusion::Lead, say),
        Command::Reject(args) => conclude(args, Conclusion::Eliminated, say),
        Command::Inconclusive(args) => conclude(args, Conclusion::Inconclusive, say),
        Command::Confirm(args) => conclude(args, Conclusion::Hit, say),
        Command::Packet { store, out, key, secret } => packet(store, out, key, secret, say),
        Command::Reconcile { store, key, answers } => {
            let review = review(&Store::open(store)?.snapshot()?)?;
            print_json(&reconcile(&read_answers(answers)?, &read_key(key)?, &review)?)
        }
    }?;
    Ok(End::AllDone)
}

fn list(store: &Path, json: bool, say: Say) -> Result<()> {
    let snapshot = Store::open(store)?.snapshot()?;
    let Files { review, hits, .. } = files(&snapshot)?;
    let mut listed = Vec::new();
    for link in snapshot.linking()?.unwrap_or_default().links {
        let decision = review.state(&link.a, &link.b).cloned();
        listed.push(Listed { a: link.a, b: link.b, score: link.score, decision });
    }
    if json {
        return print_json(&serde_json::json!({ "links": listed, "hits": hits }));
    }
    for Listed { a, b, score, decision } in &listed {
        let state = decision.as_ref().map_or("candidate".into(), |d| {
            format!("{} by {} at {}", d.conclusion.word(), d.by, d.at)
        });
        tell(say, format_args!("{a}  {b}  score {score:.2}  {state}"));
    }
    for hit in &hits {
        let (x, y) = &hit.cases;
        tell(say, format_args!("hit: case {x} and case {y}, {} pairs", hit.exhibits.len()));
    }
    tell(say, format_args!("{} proposed links, {} hits between cases", listed.len(), hits.len()));
    Ok(())
}

fn conclude(args: &DecideArgs, conclusion: Conclusion, say: Say) -> Result<()> {
    let run = this_run(&args.store, &Recipe::default());
    let (a, b) = (args.a.clone(), args.b.clone());
    let at = run.started.clone();
    let decision = Decision::new(a, b, conclusion, &run.who, args.agency.clone(), at)?;
    let store = Store::open(&args.store.store)?;
    decide(&store, &decision, &args.reason, &run)?;
    tell(say, format_args!("recorded; `brasslink link --store` applies it"));
    match &args.store.json {
        Some(path) => write_json(path, &decision),
        None => Ok(()),
    }
}

fn packet(store: &Path, out: &Path, key: &Path, secret: &str, say: Say) -> Result<()> {
    let snapshot = Store::open(store)?.snapshot()?;
    let (packet, secrets) = blind_packet(&snapshot, secret)?;
    // A folder with older content would mix two packets.
    std::fs::create_dir(out).map_err(|e| Error::io("making the packet's folder", out, &e))?;
    let mut sheet = "item,conclusion\n".to_owned();
    for item in &packet.items {
        for (side, bytes) in ["left", "right"].iter().zip(&item.pictures) {
            write_file(&out.join(format!("{}-{side}.png", item.name)), bytes)?;
        }
        sheet += &format!("{},\n", item.name);
    }
    write_file(&out.join("answers.csv"), sheet.as_bytes())?;
    write_json(key, &secrets)?;
    tell(say, format_args!("{} pairs in {}", packet.items.len(), out.display()));
    Ok(())
}

fn read_key(path: &Path) -> Result<Key> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading the key", path, &e))?;
    serde_json::from_str(&text)
        .map_err(|e| Error::new(Kind::BadInput, format!("not a packet's key: {e}")).at(path))
}

/// The answers given; items left open are no answers.
fn read_answers(path: &Path) -> Result<Vec<Answer>> {
    let bad = |e: csv::Error| {
        Error::new(Kind::BadInput, format!("the answers cannot be read: {e}"))
            .at(path)
            .advise("write lead, inconclusive or eliminated under conclusion")
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(bad)?;
    let header = reader.headers().map_err(bad)?.clone();
    let mut answers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        if record.get(1).is_some_and(|conclusion| !conclusion.is_empty()) {
            answers.push(record.deserialize(Some(&header)).map_err(bad)?);
        }
    }
    Ok(answers)
}
