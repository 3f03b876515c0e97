//! Scans that are one acquisition under two names: found when they come in,
//! kept apart until a person has cleared them.

use super::files::reread;
use super::{Outcome, Progress, Run, commit, json};
use crate::Counted;
use casework::{Clearing, SAME_ACQUISITION, Suspicion, Suspicions};
use imaging::correlate::{likeness, one_acquisition};
use rayon::prelude::*;
use std::collections::BTreeMap;
use store::{Batch, MarkRow, ScanRow, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, Modality, SameAcquisition, Sameness};
use types::mark::PreparedMark;
use types::message::say;
use types::scan::Scan;
use types::surface::{HeightMap, IntensityMap, Mask, Pose, Surface};

/// Correlation of the marks from which their scans are held beside each other:
/// copies have more; of 243 pairs of two casings of one firearm (Fadul, Weller)
/// the closest has 0.91.
pub(super) const LOOKED_AT: f64 = 0.92;

/// The kind of the records that hold the digest of what a scan measured; the
/// record's id is the file's digest.
const SCAN_CONTENT: &str = "scan_content";

/// What every scan of a store measured, by its content's digest.
#[derive(Default)]
pub(super) struct Contents(BTreeMap<Digest, Vec<(CasingId, Digest)>>);

impl Contents {
    /// Reads them; of scans that an older version of the program took in, the
    /// digests are made from the originals and put into `batch`.
    pub fn read(snapshot: &Snapshot, batch: &mut Batch, run: &Run) -> Result<Self> {
        let known: BTreeMap<String, Option<Digest>> = snapshot
            .records(SCAN_CONTENT)?
            .into_iter()
            .map(|r| (r.id, Digest::try_from(r.body.trim_matches('"').to_owned()).ok()))
            .collect();
        let mut this = Self::default();
        let scans = snapshot.scans()?;
        let (old, new): (Vec<_>, Vec<_>) =
            scans.into_iter().partition(|s| known.contains_key(&s.sha256.to_string()));
        for scan in old {
            if let Some(Some(content)) = known.get(&scan.sha256.to_string()) {
                this.0.entry(*content).or_default().push((scan.casing, scan.sha256));
            }
        }
        let content = |s: &ScanRow| reread(snapshot, s).ok().map(|scan| scan.surface.digest());
        let held: Vec<ScanRow> = new.into_iter().filter(ScanRow::is_held).collect();
        let made: Vec<Option<Digest>> = held.par_iter().map(content).collect();
        for (scan, content) in held.into_iter().zip(made) {
            if let Some(content) = content {
                this.add((scan.casing, scan.sha256), content, batch, run);
            }
        }
        Ok(this)
    }

    /// Adds a scan, its casing first; gives those with the same values.
    pub fn add(
        &mut self,
        scan: (CasingId, Digest),
        content: Digest,
        batch: &mut Batch,
        run: &Run,
    ) -> Vec<(CasingId, Digest)> {
        let body = format!("\"{content}\"");
        batch.add_record(SCAN_CONTENT, scan.1.to_string(), body, &run.who, "imported");
        let same = self.0.entry(content).or_default();
        let twins = same.iter().filter(|(_, other)| *other != scan.1).cloned().collect();
        if !same.contains(&scan) {
            same.push(scan);
        }
        twins
    }
}

/// Records that `scan` holds the very values of each of `twins`.
pub(super) fn same_values(
    scan: &(CasingId, Digest),
    twins: Vec<(CasingId, Digest)>,
    batch: &mut Batch,
    run: &Run,
    outcome: &mut Outcome,
) -> Result<()> {
    for twin in twins {
        if twin.0 == scan.0 {
            outcome.warnings.push(say!(
                "casing {}: the scans {} and {} hold the same values: one acquisition, not two",
                scan.0,
                twin.1.short(),
                scan.1.short()
            ));
            continue;
        }
        let found = SameAcquisition::new(twin, scan.clone(), Sameness::SameValues);
        suspect(found, batch, run, outcome)?;
    }
    Ok(())
}

/// Whether the scans of two marks, compared with this outcome, look like one
/// acquisition; each comes with its mark.
pub fn sameness(
    (scan_a, a): (&Scan, &PreparedMark),
    (scan_b, b): (&Scan, &PreparedMark),
    ccf: f64,
    b_from_a: &Pose,
) -> Option<Sameness> {
    if scan_a.surface.digest() == scan_b.surface.digest() {
        return Some(Sameness::SameValues);
    }
    let pose = b.scan_from_mark.after(b_from_a).after(&a.scan_from_mark.inverse());
    let mark = a.mask_on(&scan_a.surface);
    near(&scan_a.surface, &scan_b.surface, &mark, ccf, &pose)
}

fn near(a: &Surface, b: &Surface, mark: &Mask, ccf: f64, b_from_a: &Pose) -> Option<Sameness> {
    if ccf < LOOKED_AT {
        return None;
    }
    let modality = match a {
        Surface::Height(_) => Modality::Topography,
        Surface::Intensity(_) => Modality::Image,
    };
    let found = likeness(a, b, mark, b_from_a)?;
    (found.correlation >= one_acquisition(modality)).then_some(Sameness::NearIdentical(found))
}

/// A mark's own values as a surface, where its scan is not at hand.
fn surface_of(mark: &PreparedMark) -> Surface {
    let (pitch_x, pitch_y) = (mark.pitch, mark.pitch);
    match mark.modality {
        Modality::Topography => {
            let z = mark.values.mapv(|v| f64::from(v) * 1e-6);
            Surface::Height(HeightMap { z, pitch_x, pitch_y })
        }
        Modality::Image => {
            Surface::Intensity(IntensityMap { v: mark.values.clone(), pitch_x, pitch_y })
        }
    }
}

/// The marks and scans of a store, to hold pairs beside each other.
#[derive(Default)]
pub(super) struct SameAcquisitionCheck {
    /// Read when the first pair is looked at: most runs have none.
    seen: Option<Seen>,
}

struct Seen {
    marks: BTreeMap<MarkId, MarkRow>,
    scans: BTreeMap<Digest, ScanRow>,
    known: Suspicions,
}

impl Seen {
    fn read(snapshot: &Snapshot) -> Result<Self> {
        Ok(Self {
            marks: snapshot.marks()?.into_iter().map(|m| (m.id.clone(), m)).collect(),
            scans: snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect(),
            known: Suspicions::read(snapshot)?,
        })
    }
}

/// Two marks that were compared.
pub(super) struct ComparedPair<'a> {
    pub a: &'a MarkId,
    pub b: &'a MarkId,
    pub ccf: f64,
    pub b_from_a: Pose,
}

impl SameAcquisitionCheck {
    /// Those of `pairs` that look like one acquisition and were not found
    /// before. A snapshot is taken only while a pair is looked at: one that is
    /// held keeps segments from being removed.
    pub fn look(&mut self, store: &Store, pairs: &[ComparedPair]) -> Result<Vec<SameAcquisition>> {
        let near: Vec<&ComparedPair> = pairs.iter().filter(|p| p.ccf >= LOOKED_AT).collect();
        if near.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = store.snapshot()?;
        let seen = match self.seen.take() {
            Some(seen) => seen,
            None => Seen::read(&snapshot)?,
        };
        let seen = self.seen.insert(seen);
        let found: Vec<Option<SameAcquisition>> =
            near.par_iter().map(|pair| seen.judge(pair, &snapshot)).collect::<Result<_>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Seen {
    fn judge(&self, pair: &ComparedPair, snapshot: &Snapshot) -> Result<Option<SameAcquisition>> {
        let (Some(row_a), Some(row_b)) = (self.marks.get(pair.a), self.marks.get(pair.b)) else {
            return Ok(None);
        };
        let sides = [row_a, row_b].map(|row| (row.casing.clone(), row.scan));
        let mut scans = [row_a.scan, row_b.scan];
        scans.sort();
        let told = self.known.about(&row_a.casing, &row_b.casing);
        let same = |s: &[Digest; 2]| {
            let mut s = *s;
            s.sort();
            s == scans
        };
        if row_a.casing == row_b.casing || told.iter().any(|s| same(&s.found.scans)) {
            return Ok(None);
        }
        let (a, b) = (snapshot.mark(pair.a)?, snapshot.mark(pair.b)?);
        let scan = |row: &MarkRow| {
            let scan = self.scans.get(&row.scan).filter(|s| s.is_held());
            scan.and_then(|s| reread(snapshot, s).ok())
        };
        let why = match (scan(row_a), scan(row_b)) {
            (Some(x), Some(y)) => sameness((&x, &a), (&y, &b), pair.ccf, &pair.b_from_a),
            // What another agency shared comes as marks alone.
            _ => {
                let (x, mask) = (surface_of(&a), a.values.mapv(f32::is_finite));
                near(&x, &surface_of(&b), &mask, pair.ccf, &pair.b_from_a)
            }
        };
        let [one, other] = sides;
        Ok(why.map(|why| SameAcquisition::new(one, other, why)))
    }
}

/// Looks at every comparison of the store, for stores and bundles that were
/// compared by an older version of the program.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn check_acquisitions(store: &Store, run: &Run, progress: &dyn Progress) -> Result<Outcome> {
    let snapshot = store.snapshot()?;
    let mut bench = SameAcquisitionCheck::default();
    let mut outcome = Outcome::default();
    let mut batch = Batch::default();
    let mut rows = Vec::new();
    for row in snapshot.comparisons() {
        let row = row?;
        if row.recipe == run.recipe && row.ccf >= LOOKED_AT {
            rows.push(row);
        }
    }
    progress.begin(&say!("look at pairs"), rows.len() as u64);
    let pairs: Vec<ComparedPair> = rows
        .iter()
        .map(|row| ComparedPair { a: &row.a, b: &row.b, ccf: row.ccf, b_from_a: row.b_from_a })
        .collect();
    for found in bench.look(store, &pairs)? {
        suspect(found, &mut batch, run, &mut outcome)?;
    }
    progress.end();
    outcome.count(Counted::PairsLookedAt, pairs.len() as u64);
    commit(&mut run.writer(store)?, batch, run)?;
    Ok(outcome)
}

/// Records a finding.
///
/// # Errors
/// [`Kind::Internal`] if it cannot be written as JSON.
pub(super) fn suspect(
    found: SameAcquisition,
    batch: &mut Batch,
    run: &Run,
    outcome: &mut Outcome,
) -> Result<()> {
    let suspicion = Suspicion::new(found);
    record(&suspicion, batch, run, "found")?;
    outcome.count(Counted::SameAcquisition, 1);
    outcome.same_acquisition.push(suspicion.found);
    Ok(())
}

fn record(suspicion: &Suspicion, batch: &mut Batch, run: &Run, reason: &str) -> Result<()> {
    batch.add_record(SAME_ACQUISITION, suspicion.id(), json(suspicion)?, &run.who, reason);
    Ok(())
}

/// Clears two casings of being one acquisition under two names, or takes that
/// back: what was kept apart since is judged anew by the next linking.
///
/// # Errors
/// [`Kind::BadInput`] without a person's name or a reason, [`Kind::NotFound`]
/// if there is nothing to clear or to take back.
pub fn clear_acquisition(
    store: &Store,
    (a, b): (&CasingId, &CasingId),
    clear: bool,
    reason: &str,
    run: &Run,
) -> Result<()> {
    let said = |text: &str| !text.trim().is_empty();
    if !said(&run.who) || !said(reason) {
        return Err(Error::new(Kind::BadInput, say!("this needs a person's name and a reason"))
            .advise(say!("give --operator and --reason")));
    }
    let suspicions = Suspicions::read(&store.snapshot()?)?;
    let changes = |s: &&Suspicion| s.cleared.is_none() == clear;
    let mut batch = Batch::default();
    for known in suspicions.about(a, b).iter().filter(changes) {
        let (by, at, reason) = (run.who.clone(), run.started.clone(), reason.to_owned());
        let cleared = clear.then_some(Clearing { by, at, reason: reason.clone() });
        record(&Suspicion { cleared, ..known.clone() }, &mut batch, run, &reason)?;
    }
    if batch.is_empty() {
        let what = if clear {
            say!("{a} and {b} are not held to be one acquisition")
        } else {
            say!("{a} and {b} were not cleared")
        };
        return Err(Error::new(Kind::NotFound, what)
            .advise(say!("`brasslink acquisition list` names the pairs")));
    }
    commit(&mut run.writer(store)?, batch, run)
}
