//! `compare --explain`: what is written says what the comparison says.

use crate::desk::Workbench;
use serde_json::Value;

fn sample(name: &str) -> String {
    testkit::project().join("samples").join(name).display().to_string()
}

/// What `compare` says with and without looking, and what it wrote.
fn looked(desk: &Workbench, a: &str, b: &str, to: &str) -> (Value, Value, Value) {
    let plain = ["compare", &sample(a), &sample(b), "--json"];
    let looking = [&plain[..], &["--explain", to]].concat();
    let (plain, looking) = (desk.json(&plain), desk.json(&looking));
    (plain, looking, desk.read(&format!("{to}/explanation.json")))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn pictures_and_places_are_those_of_the_comparison() {
    let desk = Workbench::new();
    let (plain, looking, inside) = looked(&desk, "CHH-1187-1.x3p", "CHH-1187-2.x3p", "inside");
    // Looking changes nothing.
    assert_eq!(plain, looking);
    for name in ["score", "runner_up", "cell_table", "b_from_a"] {
        assert_eq!(plain[name], inside["comparison"][name], "{name}");
    }
    let steps = inside["steps"].as_array().unwrap();
    let last = steps.last().unwrap();
    assert_eq!((&steps[0]["step"], &last["step"]), (&"about_centres".into(), &"refined".into()));
    assert_eq!(last["places"][0]["evidence"], plain["score"]);
    let ratio = number(&plain["score"]) / number(&plain["runner_up"]["score"]);
    assert!((number(&plain["distinctness"]) - ratio).abs() < 1e-12);
    for name in ["pose.png", "runner-up.png", "unrolled.png"] {
        let picture = image::open(desk.path("inside").join(name)).unwrap();
        assert!(picture.width() > 1000 && picture.height() > 300, "{name}");
    }
    // The same again, byte for byte.
    looked(&desk, "CHH-1187-1.x3p", "CHH-1187-2.x3p", "again");
    for name in ["explanation.json", "pose.png", "runner-up.png", "unrolled.png"] {
        let read = |folder: &str| std::fs::read(desk.path(folder).join(name)).unwrap();
        assert_eq!(read("inside"), read("again"), "{name}");
    }
}

#[test]
fn a_mates_pose_is_distinct_and_a_strangers_is_not() {
    let desk = Workbench::new();
    let mates = looked(&desk, "CHH-1187-1.x3p", "COA-0553-1.x3p", "mates").0;
    let strangers = looked(&desk, "CHH-1187-1.x3p", "COA-0553-2.x3p", "strangers").0;
    let [mates, strangers] = [mates, strangers].map(|found| number(&found["distinctness"]));
    assert!(mates > 2.0 && strangers < 1.6, "{mates} and {strangers}");
    let args = ["compare", &sample("CHH-1187-1.x3p"), &sample("COA-0553-1.x3p")];
    assert!(desk.said(0, &args).0.contains("runner-up "));
}
