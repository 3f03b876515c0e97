//! One to many and many to many, in parallel over probes: screened by a
//! sketch where the gallery is large, then verified pair by pair.
//!
//! One thread works on one probe, so that what the probe's search needs is
//! made once; results are put in their places by index, so that neither the
//! number of threads nor their timing changes a byte.

mod screen;
mod shard;

pub use screen::{
    Screen, Shortlist, Sketches, can_be_screened, is_screened, shortlist, similarities,
};
pub use shard::{leading, merged};

use crate::correlate::{Comparison, Probe, Rotations, compare_probe, goes_first};
use crate::extract::Template;
use rayon::prelude::*;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::message::say;

/// Told how many pairs have just been done; called from many threads.
pub trait Watch: Sync {
    /// `pairs` more are done.
    fn done(&self, pairs: usize);
}

impl<F: Fn(usize) + Sync> Watch for F {
    fn done(&self, pairs: usize) {
        self(pairs);
    }
}

/// Compares the given pairs of a gallery (indices; A first), in the order
/// given. A pair that may not be compared gives its own error.
pub fn compare_pairs<T: Borrow<Template> + Sync>(
    gallery: &[T],
    pairs: &[(usize, usize)],
    watch: &dyn Watch,
) -> Vec<Result<Comparison>> {
    // Each pair belongs to the mark that is its probe in the canonical order.
    let mut by_probe: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, &(a, b)) in pairs.iter().enumerate() {
        let probe = if goes_first(gallery[a].borrow(), gallery[b].borrow()) { a } else { b };
        by_probe.entry(probe).or_default().push(n);
    }
    let by_probe: Vec<_> = by_probe.into_iter().collect();
    let mut done: Vec<(usize, Result<Comparison>)> = by_probe
        .par_iter()
        .map_init(Rotations::new, |rotations, (index, numbers)| {
            let probe = Probe::new(gallery[*index].borrow());
            let compared = numbers.iter().map(|&n| {
                let (a, b) = pairs[n];
                let other = if *index == a { b } else { a };
                let comparison = compare_probe(&probe, gallery[other].borrow(), rotations);
                watch.done(1);
                (n, if *index == a { comparison } else { comparison.map(Comparison::reversed) })
            });
            compared.collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, comparison)| comparison).collect()
}

/// Similarities held at once: 64 MiB, and twice that in numbers of casings.
const HELD: usize = 16 << 20;

/// The shortlists of `probes` (numbers in the gallery) for verification, in
/// their order. `screened` tells which marks of the gallery can be screened,
/// `others` those that a probe may be compared with, `floors` the floor of each
/// mark's own shortlist where it has one already.
///
/// # Errors
/// Those of the gallery.
pub fn shortlists(
    gallery: &dyn Sketches,
    screened: &[bool],
    probes: &[usize],
    floors: &[Option<f32>],
    others: &(dyn Fn(usize) -> Vec<usize> + Sync),
    keep: usize,
) -> Result<Vec<Shortlist>> {
    let mut lists = Vec::with_capacity(probes.len());
    for probes in probes.chunks((HELD / screened.len().max(1)).max(1)) {
        let allowed: Vec<Vec<usize>> = probes.par_iter().map(|&p| others(p)).collect();
        let needed = |n: &usize| screen::is_screened(screened[probes[*n]], allowed[*n].len(), keep);
        let needed: Vec<usize> = (0..probes.len()).filter(needed).collect();
        let sketches = needed.iter().map(|&n| gallery.sketch(probes[n]));
        let similar = similarities(gallery, &sketches.collect::<Result<Vec<_>>>()?)?;
        let mut similar: BTreeMap<usize, Vec<f32>> = needed.into_iter().zip(similar).collect();
        let one = |(others, similar): (Vec<usize>, Option<Vec<f32>>)| match similar {
            None => Shortlist { verify: others, floor: f32::MIN },
            Some(similar) => screen::shortlist(&similar, screened, floors, &others, keep),
        };
        let paired: Vec<_> =
            allowed.into_iter().enumerate().map(|(n, o)| (o, similar.remove(&n))).collect();
        lists.extend(paired.into_par_iter().map(one).collect::<Vec<_>>());
    }
    Ok(lists)
}

/// Sets the number of threads of everything that runs in parallel; to be
/// called once, before any of it.
///
/// # Errors
/// [`Kind::Internal`] if parallel work has begun already.
pub fn use_threads(threads: usize) -> Result<()> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|e| {
        Error::new(Kind::Internal, say!("the threads could not be set up: {e}")).because(&e)
    })
}

/// The number of threads that parallel work uses.
pub fn threads() -> usize {
    rayon::current_num_threads()
}
