//! Fields of a record by dotted paths.

use serde_json::{Map, Value};

/// Sets the field at a dotted path.
pub(super) fn put(body: &mut Value, path: &str, value: Value) {
    let mut place = body;
    for part in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(part).or_insert(Value::Null);
    }
    *place = value;
}

/// The field at a dotted path.
pub(super) fn at<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(body, |place, part| place.get(part))
}

/// Takes out what is unknown; whether nothing is left.
pub(super) fn drop_empty(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !drop_empty(field));
            fields.is_empty()
        }
        other => other.is_null(),
    }
}
