//! Reading what comparing and linking gave.

use super::cache::ComparisonTable;
use super::{RowLocation, Snapshot};
use crate::filter::key;
use crate::layout::{CellColumns, ComparisonColumns, Stored, TableRow};
use crate::manifest::{Role, Segment};
use crate::rows::{ComparisonRow, GroupRow, LinkRow, Linking, ShortlistRow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::comparison::Cell;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId};
use types::message::say;

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

    /// Which of these pairs of marks were compared under `recipe`, whichever
    /// came first. Reads only segments that may hold both marks of a pair, so
    /// that new marks cost nothing however many comparisons there are.
    pub fn compared(&self, recipe: &Digest, pairs: &[(&MarkId, &MarkId)]) -> Result<Vec<bool>> {
        let recipe = recipe.to_string();
        let marks: BTreeSet<&MarkId> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let mut compared = vec![false; pairs.len()];
        for segment in self.with_rows::<ComparisonColumns>() {
            let mut held = BTreeSet::new();
            for mark in &marks {
                if self.may_hold(segment, &[key("compared", mark.as_str())])? {
                    held.insert(*mark);
                }
            }
            let asked: BTreeMap<_, usize> = (0..)
                .zip(pairs)
                .filter(|(_, (a, b))| held.contains(a) && held.contains(b))
                .map(|(n, (a, b))| (in_order(a.as_str().as_bytes(), b.as_str().as_bytes()), n))
                .collect();
            if asked.is_empty() {
                continue;
            }
            for row in self.comparison_table(segment)?.iter().flat_map(|(_, rows)| rows) {
                let Some((a, b)) = row.pair_under(&recipe) else { continue };
                let known = asked.get(&in_order(a.as_bytes(), b.as_bytes()));
                if let Some(known) = known.and_then(|n| compared.get_mut(*n)) {
                    *known = true;
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
    pub(crate) fn each_comparison(
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
                    let end = start.saturating_add(row.cells_stored as usize);
                    let own =
                        if row.cells_stored == 0 { Some(&[][..]) } else { cells.get(start..end) };
                    let own = own.ok_or_else(|| {
                        let what = say!("a comparison of commit {seq} has cells out of place");
                        Error::new(Kind::Store, what).at(&self.root)
                    })?;
                    show(*seq, row.row()?, own.iter().map(|c| Cell::from(*c)).collect());
                }
            }
        }
        Ok(())
    }

    fn cells_of_commit(&self, seq: u64) -> Result<Vec<CellColumns>> {
        let (file, first) = self.beside(Role::Cells, seq, CellColumns::TABLE)?;
        let segment = self.covering(Role::Cells, seq)?;
        let of_commit = |b: &super::CommitBlock| b.seq == seq && b.dataset == CellColumns::TABLE;
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
        fn of<S: Stored>(rows: Vec<(RowLocation, S)>, seq: u64) -> Vec<S> {
            rows.into_iter().filter(|(p, _)| p.seq == seq).map(|(_, row)| row).collect()
        }
        Ok(Some(Linking {
            shortlists: of::<ShortlistRow>(tables.rows()?, last),
            links: of::<LinkRow>(tables.rows()?, last),
            groups: of::<GroupRow>(tables.rows()?, last),
        }))
    }
}

/// A pair, the lesser first.
fn in_order<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    (a.min(b), a.max(b))
}
