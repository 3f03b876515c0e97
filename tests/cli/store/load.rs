//! What a file may claim and cost: it fails by name, and the rest goes on.

use assert_cmd::Command;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An X3P file that claims `side` × `side` points `step_um` apart, all zero.
fn claims(folder: &Path, side: usize, step_um: f64) -> PathBuf {
    let path = folder.join(format!("{side}.x3p"));
    let axis = |name: &str| {
        format!(
            "<{name}><AxisType>I</AxisType><DataType>D</DataType><Increment>{:e}</Increment>\
             <Offset>0</Offset></{name}>",
            step_um * 1e-6
        )
    };
    let xml = format!(
        "<?xml version=\"1.0\"?><p:ISO5436_2 xmlns:p=\"http://www.opengps.eu/2008/ISO5436_2\">\
         <Record1><FeatureType>SUR</FeatureType><Axes>{}{}<CZ><AxisType>A</AxisType>\
         <DataType>I</DataType><Increment>1e-9</Increment><Offset>0</Offset></CZ></Axes></Record1>\
         <Record3><MatrixDimension><SizeX>{side}</SizeX><SizeY>{side}</SizeY><SizeZ>1</SizeZ>\
         </MatrixDimension><DataLink><PointDataLink>bindata/data.bin</PointDataLink></DataLink>\
         </Record3></p:ISO5436_2>",
        axis("CX"),
        axis("CY")
    );
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let packed = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file("main.xml", packed).unwrap();
    zip.write_all(xml.as_bytes()).unwrap();
    zip.start_file("bindata/data.bin", packed).unwrap();
    let row = vec![0_u8; 2 * side];
    (0..side).for_each(|_| zip.write_all(&row).unwrap());
    zip.finish().unwrap();
    path
}

/// A PNG of a few pixels whose colour profile unpacks to `bytes`.
fn with_profile(folder: &Path, bytes: usize) -> PathBuf {
    let chunk = |kind: &[u8], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    let packed = |bytes: &[u8]| {
        let mut to = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    };
    let head = [&40_u32.to_be_bytes()[..], &40_u32.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let profile = [b"icc\0\0", &packed(&vec![0; bytes])[..]].concat();
    let png = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"iCCP", &profile),
        chunk(b"IDAT", &packed(&[&[0][..], &[90; 40]].concat().repeat(40))),
        chunk(b"IEND", b""),
    ];
    let path = folder.join("profile.png");
    std::fs::write(&path, png.concat()).unwrap();
    path
}

/// A JPEG that goes over its 8000 × 8000 pixels `passes` times.
fn with_passes(folder: &Path, passes: usize) -> PathBuf {
    let mut jpeg = b"\xff\xd8\xff\xc2\x00\x0b\x08\x1f\x40\x1f\x40\x01\x01\x11\x00".to_vec();
    jpeg.extend([0xff, 0xdb, 0, 67, 0]);
    jpeg.extend([1; 64]);
    jpeg.extend([0xff, 0xc4, 0, 20, 0, 1]);
    jpeg.extend([0; 15]);
    jpeg.extend([0]);
    for _ in 0..passes {
        jpeg.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0]);
    }
    jpeg.extend([0xff, 0xd9]);
    let path = folder.join("passes.jpg");
    std::fs::write(&path, jpeg).unwrap();
    path
}

/// Imports files, one a casing, with no more than `megabytes` of addresses if
/// any are named. What was said, and how long it took.
fn import(folder: &Path, files: &[PathBuf], megabytes: Option<u64>) -> (String, Duration) {
    let image = |f: &Path| f.extension().is_some_and(|e| e != "x3p");
    let pixel = |f: &Path| if image(f) { "2.5" } else { "" };
    let rows =
        files.iter().enumerate().map(|(n, f)| format!("{},C-{n},{}\n", f.display(), pixel(f)));
    let manifest = folder.join("manifest.csv");
    let text = format!("file,casing_id,pixel_um\n{}", rows.collect::<String>());
    std::fs::write(&manifest, text).unwrap();
    let program = assert_cmd::cargo::cargo_bin("brasslink");
    let limit = megabytes.map_or(String::new(), |mb| format!("ulimit -v {}; ", mb << 10));
    let began = Instant::now();
    let output = Command::new("sh")
        .args(["-c", &format!("{limit}exec \"$0\" \"$@\"")])
        .arg(program)
        .args(["import", "--operator", "tests", "--threads", "2", "--manifest"])
        .arg(&manifest)
        .arg("--store")
        .arg(folder.join("store"))
        .timeout(Duration::from_secs(120))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    (said, began.elapsed())
}

fn sample() -> PathBuf {
    testkit::project().join("samples/CHH-1187-1.x3p")
}

/// Every file is named with its reason, and the others are imported.
fn refused(said: &str, imported: u64, expected: &[(&str, &str)]) {
    assert!(said.contains(&format!("imported {imported} scans")), "{said}");
    for (file, why) in expected {
        let named = said.lines().any(|line| line.contains(file) && line.contains(why));
        assert!(named, "{file} with {why:?} in {said}");
    }
}

#[test]
fn a_file_that_claims_too_much_fails_by_name_and_the_batch_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let files = [
        claims(folder.path(), 8000, 10.0),
        with_passes(folder.path(), 3000),
        pipe,
        PathBuf::from("/dev/zero"),
        sample(),
    ];
    let (said, took) = import(folder.path(), &files, None);
    let expected = [
        ("8000.x3p", "80.0 × 80.0 mm"),
        ("passes.jpg", "3000 times"),
        // Found before anything is opened.
        ("pipe", "there is no file"),
        ("zero", "there is no file"),
    ];
    refused(&said, 1, &expected);
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn under_a_limit_on_memory_what_does_not_fit_fails_by_name() {
    let folder = tempfile::tempdir().unwrap();
    // Fine enough to be thinned, and more than fits to be read.
    let files = [
        claims(folder.path(), 7900, 1.0),
        with_profile(folder.path(), 600 << 20),
        sample(),
        claims(folder.path(), 7901, 1.0),
    ];
    let (said, _) = import(folder.path(), &files, Some(1500));
    // The profile is not unpacked, so that picture is one of those imported.
    refused(&said, 2, &[("7900.x3p", "MB are to be had"), ("7901.x3p", "MB are to be had")]);
}

#[test]
fn a_bundle_that_is_a_pipe_or_has_no_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for file in [pipe.as_path(), Path::new("/dev/zero")] {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let policy = testkit::project().join("samples/sharing.toml");
        let output = command.args(["bundle", "inspect", "--policy"]).arg(policy).arg(file);
        let output = output.timeout(Duration::from_secs(20)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains("not a regular file"), "{said}");
    }
}
