//! What many PDFs in one process take; a binary of its own, because it looks at the
//! memory of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "typeset/here.rs"]
mod here;
#[path = "../../report/tests/report/made/mod.rs"]
mod made;

use here::look;
use made::{casing_report, side};
use report::{Format, Report};
use types::evidence::Modality;

#[test]
fn seventy_pdfs_need_no_more_memory_than_ten() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let set = |casings: std::ops::Range<u64>| {
        for n in casings {
            let mut report = casing_report(1, 48, Modality::Topography);
            if let Report::Casing(r) = &mut report {
                r.header.report_id = format!("R-{n}");
                r.findings[0].questioned = side(&format!("C-{n}"), n, 48, Modality::Topography);
            }
            report::export(&report, &look(), Format::Pdf).unwrap();
        }
    };
    set(0..10);
    let Some(mut before) = resident() else {
        println!("skipped: this system does not tell how much memory a process uses");
        return;
    };
    // Caches still fill up in one round; what is never freed grows in each.
    let mut told = vec![before];
    for from in [10, 70] {
        set(from..from + 60);
        let after = resident().unwrap();
        told.push(after);
        if after < before + 20_000 {
            println!("resident after 10, 70, 130 PDFs, kB: {told:?}");
            return;
        }
        before = after;
    }
    panic!("resident after 10, 70 and 130 PDFs, kB: {told:?}");
}
