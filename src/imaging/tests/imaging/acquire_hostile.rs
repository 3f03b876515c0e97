//! Hostile files are refused by name and reason, in bounded memory. One test
//! in a binary of its own, so that the peak memory is its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, read_scan};

/// Peak resident memory of this process in MiB, where the system tells it.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib / 1024)
}

#[test]
fn each_hostile_file_is_refused_for_its_reason_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let files = testkit::hostile::write_hostile_files(folder.path());
    let before = peak_mib();
    for file in files {
        let path = folder.path().join(file.name);
        let error = read_scan(&path, &ReadOptions::default()).expect_err(file.name);
        assert_eq!(error.kind, file.kind, "{error}");
        assert!(error.what.contains(file.reason), "{error}");
        assert_eq!(error.path.as_deref(), Some(path.as_path()));
    }
    match (before, peak_mib()) {
        (Some(before), Some(after)) => {
            println!("peak memory {before} MiB before, {after} MiB after");
            assert!(after - before <= 16, "reading took {} MiB", after - before);
        }
        _ => println!("SKIPPED: this system does not tell the peak memory"),
    }
}
