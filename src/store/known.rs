//! What the store holds already, for recognising what a batch brings again.

use super::batch::Batch;
use super::filter::key;
use super::layout::Recipe;
use super::rows::{MarkRow, Record, ScanRow, TemplateRow};
use super::snapshot::Snapshot;
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Half a SHA-256 of a key: 16 bytes a thing whatever the length of its id,
/// with no risk of two keys meeting by chance.
type Short = [u8; 16];

fn short(key: &str) -> Short {
    let mut short = [0; 16];
    short.iter_mut().zip(Digest::of(key.as_bytes()).0).for_each(|(s, b)| *s = b);
    short
}

/// The keys of everything that is stored once, and the newest version of every
/// record.
#[derive(Default)]
pub struct Known {
    things: BTreeSet<Short>,
    records: BTreeMap<Short, (u32, Digest)>,
}

impl Known {
    /// Reads what `snapshot` holds.
    pub fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut known = Self::default();
        snapshot.each(|record: Record| known.note(&record))?;
        let mut note = |key: String| {
            known.things.insert(short(&key));
        };
        snapshot.each(|scan: ScanRow| note(scan.key()))?;
        snapshot.each(|mark: MarkRow| note(mark.key()))?;
        snapshot.each(|recipe: Recipe| note(recipe_key(&recipe.0)))?;
        for template in snapshot.template_rows()? {
            note(template.key());
        }
        Ok(known)
    }

    fn note(&mut self, record: &Record) {
        let newest = (record.version, Digest::of(record.body.as_bytes()));
        self.records.insert(short(&record.key()), newest);
    }

    /// Takes out of `batch` what is known, numbers the versions of its
    /// records, and learns the rest.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if a record's body is not JSON.
    pub fn sift(&mut self, batch: &mut Batch) -> Result<()> {
        let things = &mut self.things;
        batch.scans.retain(|(scan, _)| things.insert(short(&scan.key())));
        batch.marks.retain(|(mark, _)| things.insert(short(&mark.key())));
        batch.templates.retain(|(template, _)| things.insert(short(&template.key())));
        batch.recipes.retain(|text| things.insert(short(&recipe_key(text))));
        let mut news = Vec::new();
        for mut record in std::mem::take(&mut batch.records) {
            serde_json::from_str::<serde::de::IgnoredAny>(&record.body).map_err(|e| {
                let Record { kind, id, .. } = &record;
                Error::new(Kind::BadInput, format!("the record of {kind} {id} is not JSON: {e}"))
            })?;
            let body = Digest::of(record.body.as_bytes());
            let newest = self.records.get(&short(&record.key()));
            if newest.is_some_and(|(_, stored)| *stored == body) {
                continue;
            }
            record.version = newest.map_or(0, |(version, _)| *version) + 1;
            self.note(&record);
            news.push(record);
        }
        batch.records = news;
        Ok(())
    }
}

fn recipe_key(text: &str) -> String {
    key("recipe", &Digest::of(text.as_bytes()).to_string())
}

impl Batch {
    /// The keys under which what it holds is looked up.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = BTreeSet::new();
        keys.extend(self.records.iter().map(Record::key));
        keys.extend(self.scans.iter().map(|(s, _)| s.key()));
        keys.extend(self.marks.iter().map(|(m, _)| m.key()));
        keys.extend(self.recipes.iter().map(|r| recipe_key(r)));
        for (row, _) in &self.comparisons {
            keys.extend([&row.a, &row.b].map(|mark| key("compared", mark.as_str())));
        }
        keys.into_iter().collect()
    }
}

impl Record {
    fn key(&self) -> String {
        key(&self.kind, &self.id)
    }
}

impl ScanRow {
    fn key(&self) -> String {
        key("scan", &self.sha256.to_string())
    }
}

impl MarkRow {
    fn key(&self) -> String {
        key("mark", self.id.as_str())
    }
}

impl TemplateRow {
    fn key(&self) -> String {
        key("template", &format!("{}/{}", self.recipe, self.mark))
    }
}
