//! `synth`: the bundled sample set, made anew.

use super::{End, Say, tell};
use crate::error::Result;
use crate::synthetic::{SAMPLE_SEED, write_sample_set};
use std::path::PathBuf;

/// `brasslink synth`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write to.
    dir: PathBuf,
    /// Seed of the guns, shots and scenes (default: the bundled set's).
    #[arg(long, default_value_t = SAMPLE_SEED)]
    seed: u64,
}

/// Writes the set.
pub fn run(args: &Args, say: Say) -> Result<End> {
    write_sample_set(&args.dir, args.seed)?;
    tell(say, format_args!("samples: {}", args.dir.join("manifest.csv").display()));
    Ok(End::AllDone)
}
