//! `synth`: the bundled sample set, made anew, the scans of a story, or a
//! gallery of any size.

use super::progress::Shown;
use super::this_run::{StoreArgs, this_run};
use super::{End, Say, tell};
use crate::recipe;
use std::path::{Path, PathBuf};
use store::Store;
use synthetic::{SAMPLE_SEED, write_sample_set, write_story};
use types::error::{Error, Kind, Result};
use types::message::say;

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
    #[arg(long, value_name = "N", requires = "into", conflicts_with_all = ["dir", "of"])]
    gallery: Option<u64>,
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

fn gallery(count: u64, seed: u64, into: &Path, say: Say) -> Result<End> {
    let args = StoreArgs { store: into.to_owned(), operator: None, json: None };
    let (run, store) = (this_run(&args), Store::open_or_create(into)?);
    let recipe = recipe::in_force();
    let made = pipeline::fill_gallery(&store, count, seed, &recipe, &run, &Shown::new(say))?;
    tell(say, say!("{made} synthetic casings added to {}", into.display()));
    Ok(End::AllDone)
}
