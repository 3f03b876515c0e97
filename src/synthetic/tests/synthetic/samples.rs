//! The bundled samples are what the generator writes, and they can be read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::manifest::{read_manifest, read_truth};
use imaging::acquire::{ReadOptions, read_scan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use synthetic::{SAMPLE_SEED, write_sample_set};
use types::evidence::Origin;

fn samples() -> PathBuf {
    testkit::project().join("samples")
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
#[ignore = "rewrites samples/ after a change of the generator"]
fn refresh_the_bundled_samples() {
    write_sample_set(&samples(), SAMPLE_SEED).unwrap();
}

#[test]
fn regenerating_gives_the_bundled_samples_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    write_sample_set(dir.path(), SAMPLE_SEED).unwrap();
    let made = names(dir.path());
    let mut bundled = names(&samples());
    // Written by hand.
    for name in ["README.md", "scenario", "sharing.toml"] {
        bundled.remove(name);
    }
    assert_eq!(made, bundled);
    for name in made {
        let fresh = std::fs::read(dir.path().join(&name)).unwrap();
        assert!(fresh == std::fs::read(samples().join(&name)).unwrap(), "{name} differs");
    }
}

#[test]
fn the_manifest_has_no_problem_and_every_file_can_be_read() {
    let manifest = read_manifest(&samples().join("manifest.csv")).unwrap();
    assert!(manifest.problems.is_empty(), "{:?}", manifest.problems);
    assert!(manifest.warnings.is_empty(), "{:?}", manifest.warnings);
    let truth = read_truth(&samples().join("truth.csv")).unwrap();
    assert_eq!(manifest.rows.len(), 24);
    assert_eq!(truth.len(), 24);
    for (row, labelled) in manifest.rows.iter().zip(&truth) {
        assert_eq!(row.file, samples().join(&labelled.file));
        assert_eq!(row.casing.id, labelled.casing);
        match row.casing.origin {
            Origin::TestFire => assert_eq!(row.casing.firearm.as_ref(), Some(&labelled.firearm)),
            Origin::Evidence => assert!(row.casing.firearm.is_none() && row.casing.scene.is_some()),
        }
        let scan = read_scan(&row.file, &ReadOptions::default()).unwrap();
        assert!(scan.warnings.is_empty(), "{}: {:?}", row.file.display(), scan.warnings);
        let stated = labelled.pixel_size.unwrap();
        assert!((scan.surface.pitch().0.um() - stated.um()).abs() < 1e-6);
    }
}
