//! The median rule of Song (2013) against a reference implementation's cases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::correlate::rules::{MedianRule, Registration};
use serde_json::Value;
use types::units::{Angle, Metres};

/// A number, or a list of them.
fn numbers(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(list) => list.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

/// A list of points.
fn points(v: &Value) -> Vec<(f64, f64)> {
    let list = v.as_array().unwrap();
    if list[0].is_array() { list } else { std::slice::from_ref(v) }
        .iter()
        .map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap()))
        .collect()
}

#[test]
fn the_median_rule_decides_as_the_reference_does() {
    let Some(path) = testkit::shared("vectors/cmc_classification.json") else { return };
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 9);
    for case in &cases {
        let (input, output) = (&case["inputs"], &case["outputs"]);
        let list = |name: &str| numbers(&input[name]);
        let (centres, found) =
            (points(&input["centers_reference"]), points(&input["centers_comparison"]));
        let turns = list("angles_comparison").into_iter().zip(list("angles_reference"));
        let cells: Vec<Registration> = centres
            .into_iter()
            .zip(found)
            .zip(turns)
            .zip(list("correlation_scores"))
            .map(|(((centre, found), (to, from)), similarity)| Registration {
                centre,
                found,
                turn: Angle::from_deg(to - from),
                similarity,
            })
            .collect();
        let rule = MedianRule {
            similarity: list("correlation_threshold")[0],
            position: Metres(list("position_threshold")[0]),
            turn: Angle::from_deg(list("angle_deviation_threshold")[0]),
            pivot: points(&input["rotation_center"])[0],
        };
        let decision = rule.decide(&cells);
        let name = &case["name"];
        let expected: Vec<bool> = match &output["is_congruent"] {
            Value::Array(flags) => flags.iter().map(|f| f.as_bool().unwrap()).collect(),
            flag => vec![flag.as_bool().unwrap()],
        };
        assert_eq!(decision.congruent, expected, "{name}");
        assert_eq!(decision.count() as u64, output["cmc_count"].as_u64().unwrap(), "{name}");
        let turn = output["consensus_rotation_deg"].as_f64().unwrap();
        assert!((decision.rotation.deg() - turn).abs() < 1e-9, "{name}");
        match (decision.translation, output["consensus_translation"][0].as_f64()) {
            (None, None) => {}
            (Some((x, y)), Some(tx)) => {
                let ty = output["consensus_translation"][1].as_f64().unwrap();
                assert!((x - tx).abs() < 1e-12 && (y - ty).abs() < 1e-12, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
