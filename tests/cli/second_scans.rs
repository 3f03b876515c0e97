//! Casings acquired twice: two measurements of one surface are no copy of each
//! other. The surfaces are computed, for no casing of the reference data was
//! measured twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use serde_json::Value;
use std::path::{Path, PathBuf};
use synthetic::{BreechFinish, Casing, Conditions, Firearm, Instrument, fire, scan3d};
use types::surface::Pose;
use types::units::{Angle, Metres};

/// How a casing lay under an instrument.
fn lying(degrees: f64, dx_um: f64, dy_um: f64) -> Pose {
    let (dx, dy) = (Metres::from_um(dx_um), Metres::from_um(dy_um));
    Pose { rotation: Angle::from_deg(degrees), dx, dy }
}

fn acquired(casing: &Casing, instrument: &Instrument, path: &Path) -> PathBuf {
    let scan = scan3d(casing, instrument);
    let meta = X3pMeta { z_type: ZType::F64, ..X3pMeta::default() };
    std::fs::write(path, write_x3p(&scan.map, &meta).unwrap()).unwrap();
    path.to_owned()
}

fn compared(a: &Path, b: &Path) -> Value {
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    let output = command.arg("compare").args([a, b]).arg("--json").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_second_scan_of_one_casing_is_no_copy_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    // A confocal microscope at the pitch of the processed reference scans.
    let usual = Instrument {
        pitch: Metres::from_um(6.25),
        points: (610, 610),
        noise: Metres::from_um(0.15),
        ..Instrument::default()
    };
    let again = [
        ("noise alone", Instrument { seed: 1, ..usual }),
        ("put back", Instrument { seed: 2, scan_from_gun: lying(1.5, 35.0, -20.0), ..usual }),
        ("turned", Instrument { seed: 3, scan_from_gun: lying(137.0, -60.0, 45.0), ..usual }),
        (
            "another instrument",
            Instrument {
                seed: 4,
                pitch: Metres::from_um(5.0),
                points: (760, 760),
                scan_from_gun: lying(-20.0, 50.0, 10.0),
                scale_error: 0.002,
                noise: Metres::from_um(0.1),
                tilt: (-0.01, 0.004),
                ..usual
            },
        ),
    ];
    let finishes = [BreechFinish::Granular, BreechFinish::Milled, BreechFinish::ArcMilled];
    let mut closely = 0;
    for (n, finish) in finishes.into_iter().enumerate() {
        let gun = Firearm::new(40 + n as u64, finish);
        let casing = fire(&gun, 0, Conditions::default());
        let first = acquired(&casing, &usual, &dir.path().join("first.x3p"));
        for (what, instrument) in &again {
            let second = acquired(&casing, instrument, &dir.path().join("second.x3p"));
            let pair = compared(&first, &second);
            let (score, ccf) = (pair["score"].as_f64().unwrap(), pair["ccf"].as_f64().unwrap());
            println!("{finish:?}, {what}: score {score:.1}, correlation {ccf:.3}");
            assert!(score > 20.0, "{finish:?}, {what}: it is one casing, {score}");
            let said = &pair["same_acquisition"];
            assert!(said.is_null(), "{finish:?}, {what}: {said}");
            closely += usize::from(ccf >= 0.92);
        }
        // The same measurement turned is one, so the pairs above were looked at.
        let turned = dir.path().join("turned.x3p");
        super::run::turned_anew(&first, &turned);
        assert_eq!(compared(&first, &turned)["same_acquisition"], "same_values");
    }
    assert!(closely >= 6, "only {closely} second scans are close enough to be mistaken");
}
