//! What the tests of several crates need: reference data, made files, and how
//! a page, a PDF or a JSON report is looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod hostile;
pub mod npy;
pub mod page;
pub mod pdf;
pub mod schema;

use ndarray::Array2;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use types::evidence::{Digest, MarkKind, Modality};
use types::mark::{PreparedMark, Quality, Verdict};
use types::scan::{Format, Scan};
use types::surface::{Pose, Surface};
use types::units::Metres;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The project's folder: the nearest one upwards that holds the lock file, from
/// where Cargo starts tests. One compiled in would be another checkout's where
/// they share what was built.
pub fn project() -> PathBuf {
    let here = std::env::current_dir().unwrap();
    let found = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    found.expect("tests are started within the project").to_owned()
}

/// A reference file or folder, or `None`, said plainly, where it is absent.
/// With `BRASSLINK_REQUIRE_DATA` set its absence is a failure, so that nobody
/// takes a run that skipped half of the tests for one that passed them.
/// `BRASSLINK_SHARED` names the folder that holds `data/`; without it
/// `../shared` beside the project.
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BRASSLINK_SHARED")
        .map_or_else(|| project().join("../shared"), PathBuf::from);
    let path = root.join("data").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(!required(), "reference data {} is absent", path.display());
    println!("SKIPPED: reference data {} is absent", path.display());
    None
}

/// Whether a test that cannot be run has failed.
fn required() -> bool {
    std::env::var_os("BRASSLINK_REQUIRE_DATA").is_some_and(|v| v != "0")
}

/// A small breech face whose values follow from its casing's name.
pub fn mark_of_numbers(casing: &str, recipe: Digest) -> PreparedMark {
    let seed = casing.bytes().map(usize::from).sum::<usize>();
    PreparedMark {
        kind: MarkKind::BreechFace,
        modality: Modality::Topography,
        pitch: Metres(1e-5),
        values: Array2::from_shape_fn((24, 30), |(y, x)| ((x * seed + y * 5) % 17) as f32),
        scan_from_mark: Pose::default(),
        recipe,
        quality: Quality {
            verdict: Verdict::Good,
            reasons: Vec::new(),
            area_mm2: 6.0,
            coverage: 1.0,
            rms: 1.0,
        },
    }
}

/// How many damaged files a test tries: `few`, or that many times the number
/// in `BRASSLINK_FUZZ` for a longer run by hand.
pub fn rounds(few: u32) -> u32 {
    let times = std::env::var("BRASSLINK_FUZZ").ok().and_then(|n| n.parse::<u32>().ok());
    few * times.unwrap_or(1)
}

/// The rows of a table with a heading and commas between plain cells, by column.
pub fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let columns: Vec<String> = lines.next().unwrap().collect();
    lines.map(|cells| columns.iter().cloned().zip(cells).collect()).collect()
}

/// A profile across a screwdriver mark, of the study in the reference data.
pub struct Toolmark {
    /// The edge that made it.
    pub source: String,
    /// Direction and angle of the tool.
    pub made: String,
    /// Heights in µm, one row.
    pub heights: Array2<f32>,
    /// Distance of two points, µm.
    pub step_um: f64,
}

/// The screwdriver marks of the reference data; see [`shared`].
pub fn toolmarks() -> Option<Vec<Toolmark>> {
    let folder = shared("striated/toolmarks")?;
    let mut truth: BTreeMap<String, BTreeMap<String, String>> =
        table(&folder.join("truth.csv")).into_iter().map(|r| (r["mark"].clone(), r)).collect();
    let mark = |(name, line): (String, Array2<f64>)| {
        let row = truth.remove(&name).unwrap();
        Toolmark {
            source: row["source"].clone(),
            made: format!("{} {}", row["direction"], row["angle"]),
            heights: line.mapv(|z| (1e3 * z) as f32).reversed_axes(),
            step_um: row["dx_um"].parse().unwrap(),
        }
    };
    Some(npy::read_archive(&folder.join("signatures.npz")).into_iter().map(mark).collect())
}

/// A scan of a surface that comes from no file.
pub fn scan_of(surface: Surface) -> Scan {
    Scan {
        surface,
        file_mask: None,
        format: Format::X3p,
        sha256: Digest([0; 32]),
        bytes: 0,
        instrument: None,
        acquired: None,
        warnings: Vec::new(),
    }
}

/// A zip archive of stored or deflated members.
pub fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The members of an Excel workbook with one sheet: `rows` is the XML within
/// its `<sheetData>`, `strings` its shared strings. Style 1 shows dates.
pub fn workbook_members(rows: &str, strings: &[&str]) -> Vec<(&'static str, Vec<u8>)> {
    const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let shared: String = strings.iter().map(|s| format!("<si><t>{s}</t></si>")).collect();
    let part = |body: String| format!("<?xml version=\"1.0\"?>{body}").into_bytes();
    let targets = [
        ("worksheet", "worksheets/sheet1.xml"),
        ("sharedStrings", "sharedStrings.xml"),
        ("styles", "styles.xml"),
    ];
    let ties = targets.map(|(kind, target)| {
        format!("<Relationship Id=\"{kind}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    });
    let book = format!(
        "<Relationship Id=\"book\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>"
    );
    vec![
        ("_rels/.rels", part(format!("<Relationships xmlns=\"{PACKAGE}\">{book}</Relationships>"))),
        (
            "xl/workbook.xml",
            part(format!(
                "<workbook xmlns=\"{SHEET}\" xmlns:r=\"{OFFICE}\"><sheets>\
                 <sheet name=\"Hoja1\" sheetId=\"1\" r:id=\"worksheet\"/></sheets></workbook>"
            )),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            part(format!("<Relationships xmlns=\"{PACKAGE}\">{}</Relationships>", ties.concat())),
        ),
        (
            "xl/styles.xml",
            part(format!(
                "<styleSheet xmlns=\"{SHEET}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/>\
                 <xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            )),
        ),
        ("xl/sharedStrings.xml", part(format!("<sst xmlns=\"{SHEET}\">{shared}</sst>"))),
        (
            "xl/worksheets/sheet1.xml",
            part(format!("<worksheet xmlns=\"{SHEET}\"><sheetData>{rows}</sheetData></worksheet>")),
        ),
    ]
}

/// An Excel workbook of [`workbook_members`].
pub fn workbook(rows: &str, strings: &[&str]) -> Vec<u8> {
    let members = workbook_members(rows, strings);
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (*n, b.as_slice())).collect();
    zip(&members, CompressionMethod::Deflated)
}

/// A `main.xml` to be varied by replacing parts of it: 40 × 30 points of
/// `letter`, 5 µm apart.
pub fn main_xml(letter: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><p:ISO5436_2 xmlns:p=\"http://www.opengps.eu/2008/ISO5436_2\">\
         <Record1><FeatureType>SUR</FeatureType><Axes>\
         <CX><AxisType>I</AxisType><DataType>D</DataType><Increment>5e-6</Increment></CX>\
         <CY><AxisType>I</AxisType><DataType>D</DataType><Increment>5e-6</Increment></CY>\
         <CZ><AxisType>A</AxisType><DataType>{letter}</DataType><Increment>1</Increment>\
         <Offset>0</Offset></CZ></Axes></Record1>\
         <Record3><MatrixDimension><SizeX>40</SizeX><SizeY>30</SizeY><SizeZ>1</SizeZ>\
         </MatrixDimension><DataLink><PointDataLink>bindata/data.bin</PointDataLink></DataLink>\
         </Record3></p:ISO5436_2>"
    )
}

/// The matrix of [`main_xml`] as float64: a ramp of 1 nm a point.
pub fn ramp() -> Vec<u8> {
    (0..1200).flat_map(|i| (f64::from(i) * 1e-9).to_le_bytes()).collect()
}

/// An X3P of stored members, so that changed bytes reach the reader and are
/// not caught by a decompressor first.
pub fn x3p(xml: &str, data: &[u8]) -> Vec<u8> {
    zip(&[("main.xml", xml.as_bytes()), ("bindata/data.bin", data)], CompressionMethod::Stored)
}
