//! A store of synthetic casings of any number, for the scripts that measure
//! and torment it (scripts/prove-store). Numbers decide everything, so two
//! stores of the same number hold the same.
//!
//! ```text
//! cargo bench --bench store -- import STORE COUNT small|real    writes it
//! cargo bench --bench store -- arrays FOLDER COUNT              the same arrays, plain
//! cargo bench --bench store -- read STORE                       queries until STORE/../stop
//! cargo bench --bench store -- templates STORE                  reads all, for a search
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use imaging::acquire::Format;
use imaging::prepare::{PreparedMark, Quality, Verdict};
use ndarray::Array2;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::{Actor, Batch, CommitNote, ScanRow, Store, TemplateRow};
use types::evidence::{
    CasingId, CasingRecord, Digest, FiringPinShape, Light, MarkId, MarkKind, Modality, Origin,
};
use types::surface::Pose;
use types::units::Metres;

/// Casings of one commit.
const AT_ONCE: usize = 32;
const RECIPE: &str = r#"{"synthetic":1}"#;

/// How large a casing is: bytes of the scan's file and of the template, side
/// of the mark.
#[derive(Clone, Copy)]
struct Size {
    file: usize,
    side: usize,
    template: usize,
}

const SMALL: Size = Size { file: 1500, side: 24, template: 1000 };
const REAL: Size = Size { file: 600_000, side: 576, template: 60_000 };

/// xorshift64* (Marsaglia 2003, Vigna 2016): bytes that do not compress.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes()
    });
    words.take(count.div_ceil(8)).flatten().take(count).collect()
}

fn file(i: usize, size: Size) -> Vec<u8> {
    noise(2 * i as u64 + 1, size.file)
}

fn template(i: usize, size: Size) -> Vec<u8> {
    noise(2 * i as u64 + 2, size.template)
}

/// Waves with a little noise and a hole: compresses as real marks do.
fn values(i: usize, size: Size) -> Array2<f32> {
    let grain = noise(i as u64 + 77, size.side * size.side);
    let middle = size.side as f32 / 2.0;
    Array2::from_shape_fn((size.side, size.side), |(y, x)| {
        let (dy, dx) = (y as f32 - middle, x as f32 - middle);
        if dy.hypot(dx) < middle / 3.0 {
            return f32::NAN;
        }
        let wave = (dx * 0.31 + i as f32).sin() + (dy * 0.17).cos();
        wave + f32::from(grain[y * size.side + x]) / 2560.0
    })
}

fn casing(i: usize) -> CasingId {
    CasingId::new(format!("casing-{i:07}")).unwrap()
}

fn add(batch: &mut Batch, i: usize, size: Size, folder: &Path) {
    let bytes = file(i, size);
    let path = folder.join(format!("{i}.scan"));
    std::fs::write(&path, &bytes).unwrap();
    let (id, sha256, recipe) = (casing(i), Digest::of(&bytes), Digest::of(RECIPE.as_bytes()));
    let record = CasingRecord {
        id: id.clone(),
        origin: Origin::Evidence,
        scene: None,
        firearm: None,
        calibre: Some("9 mm Luger".into()),
        firing_pin_shape: FiringPinShape::Hemispherical,
        notes: format!("synthetic casing {i}"),
    };
    batch.add_casing(&record, "bench", "synthetic");
    let scan = ScanRow {
        sha256,
        casing: id.clone(),
        bytes: bytes.len() as u64,
        format: Format::X3p,
        modality: Modality::Topography,
        light: Light::Unknown,
        ny: size.side as u64,
        nx: size.side as u64,
        pitch_x: Metres::from_um(6.25),
        pitch_y: Metres::from_um(6.25),
        file_name: format!("{i}.scan"),
        instrument: None,
        acquired: None,
        warnings: Vec::new(),
    };
    batch.add_scan(scan, path);
    let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
    let mark = PreparedMark {
        kind,
        modality,
        pitch: Metres::from_um(6.25),
        values: values(i, size),
        scan_from_mark: Pose::default(),
        recipe,
        quality: Quality {
            verdict: Verdict::Good,
            reasons: Vec::new(),
            area_mm2: 7.0,
            coverage: 1.0,
            rms: 1.0,
        },
    };
    let mark_id = MarkId::new(format!("{}-breech_face", sha256.short())).unwrap();
    batch.add_mark(mark_id.clone(), id, sha256, mark);
    let row = TemplateRow { mark: mark_id, kind, modality, recipe };
    batch.add_template(row, template(i, size));
}

/// Resident memory now and at its peak, in MiB, where the system tells it.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("0");
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Imports casings that are not there yet, and tells every commit.
fn import(root: &Path, count: usize, size: Size) {
    let note = CommitNote {
        who: "bench".into(),
        when: "2026-01-01T00:00:00Z".into(),
        command: "bench".into(),
        software: "brasslink".into(),
        recipe: Some(Digest::of(RECIPE.as_bytes())),
    };
    let scratch = root.with_extension("files");
    std::fs::create_dir_all(&scratch).unwrap();
    let store = Store::open_or_create(root).unwrap();
    let mut writer = store.writer(&Actor::here("bench")).unwrap();
    let first = store.snapshot().unwrap().casings().unwrap().len();
    let mut spent = 0.0;
    for start in (first..count).step_by(AT_ONCE) {
        let end = (start + AT_ONCE).min(count);
        let mut batch = Batch::default();
        batch.add_recipe(RECIPE);
        (start..end).for_each(|i| add(&mut batch, i, size, &scratch));
        let clock = Instant::now();
        let receipt = writer.commit(batch, &note).unwrap();
        spent += clock.elapsed().as_secs_f64();
        (start..end).for_each(|i| std::fs::remove_file(scratch.join(format!("{i}.scan"))).unwrap());
        let (now, peak) = memory();
        println!("committed {} {} {end} {spent:.3} {now} {peak}", receipt.seq, receipt.head);
    }
    let clock = Instant::now();
    drop(writer);
    println!("closed {:.3}", spent + clock.elapsed().as_secs_f64());
}

/// The arrays of an import as plain files, for another program to store.
fn arrays(folder: &Path, count: usize, size: Size) {
    std::fs::create_dir_all(folder).unwrap();
    let open = |name: &str| File::create(folder.join(name)).unwrap();
    let (mut files, mut marks, mut templates) = (open("files"), open("marks"), open("templates"));
    for i in 0..count {
        files.write_all(&file(i, size)).unwrap();
        let values: Vec<u8> = values(i, size).iter().flat_map(|v| v.to_le_bytes()).collect();
        marks.write_all(&values).unwrap();
        templates.write_all(&template(i, size)).unwrap();
    }
    println!("{count} {} {} {}", size.file, size.side, size.template);
}

/// Queries until told to stop; every snapshot must be whole in itself and no
/// older than the one before.
fn read(root: &Path) {
    let stop = root.with_extension("stop");
    let (mut snapshots, mut last) = (0, 0);
    while !stop.exists() {
        let store = Store::open(root).unwrap();
        let snapshot = store.snapshot().unwrap();
        assert!(snapshot.seq() >= last, "a snapshot older than the one before");
        last = snapshot.seq();
        let casings = snapshot.casings().unwrap();
        let recipe = Digest::of(RECIPE.as_bytes());
        let (scans, marks) = (snapshot.scans().unwrap(), snapshot.marks().unwrap());
        let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
        let templates = snapshot.templates(kind, modality, &recipe).unwrap();
        let counts = [casings.len(), scans.len(), marks.len(), templates.len()];
        assert!(counts.iter().all(|n| *n == counts[0]), "a torn view: {counts:?}");
        if let Some(mark) = marks.get(snapshots * 7919 % marks.len().max(1)) {
            let found = snapshot.casing(&mark.casing).unwrap().expect("a casing for the mark");
            assert_eq!(found.id, mark.casing);
            let values = snapshot.mark(&mark.id).unwrap().values;
            assert_eq!(values.len() as u64, mark.ny * mark.nx);
            let mut original = Vec::new();
            snapshot.original(&mark.scan, &mut original).unwrap();
        }
        snapshots += 1;
    }
    println!("{snapshots} {last}");
}

/// Reads all templates as a search does.
fn templates(root: &Path) {
    let snapshot = Store::open(root).unwrap().snapshot().unwrap();
    let recipe = Digest::of(RECIPE.as_bytes());
    for pass in ["first", "again"] {
        let clock = Instant::now();
        let (mut bytes, kind, modality) = (0, MarkKind::BreechFace, Modality::Topography);
        let count = |_, template: &[u8]| bytes += template.len();
        snapshot.visit_templates(kind, modality, &recipe, count).unwrap();
        let seconds = clock.elapsed().as_secs_f64();
        println!("{pass} {bytes} {seconds:.4}");
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let path = |at: usize| PathBuf::from(args.get(at).expect("a path"));
    let count = || args.get(2).and_then(|n| n.parse().ok()).expect("a number");
    let size = || if args.get(3).is_some_and(|s| s == "real") { REAL } else { SMALL };
    match args.first().map(String::as_str) {
        Some("import") => import(&path(1), count(), size()),
        Some("arrays") => arrays(&path(1), count(), size()),
        Some("read") => read(&path(1)),
        Some("templates") => templates(&path(1)),
        _ => println!("see the head of benches/store.rs; scripts/prove-store runs it"),
    }
}
