//! The model as JSON, for other programs.

use super::model::Report;
use super::seal;
use serde::Serialize;
use types::error::{Error, Kind, Result};
use types::message::say;

#[derive(Serialize)]
struct Sealed<'a> {
    seal: String,
    #[serde(flatten)]
    report: &'a Report,
}

/// The whole model, indented, with a place for its seal and a final line feed.
/// Numbers are written so that they read back exactly.
pub fn to_json(report: &Report) -> Result<String> {
    let failed = |e: serde_json::Error| {
        Error::new(Kind::Internal, say!("writing the report as JSON: {e}")).because(&e)
    };
    let sealed = Sealed { seal: seal::blank(&report.header().report_id), report };
    let mut text = serde_json::to_string_pretty(&sealed).map_err(failed)?;
    text.push('\n');
    Ok(text)
}

/// The JSON schema (draft 2020-12) of [`to_json`], indented.
pub fn json_schema() -> Result<String> {
    let mut schema = schemars::schema_for!(Report);
    let version = super::model::SCHEMA_VERSION;
    schema.insert("$id".into(), format!("urn:brasslink:report:{version}").into());
    let mut text = serde_json::to_string_pretty(&schema)
        .map_err(|e| Error::new(Kind::Internal, say!("writing the schema: {e}")).because(&e))?;
    text.push('\n');
    Ok(text)
}
