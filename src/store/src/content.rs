//! What a store says, apart from when, how and in how many files it was said:
//! two stores with the same content hold the same evidence and results.

use super::rows::{MarkRow, Record, ScanRow};
use super::snapshot::Snapshot;
use serde::Serialize;
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// One part of the content: how many things, and a digest of them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// How many.
    pub count: u64,
    /// SHA-256 over the identity and the digest of each, sorted by identity.
    pub sha256: Digest,
}

/// Kinds of records that tell of the store's history: a report that was issued
/// names the ledger's head, a bundle likewise, an access to personal data is itself in the
/// ledger, and what a screening or a search left out and where bonds contradict
/// scores follows from the order in which casings came.
const HISTORY: [&str; 7] = [
    "bundle_received",
    "bundle_sent",
    "link_conflicts",
    "report",
    "screening",
    "search",
    "trace_access",
];

/// The content of a store, part by part. Runs, failures and records of the
/// history are left out: they tell of the work, not of the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Every part by its name.
    pub parts: BTreeMap<&'static str, Part>,
    /// SHA-256 over all parts.
    pub sha256: Digest,
}

/// Digests of things by their identity.
type Things = BTreeMap<String, Digest>;

fn digest<T: Serialize>(value: &T) -> Result<Digest> {
    let json = serde_json::to_vec(value)
        .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
    Ok(Digest::of(&json))
}

impl Snapshot {
    /// What the store holds, in a form that does not depend on how it came
    /// there. Reads everything.
    ///
    /// # Errors
    /// [`Kind::Store`] if something cannot be read.
    pub fn content(&self) -> Result<Content> {
        let mut parts = BTreeMap::new();
        for (name, things) in [
            ("records", self.record_digests()?),
            ("scans", self.scan_digests()?),
            ("marks", self.mark_digests()?),
            ("templates", self.template_digests()?),
            ("comparisons", self.comparison_digests()?),
            ("linking", self.linking_digest()?),
        ] {
            let part = Part { count: things.len() as u64, sha256: digest(&things)? };
            parts.insert(name, part);
        }
        let sha256 = digest(&parts)?;
        Ok(Content { parts, sha256 })
    }

    fn record_digests(&self) -> Result<Things> {
        let mut things = Things::new();
        self.each(|_, r: Record| {
            if HISTORY.contains(&r.kind.as_str()) {
                return;
            }
            let told = format!("{}\n{}\n{}", r.author, r.reason, r.body);
            let id = format!("{}/{}/{:010}", r.kind, r.id, r.version);
            things.insert(id, Digest::of(told.as_bytes()));
        })?;
        Ok(things)
    }

    fn scan_digests(&self) -> Result<Things> {
        let mut things = Things::new();
        self.each(|_, scan: ScanRow| {
            // The scan's own digest, its id, stands for its bytes.
            things.insert(scan.sha256.to_string(), Digest::of(format!("{scan:?}").as_bytes()));
        })?;
        Ok(things)
    }

    fn mark_digests(&self) -> Result<Things> {
        let mut rows = Vec::new();
        self.each(|_, mark: MarkRow| rows.push(mark))?;
        let mut things = Things::new();
        for row in rows {
            let values = self.mark(&row.id)?.values;
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_bits().to_le_bytes()).collect();
            let told = format!("{row:?}\n{}", Digest::of(&bytes));
            things.insert(row.id.to_string(), Digest::of(told.as_bytes()));
        }
        Ok(things)
    }

    fn template_digests(&self) -> Result<Things> {
        let mut things = Things::new();
        self.each_template(|row, bytes| {
            things.insert(format!("{}/{}", row.mark, row.recipe), Digest::of(bytes));
        })?;
        Ok(things)
    }

    fn comparison_digests(&self) -> Result<Things> {
        let mut things = Things::new();
        self.each_comparison(|_, row, cells| {
            let told = format!("{row:?}\n{cells:?}");
            let id = format!("{}/{}/{}", row.a, row.b, row.recipe);
            things.insert(id, Digest::of(told.as_bytes()));
        })?;
        Ok(things)
    }

    fn linking_digest(&self) -> Result<Things> {
        let linking = self.linking()?.map(|linking| format!("{linking:?}"));
        Ok(linking.map(|l| ("linking".to_owned(), Digest::of(l.as_bytes()))).into_iter().collect())
    }
}
