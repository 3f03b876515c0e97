//! What is new since the last index was issued.

use super::context::Context;
use report::{NewCandidate, NewCasing};
use std::collections::BTreeSet;
use types::error::Result;
use types::evidence::CasingId;

/// Candidates told of each new casing.
const TOLD: u32 = 3;

impl Context<'_> {
    /// The casings whose first scan came after the last index, each with its
    /// best candidates. A run that was interrupted before its index leaves them
    /// new to the next one.
    pub fn news(&self) -> Result<Vec<NewCasing>> {
        let again = self.header("batch", &|_| false).report_id;
        let since = self.last.get("batch").map_or(0, |last| {
            // The very issue may be written again, to another folder.
            if last.report_id == again { last.issue.since } else { last.issue.seq }
        });
        let entered = self.snapshot.entered()?;
        let new: BTreeSet<CasingId> =
            entered.into_iter().filter(|(_, seq)| *seq > since).map(|(id, _)| id).collect();
        new.into_iter().map(|id| self.new_casing(id)).collect()
    }

    fn new_casing(&self, id: CasingId) -> Result<NewCasing> {
        let mut candidates: Vec<NewCandidate> = self
            .shortlists
            .get(&id)
            .into_iter()
            .flatten()
            .filter(|row| row.rank <= TOLD)
            .map(|row| NewCandidate {
                rank: row.rank,
                casing: row.candidate.clone(),
                score: row.score,
                congruent_cells: row.congruent_cells,
                weight: None,
            })
            .collect();
        let draft = self.draft(&id)?;
        for candidate in &mut candidates {
            candidate.weight = self.weight_in(&draft, &candidate.casing);
        }
        let group = self.files.group_of(&id).map(|g| g.id.clone());
        Ok(NewCasing { casing: id, candidates, group })
    }
}
