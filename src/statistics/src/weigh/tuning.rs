//! How strong the fusion's prior is, chosen by firearms left out of the fit.

use super::bounds::{Bounds, BoundsRule};
use super::logistic::USUAL_PRECISION;
use super::metrics::cllr;
use super::model::Settings;
use super::pairs::{PairSet, values};
use super::resample::held_out;
use std::collections::BTreeSet;
use std::f64::consts::LN_10;
use types::error::Result;

/// Precisions of the prior that are tried, the strongest first: of equals the
/// strongest is kept.
const PRECISIONS: [f64; 5] = [10.0, 3.0, 1.0, 0.3, 0.1];

/// The pairs of a set weighed by models that did not see their firearms.
pub struct Tuned {
    /// The settings of those models.
    pub settings: Settings,
    /// Natural-log likelihood ratios, unbounded, in the order of the pairs; see
    /// [`held_out`].
    pub unseen: Vec<Option<f64>>,
}

/// Settings with the prior under which the held-out pairs of this very set,
/// within their bounds, cost least. The figures of the winner are flattered by
/// having been chosen among five; a set of other firearms is not.
///
/// # Errors
/// See [`held_out`].
pub fn tuned(set: &PairSet, settings: Settings, rule: BoundsRule) -> Result<Tuned> {
    let channels: BTreeSet<_> =
        set.pairs.iter().flat_map(|p| values(&p.marks).into_keys()).collect();
    let used = channels.iter().filter(|c| settings.only.is_none_or(|only| c.measure == only));
    let tried = if used.count() > 1 { &PRECISIONS[..] } else { &[USUAL_PRECISION] };
    let mut best: Option<(f64, Tuned)> = None;
    for &fusion_precision in tried {
        let settings = Settings { fusion_precision, ..settings };
        let unseen = held_out(set, settings)?;
        if unseen.iter().any(Option::is_none) {
            // Too few firearms to choose by.
            let settings = Settings { fusion_precision: USUAL_PRECISION, ..settings };
            return Ok(Tuned { settings, unseen: held_out(set, settings)? });
        }
        let cost = cost(set, &unseen, rule);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, Tuned { settings, unseen }));
        }
    }
    // There is always one tried.
    Ok(best.map_or(Tuned { settings, unseen: Vec::new() }, |(_, tuned)| tuned))
}

/// What held-out likelihood ratios cost within the bounds they support.
fn cost(set: &PairSet, unseen: &[Option<f64>], rule: BoundsRule) -> f64 {
    let of = |class: bool| -> Vec<f64> {
        let pairs = set.pairs.iter().zip(unseen).filter(|(p, _)| p.same_source() == class);
        pairs.filter_map(|(_, l)| l.map(|l| l / LN_10)).collect()
    };
    let (same, different) = (of(true), of(false));
    let bounds = Bounds::of(rule, &same, &different);
    let bounded =
        |values: Vec<f64>| values.into_iter().map(|l| bounds.apply(l) * LN_10).collect::<Vec<_>>();
    cllr(&bounded(same), &bounded(different))
}
