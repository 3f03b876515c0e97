//! The house's rules, held: see docs/ARCHITECTURE.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The floors of the house. A module may use those of lower floors and, on its
/// own floor, those declared before it in lib.rs.
const FLOORS: [&[&str]; 10] = [
    &["error", "units", "cells", "printable"],
    &["evidence", "surface"],
    &["acquire", "prepare", "extract", "correlate"],
    &["search", "store", "weigh"],
    &["link", "report"],
    &["casework", "trace"],
    &["share"],
    &["synthetic"],
    &["batch"],
    &["cli"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file under `folder` with its path from `src/`, sorted.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The top-level module that a file belongs to; `lib` and `main` for the roots.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// The code of a file: no comments, and nothing from its unit tests on.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    before_tests.lines().map(|l| l.split("//").next().unwrap_or(l)).collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in the code, whole words only.
fn names_after(code: &str, prefix: &str) -> Vec<String> {
    let inside_a_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(prefix)
        .filter(|(at, _)| !code[..*at].ends_with(inside_a_word))
        .flat_map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            // `use crate::{a::X, b}` names several modules at once.
            let list = rest.strip_prefix('{').map_or_else(
                || vec![rest],
                |list| list.split('}').next().unwrap_or(list).split(',').collect(),
            );
            list.into_iter()
                .map(|name| name.trim().chars().take_while(|c| inside_a_word(*c)).collect())
                .collect::<Vec<String>>()
        })
        .collect()
}

#[test]
fn modules_use_only_those_below_them() {
    let lib = std::fs::read_to_string(root().join("lib.rs")).unwrap();
    let declared: Vec<String> = names_after(&code(&lib), "pub mod ");
    let place: BTreeMap<&str, (usize, usize)> = declared
        .iter()
        .enumerate()
        .map(|(order, name)| {
            let floor = FLOORS.iter().position(|floor| floor.contains(&name.as_str()));
            let floor = floor.unwrap_or_else(|| panic!("{name} has no floor: give it one here"));
            (name.as_str(), (floor, order))
        })
        .collect();
    let order: Vec<_> = declared.iter().map(|name| place[name.as_str()].0).collect();
    assert!(order.is_sorted(), "lib.rs declares modules out of the order of the floors");

    let mut upwards = Vec::new();
    for (file, text) in sources(&root()) {
        let user = module(&file);
        let Some(from) = place.get(user) else { continue };
        for used in names_after(&code(&text), "crate::") {
            if let Some(to) = place.get(used.as_str()).filter(|_| used != user)
                && to > from
            {
                upwards.push(format!("{file} uses {used}"));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn each_heavy_dependency_has_its_house() {
    let housed: [(&str, &[&str]); 4] = [
        ("hdf5::", &["store"]),
        ("rayon::", &["search", "batch"]),
        ("indicatif::", &["cli"]),
        ("typst_pdf::", &["report"]),
    ];
    let mut strays = Vec::new();
    for (file, text) in sources(&root()) {
        let code = code(&text);
        for (name, houses) in housed {
            if !names_after(&code, name).is_empty() && !houses.contains(&module(&file)) {
                strays.push(format!("{file} names {name}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn only_the_command_line_prints() {
    let mut strays = Vec::new();
    for (file, text) in sources(&root()) {
        let printing = ["print!", "println!", "eprint!", "eprintln!", "stdout()", "stderr()"];
        let code = code(&text);
        let prints = printing.iter().any(|p| !names_after(&code, p).is_empty());
        if prints && !["cli", "main"].contains(&module(&file)) {
            strays.push(file);
        }
    }
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn the_command_line_prints_in_one_place() {
    let mut strays = Vec::new();
    for (file, text) in sources(&root()) {
        let printing = ["print!", "println!", "eprint!", "eprintln!", "stdout()", "stderr()"];
        let code = code(&text);
        let prints = printing.iter().any(|p| !names_after(&code, p).is_empty());
        // The confined child answers its parent; a bar asks what it is drawn on.
        let may = ["cli/output.rs", "cli/store.rs", "cli/progress.rs"].contains(&file.as_str());
        if prints && !may {
            strays.push(file);
        }
    }
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn the_rules_can_be_broken() {
    let sample = "use crate::{report::Report, units};\n// crate::cli\nrayon::join(a, b);";
    assert_eq!(names_after(&code(sample), "crate::"), ["report", "units"]);
    assert_eq!(names_after(&code(sample), "rayon::"), ["join"]);
    assert!(names_after("eprintln!()", "println!").is_empty());
}
