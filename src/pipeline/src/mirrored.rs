//! Marks that agree with nothing as they lie, and far better mirrored or
//! negated: rows in reverse order, a cast taken for the casing.
//!
//! Nothing is mirrored silently. What agrees far better otherwise is said, and
//! a person decides (`rows` and `cast` in the manifest or in a profile of the
//! instrument).

use imaging::correlate::compare;
use imaging::extract::Template;
use imaging::search::Screen;
use rayon::prelude::*;
use serde::Serialize;
use types::error::{Error, Kind, Result};
use types::evidence::Modality;
use types::mark::{Otherwise, PreparedMark};

/// A mark with a score from here up has found its like as it lies. Strangers
/// score up to 7, mates from 15 on (docs/NUMBERS.md).
const MATED: f64 = 12.0;

/// An agreement otherwise counts from here up, and at this many times the score
/// as the scan lies.
const FAR_BETTER: f64 = 12.0;
const TIMES: f64 = 2.0;

/// Marks of the gallery, most alike by their sketch, that are tried.
const TRIED: usize = 2;

/// A far better agreement of a mark that does not lie as its file says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MirroredFit {
    /// How it would have to lie.
    pub how: Otherwise,
    /// The score it then has.
    pub score: f64,
    /// Its score as it lies.
    pub score_as_it_lies: f64,
}

impl std::fmt::Display for MirroredFit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = match self.how {
            Otherwise::Mirrored => "with the rows of one in reverse order",
            Otherwise::Negated => "with the heights of one negated",
            Otherwise::Cast => "with one taken for a cast (turned over: mirrored and negated)",
        };
        write!(
            f,
            "the marks agree far better {how}: score {:.1}, against {:.1} as they lie; check how \
             the scans were exported, and state rows or cast in the manifest or in a profile of \
             the instrument",
            self.score, self.score_as_it_lies
        )
    }
}

/// Whether `b` agrees with `a` far better otherwise than as it lies, in which
/// they score `score`.
///
/// # Errors
/// Those of [`compare`].
pub fn mirrored_fit(a: &Template, b: &PreparedMark, score: f64) -> Result<Option<MirroredFit>> {
    if score >= MATED || b.modality != Modality::Topography {
        return Ok(None);
    }
    let mut best: Option<MirroredFit> = None;
    for how in Otherwise::ALL {
        let fit = fit(how, compare(a, &Template::new(&b.otherwise(how))?)?.score, score);
        best = better(best, fit);
    }
    Ok(best)
}

fn fit(how: Otherwise, score: f64, as_it_lies: f64) -> Option<MirroredFit> {
    let far = score >= FAR_BETTER && score >= TIMES * as_it_lies;
    far.then_some(MirroredFit { how, score, score_as_it_lies: as_it_lies })
}

fn better(a: Option<MirroredFit>, b: Option<MirroredFit>) -> Option<MirroredFit> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.score > a.score { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Looks for a far better agreement of each mark `(number in the gallery, its
/// best score)` that has found nothing, with those most alike of the marks that
/// `others` allows. The other's number goes with the finding.
pub(super) fn search(
    gallery: &[Template],
    marks: &[(usize, f64)],
    others: &(dyn Fn(usize) -> Vec<usize> + Sync),
    read: &(dyn Fn(usize) -> Result<PreparedMark> + Sync),
) -> Result<Vec<(usize, usize, MirroredFit)>> {
    let screen = Screen::of(gallery);
    let one = |&(number, score): &(usize, f64)| -> Result<Option<(usize, usize, MirroredFit)>> {
        if score >= MATED || gallery[number].modality != Modality::Topography {
            return Ok(None);
        }
        let mark = match read(number) {
            Ok(mark) => mark,
            // An order may have removed it meanwhile.
            Err(e) if e.kind == Kind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let others = others(number);
        let mut best: Option<(usize, MirroredFit)> = None;
        for how in Otherwise::ALL {
            let template = Template::new(&mark.otherwise(how))?;
            let similar = screen.similarities(&template.sketch);
            let mut ranked = others.clone();
            ranked.sort_by(|&a, &b| similar[b].total_cmp(&similar[a]).then(a.cmp(&b)));
            for other in ranked.into_iter().take(TRIED) {
                let found = compare(&gallery[other], &template)?.score;
                let Some(found) = fit(how, found, score) else { continue };
                if best.as_ref().is_none_or(|(_, known)| found.score > known.score) {
                    best = Some((other, found));
                }
            }
        }
        Ok(best.map(|(other, fit)| (number, other, fit)))
    };
    let found: Vec<Result<_>> = marks.par_iter().map(one).collect();
    found.into_iter().filter_map(Result::transpose).collect()
}

/// The finding as an item that a person must look at.
pub(super) fn failure(other: &str, fit: &MirroredFit) -> Error {
    Error::new(Kind::Mirrored, format!("with {other}, {fit}"))
        .advise("nothing was mirrored; the mark is in the gallery as it lies")
}
