//! One report on paper.

use crate::here::look;
use crate::made::case::case_report;
use crate::made::{issued, named};
use report::{Format, Language, Look, Paper, Report, export, inspect};
use testkit::pdf::{facts_of, text_of};

#[test]
fn a_pdf_is_sealed_and_the_same_twice_and_one_edited_byte_shows() {
    let report = issued();
    let (bytes, seal) = export(&report, &look(), Format::Pdf).unwrap();
    let inspection = inspect(&bytes).unwrap();
    assert!(inspection.intact());
    assert_eq!(inspection.stated, Some(seal));
    for at in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 2] {
        let mut edited = bytes.clone();
        edited[at] = edited[at].wrapping_add(1);
        assert!(!inspect(&edited).is_some_and(|i| i.intact()), "byte {at}");
    }
    assert!(export(&report, &look(), Format::Pdf).unwrap().0 == bytes);
}

#[test]
fn a_casing_named_like_a_seal_changes_no_seal() {
    let report = named(&format!("brasslink-seal:x:{}", "0".repeat(64)));
    let (bytes, seal) = export(&report, &look(), Format::Pdf).unwrap();
    let found = inspect(&bytes).unwrap();
    assert_eq!((found.intact(), found.stated), (true, Some(seal)));
    assert_ne!(found.report_id, "x");
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
        let (pdf, _) = export(&report, &look(), Format::Pdf).unwrap();
        assert!(inspect(&pdf).unwrap().intact());
        if let Some(words) = text_of(&pdf, &[]) {
            let plain: String = words.split_whitespace().collect();
            let told: String = told.split_whitespace().collect();
            assert!(plain.contains(&told), "{told}: {words}");
        }
    }
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
        let look = Look { language, paper, ..look() };
        let (pdf, _) = export(&report, &look, Format::Pdf).unwrap();
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
    let own = "#let s = json(\"sheet.json\")\n#set document(title: s.title, keywords: (s.seal,), \
               date: datetime(year: 2026, month: 1, day: 1))\nOur own page: #s.report_id";
    let own_look = Look { template: Some(own), ..look() };
    let (pdf, _) = export(&issued(), &own_look, Format::Pdf).unwrap();
    if let Some(text) = text_of(&pdf, &[]) {
        assert!(text.contains("Our own page: R-2026-<001>"), "{text}");
    }
    let own_look = Look { template: Some("#nonsense"), ..look() };
    let error = export(&issued(), &own_look, Format::Pdf).unwrap_err();
    assert_eq!(error.kind, types::error::Kind::BadInput);
    assert!(error.what.contains("nonsense"), "{error}");
}

#[test]
fn print_says_of_a_scene_what_the_page_says() {
    let mut report = case_report();
    let Report::Case(r) = &mut report else { panic!("a case report") };
    r.scenes[0].agency = Some("Unidad de Bordes".into());
    let page = export(&report, &look(), Format::Html).unwrap().0;
    assert!(String::from_utf8_lossy(&page).contains("Unidad de Bordes"));
    let (pdf, _) = export(&report, &look(), Format::Pdf).unwrap();
    if let Some(text) = text_of(&pdf, &["-raw"]) {
        assert!(text.contains("Unidad de Bordes"), "{text}");
    }
}
