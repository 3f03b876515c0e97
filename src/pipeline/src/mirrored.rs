//! Marks that agree with nothing as they lie, and far better mirrored or
//! negated: rows in reverse order, a cast taken for the casing.
//!
//! Nothing is mirrored silently. What agrees far better otherwise is said, and
//! a person decides (`rows` and `cast` in the manifest or in a profile of the
//! instrument).

use imaging::correlate::compare;
use imaging::extract::{Sketch, Template};
use imaging::search::{Sketches, similarities};
use rayon::prelude::*;
use serde::Serialize;
use types::error::{Error, Kind, Result};
use types::evidence::Modality;
use types::mark::{Otherwise, PreparedMark};
use types::message::{Message, ToMessage, say};

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

impl ToMessage for MirroredFit {
    fn to_message(&self) -> Message {
        let how = match self.how {
            Otherwise::Mirrored => say!("with the rows of one in reverse order"),
            Otherwise::Negated => say!("with the heights of one negated"),
            Otherwise::Cast => {
                say!("with one taken for a cast (turned over: mirrored and negated)")
            }
        };
        say!(
            "the marks agree far better {how}: score {:.1}, against {:.1} as they lie; check how \
             the scans were exported, and state rows or cast in the manifest or in a profile of \
             the instrument",
            self.score,
            self.score_as_it_lies
        )
    }
}

impl std::fmt::Display for MirroredFit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_message().fmt(f)
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

/// A gallery in which other agreements are looked for.
pub(super) struct Gallery<'a> {
    /// Its sketches.
    pub sketches: &'a dyn Sketches,
    /// Whether its marks are impressions in heights. Images are not mirrored by
    /// instruments, and striae run the same either way round.
    pub searched: bool,
    /// The marks that one may be compared with.
    pub others: &'a (dyn Fn(usize) -> Vec<usize> + Sync),
    /// Reads a prepared mark.
    pub mark: &'a (dyn Fn(usize) -> Result<PreparedMark> + Sync),
    /// Reads a template.
    pub template: &'a (dyn Fn(usize) -> Result<Template> + Sync),
}

/// Marks looked at together.
const AT_ONCE: usize = 8;

/// A mark as it would lie otherwise.
struct Turned {
    number: usize,
    score: f64,
    ways: Vec<(Otherwise, Template)>,
}

/// Looks for a far better agreement of each mark `(number in the gallery, its
/// best score)` that has found nothing, with those most alike of the marks that
/// it may be compared with. The other's number goes with the finding.
pub(super) fn search(
    gallery: &Gallery<'_>,
    marks: &[(usize, f64)],
) -> Result<Vec<(usize, usize, MirroredFit)>> {
    let mut found = Vec::new();
    if !gallery.searched {
        return Ok(found);
    }
    let unmated: Vec<_> = marks.iter().filter(|(_, score)| *score < MATED).copied().collect();
    for marks in unmated.chunks(AT_ONCE) {
        let turned: Vec<Result<Option<Turned>>> =
            marks.par_iter().map(|&(number, score)| turned(gallery, number, score)).collect();
        let turned: Vec<Turned> =
            turned.into_iter().filter_map(Result::transpose).collect::<Result<_>>()?;
        let ways = turned.iter().flat_map(|t| &t.ways);
        let sketches: Vec<Sketch> = ways.map(|(_, template)| template.sketch.clone()).collect();
        let mut similar = similarities(gallery.sketches, &sketches)?.into_iter();
        let paired: Vec<(&Turned, Vec<Vec<f32>>)> =
            turned.iter().map(|t| (t, similar.by_ref().take(t.ways.len()).collect())).collect();
        let best: Vec<Result<Option<_>>> =
            paired.par_iter().map(|(t, similar)| best(gallery, t, similar)).collect();
        for best in best {
            found.extend(best?);
        }
    }
    Ok(found)
}

fn turned(gallery: &Gallery<'_>, number: usize, score: f64) -> Result<Option<Turned>> {
    let mark = match (gallery.mark)(number) {
        Ok(mark) => mark,
        // An order may have removed it meanwhile.
        Err(e) if e.kind == Kind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let way = |&how: &Otherwise| Ok((how, Template::new(&mark.otherwise(how))?));
    let ways = Otherwise::ALL.iter().map(way).collect::<Result<_>>()?;
    Ok(Some(Turned { number, score, ways }))
}

fn best(
    gallery: &Gallery<'_>,
    turned: &Turned,
    similar: &[Vec<f32>],
) -> Result<Option<(usize, usize, MirroredFit)>> {
    let others = (gallery.others)(turned.number);
    let mut best: Option<(usize, MirroredFit)> = None;
    for ((how, template), similar) in turned.ways.iter().zip(similar) {
        let alike = |&a: &usize, &b: &usize| similar[b].total_cmp(&similar[a]).then(a.cmp(&b));
        let mut ranked: Vec<usize> = Vec::new();
        for &other in &others {
            let at = ranked.partition_point(|known| alike(known, &other).is_lt());
            if at < TRIED {
                ranked.insert(at, other);
                ranked.truncate(TRIED);
            }
        }
        for other in ranked {
            let found = compare(&(gallery.template)(other)?, template)?.score;
            let Some(found) = fit(*how, found, turned.score) else { continue };
            if best.as_ref().is_none_or(|(_, known)| found.score > known.score) {
                best = Some((other, found));
            }
        }
    }
    Ok(best.map(|(other, fit)| (turned.number, other, fit)))
}

/// The finding as an item that a person must look at.
pub(super) fn failure(other: &Message, fit: &MirroredFit) -> Error {
    Error::new(Kind::Mirrored, say!("with {other}, {fit}"))
        .advise(say!("nothing was mirrored; the mark is in the gallery as it lies"))
}
