//! A part of a gallery that a worker searches by itself.
//!
//! A shard is a range of commits, for that is how the index lies in segments
//! and what a commit holds never changes. Its marks have the numbers of the
//! whole gallery. A worker that begins anew, or whose store has gone on
//! meanwhile, finds the same shard again, or is told that it is another.

use imaging::extract::Sketch;
use imaging::search::{leading, similarities};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use store::{IndexRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkKind, Modality};
use types::message::say;

/// Which part of a gallery a shard is, and what of it cannot be read from the
/// index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardPlan {
    kind: MarkKind,
    modality: Modality,
    recipe: Digest,
    /// Its commits.
    commits: RangeInclusive<u64>,
    /// The number of its first mark.
    first: usize,
    /// How many marks it has.
    count: usize,
    /// SHA-256 of their identifiers.
    marks: Digest,
    /// Which of them a sketch can judge.
    screened: Vec<bool>,
    /// How alike the last of their own shortlists was.
    floors: Vec<Option<f32>>,
}

/// What a gallery is asked: probes by their sketches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardQuestion {
    /// The probes' casings, with which they are not compared.
    pub casings: Vec<Option<CasingId>>,
    /// How many of the most alike are wanted.
    pub keep: usize,
}

fn names(rows: &[IndexRow]) -> Digest {
    let names: Vec<&str> = rows.iter().map(|row| row.mark.as_str()).collect();
    Digest::of(names.join("\n").as_bytes())
}

impl ShardPlan {
    /// Divides a gallery among at most `count` shards of about equal size.
    pub(super) fn divide(
        (kind, modality, recipe): (MarkKind, Modality, Digest),
        rows: &[IndexRow],
        screened: &[bool],
        floors: &[Option<f32>],
        count: usize,
    ) -> Vec<Self> {
        let size = rows.len().div_ceil(count.max(1)).max(1);
        let (mut plans, mut first) = (Vec::new(), 0);
        while first < rows.len() {
            let mut end = (first + size).min(rows.len());
            // No commit is divided.
            while end < rows.len() && rows[end].commit() == rows[end - 1].commit() {
                end += 1;
            }
            let own = &rows[first..end];
            plans.push(Self {
                kind,
                modality,
                recipe,
                commits: own[0].commit()..=own[own.len() - 1].commit(),
                first,
                count: own.len(),
                marks: names(own),
                screened: screened[first..end].to_vec(),
                floors: floors[first..end].to_vec(),
            });
            first = end;
        }
        plans
    }
}

/// A shard, read.
pub struct Shard {
    plan: ShardPlan,
    rows: Vec<IndexRow>,
}

impl Shard {
    /// Reads the index of the shard.
    ///
    /// # Errors
    /// [`Kind::Store`] if the store does not hold it any more as it was.
    pub fn read(snapshot: &Snapshot, plan: ShardPlan) -> Result<Self> {
        let commits = plan.commits.clone();
        let rows = snapshot.gallery_of(plan.kind, plan.modality, &plan.recipe, commits)?;
        if rows.len() != plan.count || names(&rows) != plan.marks {
            let what = say!("the store has changed: marks of the gallery are gone");
            return Err(Error::new(Kind::Store, what).advise(say!("search again")));
        }
        Ok(Self { plan, rows })
    }

    /// Where its sketches lie: file, offset, and how many follow each other.
    ///
    /// # Errors
    /// [`Kind::Store`] where they cannot be read.
    pub fn extents(&self, snapshot: &Snapshot) -> Result<Vec<(std::path::PathBuf, u64, usize)>> {
        snapshot.sketch_extents(&self.rows)
    }

    /// For each probe, given by its sketch, the marks that may be on its
    /// shortlist: numbers in the whole gallery, with similarities, ascending by
    /// number. `sketches` are those of the shard, in any number of pieces.
    ///
    /// # Errors
    /// [`Kind::BadInput`] where there are not as many sketches as marks.
    pub fn answer(
        &self,
        sketches: &dyn imaging::search::Sketches,
        probes: &[Sketch],
        question: &ShardQuestion,
    ) -> Result<Vec<Vec<(usize, f32)>>> {
        let ShardPlan { screened, floors, first, .. } = &self.plan;
        let similar = similarities(sketches, probes)?;
        let mut answers = Vec::with_capacity(probes.len());
        for (similar, casing) in similar.iter().zip(&question.casings) {
            if similar.len() != self.rows.len() {
                let what = say!("{} sketches of {} marks", similar.len(), self.rows.len());
                return Err(Error::new(Kind::BadInput, what).advise(say!("search again")));
            }
            let others: Vec<usize> =
                (0..self.rows.len()).filter(|&n| self.rows[n].casing != *casing).collect();
            let near = leading(similar, screened, floors, &others, question.keep);
            answers.push(near.into_iter().map(|(n, similar)| (first + n, similar)).collect());
        }
        Ok(answers)
    }
}
