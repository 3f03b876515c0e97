//! What the store holds already, for recognising what a batch brings again.

use super::batch::Batch;
use super::filter::key;
use super::layout::RecipeTable;
use super::rows::{MarkRow, Record, ScanRow, TemplateRow};
use super::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// Half a SHA-256 of a key: 16 bytes a thing whatever the length of its id,
/// with no risk of two keys meeting by chance.
type Short = [u8; 16];

fn short(key: &str) -> Short {
    let mut short = [0; 16];
    short.iter_mut().zip(Digest::of(key.as_bytes()).0).for_each(|(s, b)| *s = b);
    short
}

/// Of what a batch brings, the keys of what is stored already, and the newest
/// versions of its records. Looked up for each batch in the segments whose key
/// filters have them, so that memory does not grow with the store.
#[derive(Default)]
pub struct StoredKeys {
    things: BTreeSet<Short>,
    records: BTreeMap<Short, (u32, Digest)>,
}

impl StoredKeys {
    /// Looks up in `snapshot` what `batch` brings.
    pub fn look_up(&mut self, snapshot: &Snapshot, batch: &Batch) -> Result<()> {
        self.things.clear();
        self.records.clear();
        let records: Vec<_> = batch.casings.iter().chain(&batch.records).map(Record::key).collect();
        snapshot.near_any(&records, |record: Record| self.note(&record))?;
        let things = &mut self.things;
        let mut note = |key: String| {
            things.insert(short(&key));
        };
        let recipes: Vec<_> = batch.recipes.iter().map(|text| recipe_key(text)).collect();
        snapshot.near_any(&recipes, |recipe: RecipeTable| note(recipe_key(&recipe.0)))?;
        let scans: Vec<_> = batch.scans.iter().map(|(scan, _)| scan.key()).collect();
        snapshot.near_any(&scans, |scan: ScanRow| note(scan.key()))?;
        let marks: Vec<_> = batch.marks.iter().map(|(mark, _)| mark.key()).collect();
        snapshot.near_any(&marks, |mark: MarkRow| note(mark.key()))?;
        let templates: Vec<_> =
            batch.templates.iter().map(|(t, _)| key("template", t.mark.as_str())).collect();
        snapshot.near_templates(&templates, |t| note(t.key()))
    }

    fn note(&mut self, record: &Record) {
        let body = Digest::of(record.body.as_bytes());
        self.things.insert(short(&version_key(record, &body)));
        let newest = self.records.entry(short(&record.key())).or_insert((0, body));
        if record.version >= newest.0 {
            *newest = (record.version, body);
        }
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
        for casing in std::mem::take(&mut batch.casings) {
            let body = Digest::of(casing.body.as_bytes());
            if !self.things.contains(&short(&version_key(&casing, &body))) {
                self.number(casing, body, &mut news);
            }
        }
        for record in std::mem::take(&mut batch.records) {
            serde_json::from_str::<serde::de::IgnoredAny>(&record.body).map_err(|e| {
                let Record { kind, id, .. } = &record;
                Error::new(Kind::BadInput, say!("the record of {kind} {id} is not JSON: {e}"))
            })?;
            let body = Digest::of(record.body.as_bytes());
            if self.records.get(&short(&record.key())).is_none_or(|(_, newest)| *newest != body) {
                self.number(record, body, &mut news);
            }
        }
        batch.records = news;
        Ok(())
    }

    fn number(&mut self, mut record: Record, body: Digest, news: &mut Vec<Record>) {
        let key = short(&record.key());
        record.version = self.records.get(&key).map_or(0, |(version, _)| *version) + 1;
        self.records.insert(key, (record.version, body));
        self.things.insert(short(&version_key(&record, &body)));
        news.push(record);
    }
}

fn recipe_key(text: &str) -> String {
    key("recipe", &Digest::of(text.as_bytes()).to_string())
}

fn version_key(record: &Record, body: &Digest) -> String {
    key("version", &format!("{body}/{}", record.key()))
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
