//! The batch summary.

use super::context::Context;
use crate::Counted;
use crate::{Failed, Outcome, clock, judged, progress_of_exhibits};
use casework::{self, WatchNotice};
use report::{BatchSummary, CasingEntry, Counts, Failure, Overdue, WatchedLink};
use std::collections::BTreeSet;
use types::error::Result;
use types::evidence::{CasingId, Moment};

impl Context<'_> {
    /// What a run brought, and what the store holds after it.
    pub fn summary(
        &self,
        outcome: &Outcome,
        with_report: &BTreeSet<&CasingId>,
    ) -> Result<BatchSummary> {
        let proposed: BTreeSet<(&CasingId, &CasingId)> =
            self.files.links.iter().map(|l| (&l.a, &l.b)).collect();
        Ok(BatchSummary {
            header: self.header("batch", &|_| true),
            objections: self.objections(),
            watched: outcome.watched.iter().map(watched).collect(),
            news: outcome.news.clone(),
            counts: Counts {
                rows: outcome.get(Counted::Rows),
                imported: outcome.get(Counted::Imported),
                known: outcome.get(Counted::Known),
                failed: outcome.get(Counted::Failed),
                pairs_compared: outcome.get(Counted::PairsCompared),
                pairs_known: outcome.get(Counted::PairsKnown),
            },
            casings: self.entries(
                &self.casings().keys().collect(),
                with_report,
                &outcome.news.iter().map(|n| n.casing.clone()).collect(),
            ),
            groups: self.groups(),
            links: self.links(&|a, b| proposed.contains(&(a, b)) || proposed.contains(&(b, a))),
            judged: judged(self.snapshot)?,
            validation: self.options.validation.clone(),
            failures: outcome.failures.iter().map(failure).collect(),
            overdue: self.overdue()?,
        })
    }

    /// Exhibits whose next step is late on the day of issue.
    fn overdue(&self) -> Result<Vec<Overdue>> {
        let Ok(day) = self.options.issued.parse::<Moment>() else { return Ok(Vec::new()) };
        let (items, clock) = (progress_of_exhibits(self.snapshot)?, clock(self.snapshot)?);
        let late = casework::overdue(&items, &clock, day.earliest());
        let shown = |o: casework::Overdue| Overdue {
            item: o.item,
            step: o.step.words(),
            due: Moment::Instant(o.due).day().to_string(),
        };
        Ok(late.into_iter().map(shown).collect())
    }

    /// Some casings as a list shows them.
    pub fn entries(
        &self,
        casings: &BTreeSet<&CasingId>,
        with_report: &BTreeSet<&CasingId>,
        new: &BTreeSet<CasingId>,
    ) -> Vec<CasingEntry> {
        casings
            .iter()
            .filter_map(|id| self.casings().get(*id))
            .map(|casing| CasingEntry {
                casing: casing.clone(),
                has_report: with_report.contains(&casing.id),
                new: new.contains(&casing.id),
                first_candidate: self.first.get(&casing.id).map(|f| f.0.clone()),
                first_score: self.first.get(&casing.id).map(|f| f.1),
                group: self.files.group_of(&casing.id).map(|g| g.id.clone()),
            })
            .collect()
    }
}

fn watched(notice: &WatchNotice) -> WatchedLink {
    WatchedLink {
        a: notice.a.clone(),
        b: notice.b.clone(),
        what: notice.what.clone(),
        why: notice.why.clone(),
        by: notice.by.clone(),
        at: notice.at.clone(),
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
