//! Cllr, PAV, ELUB, invariance verification and ECE against an independent
//! implementation: the Netherlands Forensic Institute's `lir`, from PyPI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use statistics::weigh::{Bounds, BoundsRule, Curves, cllr, cllr_min};
use std::f64::consts::LN_10;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIR: &str = "lir==1.3.1";

const SCRIPT: &str = r#"
import json, sys
import numpy as np
from lir.algorithms.bayeserror import elub
from lir.algorithms.invariance_bounds import calculate_invariance_bounds
from lir.data.models import LLRData
from lir.metrics import cllr, cllr_min
from lir.plotting.expected_calibration_error import calculate_ece

out = []
for case in json.load(sys.stdin):
    log10 = np.array(case["same"] + case["different"])
    y = np.array([1] * len(case["same"]) + [0] * len(case["different"]))
    data = LLRData(features=log10, labels=y)
    odds = 10.0 ** np.array([-2.0, -0.5, 0.0, 1.0])
    iv = calculate_invariance_bounds(10.0**log10, y)
    out.append({
        "cllr": cllr(data),
        "cllr_min": cllr_min(data),
        "elub": list(map(float, elub(log10.copy(), y))),
        "iv": [float(np.log10(iv[0])), float(np.log10(iv[1]))],
        "ece": list(map(float, calculate_ece(10.0**log10, y, odds / (1 + odds)))),
    })
json.dump(out, sys.stdout)
"#;

/// A Python with `lir`, made once under `target/`; `None`, said plainly, where
/// there is no Python or no package index.
fn python() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(LIR.replace("==", "-"));
    let python = dir.join("bin/python");
    let works = || {
        let check = Command::new(&python).args(["-c", "import lir"]).output();
        check.is_ok_and(|o| o.status.success())
    };
    let made = works() || {
        let _ = Command::new("python3").args(["-m", "venv"]).arg(&dir).output();
        let install = Command::new(&python).args(["-m", "pip", "install", "-q", LIR]).output();
        install.is_ok_and(|o| o.status.success()) && works()
    };
    if made {
        return Some(python);
    }
    println!("SKIPPED: {LIR} cannot be installed from PyPI here");
    None
}

/// Log10 LR of two overlapping classes of these sizes, well or badly calibrated.
fn sample(same: usize, different: usize, scale: f64, rng: &mut ChaCha8Rng) -> [Vec<f64>; 2] {
    let mut near = |centre: f64, n: usize| -> Vec<f64> {
        let sum = |rng: &mut ChaCha8Rng| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        (0..n).map(|_| scale * (centre + sum(rng))).collect()
    };
    [near(1.2, same), near(-1.0, different)]
}

#[test]
fn figures_agree_with_an_independent_implementation() {
    let Some(python) = python() else { return };
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let cases = [
        sample(40, 300, 0.5, &mut rng),
        sample(150, 80, 1.5, &mut rng),
        sample(25, 2000, 0.2, &mut rng),
        [vec![3.0; 30], vec![-4.0; 500]],
    ];
    let input = serde_json::to_string(
        &cases
            .iter()
            .map(|[s, d]| serde_json::json!({ "same": s, "different": d }))
            .collect::<Vec<_>>(),
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cases.json");
    std::fs::write(&path, input.unwrap()).unwrap();
    let output = Command::new(python)
        .args(["-W", "ignore", "-c", SCRIPT])
        .stdin(std::fs::File::open(&path).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs.len(), cases.len());
    for (n, ([same, different], theirs)) in cases.iter().zip(&theirs).enumerate() {
        let number = |v: &Value| v.as_f64().unwrap();
        let near = |what: &str, ours: f64, theirs: f64, tolerance: f64| {
            assert!((ours - theirs).abs() <= tolerance, "case {n}, {what}: {ours}, lir {theirs}");
        };
        let natural = |v: &[f64]| v.iter().map(|l| l * LN_10).collect::<Vec<_>>();
        let (s, d) = (natural(same), natural(different));
        near("Cllr", cllr(&s, &d), number(&theirs["cllr"]), 1e-9);
        near("Cllr min", cllr_min(&s, &d), number(&theirs["cllr_min"]), 1e-6);
        // Thresholds are tried in steps of 0.01 and 0.001.
        for (rule, key, step) in
            [(BoundsRule::Elub, "elub", 0.01), (BoundsRule::InvarianceVerification, "iv", 0.001)]
        {
            let bounds = Bounds::of(rule, same, different);
            near(key, bounds.log10_lower, number(&theirs[key][0]), 1.01 * step);
            near(key, bounds.log10_upper, number(&theirs[key][1]), 1.01 * step);
        }
        let ece = Curves::of(&s, &d).ece;
        for (k, odds) in [-2.0, -0.5, 0.0, 1.0].into_iter().enumerate() {
            let ours = ece.iter().find(|e| (e.log10_odds - odds).abs() < 1e-9).unwrap();
            near("ECE", ours.given, number(&theirs["ece"][k]), 1e-6);
        }
    }
}
