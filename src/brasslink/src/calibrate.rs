//! `calibrate`: builds a reference population.

use super::json::{Json, OUTPUT};
use super::pairs::{self, PairsArgs};
use super::this_run::{StoreArgs, this_run};
use super::{End, Say, tell, today, write_file};
use pipeline::{SOFTWARE, keep_population};
use serde::Serialize;
use statistics::weigh::{
    Bounds, BoundsRule, Description, Measure, Plan, Population, ScoreMethod, Settings,
};
use std::path::PathBuf;
use store::Store;
use types::error::Result;
use types::message::{KeptMessage as _, Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink calibrate --truth truth.csv --root scans --name \"Ruger P95\" --out p95.json
  brasslink calibrate --pairs pairs.csv --out p95.json
  brasslink calibrate --pairs scores.csv --only split1=t --column cells=n \\
      --column congruent_cells=cmc --out train.json

From scans, all pairs of different casings are compared; from a CSV, they were
(`brasslink evaluate --pairs` writes one). A population covers the recipe, the
marks and the modality it was made of, and refuses others. Its error rates are
those of firearms the model did not see.";

/// How a population is fitted.
#[derive(clap::Args)]
pub struct PlanArgs {
    /// Use only one number of each comparison: score or cells (default: both,
    /// fused).
    #[arg(long, value_name = "NUMBER", value_parser = measure)]
    feature: Option<Measure>,
    /// How a score is calibrated: logistic or kde.
    #[arg(long, value_name = "METHOD", default_value = "logistic")]
    score_model: ScoreMethod,
    /// The rule of the bounds: elub, or iv (invariance verification).
    #[arg(long, value_name = "RULE", default_value = "elub")]
    bounds: BoundsRule,
    /// Bootstrap replicates over firearms, for the intervals.
    #[arg(long, value_name = "N", default_value_t = 200)]
    replicates: u64,
    /// Seed of the bootstrap.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

fn measure(text: &str) -> std::result::Result<Measure, Message> {
    match text {
        "score" => Ok(Measure::Score),
        "cells" => Ok(Measure::Cells),
        _ => Err(say!("use score or cells")),
    }
}

impl PlanArgs {
    /// The plan these ask for.
    pub fn plan(&self) -> Plan {
        Plan {
            settings: Settings {
                score_method: self.score_model,
                only: self.feature,
                ..Settings::default()
            },
            bounds: self.bounds,
            replicates: self.replicates,
            seed: self.seed,
        }
    }
}

/// `brasslink calibrate`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(flatten)]
    pairs: PairsArgs,
    #[command(flatten)]
    plan: PlanArgs,
    /// Write the population to this file.
    #[arg(long, value_name = "FILE", required_unless_present = "store")]
    out: Option<PathBuf>,
    /// Keep the population in this evidence store, as a versioned record.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Its name (default: that of the file it is made from).
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What it is meant for.
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// An instrument that measured its casings, where scans or columns do not
    /// say; may be given several times.
    #[arg(long, value_name = "NAME")]
    instrument: Vec<String>,
    /// A calibre of its casings, likewise.
    #[arg(long, value_name = "NAME")]
    calibre: Vec<String>,
    /// Day it is made (default: today), so that a repeat gives the same bytes.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Who is at work, for the store's ledger (default: the login name).
    #[arg(long, value_parser = super::name, value_name = "NAME", requires = "store")]
    operator: Option<String>,
    /// Print what was done, and what failed, as JSON, or write it to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = OUTPUT)]
    json: Option<PathBuf>,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Summary<'a> {
    name: &'a str,
    sha256: String,
    firearms: u64,
    casings: u64,
    same_source_pairs: u64,
    different_source_pairs: u64,
    bounds: Bounds,
    performance: statistics::weigh::Performance,
    notes: Vec<String>,
    coded_notes: &'a [Message],
    failures: &'a [pipeline::Failed],
}

/// Calibrates.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let (mut set, failures) = pairs::read(&args.pairs, say)?;
    set.origin.instruments.extend(args.instrument.iter().cloned());
    set.origin.calibres.extend(args.calibre.iter().cloned());
    let about = Description {
        name: args.name.clone().unwrap_or_else(|| args.pairs.name()),
        purpose: args.purpose.clone(),
        created: match &args.date {
            Some(date) => date.clone(),
            None => today().to_string(),
        },
        software: SOFTWARE.into(),
    };
    let population = Population::calibrate(&set, about, args.plan.plan())?;
    let sha256 = population.digest()?.to_string();
    if let Some(path) = &args.out {
        write_file(path, population.to_json()?.as_bytes())?;
    }
    if let Some(store) = &args.store {
        let (operator, json) = (args.operator.clone(), None);
        let run = this_run(&StoreArgs { store: store.clone(), operator, json });
        keep_population(&Store::open_or_create(store)?, &population, &run)?;
    }
    let summary = Summary {
        name: &population.name,
        sha256,
        firearms: population.firearms,
        casings: population.casings,
        same_source_pairs: population.same_source_pairs,
        different_source_pairs: population.different_source_pairs,
        bounds: population.bounds,
        performance: population.performance,
        notes: set.notes.texts(),
        coded_notes: &set.notes,
        failures: &failures,
    };
    Json::to(&args.json).put(&summary)?;
    for note in &set.notes {
        tell(say, say!("note: {note}"));
    }
    text(&population).iter().for_each(|line| tell(say, line));
    Ok(if failures.is_empty() { End::AllDone } else { End::SomeFailed })
}

fn text(p: &Population) -> Vec<Message> {
    let (of, bounds) = (&p.performance, &p.bounds);
    let unseen = if of.held_out {
        say!("firearms that the model did not see")
    } else {
        say!("the very firearms it was fitted to (fewer than four)")
    };
    vec![
        say!(
            "{}: {} firearms, {} casings, {} same-source and {} different-source pairs",
            p.name,
            p.firearms,
            p.casings,
            p.same_source_pairs,
            p.different_source_pairs
        ),
        say!("log10 LR bounded to {:.2} … {:.2}", bounds.log10_lower, bounds.log10_upper),
        say!(
            "on {unseen}: Cllr {:.4} (at best {:.4}); LR < 1 for {:.2} % of same-source pairs, \
             LR > 1 for {:.2} % of different-source pairs",
            of.cllr,
            of.cllr_min,
            100.0 * of.misleading_same_source,
            100.0 * of.misleading_different_source
        ),
    ]
}
