//! What a manifest says of casings, against what the store says of them.

use casework::{Register, understood};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{CASING, Record, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{
    CasingId, CasingRecord, Difference, RecordKind, Scene, SceneId, cell, owner,
};
use types::message::{Message, say};

/// The casings of a store as an import goes on. A manifest adds to a record;
/// where it contradicts it, the row is refused unless the import has a reason.
pub struct Received {
    snapshot: Snapshot,
    /// The newest record of each casing, as JSON.
    records: BTreeMap<CasingId, String>,
    /// What casings that are stored say of their scenes.
    scenes: BTreeMap<SceneId, Vec<(CasingId, Scene)>>,
    reason: Option<String>,
}

/// What becomes of a casing's record by a row.
#[derive(Default)]
pub struct News {
    /// Its new version as JSON, where there is one.
    pub record: Option<String>,
    /// Whether that changes what the record said.
    pub corrects: bool,
    /// What the row repeats though the record was corrected since.
    pub outdated: Vec<Message>,
}

/// What manifests say of each scene, and of which casing.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn stated_scenes(records: &[Record]) -> Result<BTreeMap<SceneId, Vec<(CasingId, Scene)>>> {
    let mut scenes: BTreeMap<SceneId, Vec<(CasingId, Scene)>> = BTreeMap::new();
    for record in records.iter().filter(|r| r.kind == CASING) {
        let casing: CasingRecord = understood(record)?;
        if let Some(scene) = casing.scene {
            scenes.entry(scene.id.clone()).or_default().push((casing.id, scene));
        }
    }
    Ok(scenes)
}

impl Received {
    /// Reads the casings' records.
    ///
    /// # Errors
    /// [`Kind::Store`] if one cannot be read.
    pub fn read(snapshot: Snapshot, reason: Option<&str>) -> Result<Self> {
        let records = snapshot.records(CASING)?;
        let scenes = stated_scenes(&records)?;
        let named = |r: Record| Ok((CasingId::try_from(r.id)?, r.body));
        let records = records.into_iter().map(named).collect::<Result<_>>()?;
        let reason = reason.map(str::to_owned);
        Ok(Self { snapshot, records, scenes, reason })
    }

    /// What a row's account of a casing is to its record.
    ///
    /// # Errors
    /// [`Kind::BadInput`], naming the columns, where it contradicts the record
    /// and no reason was given, or the record is another agency's.
    pub fn news(&self, casing: &CasingRecord) -> Result<News> {
        let said = serde_json::to_string(casing).map_err(|e| {
            Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
        })?;
        let Some(stored) = self.records.get(&casing.id) else {
            self.of_scene(casing)?;
            return Ok(News { record: Some(said), ..News::default() });
        };
        let kind = RecordKind::named(CASING)?;
        let mut found = kind.differences(stored, &said)?;
        found.retain(|d| !d.is_silent());
        join_notes(&mut found);
        let (additions, mut clashes): (Vec<_>, Vec<_>) =
            found.into_iter().partition(Difference::adds);
        let outdated = self.outdated(casing, kind, &mut clashes)?;
        let news: Vec<Difference> = additions.into_iter().chain(clashes.iter().cloned()).collect();
        if let Some(code) = owner(casing.id.as_str()).filter(|_| !news.is_empty()) {
            let what = say!("the record of casing {} is {code}'s, {}", casing.id, told(&news));
            return Err(Error::new(Kind::BadInput, what).advise(say!(
                "leave these cells empty; {code} corrects its record and sends it in a bundle"
            )));
        }
        if !clashes.is_empty() && self.reason.is_none() {
            let what =
                say!("the record of casing {} says otherwise: {}", casing.id, told(&clashes));
            return Err(Error::new(Kind::BadInput, what).advise(say!(
                "correct the row, or give --reason, which makes a new version of the record"
            )));
        }
        let corrects = !clashes.is_empty();
        let record = (!news.is_empty()).then(|| kind.with(stored, &news)).transpose()?;
        Ok(News { record, corrects, outdated })
    }

    /// Takes note of a record that goes into the store.
    pub fn took(&mut self, id: &CasingId, record: &str) {
        self.records.insert(id.clone(), record.to_owned());
    }

    /// Refuses a new casing whose scene other casings describe otherwise.
    fn of_scene(&self, casing: &CasingRecord) -> Result<()> {
        let Some(scene) = &casing.scene else { return Ok(()) };
        let known = self.scenes.get(&scene.id).map_or(&[][..], Vec::as_slice);
        let clash = |other: &Scene| Register::contradictions(scene, other).into_iter().next();
        let agrees = known.iter().any(|(_, other)| clash(other).is_none());
        let first = known.iter().find_map(|(id, other)| Some((id, clash(other)?)));
        let Some((other, clash)) = first.filter(|_| !agrees && self.reason.is_none()) else {
            return Ok(());
        };
        let what = say!(
            "{} of scene {}: {} here, {} in the record of casing {other}",
            clash.field,
            scene.id,
            clash.one,
            clash.other
        );
        Err(Error::new(Kind::BadInput, what)
            .advise(say!("correct one of them, or give --reason, which stays with the record")))
    }

    /// Takes out of `clashes` what an older version of the record said already:
    /// the row is older than the correction, and undoes none. What to tell of it.
    fn outdated(
        &self,
        casing: &CasingRecord,
        kind: &RecordKind,
        clashes: &mut Vec<Difference>,
    ) -> Result<Vec<Message>> {
        if clashes.is_empty() {
            return Ok(Vec::new());
        }
        let mut versions = self.snapshot.versions(CASING, casing.id.as_str())?;
        let newest = versions.pop();
        let mut outdated = Vec::new();
        let older = versions.iter().map(|v| kind.row(&v.body)).collect::<Result<Vec<_>>>()?;
        clashes.retain(|clash| {
            let Some(at) = kind.columns.iter().position(|c| c.name == clash.column.name) else {
                return true;
            };
            if older.iter().all(|row| row.get(at) != Some(&clash.said)) {
                return true;
            }
            let (by, why) = newest.as_ref().map_or(("", ""), |r| (&r.author, &r.reason));
            outdated.push(say!(
                "casing {}: {}; the record was corrected by {by} ({why}) and stays so; `amend` \
                 changes it",
                casing.id,
                told(std::slice::from_ref(clash))
            ));
            false
        });
        Ok(outdated)
    }
}

/// Columns with what the record and the row say.
fn told(differences: &[Difference]) -> Message {
    let one = |d: &Difference| {
        let [stored, said] = [&d.stored, &d.said].map(|v| match cell(v) {
            text if text.is_empty() => say!("nothing"),
            text => say!("{text:?}"),
        });
        say!("{} is {stored} there and {said} here", d.column.name)
    };
    Message::joined(differences.iter().map(one), "; ")
}

/// Notes contradict nothing: what a row notes is added to what was noted.
fn join_notes(found: &mut Vec<Difference>) {
    for difference in found.iter_mut().filter(|d| d.column.name == "notes") {
        let [stored, said] = [&difference.stored, &difference.said].map(cell);
        let old: Vec<&str> = stored.split("; ").filter(|note| !note.is_empty()).collect();
        let new = said.split("; ").filter(|note| !old.contains(note));
        let all: Vec<&str> = old.iter().copied().chain(new).collect();
        difference.said = Value::String(all.join("; "));
        if difference.said.as_str() != Some(&stored) {
            // An addition, as to an empty field.
            difference.stored = Value::Null;
        }
    }
    found.retain(|d| d.stored != d.said);
}
