//! What several test files share.

use std::path::PathBuf;

/// A file or folder of the reference data, which the project does not carry;
/// `None` (said on standard error) where it is absent.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BRASSLINK_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: {} is absent", found.display());
    None
}
