//! Levelling, filtering and resampling against the expected output of another
//! implementation (NFI Scratch): 13 cases.
//!
//! From its public source (length of the kernels, α of degree 2) and by
//! experiment: that implementation resamples first (a triangle that
//! widens with the step, mirrored edges, outer corners in line), cuts with the
//! nearest mask point, levels by least squares (its "Sphere" is a general
//! second-order surface), and takes off the waves longer than `cutoff_hi`;
//! `cutoff_lo` has no effect. It cuts its kernels one cut-off wavelength from
//! the centre. Our recipes level robustly, filter short waves while
//! resampling, and cut the order-0 kernel at 0.70 wavelengths, where its
//! weight is 0.1 %.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::prepare::{
    Axis, Estimator, Form, GaussianRegression, Kernel, Level, Point, low_pass, resample,
};
use ndarray::Array2;
use serde_json::Value;
use types::units::Metres;

struct Case {
    name: String,
    input: Array2<f64>,
    mask: Array2<f64>,
    expected: Array2<f64>,
    about: Value,
}

impl Case {
    fn number(&self, key: &str) -> f64 {
        self.about[key].as_f64().unwrap()
    }
}

fn cases() -> Vec<Case> {
    let Some(folder) = testkit::shared("vectors/crop_filter") else { return Vec::new() };
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let array = |name: &str| testkit::npy::read(&path.join(name));
            let about = std::fs::read_to_string(path.join("metadata.json")).unwrap();
            Case {
                name: path.file_name().unwrap().to_str().unwrap().to_owned(),
                input: array("input_data.npy"),
                mask: array("input_mask.npy"),
                expected: array("output_data.npy"),
                about: serde_json::from_str(&about).unwrap(),
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(cases.len(), 13);
    cases
}

/// Resampled, masked and levelled, in µm.
fn levelled(case: &Case) -> Array2<f64> {
    let (ny, nx) = case.input.dim();
    let step = (
        case.number("output_ydim") / case.number("input_ydim"),
        case.number("output_xdim") / case.number("input_xdim"),
    );
    let (y, x) = (Axis::cornered(ny, step.0), Axis::cornered(nx, step.1));
    let micrometres = case.input.mapv(|z| (z * 1e6) as f32);
    let mut grid = resample(&micrometres, &y, &x, Kernel::Triangle).mapv(f64::from);
    for ((row, col), z) in grid.indexed_iter_mut() {
        // Half-way goes up, in spite of rounding.
        let nearest = |axis: &Axis, k: usize, n: usize| {
            ((axis.first + k as f64 * axis.step + 1e-9).round() as usize).min(n - 1)
        };
        if case.mask[[nearest(&y, row, ny), nearest(&x, col, nx)]] == 0.0 {
            *z = f64::NAN;
        }
    }
    let form = match case.about["level_method"].as_str().unwrap() {
        "Plane" => Form::Plane,
        "Sphere" => Form::SecondOrder,
        _ => Form::None,
    };
    let place = |(row, col): (usize, usize)| (col as f64 / 100.0, row as f64 / 100.0);
    let present = grid.indexed_iter().filter(|(_, z)| z.is_finite());
    let points: Vec<Point> = present
        .map(|(at, &z)| {
            let (x, y) = place(at);
            [x, y, z]
        })
        .collect();
    if let Some(level) = Level::fit(&points, form, Estimator::LeastSquares) {
        for (at, z) in grid.indexed_iter_mut() {
            let (x, y) = place(at);
            *z -= level.at(x, y);
        }
    }
    grid
}

/// Largest difference in nm; both must miss the same points.
fn difference(case: &Case, got: &Array2<f64>) -> f64 {
    assert_eq!(got.dim(), case.expected.dim(), "{}", case.name);
    got.iter().zip(&case.expected).fold(0.0, |worst: f64, (&a, &b)| {
        assert_eq!(a.is_finite(), b.is_finite(), "{}: missing points differ", case.name);
        if a.is_finite() { worst.max((a - b * 1e6).abs() * 1e3) } else { worst }
    })
}

#[test]
fn the_13_reference_cases_are_reproduced() {
    for case in cases() {
        let grid = levelled(&case);
        let filter = GaussianRegression {
            cutoff: case.number("cutoff_hi") * 1e-6 / case.number("output_xdim"),
            order: case.about["filter_method"].as_str().unwrap()[1..].parse().unwrap(),
            reach: 1.0,
        };
        let worst = difference(&case, &(&grid - &filter.smooth(&grid)));
        println!("{:16} order {} {worst:.6} nm", case.name, filter.order);
        // Heights vary by 600 nm rms; single precision resolves 0.0005 nm.
        assert!(worst < 0.005, "{}: {worst} nm", case.name);
    }
}

#[test]
fn the_fast_filter_differs_only_by_its_shorter_kernel() {
    for case in cases().iter().filter(|c| c.about["filter_method"] == "R0") {
        let grid = levelled(case);
        let pitch = Metres(case.number("output_xdim"));
        let cutoff = Metres::from_um(case.number("cutoff_hi"));
        let single = grid.mapv(|z| z as f32);
        let fast = (&single - &low_pass(&single, pitch, cutoff)).mapv(f64::from);
        let worst = difference(case, &fast);
        println!("{:16} fast {worst:.3} nm", case.name);
        // Most where no plane was taken off: 0.05 % of the heights.
        assert!(worst < 0.5, "{}: {worst} nm", case.name);
    }
}
