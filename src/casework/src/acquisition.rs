//! Scans that look like one acquisition under two names, until a person has
//! looked.

use super::understood;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Record, Snapshot};
use types::error::Result;
use types::evidence::{CasingId, Digest, SameAcquisition};

/// The kind of the records of such pairs of scans. Every version is kept; the
/// last one is in force.
pub const SAME_ACQUISITION: &str = "same_acquisition";

/// A pair of scans and what a person said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The finding.
    #[serde(flatten)]
    pub found: SameAcquisition,
    /// Who found that they are two acquisitions after all, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Clearing>,
}

/// A person's word that two scans are two acquisitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearing {
    /// The person who cleared it.
    pub by: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// The reason that the person gave.
    pub reason: String,
}

impl Suspicion {
    /// A finding that nobody has looked at.
    pub const fn new(found: SameAcquisition) -> Self {
        Self { found, cleared: None }
    }

    /// Its record's identifier: a pair of scans has one.
    pub fn id(&self) -> String {
        let [x, y] = self.found.scans;
        Digest::of(format!("{x}\n{y}").as_bytes()).short()
    }
}

/// Every pair of scans that was ever found to look like one acquisition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suspicions(BTreeMap<(CasingId, CasingId), Vec<Suspicion>>);

impl Suspicions {
    /// Reads them.
    ///
    /// # Errors
    /// [`Kind::Store`](types::error::Kind::Store) if a record cannot be read.
    pub fn read(snapshot: &Snapshot) -> Result<Self> {
        Self::of(&snapshot.records(SAME_ACQUISITION)?)
    }

    fn of(records: &[Record]) -> Result<Self> {
        let mut pairs = BTreeMap::<_, Vec<Suspicion>>::new();
        for record in records {
            let suspicion: Suspicion = understood(record)?;
            let pair = (suspicion.found.a.clone(), suspicion.found.b.clone());
            pairs.entry(pair).or_default().push(suspicion);
        }
        Ok(Self(pairs))
    }

    /// All that is known of two casings, in either order.
    pub fn about(&self, one: &CasingId, other: &CasingId) -> &[Suspicion] {
        let pair = (one.min(other).clone(), one.max(other).clone());
        self.0.get(&pair).map_or(&[], Vec::as_slice)
    }

    /// Whether two casings are kept apart from links, ranks and weights.
    pub fn hold(&self, one: &CasingId, other: &CasingId) -> bool {
        !self.0.is_empty() && self.about(one, other).iter().any(|s| s.cleared.is_none())
    }

    /// All of them, by casings.
    pub fn all(&self) -> impl Iterator<Item = &Suspicion> {
        self.0.values().flatten()
    }

    /// Those that nobody has cleared, of which `wanted` takes a casing.
    pub fn touching(&self, wanted: impl Fn(&CasingId) -> bool) -> Vec<SameAcquisition> {
        let open = self.all().filter(|s| s.cleared.is_none()).map(|s| &s.found);
        open.filter(|f| wanted(&f.a) || wanted(&f.b)).cloned().collect()
    }

    /// The casings kept apart from `casing`.
    pub fn of_casing(&self, casing: &CasingId) -> BTreeSet<CasingId> {
        let own = self.touching(|c| c == casing);
        own.into_iter().map(|f| if f.a == *casing { f.b } else { f.a }).collect()
    }
}
