//! As much of JSON schema as the published one uses.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;

/// Holds a value against the keywords of JSON schema that the published one
/// uses; any other keyword fails.
pub fn follows(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Value::Object(rules) = schema else { return Ok(()) };
    let no = |what: &str| Err(format!("{what}: {value} against {schema}"));
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("type {other}"),
    };
    for (rule, asked) in rules {
        let all = || asked.as_array().unwrap().iter();
        match rule.as_str() {
            "$ref" => {
                let place = asked.as_str().unwrap().trim_start_matches('#');
                follows(root, root.pointer(place).expect("a definition"), value)?;
            }
            "type" if asked.is_array() => {
                if !all().any(is) {
                    return no("type");
                }
            }
            "type" if !is(asked) => return no("type"),
            "const" if value != asked => return no("const"),
            "enum" if !all().any(|v| v == value) => return no("enum"),
            "anyOf" | "oneOf" => {
                if !all().any(|s| follows(root, s, value).is_ok()) {
                    let why: Vec<_> = all().map(|s| follows(root, s, value)).collect();
                    return Err(format!("none fits: {why:?}"));
                }
            }
            "allOf" => all().try_for_each(|s| follows(root, s, value))?,
            "required" => {
                if let Some(lacking) = all().find(|k| value.get(k.as_str().unwrap()).is_none()) {
                    return Err(format!("{lacking} is missing"));
                }
            }
            "properties" => {
                for (key, schema) in asked.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        follows(root, schema, inner).map_err(|e| format!("{key}: {e}"))?;
                    }
                }
            }
            "items" => {
                for inner in value.as_array().into_iter().flatten() {
                    follows(root, asked, inner)?;
                }
            }
            "minimum" => {
                if value.as_f64().is_some_and(|v| v < asked.as_f64().unwrap()) {
                    return no("minimum");
                }
            }
            "type"
            | "const"
            | "enum"
            | "description"
            | "title"
            | "format"
            | "$defs"
            | "$schema"
            | "$id"
            | "additionalProperties"
            | "default"
            | "maximum"
            | "minItems"
            | "maxItems" => {}
            other => panic!("the test does not know {other}"),
        }
    }
    Ok(())
}
