//! What poppler's tools tell of a PDF.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

/// Runs one of poppler's tools on a PDF; none, said plainly, where it is absent.
fn poppler(tool: &str, options: &[&str], pdf: &[u8], after: &[&str]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    let Ok(out) = Command::new(tool).args(options).arg(&path).args(after).output() else {
        println!("SKIPPED: there is no {tool} (Debian: poppler-utils)");
        return None;
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// A PDF's text as people read it, line breaks and soft breaks as blanks; none
/// where poppler's tools are not at hand.
pub fn text_of(pdf: &[u8], options: &[&str]) -> Option<String> {
    let text = poppler("pdftotext", options, pdf, &["-"])?;
    let text = text.replace(['\u{200b}', '\u{ad}', '\u{202f}'], "");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a PDF is apart from its text.
#[derive(Debug)]
pub struct Facts {
    /// How many pages.
    pub pages: usize,
    /// Width and height of the paper.
    pub millimetres: (u32, u32),
    /// Whether it is tagged.
    pub tagged: bool,
    /// Whether its metadata say PDF/A-2a.
    pub archival: bool,
    /// Fonts it uses.
    pub fonts: usize,
    /// Of them, those it holds.
    pub fonts_embedded: usize,
    /// The bookmarks of all levels.
    pub bookmarks: Vec<String>,
}

/// The facts of a PDF; call it only where [`text_of`] found the tools.
pub fn facts_of(pdf: &[u8]) -> Facts {
    let info = poppler("pdfinfo", &[], pdf, &[]).unwrap();
    let field = |name: &str| {
        let line = info.lines().find(|l| l.starts_with(name)).unwrap_or_default();
        line.trim_start_matches(name).trim().to_owned()
    };
    let size = field("Page size:");
    let mut points =
        size.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.parse::<f64>().ok());
    let mut millimetres = || (points.next().unwrap() * 25.4 / 72.0).round() as u32;
    let meta = poppler("pdfinfo", &["-meta"], pdf, &[]).unwrap();
    let says = |name: &str, value: &str| meta.contains(&format!("<pdfaid:{name}>{value}</"));
    let fonts = poppler("pdffonts", &[], pdf, &[]).unwrap();
    let embedded = |row: &&str| row.split_whitespace().rev().nth(4) == Some("yes");
    let outline = poppler("pdftohtml", &["-xml", "-i", "-stdout"], pdf, &[]).unwrap();
    Facts {
        pages: field("Pages:").parse().unwrap(),
        millimetres: (millimetres(), millimetres()),
        tagged: field("Tagged:") == "yes",
        archival: says("part", "2") && says("conformance", "A"),
        fonts: fonts.lines().skip(2).count(),
        fonts_embedded: fonts.lines().skip(2).filter(embedded).count(),
        bookmarks: outline
            .lines()
            .filter_map(|l| l.trim().strip_prefix("<item page=")?.split_once('>'))
            .map(|(_, rest)| rest.trim_end_matches("</item>").to_owned())
            .collect(),
    }
}

/// Whether `brasslink-typeset` lies beside the brasslink that is tested; said
/// plainly where it does not. As with reference data, `BRASSLINK_REQUIRE_DATA`
/// makes its absence a failure.
pub fn can_be_set() -> bool {
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("brasslink-typeset");
    if program.is_file() {
        return true;
    }
    let how = "cargo build --release -p brasslink-typeset";
    assert!(!crate::required(), "{} is absent: {how}", program.display());
    println!("SKIPPED: PDFs, for {} is absent: {how}", program.display());
    false
}
