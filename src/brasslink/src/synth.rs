//! `synth`: the bundled sample set, made anew, the scans of a story, or a
//! gallery of any size.

use super::progress::Shown;
use super::this_run::{StoreArgs, this_run};
use super::{End, Say, tell};
use crate::recipe;
use std::path::{Path, PathBuf};
use store::Store;
use synthetic::{HardSet, SAMPLE_SEED, write_sample_set, write_story};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// `brasslink synth`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write to.
    #[arg(required_unless_present = "gallery")]
    dir: Option<PathBuf>,
    /// Seed of the guns, shots and scenes (default: the bundled set's).
    #[arg(long, default_value_t = SAMPLE_SEED)]
    seed: u64,
    /// Compute the scans of this table instead: which firearm fired which
    /// casing (an example is samples/scenario/elpaso/truth.csv).
    #[arg(long, value_name = "FILE")]
    of: Option<PathBuf>,
    /// Fill a store with this many casings, two a firearm, to measure searches
    /// in: real templates and sketches, no scans, nothing compared, each as if
    /// screened before. What the store has of them is not made again.
    #[arg(long, value_name = "N", requires = "into", conflicts_with_all = ["dir", "of", "hard"])]
    gallery: Option<u64>,
    /// Write a labelled set that is hard instead: weak and partial contact, three
    /// finishes of primers, wear; 12 firearms with 12 casings each, and the truth
    /// for `evaluate`.
    #[arg(long, conflicts_with = "of")]
    hard: bool,
    /// With --hard: the share of a primer that is pressed fully, drawn anew for
    /// every shot.
    #[arg(long, value_name = "LOW..HIGH", value_parser = range, requires = "hard")]
    contact: Option<[f64; 2]>,
    /// With --hard: the share of an impression that is the firearm's own, drawn
    /// alike.
    #[arg(long, value_name = "LOW..HIGH", value_parser = range, requires = "hard")]
    fidelity: Option<[f64; 2]>,
    /// The store that the gallery goes into (a folder; made if absent).
    #[arg(long, value_name = "STORE", requires = "gallery")]
    into: Option<PathBuf>,
}

/// Writes the set.
pub fn run(args: &Args, say: Say) -> Result<End> {
    if let (Some(count), Some(into)) = (args.gallery, &args.into) {
        return gallery(count, args.seed, into, say);
    }
    let Some(dir) = &args.dir else {
        return Err(Error::new(Kind::BadInput, say!("there is no folder to write to")));
    };
    match &args.of {
        _ if args.hard => {
            let usual = HardSet { seed: args.seed, ..HardSet::default() };
            let contact = args.contact.unwrap_or(usual.contact);
            let fidelity = args.fidelity.unwrap_or(usual.fidelity);
            let scans = HardSet { contact, fidelity, ..usual }.write(dir)?;
            tell(say, say!("{scans} scans in {}", dir.display()));
        }
        Some(table) => {
            let scans = write_story(table, dir, args.seed)?;
            tell(say, say!("{scans} scans in {}", dir.display()));
        }
        None => {
            write_sample_set(dir, args.seed)?;
            tell(say, say!("samples: {}", dir.join("manifest.csv").display()));
        }
    }
    Ok(End::AllDone)
}

/// Two shares with dots between them, the lower first.
fn range(text: &str) -> std::result::Result<[f64; 2], Message> {
    let share = |text: &str| text.trim().parse::<f64>().ok().filter(|v| (0.0..=1.0).contains(v));
    let ends = text.split_once("..").and_then(|(low, high)| Some([share(low)?, share(high)?]));
    ends.filter(|[low, high]| low <= high)
        .ok_or_else(|| say!("write it as LOW..HIGH, both from 0 to 1"))
}

fn gallery(count: u64, seed: u64, into: &Path, say: Say) -> Result<End> {
    let args = StoreArgs { store: into.to_owned(), operator: None, json: None };
    let (run, store) = (this_run(&args), Store::open_or_create(into)?);
    let recipe = recipe::in_force();
    let made = pipeline::fill_gallery(&store, count, seed, &recipe, &run, &Shown::new(say))?;
    tell(say, say!("{made} synthetic casings added to {}", into.display()));
    Ok(End::AllDone)
}
