//! The house's rules that Cargo does not hold by itself: see docs/ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::path::Path;

/// The crates, lowest first, each with those of its own workspace that it may
/// depend on. What is not named here would weld together what must be built,
/// tested and understood apart.
const CRATES: [(&str, &[&str]); 13] = [
    ("say", &[]),
    ("types", &["say"]),
    ("imaging", &["types"]),
    ("statistics", &["types"]),
    ("synthetic", &["types", "imaging"]),
    ("store", &["types"]),
    ("report", &["types", "statistics"]),
    ("typeset", &["types"]),
    ("casework", &["types", "imaging", "statistics", "store", "report"]),
    ("pipeline", &["types", "imaging", "statistics", "synthetic", "store", "report", "casework"]),
    (
        "brasslink",
        &["types", "imaging", "statistics", "synthetic", "store", "report", "casework", "pipeline"],
    ),
    ("station", &["types", "store", "report", "casework", "pipeline", "brasslink"]),
    ("python", &["types", "imaging", "statistics", "store", "pipeline"]),
];

/// Dependencies that cost much or do what few may do, and who may have them.
const HOUSED: [(&str, &[&str]); 13] = [
    ("hdf5", &["store"]),
    ("typst", &["typeset"]),
    ("rayon", &["imaging", "pipeline"]),
    ("pyo3", &["python"]),
    ("indicatif", &["brasslink"]),
    ("axum", &["station"]),
    ("tokio", &["station"]),
    ("rusqlite", &["station"]),
    ("clap", &["brasslink"]),
    ("rustix", &["types"]),
    ("signal-hook", &["types"]),
    ("tracing", &["pipeline", "brasslink"]),
    ("tracing-subscriber", &["brasslink"]),
];

/// Stages of the imaging crate in the order of the pipeline: each uses only
/// those before it.
const STAGES: [&str; 5] = ["acquire", "prepare", "extract", "correlate", "search"];

/// Every source file of a crate with its path from the crate's `src/`, sorted.
fn sources(of: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = testkit::project().join("src").join(of).join("src");
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort();
    found
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

/// What a crate depends on outside its tests.
fn dependencies(of: &str) -> BTreeSet<String> {
    let path = testkit::project().join("src").join(of).join("Cargo.toml");
    let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let folders: BTreeSet<String> = std::fs::read_dir(testkit::project().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let named: BTreeSet<String> = CRATES.iter().map(|c| c.0.to_owned()).collect();
    assert_eq!(folders, named, "a crate of src/ has no place in the order: give it one here");
    for (name, may) in CRATES {
        let own: Vec<String> =
            dependencies(name).into_iter().filter(|d| named.contains(d)).collect();
        let strays: Vec<_> = own.iter().filter(|d| !may.contains(&d.as_str())).collect();
        assert!(strays.is_empty(), "{name} depends on {strays:?}");
    }
}

#[test]
fn each_heavy_dependency_has_its_house() {
    for (name, _) in CRATES {
        let all = dependencies(name);
        for (heavy, houses) in HOUSED {
            assert!(!all.contains(heavy) || houses.contains(&name), "{name} depends on {heavy}");
        }
    }
}

#[test]
fn stages_of_imaging_use_only_those_before_them() {
    let mut strays = Vec::new();
    for (file, text) in sources("imaging") {
        let stage = file.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let Some(at) = STAGES.iter().position(|s| *s == stage) else { continue };
        let used = names_after(&code(&text), "crate::");
        let later = |name: &&String| STAGES[at + 1..].contains(&name.as_str());
        strays.extend(used.iter().filter(later).map(|name| format!("{file} uses {name}")));
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn only_the_command_line_prints_and_in_one_place() {
    let printing = ["print!", "println!", "eprint!", "eprintln!", "stdout()", "stderr()"];
    let mut strays = Vec::new();
    for (name, _) in CRATES {
        for (file, text) in sources(name) {
            let code = code(&text);
            let prints = printing.iter().any(|p| !names_after(&code, p).is_empty());
            // Children answer their parents; a bar asks what it is drawn on.
            let may = name == "typeset" && file == "main.rs"
                || name == "brasslink"
                    && ["output.rs", "store.rs", "progress.rs"].iter().any(|f| file.ends_with(f));
            if prints && !may {
                strays.push(format!("{name}/{file}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn one_file_asks_the_operating_system() {
    let asking = ["os::unix", "cfg(unix)", "cfg(not(unix))", "rustix", "/proc/", "/sys/"];
    let mut strays = Vec::new();
    for (name, _) in CRATES {
        for (file, text) in sources(name) {
            let code = code(&text);
            let asks = asking.iter().any(|what| code.contains(what));
            if asks && (name, file.as_str()) != ("types", "system.rs") {
                strays.push(format!("{name}/{file}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:?}");
}

/// Statements that make JSON of something and go on with nothing where that
/// fails: an empty record would be stored.
fn swallowed(code: &str) -> Vec<&str> {
    let makes = ["serde_json::to_string", "serde_json::to_vec", "serde_json::to_value"];
    let statements = code.split([';', '{', '}']).filter(|s| makes.iter().any(|m| s.contains(m)));
    statements.filter(|s| s.contains("unwrap_or") || s.contains(".ok()")).collect()
}

#[test]
fn nothing_is_stored_in_the_place_of_a_record_that_could_not_be_written() {
    for (name, _) in CRATES.iter().filter(|c| ["store", "casework", "pipeline"].contains(&c.0)) {
        for (file, text) in sources(name) {
            let code = code(&text);
            assert_eq!(swallowed(&code), [""; 0], "{name}/{file}");
        }
    }
    let sample = "let body = serde_json::to_string(&x).unwrap_or_default(); f(body);";
    assert_eq!(swallowed(sample).len(), 1);
}

/// What the walk through the house names: a file, and what is to be read in it.
fn walk(page: &str) -> Vec<(String, Vec<String>)> {
    let walk = page.split("## One casing's way").nth(1).unwrap();
    let walk = walk.split("\n## ").next().unwrap();
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    // What stands between backquotes.
    for name in walk.split('`').skip(1).step_by(2) {
        if name.starts_with("src/") {
            named.push((name.to_owned(), Vec::new()));
        } else if let Some((_, names)) = named.last_mut() {
            names.push(name.to_owned());
        }
    }
    named
}

/// The names of a step that its file does not define or hand on.
fn missing<'a>(text: &str, names: &'a [String]) -> Vec<&'a String> {
    let defined = |name: &&String| {
        let words = ["fn ", "struct ", "enum "];
        words.iter().any(|word| names_after(text, word).contains(name))
            || text.lines().any(|l| l.starts_with("pub use") && l.contains(name.as_str()))
    };
    names.iter().filter(|name| !defined(name)).collect()
}

#[test]
fn the_walk_through_the_house_names_what_is_there() {
    let root = testkit::project();
    let page = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md")).unwrap();
    let steps = walk(&page);
    assert!(steps.len() >= 15, "{steps:?}");
    for (file, names) in &steps {
        let text = std::fs::read_to_string(root.join(file));
        let text = text.unwrap_or_else(|e| panic!("docs/ARCHITECTURE.md names {file}: {e}"));
        let missing = missing(&text, names);
        assert!(missing.is_empty(), "{file} has no {missing:?}");
    }
    let names = ["read".to_owned(), "write".to_owned()];
    assert_eq!(missing("pub fn read() {}", &names), [&names[1]]);
}

#[test]
fn the_rules_can_be_broken() {
    let sample = "use crate::{report::Report, units};\n// crate::cli\nrayon::join(a, b);";
    assert_eq!(names_after(&code(sample), "crate::"), ["report", "units"]);
    assert_eq!(names_after(&code(sample), "rayon::"), ["join"]);
    assert!(names_after("eprintln!()", "println!").is_empty());
    assert!(dependencies("store").contains("hdf5"));
}
