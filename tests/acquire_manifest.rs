//! Manifests: what is accepted, and what is said of each bad row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use brasslink::acquire::manifest::{
    Manifest, ManifestRow, manifest_template, read_manifest, read_truth,
};
use brasslink::error::Kind;
use brasslink::evidence::{Light, MarkKind, Origin};
use brasslink::units::Metres;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with scans `a.x3p`, `b.x3p` and `sub/c.png`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for name in ["a.x3p", "b.x3p", "sub/c.png"] {
        std::fs::write(folder.path().join(name), "scan").unwrap();
    }
    folder
}

fn write(folder: &TempDir, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join("manifest");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(bytes: impl AsRef<[u8]>) -> Manifest {
    let folder = folder();
    read_manifest(&write(&folder, bytes)).unwrap_or_else(|e| panic!("{e}"))
}

/// The problems as `line column` with the text to look into.
fn problems(manifest: &Manifest) -> Vec<(u64, &'static str)> {
    manifest.problems.iter().map(|p| (p.line, p.column.unwrap_or(""))).collect()
}

#[test]
fn a_full_row_is_understood_in_every_dialect() {
    let heading = "file,casing_id,mark_kind,origin,scene_id,scene_date,scene_state,agency,\
                   case_number,firearm_id,calibre,firing_pin_shape,light,pixel_um,notes";
    let row = "sub/c.png,C1,fp,evidence,S1,2026-03-14,mx-chh,FGE,4211,,9x19 mm,glock,ring,2.53,n";
    let csv = format!("{heading}\n{row}\n");
    let json = "[\n {\"file\": \"sub/c.png\", \"casing_id\": \"C1\", \"mark_kind\": \"fp\", \
                \"origin\": \"evidence\", \"scene_id\": \"S1\", \"scene_date\": \"2026-03-14\", \
                \"scene_state\": \"MX-CHH\", \"agency\": \"FGE\", \"case_number\": 4211, \
                \"firearm_id\": null, \"calibre\": \"9x19 mm\", \"firing_pin_shape\": \"glock\", \
                \"light\": \"ring\", \"pixel_um\": 2.53, \"notes\": \"n\"}\n]";
    let dialects = [
        csv.clone(),
        csv.replace(',', ";"),
        csv.replace(',', "\t"),
        format!("\u{feff}{}", csv.replace('\n', "\r\n")),
        csv.replace("C1", "\" C1 \"").replace("calibre", "Caliber").replace("case_n", "Case N"),
        csv.replace("sub/", "sub\\"),
        json.to_owned(),
        json.trim_matches(['[', ']', '\n', ' ']).replace('\n', " "),
    ];
    for text in dialects {
        let manifest = read(&text);
        assert!(manifest.problems.is_empty() && manifest.warnings.is_empty(), "{manifest:?}");
        let [row] = &manifest.rows[..] else { panic!("{text}") };
        assert_eq!(
            (row.line <= 2, row.mark_kind, row.light),
            (true, MarkKind::FiringPin, Light::Ring)
        );
        assert_eq!(row.pixel_size, Some(Metres::from_um(2.53)));
        let scene = row.casing.scene.as_ref().unwrap();
        assert_eq!(scene.state.as_deref(), Some("MX-CHH"));
        assert_eq!(scene.date.unwrap().to_string(), "2026-03-14");
        assert_eq!(scene.case.as_ref().unwrap().as_str(), "4211");
        assert_eq!((row.casing.id.as_str(), row.casing.origin), ("C1", Origin::Evidence));
        assert!(row.file.ends_with("sub/c.png"));
    }
}

#[test]
fn every_bad_row_is_reported_with_its_line_and_good_rows_stay() {
    let manifest = read(
        "file,casing_id,mark_kind,origin,scene_id,scene_date,scene_state,pixel_um,firearm_id,hue\n\
         a.x3p,C1,,,,,,,,\n\
         missing.x3p,C2,,,,,,,,\n\
         b.x3p,,nose,,,,,,,\n\
         \n\
         b.x3p,C4,,,S1,14/03/2026,Tejass,0.9e9,,\n\
         b.x3p,C5,,test_fire,S1,,,,,\n\
         b.x3p,C6,,,,2026-03-14,,,,\n\
         b.x3p,C7,,,,,,,,,,\n\
         b.x3p,C8,,test_fire,,,,2.5,,\n",
    );
    let lines: Vec<u64> = manifest.rows.iter().map(|r| r.line).collect();
    assert_eq!(lines, [2, 10]);
    let expected = [
        (3, "file"),
        (4, "mark_kind"),
        (4, "casing_id"),
        (6, "scene_date"),
        (6, "scene_state"),
        (6, "pixel_um"),
        (7, "scene_id"),
        (8, "scene_id"),
        (9, ""),
    ];
    let mut found = problems(&manifest);
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{:#?}", manifest.problems);
    let slip = manifest.problems.iter().find(|p| p.column == Some("scene_state")).unwrap();
    assert!(slip.to_string().contains("perhaps Texas (US-TX) is meant"), "{slip}");
    assert_eq!(manifest.warnings.len(), 2, "{:?}", manifest.warnings);
    assert!(manifest.warnings[0].contains("\"hue\""));
    assert!(manifest.warnings[1].contains("line 10"));
}

#[test]
fn states_are_read_by_name_and_code_and_kept_by_code() {
    let manifest = read(
        "file,casing_id,scene_id,scene_state\n\
         a.x3p,C1,S1,Nuevo León\n\
         b.x3p,C2,S2,nuevo mexico\n\
         sub/c.png,C3,S3,INEGI 08\n\
         a.x3p,C4,S4,08\n",
    );
    assert_eq!(problems(&manifest), [(5, "scene_state")]);
    let of = |row: &ManifestRow| {
        row.casing.scene.as_ref().and_then(|scene| scene.state.clone()).unwrap()
    };
    let states: Vec<String> = manifest.rows.iter().map(of).collect();
    assert_eq!(states, ["MX-NLE", "US-NM", "MX-CHH"]);
}

#[test]
fn contradictions_and_repetitions_name_both_lines() {
    let manifest = read(
        "file,casing_id,mark_kind,scene_id,scene_date,calibre,notes\n\
         a.x3p,C1,bf,S1,2026-03-14,,first\n\
         a.x3p,C1,fp,S1,,9 mm,second\n\
         a.x3p,C1,bf,S1,,,\n\
         a.x3p,C2,ejector,S1,,,\n\
         b.x3p,C1,bf,S1,,.40,\n\
         b.x3p,C3,bf,S1,2026-03-15,,\n\
         b.x3p,C1,bf,S2,,,\n",
    );
    assert_eq!(
        problems(&manifest),
        [(4, "file"), (5, "file"), (6, "calibre"), (7, "scene_date"), (8, "scene_id")]
    );
    let said = manifest.problems[3].to_string();
    assert!(said.contains("2026-03-14 since line 2 and 2026-03-15 here"), "{said}");
    // What one row leaves open, another fills in; both carry one record.
    let [first, second] = &manifest.rows[..] else { panic!("{:?}", manifest.rows) };
    assert_eq!(first.casing, second.casing);
    assert_eq!(first.casing.calibre.as_deref(), Some("9 mm"));
    assert_eq!(first.casing.notes, "first; second");
}

#[test]
fn latin_1_is_read_with_a_warning_and_utf_16_refused() {
    let manifest = read(b"file,casing_id,notes\na.x3p,C1,Nuevo Le\xf3n\n");
    assert_eq!(manifest.rows[0].casing.notes, "Nuevo León");
    assert!(manifest.warnings[0].contains("Latin-1"));
    let folder = folder();
    let error = read_manifest(&write(&folder, b"\xff\xfef\0i\0")).unwrap_err();
    assert!(error.to_string().contains("CSV UTF-8"), "{error}");
}

#[test]
fn a_file_that_is_no_manifest_is_an_error() {
    let folder = folder();
    for (text, reason) in [
        ("", "no heading line"),
        ("file,name\na.x3p,C1\n", "no column \"casing_id\""),
        ("file,casing_id,file\n", "twice"),
        ("[{\"file\": 1},\n{\"file\": ]", "line 2"),
        ("[{\"file\": \"a.x3p\"}", "not closed"),
        ("[] []", "after the end"),
    ] {
        let error = read_manifest(&write(&folder, text)).expect_err(text);
        assert_eq!(error.kind, Kind::BadInput);
        assert!(error.what.contains(reason), "{text:?}: {error}");
    }
    let absent = read_manifest(&folder.path().join("absent.csv")).unwrap_err();
    assert_eq!(absent.kind, Kind::Io);
}

#[test]
fn json_rows_that_are_not_flat_and_open_quotes_are_problems() {
    let manifest =
        read("{\"file\": \"a.x3p\", \"casing_id\": [1]}\n{\"file\": \"b.x3p\", \"casing_id\": 7}");
    assert_eq!((problems(&manifest), manifest.rows[0].line), (vec![(1, "")], 2));
    assert_eq!(manifest.rows[0].casing.id.as_str(), "7");
    let open = format!("file,casing_id\na.x3p,C1\n\"b.x3p,C2\n{}", "x.x3p,C9\n".repeat(5000));
    let manifest = read(open);
    assert_eq!((manifest.rows.len(), problems(&manifest)), (1, vec![(3, "")]));
}

#[test]
fn the_template_is_a_manifest() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("scans")).unwrap();
    std::fs::write(folder.path().join("scans/0001.x3p"), "scan").unwrap();
    let manifest = read_manifest(&write(&folder, manifest_template())).unwrap();
    assert!(manifest.problems.is_empty() && manifest.warnings.is_empty(), "{manifest:?}");
    assert_eq!(manifest.rows.len(), 1);
}

#[test]
fn truth_is_strict() {
    let folder = folder();
    let read = |text: &str| read_truth(&write(&folder, text));
    let rows =
        read("file,casing_id,firearm_id,pixel_um\na.x3p,C1,G1,6.25\nb.x3p,C2,G1,\n").unwrap();
    assert_eq!((rows.len(), rows[1].firearm.as_str()), (2, "G1"));
    assert_eq!(rows[0].pixel_size, Some(Metres::from_um(6.25)));
    let head = "file,casing_id,firearm_id\n";
    for (text, reason) in [
        ("file,casing_id\na,b\n".to_owned(), "firearm_id"),
        ("file,casing_id,firearm_id,gun\na,b,c,d\n".to_owned(), "\"gun\""),
        (format!("{head}a,C1,\n"), "line 2"),
        (format!("{head}a,C1,G1\nb,C1,G2\n"), "line 3: casing C1"),
        (format!("{head}a,C1,G1\na,C1,G1\n"), "line 3: line 2"),
    ] {
        let error = read(&text).expect_err(&text);
        assert!(error.kind == Kind::BadInput && error.what.contains(reason), "{error}");
    }
    let Some(path) = common::shared("truth.csv") else { return };
    assert_eq!(read_truth(&path).unwrap().len(), 89);
}

#[test]
fn a_hundred_thousand_rows_are_read() {
    let folder = folder();
    let mut text = "file,casing_id,mark_kind\n".to_owned();
    for i in 0..100_000 {
        text.push_str(&format!("s{i}.x3p,C{i},bf\n"));
    }
    let manifest = read_manifest(&write(&folder, text)).unwrap();
    assert_eq!((manifest.rows.len(), manifest.problems.len()), (0, 100_000));
    assert_eq!(manifest.problems[99_999].line, 100_001);
    let windows = read_manifest(&write(&folder, "file,casing_id\r\nx,C1\r\n\r\n\r\ny,C2\r\n"));
    assert_eq!(problems(&windows.unwrap()), [(2, "file"), (5, "file")]);
}
