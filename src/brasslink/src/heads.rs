//! Heads of the ledger, signed and kept after each command that writes.

use super::keys::read_private;
use super::now;
use std::env::var_os;
use std::path::{Path, PathBuf};
use store::{Store, keep_head};
use types::error::{Error, Kind, Result};
use types::message::say;

/// The folder in which heads are kept.
const FOLDER: &str = "BRASSLINK_HEADS";
/// The Ed25519 private key (PEM) with which they are signed.
const KEY: &str = "BRASSLINK_HEAD_KEY";

/// What `--help` says of it.
pub const HELP: &str = "\
With BRASSLINK_HEADS=FOLDER and BRASSLINK_HEAD_KEY=KEY set, the ledger's head is
signed with KEY and kept in FOLDER after every command that writes, and compared
with those kept before. FOLDER belongs where nobody can change both, one for each
store; `brasslink store verify --heads FOLDER` checks it.";

/// Keeps the head of the store at `root`, where a key and a folder are set.
/// Fails loudly if a head kept before is not in the store's history any more.
pub fn keep(root: &Path, who: &str) -> Result<()> {
    let set = |name: &str| var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let (folder, key) = match (set(FOLDER), set(KEY)) {
        (None, None) => return Ok(()),
        (Some(folder), Some(key)) => (folder, key),
        _ => {
            let what = say!("of {FOLDER} and {KEY}, one is set and the other is not");
            return Err(Error::new(Kind::BadInput, what).advise(say!("set both, or neither")));
        }
    };
    let pem = read_private(&key)?;
    let ledger = Store::open(root)?.snapshot()?.ledger()?;
    keep_head(&folder, &ledger, &pem, who, &now()).map(drop)
}
