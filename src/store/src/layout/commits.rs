//! Which commit wrote which rows of a segment.

use super::{TableRow, Units, fixed, row, text};
use crate::manifest::Segment;
use hdf5::H5Type;
use hdf5::types::FixedUnicode;
use types::error::Result;

row!(
    /// `commits`: where the rows of each commit lie in each dataset. Positions
    /// that rows refer to (in texts, cells and templates) count from there, so
    /// that segments are merged without rewriting a row.
    CommitColumns in "commits", units [],
    { seq: u64, dataset: FixedUnicode<32>, first: u64, count: u64 }
);

/// The part of a dataset that one commit wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitBlock {
    /// The commit.
    pub seq: u64,
    /// The dataset.
    pub dataset: String,
    /// The first of its elements.
    pub first: u64,
    /// How many there are.
    pub count: u64,
}

impl CommitBlock {
    /// Its row.
    pub fn columns(&self) -> Result<CommitColumns> {
        let Self { seq, dataset, first, count } = self;
        Ok(CommitColumns { seq: *seq, dataset: fixed(dataset)?, first: *first, count: *count })
    }

    /// The block of a row.
    pub fn of(row: &CommitColumns) -> Result<Self> {
        let CommitColumns { seq, dataset, first, count } = *row;
        Ok(Self { seq, dataset: text(&dataset)?, first, count })
    }

    /// The blocks of a segment of format version 1, which holds one commit.
    pub fn of_single(segment: &Segment) -> Vec<Self> {
        let block = |(dataset, count): (&String, &u64)| Self {
            seq: segment.first,
            dataset: dataset.clone(),
            first: 0,
            count: *count,
        };
        segment.rows.iter().map(block).collect()
    }
}
