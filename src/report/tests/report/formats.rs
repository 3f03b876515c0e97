//! Reports as PDF and JSON, and the seal that every format bears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use crate::made::casing_report;
use report::{Format, Language, Look, Paper, Report, export, inspect, json_schema};
use serde_json::Value;
use testkit::pdf::{facts_of, text_of};
use testkit::schema::follows;
use types::evidence::{CasingId, Modality};

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

/// A casing may bear whatever name it likes.
fn named(id: &str) -> Report {
    let mut report = issued();
    if let Report::Casing(r) = &mut report {
        if let Ok(id) = CasingId::new(id) {
            r.findings[0].questioned.casing.id = id;
        }
        r.findings[0].candidates[0].side.casing.calibre = Some(format!("9 mm {id}"));
        r.header.customer = Some(id.to_owned());
    }
    report
}

#[test]
fn a_casing_named_like_a_seal_changes_no_seal() {
    let zeros = format!("brasslink-seal:x:{}", "0".repeat(64));
    let page = format!("<meta name=\"brasslink-seal\" content=\"{zeros}\">");
    for (name, format) in
        [&zeros, &page].into_iter().flat_map(|n| Format::ALL.iter().map(move |f| (n, f)))
    {
        let report = named(name);
        let Some((bytes, seal)) = exported(&report, &Look::default(), *format) else { continue };
        let found = inspect(&bytes).unwrap();
        assert_eq!((found.intact(), found.stated), (true, Some(seal)), "{format:?}");
        assert_ne!(found.report_id, "x");
        let text = String::from_utf8_lossy(&bytes);
        if *format != Format::Pdf {
            assert!(text.contains(&"0".repeat(64)), "{format:?}: the name is there as it is");
        }
    }
}

#[test]
fn a_character_that_no_font_has_is_written_out_and_ends_no_pdf() {
    for (text, told) in [
        ("gun 😀", "gun [U+1F600]"),
        ("枪支 7", "[U+67AA][U+652F] 7"),
        ("ปืน", "[U+0E1B]"),
        ("a\u{202e}b", "a[U+202E]b"),
    ] {
        let report = named(text);
        let Some((pdf, _)) = exported(&report, &Look::default(), Format::Pdf) else { return };
        assert!(inspect(&pdf).unwrap().intact());
        if let Some(words) = text_of(&pdf, &[]) {
            let plain: String = words.split_whitespace().collect();
            let told: String = told.split_whitespace().collect();
            assert!(plain.contains(&told), "{told}: {words}");
        }
        let (page, _) = export(&report, &Look::default(), Format::Html).unwrap();
        assert!(String::from_utf8_lossy(&page).contains(text), "the page has it as it is");
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

fn exported(report: &Report, look: &Look, format: Format) -> Option<(Vec<u8>, report::Seal)> {
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
        let facts = facts_of(&pdf);
        let millimetres = if paper == Paper::A4 { (210, 297) } else { (216, 279) };
        assert_eq!(facts.millimetres, millimetres);
        assert!(facts.tagged && facts.archival, "{facts:?}");
        assert!(facts.fonts > 0 && facts.fonts_embedded == facts.fonts, "{facts:?}");
        let title = if language == Language::English { "Traceability" } else { "Trazabilidad" };
        assert!(facts.bookmarks.iter().any(|b| b == title), "{:?}", facts.bookmarks);
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
    assert_eq!(error.kind, types::error::Kind::BadInput);
}
