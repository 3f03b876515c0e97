//! Failures as Python exceptions.

use pyo3::prelude::*;
use types::error::{Error, Kind};
use types::message::{Message, say};

/// The exception `brasslink.BrasslinkError` of a failure; a failure to raise
/// it where the package is not whole.
pub fn raise(error: Error) -> PyErr {
    Python::attach(|py| {
        let made = py.import("brasslink._errors").and_then(|module| {
            let Error { kind, what, path, advice, .. } = error;
            module.getattr("BrasslinkError")?.call1((
                kind.code(),
                what.to_string(),
                path,
                advice.map(|advice| advice.to_string()),
            ))
        });
        made.map_or_else(|e| e, PyErr::from_value)
    })
}

/// Something given that cannot be used.
pub fn bad(what: Message, advice: Message) -> PyErr {
    raise(Error::new(Kind::BadInput, what).advise(advice))
}

/// A word of one of the closed lists, such as `breech_face`.
pub fn word<T: std::str::FromStr<Err = Error>>(text: &str) -> PyResult<T> {
    text.parse().map_err(raise)
}

/// JSON of something that has it.
pub fn json<T: serde::Serialize>(value: &T) -> PyResult<String> {
    serde_json::to_string(value)
        .map_err(|e| raise(Error::new(Kind::Internal, say!("no JSON could be made: {e}"))))
}
