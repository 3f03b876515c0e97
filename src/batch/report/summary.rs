//! The batch summary.

use super::context::Context;
use crate::batch::{Failed, Outcome};
use crate::error::Result;
use crate::evidence::CasingId;
use crate::report::{BatchSummary, CasingEntry, Counts, Failure};
use std::collections::{BTreeMap, BTreeSet};

impl Context<'_> {
    /// What a run brought, and what the store holds after it.
    pub fn summary(
        &self,
        outcome: &Outcome,
        with_report: &BTreeSet<&CasingId>,
    ) -> Result<BatchSummary> {
        let proposed: BTreeSet<(&CasingId, &CasingId)> =
            self.linking.links.iter().map(|l| (&l.a, &l.b)).collect();
        Ok(BatchSummary {
            header: self.header("batch"),
            counts: Counts {
                rows: outcome.get("rows"),
                imported: outcome.get("imported"),
                known: outcome.get("known"),
                failed: outcome.get("failed"),
                pairs_compared: outcome.get("pairs_compared"),
                pairs_known: outcome.get("pairs_known"),
            },
            casings: self.entries(
                &self.casings.keys().collect(),
                with_report,
                &outcome.new_casings,
            ),
            groups: self.groups(),
            links: self.links(&|a, b| proposed.contains(&(a, b)) || proposed.contains(&(b, a))),
            validation: self.options.validation.clone(),
            failures: outcome.failures.iter().map(failure).collect(),
            overdue: Vec::new(),
        })
    }

    /// Some casings as a list shows them.
    pub fn entries(
        &self,
        casings: &BTreeSet<&CasingId>,
        with_report: &BTreeSet<&CasingId>,
        new: &BTreeSet<CasingId>,
    ) -> Vec<CasingEntry> {
        let first: BTreeMap<_, _> = self
            .linking
            .shortlists
            .iter()
            .filter(|s| s.rank == 1)
            .map(|s| (&s.probe, (s.candidate.clone(), s.score)))
            .collect();
        casings
            .iter()
            .filter_map(|id| self.casings.get(*id))
            .map(|casing| CasingEntry {
                casing: casing.clone(),
                has_report: with_report.contains(&casing.id),
                new: new.contains(&casing.id),
                first_candidate: first.get(&casing.id).map(|f| f.0.clone()),
                first_score: first.get(&casing.id).map(|f| f.1),
                group: self.group_of.get(&casing.id).cloned(),
            })
            .collect()
    }
}

fn failure(failed: &Failed) -> Failure {
    Failure {
        item: failed.file.clone(),
        line: failed.line,
        kind: failed.kind,
        what: failed.reason.clone(),
        advice: failed.advice.clone(),
    }
}
