//! `--instruments`: what a laboratory says of its instruments.

use imaging::acquire::Profiles;
use std::path::{Path, PathBuf};
use types::error::Result;

/// Where the profiles of the instruments lie.
#[derive(clap::Args)]
pub struct InstrumentsArgs {
    /// Profiles of the instruments, a TOML file each: order of the rows, casts,
    /// units, known faults (default: `instruments` beside the manifest).
    #[arg(long = "instruments", value_name = "DIR")]
    instruments: Option<PathBuf>,
}

impl InstrumentsArgs {
    /// The folder, where one is given.
    pub fn folder(&self) -> Option<&Path> {
        self.instruments.as_deref()
    }

    /// The profiles in it; none where it is not given.
    pub fn profiles(&self) -> Result<Profiles> {
        self.folder().map_or_else(|| Ok(Profiles::default()), Profiles::read)
    }
}
