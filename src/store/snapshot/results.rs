//! Reading what comparing and linking gave.

use super::cache::ComparisonTable;
use super::{Place, Snapshot};
use crate::correlate::Cell;
use crate::error::Result;
use crate::evidence::{CasingId, Digest, MarkId};
use crate::store::filter::key;
use crate::store::layout::{CellColumns, ComparisonColumns, Row, Stored};
use crate::store::manifest::{Role, Segment};
use crate::store::rows::{ComparisonRow, GroupRow, LinkRow, Linking, ShortlistRow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Snapshot {
    /// The comparisons of one segment that have their cells.
    fn comparison_table(&self, segment: &Segment) -> Result<ComparisonTable> {
        if let Some((sha256, table)) = &self.cache.lock().comparisons
            && *sha256 == segment.sha256
        {
            return Ok(table.clone());
        }
        let mut table = self.tables(segment)?.columns::<ComparisonColumns>()?;
        for (seq, rows) in &mut table {
            let with_cells = self.manifest().covering(Role::Cells, *seq).is_some();
            rows.retain(|row| with_cells || row.cells_stored == 0);
        }
        let table = Arc::new(table);
        self.cache.lock().comparisons = Some((segment.sha256, table.clone()));
        Ok(table)
    }

    /// Every comparison without its cells, read segment by segment.
    pub fn comparisons(&self) -> impl Iterator<Item = Result<ComparisonRow>> {
        self.with_rows::<ComparisonColumns>().flat_map(|segment| {
            let rows = self.comparison_table(segment).map_or_else(
                |e| vec![Err(e)],
                |table| table.iter().flat_map(|(_, rows)| rows).map(|c| c.row()).collect(),
            );
            rows.into_iter()
        })
    }

    /// Which pairs were compared under `recipe`.
    pub fn compared(&self, recipe: &Digest) -> Result<Compared> {
        let (mut compared, recipe) = (Compared::default(), recipe.to_string());
        for segment in self.with_rows::<ComparisonColumns>() {
            for (_, rows) in self.comparison_table(segment)?.iter() {
                for (a, b) in rows.iter().filter_map(|row| row.pair_under(&recipe)) {
                    compared.insert(a.as_bytes(), b.as_bytes());
                }
            }
        }
        Ok(compared)
    }

    /// The comparisons in which a mark takes part, in the order of commits.
    pub fn comparisons_of(&self, mark: &MarkId) -> Result<Vec<ComparisonRow>> {
        let key = [key("compared", mark.as_str())];
        let mut found = Vec::new();
        for segment in self.with_rows::<ComparisonColumns>() {
            if !self.may_hold(segment, &key)? {
                continue;
            }
            for columns in self.comparison_table(segment)?.iter().flat_map(|(_, rows)| rows) {
                if columns.concerns(mark) {
                    found.push(columns.row()?);
                }
            }
        }
        Ok(found)
    }

    /// For each casing the ledger entry that brought its first comparison.
    pub fn first_compared(&self) -> Result<BTreeMap<CasingId, u64>> {
        let casing: BTreeMap<MarkId, CasingId> =
            self.marks()?.into_iter().map(|m| (m.id, m.casing)).collect();
        let mut first = BTreeMap::new();
        for segment in self.with_rows::<ComparisonColumns>() {
            for (seq, rows) in self.comparison_table(segment)?.iter() {
                for row in rows {
                    let ComparisonRow { a, b, .. } = row.row()?;
                    for id in [a, b].iter().filter_map(|mark| casing.get(mark)) {
                        first.entry(id.clone()).or_insert(*seq);
                    }
                }
            }
        }
        Ok(first)
    }

    /// The newest comparison of two marks, in whichever order they were
    /// compared (see the row), with its cells.
    pub fn comparison(&self, a: &MarkId, b: &MarkId) -> Result<Option<(ComparisonRow, Vec<Cell>)>> {
        let key = [key("compared", a.as_str())];
        for segment in self.with_rows::<ComparisonColumns>().rev() {
            if !self.may_hold(segment, &key)? {
                continue;
            }
            let table = self.comparison_table(segment)?;
            for (seq, rows) in table.iter().rev() {
                let found = rows.iter().rev().find(|row| row.concerns(a) && row.concerns(b));
                if let Some(columns) = found {
                    return Ok(Some((columns.row()?, self.cells(*seq, columns)?)));
                }
            }
        }
        Ok(None)
    }

    /// The cells of a comparison that commit `seq` wrote.
    fn cells(&self, seq: u64, columns: &ComparisonColumns) -> Result<Vec<Cell>> {
        let (at, count) = (columns.cells_at, u64::from(columns.cells_stored));
        if count == 0 {
            return Ok(Vec::new());
        }
        let (file, first) = self.beside(Role::Cells, seq, CellColumns::TABLE)?;
        let start = first.saturating_add(at);
        let cells = file.slice::<CellColumns>(CellColumns::TABLE, start, count)?;
        Ok(cells.into_iter().map(Cell::from).collect())
    }

    /// Shows every comparison with its cells, holding one segment's in memory.
    pub(in crate::store) fn each_comparison(
        &self,
        mut show: impl FnMut(u64, ComparisonRow, Vec<Cell>),
    ) -> Result<()> {
        for segment in self.with_rows::<ComparisonColumns>() {
            for (seq, rows) in self.comparison_table(segment)?.iter() {
                let cells = match self.manifest().covering(Role::Cells, *seq) {
                    None => Vec::new(),
                    Some(_) => self.cells_of_commit(*seq)?,
                };
                for row in rows {
                    let start = row.cells_at as usize;
                    let own = cells.get(start..start.saturating_add(row.cells_stored as usize));
                    let own = own.unwrap_or_default().iter().map(|c| Cell::from(*c)).collect();
                    show(*seq, row.row()?, own);
                }
            }
        }
        Ok(())
    }

    fn cells_of_commit(&self, seq: u64) -> Result<Vec<CellColumns>> {
        let (file, first) = self.beside(Role::Cells, seq, CellColumns::TABLE)?;
        let segment = self.covering(Role::Cells, seq)?;
        let of_commit = |b: &super::Block| b.seq == seq && b.dataset == CellColumns::TABLE;
        let count = file.blocks(segment)?.into_iter().find(of_commit).map_or(0, |b| b.count);
        file.slice(CellColumns::TABLE, first, count)
    }

    /// The newest linking, if there was any.
    pub fn linking(&self) -> Result<Option<Linking>> {
        let linked = |s: &&Segment| s.rows.contains_key(Linking::MARKER);
        let Some(segment) = self.manifest().of_role(Role::Tables).iter().rev().find(linked) else {
            return Ok(None);
        };
        let tables = self.tables(segment)?;
        let Some(last) = tables.commits(Linking::MARKER).next_back() else { return Ok(None) };
        fn of<S: Stored>(rows: Vec<(Place, S)>, seq: u64) -> Vec<S> {
            rows.into_iter().filter(|(p, _)| p.seq == seq).map(|(_, row)| row).collect()
        }
        Ok(Some(Linking {
            shortlists: of::<ShortlistRow>(tables.rows()?, last),
            links: of::<LinkRow>(tables.rows()?, last),
            groups: of::<GroupRow>(tables.rows()?, last),
        }))
    }
}

/// The pairs of marks that were compared, whichever came first.
#[derive(Debug, Default)]
pub struct Compared {
    numbers: BTreeMap<Vec<u8>, u32>,
    pairs: BTreeSet<(u32, u32)>,
}

impl Compared {
    fn number(&mut self, mark: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(mark) {
            return *number;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert(mark.to_vec(), next);
        next
    }

    fn insert(&mut self, a: &[u8], b: &[u8]) {
        let (a, b) = (self.number(a), self.number(b));
        self.pairs.insert((a.min(b), a.max(b)));
    }

    /// Whether `a` and `b` were compared.
    pub fn contains(&self, a: &MarkId, b: &MarkId) -> bool {
        let number = |mark: &MarkId| self.numbers.get(mark.as_str().as_bytes()).copied();
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
