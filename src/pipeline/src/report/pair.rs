//! What the marks of two casings show, for a page that is made when somebody
//! looks at it: without the survey of the whole store that a report begins with.

use super::context::scan_facts;
use super::not_there;
use crate::files::reread;
use crate::weigh::{Compared, Facts, Weigher};
use casework::{Register, Suspicions};
use imaging::correlate::compare;
use imaging::extract::Template;
use report::picture::Heights;
use report::{Candidate, Findings, Gallery, Side};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{ComparisonRow, MarkRow, ScanRow, Snapshot};
use types::comparison::{Comparison, RunnerUp};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, Digest, MarkKind};
use types::mark::PreparedMark;
use types::message::say;
use types::surface::Pose;

/// Two marks with their comparison, seen from the first.
struct Found {
    marks: [MarkRow; 2],
    row: ComparisonRow,
    comparison: Comparison,
}

impl Found {
    fn compared<'a>(
        &'a self,
        scans: &'a BTreeMap<Digest, ScanRow>,
        casings: &'a BTreeMap<CasingId, CasingRecord>,
    ) -> Compared<'a> {
        let facts = |mark| Facts::of(mark, scans, casings);
        Compared { sides: self.marks.each_ref().map(facts), row: &self.row }
    }
}

/// The best comparison of each kind of mark.
fn best_of(
    snapshot: &Snapshot,
    recipe: &Digest,
    a: &CasingId,
    b: &CasingId,
) -> Result<BTreeMap<MarkKind, Found>> {
    let marks = snapshot.marks()?;
    let of = |id: &CasingId| -> Vec<&MarkRow> {
        marks.iter().filter(|m| m.recipe == *recipe && m.casing == *id).collect()
    };
    let mut best: BTreeMap<MarkKind, Found> = BTreeMap::new();
    let others = of(b);
    for mark in of(a) {
        let alike = |m: &&&MarkRow| m.kind == mark.kind && m.modality == mark.modality;
        for other in others.iter().filter(alike) {
            let Some((row, cells)) = snapshot.comparison(&mark.id, &other.id)? else { continue };
            if best.get(&mark.kind).is_some_and(|known| known.row.score >= row.score) {
                continue;
            }
            let forwards = row.a == mark.id;
            let found = row.clone().with_cells(cells);
            let comparison = if forwards { found } else { found.reversed() };
            let marks = [mark.clone(), (**other).clone()];
            best.insert(mark.kind, Found { marks, row, comparison });
        }
    }
    Ok(best)
}

/// The runner-up of a comparison from the store, which does not keep it: the marks
/// are compared again. None where that gives another score, as by another version
/// of the program.
pub fn runner_up(found: &Comparison, a: &PreparedMark, b: &PreparedMark) -> Option<RunnerUp> {
    let (a, b) = (Template::new(a).ok()?, Template::new(b).ok()?);
    let again = compare(&a, &b).ok().filter(|again| again.score == found.score)?;
    again.runner_up
}

/// What of a pair's marks a screen draws by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which marks.
    pub kind: MarkKind,
    /// The second casing's, laid over the first's, or the first's own.
    pub second: bool,
    /// As measured, or as prepared.
    pub raw: bool,
}

/// The scans that [`pair_findings`] shows of a kind of mark: SHA-256 of the first
/// casing's file and of the second's.
///
/// # Errors
/// [`Kind::NotFound`] if there is no such comparison.
pub fn pair_scans(
    snapshot: &Snapshot,
    recipe: &Digest,
    a: &CasingId,
    b: &CasingId,
    kind: MarkKind,
) -> Result<[Digest; 2]> {
    let best = best_of(snapshot, recipe, a, b)?;
    let found = best.get(&kind).ok_or_else(|| not_compared(a, b))?;
    Ok(found.marks.each_ref().map(|mark| mark.scan))
}

fn not_compared(a: &CasingId, b: &CasingId) -> Error {
    Error::new(Kind::NotFound, say!("{a} and {b} were not compared by this mark"))
        .advise(say!("correlate the store first"))
}

/// The values of one mark of a pair as [`pair_findings`] shows it, in the frame of
/// the first.
///
/// # Errors
/// [`Kind::NotFound`] if there is no such comparison or the scan's file is not
/// held; those of reading a scan.
pub fn pair_heights(
    snapshot: &Snapshot,
    recipe: &Digest,
    a: &CasingId,
    b: &CasingId,
    wanted: Wanted,
) -> Result<Heights> {
    let best = best_of(snapshot, recipe, a, b)?;
    let found = best.get(&wanted.kind).ok_or_else(|| not_compared(a, b))?;
    let [first, second] = &found.marks;
    let (row, pose) = match wanted.second {
        true => (second, found.comparison.b_from_a),
        false => (first, Pose::default()),
    };
    let ground = snapshot.mark(&first.id)?;
    if !wanted.raw {
        return Ok(Heights::filtered(&ground, &snapshot.mark(&row.id)?, &pose));
    }
    let scan = |row: &MarkRow| {
        let scan = snapshot.scan_by_digest(&row.scan)?;
        scan.ok_or_else(|| not_there(say!("scan"), &row.scan.to_string()))
    };
    let pixel = scan(first)?.pitch_x;
    let measured = reread(snapshot, &scan(row)?)?;
    Ok(Heights::raw(&ground, pixel, &measured, &row.scan_from_mark.after(&pose)))
}

/// The comparisons of two casings, the best of each kind of mark, in the order of
/// the kinds: `a` is questioned, `b` its one candidate, unranked. Each has the
/// weight of all marks together. Empty where they were not compared.
///
/// # Errors
/// [`Kind::NotFound`] if the store lacks one of the casings.
pub fn pair_findings(
    snapshot: &Snapshot,
    recipe: &Digest,
    register: &Register,
    a: &CasingId,
    b: &CasingId,
) -> Result<Vec<Findings>> {
    let casings = &register.casings;
    let record =
        |id: &CasingId| casings.get(id).ok_or_else(|| not_there(say!("casing"), id.as_str()));
    let records = [record(a)?, record(b)?];
    let best = best_of(snapshot, recipe, a, b)?;
    let scans: BTreeMap<Digest, ScanRow> =
        snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect();
    let weigher = Weigher::new(snapshot, None)?;
    let same = Suspicions::read(snapshot)?.hold(a, b);
    let mut findings = Vec::new();
    for (kind, found) in &best {
        let rest: Vec<Compared> = best
            .iter()
            .filter(|(k, f)| *k != kind && f.marks[0].modality == found.marks[0].modality)
            .map(|(_, f)| f.compared(&scans, casings))
            .collect();
        let mut sides = Vec::new();
        for (mark, record) in found.marks.iter().zip(records) {
            let scan = scans
                .get(&mark.scan)
                .ok_or_else(|| not_there(say!("scan"), &mark.scan.to_string()))?;
            let prepared = Arc::new(snapshot.mark(&mark.id)?);
            sides.push(Side::new(record.clone(), scan_facts(scan), prepared));
        }
        let (Some(side), Some(questioned)) = (sides.pop(), sides.pop()) else { continue };
        let weight =
            (!same).then(|| weigher.weight(&found.compared(&scans, casings), &rest, 1)).flatten();
        let mut comparison = found.comparison.clone();
        if let (Some(a), Some(b)) = (&questioned.prepared, &side.prepared) {
            comparison.runner_up = runner_up(&comparison, a, b);
        }
        findings.push(Findings {
            questioned,
            gallery: Gallery::default(),
            distribution: None,
            candidates: vec![Candidate { rank: 0, side, comparison, group: None, weight }],
        });
    }
    Ok(findings)
}
