//! What casework adds to the arrival of one casing in a state of a million:
//! the search rules, and the watch list told of its links.
//!
//! `cargo bench --bench casework`

use casework::{
    CaseFiles, Partition, Register, Review, SearchRules, Sieve, Watch, Watched, notices,
};
use std::sync::LazyLock;
use store::{GroupRow, LinkRow, LinkStatus, Linking, Record};
use types::evidence::{CaseId, CasingId, Coordinates, FirearmId};

const CASINGS: usize = 1_000_000;
/// Casings of a group.
const GROUP: usize = 5;
const STATES: [&str; 5] = ["MX-CHH", "MX-SON", "US-TX", "US-AZ", "US-NM"];

fn main() {
    divan::main();
}

fn casing(n: usize) -> Option<CasingId> {
    CasingId::new(format!("C{n:07}")).ok()
}

fn record(n: usize) -> Record {
    let (state, calibre) = (STATES[n % STATES.len()], ["9 mm Luger", ".45 ACP"][n / 7 % 2]);
    let (scene, case) = (n / 3, n / 4);
    Record {
        kind: "casing".into(),
        id: format!("C{n:07}"),
        version: 1,
        body: format!(
            r#"{{"id":"C{n:07}","origin":"evidence","scene":{{"id":"S{scene}","date":"2026-03",
            "state":"{state}","agency":null,"case":"K{case}"}},"firearm":null,
            "calibre":"{calibre}","firing_pin_shape":"unknown","notes":""}}"#
        ),
        author: "bench".into(),
        reason: String::new(),
    }
}

static FILES: LazyLock<Option<CaseFiles>> = LazyLock::new(|| {
    let records: Vec<Record> = (0..CASINGS).map(record).collect();
    let row = |n: usize| {
        let group = format!("G-{}", n / GROUP);
        Some(GroupRow {
            group,
            casing: casing(n)?,
            confidence: 0.9,
            prototype: n.is_multiple_of(GROUP),
        })
    };
    let linking = Linking { groups: (0..CASINGS).filter_map(row).collect(), ..Linking::default() };
    Some(CaseFiles::new(Register::of(&records).ok()?, &linking, Review::default()))
});

/// A hundred standing queries of every sort, told of twenty links.
#[divan::bench]
fn twenty_links_against_a_hundred_queries(bencher: divan::Bencher) {
    let Some(files) = FILES.as_ref() else { return };
    let what = |n: usize| match n % 4 {
        0 => Some(Watched::Firearm(FirearmId::new(format!("F{n}")).ok()?)),
        1 => Some(Watched::Case(CaseId::new(format!("K{n}")).ok()?)),
        2 => Some(Watched::State(STATES[n % STATES.len()].into())),
        _ => Watched::near(Coordinates::new(31.0, -106.0).ok()?, 80.0).ok(),
    };
    let watches: Vec<Watch> =
        (0..100).filter_map(|n| Some(Watch::new(what(n)?, "bench", "2026"))).collect();
    let (status, score) = (LinkStatus::Proposed, 20.0);
    let link = |n: usize| Some(LinkRow { a: casing(n)?, b: casing(n + 1)?, score, status });
    let links: Vec<LinkRow> = (0..20).filter_map(|n| link(n * 40_000)).collect();
    let new: Vec<&LinkRow> = links.iter().collect();
    bencher.bench(|| notices(&watches, &new, files, "2026-03-14T10:00:00Z"));
}

/// One new casing against every other, under rules of three sorts.
#[divan::bench]
fn rules_over_the_gallery(bencher: divan::Bencher) {
    let Some(files) = FILES.as_ref() else { return };
    let rules = SearchRules {
        calibre: true,
        dates: "2026".parse().ok(),
        partition: Some(Partition::Nation),
        ..SearchRules::default()
    };
    let sieve = Sieve::new(&rules, files.register.casings.values());
    let Some(probe) = casing(500_000).and_then(|c| sieve.class_of(&c)) else { return };
    // Classes are looked up once a run, not once a probe.
    let classes: Vec<usize> =
        files.register.casings.keys().filter_map(|c| sieve.class_of(c)).collect();
    bencher.bench(|| {
        classes.iter().filter(|other| sieve.excludes((probe, true), (**other, false))).count()
    });
}
