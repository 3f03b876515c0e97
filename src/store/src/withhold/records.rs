//! Which records go with a casing.
//!
//! The store knows no kind of record but the casing's own. Names of scans and
//! marks are found nowhere else by chance: a record whose id or body has one is
//! about it. A casing may be called as a case or an exhibit is, so its name
//! counts where the field says so. A record about the casing, or about it and
//! one other, goes whole: what a scan measured, two scans that look like one
//! acquisition, what screening left out, a decision. Where the name stands in a
//! list, the record is about others as well, and expunging takes it out of the
//! list.

use super::Subject;
use crate::Withholding;
use crate::rows::{CASING, Record};
use serde_json::Value;

/// Fields that hold the name of a casing or, of reports, what they are about.
const NAMING: [&str; 6] = ["a", "b", "about", "casing", "record", "subject"];

/// Fields that hold lists of casings; of searches, behind the reasons.
const LISTING: [&str; 2] = ["casings", "excluded"];

impl Subject {
    /// Whether a record is about the casing alone or about it and one other.
    pub(super) fn owns(&self, record: &Record) -> bool {
        let own = record.kind == CASING && record.id == self.casing.as_str();
        own || record.id.split('/').any(|part| self.parts.contains(part))
            || self.parts.contains(&record.id)
            || self.mentioned_by(record)
                && serde_json::from_str(&record.body).is_ok_and(|body| self.is_about(&body))
    }

    /// A record as it stays when the casing is taken out; none if it goes.
    pub(super) fn without(&self, mut record: Record, by: Withholding) -> Option<Record> {
        if self.owns(&record) {
            return None;
        }
        if by == Withholding::Expunged
            && self.mentioned_by(&record)
            && let Ok(mut body) = serde_json::from_str(&record.body)
            && self.strike(&mut body, false)
        {
            record.body = body.to_string();
        }
        Some(record)
    }

    /// Cheaper than reading every body.
    fn mentioned_by(&self, record: &Record) -> bool {
        let mut names = self.parts.iter().map(String::as_str).chain([self.casing.as_str()]);
        names.any(|name| record.body.contains(name))
    }

    fn is_part(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.parts.contains(text))
    }

    fn is_casing(&self, value: &Value) -> bool {
        value.as_str() == Some(self.casing.as_str())
    }

    fn is_about(&self, body: &Value) -> bool {
        let Value::Object(fields) = body else { return self.is_part(body) };
        let naming = |field: &str| NAMING.contains(&field);
        fields.iter().any(|(f, v)| self.is_part(v) || naming(f) && self.is_casing(v))
    }

    /// Takes out of every list what is about the casing; whether there was any.
    /// `listing` says whether texts of a list are names of casings.
    fn strike(&self, value: &mut Value, listing: bool) -> bool {
        match value {
            Value::Array(items) => {
                let before = items.len();
                items.retain(|item| !(self.is_about(item) || listing && self.is_casing(item)));
                let mut any = items.len() < before;
                for item in items {
                    any |= self.strike(item, listing);
                }
                any
            }
            Value::Object(fields) => {
                let mut any = false;
                for (field, value) in fields {
                    any |= self.strike(value, LISTING.contains(&field.as_str()));
                }
                any
            }
            _ => false,
        }
    }
}
