//! Reports that were issued, as the store knows them.
//!
//! Every report file carries a seal over its own bytes. The seals are recorded
//! in the store, whose ledger nobody can rewrite unnoticed: a report that was
//! changed and sealed again is not among them.

use super::ReportOptions;
use crate::batch::{Outcome, Run, commit, json};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use crate::report::{Seal, Written};
use crate::store::{Action, Batch, Entry, Ledger, Snapshot, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
}

/// Records the seals of `written`. A store that another process goes on writing
/// to is left alone, and `outcome` says so.
pub fn record(
    store: &Store,
    run: &Run,
    options: &ReportOptions,
    written: &[Written],
    outcome: &mut Outcome,
) -> Result<()> {
    let mut issues: BTreeMap<&str, Issue> = BTreeMap::new();
    for file in written {
        let issued = options.issued.clone();
        let issue = issues
            .entry(&file.report_id)
            .or_insert_with(|| Issue { issued, seals: BTreeMap::new() });
        issue.seals.insert(file.name.clone(), file.seal);
    }
    let run = Run { command: COMMAND.into(), ..run.clone() };
    let mut writer = match run.writer(store) {
        Ok(writer) => writer,
        Err(error) if error.kind == Kind::Locked => {
            outcome.warnings.push(format!(
                "the reports' seals are not recorded, because the store is in use: {}; \
                 `brasslink report` writes them again",
                error.what
            ));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    // Read under the lock: another command may issue the same report.
    let snapshot = store.snapshot()?;
    let mut batch = Batch::default();
    for (id, mut issue) in issues {
        // Other formats or languages of the same report may have been issued.
        if let Some(known) = issues_of(&snapshot, id)?.pop() {
            let mut seals = known.seals;
            seals.append(&mut issue.seals);
            issue.seals = seals;
        }
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
    let read = |e| Error::new(Kind::Store, format!("the record of report {id}: {e}"));
    versions.iter().map(|v| serde_json::from_str(&v.body).map_err(read)).collect()
}

/// Whether nothing came into the store since reports were last issued but
/// accounts of runs and what they could not use: no scan, no comparison, no
/// record, no decision.
///
/// # Errors
/// Where the store cannot be read.
pub fn is_current(store: &Store) -> Result<bool> {
    const ACCOUNTS: [&str; 3] = ["failures", "runs", "text"];
    let ledger = store.snapshot()?.ledger()?;
    let of_work = |e: &&Entry| {
        let news = e.added.keys().any(|table| !ACCOUNTS.contains(&table.as_str()));
        e.action != Action::Compact && (news || e.added.is_empty())
    };
    let last = ledger.entries.iter().rev().find(of_work);
    Ok(last.is_some_and(|e| e.command == COMMAND))
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
