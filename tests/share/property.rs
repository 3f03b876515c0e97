//! Whatever a partner signs, what this laboratory decided and found stays as it
//! was, but for what is shown as the partner's.

use super::lab::{Forged, Lab, casing, test_fire};
use casework::share::SHARED_KINDS;
use casework::trace::indicators;
use casework::{CaseFiles, Clock, Conclusion, Decision, Graph, Subject, Watch, Watched};
use ndarray::Array2;
use pipeline::{
    Outcome, Quiet, ReportOptions, ReportSelection, Run, clock, decide, files, keep_watch,
    progress_of_exhibits, report, search_ledger, set_clock, watch_notices, watches,
};
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use report::{Format, LaboratoryConfig, Language, Paper};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;
use store::Snapshot;
use types::evidence::{CaseId, CasingId, Digest, FirearmId};
use types::units::Metres;

const AT: &str = "2026-11-21T12:00:00Z";

fn run() -> Run {
    Run {
        who: "E. Xaminer".to_owned(),
        started: AT.to_owned(),
        command: "brasslink".to_owned(),
        recipe: Digest::of(super::lab::RECIPE.as_bytes()),
        now: || "2026-11-21T12:00:01Z".to_owned(),
    }
}

/// A laboratory in the middle of its work: cases, a traced firearm, decisions,
/// a watch, a clock of its own.
static BUSY: LazyLock<Lab> = LazyLock::new(|| {
    let (_, b) = Lab::two();
    for (n, gun) in [7, 7, 8, 8, 9, 9].into_iter().enumerate() {
        b.add(&casing(&format!("C-{n}"), Some("US-TX")), gun);
    }
    b.add(&test_fire("T-1", "F-1"), 7);
    for n in 0..5 {
        b.add(&casing(&format!("Y-{n}"), Some("US-TX")), 30 + n);
    }
    let held = json!({
        "id": "X-1", "kind": "casings", "casings": ["C-0", "C-1"], "case": "K-C-0",
        "received": "2026-11-20T09:00:00Z"
    });
    b.record(&[
        ("case", json!({ "id": "K-C-0", "connected": ["K-C-5"] })),
        ("firearm", json!({ "id": "F-1", "make": "Taurus", "serial": "T1" })),
        (
            "firearm_event",
            json!({ "id": "R-1", "firearm": "F-1", "kind": "recovered", "date": "2026-10-02",
                "case": "K-C-0" }),
        ),
        ("exhibit", held),
        (
            "trace_request",
            json!({ "id": "TR-1", "firearm": "F-1", "serial": "T1", "recovered": "2026-10-02" }),
        ),
        (
            "trace_result",
            json!({ "id": "TR-1", "outcome": "purchaser", "sale": { "date": "2024-09" } }),
        ),
    ]);
    let run = run();
    let store = b.store();
    for (x, y, conclusion) in
        [("C-0", "C-1", Conclusion::Hit), ("C-2", "C-4", Conclusion::Eliminated)]
    {
        let [x, y] = [x, y].map(|id| CasingId::new(id).unwrap());
        let decision = Decision::new(x, y, conclusion, "E. Xaminer", None, AT).unwrap();
        decide(&store, &[decision], &[], "", &run).unwrap();
    }
    let watch = Watch::new(Watched::Firearm(FirearmId::new("F-1").unwrap()), "E. Xaminer", AT);
    keep_watch(&store, &watch, "", &run).unwrap();
    set_clock(&store, &Clock { review_hours: 7, ..Clock::default() }, "", &run).unwrap();
    b.work();
    b
});

/// A copy of that laboratory, and its partner.
fn desk() -> (Lab, Lab) {
    let (a, b) = Lab::two();
    std::fs::remove_dir_all(b.root()).unwrap();
    copy(&BUSY.root(), &b.root());
    (a, b)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// Something at random.
struct Any(ChaCha8Rng);

impl Any {
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())].clone()
    }

    /// The partner's or the receiver's name of something of a kind; sometimes a
    /// third party's.
    fn id(&mut self, kind: &str, theirs: bool) -> String {
        let own = match kind {
            "casing" => self.of(&["C-0", "C-1", "C-2", "T-1", "Y-0", "none"]),
            "firearm" => self.of(&["F-1", "none"]),
            "case" => self.of(&["K-C-0", "K-C-1", "none"]),
            "event" => self.of(&["S-C-0", "S-Y-0", "none"]),
            _ => self.of(&["X-1", "TR-1", "R-1"]),
        };
        match self.0.random_range(0..40) {
            0 => format!("{own}@DPS-TX"),
            1..=20 if !theirs => format!("{own}@ATF-PHX"),
            _ => format!("{kind}-{}@FGE-CHH", self.0.random_range(0..4)),
        }
    }

    fn day(&mut self) -> Value {
        let days = ["1800-01-01", "2026", "2026-03", "2026-11-21", "2020-01-01/2026-11-20"];
        let wrong = ["1799", "9999-12-31"];
        if self.0.random_range(0..60) == 0 { self.of(&wrong) } else { self.of(&days) }.into()
    }

    fn moment(&mut self) -> Value {
        let good = ["2026-11-21T10:00:30Z", "2026-11-21T11:00:00Z", "2026-11-21T04:00:30-06:00"];
        let wrong = ["9999-12-30T20:00:00Z", "1970-01-01T00:00:00Z", "2026-11-21"];
        if self.0.random_range(0..30) == 0 { self.of(&wrong) } else { self.of(&good) }.into()
    }

    fn count(&mut self) -> Value {
        let good = [json!(0), json!(1), json!(u32::MAX)];
        let wrong = [json!(u64::MAX), json!(-1), json!(1e300)];
        if self.0.random_range(0..60) == 0 { self.of(&wrong) } else { self.of(&good) }
    }

    fn place(&mut self) -> Value {
        let degrees = [0.0, 90.0, -90.0, 1e-300, 31.7, f64::MIN_POSITIVE];
        let mut place = json!({ "state": self.of(&["MX-CHH", "US-TX"]), "coordinates": {
            "latitude": self.of(&degrees), "longitude": self.of(&[180.0, -180.0, 0.0, -106.4])
        } });
        if self.0.random_range(0..60) == 0 {
            place["coordinates"]["latitude"] = json!(1e300);
        }
        place
    }

    /// A record of a kind, every field of it said.
    fn record(&mut self, kind: &'static str) -> (&'static str, String, Value) {
        let id = self.id(kind, true);
        let scene = json!({ "id": self.id("event", false), "date": self.day(), "state": "MX-CHH",
            "agency": "A", "case": self.id("case", false) });
        let word = |any: &mut Self, words: &[&str]| Value::from(any.of(words));
        let guns = [self.id("firearm", false), self.id("firearm", false)];
        let name = "=cmd()\u{1b}[2J\u{202e}枪";
        let contents =
            json!({ "firearms": self.count(), "parts": self.count(), "ammunition": self.count() });
        let mut body = match kind {
            "casing" => json!({
                "origin": word(self, &["evidence", "test_fire"]), "scene": self.of(&[scene, Value::Null]),
                "firearm": guns[0], "calibre": name, "firing_pin_shape": "flat", "notes": ""
            }),
            "case" => json!({ "agency": "A" }),
            "event" => json!({ "kind": "homicide", "date": self.day(), "place": self.place(),
                "agency": "A", "case": self.id("case", false) }),
            "firearm" => json!({ "type": "pistol", "make": name, "serial": "T1", "country": "BR" }),
            "firearm_event" => json!({ "firearm": guns[0],
                "kind": word(self, &["recovered", "test_fired", "purchased"]), "date": self.day(),
                "place": self.place(), "agency": "A", "case": self.id("case", false) }),
            "exhibit" => json!({ "kind": "casings", "casings": [self.id("casing", true)],
                "firearm": guns[0], "scene": self.id("event", false),
                "case": self.id("case", false), "received": self.day() }),
            "movement" | "notification" => {
                json!({ "exhibit": self.id("exhibit", true), "at": self.moment(), "to": "withheld" })
            }
            "trace_request" => json!({ "firearm": guns[0], "make": "Taurus", "serial": "T1",
                "crime": "5212", "recovered": self.day(), "place": self.place(),
                "case": self.id("case", false) }),
            "trace_result" => json!({ "outcome": word(self, &["purchaser", "dealer", "none"]),
                "completed": self.day(), "sale": { "date": self.day() },
                "dealer": { "name": name, "licence": "L", "acquired": self.day() } }),
            "shipment" => json!({ "status": "seized", "found": contents, "declared": contents,
                "date": self.day(), "place": self.place(), "case": self.id("case", false),
                "firearms": guns, "casings": [self.id("casing", false)], "origin": {},
                "destination": {} }),
            "decision" => json!({ "a": self.id("casing", true), "b": self.id("casing", false),
                "conclusion": word(self, &["lead", "hit", "eliminated", "inconclusive"]),
                "at": self.moment(), "agency": "A", "by": "FGE-CHH" }),
            other => panic!("say what a {other} may be"),
        };
        if kind != "decision" {
            body["id"] = id.clone().into();
        }
        (kind, id, body)
    }

    /// A bundle: records of any kinds, and marks with facts at their limits.
    fn bundle(&mut self, marks: usize) -> Forged {
        let mut records: Vec<(&'static str, String, Value)> = Vec::new();
        for _ in 0..self.0.random_range(1..14) {
            let kind = SHARED_KINDS[self.0.random_range(0..SHARED_KINDS.len())].kind;
            let record = self.record(kind);
            if !records.iter().any(|r| (r.0, &r.1) == (record.0, &record.1)) {
                records.push(record);
            }
        }
        let mut forged = Forged::of(&[]);
        for n in 0..marks {
            let name = format!("marked-{n}@FGE-CHH");
            let mut record = self.record("casing");
            (record.1, record.2["id"]) = (name.clone(), name.clone().into());
            records.push(record);
            forged = forged.marked(&name, 500 + self.0.random_range(0..1000));
            let (scan, (mark, values)) = (&mut forged.scans[n], &mut forged.marks[n]);
            let pitches = [1e-8, 1e-3, 3.125e-6, f64::NAN, -1.0, 1e300];
            let odd = if self.0.random_range(0..4) == 0 { pitches.len() } else { 3 };
            (scan.pitch_x, scan.pitch_y) =
                (Metres(self.of(&pitches[..odd])), Metres(self.of(&pitches[..odd])));
            scan.ny = self.of(&[1, 65_536, 10]);
            mark.quality.area_mm2 = self.of(&[0.0, 1e4, 3.0]);
            mark.quality.coverage = self.of(&[0.0, 1.0]);
            mark.quality.rms = self.of(&[0.0, 1e4]);
            mark.scan_from_mark.dx = Metres(self.of(&[0.1, -0.1, 0.0]));
            match self.0.random_range(0..6) {
                0 => *values = Array2::from_elem(values.dim(), f32::NAN),
                1 => *values = Array2::from_elem(values.dim(), 1e4),
                2 => values[(5, 5)] = f32::INFINITY,
                _ => {}
            }
        }
        Forged { records, number: self.of(&[1, 2, 10_000]), ..forged }
    }
}

fn own(id: &str) -> bool {
    !id.contains('@')
}

/// What is not shown as another agency's: objects of others are left out, and
/// what is told of them.
fn local(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(key, _)| !["theirs", "claims"].contains(&&**key));
            kept.map(|(key, value)| (key, local(value))).collect()
        }
        Value::Array(all) => {
            let theirs = |v: &Value| match v {
                Value::String(id) => !own(id),
                Value::Object(map) => ["id", "a", "b", "source", "target", "item"]
                    .iter()
                    .any(|k| map.get(*k).and_then(Value::as_str).is_some_and(|id| !own(id))),
                _ => false,
            };
            all.into_iter().filter(|v| !theirs(v)).map(local).collect()
        }
        other => other,
    }
}

/// Where two values differ, and how.
fn differences(before: &Value, after: &Value, path: &str, all: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(x), Value::Object(y)) => {
            let names: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            for name in names {
                differences(&before[name], &after[name], &format!("{path}.{name}"), all);
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            let pairs = x.iter().zip(y).enumerate();
            pairs.for_each(|(n, (x, y))| differences(x, y, &format!("{path}[{n}]"), all));
        }
        (x, y) if x == y => {}
        (x, y) => all.push(format!("{path}: {x} became {y}")),
    }
}

/// The graph of what is this laboratory's. An agency has one name everywhere:
/// one that only the partner's things are tied to is left out.
fn graph(known: &CaseFiles) -> Value {
    let mut graph = local(json!(Graph::of(known)));
    let edges = graph["edges"].as_array().unwrap();
    let tied: Vec<Value> = edges.iter().map(|edge| edge["target"].clone()).collect();
    let nodes = graph["nodes"].as_array_mut().unwrap();
    nodes.retain(|node| node["kind"] != "agency" || tied.contains(&node["id"]));
    graph
}

/// All that this laboratory decided and found, as JSON.
fn view(lab: &Lab, marks: bool) -> Value {
    let snapshot: Snapshot = lab.store().snapshot().unwrap();
    let known = files(&snapshot).unwrap();
    let gun = FirearmId::new("F-1").unwrap();
    let links: Vec<Value> =
        known.links.iter().map(|l| json!({ "a": l.a, "b": l.b, "score": l.score })).collect();
    let groups: Vec<Value> = known
        .groups
        .values()
        .filter(|g| g.casings.iter().any(|c| own(c.as_str())))
        .map(|g| json!([g.id, g.casings, g.firearm, (!marks).then_some(g.confidence)]))
        .collect();
    let decided: Vec<Value> = known.review.in_force().map(|d| json!(d)).collect();
    let subjects = [
        Subject::Case(CaseId::new("K-C-0").unwrap()),
        Subject::Case(CaseId::new("K-C-2").unwrap()),
        Subject::Firearm(gun.clone()),
    ];
    let mut dossiers = json!(subjects.map(|s| known.dossier(s)));
    for dossier in dossiers.as_array_mut().unwrap() {
        for group in dossier["groups"].as_array_mut().unwrap() {
            if marks {
                // How sure it is, and which casing is most like the others,
                // depends on all that was compared.
                (group["confidence"], group["prototype"]) = (Value::Null, Value::Null);
            }
        }
    }
    let progress = progress_of_exhibits(&snapshot).unwrap();
    let searched = ["C-0", "T-1", "Y-0"].map(|casing| {
        let casing = CasingId::new(casing).unwrap();
        let ledger = search_ledger(&snapshot, &run().recipe, &casing).unwrap();
        let excluded = ledger.into_iter().map(|mark| {
            let own = mark.searched.excluded.into_iter().filter(|e| own(e.casing.as_str()));
            own.map(|e| format!("{e:?}")).collect::<Vec<_>>()
        });
        excluded.collect::<Vec<_>>()
    });
    local(json!({
        "links": links,
        "groups": groups,
        "decisions": decided,
        "hits": known.hits,
        "dossiers": dossiers,
        "graph": graph(&known),
        "chain": known.history(&gun),
        "indicators": indicators(&known.traces),
        "clock": clock(&snapshot).unwrap(),
        "progress": progress.iter().map(|p| json!({ "item": p.item, "all": format!("{p:?}") }))
            .collect::<Vec<_>>(),
        "watches": watches(&snapshot).unwrap(),
        "notices": watch_notices(&snapshot).unwrap(),
        "excluded": searched,
        "reports": reports(lab, marks),
    }))
}

/// The reports of a casing and a case, as JSON, without what names the store's
/// state; of a larger gallery only the comparisons of one's own.
fn reports(lab: &Lab, marks: bool) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let options = ReportOptions {
        all: true,
        languages: vec![Language::English],
        formats: vec![Format::Json],
        paper: Paper::A4,
        typesetter: None,
        laboratory: LaboratoryConfig::default(),
        population: None,
        validation: None,
        issued: "2026-11-22".to_owned(),
        notes: true,
    };
    let wanted = [
        ReportSelection::Casings(vec![CasingId::new("C-0").unwrap()]),
        ReportSelection::Case(CaseId::new("K-C-0").unwrap()),
    ];
    for wanted in wanted {
        let mut outcome = Outcome::default();
        let store = lab.store();
        report(&store, &run(), folder.path(), &wanted, &options, &mut outcome, &Quiet).unwrap();
        assert_eq!(outcome.failures, []);
    }
    let mut all = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let mut report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for name in ["header", "seal", "distribution"] {
            report[name] = Value::Null;
        }
        for finding in report["findings"].as_array_mut().into_iter().flatten() {
            // How many of the gallery bear no such mark is of theirs too.
            finding["gallery"] = Value::Null;
            if marks {
                let candidates = finding["candidates"].as_array().unwrap();
                let own: Vec<Value> = candidates
                    .iter()
                    .filter(|c| own(c["side"]["casing"]["id"].as_str().unwrap()))
                    // The two marks that came in may displace the last of ten.
                    .take(8)
                    .map(|c| json!([c["side"]["casing"]["id"], c["comparison"]["score"]]))
                    .collect();
                *finding = own.into();
            }
        }
        if marks {
            for name in ["groups", "group"] {
                report[name] = Value::Null;
            }
        }
        all.push(report);
    }
    all
}

static BEFORE: LazyLock<[Value; 2]> = LazyLock::new(|| [false, true].map(|m| view(&BUSY, m)));

#[test]
fn no_signed_bundle_changes_what_is_decided_and_found_here() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let mut taken = [0, 0];
    for seed in 0..cases {
        let marks = (seed % 3) as usize;
        let (a, b) = desk();
        let mut any = Any(ChaCha8Rng::seed_from_u64(seed));
        // The first that the partner gets in, of a few.
        for _ in 0..8 {
            let files = b.files();
            let forged = any.bundle(marks);
            match b.take(&a.forged(&b, forged)) {
                Ok(_) => {
                    taken[usize::from(marks > 0)] += 1;
                    break;
                }
                Err(error) => {
                    assert!(error.advice.is_some(), "{error}");
                    assert_eq!(b.files(), files, "{error}");
                }
            }
        }
        b.work();
        assert!(store::verify(&b.root()).is_empty(), "seed {seed}");
        let (after, before) = (view(&b, marks > 0), &BEFORE[usize::from(marks > 0)]);
        let mut differ = Vec::new();
        differences(before, &after, "", &mut differ);
        assert!(differ.is_empty(), "seed {seed}: {differ:#?}");
    }
    // Enough of them get in for this to mean something.
    assert!(taken[0] * 3 >= cases / 3 && taken[1] * 3 >= cases / 3, "{taken:?}");
}
