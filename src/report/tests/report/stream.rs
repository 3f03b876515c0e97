//! Many reports in one process; alone in its file, because it looks at the
//! memory of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use crate::made::{casing_report, side};
use report::{Format, Look, Report};
use types::evidence::Modality;

/// The report of a casing of its own, with a mark of its own.
fn of_casing(n: u64, candidates: u32, pixels: usize) -> Report {
    let mut report = casing_report(candidates, pixels, Modality::Topography);
    if let Report::Casing(r) = &mut report {
        r.header.report_id = format!("R-{n}");
        r.findings[0].questioned = side(&format!("C-{n}"), n, pixels, Modality::Topography);
    }
    report
}

#[test]
fn a_thousand_reports_need_no_more_memory_than_a_hundred() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let dir = tempfile::tempdir().unwrap();
    let write = |casings: std::ops::Range<u64>| {
        for n in casings {
            let report = of_casing(n, 3, 64);
            let written = report::write_all(dir.path(), &report, &Look::default(), Format::USUAL);
            // The disk need not hold a thousand of them.
            written.unwrap().iter().for_each(|w| std::fs::remove_file(&w.path).unwrap());
        }
    };
    write(0..100);
    let Some(before) = resident() else {
        println!("skipped: this system does not tell how much memory a process uses");
        return;
    };
    write(100..1000);
    let after = resident().unwrap();
    println!("resident after 100 reports {before} kB, after 1000 {after} kB");
    assert!(after < before + 20_000, "{before} kB, {after} kB");
}
