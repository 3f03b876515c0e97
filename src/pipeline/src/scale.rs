//! On what scale a store's linking judges, and what is kept of it.

use super::weigh::{Compared as Measurement, Facts, keep_population, populations};
use super::{Run, review};
use casework::{Register, Suspicions};
use statistics::link::{
    Basis, Casework, Compared, Judged, Linker, Reference, Settings, Yardsticks,
};
use statistics::weigh::Population;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, ComparisonRow, MarkRow, ScanRow, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, Origin, owner};
use types::message::say;

/// The kind and the id of the record that tells of the linking in force.
const LINKING: &str = "linking";

/// On what scales the linking in force judged, and what it left open; nothing
/// before the first.
///
/// # Errors
/// [`Kind::Store`] if the record cannot be read.
pub fn judged(snapshot: &Snapshot) -> Result<Judged> {
    let records = snapshot.records(LINKING)?;
    let Some(record) = records.iter().find(|r| r.id == LINKING) else {
        return Ok(Judged::default());
    };
    serde_json::from_str(&record.body).map_err(|e| {
        Error::new(Kind::Store, say!("the record of the linking cannot be read: {e}"))
            .because(&e)
            .advise(say!("`brasslink link --store` makes it anew"))
    })
}

/// Adds it to what is committed with the linking.
pub(super) fn keep(judged: &Judged, batch: &mut Batch, run: &Run) -> Result<()> {
    let body = serde_json::to_string(judged)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    batch.add_record(LINKING, LINKING, body, &run.who, "linked");
    Ok(())
}

/// Keeps a population that a linking is to use, so that whoever asks later why
/// casings were linked is answered on the same scale.
pub(super) fn kept(store: &Store, given: Option<&Population>, run: &Run) -> Result<()> {
    let Some(given) = given else { return Ok(()) };
    let digest = given.digest()?;
    for known in populations(&store.snapshot()?)? {
        if known.digest()? == digest {
            return Ok(());
        }
    }
    keep_population(store, given, run)
}

/// The population to link by: the one given, else the one used last, else the
/// first in the store that covers any comparison.
struct Choice {
    populations: Vec<Population>,
}

impl Choice {
    fn of(snapshot: &Snapshot, given: Option<&Population>) -> Result<Self> {
        let wanted = match given {
            Some(population) => Some(population.digest()?),
            None => judged(snapshot)?.scales.iter().find_map(|s| match s.basis {
                Basis::Population { sha256, .. } => Some(sha256),
                _ => None,
            }),
        };
        let mut populations = populations(snapshot)?;
        for k in 0..populations.len() {
            if wanted.is_some() && Some(populations[k].digest()?) == wanted {
                populations = vec![populations.swap_remove(k)];
                break;
            }
        }
        Ok(Self { populations })
    }

    /// The first population that covers any of the comparisons.
    fn covering(&self, rows: &[ScaleRow<'_>]) -> Option<&Population> {
        self.populations.iter().find(|p| rows.iter().any(|r| r.measured.log_ratio(p).is_some()))
    }
}

/// A comparison of two casings, with what is known of both.
struct ScaleRow<'a> {
    casings: (&'a CasingId, &'a CasingId),
    measured: Measurement<'a>,
}

/// The linker over all that a store holds under a recipe, but for comparisons
/// of what looks like one acquisition under two names.
///
/// # Errors
/// Where the store cannot be read.
pub fn linker(snapshot: &Snapshot, recipe: &Digest, given: Option<&Population>) -> Result<Linker> {
    let register = Register::read(snapshot)?;
    let marks: BTreeMap<MarkId, MarkRow> =
        snapshot.marks()?.into_iter().map(|m| (m.id.clone(), m)).collect();
    let scans: BTreeMap<Digest, ScanRow> =
        snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect();
    let suspicions = Suspicions::read(snapshot)?;
    let mut kept: Vec<ComparisonRow> = Vec::new();
    for row in snapshot.comparisons() {
        let row = row?;
        if row.recipe == *recipe {
            kept.push(row);
        }
    }
    let rows: Vec<ScaleRow<'_>> = kept
        .iter()
        .filter_map(|row| {
            let (a, b) = (marks.get(&row.a)?, marks.get(&row.b)?);
            let facts = |mark| Facts::of(mark, &scans, &register.casings);
            let measured = Measurement { sides: [facts(a), facts(b)], row };
            let counts = a.casing != b.casing && !suspicions.hold(&a.casing, &b.casing);
            counts.then_some(ScaleRow { casings: (&a.casing, &b.casing), measured })
        })
        .collect();
    let choice = Choice::of(snapshot, given)?;
    let population = choice.covering(&rows);
    let compared: Vec<Compared<'_>> = rows
        .iter()
        .map(|row| Compared {
            a: row.casings.0.as_str(),
            b: row.casings.1.as_str(),
            mark: row.measured.sides[0].mark.kind,
            modality: row.measured.sides[0].mark.modality,
            score: row.measured.row.score,
            given: population.and_then(|p| row.measured.log_ratio(p)),
        })
        .collect();
    let yardsticks = Yardsticks {
        recipe,
        references: &Reference::shipped()?,
        population: population.map(basis).transpose()?,
    };
    // Another agency's record of a casing without a mark says nothing about
    // how likely two casings of this laboratory are of one firearm.
    let counted: BTreeSet<&str> = compared.iter().flat_map(|c| [c.a, c.b]).collect();
    let counts = |c: &&str| owner(c).is_none() || counted.contains(c);
    let casings: Vec<&str> = register.casings.keys().map(CasingId::as_str).filter(counts).collect();
    let casework = casework(snapshot, &register)?;
    Linker::of_marks(&casings, &compared, &yardsticks, casework, Settings::default())
}

fn basis(population: &Population) -> Result<Basis> {
    Ok(Basis::Population {
        name: population.name.clone(),
        sha256: population.digest()?,
        firearms: population.firearms,
        pairs: population.same_source_pairs + population.different_source_pairs,
    })
}

/// What examiners decided and the laboratory knows.
fn casework(snapshot: &Snapshot, register: &Register) -> Result<Casework> {
    let mut casework = Casework::default();
    for casing in register.casings.values() {
        let id = casing.id.to_string();
        // What another agency fired is its word; here scores decide, or an examiner.
        let own = owner(&id).is_none();
        if let (true, Origin::TestFire, Some(firearm)) = (own, casing.origin, &casing.firearm) {
            casework.test_fires.insert(id.clone(), firearm.to_string());
        }
        let held = register.exhibit(&casing.id).filter(|e| owner(e.id.as_str()).is_none());
        if let Some(moment) = held.and_then(|e| register.received(e)) {
            casework.received.insert(id, moment.earliest().to_string());
        }
    }
    review(snapshot)?.constrain(&mut casework);
    Ok(casework)
}
