//! What other agencies concluded about pairs of casings.
//!
//! It came with their bundles. It is shown as theirs and binds nothing here:
//! no link, no group, no hit, no clock. Whoever agrees decides here, by the
//! same commands as on any candidate, and the decision names theirs.

use super::{DECISION, Decision, understood};
use serde::Serialize;
use store::Record;
use types::error::Result;
use types::evidence::{CasingId, owner};
use types::message::{Message, ToMessage, say};

/// One agency's conclusion about a pair of casings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TheirDecision {
    /// The code of the agency that shared it.
    pub from: String,
    /// Its record.
    pub record: String,
    /// What it concluded.
    #[serde(flatten)]
    pub decision: Decision,
}

impl TheirDecision {
    /// Whether it is about this pair, in either order.
    pub fn is_about(&self, one: &CasingId, other: &CasingId) -> bool {
        (&self.decision.a, &self.decision.b) == (one.min(other), one.max(other))
    }
}

impl ToMessage for TheirDecision {
    fn to_message(&self) -> Message {
        let word = self.decision.conclusion.word();
        say!("{} concluded {word} at {}", self.from, self.decision.at)
    }
}

/// Whether a record of a decision is another agency's.
pub fn is_theirs(record: &Record) -> bool {
    record.kind == DECISION && owner(&record.id).is_some()
}

/// The decisions of other agencies among `records`, by pair and record.
///
/// # Errors
/// [`types::error::Kind::Store`] if one cannot be read.
pub fn their_decisions(records: &[Record]) -> Result<Vec<TheirDecision>> {
    let mut found = Vec::new();
    for record in records.iter().filter(|r| is_theirs(r)) {
        let from = owner(&record.id).unwrap_or_default().to_owned();
        found.push(TheirDecision {
            from,
            record: record.id.clone(),
            decision: understood(record)?,
        });
    }
    let key = |t: &TheirDecision| {
        let d = &t.decision;
        (d.a.clone(), d.b.clone(), d.at.clone(), t.record.clone())
    };
    found.sort_by_cached_key(key);
    Ok(found)
}
