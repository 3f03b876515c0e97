//! Traces of recovered firearms: requests checked before they are sent, doubles
//! pointed out, results joined with the casings that the firearm left.
//!
//! ```text
//! Firearm + recovery ─draft, check, doubles→ TraceRequest ─tracing centre→ TraceResult
//!      TraceResult ─indicators→ what to look at; with groups of casings and scenes
//!      ─CaseFiles::history→ what it did before and after its sale, on which side of the
//!      border
//! ```
//!
//! Persons are no part of any of this but [`personal`].

pub mod doubles;
mod graph;
mod indicators;
pub mod personal;
mod request;

pub use indicators::{Indicator, indicators};
pub use request::{RequestFault, check, draft};
pub use types::evidence::{CAUTION, SHORT_DAYS, Sign, TimeToCrime};

use crate::{understood, without_claims};
use std::collections::BTreeMap;
use store::Snapshot;
use types::error::Result;
use types::evidence::{FirearmId, Shipment, TraceId, TraceRequest, TraceResult};

/// The kind of the records of requests.
pub const REQUEST: &str = "trace_request";
/// The kind of the records of results.
pub const RESULT: &str = "trace_result";
/// The kind of the records of shipments.
pub const SHIPMENT: &str = "shipment";
/// The kind of the records of encrypted personal data.
pub const PERSONAL: &str = "trace_personal";
/// The kind of the records of who read personal data.
pub const ACCESS: &str = "trace_access";

/// The traces and shipments of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// The requests, by identifier.
    pub requests: Vec<TraceRequest>,
    /// What came back on them.
    pub results: BTreeMap<TraceId, TraceResult>,
    /// The shipments, by identifier.
    pub shipments: Vec<Shipment>,
}

impl Traces {
    /// Reads the newest versions of all of a store's.
    ///
    /// # Errors
    /// [`Kind::Store`](types::error::Kind::Store), naming the record, if one
    /// cannot be understood.
    pub fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut new = Self::default();
        for record in snapshot.records_of(&[REQUEST, RESULT, SHIPMENT])? {
            // What others say of this laboratory's firearms is no trace here.
            let Some(record) = without_claims(&record)?.0 else { continue };
            match record.kind.as_str() {
                REQUEST => new.requests.push(understood(&record)?),
                SHIPMENT => new.shipments.push(understood(&record)?),
                _ => {
                    let result: TraceResult = understood(&record)?;
                    new.results.insert(result.id.clone(), result);
                }
            }
        }
        Ok(new)
    }

    /// The requests about a firearm.
    pub fn of<'a>(&'a self, firearm: &'a FirearmId) -> impl Iterator<Item = &'a TraceRequest> {
        self.requests.iter().filter(move |request| request.firearm == *firearm)
    }

    /// The shipments that a firearm was recovered from.
    pub fn shipped<'a>(&'a self, firearm: &'a FirearmId) -> impl Iterator<Item = &'a Shipment> {
        self.shipments.iter().filter(move |shipment| shipment.firearms.contains(firearm))
    }
}
