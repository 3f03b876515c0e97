//! Manifests as spreadsheets write them: CSV in UTF-8 and UTF-16, workbooks.

use super::{NUMBERS, fuzz, mutated, write_anew};
use imaging::acquire::manifest::read_manifest;
use rand::{Rng, RngExt as _};
use rand_chacha::ChaCha8Rng;
use std::fmt::Write as _;
use zip::CompressionMethod;

/// The heading and three rows of the samples' manifest.
fn few_rows() -> String {
    let samples = testkit::project().join("samples/manifest.csv");
    let whole = std::fs::read_to_string(samples).unwrap();
    whole.split_inclusive('\n').take(4).collect()
}

/// Runs a target whose inputs are whole manifests.
fn manifests(name: &str, input: impl FnMut(&mut ChaCha8Rng) -> Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest");
    let read = |bytes: &[u8]| {
        write_anew(&path, bytes);
        read_manifest(&path).is_ok()
    };
    fuzz(name, input, read);
}

#[test]
fn csv_manifests() {
    let quoted = b"file,casing_id,mark_kind\na.x3p,\"A\n1\",\n".to_vec();
    let seeds = [few_rows().into_bytes(), quoted];
    manifests("csv manifests", |rng| mutated(&seeds, rng));
}

/// UTF-16 in either byte order, with and without its mark: changed as text and
/// then written, or changed as bytes.
#[test]
fn utf16_manifests() {
    let texts = [few_rows(), few_rows().replace(',', ";"), "file\tcasing_id\nÑ.x3p\t😀\n".into()];
    let written = |text: &str, rng: &mut ChaCha8Rng| {
        let mark = if rng.random() { "\u{feff}" } else { "" };
        let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
        let little = rng.random::<bool>();
        let bytes = |u: u16| if little { u.to_le_bytes() } else { u.to_be_bytes() };
        units.into_iter().flat_map(bytes).collect::<Vec<u8>>()
    };
    let input = |rng: &mut ChaCha8Rng| {
        if rng.random() {
            let text = mutated(&texts.clone().map(String::into_bytes), rng);
            return written(&String::from_utf8_lossy(&text), rng);
        }
        let whole = written(&texts[rng.random_range(0..texts.len())], rng);
        mutated(&[whole], rng)
    };
    manifests("utf16 manifests", input);
}

/// Places of cells that readers stumble over.
const PLACES: [&str; 9] =
    ["XFD1", "A1048576", "XFD1048576", "ZZZZZZ9", "A0", "A", "1", "", "B99999999999"];

/// The XML of a cell: text in it, shared, a number, a date, a truth value, an
/// error; mostly as Excel writes it.
fn cell(place: &str, text: &str, rng: &mut impl Rng) -> String {
    let number = NUMBERS[rng.random_range(0..NUMBERS.len())];
    let odd = ["1e308", "-1", "nan", "", "45000.5", "-9e18", "2958466"];
    let odd = odd[rng.random_range(0..odd.len())];
    match rng.random_range(0..16) {
        0 => format!("<c r=\"{place}\" t=\"s\"><v>{number}</v></c>"),
        1 => format!("<c r=\"{place}\" s=\"1\"><v>{odd}</v></c>"),
        2 => format!("<c r=\"{place}\" t=\"d\"><v>2026-03-14T25:61:00</v></c>"),
        3 => format!("<c r=\"{place}\" t=\"b\"><v>{odd}</v></c>"),
        4 => format!("<c r=\"{place}\" t=\"e\"><v>#REF!</v></c>"),
        5 => format!("<c r=\"{place}\" s=\"{number}\"><v>{odd}</v></c>"),
        6 => format!("<c r=\"{place}\" t=\"str\"><f>CONCAT(A1)</f><v>{text}</v></c>"),
        7 => format!("<c r=\"{place}\" t=\"{odd}\"><v>{text}</v></c>"),
        8..=11 => format!("<c r=\"{place}\" t=\"s\"><v>{}</v></c>", rng.random_range(0..3)),
        _ => format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    }
}

/// A workbook that is whole as an archive, with up to two cells in odd places.
fn workbook(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let texts = ["file", "casing_id", "a.x3p", "C-1", "", "&#xFFFF;", "9 mm &amp; x"];
    let (mut rows, odd) = (String::new(), rng.random_range(0..3));
    let strange = rng.random_range(0..24_usize);
    for line in 1..=rng.random_range(1..=4_usize) {
        let _ = write!(rows, "<row r=\"{line}\">");
        for (column, heading) in ["file", "casing_id", "notes"].into_iter().enumerate() {
            let at = line * 3 + column;
            let own = format!("{}{line}", char::from(b'A' + column as u8));
            let place = if at == strange || at == strange + odd {
                PLACES[rng.random_range(0..PLACES.len())]
            } else {
                &own
            };
            let text = if line == 1 { heading } else { texts[rng.random_range(0..texts.len())] };
            if line == 1 && at != strange {
                let _ = write!(rows, "<c r=\"{own}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
            } else {
                rows += &cell(place, text, rng);
            }
        }
        rows += "</row>";
    }
    let mut members = testkit::workbook_members(&rows, &["a.x3p", "C-1", "<r/>"]);
    if rng.random_ratio(1, 4) {
        let at = rng.random_range(0..members.len());
        members[at].1 = mutated(&[members[at].1.clone()], rng);
    }
    let method = if rng.random() { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (*n, b.as_slice())).collect();
    let whole = testkit::zip(&members, method);
    if rng.random_ratio(1, 4) { mutated(&[whole], rng) } else { whole }
}

#[test]
fn xlsx_manifests() {
    manifests("xlsx manifests", workbook);
}
