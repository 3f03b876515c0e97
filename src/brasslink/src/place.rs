//! The evidence store that a command works on, named in one way everywhere.

use std::ops::Deref;
use std::path::{Path, PathBuf};

/// `--store DIR`. Some commands took the folder as their first word once; they
/// still do, without saying so.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct StoreAt {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    #[arg(value_name = "STORE", hide = true)]
    first: Option<PathBuf>,
}

impl Deref for StoreAt {
    type Target = Path;
    fn deref(&self) -> &Path {
        // Clap sees to it that one of the two is there.
        self.store.as_deref().or(self.first.as_deref()).unwrap_or(Path::new(""))
    }
}

impl AsRef<Path> for StoreAt {
    fn as_ref(&self) -> &Path {
        self
    }
}
