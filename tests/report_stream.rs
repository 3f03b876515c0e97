//! Many reports in one process; alone in its file, because it looks at the
//! memory of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "report_support/mod.rs"]
mod support;

use brasslink::evidence::Modality;
use brasslink::report::{Format, Look};
use support::casing_report;

#[test]
fn a_thousand_reports_need_no_more_memory_than_a_hundred() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let report = casing_report(3, 64, Modality::Topography);
    let dir = tempfile::tempdir().unwrap();
    let write = |n: usize| {
        for _ in 0..n {
            brasslink::report::write_all(dir.path(), &report, &Look::default(), Format::USUAL)
                .unwrap();
        }
    };
    write(100);
    let Some(before) = resident() else {
        println!("skipped: this system does not tell how much memory a process uses");
        return;
    };
    write(900);
    let after = resident().unwrap();
    println!("resident after 100 reports {before} kB, after 1000 {after} kB");
    assert!(after < before + 20_000, "{before} kB, {after} kB");
    if cfg!(feature = "pdf") {
        let small = casing_report(1, 48, Modality::Topography);
        let set = |n: usize| {
            for _ in 0..n {
                brasslink::report::export(&small, &Look::default(), Format::Pdf).unwrap();
            }
        };
        set(10);
        let before = resident().unwrap();
        set(60);
        let after = resident().unwrap();
        println!("resident after 10 PDFs {before} kB, after 70 {after} kB");
        assert!(after < before + 20_000, "{before} kB, {after} kB");
    }
}
