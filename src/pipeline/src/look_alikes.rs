//! Identifiers of a manifest that a reader could take for others.

use casework::{Register, understood};
use imaging::acquire::manifest::Manifest;
use store::{Record, Snapshot};
use types::error::Result;
use types::evidence::{CasingRecord, LookAlikes};
use types::message::{Message, say};

/// Every identifier of a manifest that looks like another of its kind, in an
/// earlier line or in the store, in words.
///
/// # Errors
/// [`types::error::Kind::Store`] if a record cannot be read.
pub fn look_alikes(manifest: &Manifest, snapshot: Option<&Snapshot>) -> Result<Vec<Message>> {
    let mut known = match snapshot {
        Some(snapshot) => in_store(&snapshot.records_of(&["casing", "case", "event", "firearm"])?)?,
        None => LookAlikes::default(),
    };
    let mut found = Vec::new();
    for row in &manifest.rows {
        for (kind, id) in named(&row.casing) {
            found.extend(caution(&mut known, kind, id, || say!("line {}", row.line)));
        }
    }
    Ok(found)
}

/// Takes note of an identifier; what to tell of one that looks like another.
pub fn caution(
    known: &mut LookAlikes,
    kind: &'static str,
    id: &str,
    place: impl Fn() -> Message,
) -> Option<Message> {
    let (other, there) = known.note(kind, id, &place)?;
    Some(say!("{}: {kind} {id:?} looks like {kind} {other:?} ({there}): are they one?", place()))
}

/// The identifiers of a store.
///
/// # Errors
/// As [`look_alikes`].
pub fn in_store(records: &[Record]) -> Result<LookAlikes> {
    let mut known = LookAlikes::default();
    let place = || say!("the store");
    for record in records.iter().filter(|r| r.kind == "casing") {
        for (kind, id) in named(&understood(record)?) {
            known.note(kind, id, place);
        }
    }
    let Register { agencies, cases, events, firearms, exhibits, .. } = Register::of(records)?;
    agencies.keys().for_each(|id| _ = known.note("agency", id, place));
    cases.keys().for_each(|id| _ = known.note("case", id.as_str(), place));
    events.keys().for_each(|id| _ = known.note("event", id.as_str(), place));
    firearms.keys().for_each(|id| _ = known.note("firearm", id.as_str(), place));
    exhibits.keys().for_each(|id| _ = known.note("exhibit", id.as_str(), place));
    Ok(known)
}

/// What a casing's record names, itself included, by kind.
fn named(casing: &CasingRecord) -> impl Iterator<Item = (&'static str, &str)> {
    let scene = casing.scene.as_ref();
    let case = scene.and_then(|s| s.case.as_ref());
    [
        Some(("casing", casing.id.as_str())),
        casing.firearm.as_ref().map(|f| ("firearm", f.as_str())),
        scene.map(|s| ("event", s.id.as_str())),
        case.map(|c| ("case", c.as_str())),
    ]
    .into_iter()
    .flatten()
}
