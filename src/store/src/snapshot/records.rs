//! Reading records.

use super::{RowLocation, Snapshot, TEXT};
use crate::filter::key;
use crate::layout::{RecordColumns, Stored as _, Texts};
use crate::rows::{CASING, Record};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord};
use types::message::say;

impl Snapshot {
    /// Shows every record of some kinds with its place, in the order of
    /// commits. Texts are read, and rows understood, where there is one alone.
    fn each_record(&self, kinds: &[&str], mut show: impl FnMut(RowLocation, Record)) -> Result<()> {
        let wanted = |kind: &[u8]| kinds.iter().any(|k| k.as_bytes() == kind);
        for segment in self.with_rows::<RecordColumns>() {
            let known = self.cache.lock().kinds.get(&segment.sha256).cloned();
            if known.as_ref().is_some_and(|held| !held.iter().any(|kind| wanted(kind))) {
                continue;
            }
            let mut tables = self.tables_alone(segment)?;
            let columns = tables.columns::<RecordColumns>()?;
            let held = known.unwrap_or_else(|| {
                let rows = columns.iter().flat_map(|(_, rows)| rows);
                rows.map(|row| { row.kind }.as_bytes().to_vec()).collect::<BTreeSet<_>>()
            });
            let any = held.iter().any(|kind| wanted(kind));
            self.cache.lock().kinds.insert(segment.sha256, held);
            if !any {
                continue;
            }
            if segment.rows.contains_key(TEXT) {
                tables.texts = Some(tables.file.read(TEXT)?);
            }
            for (seq, rows) in columns {
                let texts = tables.texts(seq)?;
                for (at, row) in rows.iter().enumerate() {
                    if wanted({ row.kind }.as_bytes()) {
                        show(RowLocation { seq, at }, Record::unpack(row, Texts(&texts))?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The newest version of every record of one kind, by id.
    pub fn records(&self, kind: &str) -> Result<Vec<Record>> {
        self.records_of(&[kind])
    }

    /// The newest version of every record of some kinds, by kind and id.
    pub fn records_of(&self, kinds: &[&str]) -> Result<Vec<Record>> {
        let mut newest = BTreeMap::<(String, String), Record>::new();
        self.each_record(kinds, |_, record| {
            let key = (record.kind.clone(), record.id.clone());
            if newest.get(&key).is_none_or(|known| known.version < record.version) {
                newest.insert(key, record);
            }
        })?;
        Ok(newest.into_values().collect())
    }

    /// Every record of one kind in its newest version, in the order in which
    /// the ledger first had them, each with the entry that brought it first.
    /// Clocks stand still and go back; this is the order of what happened.
    pub fn records_in_order(&self, kind: &str) -> Result<Vec<(u64, Record)>> {
        let mut found = BTreeMap::<String, (RowLocation, Record)>::new();
        self.each_record(&[kind], |place, record| {
            let known = found.entry(record.id.clone()).or_insert_with(|| (place, record.clone()));
            known.0 = known.0.min(place);
            if record.version > known.1.version {
                known.1 = record;
            }
        })?;
        let mut all: Vec<(RowLocation, Record)> = found.into_values().collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(place, record)| (place.seq, record)).collect())
    }

    /// Every version of one record, oldest first.
    pub fn versions(&self, kind: &str, id: &str) -> Result<Vec<Record>> {
        let near = self.near::<Record>(key(kind, id))?.into_iter().map(|(_, record)| record);
        let mut found: Vec<_> = near.filter(|r| r.kind == kind && r.id == id).collect();
        found.sort_by_key(|r| r.version);
        Ok(found)
    }

    /// The newest record of every casing, by id.
    pub fn casings(&self) -> Result<Vec<CasingRecord>> {
        self.records(CASING)?.iter().map(as_casing).collect()
    }

    /// The newest record of one casing.
    pub fn casing(&self, id: &CasingId) -> Result<Option<CasingRecord>> {
        self.versions(CASING, id.as_str())?.last().map(as_casing).transpose()
    }
}

fn as_casing(record: &Record) -> Result<CasingRecord> {
    serde_json::from_str(&record.body).map_err(|e| {
        Error::new(Kind::Store, say!("the record of casing {}: {e}", record.id)).because(&e)
    })
}
