//! Reports as PDF and JSON, and the seal that every format bears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "report_support/mod.rs"]
mod support;

use brasslink::evidence::Modality;
use brasslink::report::{Format, Language, Look, Paper, Report, export, inspect, json_schema};
use serde_json::Value;
use std::process::Command;
use support::casing_report;

fn issued() -> Report {
    let mut report = casing_report(5, 200, Modality::Topography);
    if let Report::Casing(r) = &mut report {
        r.header.customer = Some("Fiscalía General".into());
        r.header.authorised_by = Some("Perito Núñez".into());
        r.header.received = Some("2026-11-02".into());
        r.header.performed = Some("2026-11-03".into());
        r.header.deviations = vec!["lens 20×".into()];
    }
    report
}

#[test]
fn every_format_is_sealed_and_one_edited_byte_shows() {
    let report = issued();
    for format in Format::ALL {
        let Some((bytes, seal)) = exported(&report, &Look::default(), *format) else { continue };
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

/// Holds a value against the keywords of JSON schema that the published one
/// uses; any other keyword fails.
fn follows(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
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

/// A PDF's text as people read it, line breaks and soft breaks as blanks; none
/// where poppler's tools are not at hand.
fn text_of(pdf: &[u8], options: &[&str]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    let Ok(out) = Command::new("pdftotext").args(options).arg(&path).arg("-").output() else {
        println!("skipped: there is no pdftotext (Debian: poppler-utils)");
        return None;
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap().replace(['\u{200b}', '\u{ad}'], "");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn exported(
    report: &Report,
    look: &Look,
    format: Format,
) -> Option<(Vec<u8>, brasslink::report::Seal)> {
    if format == Format::Pdf && !cfg!(feature = "pdf") {
        println!("skipped: built without PDF");
        return None;
    }
    Some(export(report, look, format).unwrap())
}

#[test]
fn the_pdf_says_in_both_languages_what_a_report_must() {
    let report = issued();
    let both = [
        (
            Language::English,
            Paper::A4,
            vec![
                "Casing report",
                "R-2026-<001>",
                "A lead is an investigative aid, not an identification",
                "21 November 2026",
                "2 November 2026",
                "not calibrated",
                "Fiscalía General",
                "Perito Núñez",
                "lens 20×",
                "relates only to the items",
                "End of report",
                "Page 1 of",
                "little area: 1.31 mm²",
                "Where the scores stand",
                "12345",
            ],
        ),
        (
            Language::Spanish,
            Paper::Letter,
            vec![
                "Informe de casquillo",
                "R-2026-<001>",
                "no una identificación",
                "21 de noviembre de 2026",
                "sin calibrar",
                "Fiscalía General",
                "Perito Núñez",
                "se refiere únicamente a los elementos",
                "Fin del informe",
                "Página 1 de",
                "área pequeña: 1.31 mm²",
                "sin suma MD5 de main.xml",
                "12345",
            ],
        ),
    ];
    for (language, paper, wanted) in both {
        let look = Look { language, paper, template: None };
        let Some((pdf, _)) = exported(&report, &look, Format::Pdf) else { return };
        let Some(text) = text_of(&pdf, &["-raw"]) else { return };
        let text = text.replace('\u{202f}', "");
        for said in wanted {
            assert!(text.contains(said), "{language:?}: {said:?} is not in\n{text}");
        }
        let Report::Casing(r) = &report else { panic!("a casing report") };
        let f = &r.findings[0];
        for side in f.candidates.iter().map(|c| &c.side).chain([&f.questioned]) {
            let digest = side.scan.sha256.to_string();
            assert!(text.replace(' ', "").contains(&digest), "the original's digest");
        }
        let info = |bytes: &[u8]| {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("r.pdf");
            std::fs::write(&path, bytes).unwrap();
            let out = Command::new("pdfinfo").arg(&path).output().unwrap();
            let fonts = Command::new("pdffonts").arg(&path).output().unwrap();
            let text = |b: Vec<u8>| String::from_utf8_lossy(&b).into_owned();
            (text(out.stdout), text(fonts.stdout))
        };
        let (info, fonts) = info(&pdf);
        let width = if paper == Paper::A4 { "595" } else { "612" };
        assert!(info.contains(&format!("Page size:       {width}")), "{info}");
        assert!(info.contains("Tagged:          yes"), "{info}");
        for font in fonts.lines().skip(2) {
            let embedded = font.split_whitespace().rev().nth(4);
            assert_eq!(embedded, Some("yes"), "{font}");
        }
    }
}

#[test]
fn a_laboratory_can_lay_out_its_own_pages_and_is_told_of_a_mistake() {
    if !cfg!(feature = "pdf") {
        println!("skipped: built without PDF");
        return;
    }
    let own = "#let s = json(\"sheet.json\")\n#set document(title: s.title, keywords: (s.seal,), \
               date: datetime(year: 2026, month: 1, day: 1))\nOur own page: #s.report_id";
    let look = Look { template: Some(own), ..Look::default() };
    let (pdf, _) = export(&issued(), &look, Format::Pdf).unwrap();
    if let Some(text) = text_of(&pdf, &[]) {
        assert!(text.contains("Our own page: R-2026-<001>"), "{text}");
    }
    let look = Look { template: Some("#nonsense"), ..Look::default() };
    let error = export(&issued(), &look, Format::Pdf).unwrap_err();
    assert_eq!(error.kind, brasslink::error::Kind::BadInput);
}
