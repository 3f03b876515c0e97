//! What another agency says of things that are not its own.
//!
//! Whoever shares a record may name in it things that belong to this
//! laboratory: a firearm that a casing is said to be a test fire of, a case
//! that a scene is said to belong to. That is told as what it is, a claim; it
//! joins nothing and binds nothing here (docs/SECURITY.md).

use super::owner;
use super::table::KINDS;
use crate::message::{Message, ToMessage, say};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of the record that a scan which another agency shared is here as
/// that of another casing, and what such a claim has as its field.
pub const SAME_SCAN: &str = "same_scan";

/// One thing that another agency says of what is not its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// The code of the agency that says so.
    pub by: String,
    /// The kind of the record in which it does.
    pub kind: String,
    /// That record.
    pub record: String,
    /// The column that names the thing.
    pub field: String,
    /// The kind of the thing: `casing`, `firearm`, `event`, `case`.
    pub about_kind: String,
    /// The thing.
    pub about: String,
}

impl ToMessage for Claim {
    fn to_message(&self) -> Message {
        let Self { by, kind, record, field, about_kind, about } = self;
        if field == SAME_SCAN {
            return say!("{kind} {record} of {by} is the same scan as {about_kind} {about}");
        }
        say!("{by} says so: {kind} {record} has {field} {about} (your {about_kind})")
    }
}

/// The record of kind `kind` that is left of `body` when what it says of things
/// that are not its agency's is taken out, and what that was. Records of one's
/// own stay as they are.
///
/// # Errors
/// Where the body is not JSON.
pub fn own_words(
    kind: &str,
    id: &str,
    body: &str,
) -> serde_json::Result<(Option<String>, Vec<Claim>)> {
    let table = KINDS.iter().find(|k| k.name == kind && owner(id).is_some());
    let Some(table) = table else {
        return Ok((Some(body.to_owned()), Vec::new()));
    };
    let mut value = serde_json::from_str(body)?;
    let (claims, stands) = table.set_aside(id, &mut value);
    Ok((stands.then(|| value.to_string()), claims))
}
