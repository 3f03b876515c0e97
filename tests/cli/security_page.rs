//! docs/SECURITY.md says which test shows what: each is there under that name.

use std::path::{Path, PathBuf};

/// Where the tests of a binary or crate begin: the folder of its modules.
fn roots(first: &str) -> Vec<PathBuf> {
    let project = testkit::project();
    let own = project.join("src").join(first);
    let roots = [project.join("tests").join(first), own.join("tests").join(first), own.join("src")];
    roots.into_iter().filter(|root| root.is_dir()).collect()
}

/// The text of a module's file, and of those below it.
fn module(root: &Path, names: &[&str]) -> Option<String> {
    let stem = names.iter().fold(root.to_owned(), |path, name| path.join(name));
    let mut text = String::new();
    for file in [stem.with_extension("rs"), stem.join("mod.rs"), stem.join("main.rs")] {
        text += &std::fs::read_to_string(file).unwrap_or_default();
    }
    let below = std::fs::read_dir(&stem).into_iter().flatten().map(|entry| entry.unwrap().path());
    for file in below.filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        text += &std::fs::read_to_string(file).unwrap();
    }
    (!text.is_empty()).then_some(text)
}

/// The names of the tests in a text.
fn tests(text: &str) -> Vec<String> {
    let mut marked = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("fn ").filter(|_| marked) {
            found.extend(rest.split('(').next().map(str::to_owned));
            marked = false;
        }
    }
    found
}

/// Whether there is such a test, or such a module with tests in it.
fn is_there(name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let (first, rest) = parts.split_first().unwrap();
    roots(first).iter().any(|root| {
        let as_module = module(root, rest).is_some_and(|text| !tests(&text).is_empty());
        let (test, modules) = rest.split_last().map_or(("", rest), |(last, rest)| (*last, rest));
        let as_test = || module(root, modules).is_some_and(|t| tests(&t).iter().any(|n| n == test));
        as_module || as_test()
    })
}

/// What stands in backticks and is, or should be, the name of a test.
fn named(cell: &str) -> Vec<&str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains("::") || !roots(text).is_empty()).collect()
}

#[test]
fn every_attack_names_a_test_that_is_there() {
    let page = std::fs::read_to_string(testkit::project().join("docs/SECURITY.md")).unwrap();
    let (mut rows, mut in_table) = (0, false);
    for line in page.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if !line.starts_with('|') {
            in_table = false;
        } else if cells.last() == Some(&"test") {
            in_table = true;
        } else if in_table && !line.starts_with("|---") {
            let last = cells.last().unwrap();
            assert!(!named(last).is_empty(), "no test shows this: {line}");
            rows += 1;
        }
    }
    assert!(rows > 25, "{rows} rows of attacks");
    let absent: Vec<&str> = named(&page).into_iter().filter(|name| !is_there(name)).collect();
    assert!(absent.is_empty(), "named, but not there: {absent:#?}");
}

#[test]
fn every_fuzz_target_is_one_that_prove_store_runs() {
    let script = testkit::project().join("scripts/lib/store/fuzz.py");
    let script = std::fs::read_to_string(script).unwrap();
    let root = testkit::project().join("tests/fuzz");
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let prefix = if stem == "main" { String::new() } else { format!("{stem}::") };
        let text = std::fs::read_to_string(path).unwrap();
        targets.extend(tests(&text).into_iter().map(|test| format!("{prefix}{test}")));
    }
    assert!(targets.len() >= 17, "{targets:?}");
    let absent: Vec<&String> =
        targets.iter().filter(|t| !script.contains(&format!("\"{t}\""))).collect();
    assert!(absent.is_empty(), "scripts/lib/store/fuzz.py lacks {absent:?}");
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    assert!(is_there("cli::security_page::a_test_that_is_not_there_is_missed"));
    assert!(is_there("cli::security_page") && is_there("fuzz"));
    for absent in ["cli::security_page::named", "cli::security_page::gone", "nobody::at::all"] {
        assert!(!is_there(absent), "{absent}");
    }
}
