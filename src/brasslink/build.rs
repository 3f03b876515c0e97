//! Tells the program of which commit it was built.

use std::process::Command;

fn main() {
    // A package built without its repository names the commit itself.
    println!("cargo::rerun-if-env-changed=BRASSLINK_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let git = |args: &[&str]| {
        let out = Command::new("git").args(args).output().ok().filter(|o| o.status.success())?;
        Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    // Grows with every commit and change of branch.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = std::env::var("BRASSLINK_COMMIT")
        .ok()
        .or_else(|| git(&["rev-parse", "--short=12", "HEAD"]))
        .unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=BRASSLINK_COMMIT={commit}");
}
