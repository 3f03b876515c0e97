//! What is wrong with a store, as data.

use super::ledger::{self, Ledger};
use super::manifest::{Manifest, RESTORE};
use super::rows::{MarkRow, ScanRow};
use super::segment;
use super::snapshot::Snapshot;
use super::view;
use super::writer::strangers;
use crate::error::{Error, Result};
use crate::evidence::{Digest, MarkId};
use std::collections::BTreeSet;
use std::path::Path;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No harm: what an interrupted writer leaves behind.
    Note,
    /// Evidence is damaged, missing or changed.
    Damage,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// A stable name of this sort of finding.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, naming the file.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl Finding {
    fn damage(id: &'static str, error: &Error) -> Self {
        let plain = Error { advice: None, ..error.clone() };
        let advice = error.advice.clone().unwrap_or_else(|| RESTORE.to_owned());
        Self { id, severity: Severity::Damage, what: plain.to_string(), advice }
    }

    fn note(id: &'static str, what: String) -> Self {
        let advice = "nothing; the next writer puts it in order".to_owned();
        Self { id, severity: Severity::Note, what, advice }
    }
}

/// Checks the store at `root`: manifest, ledger chain, every segment's digest,
/// references between rows, and leftovers. Reads every byte of the store. An
/// empty list means that all is well.
pub fn check(root: &Path) -> Vec<Finding> {
    let manifest = match Manifest::read(root) {
        Ok(manifest) => manifest,
        Err(e) => return vec![Finding::damage("manifest", &e)],
    };
    let mut findings = Vec::new();
    if let Err(e) = Ledger::read(root, &manifest) {
        findings.push(Finding::damage("ledger", &e));
    }
    for segment in &manifest.segments {
        let path = root.join("segments").join(segment.file_name());
        if let Err(e) = segment::verify(&path, segment) {
            findings.push(Finding::damage("segment", &e));
        }
    }
    if findings.is_empty() {
        let verified = manifest.segments.iter().map(|s| s.sha256).collect();
        match references(root, verified) {
            Ok(dangling) => findings.extend(dangling),
            Err(e) => findings.push(Finding::damage("content", &e)),
        }
    }
    match leftovers(root, &manifest) {
        Ok(notes) => findings.extend(notes),
        Err(e) => findings.push(Finding::damage("folder", &e)),
    }
    findings
}

fn references(root: &Path, verified: BTreeSet<Digest>) -> Result<Vec<Finding>> {
    let snapshot = Snapshot::read(root, std::sync::Arc::new(verified.into()))?;
    let mut findings = Vec::new();
    let mut dangling = |what: String| {
        findings.push(Finding {
            id: "reference",
            severity: Severity::Damage,
            what,
            advice: "import the scan it came from again".to_owned(),
        });
    };
    let casings: BTreeSet<_> = snapshot.casings()?.into_iter().map(|c| c.id).collect();
    let mut scans = BTreeSet::new();
    for ScanRow { sha256, casing, .. } in snapshot.scans()? {
        if !casings.contains(&casing) {
            dangling(format!("scan {sha256} shows casing {casing}, which has no record"));
        }
        scans.insert(sha256);
    }
    let mut marks = BTreeSet::<MarkId>::new();
    for MarkRow { id, scan, .. } in snapshot.marks()? {
        if !scans.contains(&scan) {
            dangling(format!("mark {id} was found on scan {scan}, which is not stored"));
        }
        marks.insert(id);
    }
    for template in snapshot.template_rows()? {
        if !marks.contains(&template.mark) {
            dangling(format!("there is a template of mark {}, which is not stored", template.mark));
        }
    }
    for comparison in snapshot.comparisons() {
        let comparison = comparison?;
        for mark in [&comparison.a, &comparison.b] {
            if !marks.contains(mark) {
                dangling(format!("mark {mark} was compared but is not stored"));
            }
        }
    }
    Ok(findings)
}

fn leftovers(root: &Path, manifest: &Manifest) -> Result<Vec<Finding>> {
    let mut notes = Vec::new();
    for name in strangers(root, manifest)? {
        notes.push(Finding::note("leftover", format!("segments/{name} belongs to no commit")));
    }
    let path = ledger::path(root);
    let length = std::fs::metadata(&path).map_err(|e| Error::io("reading", &path, &e))?.len();
    if length > manifest.ledger_bytes {
        notes.push(Finding::note(
            "ledger-tail",
            format!("{} has lines that belong to no commit", path.display()),
        ));
    }
    if !view::is_fresh(root) {
        notes.push(Finding::note("view", "view.h5 does not show the store as it is".to_owned()));
    }
    Ok(notes)
}
