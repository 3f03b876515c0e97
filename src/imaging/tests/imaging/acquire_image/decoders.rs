//! Every TIFF layout that is read, against a second decoder (tifffile, and
//! Pillow where it reads the layout too).

use super::{STATED, intensity};
use imaging::acquire::{ReadOptions, read_scan};
use std::path::{Path, PathBuf};
use std::process::Command;
use types::error::Kind;

const PACKAGES: [&str; 4] =
    ["numpy==2.3.5", "pillow==12.0.0", "tifffile==2025.10.16", "imagecodecs==2025.11.11"];

/// A Python with the packages, made once under `target/`; `None`, said plainly,
/// where there is no Python or no package index. `BRASSLINK_PYTHON=required`
/// makes that a failure.
fn python() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-decoder");
    let python = dir.join("bin/python");
    let works = || {
        let check =
            Command::new(&python).args(["-c", "import tifffile, imagecodecs, PIL"]).output();
        check.is_ok_and(|o| o.status.success())
    };
    let made = works() || {
        let _ = Command::new("python3").args(["-m", "venv"]).arg(&dir).output();
        let install =
            Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PACKAGES).output();
        install.is_ok_and(|o| o.status.success()) && works()
    };
    if made {
        return Some(python);
    }
    let required = std::env::var("BRASSLINK_PYTHON").is_ok_and(|v| v == "required");
    assert!(!required, "tifffile cannot be installed from PyPI");
    println!("SKIPPED: tifffile cannot be installed from PyPI here");
    None
}

#[test]
fn every_tiff_layout_reads_as_a_second_decoder_reads_it() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script =
        testkit::project().join("src/imaging/tests/imaging/acquire_image/second_decoder.py");
    let made = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    println!("{}", String::from_utf8_lossy(&made.stdout).trim());
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "tif"));
    paths.sort();
    let options = ReadOptions { max_points: 8 << 20, ..STATED };
    let (mut read, mut refused, mut wrong) = (0, 0, Vec::new());
    for path in &paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let scan = match read_scan(path, &options) {
            Ok(scan) => scan,
            Err(e) if name.starts_with("refused_") => {
                assert_eq!(e.kind, Kind::UnknownFormat, "{e}");
                refused += 1;
                continue;
            }
            Err(e) => {
                wrong.push(e.to_string());
                continue;
            }
        };
        assert!(!name.starts_with("refused_"), "{name} is read");
        let expected = testkit::npy::read(&path.with_extension("npy"));
        let own = &intensity(&scan).v;
        // JPEG decoders round colours differently; all else is exact but for
        // the single precision of grey values.
        let tolerance = if name.starts_with("jpeg_") { 0.02 } else { 2e-6 };
        let differs = |(a, b): (&f32, &f64)| match (a.is_nan(), b.is_nan()) {
            (false, false) => (f64::from(*a) - b).abs() > tolerance,
            (a, b) => a != b,
        };
        if own.dim() != expected.dim() {
            wrong.push(format!("{name}: {:?}, not {:?}", own.dim(), expected.dim()));
        } else if own.iter().zip(&expected).any(differs) {
            let count = own.iter().zip(&expected).filter(|p| differs(*p)).count();
            wrong.push(format!("{name}: {count} pixels of {} differ", own.len()));
        }
        read += 1;
    }
    println!("{read} layouts read alike, {refused} refused by name");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
    assert!(read > 300 && refused == 5, "{read} read, {refused} refused");
}
