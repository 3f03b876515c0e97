//! What examiners concluded, as reports show it.

use super::context::Context;
use casework::{Conclusion, Decided};
use report::{Concluded, ConclusionKind, ConclusionStatus, Decisions};
use types::evidence::CasingId;

impl Context<'_> {
    /// The conclusions about pairs that `about` holds for, and the conflicts
    /// with the scores among them.
    pub fn decisions(&self, about: &dyn Fn(&str, &str) -> bool) -> Decisions {
        let all = self.files.review.all().iter();
        let all = all.filter(|d| about(d.a.as_str(), d.b.as_str()));
        Decisions {
            concluded: all.map(|d| self.concluded(d)).collect(),
            conflicts: self.conflicts.iter().filter(|c| about(&c.a, &c.b)).cloned().collect(),
        }
    }

    /// What a reader of everything must know: pairs about which persons
    /// disagree, and every conflict with the scores.
    pub fn objections(&self) -> Decisions {
        let review = &self.files.review;
        let contested = |a: &str, b: &str| {
            let ids =
                CasingId::try_from(a.to_owned()).ok().zip(CasingId::try_from(b.to_owned()).ok());
            ids.is_some_and(|(a, b)| !review.dissent(&a, &b).is_empty())
        };
        let Decisions { concluded, .. } = self.decisions(&contested);
        Decisions { concluded, conflicts: self.conflicts.clone() }
    }

    /// What one casing's report tells.
    pub fn decisions_about(&self, casing: &CasingId) -> Decisions {
        self.decisions(&|a, b| a == casing.as_str() || b == casing.as_str())
    }

    fn concluded(&self, d: &Decided) -> Concluded {
        let review = &self.files.review;
        let status = if review.state(&d.a, &d.b) == Some(d) {
            ConclusionStatus::InForce
        } else if review.dissent(&d.a, &d.b).contains(&d) {
            ConclusionStatus::Contested
        } else if review.standing(&d.a, &d.b).contains(&d) {
            ConclusionStatus::Stands
        } else {
            ConclusionStatus::Superseded
        };
        Concluded {
            a: d.a.clone(),
            b: d.b.clone(),
            conclusion: kind_of(d.conclusion),
            by: d.by.clone(),
            withdraws: d.withdraws.clone(),
            at: d.at.clone(),
            entry: d.entry,
            status,
        }
    }
}

/// A conclusion as reports and letters have it.
pub const fn kind_of(conclusion: Conclusion) -> ConclusionKind {
    match conclusion {
        Conclusion::Lead => ConclusionKind::Lead,
        Conclusion::Inconclusive => ConclusionKind::Inconclusive,
        Conclusion::Hit => ConclusionKind::Hit,
        Conclusion::Eliminated => ConclusionKind::Eliminated,
        Conclusion::Withdrawn => ConclusionKind::Withdrawn,
    }
}
