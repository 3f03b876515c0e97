//! `synth`: the bundled sample set, made anew, or the scans of a story.

use super::{End, Say, tell};
use std::path::PathBuf;
use synthetic::{SAMPLE_SEED, write_sample_set, write_story};
use types::error::Result;

/// `brasslink synth`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write to.
    dir: PathBuf,
    /// Seed of the guns, shots and scenes (default: the bundled set's).
    #[arg(long, default_value_t = SAMPLE_SEED)]
    seed: u64,
    /// Compute the scans of this table instead: which firearm fired which
    /// casing (an example is samples/scenario/elpaso/truth.csv).
    #[arg(long, value_name = "FILE")]
    of: Option<PathBuf>,
}

/// Writes the set.
pub fn run(args: &Args, say: Say) -> Result<End> {
    match &args.of {
        Some(table) => {
            let scans = write_story(table, &args.dir, args.seed)?;
            tell(say, format_args!("{scans} scans in {}", args.dir.display()));
        }
        None => {
            write_sample_set(&args.dir, args.seed)?;
            tell(say, format_args!("samples: {}", args.dir.join("manifest.csv").display()));
        }
    }
    Ok(End::AllDone)
}
