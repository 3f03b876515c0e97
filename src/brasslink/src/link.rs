//! `link`: on a store, or on a CSV of pair scores.

use super::json::{Json, OUTPUT};
use super::pipeline;
use super::this_run::StoreArgs;
use super::{End, Say, tell};
use statistics::link::{Casework, GroupsFile, Linker, Settings, read_scores};
use statistics::weigh::Population;
use std::path::PathBuf;
use types::error::{Error, Kind, Result};
use types::message::say;

const EXAMPLE: &str = "\
Examples:
  brasslink link --store evidence
  brasslink link --scores pairs.csv --json groups.json
  brasslink link --scores pairs.csv --score-column ccf_max --json groups.json";

/// `brasslink link`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Link what this evidence store holds.
    #[arg(long, value_name = "DIR", required_unless_present = "scores")]
    store: Option<PathBuf>,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_parser = super::name, value_name = "NAME", requires = "store")]
    operator: Option<String>,
    /// Link from this CSV (columns a, b and a score) instead of a store.
    #[arg(long, value_name = "FILE", conflicts_with = "store")]
    scores: Option<PathBuf>,
    /// The score's column (default: `score`, else the only numeric one).
    #[arg(long, value_name = "NAME", requires = "scores")]
    score_column: Option<String>,
    /// Judge by the likelihood ratios of this population (see `brasslink
    /// calibrate`); it is kept in the store.
    #[arg(long, value_name = "FILE", requires = "store")]
    population: Option<PathBuf>,
    /// Print what was done, and what failed, as JSON, or write it to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = OUTPUT)]
    json: Option<PathBuf>,
}

/// Links.
pub fn run(args: &Args, say: Say) -> Result<End> {
    if let Some(store) = &args.store {
        let (operator, json) = (args.operator.clone(), args.json.clone());
        let population = args.population.as_deref().map(Population::read).transpose()?;
        let args = StoreArgs { store: store.clone(), operator, json };
        return pipeline::link(&args, population.as_ref(), say);
    }
    let scores = args.scores.as_ref().ok_or_else(|| {
        Error::new(Kind::BadInput, say!("nothing to link was named"))
            .advise(say!("give --store DIR or --scores FILE"))
    })?;
    let table = read_scores(scores, args.score_column.as_deref())?;
    let linker = Linker::of_scores(table, Casework::default(), Settings::default())?;
    for scale in linker.scales() {
        tell(say, say!("judged on this scale: {scale}"));
    }
    let file = GroupsFile::of(&linker);
    let several = file.groups.iter().filter(|g| g.members.len() > 1).count();
    tell(say, say!("{several} groups of several casings, {} in all", file.groups.len()));
    if !file.judged.open.is_empty() {
        tell(
            say,
            say!("{} pairs are open: neither linked nor clearly apart", file.judged.open.len()),
        );
    }
    Json::to(&args.json).put(&file)?;
    Ok(End::AllDone)
}
