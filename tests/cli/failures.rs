//! What failed in a batch: equal failures once, with their rows, and the sum last.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::desk::Workbench;

#[test]
fn equal_failures_of_scans_are_told_once_with_their_rows_and_the_sum_last() {
    let desk = Workbench::new();
    let mut rows = String::from("file,casing_id\n");
    for n in 2..=6 {
        desk.write(&format!("{n}.x3p"), "");
        rows += &format!("{n}.x3p,C-{n}\n");
    }
    desk.write("text.x3p", "a text");
    rows += "text.x3p,C-7\n";
    desk.write("8.x3p", "");
    rows += "8.x3p,C-8\n";
    desk.write("manifest.csv", &rows);
    let args = ["--manifest", "manifest.csv", "--store", "store", "--json", "out.json"];
    let reports = ["--reports", "reports"];
    for (command, more) in [("import", &[][..]), ("run", &reports[..])] {
        let (_, told) = desk.said(3, &[&[command], &args[..], more].concat());
        let failed: Vec<&str> = told.lines().filter(|l| l.starts_with("failed: ")).collect();
        let [empty, text] = &failed[..] else { panic!("{command}: {told}") };
        assert!(empty.starts_with("failed: 6 times: "), "{empty}");
        assert!(empty.contains("2.x3p") && empty.contains("3 more (lines 2-6, 8): "), "{empty}");
        assert!(empty.ends_with("the file is empty (0 bytes)"), "{empty}");
        assert!(text.contains("text.x3p (line 7): "), "{text}");
        let advice = "what to do: copy it again from the instrument";
        assert_eq!(told.matches(advice).count(), 1, "{told}");
        assert_eq!(told.lines().last(), Some("7 failed in all"), "{told}");
        // For machines each stands by itself.
        assert_eq!(desk.read("out.json")["failures"].as_array().unwrap().len(), 7);
    }
}
