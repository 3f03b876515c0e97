//! What a store holds before an import, and what that forbids.

use super::row::{Done, made, options, same_reading};
use crate::acquisition::Contents;
use crate::memory::Memory;
use crate::{Run, mark_id};
use casework::{Disagreement, Register};
use imaging::acquire::Setting;
use imaging::acquire::manifest::{Manifest, ManifestRow};
use imaging::prepare::Recipe;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Snapshot, Withheld};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId};
use types::message::say;

/// What was in the store before.
pub(super) struct StoreContents {
    /// The ledger entry up to which this is what the store holds.
    pub seq: u64,
    pub scans: BTreeMap<Digest, CasingId>,
    /// How each scan was read, and the instrument that its file names.
    pub read_as: BTreeMap<Digest, (Setting, Option<String>)>,
    pub marks: BTreeSet<MarkId>,
    /// Casings that are not taken in again.
    withheld: Vec<Withheld>,
    /// Agencies and events, with which manifests must agree.
    register: Register,
    /// What the scans measured.
    pub contents: Contents,
}

impl StoreContents {
    pub fn read(snapshot: &Snapshot, batch: &mut Batch, run: &Run) -> Result<Self> {
        let scans = snapshot.scans()?;
        let read_as =
            scans.iter().map(|s| (s.sha256, (Setting::noted(&s.warnings), s.instrument.clone())));
        Ok(Self {
            seq: snapshot.seq(),
            read_as: read_as.collect(),
            scans: scans.into_iter().map(|s| (s.sha256, s.casing)).collect(),
            marks: snapshot.marks()?.into_iter().map(|m| m.id).collect(),
            withheld: snapshot.withheld().to_vec(),
            register: Register::of(&snapshot.records_of(&["agency", "event"])?)?,
            contents: Contents::read(snapshot, batch, run)?,
        })
    }

    /// Refuses what was sealed or expunged, contradicts the records or is the
    /// scan of another casing.
    pub fn permits(&self, row: &ManifestRow, scan: &Digest) -> Result<()> {
        let by_order = |w: &&Withheld| w.casing == row.casing.id.as_str() || w.scans.contains(scan);
        if let Some(withheld) = self.withheld.iter().find(by_order) {
            return Err(withheld.refusal());
        }
        agreed(row, &self.register)?;
        self.scans.get(scan).map_or(Ok(()), |casing| same_casing(casing, &row.casing.id))
    }
}

impl StoreContents {
    /// Refuses a scan that was sealed or expunged and is packed anew.
    pub fn permits_surface(&self, surface: &Digest) -> Result<()> {
        let withheld = self.withheld.iter().find(|w| w.surfaces.contains(surface));
        withheld.map_or(Ok(()), |withheld| Err(withheld.refusal()))
    }
}

/// Takes one row through the stages, as far as the store does not hold it.
pub(super) fn process(
    row: &ManifestRow,
    manifest: &Manifest,
    known: &StoreContents,
    recipe: &Recipe,
    memory: &Memory,
) -> Result<Done> {
    let options = options(row, manifest);
    // Hashing is much cheaper than reading, so a second run skips the rest.
    let sha256 = super::row::digest(&row.file, options.max_file_bytes)?;
    let id = mark_id(&sha256, row.mark_kind, &recipe.hash())?;
    if known.holds(row, manifest, &sha256, &id)? {
        return Ok(Done::Stored(sha256));
    }
    let permits = |surface: &Digest| known.permits_surface(surface);
    made(row, &options, id, recipe, memory, permits).map(|new| Done::New(Box::new(new)))
}

impl StoreContents {
    /// Whether a row's file and mark are stored.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for what may not be taken in.
    pub fn holds(
        &self,
        row: &ManifestRow,
        manifest: &Manifest,
        sha256: &Digest,
        id: &MarkId,
    ) -> Result<bool> {
        self.permits(row, sha256)?;
        if !self.scans.contains_key(sha256) {
            return Ok(false);
        }
        same_reading(self.read_as.get(sha256), &options(row, manifest))?;
        Ok(self.marks.contains(id))
    }
}

/// Refuses a row that contradicts the record of its scene's event.
fn agreed(row: &ManifestRow, register: &Register) -> Result<()> {
    let Some(scene) = &row.casing.scene else { return Ok(()) };
    let Some(event) = register.events.get(&scene.id) else { return Ok(()) };
    register.disagreements(scene, event).into_iter().next().map_or(Ok(()), |clash| {
        let Disagreement { field, one, other } = clash;
        let what = say!("{field}: {one} here, {other} in the record of event {}", scene.id);
        Err(Error::new(Kind::BadInput, what).advise(say!("correct one of them")))
    })
}

fn same_casing(stored: &CasingId, now: &CasingId) -> Result<()> {
    if stored == now {
        return Ok(());
    }
    Err(Error::new(Kind::BadInput, say!("the same file is already a scan of casing {stored}"))
        .advise(say!("check which casing it shows; one file cannot show two")))
}
