//! The files of a whole run as they lie in a folder, in both languages and all
//! formats. `scripts/reports` names a folder that it made (of the demo, of
//! measured scans) in `BRASSLINK_REPORTS`; without it, the bundled topographies
//! are run here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use assert_cmd::Command;
use report::{CasingReport, Report, ReportHeader, Side, Subject, Weight, json_schema};
use serde_json::Value;
use std::path::{Path, PathBuf};
use testkit::page::{attribute, numbers_missing, tags, well_formed};
use testkit::pdf::{can_be_set, facts_of, text_of};
use testkit::schema::follows;
use types::evidence::ReportedFirearm;

/// The main job on some of the samples, and PDFs of one casing and of the batch.
fn own_run(dir: &Path) -> PathBuf {
    let samples = testkit::project().join("samples");
    let all = std::fs::read_to_string(samples.join("manifest.csv")).unwrap();
    let row = |l: &str| {
        let of_one_gun = ["CHH", "TX"].iter().any(|g| l.contains(g)) && l.contains(".x3p");
        of_one_gun.then(|| format!("{}/{l}\n", samples.display()))
    };
    let rows: String = all.lines().filter_map(row).collect();
    let (manifest, store, reports) = (dir.join("m.csv"), dir.join("store"), dir.join("reports"));
    std::fs::write(&manifest, format!("{}\n{rows}", all.lines().next().unwrap())).unwrap();
    let run = |command: &str, args: &[&str]| {
        let mut brasslink = Command::cargo_bin("brasslink").unwrap();
        brasslink.args([command, "-q", "--language", "en,es", "--store"]).arg(&store);
        brasslink.arg("--reports").arg(&reports).args(args).assert().success();
    };
    run("run", &["--manifest", manifest.to_str().unwrap()]);
    if can_be_set() {
        for what in [&["--casing", "CHH-1187-1"][..], &["--batch"]] {
            run("report", &[&["--format", "pdf"], what].concat());
        }
    }
    reports
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .collect();
    found.sort();
    found
}

#[test]
fn every_file_of_a_run_is_valid_and_says_what_a_report_must() {
    let dir = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("BRASSLINK_REPORTS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| own_run(dir.path()));
    let schema: Value = serde_json::from_str(&json_schema().unwrap()).unwrap();
    let (mut pages, mut pdfs) = (0, 0);
    for language in ["en", "es"] {
        let here = if language == "es" { folder.join("es") } else { folder.clone() };
        for path in files(&here, "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            follows(&schema, &schema, &json).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            let report: Report = serde_json::from_value(json.clone()).unwrap();
            if let Ok(page) = std::fs::read_to_string(path.with_extension("html")) {
                pages += 1;
                the_page_is_whole(&page, &here, language);
                let missing = numbers_missing(&page, &json);
                assert!(missing.is_empty(), "{path:?}: {missing:?}");
            }
            the_table_reads(&path.with_extension("csv"), &report);
            let name = path.with_extension("pdf").file_name().unwrap().to_owned();
            let on = |paper: &str| folder.join(paper).join(here.strip_prefix(&folder).unwrap());
            for (pdf, millimetres) in
                [(here.join(&name), (210, 297)), (on("letter").join(&name), (216, 279))]
            {
                let Ok(bytes) = std::fs::read(&pdf) else { continue };
                let Some(text) = text_of(&bytes, &["-raw"]) else { continue };
                pdfs += 1;
                the_text_says_it_all(&text, &report, language, &pdf);
                let facts = facts_of(&bytes);
                assert_eq!(facts.millimetres, millimetres, "{pdf:?}");
                assert!(facts.tagged && facts.archival, "{pdf:?}: {facts:?}");
                assert_eq!(facts.fonts, facts.fonts_embedded, "{pdf:?}");
                assert!(facts.bookmarks.len() >= 3, "{pdf:?}: {facts:?}");
                let last = match language {
                    "en" => format!("Page {0} of {0}", facts.pages),
                    _ => format!("Página {0} de {0}", facts.pages),
                };
                assert!(text.contains(&last), "{pdf:?} does not say {last}");
            }
        }
    }
    assert!(pages > 4, "{pages} pages");
    println!("{pages} pages and {pdfs} PDFs are whole");
}

fn the_page_is_whole(page: &str, folder: &Path, language: &str) {
    well_formed(page);
    let html = tags(page).into_iter().find(|t| t.0 == "html").unwrap();
    assert!(html.1.contains(&format!("lang=\"{language}\"")), "{}", html.1);
    let within = |h: &&String| h.starts_with('#') || h.starts_with("data:");
    for href in attribute(page, "href").iter().filter(|h| !within(h)) {
        let file = href.split('#').next().unwrap();
        assert!(folder.join(file).is_file(), "{href} leads nowhere");
    }
}

fn the_table_reads(path: &Path, report: &Report) {
    let rows = csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap).count();
    let lines = match report {
        Report::Casing(r) => r.findings.iter().map(|f| f.candidates.len()).sum(),
        Report::Pair(_) => 1,
        Report::Case(r) => {
            let of_gun = |f: &ReportedFirearm| f.traces.len() + f.scenes.len();
            let of_guns: usize = r.firearms.iter().map(of_gun).sum();
            r.links.len() + r.events.len() + of_guns + r.indicators.len()
        }
        Report::Batch(r) => r.casings.len() + r.failures.len(),
    };
    assert_eq!(rows, lines, "{path:?}");
}

/// Everything ISO/IEC 17025 asks for, and every finding, in the words of the PDF.
fn the_text_says_it_all(text: &str, report: &Report, language: &str, path: &Path) {
    let close = text.replace(' ', "");
    let holds = |said: &str| {
        // Long words may be broken at the end of a line.
        let said = said.replace(['\u{202f}', ' '], "");
        assert!(close.contains(&said), "{path:?} does not say {said:?}");
    };
    of_the_header(report.header(), language, &holds);
    match report {
        Report::Casing(r) => of_a_casing(r, language, &holds),
        Report::Pair(r) => {
            [&r.a, &r.b].into_iter().for_each(|s| of_an_item(s, &holds));
            holds(&format!("{:.2}", r.comparison.score));
            of_a_weight(r.weight.as_ref(), language, &holds);
        }
        Report::Case(r) => {
            match &r.subject {
                Subject::Case(id) => holds(id.as_str()),
                Subject::Group(id) => holds(id),
            }
            r.casings.iter().for_each(|c| holds(c.casing.id.as_str()));
            r.scenes.iter().for_each(|s| holds(s.id.as_str()));
            r.links.iter().for_each(|l| holds(&format!("{:.2}", l.score)));
            r.events.iter().filter_map(|e| e.firearm.as_ref()).for_each(|f| holds(f.as_str()));
            for trace in r.firearms.iter().flat_map(|f| &f.traces) {
                holds(trace.request.as_str());
                trace.disposition.iter().filter_map(|s| s.name()).for_each(&holds);
            }
        }
        Report::Batch(r) => {
            r.casings.iter().for_each(|c| holds(c.casing.id.as_str()));
            r.groups.iter().for_each(|g| holds(&g.id));
            r.failures.iter().for_each(|f| holds(&f.item.to_string()));
            r.overdue.iter().for_each(|o| holds(&o.item));
        }
    }
}

fn of_the_header(h: &ReportHeader, language: &str, holds: &dyn Fn(&str)) {
    const MESES: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    let (standing, none, day): ([&str; 5], _, fn(jiff::civil::Date) -> String) = match language {
        "en" => (
            [
                "not an identification",
                "relates only to the items",
                "Limitations",
                "Deviations from the method",
                "End of report",
            ],
            "not configured",
            |d| d.strftime("%-d %B %Y").to_string(),
        ),
        _ => (
            [
                "no una identificación",
                "se refiere únicamente a los elementos",
                "Limitaciones",
                "Desviaciones del método",
                "Fin del informe",
            ],
            "sin configurar",
            |d| format!("{} de {} de {}", d.day(), MESES[d.month() as usize - 1], d.year()),
        ),
    };
    standing.into_iter().for_each(holds);
    let lab = &h.laboratory;
    for part in [&lab.name, &lab.address, &lab.accreditation] {
        holds(part.as_deref().unwrap_or(none));
    }
    holds(&h.report_id);
    holds(&h.software);
    holds(&h.recipe.to_string());
    h.ledger_head.iter().for_each(|d| holds(&d.to_string()));
    for date in [&h.issued, &h.received, &h.performed].into_iter().flatten() {
        holds(&day(date.parse().unwrap()));
    }
    h.customer.iter().chain(&h.authorised_by).for_each(|who| holds(who));
    [&h.deviations, &h.amendments, &h.limitations].into_iter().flatten().for_each(|l| holds(l));
}

fn of_a_casing(r: &CasingReport, language: &str, holds: &dyn Fn(&str)) {
    for f in &r.findings {
        of_an_item(&f.questioned, holds);
        for c in &f.candidates {
            of_an_item(&c.side, holds);
            holds(&format!("{:.2}", c.comparison.score));
            let of = if language == "en" { "of" } else { "de" };
            let m = &c.comparison;
            holds(&format!("{} {of} {}", m.congruent_cells, m.cells));
            of_a_weight(c.weight.as_ref(), language, holds);
            c.group.iter().for_each(|g| holds(g));
        }
    }
}

fn of_an_item(side: &Side, holds: &dyn Fn(&str)) {
    holds(side.casing.id.as_str());
    holds(&side.scan.sha256.to_string());
    holds(&side.scan.file);
    holds(&format!("{:.2} mm²", side.mark.quality.area_mm2));
}

fn of_a_weight(weight: Option<&Weight>, language: &str, holds: &dyn Fn(&str)) {
    let Some(w) = weight else {
        return holds(if language == "en" { "not calibrated" } else { "sin calibrar" });
    };
    holds(&format!("{:.2}", w.log10_lr.abs()));
    holds(&w.population);
    holds(&format!("{:.2}", w.bounds.log10_upper.abs()));
    holds(if language == "en" { "two different firearms" } else { "dos armas distintas" });
}
