//! Reports against the store they were made from, by way of the command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod case;
mod typeset;

use assert_cmd::Command;
use report::Report;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::{Snapshot, Store};
use testkit::page::attribute;
use testkit::pdf::can_be_set;
use types::evidence::{CasingId, MarkId};

fn brasslink(args: &[&str], dir: &Path) -> std::process::Output {
    Command::cargo_bin("brasslink").unwrap().current_dir(dir).args(args).output().unwrap()
}

/// The main job on the topographies of three of the bundled guns.
fn evidence() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let samples = testkit::project().join("samples");
    let manifest = std::fs::read_to_string(samples.join("manifest.csv")).unwrap();
    let wanted = |line: &str| {
        line.starts_with("file,")
            || line.contains(".x3p") && ["CHH", "COA", "TX"].iter().any(|gun| line.contains(gun))
    };
    let rows: Vec<String> =
        manifest
            .lines()
            .filter(|l| wanted(l))
            .map(|l| {
                if l.starts_with("file,") { l.into() } else { format!("{}/{l}", samples.display()) }
            })
            .collect();
    assert!(rows.len() > 6, "{rows:?}");
    std::fs::write(dir.path().join("m.csv"), rows.join("\n") + "\n").unwrap();
    let run = ["run", "-q", "--manifest", "m.csv", "--store", "store", "--reports", "reports"];
    let out = brasslink(&run, dir.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    dir
}

fn files(dir: &Path, prefix: &str, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir.join("reports"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with(prefix))
        .collect();
    found.sort();
    found
}

/// The mark of a casing with this scan, as the store knows it.
fn mark(snapshot: &Snapshot, casing: &CasingId, scan: &types::evidence::Digest) -> MarkId {
    let marks = snapshot.marks().unwrap();
    marks.into_iter().find(|m| m.casing == *casing && m.scan == *scan).expect("the mark").id
}

#[test]
fn every_number_of_a_report_is_the_stores() {
    let dir = evidence();
    let snapshot = Store::open(dir.path().join("store")).unwrap().snapshot().unwrap();
    let reports = files(dir.path(), "casing-", "json");
    assert_eq!(reports.len(), snapshot.casings().unwrap().len());
    let mut compared = 0;
    for path in reports {
        let report: Report =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let Report::Casing(report) = report else { panic!("a casing report") };
        let page = std::fs::read_to_string(path.with_extension("html")).unwrap();
        let shown: BTreeSet<u64> = attribute(&page, "value")
            .iter()
            .filter_map(|v| v.parse::<f64>().ok())
            .map(f64::to_bits)
            .collect();
        for f in &report.findings {
            let q = &f.questioned;
            let own = mark(&snapshot, &q.casing.id, &q.scan.sha256);
            for c in &f.candidates {
                let other = mark(&snapshot, &c.side.casing.id, &c.side.scan.sha256);
                let (row, cells) = snapshot.comparison(&own, &other).unwrap().expect("stored");
                let forwards = row.a == own;
                let stored = row.with_cells(cells);
                let stored = if forwards { stored } else { stored.reversed() };
                assert_eq!(stored, c.comparison, "{own} and {other}");
                let numbers = [stored.score, stored.ccf, stored.overlap_mm2, stored.cell_um];
                let cells = stored.cell_table.iter().flat_map(|k| [k.x_um, k.found_y_um, k.ccf]);
                for number in numbers.into_iter().chain(cells) {
                    assert!(shown.contains(&number.to_bits()), "{number} in {path:?}");
                }
                compared += 1;
            }
            for side in f.candidates.iter().map(|c| &c.side).chain([q]) {
                let scan = snapshot.scan_by_digest(&side.scan.sha256).unwrap().unwrap();
                assert_eq!((scan.nx, scan.bytes), (side.scan.width_px as u64, side.scan.bytes));
                let id = mark(&snapshot, &side.casing.id, &side.scan.sha256);
                let marks = snapshot.marks().unwrap();
                let row = marks.iter().find(|m| m.id == id).unwrap();
                assert_eq!(row.quality, side.mark.quality);
            }
        }
    }
    assert!(compared >= 30, "{compared}");
}

fn verify(dir: &Path, file: &Path) -> (Option<i32>, String) {
    let out = brasslink(&["report", "verify", file.to_str().unwrap(), "--store", "store"], dir);
    (out.status.code(), String::from_utf8(out.stdout).unwrap())
}

/// A PDF of either paper is known to the store that issued it; one changed byte
/// is seen, and so is a seal that was made anew over it.
fn a_pdf_is_looked_up_by_its_seal(dir: &Path) {
    for paper in ["a4", "letter"] {
        let args = ["report", "-q", "--store", "store", "--reports", paper, "--paper", paper];
        let out = brasslink(&[&args[..], &["--format", "pdf", "--batch"]].concat(), dir);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    for paper in ["a4", "letter"] {
        let genuine = dir.join(paper).join("index.pdf");
        let (code, said) = verify(dir, &genuine);
        assert!(code == Some(0) && said.contains("issued by this store"), "{paper}: {said}");
        let mut bytes = std::fs::read(&genuine).unwrap();
        // A byte of the binary comment after the version, which no reader minds.
        let at = bytes.iter().position(|b| *b >= 0x80).unwrap();
        bytes[at] ^= 1;
        let edited = dir.join("edited.pdf");
        std::fs::write(&edited, &bytes).unwrap();
        let (code, said) = verify(dir, &edited);
        assert!(code == Some(3) && said.contains("CHANGED"), "{said}");
        let found = report::inspect(&bytes).unwrap();
        let (old, new) = (found.stated.unwrap().to_string(), found.actual.to_string());
        for at in 0..bytes.len() - old.len() {
            if bytes[at..].starts_with(old.as_bytes()) {
                bytes[at..at + old.len()].copy_from_slice(new.as_bytes());
            }
        }
        std::fs::write(&edited, &bytes).unwrap();
        let (code, said) = verify(dir, &edited);
        assert!(code == Some(3) && said.contains("NOT ISSUED"), "{said}");
    }
}

#[test]
fn an_edited_report_and_one_sealed_anew_are_told_from_a_genuine_one() {
    let dir = evidence();
    if can_be_set() {
        a_pdf_is_looked_up_by_its_seal(dir.path());
    }
    for extension in ["html", "json", "csv"] {
        let genuine = files(dir.path(), "casing-", extension).remove(0);
        let (code, said) = verify(dir.path(), &genuine);
        assert!(code == Some(0) && said.contains("issued by this store"), "{said}");
        let text = std::fs::read_to_string(&genuine).unwrap();
        let edited = dir.path().join(format!("edited.{extension}"));
        // The first digit after the first decimal point, turned into another.
        let at = text.rfind("0.").unwrap() + 2;
        let digit = if &text[at..=at] == "7" { "3" } else { "7" };
        let changed = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
        assert_ne!(changed, text);
        std::fs::write(&edited, &changed).unwrap();
        let (code, said) = verify(dir.path(), &edited);
        assert!(code == Some(3) && said.contains("CHANGED"), "{said}");
        // A forger who knows how seals are made.
        let stated = report::inspect(changed.as_bytes()).unwrap();
        let forged =
            changed.replace(&stated.stated.unwrap().to_string(), &stated.actual.to_string());
        std::fs::write(&edited, &forged).unwrap();
        let (code, said) = verify(dir.path(), &edited);
        assert!(code == Some(3) && said.contains("NOT ISSUED"), "{said}");
    }
    let out = brasslink(&["report", "verify", "m.csv", "--json"], dir.path());
    assert_eq!(out.status.code(), Some(3));
    assert!(String::from_utf8(out.stdout).unwrap().contains("\"intact\": false"));
}

#[test]
fn the_same_store_gives_the_same_reports_and_each_kind_on_its_own() {
    let dir = evidence();
    let bytes = |folder: &str| {
        let path = files(dir.path(), "casing-", "html").remove(0);
        std::fs::read(dir.path().join(folder).join(path.file_name().unwrap())).unwrap()
    };
    let all = ["report", "-q", "--store", "store", "--reports", "again"];
    assert!(brasslink(&all, dir.path()).status.success());
    assert!(bytes("reports") == bytes("again"), "recording seals changes no report");
    let one = |extra: &[&str]| {
        let args = [&["report", "-q", "--store", "store", "--reports", "one"], extra].concat();
        let out = brasslink(&args, dir.path());
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let pair = ["--pair", "CHH-1187-1", "CHH-1187-2", "--language", "en,es"];
    assert_eq!(one(&pair).0, Some(0));
    assert_eq!(one(&["--case", "CHH/1187/2024"]).0, Some(0));
    assert_eq!(one(&["--batch", "--format", "csv"]).0, Some(0));
    let there = |folder: &str, start: &str| {
        std::fs::read_dir(dir.path().join(folder))
            .unwrap()
            .any(|e| e.unwrap().file_name().to_str().unwrap().starts_with(start))
    };
    assert!(there("one", "pair-breech-face") || there("one", "pair-"));
    assert!(there("one/es", "pair-") && there("one", "case-CHH-1187-2024"));
    let (code, said) = one(&["--casing", "nobody"]);
    assert!(code == Some(1) && said.contains("nobody"), "{said}");
}
