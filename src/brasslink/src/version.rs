//! What `--version` tells: release, commit, and the recipe in force.

use imaging::prepare::Recipe;
use std::sync::LazyLock;

/// The release.
pub const SHORT: &str = env!("CARGO_PKG_VERSION");

/// Release, commit and recipe: what two laboratories compare before they
/// compare scores.
pub fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        let commit = env!("BRASSLINK_COMMIT");
        format!("{SHORT} (commit {commit}, recipe {})", Recipe::default().hash().short())
    });
    &LONG
}
