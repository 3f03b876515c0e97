//! A synthetic case report, with firearms, traces and signs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::casing;
use report::{
    CaseReport, CasingEntry, Event, EventKind, GroupEntry, Indicator, Laboratory, LinkEntry,
    LinkWeight, PlaceOnMap, Precision, Report, ReportHeader, Saying, SceneEntry, Subject,
    TheirWord,
};
use types::evidence::{
    CaseId, CustodyStep, Description, Digest, EventKind as SceneKind, Firearm, FirearmId,
    FirearmType, MarkKind, NoTrace, Place as Known, ReportedFirearm, ReportedScene, ReportedStep,
    ReportedTrace, Role, SceneId, Serial, ShipmentId, Sign, TimeToCrime, TraceId, TraceOutcome,
};

pub fn group() -> GroupEntry {
    let (a, b) = (casing("A <1>"), casing("../B"));
    GroupEntry {
        id: "G1".into(),
        casings: vec![a.id.clone(), b.id],
        confidence: 0.9375,
        prototype: Some(a.id),
        firearms: a.firearm.into_iter().collect(),
        scenes: Vec::new(),
    }
}

pub fn link() -> LinkEntry {
    LinkEntry {
        a: casing("A <1>").id,
        b: casing("../B").id,
        kind: MarkKind::BreechFace,
        score: 0.515_625,
        cells: 33,
        congruent_cells: 29,
        weight: Some(LinkWeight {
            log10_lr: 1.703_125,
            log10_lower: 0.703_125,
            log10_upper: 2.203_125,
            population: "Guns <7>".into(),
        }),
        group: Some("G1".into()),
    }
}

pub fn entries() -> Vec<CasingEntry> {
    let (a, b) = (casing("A <1>"), casing("../B"));
    vec![
        CasingEntry {
            has_report: true,
            new: true,
            first_candidate: Some(b.id.clone()),
            first_score: Some(0.515_625),
            group: Some("G1".into()),
            casing: a,
        },
        CasingEntry {
            has_report: false,
            new: false,
            first_candidate: None,
            first_score: None,
            group: None,
            casing: b,
        },
    ]
}

pub fn case_report() -> Report {
    let scene = |id: &str, date: &str, longitude: f64| SceneEntry {
        id: SceneId::new(id).unwrap(),
        kind: Some(SceneKind::Homicide),
        date: Some(date.parse().unwrap()),
        state: Some("MX-CHH".into()),
        municipality: Some("Juárez <&>".into()),
        agency: Some("Fiscalía".into()),
        case: None,
        place: Some(PlaceOnMap {
            latitude: 28.625,
            longitude,
            precision: if longitude < -107.0 { Precision::State } else { Precision::Recorded },
        }),
        casings: vec![casing(if longitude < -107.0 { "A <1>" } else { "../B" }).id],
    };
    let scenes = vec![scene("S <1>", "2024-03", -107.5), scene("S2", "2025-08-19", -106.125)];
    let seen = |s: &SceneEntry, before| ReportedScene {
        scene: s.id.clone(),
        date: s.date,
        state: s.state.clone(),
        municipality: s.municipality.clone(),
        before_sale: before,
        across_border: before.map(|b| !b),
    };
    let hand = |role, name: Option<&str>, date: &str| {
        let name = name.map(str::to_owned);
        ReportedStep::from(CustodyStep { role, name, date: date.parse().ok() })
    };
    let firearm = FirearmId::new("gun'1 <x>").unwrap();
    let trace = |id: &str| ReportedTrace {
        request: TraceId::new(id).unwrap(),
        outcome: Some(TraceOutcome::Purchaser),
        reason: None,
        disposition: vec![
            hand(Role::Manufacturer, Some("Maker <m>"), "2019"),
            hand(Role::Retailer, Some("=Shop"), "2023-05-02"),
            hand(Role::Purchaser, None, "2024-05"),
        ],
        sold: "2024-05".parse().ok(),
        sold_at: Known { state: Some("US-TX".into()), ..Known::default() },
        time_to_crime: Some(TimeToCrime::Days { least: 171, most: 201 }),
    };
    let unknown = ReportedTrace {
        outcome: Some(TraceOutcome::None),
        reason: Some(NoTrace::RecordsLost),
        disposition: Vec::new(),
        sold: None,
        sold_at: Known::default(),
        time_to_crime: None,
        ..trace("T-2")
    };
    Report::Case(CaseReport {
        header: ReportHeader::new("C-1", Digest::of(b"recipe"), Laboratory::default()),
        subject: Subject::Case(CaseId::new("CI/2026/\"9\"").unwrap()),
        casings: entries(),
        groups: vec![group()],
        links: vec![link()],
        events: events(&scenes, &firearm),
        firearms: vec![ReportedFirearm {
            id: firearm.clone(),
            record: Some(Firearm {
                id: firearm.clone(),
                description: Description {
                    sort: Some(FirearmType::Pistol),
                    make: Some("Make & <co>".into()),
                    serial: Some(Serial::Obliterated),
                    importer_serial: Some(Serial::Legible("I-7".into())),
                    country: "BR".parse().ok(),
                    ..Description::default()
                },
            }),
            groups: vec!["G1".into()],
            test_fires: vec![casing("../B").id],
            traces: vec![trace("T-1"), unknown],
            scenes: vec![seen(&scenes[0], Some(true)), seen(&scenes[1], None)],
            shipments: vec![ShipmentId::new("SH-1").unwrap()],
        }],
        decisions: super::decisions(),
        indicators: vec![Indicator {
            sign: Sign::OneDealer,
            common: Some("=Shop".into()),
            firearms: vec![firearm],
        }],
        theirs: vec![TheirWord {
            from: "ATF-PHX".into(),
            record: "decision/D-1@ATF-PHX".into(),
            says: Saying::Hit,
            about: vec!["=A".into(), "X-7@ATF-PHX".into()],
            at: Some("2026-03-20T10:00:00Z".into()),
        }],
        scenes,
    })
}

/// Each scene, a sale of which only the state is known, and a recovery of
/// which the day is not.
fn events(scenes: &[SceneEntry], firearm: &FirearmId) -> Vec<Event> {
    let of_scene = |s: &SceneEntry| Event {
        date: s.date,
        kind: EventKind::Scene,
        scene: Some(s.id.clone()),
        firearm: None,
        state: s.state.clone(),
        municipality: s.municipality.clone(),
        place: s.place,
    };
    let of_firearm = |kind, date: &str, precision| Event {
        date: date.parse().ok(),
        kind,
        scene: None,
        firearm: Some(firearm.clone()),
        state: Some("US-TX".into()),
        municipality: None,
        place: Some(PlaceOnMap { latitude: 30.25, longitude: -97.75, precision }),
    };
    vec![
        of_scene(&scenes[0]),
        of_firearm(EventKind::Purchase, "2024-05", Precision::Municipality),
        of_scene(&scenes[1]),
        of_firearm(EventKind::Recovery, "", Precision::Recorded),
    ]
}
