//! What a person holding a report relies on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use crate::made::case::{case_report, entries, group, link};
use crate::made::{casing, casing_report, comparison, distribution, side};
use report::{
    BatchSummary, Counts, Decisions, Failure, Format, GroupView, Laboratory, Language, Look,
    Overdue, PairReport, Report, ReportHeader, Robustness, VariantScore, WatchedLink, file_stem,
    to_csv, to_html, to_json, write_all,
};
use statistics::link::{Basis, Judged, Open, OwnScores, OwnStrangers, Scale};
use std::collections::{BTreeMap, BTreeSet};
use testkit::page::{attribute, numbers_missing, tags, well_formed, without_pictures};
use types::error::{Error, Kind};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::say;

pub fn pair_report() -> Report {
    Report::Pair(PairReport {
        header: ReportHeader::new("P-1", Digest::of(b"recipe"), Laboratory::default()),
        a: side("A", 1, 200, Modality::Topography),
        b: side("B", 2, 200, Modality::Topography),
        comparison: comparison(5),
        distribution: Some(distribution()),
        weight: None,
        robustness: Some(robustness(2.5)),
        decisions: Decisions::default(),
    })
}

fn robustness(lowest: f64) -> Robustness {
    let variant = |variant, score: Option<f64>| VariantScore {
        variant,
        score,
        why_not: score.is_none().then(|| say!("there is no template")),
    };
    let variants = vec![
        variant(say!("outline {} µm wider", 50), Some(9.25)),
        variant(say!("outline {} µm narrower", 50), Some(lowest)),
        variant(say!("sampled anew, half a sample aside"), None),
    ];
    Robustness { lowest, highest: 9.25, variants }
}

#[test]
fn a_pair_whose_range_reaches_strangers_is_marked() {
    let Report::Pair(pair) = pair_report() else { unreachable!() };
    let below = pair.distribution.as_ref().unwrap().different_below().unwrap();
    let page = |lowest: f64, language| {
        let robustness = Some(robustness(lowest));
        let report = Report::Pair(PairReport { robustness, ..pair.clone() });
        to_html(&report, language).unwrap()
    };
    let near = page(below - 0.5, Language::English);
    assert!(near.contains("Which preparation is chosen may decide") && near.contains("9.25"));
    let far = page(below + 0.5, Language::English);
    assert!(far.contains("this range lies above that") && !far.contains("may decide"));
    assert!(far.contains("there is no template"), "why a choice gave no score");
    assert!(page(below - 0.5, Language::Spanish).contains("La preparación elegida puede decidir"));
}

fn batch_report() -> Report {
    let error = Error::new(
        Kind::UnknownPixelSize,
        say!("the column \"<pixel>\" is not known and not read"),
    )
    .advise(say!("give pixel_um in the manifest, from the microscope's calibration"));
    Report::Batch(BatchSummary {
        header: ReportHeader::new("B-1", Digest::of(b"recipe"), Laboratory::default()),
        objections: crate::made::decisions(),
        news: Vec::new(),
        counts: Counts {
            rows: 41,
            imported: 38,
            known: 2,
            failed: 1,
            pairs_compared: 703,
            pairs_known: 77,
        },
        watched: vec![WatchedLink {
            a: casing("A").id,
            b: casing("B <2>").id,
            what: say!("case {}", "<K>"),
            why: say!("{} belongs to the case", "A"),
            by: "R. Ortiz".into(),
            at: "2026-03-10T08:00:00Z".into(),
        }],
        groups: vec![group()],
        links: vec![link()],
        judged: judged(),
        casings: entries(),
        validation: None,
        failures: vec![Failure::of("=cmd()|<img>.tiff", Some(7), &error)],
        overdue: vec![Overdue {
            item: "A <1>".into(),
            step: say!("review"),
            due: "2026-03-09".into(),
        }],
    })
}

/// A reference with strangers of the store's own, and an open pair.
fn judged() -> Judged {
    let scores = Some(OwnScores { median: 4.21, lower: 0.74 });
    let basis = Basis::Reference {
        sets: vec!["Set <A>".into()],
        strangers: 3327,
        firearms: 15,
        own: OwnStrangers { casings: 12, pairs: 66, scores, weight: 0.107 },
        proposed_from: 11.9,
        open_from: 8.1,
    };
    let (mark, modality) = (Some(MarkKind::BreechFace), Some(Modality::Topography));
    let open = Open { a: "A".into(), b: "B <2>".into(), posterior: 0.41 };
    Judged { scales: vec![Scale { mark, modality, pairs: 66, basis }], open: vec![open] }
}

/// With a group, which only a store can give.
pub fn grouped_report() -> Report {
    let mut report = casing_report(3, 200, Modality::Topography);
    if let Report::Casing(r) = &mut report {
        let casings = entries().into_iter().map(|e| e.casing).collect();
        r.group = Some(GroupView { group: group(), casings, links: vec![link()] });
    }
    report
}

fn every_report() -> Vec<Report> {
    vec![
        grouped_report(),
        casing_report(3, 200, Modality::Image),
        casing_report(0, 200, Modality::Topography),
        pair_report(),
        case_report(),
        batch_report(),
    ]
}

fn every_page() -> Vec<String> {
    let both =
        |r: &Report| Language::ALL.iter().map(|l| to_html(r, *l).unwrap()).collect::<Vec<_>>();
    every_report().iter().flat_map(both).collect()
}

#[test]
fn pages_are_well_formed_with_unique_ids_and_links_that_lead_somewhere() {
    every_page().iter().for_each(|page| well_formed(page));
}

#[test]
fn headings_descend_by_one_and_every_picture_has_words() {
    for page in every_page() {
        let mut last = 0;
        for (name, attributes, closing) in tags(&page) {
            let level = name.strip_prefix('h').and_then(|n| n.parse::<u32>().ok());
            if let Some(level) = level.filter(|_| !closing) {
                assert!(level <= last + 1, "h{last} is followed by h{level}");
                last = level;
            }
            if name == "svg" && !closing {
                let said =
                    attributes.contains("aria-label=\"") || attributes.contains("aria-hidden");
                assert!(said, "{attributes}");
            }
        }
    }
}

#[test]
fn a_page_asks_the_network_for_nothing() {
    for page in every_page() {
        let page = without_pictures(&page);
        assert!(!page.contains("//"), "an address or a protocol-relative link");
        for word in ["http:", "https:", "@import", "<link", "<iframe", " src=", "url(data"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn the_policy_allows_exactly_the_pages_own_script_and_style() {
    use base64::Engine as _;
    let page = to_html(&casing_report(1, 64, Modality::Topography), Language::English).unwrap();
    for (open, close) in [("<script>", "</script>"), ("<style>", "</style>")] {
        assert_eq!(page.matches(open).count(), 1);
        let start = page.find(open).unwrap() + open.len();
        let text = &page[start..start + page[start..].find(close).unwrap()];
        let digest = Digest::of(text.as_bytes()).0;
        let hash = base64::engine::general_purpose::STANDARD.encode(digest);
        assert!(page.contains(&format!("'sha256-{hash}'")), "{open}");
    }
    assert!(attribute(&page, "style").is_empty() && !page.contains(" onclick"));
}

#[test]
fn what_manifests_say_cannot_become_markup() {
    for page in every_page() {
        let page = without_pictures(&page);
        for raw in
            ["<script>alert", "1<b>", "<img>", "<Luger>", "<pixel>", "<7>", "</script><script>"]
        {
            assert!(!page.contains(raw), "{raw}");
        }
    }
}

#[test]
fn every_number_of_the_model_stands_in_the_page() {
    for report in every_report() {
        let page = to_html(&report, Language::Spanish).unwrap();
        let json = serde_json::from_str(&to_json(&report).unwrap()).unwrap();
        let missing = numbers_missing(&page, &json);
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn both_languages_say_what_a_lead_is_and_no_page_concludes() {
    let report = casing_report(2, 64, Modality::Topography);
    let english = to_html(&report, Language::English).unwrap();
    let spanish = to_html(&report, Language::Spanish).unwrap();
    for said in [
        "A lead is an investigative aid, not an identification.",
        "not calibrated",
        "12\u{202f}328 of the 12\u{202f}345",
        "21 November 2026",
        "not configured",
    ] {
        assert!(english.contains(said), "{said}");
    }
    for said in [
        "no una identificación",
        "sin calibrar",
        "12\u{202f}328 de los otros 12\u{202f}345",
        "21 de noviembre de 2026",
        "sin configurar",
        "lang=\"es\"",
    ] {
        assert!(spanish.contains(said), "{said}");
    }
    let words = |page: &str| -> BTreeSet<String> {
        let page = without_pictures(page).to_lowercase();
        page.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect()
    };
    for word in ["match", "matches", "matched", "coincidencia"] {
        assert!(!words(&english).contains(word) && !words(&spanish).contains(word), "{word}");
    }
    for word in ["calibrated", "questioned", "candidates", "ledger"] {
        assert!(!words(&spanish).contains(word), "{word} is not Spanish");
    }
}

#[test]
fn a_cell_bears_the_same_number_on_both_sides() {
    let page = to_html(&pair_report(), Language::English).unwrap();
    let congruent: Vec<&str> = page.split("<g class=\"yes\"").skip(1).collect();
    let mut sides: BTreeMap<&str, u32> = BTreeMap::new();
    for cell in &congruent {
        let text = &cell[cell.find("<text>").unwrap() + 6..cell.find("</text>").unwrap()];
        *sides.entry(text).or_default() += 1;
    }
    assert_eq!(sides.len(), 24);
    assert!(sides.values().all(|n| *n == 2), "{sides:?}");
}

#[test]
fn twenty_candidates_fit_five_megabytes_and_come_out_the_same_twice() {
    let report = casing_report(20, 550, Modality::Topography);
    let start = std::time::Instant::now();
    let page = to_html(&report, Language::English).unwrap();
    println!("20 candidates of 550 px: {} bytes in {:?}", page.len(), start.elapsed());
    assert!(page.len() <= 5_000_000, "{}", page.len());
    assert!(page.contains("id=\"s0c19-relief\""), "the twentieth has its picture");
    assert_eq!(page, to_html(&report, Language::English).unwrap());
}

#[test]
fn json_and_csv_read_back() {
    for report in every_report() {
        let json = to_json(&report).unwrap();
        let back: Report = serde_json::from_str(&json).unwrap();
        assert!(to_json(&back).unwrap() == json, "{} changed", file_stem(&report));
        assert_eq!(file_stem(&back), file_stem(&report));
    }
    let report = casing_report(3, 64, Modality::Topography);
    let Report::Casing(model) = &report else { panic!("a casing report") };
    let text = to_csv(&report).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let column = reader.headers().unwrap().iter().position(|h| h == "score").unwrap();
    let scores: Vec<f64> = reader.records().map(|r| r.unwrap()[column].parse().unwrap()).collect();
    let wanted: Vec<f64> =
        model.findings[0].candidates.iter().map(|c| c.comparison.score).collect();
    assert_eq!(scores, wanted);
    assert!(
        to_csv(&batch_report()).unwrap().contains("'=cmd()"),
        "no formula reaches a spreadsheet"
    );
}

#[test]
fn files_stay_in_the_folder_and_the_index_links_to_the_casing_reports() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("reports");
    let mut written = Vec::new();
    let look = Look { language: Language::Spanish, ..Look::default() };
    for report in [casing_report(1, 64, Modality::Topography), pair_report(), batch_report()] {
        let files = write_all(&dir, &report, &look, Format::USUAL).unwrap();
        written.extend(files.into_iter().map(|w| w.path));
    }
    let mut there: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    there.sort();
    written.sort();
    assert_eq!(there, written);
    assert!(dir.join("index.html").is_file());
    let index = std::fs::read_to_string(dir.join("index.html")).unwrap();
    let mut report = casing_report(0, 64, Modality::Topography);
    if let Report::Casing(r) = &mut report {
        r.findings[0].questioned.casing = casing("A <1>");
    }
    assert!(index.contains(&format!("href=\"{}.html\"", file_stem(&report))));
}
