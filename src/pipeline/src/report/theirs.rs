//! What other agencies say, as reports show it.

use super::context::Context;
use casework::{Conclusion, TheirDecision};
use report::{Saying, TheirWord};
use types::evidence::{CasingId, Claim, SAME_SCAN};

impl Context<'_> {
    /// What other agencies concluded about a casing, or say of it.
    pub fn theirs_about(&self, casing: &CasingId) -> Vec<TheirWord> {
        let decided = self.files.theirs.iter();
        let decided = decided.filter(|t| [&t.decision.a, &t.decision.b].contains(&casing));
        let claims = self.files.register.claims.iter();
        let claims = claims.filter(|c| c.about_kind == "casing" && c.about == casing.as_str());
        words(decided, claims)
    }
}

/// Conclusions and claims of other agencies as the words of a report.
pub fn words<'a>(
    decided: impl IntoIterator<Item = &'a TheirDecision>,
    claims: impl IntoIterator<Item = &'a Claim>,
) -> Vec<TheirWord> {
    let decided = decided.into_iter().map(|t| TheirWord {
        from: t.from.clone(),
        record: format!("decision/{}", t.record),
        says: match t.decision.conclusion {
            Conclusion::Lead => Saying::Lead,
            Conclusion::Inconclusive => Saying::Inconclusive,
            Conclusion::Hit => Saying::Hit,
            Conclusion::Eliminated => Saying::Eliminated,
            Conclusion::Withdrawn => Saying::Withdrawn,
        },
        about: [&t.decision.a, &t.decision.b].map(ToString::to_string).into(),
        at: Some(t.decision.at.clone()),
    });
    let claims = claims.into_iter().map(|c| TheirWord {
        from: c.by.clone(),
        record: format!("{}/{}", c.kind, c.record),
        says: if c.field == SAME_SCAN { Saying::SameScan } else { Saying::Names },
        about: vec![format!("{}/{}", c.about_kind, c.about)],
        at: None,
    });
    decided.chain(claims).collect()
}
