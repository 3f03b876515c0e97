//! The model as JSON, for other programs.

use super::model::Report;
use crate::error::{Error, Kind, Result};

/// The whole model, indented, with a final line feed. Numbers are written so
/// that they read back exactly.
pub fn to_json(report: &Report) -> Result<String> {
    let mut text = serde_json::to_string_pretty(report)
        .map_err(|e| Error::new(Kind::Internal, format!("writing the report as JSON: {e}")))?;
    text.push('\n');
    Ok(text)
}
