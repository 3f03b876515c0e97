//! What a report says of itself.

use super::SCHEMA_VERSION;
use crate::laboratory::Laboratory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::{Digest, SameAcquisition};

/// An earlier issue of a report; it stays what it was, and may be superseded
/// in what it finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replaced {
    /// Its identifier.
    pub report_id: String,
    /// Day of its issue, ISO 8601.
    pub issued: String,
}

/// What ISO/IEC 17025:2017, 7.8.2 asks of every report.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReportHeader {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// The report's unique identifier.
    pub report_id: String,
    /// A title that replaces the usual one of this kind of report.
    pub title: Option<String>,
    /// Who issues it.
    pub laboratory: Laboratory,
    /// Who asked for it.
    pub customer: Option<String>,
    /// Day the items were received, ISO 8601.
    pub received: Option<String>,
    /// Day the comparison was made, ISO 8601.
    pub performed: Option<String>,
    /// Day of issue, ISO 8601.
    pub issued: Option<String>,
    /// Name and version of the program.
    pub software: String,
    /// Hash of the recipe that prepared and compared the marks.
    pub recipe: Digest,
    /// Head of the store's audit ledger when the report was made.
    pub ledger_head: Option<Digest>,
    /// Who authorised the report.
    pub authorised_by: Option<String>,
    /// Departures from the method.
    pub deviations: Vec<String>,
    /// What this issue changes in an earlier one.
    pub amendments: Vec<String>,
    /// Limitations beyond the standing ones that every report states.
    pub limitations: Vec<String>,
    /// The issue of this report that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Replaced>,
    /// Pairs of casings, one of them shown here, whose scans look like one
    /// acquisition under two names; no link, rank or weight rests on them.
    #[serde(default)]
    pub same_acquisition: Vec<SameAcquisition>,
}

impl ReportHeader {
    /// A header with this program's name and version and nothing optional.
    pub fn new(report_id: impl Into<String>, recipe: Digest, laboratory: Laboratory) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            report_id: report_id.into(),
            title: None,
            laboratory,
            customer: None,
            received: None,
            performed: None,
            issued: None,
            software: concat!("brasslink ", env!("CARGO_PKG_VERSION")).into(),
            recipe,
            ledger_head: None,
            authorised_by: None,
            deviations: Vec::new(),
            amendments: Vec::new(),
            limitations: Vec::new(),
            replaces: None,
            same_acquisition: Vec::new(),
        }
    }
}
