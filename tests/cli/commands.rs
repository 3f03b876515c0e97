//! What docs/COMMANDS.md, the manual and `--json` promise of the command line.

use crate::desk::Workbench;
use serde_json::Value;
use std::path::Path;

/// Writes docs/COMMANDS.md anew where this is set; otherwise the page is held
/// against the program.
const WRITE: &str = "BRASSLINK_WRITE_DOCS";

/// The page: every command with its options, as `--help` tells them.
fn page() -> String {
    let options = clap_markdown::MarkdownOptions::new()
        .title("Commands of brasslink".into())
        .show_footer(false);
    let text = clap_markdown::help_markdown_command_custom(&brasslink::command(), &options);
    // The program's own version does not belong on a page.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let path = testkit::project().join("docs/COMMANDS.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(page().lines().map(str::to_owned)).find(|(a, b)| a != b);
    assert!(
        written == page(),
        "docs/COMMANDS.md is not what the program says ({differs:?}): run this test with {WRITE}=1"
    );
}

#[test]
fn every_command_has_a_manual_page_and_the_old_names_are_understood_but_not_shown() {
    let desk = Workbench::new();
    desk.said(0, &["man", "pages"]);
    let page = |name: &str| desk.path("pages").join(format!("{name}.1"));
    for name in ["brasslink", "brasslink-run", "brasslink-store-verify", "brasslink-store-expunge"]
    {
        let text = std::fs::read_to_string(page(name)).unwrap();
        assert!(text.contains(".SH"), "{name}: {text}");
    }
    let (help, _) = desk.said(0, &["help"]);
    for old in ["\n  verify ", "\n  expunge ", "\n  log ", "\n  man "] {
        assert!(!help.contains(old), "{old:?} in {help}");
    }
    let (store, _) = desk.said(0, &["store", "--help"]);
    for new in ["\n  verify ", "\n  expunge ", "\n  log "] {
        assert!(store.contains(new), "{new:?} not in {store}");
    }
}

#[test]
fn a_store_is_named_alike_in_new_and_old_commands() {
    let desk = Workbench::new();
    let table = "agency_id,name,country,state\nFGECHH1,Fiscalía de Chihuahua,MX,MX-CHH\n";
    std::fs::write(desk.path("agency.csv"), table).unwrap();
    desk.said(0, &["record", "import", "agency.csv", "--store", "store", "--operator", "tests"]);
    for named in [
        &["store", "log", "--store", "store", "--head"][..],
        &["store", "log", "store", "--head"],
        &["log", "store", "--head"],
        &["log", "--store", "store", "--head"],
    ] {
        let (out, _) = desk.said(0, named);
        assert!(out.starts_with("1 "), "{named:?}: {out}");
    }
    desk.said(2, &["store", "verify"]);
    desk.said(2, &["store", "verify", "store", "--store", "store"]);
}

#[test]
fn json_is_printed_or_written_and_nothing_for_people_is_mixed_into_it() {
    let desk = Workbench::new();
    let table = "agency_id,name,country,state\nFGECHH1,Fiscalía de Chihuahua,MX,MX-CHH\n";
    std::fs::write(desk.path("agency.csv"), table).unwrap();
    let import = ["record", "import", "agency.csv", "--store", "store", "--operator", "tests"];
    // A command that changes the store: people are told on standard error.
    let (out, err) = desk.said(0, &[&import[..], &["--json"]].concat());
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["exit_code"], 0, "{out}");
    assert!(!err.is_empty());
    // One that looks: the same option, the same two ways.
    let (out, _) = desk.said(0, &["store", "verify", "--store", "store", "--json"]);
    let printed: Value = serde_json::from_str(&out).unwrap();
    desk.said(0, &["store", "verify", "--store", "store", "--json=findings.json"]);
    assert_eq!(desk.read("findings.json"), printed);
    assert!(Path::new(&desk.path("findings.json")).exists());
}

#[test]
fn the_version_tells_commit_and_recipe() {
    let desk = Workbench::new();
    let (out, _) = desk.said(0, &["--version"]);
    let recipe = imaging::prepare::Recipe::default().hash().short();
    assert!(out.contains("commit ") && out.contains(&format!("recipe {recipe}")), "{out}");
}
