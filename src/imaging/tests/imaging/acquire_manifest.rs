//! Manifests: what is accepted, and what is said of each bad row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::Rows;
use imaging::acquire::manifest::{
    COLUMNS_HELP, Manifest, ManifestRow, manifest_template, read_manifest, read_manifest_with,
    read_truth,
};
use std::path::PathBuf;
use tempfile::TempDir;
use types::error::Kind;
use types::evidence::{Light, MarkKind, Origin};
use types::units::Metres;

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
         b.x3p,C7,,,,,,,,,,x\n\
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
fn every_encoding_of_a_spreadsheet_is_read() {
    // Windows-1252: an accent, a dash and quotation marks.
    let manifest = read(b"file,casing_id,notes\na.x3p,C1,Nuevo Le\xf3n \x96 \x93SA\x94\n");
    assert_eq!(manifest.rows[0].casing.notes, "Nuevo León – “SA”");
    assert!(manifest.warnings[0].contains("Windows-1252"));
    let text = "file;casing_id;notes\r\na.x3p;C1;Nuevo León\r\n";
    for (bom, big) in [("\u{feff}", false), ("\u{feff}", true), ("", false), ("", true)] {
        let wide: Vec<u8> = format!("{bom}{text}")
            .encode_utf16()
            .flat_map(|c| if big { c.to_be_bytes() } else { c.to_le_bytes() })
            .collect();
        let manifest = read(&wide);
        assert_eq!(manifest.rows[0].casing.notes, "Nuevo León", "{bom:?} {big}");
        assert_eq!(manifest.warnings, [""; 0]);
    }
    let folder = folder();
    let cut = read_manifest(&write(&folder, b"\xff\xfef\0i\0\x00\xd8")).unwrap_err();
    assert!(cut.to_string().contains("CSV UTF-8"), "{cut}");
}

#[test]
fn cells_at_the_corners_of_a_sheet_make_no_room_for_all_between() {
    let text = |place: &str, text: &str| {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let head = text("B2", "file") + &text("C2", "casing_id");
    let row = text("B3", "a.x3p") + &text("C3", "C-1");
    let sheet = |far: &str| {
        let far = format!("<row r=\"1048576\"><c r=\"{far}1048576\"><v>1</v></c></row>");
        let rows = format!("<row r=\"2\">{head}</row><row r=\"3\">{row}</row>{far}");
        testkit::workbook(&rows, &[])
    };
    let manifest = read(sheet("C"));
    assert_eq!((manifest.rows.len(), manifest.rows[0].line), (1, 3));
    assert_eq!(problems(&manifest), [(1_048_576, "file")]);
    // With the first cell it spans 17 thousand million places.
    let folder = folder();
    let refused = read_manifest(&write(&folder, sheet("XFD"))).unwrap_err();
    assert_eq!(refused.kind, Kind::TooLarge);
    assert!(refused.to_string().contains("line 1048576"), "{refused}");
}

#[test]
fn manifests_are_read_as_people_make_them() {
    let row = |text: &str| {
        let manifest = read(text);
        assert!(manifest.problems.is_empty(), "{text:?}: {:?}", manifest.problems);
        let [row] = &manifest.rows[..] else { panic!("{text:?}: {manifest:?}") };
        (row.clone(), manifest.warnings)
    };
    // Empty cells as far as any row reaches; but not ones that hold something.
    let (trailing, _) = row("file,casing_id,notes\na.x3p,C1,n,,,\n");
    assert_eq!(trailing.casing.notes, "n");
    let full = read("file,casing_id\na.x3p,C1,n\n");
    assert!(full.problems[0].what.contains("3 cells under 2 headings"), "{:?}", full.problems);
    // Excel's line with the separator, also one that the headings do not show.
    for text in
        ["sep=;\r\nfile;casing_id\r\na.x3p;C1\r\n", "\u{feff}SEP=|\nfile|casing_id\na.x3p|C1\n"]
    {
        assert_eq!(row(text).0.line, 3);
    }
    // A title, one cell or several, and blank lines.
    for title in ["Manifiesto, de casquillos;;\n", "\n\"Casquillos; 2026\"\n\n", "a\nb\nc\n"] {
        let (found, warnings) = row(&format!("{title}file;casing_id;notes\na.x3p;C1;n\n"));
        assert_eq!(found.casing.notes, "n");
        assert!(warnings[0].contains("above the headings is a title"), "{warnings:?}");
    }
    // Leading zeros kept by a formula; numbers that were shortened.
    let (zeros, _) =
        row("file,casing_id,scene_id,case_number\na.x3p,=\"0017\",S,\"=\"\"0042\"\"\"\n");
    assert_eq!(zeros.casing.id.as_str(), "0017");
    let lost = read("file;casing_id\na.x3p;2,02E+11\nb.x3p;2.02604E+12\nsub/c.png;1E5\n");
    assert_eq!((problems(&lost), lost.rows.len()), (vec![(2, "casing_id"), (3, "casing_id")], 1));
    assert!(
        lost.problems[0].what.contains("2,02E+11") && lost.problems[0].what.contains("shortened")
    );
    // Dates in another order: the whole value, and what to write.
    for (text, advice) in [
        ("14/03/2026", "write 2026-03-14"),
        ("3/14/2026", "write 2026-03-14"),
        ("14.03.2026 10:30", "write 2026-03-14"),
        ("04/03/2026", "write 2026-03-04 if the day comes first, 2026-04-03 if the month does"),
    ] {
        let manifest = read(format!("file,casing_id,scene_id,scene_date\na.x3p,C1,S,{text}\n"));
        let [problem] = &manifest.problems[..] else { panic!("{manifest:?}") };
        assert!(problem.what.contains(text), "{problem}");
        assert_eq!(problem.advice.as_ref().map(ToString::to_string).as_deref(), Some(advice));
    }
    // Spanish headings and values.
    let (spanish, warnings) = row(
        "Archivo;Casquillo;Tipo de marca;Origen;Escena;Fecha;Entidad;Fiscalía;Expediente;Calibre;\
         Forma del percutor;Iluminación;Observaciones\n\
         a.x3p;C1;culote;evidencia;S1;2026-03-14;Chihuahua;FGE;42;9x19 mm;semiesférico;anular;ok\n",
    );
    assert_eq!(warnings, [""; 0]);
    assert_eq!((spanish.mark_kind, spanish.light), (MarkKind::BreechFace, Light::Ring));
    assert_eq!(spanish.casing.firing_pin_shape.word(), "hemispherical");
    assert_eq!(spanish.casing.scene.unwrap().state.as_deref(), Some("MX-CHH"));
    assert_eq!(
        (spanish.casing.calibre.as_deref(), &*spanish.casing.notes),
        (Some("9x19 mm"), "ok")
    );
    // The order of rows and casts.
    let (lies, _) = row("file,casing_id,rows,cast\na.x3p,C1,bottom-up,sí\n");
    assert_eq!((lies.setting.rows, lies.setting.cast), (Some(Rows::BottomUp), Some(true)));
    let wrong = read("file,casing_id,rows,cast,instrument\na.x3p,C1,left,maybe,G5\n");
    assert_eq!(problems(&wrong), [(2, "rows"), (2, "cast"), (2, "instrument")]);
}

#[test]
fn a_file_is_found_however_its_accents_are_composed() {
    let (composed, apart) = ("Pe\u{f1}a.x3p", "Pen\u{303}a.x3p");
    for (on_disk, written) in [(composed, apart), (apart, composed)] {
        let folder = folder();
        std::fs::write(folder.path().join("sub").join(on_disk), "scan").unwrap();
        let text = format!("file,casing_id\nsub/{written},C1\n");
        let manifest = read_manifest(&write(&folder, text)).unwrap();
        assert!(manifest.rows[0].file.ends_with(on_disk), "{:?}", manifest.problems);
    }
}

#[test]
fn profiles_of_instruments_lie_beside_the_manifest_or_are_named() {
    let folder = folder();
    let profiles = folder.path().join("instruments");
    std::fs::create_dir(&profiles).unwrap();
    std::fs::write(profiles.join("g5.toml"), "maker = \"Alicona\"\nrows = \"bottom-up\"\n")
        .unwrap();
    let path = write(&folder, "file,casing_id,instrument\na.x3p,C1,G5\n");
    let manifest = read_manifest(&path).unwrap();
    assert_eq!(manifest.rows[0].instrument.as_deref(), Some("G5"));
    assert!(manifest.profiles.has("g5"));
    let elsewhere = tempfile::tempdir().unwrap();
    let none = read_manifest_with(&path, Some(elsewhere.path())).unwrap();
    assert_eq!(problems(&none), [(2, "instrument")]);
    std::fs::write(profiles.join("bad.toml"), "rows = \"sideways\"\n").unwrap();
    let error = read_manifest(&path).unwrap_err();
    assert!(
        error.to_string().contains("bad.toml") && error.to_string().contains("sideways"),
        "{error}"
    );
}

/// A workbook of two sheets, the second with the rows: texts, a number, a date
/// and an empty cell at the left.
fn workbook() -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetData>{rows}</sheetData></worksheet>"
        )
    };
    let text = |at: &str, t: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{t}</t></is></c>");
    let heads = [
        ("B2", "file"),
        ("C2", "casquillo"),
        ("D2", "expediente"),
        ("E2", "fecha"),
        ("F2", "escena"),
    ];
    let heads: String = heads.iter().map(|(at, t)| text(at, t)).collect();
    let row = format!(
        "{}{}<c r=\"D3\"><v>42</v></c><c r=\"E3\" s=\"1\"><v>46095</v></c>{}",
        text("B3", "a.x3p"),
        text("C3", "0017"),
        text("F3", "S1")
    );
    let rows = format!("<row r=\"2\">{heads}</row><row r=\"3\">{row}</row>");
    let main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                .to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"r1\" Type=\"{main}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{main}\"><sheets>\
             <sheet name=\"Notas\" sheetId=\"1\" r:id=\"s1\"/><sheet name=\"Casquillos\" sheetId=\"2\" r:id=\"s2\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"s1\" Type=\"{main}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
             <Relationship Id=\"s2\" Type=\"{main}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
             <Relationship Id=\"s3\" Type=\"{main}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
                .to_owned(),
        ),
        ("xl/worksheets/sheet1.xml", sheet("")),
        ("xl/worksheets/sheet2.xml", sheet(&rows)),
    ]; // fmt: skip
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    testkit::zip(&parts, zip::CompressionMethod::Deflated)
}

#[test]
fn an_excel_workbook_is_read_as_it_is_and_the_sheet_named() {
    let manifest = read(workbook());
    assert!(manifest.problems.is_empty(), "{:?}", manifest.problems);
    let [row] = &manifest.rows[..] else { panic!("{manifest:?}") };
    assert_eq!((row.line, row.casing.id.as_str()), (3, "0017"));
    let scene = row.casing.scene.as_ref().unwrap();
    assert_eq!(scene.case.as_ref().unwrap().as_str(), "42");
    assert_eq!(scene.date.unwrap().to_string(), "2026-03-14");
    assert!(manifest.warnings[0].contains("\"Casquillos\", one of 2"), "{:?}", manifest.warnings);
    let folder = folder();
    let other = testkit::zip(&[("a.txt", b"x")], zip::CompressionMethod::Stored);
    let error = read_manifest(&write(&folder, other)).unwrap_err();
    assert!(error.what.contains("workbook cannot be read"), "{error}");
}

#[test]
fn faulty_manifests_of_the_reference_data_are_read_or_say_what_to_do() {
    let Some(path) = testkit::shared("faults/manifests") else { return };
    let folder = tempfile::tempdir().unwrap();
    let scans = folder.path().join("scans");
    std::fs::create_dir(&scans).unwrap();
    for name in ["CHH-1187-1.x3p", "CHH-1187-2.x3p", "Pen\u{303}a_01.x3p"] {
        std::fs::write(scans.join(name), "scan").unwrap();
    }
    for (name, rows) in [
        ("cp1252_dash_quotes.csv", 1),
        ("nfc_name_nfd_file.csv", 1),
        ("sep_line_semicolon.csv", 2),
        ("title_line_above_header.csv", 2),
        ("trailing_empty_cells.csv", 2),
    ] {
        let to = folder.path().join(name);
        std::fs::copy(path.join(name), &to).unwrap();
        let manifest = read_manifest(&to).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(manifest.rows.len(), rows, "{name}: {manifest:?}");
        if name.starts_with("cp1252") {
            let agency = manifest.rows[0].casing.scene.as_ref().unwrap().agency.as_deref();
            assert_eq!(agency, Some("Fiscalía – Zona Norte “A”"));
            // Its second row gives the scene another agency, which is said.
            assert_eq!(problems(&manifest), [(3, "agency")]);
        }
    }
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
    let explained: Vec<&str> = COLUMNS_HELP.iter().map(|c| c.name).collect();
    let heading = manifest_template().lines().next().unwrap();
    assert_eq!(heading.split(',').collect::<Vec<_>>(), explained);
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
    let Some(path) = testkit::shared("truth.csv") else { return };
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
