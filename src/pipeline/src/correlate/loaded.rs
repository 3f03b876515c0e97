//! The templates of the pairs that are compared next.

use imaging::extract::Template;
use imaging::search::{Watch, compare_pairs};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{IndexRow, Snapshot};
use types::comparison::Comparison;
use types::error::{Error, Result};
use types::message::say;

/// Decoded templates by their numbers in the population: those of one part of
/// the pairs, kept as far as the next part needs them.
#[derive(Default)]
pub(super) struct Loaded(BTreeMap<usize, Template>);

impl Loaded {
    /// Reads the templates of these pairs, and forgets the others.
    pub fn fetch(
        &mut self,
        snapshot: &Snapshot,
        rows: &[IndexRow],
        pairs: &[(usize, usize)],
    ) -> Result<()> {
        let wanted: BTreeSet<usize> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        self.0.retain(|number, _| wanted.contains(number));
        let missing: Vec<usize> =
            wanted.into_iter().filter(|number| !self.0.contains_key(number)).collect();
        let indexed: Vec<&IndexRow> = missing.iter().map(|&number| &rows[number]).collect();
        let bytes = snapshot.templates_of(&indexed)?;
        let decoded: Vec<Result<Template>> =
            indexed.par_iter().zip(&bytes).map(|(row, bytes)| decoded(row, bytes)).collect();
        for (number, template) in missing.into_iter().zip(decoded) {
            self.0.insert(number, template?);
        }
        Ok(())
    }

    /// Compares pairs whose templates were fetched.
    pub fn compare(&self, pairs: &[(usize, usize)], watch: &dyn Watch) -> Result<Vec<Comparison>> {
        let templates: Vec<&Template> = self.0.values().collect();
        let place: BTreeMap<usize, usize> = self.0.keys().copied().zip(0..).collect();
        let pairs: Vec<(usize, usize)> = pairs.iter().map(|(a, b)| (place[a], place[b])).collect();
        compare_pairs(&templates, &pairs, watch).into_iter().collect()
    }
}

/// The template of one row.
pub(super) fn template(snapshot: &Snapshot, row: &IndexRow) -> Result<Template> {
    let bytes = snapshot.templates_of(&[row])?;
    decoded(row, bytes.first().map(Vec::as_slice).unwrap_or_default())
}

fn decoded(row: &IndexRow, bytes: &[u8]) -> Result<Template> {
    Template::decode(bytes).map_err(|e| Error { what: say!("{}: mark {}", e.what, row.mark), ..e })
}
