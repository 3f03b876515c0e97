//! A store's own strangers: do they fit the reference, and what do they add?

use super::absolute::{Absolute, BETWEEN_COLLECTIONS};
use super::distribution::Normal;
use super::reference::{Reference, TAIL_FROM};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use types::message::{Message, say};
use types::numeric::quantile;

/// The reference counts as this many casings. Casings count, not pairs: those
/// of one casing share its marks.
const REFERENCE_CASINGS: f64 = 100.0;
/// How far a collection's mean may lie from the reference's.
const MOST_SHIFT: f64 = 3.0 * BETWEEN_COLLECTIONS;
/// How many times wider a collection may spread.
const MOST_WIDER: f64 = 1.4;
/// Variance of a firearm's mean over its pairs, as a share of the variance of
/// strangers' scores.
const FIREARM_SHARE: f64 = 0.4;
/// Standard errors allowed beyond these.
const ERRORS: f64 = 2.0;

/// A store's own strangers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnStrangers {
    /// Casings in these pairs.
    pub casings: u64,
    /// Pairs of casings that are not of one group, nor open.
    pub pairs: u64,
    /// Location and scale of their scores; none where there are none.
    pub scores: Option<OwnScores>,
    /// How much they count beside the reference, 0–1.
    pub weight: f64,
}

/// Location and scale of scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnScores {
    /// Median.
    pub median: f64,
    /// Median less the 15.9 % quantile.
    pub lower: f64,
}

/// A pair of strangers: the groups and casings of both, and the score.
pub(super) struct Stranger {
    pub groups: (u32, u32),
    pub casings: (u32, u32),
    pub score: f64,
}

impl OwnStrangers {
    /// What the pairs say of themselves.
    pub(super) fn of(strangers: &[Stranger]) -> Self {
        if strangers.is_empty() {
            return Self::default();
        }
        let casings: BTreeSet<u32> =
            strangers.iter().flat_map(|s| [s.casings.0, s.casings.1]).collect();
        let mut scores: Vec<f64> = strangers.iter().map(|s| s.score).collect();
        scores.sort_unstable_by(f64::total_cmp);
        // Interpolated: of two scores the nearest ones are the ends, and their
        // whole distance would be taken for the spread.
        let median = quantile(&scores, 0.5);
        let lower = median - quantile(&scores, 0.158_655);
        let n = casings.len() as f64;
        Self {
            casings: casings.len() as u64,
            pairs: strangers.len() as u64,
            scores: Some(OwnScores { median, lower }),
            weight: n / (n + REFERENCE_CASINGS),
        }
    }
}

/// The reference's scale with the store's own strangers blended in.
///
/// # Errors
/// Why the reference does not apply to the store, as a phrase.
pub(super) fn blended(
    reference: &Reference,
    strangers: &[Stranger],
) -> Result<(Absolute, OwnStrangers), Message> {
    let own = OwnStrangers::of(strangers);
    let Some(scores) = own.scores else { return Ok((Absolute::of(reference), own)) };
    let theirs = &reference.strangers;
    let groups: BTreeSet<u32> = strangers.iter().flat_map(|s| [s.groups.0, s.groups.1]).collect();
    let meetings: BTreeSet<(u32, u32)> = strangers.iter().map(|s| s.groups).collect();
    let (g, met) = (groups.len() as f64, meetings.len() as f64);
    let shift_error = theirs.sd * (1.0 / met + FIREARM_SHARE / g).sqrt();
    // A quantile's logarithm varies 1.3 times as much as a deviation's, and
    // pairs of the same two firearms vary together.
    let independent = (own.pairs as f64).min(2.0 * own.casings as f64).min(3.0 * met);
    let wider_error = 1.3 / (2.0 * independent).sqrt();
    let shift = (scores.median - theirs.median).abs();
    let wider = (scores.lower / theirs.lower).ln();
    if shift > MOST_SHIFT + ERRORS * shift_error || wider > MOST_WIDER.ln() + ERRORS * wider_error {
        return Err(say!(
            "the strangers of this store lie outside the reference: median {:.2} (reference {:.2}), lower spread {:.2} (reference {:.2})",
            scores.median,
            theirs.median,
            scores.lower,
            theirs.lower
        ));
    }
    let mix = |theirs: f64, ours: f64| theirs + own.weight * (ours - theirs);
    // Their mean and standard deviation, were they distributed like the
    // reference's.
    let sd = theirs.sd * (scores.lower / theirs.lower).max(0.1);
    let mean = scores.median + (theirs.mean - theirs.median) * sd / theirs.sd;
    let null = Normal { mean: mix(theirs.mean, mean), sd: mix(theirs.sd, sd) };
    let beyond: Vec<f64> =
        strangers.iter().map(|s| (s.score - mean) / sd - TAIL_FROM).filter(|z| *z > 0.0).collect();
    let share = mix(theirs.tail_share, beyond.len() as f64 / strangers.len() as f64);
    let excess = match beyond.len() {
        0 => theirs.tail_excess,
        n => mix(theirs.tail_excess, beyond.iter().sum::<f64>() / n as f64),
    };
    Ok((Absolute::new(reference, null, 1.0 - own.weight, share, excess), own))
}
