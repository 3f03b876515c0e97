//! Heads of a store's ledger, signed and kept in a folder of their own.
//!
//! A store that was set back as a whole, or whose ledger was written anew, is
//! sound in itself; only who kept a head from before can tell. So a head is
//! kept after every run, and each run, and `verify`, compares those kept with
//! the store. The folder belongs where nobody can change both, and is one
//! store's only.

use super::disk::Disk;
use super::ledger::Ledger;
use super::signature::{Deposit, public_of, sign};
use super::verify::Finding;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::say;

/// Signs the head of `ledger` with the private key `pem` and keeps it in
/// `folder`, unless it is kept already. Where it is.
///
/// # Errors
/// [`Kind::Store`] if the ledger does not contain a head kept before: then the
/// store was set back or its ledger written anew; [`Kind::Io`] if it cannot be
/// kept.
pub fn keep_head(
    folder: &Path,
    ledger: &Ledger,
    pem: &str,
    who: &str,
    when: &str,
) -> Result<PathBuf> {
    let io = |e: std::io::Error| Error::io(say!("keeping the ledger's head"), folder, &e);
    std::fs::create_dir_all(folder).map_err(io)?;
    if let Some(lost) = compare_heads(folder, &public_of(pem)?, ledger)?.1.into_iter().next() {
        return Err(Error::new(Kind::Store, lost.what).at(folder).advise(lost.advice));
    }
    let head = ledger.head().to_string();
    let name = format!("head-{:08}-{}.json", ledger.entries.len(), &head[..16]);
    let path = folder.join(name);
    if !path.exists() {
        let deposit = sign(ledger, pem, who, when)?;
        let text = serde_json::to_string_pretty(&deposit).map_err(|e| {
            Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
        })?;
        Disk::default().put_new(folder, &path, (text + "\n").as_bytes())?;
    }
    Ok(path)
}

/// How many heads are kept in `folder`, and what is wrong with those of them
/// that do not bear a signature of the public key `pem`, or with `ledger` in
/// the light of the others.
///
/// # Errors
/// [`Kind::Io`] if the folder or a file in it cannot be read.
pub fn compare_heads(folder: &Path, pem: &str, ledger: &Ledger) -> Result<(usize, Vec<Finding>)> {
    let mut findings = Vec::new();
    let kept = kept(folder)?;
    for path in &kept {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::io(say!("reading a kept head"), path, &e))?;
        let said = Deposit::parse(&text).and_then(|deposit| deposit.statement(Some(pem)));
        findings.extend(match said.map(|statement| statement.holds_for(ledger)) {
            Ok(Ok(())) => None,
            Ok(Err(e)) => Some(Finding::head("head", say!("{name}: {}", e.what))),
            Err(e) => Some(Finding::head("kept-head", say!("{name}: {}", e.what))),
        });
    }
    Ok((kept.len(), findings))
}

/// The heads in a folder, by name.
fn kept(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |e: std::io::Error| Error::io(say!("reading the folder of kept heads"), folder, &e);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
