//! The seal that every format bears, and JSON's schema. PDFs are tested where they
//! are set: src/typeset/tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use crate::made::{issued, named};
use report::{Format, Look, export, inspect, json_schema};
use serde_json::Value;
use testkit::schema::follows;
use types::error::Kind;

#[test]
fn every_format_is_sealed_and_one_edited_byte_shows() {
    let report = issued();
    for format in Format::USUAL {
        let (bytes, seal) = export(&report, &Look::default(), *format).unwrap();
        let inspection = inspect(&bytes).unwrap();
        assert!(inspection.intact(), "{format:?}");
        assert_eq!(inspection.stated, Some(seal));
        for at in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 2] {
            let mut edited = bytes.clone();
            edited[at] = edited[at].wrapping_add(1);
            assert!(!inspect(&edited).is_some_and(|i| i.intact()), "{format:?}, byte {at}");
        }
        let again = export(&report, &Look::default(), *format).unwrap();
        assert!(again.0 == bytes, "{format:?} is not the same twice");
    }
}

#[test]
fn a_casing_named_like_a_seal_changes_no_seal() {
    let zeros = format!("brasslink-seal:x:{}", "0".repeat(64));
    let page = format!("<meta name=\"brasslink-seal\" content=\"{zeros}\">");
    for (name, format) in
        [&zeros, &page].into_iter().flat_map(|n| Format::USUAL.iter().map(move |f| (n, f)))
    {
        let report = named(name);
        let (bytes, seal) = export(&report, &Look::default(), *format).unwrap();
        let found = inspect(&bytes).unwrap();
        assert_eq!((found.intact(), found.stated), (true, Some(seal)), "{format:?}");
        assert_ne!(found.report_id, "x");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(&"0".repeat(64)), "{format:?}: the name is there as it is");
    }
}

#[test]
fn json_follows_its_published_schema() {
    let root: Value = serde_json::from_str(&json_schema().unwrap()).unwrap();
    let (bytes, _) = export(&issued(), &Look::default(), Format::Json).unwrap();
    let mut report: Value = serde_json::from_slice(&bytes).unwrap();
    follows(&root, &root, &report).unwrap();
    report["findings"][0]["candidates"][0]["comparison"]["score"] = "high".into();
    assert!(follows(&root, &root, &report).is_err(), "a score that is no number is refused");
    report["findings"][0]["candidates"][0]["comparison"]["score"] = 1.5.into();
    report["findings"][0]["gallery"]["casings"] = Value::Null;
    assert!(follows(&root, &root, &report).is_err(), "a missing count is refused");
}

#[test]
fn without_a_typesetter_a_pdf_is_refused_by_name() {
    let error = export(&issued(), &Look::default(), Format::Pdf).unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
    assert!(error.advice.is_some_and(|a| a.contains("html")));
}
