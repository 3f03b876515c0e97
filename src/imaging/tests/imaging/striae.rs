//! Striated marks, against marks and figures of others: screwdriver marks,
//! bullet lands, and the expected output of another implementation (NFI
//! Scratch).

use imaging::acquire::{ReadOptions, read_scan};
use imaging::correlate::{best_correlation, compare, compare_striae};
use imaging::extract::Template;
use imaging::extract::striae::{STEP, Striae};
use imaging::prepare::{Axis, Band, Kernel, Recipe, band_across, prepare, resample};
use rayon::prelude::*;
use statistics::weigh::{auc, equal_error};
use std::collections::BTreeMap;
use synthetic::{ShearConditions, aperture_shear};
use types::evidence::MarkKind;
use types::scan::Scan;
use types::surface::Surface;
use types::units::Metres;

/// Scores of same-source and different-source pairs, of these every `every`-th.
fn scores<T: Sync>(
    marks: &[(String, T)],
    every: usize,
    score: impl Fn(&T, &T) -> f64 + Sync,
) -> (Vec<f64>, Vec<f64>) {
    let pairs = (0..marks.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let same = |&(i, j): &(usize, usize)| marks[i].0 == marks[j].0;
    let (mates, strangers): (Vec<_>, Vec<_>) = pairs.partition(same);
    let score = |&(i, j): &(usize, usize)| score(&marks[i].1, &marks[j].1);
    let strangers: Vec<_> = strangers.into_iter().step_by(every).collect();
    (mates.par_iter().map(score).collect(), strangers.par_iter().map(score).collect())
}

/// The profiles by direction and angle of the tool, each with its edge.
fn toolmarks() -> Option<BTreeMap<String, Vec<(String, Striae)>>> {
    let marks = testkit::toolmarks()?;
    assert_eq!(marks.len(), 418);
    let mut by_angle: BTreeMap<String, Vec<(String, Striae)>> = BTreeMap::new();
    for mark in marks {
        let axis = Axis::centred(mark.heights.ncols(), STEP.um() / mark.step_um);
        let line = resample(&mark.heights, &Axis::centred(1, 1.0), &axis, Kernel::Triangle);
        let line: Vec<f64> = line.iter().map(|&v| f64::from(v)).collect();
        by_angle.entry(mark.made).or_default().push((mark.source, Striae::of_profile(&line, 1)));
    }
    Some(by_angle)
}

/// Of marks made alike (direction and angle of the tool), as they were compared
/// in the study; the bench `striae` also compares all with all.
#[test]
fn screwdriver_marks_of_one_edge_stand_out() {
    let Some(marks) = toolmarks() else { return };
    let (mut mates, mut strangers) = (Vec::new(), Vec::new());
    for marks in marks.values() {
        let score = |a: &Striae, b: &Striae| compare_striae(a, b).map_or(0.0, |c| c.score);
        let (same, different) = scores(marks, 5, score);
        mates.extend(same);
        strangers.extend(different);
    }
    let (auc, error) = (auc(&mates, &strangers), equal_error(&mates, &strangers));
    println!(
        "{} mates, {} strangers: AUC {auc:.4}, equal error {error:.4}",
        mates.len(),
        strangers.len()
    );
    assert!(auc >= 0.995 && error <= 0.02, "AUC {auc}, equal error {error}");
}

fn lands() -> Option<Vec<(String, Template)>> {
    let folder = testkit::shared("striated/lands")?;
    let template = |row: BTreeMap<String, String>| {
        let scan = read_scan(&folder.join(&row["file"]), &ReadOptions::default()).unwrap();
        let mark = prepare(&scan, MarkKind::ApertureShear, &Recipe::default()).unwrap();
        (row["firearm_id"].clone(), Template::new(&mark).unwrap())
    };
    Some(testkit::table(&folder.join("truth.csv")).into_iter().map(template).collect())
}

#[test]
fn strips_of_one_land_stand_out_and_lie_alike() {
    let Some(marks) = lands() else { return };
    let (mates, strangers) = scores(&marks, 1, |a, b| compare(a, b).unwrap().score);
    let (lowest, highest) = (
        mates.iter().copied().fold(f64::MAX, f64::min),
        strangers.iter().copied().fold(f64::MIN, f64::max),
    );
    println!("mates from {lowest:.2}, strangers to {highest:.2}");
    assert!(lowest > 2.0 * highest, "mates from {lowest}, strangers to {highest}");
    for (i, (source, a)) in marks.iter().enumerate() {
        for (_, b) in marks[..i].iter().filter(|m| m.0 == *source) {
            let c = compare(a, b).unwrap();
            assert!(2 * c.congruent_cells > c.cells, "{source}: {c:?}");
            assert!(c.b_from_a.rotation.deg().abs() <= 2.0, "{source}: {:?}", c.b_from_a);
        }
    }
}

#[test]
fn a_map_is_filtered_across_its_striae_as_elsewhere() {
    let Some(folder) = testkit::shared("striated/vectors/preprocess_striation/files_without_nans")
    else {
        return;
    };
    let mut cases: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let about = std::fs::read_to_string(case.join("metadata.json")).unwrap();
        let about: serde_json::Value = serde_json::from_str(&about).unwrap();
        let number = |key: &str| about[key].as_f64().unwrap();
        let array = |name: &str| testkit::npy::read(&case.join(name));
        // Their striae run along x.
        let input = array("input_data.npy").mapv(|z| (z * 1e6) as f32).reversed_axes();
        let input = input.as_standard_layout().into_owned();
        let pitch = Metres(number("input_xdim"));
        let band = Band { short_um: number("cutoff_lo"), long_um: number("cutoff_hi") };
        let map = band_across(&input, pitch, band);
        let expected = array("output_data.npy").mapv(|z| z * 1e6).reversed_axes();
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (n, sum) = values.fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
            sum / n
        };
        // How alike, and how far apart once each has mean 0.
        let alike = |a: &[f64], b: &[f64]| {
            let (ma, mb) = (mean(&mut a.iter().copied()), mean(&mut b.iter().copied()));
            let sum = |f: &dyn Fn(f64, f64) -> f64| {
                a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum::<f64>()
            };
            let (aa, bb, ab) = (sum(&|a, _| a * a), sum(&|_, b| b * b), sum(&|a, b| a * b));
            (ab / (aa * bb).sqrt(), (sum(&|a, b| (a - b).powi(2)) / bb).sqrt())
        };
        let ours: Vec<f64> = map.iter().map(|&v| f64::from(v)).collect();
        let theirs: Vec<f64> = expected.iter().copied().collect();
        let (r, off) = alike(&ours, &theirs);
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        assert!(r > 0.99 && off < 0.003, "{name}: r {r}, off {off}");
        // There a mark is left as it lies where its striae are within
        // `angle_accuracy`, 90°: no turn is expected.
        assert!(number("angle_accuracy") == 90.0 && number("output_rotation_angle") == 0.0);
        let column = |column: ndarray::ArrayView1<'_, f32>| {
            let mut values: Vec<f64> = column.iter().map(|&v| f64::from(v)).collect();
            values.sort_by(f64::total_cmp);
            let n = values.len();
            if number("use_mean") != 0.0 {
                values.iter().sum::<f64>() / n as f64
            } else {
                f64::midpoint(values[(n - 1) / 2], values[n / 2])
            }
        };
        let profile: Vec<f64> = map.columns().into_iter().map(column).collect();
        let theirs: Vec<f64> = array("output_profile.npy").iter().map(|z| z * 1e6).collect();
        let (r, _) = alike(&profile, &theirs);
        assert!(r > 0.99, "{name}: profile r {r}");
    }
}

#[test]
fn the_published_measure_is_as_published() {
    let Some(folder) = testkit::shared("striated/vectors/profile_pairs") else { return };
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let step = Metres(expected["pixel_size_m"].as_f64().unwrap());
    let pairs = expected["correlation_coefficient"].as_object().unwrap();
    assert_eq!(pairs.len(), 9);
    for (pair, expected) in pairs {
        let profile = |which: &str| {
            let array = testkit::npy::read(&folder.join(format!("{pair}_{which}.npy")));
            array.iter().copied().collect::<Vec<f64>>()
        };
        let found = best_correlation(&profile("ref"), &profile("comp"), step).unwrap().ccf;
        let expected = expected.as_f64().unwrap();
        assert!((found - expected).abs() <= 0.01, "{pair}: {found}, expected {expected}");
    }
}

#[test]
fn a_made_shear_of_which_30_percent_are_missing_finds_its_gun_first() {
    let usual = ShearConditions::default();
    let template = |gun: u64, shot: u64| {
        let missing = if shot == 0 { 0.3 } else { 0.0 };
        let (map, mask) = aperture_shear(9100 + gun, shot, &ShearConditions { missing, ..usual });
        let scan = Scan { file_mask: Some(mask), ..testkit::scan_of(Surface::Height(map)) };
        let mark = prepare(&scan, MarkKind::ApertureShear, &Recipe::default()).unwrap();
        Template::new(&mark).unwrap()
    };
    let guns: Vec<u64> = (0..20).collect();
    let sides: Vec<[Template; 2]> =
        guns.par_iter().map(|&gun| [template(gun, 0), template(gun, 1)]).collect();
    let first = guns.iter().filter(|&&gun| {
        let [probe, _] = &sides[gun as usize];
        let score = |other: u64| compare(probe, &sides[other as usize][1]).unwrap().score;
        guns.iter().all(|&other| other == gun || score(other) < score(gun))
    });
    assert_eq!(first.count(), guns.len());
}

#[test]
fn a_pair_is_the_same_from_either_side_and_a_template_is_read_back() {
    let template = |gun: u64, shot: u64| {
        let (map, mask) = aperture_shear(gun, shot, &ShearConditions::default());
        let scan = Scan { file_mask: Some(mask), ..testkit::scan_of(Surface::Height(map)) };
        let mark = prepare(&scan, MarkKind::ApertureShear, &Recipe::default()).unwrap();
        assert_eq!(mark.pitch, STEP);
        Template::new(&mark).unwrap()
    };
    let (a, b) = (template(7, 0), template(7, 1));
    let (there, back) = (compare(&a, &b).unwrap(), compare(&b, &a).unwrap().reversed());
    assert_eq!(there.score.to_bits(), back.score.to_bits());
    assert_eq!((there.cells, there.congruent_cells), (back.cells, back.congruent_cells));
    let bytes = a.encode();
    assert_eq!(Template::decode(&bytes).unwrap(), a);
    for cut in [3, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(Template::decode(&bytes[..cut]).is_err(), "{cut}");
    }
}
