//! Reports that were issued, as the store knows them.
//!
//! Every report file carries a seal over its own bytes. The seals are recorded
//! in the store, whose ledger nobody can rewrite unnoticed: a report that was
//! changed and sealed again is not among them.

use super::ReportOptions;
use crate::{Outcome, Run, commit, json};
use report::{Seal, Written};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Action, Batch, Entry, Ledger, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// The kind of the records of issued reports.
pub const ISSUED: &str = "report";
/// How the ledger calls the commits that hold nothing but seals.
const COMMAND: &str = "record issued reports";

/// One issue of one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Day of issue, ISO 8601.
    pub issued: String,
    /// The seal of each of its files, by the file's name within the folder.
    pub seals: BTreeMap<String, Seal>,
    /// What it is about; none in issues of older versions of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Which issue about that subject it is, from 1.
    #[serde(default)]
    pub number: u64,
    /// Digest of what it finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// The last ledger entry of the store that it describes.
    #[serde(default)]
    pub seq: u64,
    /// The same of the issue before; what came later is new in this one.
    #[serde(default)]
    pub since: u64,
}

/// A report's last issue.
#[derive(Clone, Debug)]
pub struct Last {
    /// Its identifier.
    pub report_id: String,
    /// What is recorded of it.
    pub issue: Issue,
}

/// The last issue about every subject.
///
/// # Errors
/// Where the store cannot be read.
pub fn last_issues(snapshot: &Snapshot) -> Result<BTreeMap<String, Last>> {
    let mut last: BTreeMap<String, Last> = BTreeMap::new();
    for record in snapshot.records(ISSUED)? {
        let issue: Issue = serde_json::from_str(&record.body).map_err(|e| {
            Error::new(Kind::Store, say!("the record of report {}: {e}", record.id)).because(&e)
        })?;
        let Some(subject) = issue.subject.clone() else { continue };
        if last.get(&subject).is_none_or(|known| known.issue.number < issue.number) {
            last.insert(subject, Last { report_id: record.id, issue });
        }
    }
    Ok(last)
}

/// A report that was written, to be recorded.
pub struct Made {
    /// What it is about.
    pub subject: String,
    /// Digest of what it finds; none where a part of it could not be written.
    pub content: Option<Digest>,
    /// Its files.
    pub written: Vec<Written>,
}

/// Records the seals of what was `made` from the store as it was at entry
/// `seq`. A store that another process goes on writing
/// to is left alone, and
/// `outcome` says so.
pub fn record(
    store: &Store,
    run: &Run,
    options: &ReportOptions,
    (seq, last): (u64, &BTreeMap<String, Last>),
    made: &[Made],
    outcome: &mut Outcome,
) -> Result<()> {
    let run = Run { command: COMMAND.into(), ..run.clone() };
    let mut writer = match run.writer(store) {
        Ok(writer) => writer,
        Err(error) if error.kind == Kind::Locked => {
            outcome.warnings.push(say!(
                "the reports' seals are not recorded, because the store is in use: {}; \
                 `brasslink report --all` writes them again",
                error.what
            ));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    // Read under the lock: another command may issue the same report.
    let snapshot = store.snapshot()?;
    let mut batch = Batch::default();
    for Made { subject, content, written } in made {
        let Some(id) = written.first().map(|file| &file.report_id) else { continue };
        // Other formats or languages of the same report may have been issued.
        let known = issues_of(&snapshot, id)?.pop();
        let before = last.get(subject).map_or((0, 0), |l| (l.issue.number, l.issue.seq));
        let mut seals = known.as_ref().map(|k| k.seals.clone()).unwrap_or_default();
        seals.extend(written.iter().map(|file| (file.name.clone(), file.seal)));
        let issue = Issue {
            issued: options.issued.clone(),
            seals,
            subject: Some(subject.clone()),
            number: known.as_ref().map_or(before.0 + 1, |k| k.number.max(1)),
            since: known.as_ref().map_or(before.1, |k| k.since),
            content: *content,
            seq,
        };
        batch.add_record(ISSUED, id, json(&issue)?, run.who.clone(), "issued");
    }
    commit(&mut writer, batch, &run)
}

/// Every issue of the report called `id`, oldest first.
///
/// # Errors
/// Where the store cannot be read.
pub fn issues_of(snapshot: &Snapshot, id: &str) -> Result<Vec<Issue>> {
    let versions = snapshot.versions(ISSUED, id)?;
    let read = |e: serde_json::Error| {
        Error::new(Kind::Store, say!("the record of report {id}: {e}")).because(&e)
    };
    versions.iter().map(|v| serde_json::from_str(&v.body).map_err(read)).collect()
}

/// The hash after the last commit that was about evidence, with its entry: the
/// seals of reports that were recorded since, and the merging of segments,
/// change no finding.
pub fn evidence_head(ledger: &Ledger) -> (Digest, Option<&Entry>) {
    let mut head = ledger.head();
    for entry in ledger.entries.iter().rev() {
        if entry.command != COMMAND && entry.action != Action::Compact {
            return (head, Some(entry));
        }
        head = entry.prev;
    }
    (head, None)
}
