//! Screening of galleries of growing size: synthetic casings with the real
//! ones among them. How fast it is, and at which place the true mates come.
//!
//! ```text
//! cargo bench --bench gallery                          1000, 10 000 and 100 000 casings
//! cargo bench --bench gallery -- --sizes 1000          quick
//! cargo bench --bench gallery -- --json FILE           the figures for a program
//! ```
//!
//! Every real scan is turned by its own random angle and searched among all
//! others. Where the reference data are absent, the first shots of the
//! synthetic guns are searched instead, and the output says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use cpu_time::ThreadTime;
use imaging::acquire::manifest::read_truth;
use imaging::acquire::{ReadOptions, read_scan};
use imaging::extract::{FINE_PITCH, Sketch, Template, features, sketch};
use imaging::prepare::{PreparedMark, Recipe, prepare};
use imaging::search::Screen;
use ndarray::Array2;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use std::time::Duration;
use synthetic::{Gallery, damage};
use types::evidence::Digest;
use types::units::Metres;

/// Searches timed at each size.
const TIMED: usize = 20;

/// A casing that is searched: whose gun it is, and its texture.
struct Probe {
    gun: String,
    sketch: Sketch,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let sizes: Vec<usize> = option("--sizes").map_or(vec![1_000, 10_000, 100_000], |list| {
        list.split(',')
            .map(|n| n.parse().expect("sizes are numbers, with commas between"))
            .collect()
    });
    let (what, probes) = real().unwrap_or_else(|| ("synthetic", synthetic()));
    println!(
        "{} {what} casings among synthetic ones, {} bytes a casing",
        probes.len(),
        sketch::BYTES
    );
    println!(
        "{:>9} {:>14} {:>12} {:>13} {:>16}",
        "gallery", "casings/s", "µs/casing", "worst mate", "in the first 50"
    );
    let gallery = Gallery {
        seed: 2611,
        pitch: FINE_PITCH,
        shots_per_firearm: 2,
        recipe: Digest::of(b"gallery"),
    };
    let mut rows = Vec::new();
    let mut screen = Screen::default();
    probes.iter().for_each(|p| screen.push(&p.sketch));
    for size in sizes {
        let more: Vec<Sketch> = (screen.len()..size)
            .into_par_iter()
            .map(|n| texture(&gallery.mark(n as u64).0))
            .collect();
        more.iter().for_each(|f| screen.push(f));
        let cpu: Vec<Duration> = probes
            .iter()
            .take(TIMED)
            .map(|p| {
                let clock = ThreadTime::now();
                std::hint::black_box(screen.similarities(&p.sketch));
                clock.elapsed()
            })
            .collect();
        let second = cpu.iter().sum::<Duration>().as_secs_f64() / (cpu.len() * screen.len()) as f64;
        let places: Vec<usize> = (0..probes.len())
            .into_par_iter()
            .flat_map_iter(|a| places(&probes, a, &screen))
            .collect();
        let worst = places.iter().max().copied().unwrap_or_default();
        let within = places.iter().filter(|p| **p <= 50).count();
        println!(
            "{:>9} {:>14.0} {:>12.2} {:>13} {:>16}",
            screen.len(),
            1.0 / second,
            second * 1e6,
            worst,
            format!("{within} of {}", places.len()),
        );
        rows.push(serde_json::json!({
            "gallery": screen.len(), "casings_per_second": 1.0 / second,
            "worst_place_of_a_mate": worst, "mates_in_first_50": within, "mates": places.len(),
        }));
    }
    if let Some(path) = option("--json") {
        let all =
            serde_json::json!({ "probes": what, "bytes_per_casing": sketch::BYTES, "sizes": rows });
        std::fs::write(path, format!("{all:#}\n")).expect("the figures can be written");
    }
}

/// The places of a probe's mates in the whole gallery, itself left out; equals
/// of other guns go first.
fn places(probes: &[Probe], at: usize, screen: &Screen) -> Vec<usize> {
    let found = screen.similarities(&probes[at].sketch);
    let mate = |i: usize| probes.get(i).is_some_and(|p| p.gun == probes[at].gun);
    let place =
        |b: usize| 1 + (0..found.len()).filter(|&i| !mate(i) && found[i] >= found[b]).count();
    (0..probes.len()).filter(|&b| b != at && mate(b)).map(place).collect()
}

fn texture(mark: &PreparedMark) -> Sketch {
    let um = Metres::from_um;
    Sketch::of(&features(&mark.values, FINE_PITCH, um(45.0), um(250.0)))
}

/// The Fadul and Weller scans, each turned at random.
fn real() -> Option<(&'static str, Vec<Probe>)> {
    let file = testkit::shared("truth.csv")?;
    let root = file.parent()?.to_owned();
    let rows = read_truth(&file).ok()?;
    let recipe = Recipe::default();
    let processed = |folder: &str| folder == "fadul" || folder == "weller";
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|r| r.file.parent().and_then(|p| p.to_str()).is_some_and(processed))
        .collect();
    let probe = |(number, row): (usize, &imaging::acquire::manifest::TruthRow)| {
        let scan = read_scan(&root.join(&row.file), &ReadOptions::default()).unwrap();
        let mark = prepare(&scan, row.mark_kind, &recipe).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        rng.set_stream(number as u64);
        let turned = damage::turn(
            &mark.values.mapv(f64::from),
            rng.random_range(0.0..std::f64::consts::TAU),
        );
        let (ny, nx) = turned.dim();
        let mut values =
            Array2::from_elem((ny.next_multiple_of(16), nx.next_multiple_of(16)), f32::NAN);
        values.slice_mut(ndarray::s![..ny, ..nx]).assign(&turned.mapv(|v| v as f32));
        let template = Template::new(&PreparedMark { values, ..mark }).unwrap();
        Probe { gun: row.firearm.to_string(), sketch: template.sketch }
    };
    Some(("real", rows.par_iter().enumerate().map(probe).collect()))
}

fn synthetic() -> Vec<Probe> {
    let gallery = Gallery {
        seed: 1,
        pitch: FINE_PITCH,
        shots_per_firearm: 3,
        recipe: Digest::of(b"gallery"),
    };
    (0..60)
        .map(|n| Probe { gun: gallery.firearm(n).to_string(), sketch: texture(&gallery.mark(n).0) })
        .collect()
}
