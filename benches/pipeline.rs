//! How long the stages of the pipeline take, on synthetic marks and, where the
//! reference data are at hand, on real ones.
//!
//! ```text
//! cargo bench --bench pipeline                          all, for a person
//! cargo bench --bench pipeline -- --max-time 0.2        quick, for CI
//! cargo bench --bench pipeline -- compare               one part
//! ```
//!
//! Times differ between machines and between runs on a busy one. `yardstick`
//! is a fixed amount of work that no change of this project touches: compare
//! two versions by *time ÷ yardstick of the same run*.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use imaging::acquire::{ReadOptions, Scan, read_scan, read_scan_bytes};
use imaging::correlate::{Probe, Rotations, compare_probe};
use imaging::extract::{PREPARED_PITCH, Template};
use imaging::prepare::{PreparedMark, Recipe, prepare};
use imaging::search::compare_pairs;
use std::sync::LazyLock;
use store::{Actor, Batch, CommitNote, Store, TemplateRow};
use synthetic::{BreechFinish, Conditions, Firearm, Gallery, Instrument, fire, scan3d};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};

/// Three casings of each of four firearms.
static MARKS: LazyLock<Vec<PreparedMark>> = LazyLock::new(|| {
    let recipe = Recipe::default().hash();
    let gallery = Gallery { seed: 7, pitch: PREPARED_PITCH, shots_per_firearm: 3, recipe };
    (0..12).map(|n| gallery.mark(n).0).collect()
});

static TEMPLATES: LazyLock<Vec<Template>> =
    LazyLock::new(|| MARKS.iter().map(|m| Template::new(m).unwrap()).collect());

/// A raw scan of 1228 × 1228 points as an instrument writes it.
static RAW: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let gun = Firearm::new(7, BreechFinish::Granular);
    let scan = scan3d(&fire(&gun, 0, Conditions::default()), &Instrument::default());
    let meta = X3pMeta { z_type: ZType::F32, ..X3pMeta::default() };
    write_x3p(&scan.map, &meta).unwrap()
});

fn raw() -> Scan {
    read_scan_bytes(&RAW, &ReadOptions::default()).unwrap()
}

fn main() {
    divan::main();
}

/// 512 real transforms of 512 points: what this machine does at this moment.
#[divan::bench]
fn yardstick(bencher: Bencher) {
    let transform = realfft::RealFftPlanner::<f32>::new().plan_fft_forward(512);
    let mut output = transform.make_output_vec();
    let row: Vec<f32> = (0..512).map(|i| (i as f32).sin()).collect();
    let mut input = row.clone();
    bencher.bench_local(move || {
        for _ in 0..512 {
            input.copy_from_slice(&row);
            transform.process(&mut input, &mut output).unwrap();
            black_box(&output);
        }
    });
}

#[divan::bench]
fn read_x3p(bencher: Bencher) {
    let bytes = BytesCount::of_slice(RAW.as_slice());
    bencher.counter(bytes).bench_local(raw);
}

#[divan::bench]
fn prepare_raw_scan(bencher: Bencher) {
    let (scan, recipe) = (raw(), Recipe::default());
    bencher.bench_local(|| prepare(&scan, MarkKind::BreechFace, &recipe).unwrap());
}

#[divan::bench]
fn extract_template(bencher: Bencher) {
    let mark = &MARKS[0];
    bencher.bench_local(|| Template::new(mark).unwrap());
}

mod template {
    use super::*;

    #[divan::bench]
    fn encode(bencher: Bencher) {
        let template = &TEMPLATES[0];
        bencher.bench_local(|| template.encode());
    }

    #[divan::bench]
    fn decode(bencher: Bencher) {
        let bytes = TEMPLATES[0].encode();
        bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| Template::decode(&bytes));
    }
}

mod compare {
    use super::*;

    /// One verified pair: 360°, both directions, cells; the probe at hand.
    fn pair(bencher: Bencher, a: &Template, b: &Template) {
        // The probe of a pair is the one whose digest comes first.
        let (a, b) = if a.digest <= b.digest { (a, b) } else { (b, a) };
        let (probe, mut rotations) = (Probe::new(a), Rotations::new());
        bencher.bench_local(|| compare_probe(&probe, b, &mut rotations).unwrap());
    }

    #[divan::bench]
    fn same_firearm(bencher: Bencher) {
        pair(bencher, &TEMPLATES[0], &TEMPLATES[1]);
    }

    #[divan::bench]
    fn different_firearms(bencher: Bencher) {
        pair(bencher, &TEMPLATES[0], &TEMPLATES[3]);
    }

    /// A quarter of the mark without its outline, searched everywhere.
    #[divan::bench]
    fn fragment(bencher: Bencher) {
        let mut part = MARKS[1].clone();
        let (ny, nx) = part.values.dim();
        for ((y, x), value) in part.values.indexed_iter_mut() {
            if y > ny / 2 || x > nx / 2 || y.min(x) < ny / 8 {
                *value = f32::NAN;
            }
        }
        pair(bencher, &TEMPLATES[0], &Template::new(&part).unwrap());
    }

    /// Two casings of one slide of Fadul et al. (2011).
    #[divan::bench(args = real())]
    fn fadul(bencher: Bencher, names: &[&str; 2]) {
        let [a, b] = names.map(|name| {
            let file = testkit::shared("fadul").unwrap().join(name);
            let scan = read_scan(&file, &ReadOptions::default()).unwrap();
            let mark = prepare(&scan, MarkKind::BreechFace, &Recipe::default()).unwrap();
            Template::new(&mark).unwrap()
        });
        pair(bencher, &a, &b);
    }

    fn real() -> Vec<[&'static str; 2]> {
        let there = testkit::shared("fadul").is_some();
        if there { vec![["Fadul_1-1.x3p", "Fadul_1-2.x3p"]] } else { Vec::new() }
    }
}

/// All pairs of the gallery, on all cores.
#[divan::bench]
fn search(bencher: Bencher) {
    let n = TEMPLATES.len();
    let pairs: Vec<_> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    bencher
        .counter(ItemsCount::new(pairs.len()))
        .bench_local(|| compare_pairs(&TEMPLATES, &pairs, &|_: usize| ()));
}

/// The marks and templates of the gallery into an empty store, synced.
#[divan::bench]
fn store_commit(bencher: Bencher) {
    let (marks, templates) = (&*MARKS, &*TEMPLATES);
    let empty = || {
        let folder = tempfile::tempdir().unwrap();
        let mut batch = Batch::default();
        for (n, (mark, template)) in marks.iter().zip(templates).enumerate() {
            let id = MarkId::new(format!("mark {n}")).unwrap();
            let casing = CasingId::new(format!("casing {n}")).unwrap();
            batch.add_mark(id.clone(), casing, Digest::of(&[n as u8]), mark.clone());
            let (kind, modality, recipe) =
                (MarkKind::BreechFace, Modality::Topography, mark.recipe);
            batch.add_template(TemplateRow { mark: id, kind, modality, recipe }, template.encode());
        }
        (Store::create(folder.path().join("store")).unwrap(), batch, folder)
    };
    let note = CommitNote {
        who: "bench".into(),
        when: "2026-01-01T00:00:00Z".into(),
        command: "bench".into(),
        software: "brasslink".into(),
        recipe: None,
    };
    bencher.counter(ItemsCount::new(marks.len())).with_inputs(empty).bench_local_values(
        |(store, batch, folder)| {
            let receipt = store.writer(&Actor::here("bench")).unwrap().commit(batch, &note);
            (receipt.unwrap(), folder)
        },
    );
}
