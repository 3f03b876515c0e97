//! Synthetic findings, and readers of the formats, for the report's tests.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod case;

use imaging::acquire::Format as ScanFormat;
use imaging::correlate::{Cell, Comparison, RunnerUp};
use imaging::prepare::{PreparedMark, Quality, Verdict};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use report::{
    Candidate, CasingReport, Concluded, ConclusionKind, ConclusionStatus, Decisions, Distribution,
    Filter, Findings, Gallery, Laboratory, PopulationSource, Report, ReportHeader, Rule, ScanFacts,
    Side, Weight,
};
use statistics::link::{Bond, Conflict};
use statistics::weigh::{Bounds, BoundsRule, Expected, Flag, Performance, Support};
use std::sync::Arc;
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FirearmId, FiringPinShape, MarkKind, Modality, Origin,
    Scene, SceneId,
};
use types::message::say;
use types::surface::Pose;
use types::units::{Angle, Metres};

/// A ring of band-limited noise, about 1 µm high, `side` pixels of 6.25 µm.
pub fn mark(seed: u64, side: usize, modality: Modality) -> Arc<PreparedMark> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let noise = Array2::from_shape_simple_fn((side, side), || rng.random_range(-1.0_f32..1.0));
    let at = |r: usize, c: usize| noise[(r % side, c % side)];
    let centre = (side as f64 - 1.0) / 2.0;
    let values = Array2::from_shape_fn((side, side), |(r, c)| {
        let radius = (r as f64 - centre).hypot(c as f64 - centre) / centre;
        if !(0.25..1.0).contains(&radius) {
            return f32::NAN;
        }
        (0..9).map(|k| at(r + k / 3, c + k % 3)).sum::<f32>() / 3.0
    });
    let quality = Quality {
        verdict: Verdict::Doubtful,
        reasons: vec![say!("little area: {:.2} mm²", 1.31)],
        area_mm2: 8.125,
        coverage: 0.9375,
        rms: 0.3125,
    };
    Arc::new(PreparedMark {
        kind: MarkKind::BreechFace,
        modality,
        pitch: Metres::from_um(6.25),
        values,
        scan_from_mark: Pose::default(),
        recipe: Digest::of(b"recipe"),
        quality,
    })
}

pub fn casing(id: &str) -> CasingRecord {
    CasingRecord {
        id: CasingId::new(id).unwrap(),
        origin: Origin::Evidence,
        scene: Some(Scene {
            id: SceneId::new("Scene & <7>").unwrap(),
            date: Some(jiff::civil::date(2026, 3, 5).into()),
            state: Some("MX-CHH".into()),
            agency: Some("Fiscalía".into()),
            case: Some(CaseId::new("CI/2026/\"9\"").unwrap()),
        }),
        firearm: Some(FirearmId::new("gun'1").unwrap()),
        calibre: Some("9 mm <Luger>".into()),
        firing_pin_shape: FiringPinShape::Hemispherical,
        notes: "</script><script>alert(1)</script>".into(),
    }
}

pub fn side(id: &str, seed: u64, pixels: usize, modality: Modality) -> Side {
    let scan = ScanFacts {
        file: format!("scans/{id}.x3p"),
        sha256: Digest::of(id.as_bytes()),
        format: ScanFormat::X3p,
        bytes: 2_378_153 + seed,
        width_px: pixels,
        height_px: pixels,
        pitch_x_um: 6.25,
        pitch_y_um: 6.25,
        instrument: Some("NanoFocus <µsurf>".into()),
        acquired: Some("2026-02-01".into()),
        warnings: vec![say!("no MD5 checksum of {}", "main.xml")],
    };
    Side::new(casing(id), scan, mark(seed, pixels, modality))
}

pub fn comparison(seed: u64) -> Comparison {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let pose = Pose {
        rotation: Angle::from_deg(rng.random_range(-170.0..170.0)),
        dx: Metres::from_um(rng.random_range(-90.0..90.0)),
        dy: Metres::from_um(rng.random_range(-90.0..90.0)),
    };
    let cell_table: Vec<Cell> = (0..36)
        .map(|i| {
            let (x, y) = (f64::from(i % 6) * 450.0 - 1125.0, f64::from(i / 6) * 450.0 - 1125.0);
            let (fx, fy) = pose.apply(x * 1e-6, y * 1e-6);
            Cell {
                x_um: x,
                y_um: y,
                found_x_um: fx * 1e6,
                found_y_um: fy * 1e6,
                rotation_deg: pose.rotation.deg() + rng.random_range(-3.0..3.0),
                ccf: rng.random_range(0.2..0.9),
                congruent: i % 3 > 0,
            }
        })
        .collect();
    Comparison {
        score: rng.random_range(0.1..0.8),
        ccf: rng.random_range(0.1..0.8),
        cells: 36,
        congruent_cells: 24,
        overlap_mm2: rng.random_range(4.0..8.0),
        b_from_a: pose,
        cell_table,
        cell_um: 450.0,
        cells_of_b: false,
        runner_up: Some(RunnerUp { score: rng.random_range(0.01..0.1), b_from_a: pose.inverse() }),
    }
}

/// Scores of 3 same-source and 60 different-source pairs.
pub fn distribution() -> Distribution {
    Distribution {
        population: PopulationSource::Named("Pistols & <co>".into()),
        low: -0.125,
        step: 0.0625,
        same: vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 2],
        different: vec![1, 5, 21, 25, 7, 1, 0, 0, 0, 0],
    }
}

/// A casing report with `count` candidates whose names are hostile.
pub fn casing_report(count: u32, pixels: usize, modality: Modality) -> Report {
    let candidates = (1..=count).map(|rank| Candidate {
        rank,
        side: side(&format!("cand\"{rank}<b>&"), u64::from(rank), pixels, modality),
        comparison: comparison(u64::from(rank)),
        group: (rank == 1).then(|| "G<1>".into()),
        weight: (rank == 2).then(|| Weight {
            marks: vec![MarkKind::BreechFace],
            log10_lr: 2.515_625,
            log10_lower: 1.25,
            log10_upper: 3.75,
            population: "Pistols & <co>".into(),
            firearms: 69,
            pairs: 9453,
            sha256: Digest::of(b"population"),
            support: Support::of(2.515_625),
            bounds: Bounds { rule: BoundsRule::Elub, log10_lower: -1.5, log10_upper: 3.75 },
            performance: Performance {
                held_out: true,
                cllr: 0.125,
                cllr_min: 0.0625,
                misleading_same_source: 0.015,
                misleading_different_source: 0.002,
            },
            flags: vec![Flag::ClassOutside],
            strangers: Some(Expected { gallery: 12_328, mean: 0.25, lower: 0.125, upper: 1.5 }),
        }),
    });
    let mut header =
        ReportHeader::new("R-2026-<001>", Digest::of(b"recipe"), Laboratory::default());
    header.issued = Some("2026-11-21".into());
    header.ledger_head = Some(Digest::of(b"ledger"));
    let filters = vec![Filter {
        rule: Rule::Class(types::message::Message::foreign("calibre <equal> or unknown")),
        excluded: 17,
        casings: Vec::new(),
    }];
    Report::Casing(CasingReport {
        header,
        findings: vec![Findings {
            questioned: side("<script>alert('q')</script>", 99, pixels, modality),
            gallery: Gallery { casings: 12_345, compared: 12_328, filters },
            distribution: Some(distribution()),
            candidates: candidates.collect(),
        }],
        group: None,
        decisions: decisions(),
        theirs: Vec::new(),
        failures: Vec::new(),
    })
}

/// Two examiners who disagree, and a record that the scores contradict.
pub fn decisions() -> Decisions {
    let word = |by: &str, conclusion, status, entry| Concluded {
        a: casing("A").id,
        b: casing("B <2>").id,
        conclusion,
        by: by.into(),
        withdraws: None,
        at: "2026-03-11T09:30:00Z".into(),
        entry,
        status,
    };
    Decisions {
        concluded: vec![
            word("R. <Ortiz>", ConclusionKind::Hit, ConclusionStatus::Contested, 41),
            word("=B&B", ConclusionKind::Eliminated, ConclusionStatus::InForce, 43),
        ],
        conflicts: vec![Conflict {
            a: "A".into(),
            b: "B <2>".into(),
            bond: Bond::OneFirearm("GUN & co".into()),
            score: Some(3.625),
            compared: 7,
            mean_log10_lr: -4.5,
        }],
    }
}

/// A casing's report with all that a header may say.
pub fn issued() -> Report {
    let mut report = casing_report(5, 200, Modality::Topography);
    if let Report::Casing(r) = &mut report {
        r.header.customer = Some("Fiscalía General".into());
        r.header.authorised_by = Some("Perito Núñez".into());
        r.header.received = Some("2026-11-02".into());
        r.header.performed = Some("2026-11-03".into());
        r.header.deviations = vec!["lens 20×".into()];
    }
    report
}

/// A casing may bear whatever name it likes.
pub fn named(id: &str) -> Report {
    let mut report = issued();
    if let Report::Casing(r) = &mut report {
        if let Ok(id) = CasingId::new(id) {
            r.findings[0].questioned.casing.id = id;
        }
        r.findings[0].candidates[0].side.casing.calibre = Some(format!("9 mm {id}"));
        r.header.customer = Some(id.to_owned());
    }
    report
}
