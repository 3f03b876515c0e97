//! Reading what comparing and linking gave.

use super::Snapshot;
use crate::correlate::Cell;
use crate::error::Result;
use crate::evidence::{Digest, MarkId};
use crate::store::filter::key;
use crate::store::layout::{CellColumns, ComparisonColumns, Row};
use crate::store::manifest::{Role, Segment};
use crate::store::rows::{ComparisonRow, GroupRow, LinkRow, Linking, ShortlistRow};
use std::collections::{BTreeMap, BTreeSet};

impl Snapshot {
    /// Every comparison without its cells, read commit by commit.
    pub fn comparisons(&self) -> impl Iterator<Item = Result<ComparisonRow>> {
        self.with_rows::<ComparisonColumns>().flat_map(|segment| {
            let rows = self.tables(segment).and_then(|t| t.columns::<ComparisonColumns>());
            let rows = rows.map_or_else(|e| vec![Err(e)], |r| r.iter().map(|c| c.row()).collect());
            rows.into_iter()
        })
    }

    /// Which pairs were compared under `recipe`.
    pub fn compared(&self, recipe: &Digest) -> Result<Compared> {
        let mut compared = Compared::default();
        for row in self.comparisons() {
            let row = row?;
            if row.recipe == *recipe {
                compared.insert(&row.a, &row.b);
            }
        }
        Ok(compared)
    }

    /// The comparisons in which a mark takes part, in the order of commits.
    pub fn comparisons_of(&self, mark: &MarkId) -> Result<Vec<ComparisonRow>> {
        let key = key("compared", mark.as_str());
        let mut found = Vec::new();
        for segment in self.with_rows::<ComparisonColumns>().filter(|s| s.keys.may_hold(&key)) {
            for columns in self.tables(segment)?.columns::<ComparisonColumns>()? {
                let row = columns.row()?;
                if row.a == *mark || row.b == *mark {
                    found.push(row);
                }
            }
        }
        Ok(found)
    }

    /// The newest comparison of two marks, in whichever order they were
    /// compared (see the row), with its cells.
    pub fn comparison(&self, a: &MarkId, b: &MarkId) -> Result<Option<(ComparisonRow, Vec<Cell>)>> {
        let keys = [key("compared", a.as_str()), key("compared", b.as_str())];
        for segment in self.with_rows::<ComparisonColumns>().rev() {
            if !keys.iter().all(|key| segment.keys.may_hold(key)) {
                continue;
            }
            for columns in self.tables(segment)?.columns::<ComparisonColumns>()?.iter().rev() {
                let row = columns.row()?;
                if (&row.a, &row.b) != (a, b) && (&row.a, &row.b) != (b, a) {
                    continue;
                }
                let (at, count) = (columns.cells_at, u64::from(columns.cells_stored));
                if count == 0 {
                    return Ok(Some((row, Vec::new())));
                }
                let file = self.sibling(segment.seq, Role::Cells)?;
                let cells = file.slice::<CellColumns>(CellColumns::TABLE, at, count)?;
                return Ok(Some((row, cells.into_iter().map(Cell::from).collect())));
            }
        }
        Ok(None)
    }

    /// The newest linking, if there was any.
    pub fn linking(&self) -> Result<Option<Linking>> {
        let linked = |s: &&Segment| s.rows.contains_key(Linking::MARKER);
        let Some(segment) = self.manifest.segments.iter().rev().find(linked) else {
            return Ok(None);
        };
        let tables = self.tables(segment)?;
        let shortlists = tables.rows::<ShortlistRow>()?;
        let links = tables.rows::<LinkRow>()?;
        let groups = tables.rows::<GroupRow>()?;
        Ok(Some(Linking { shortlists, links, groups }))
    }
}

/// The pairs of marks that were compared, whichever came first.
#[derive(Debug, Default)]
pub struct Compared {
    numbers: BTreeMap<MarkId, u32>,
    pairs: BTreeSet<(u32, u32)>,
}

impl Compared {
    fn number(&mut self, mark: &MarkId) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(mark.clone()).or_insert(next)
    }

    fn insert(&mut self, a: &MarkId, b: &MarkId) {
        let (a, b) = (self.number(a), self.number(b));
        self.pairs.insert((a.min(b), a.max(b)));
    }

    /// Whether `a` and `b` were compared.
    pub fn contains(&self, a: &MarkId, b: &MarkId) -> bool {
        let number = |mark| self.numbers.get(mark).copied();
        number(a).zip(number(b)).is_some_and(|(a, b)| self.pairs.contains(&(a.min(b), a.max(b))))
    }

    /// How many pairs were compared.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether no pair was compared.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}
