//! The gallery view: how high strangers score in a gallery of any size.

use super::pairs::Pair;
use super::resample::FirearmBootstrap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::MarkKind;
use types::numeric::quantile;

/// Share of different-source scores above which the tail is fitted.
const TAIL_SHARE: f64 = 0.1;
/// Shapes that are believed: no upper end (0) up to infinite variance (½).
const SHAPES: (f64, f64) = (0.0, 0.5);
/// Steps of the table of the distribution's body.
const BODY_STEPS: usize = 20;

/// The different-source scores of one mark in a population, extrapolated:
/// excesses over a high threshold follow a generalised Pareto distribution
/// (Pickands 1975; Coles 2001, ch. 4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// Different-source scores it was fitted to.
    pub pairs: u64,
    /// The distribution from the lowest score up to the threshold.
    body: Vec<Knot>,
    main: Excess,
    /// The same in bootstrap replicates over firearms.
    replicates: Vec<Excess>,
}

/// A score and the share of different-source pairs that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Knot {
    score: f64,
    share: f64,
    /// Ends of the share's 95 % interval.
    lower: f64,
    upper: f64,
}

impl Knot {
    /// The point between two knots at `score`.
    fn between(self, next: Self, score: f64) -> Self {
        let t = (score - self.score) / (next.score - self.score);
        let mix = |x: f64, y: f64| x + t * (y - x);
        Self {
            score,
            share: mix(self.share, next.share),
            lower: mix(self.lower, next.lower),
            upper: mix(self.upper, next.upper),
        }
    }
}

/// Excesses over a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Excess {
    /// Share of different-source pairs above the threshold.
    share: f64,
    scale: f64,
    shape: f64,
}

impl Excess {
    /// By probability-weighted moments (Hosking & Wallis 1987) of weighted,
    /// ascending excesses; a shape outside [`SHAPES`] keeps the mean.
    fn fit(excesses: &[(f64, f64)], share: f64) -> Self {
        let total: f64 = excesses.iter().map(|e| e.1).sum();
        let (mut mean, mut lower, mut below) = (0.0, 0.0, 0.0);
        for &(x, w) in excesses {
            mean += w * x / total;
            // The excess times the share of excesses above it.
            lower += w * x / total * (1.0 - (below + w / 2.0) / total);
            below += w;
        }
        let shape = 2.0 - mean / (mean - 2.0 * lower);
        let shape = if shape.is_finite() { shape.clamp(SHAPES.0, SHAPES.1) } else { SHAPES.0 };
        Self { share, scale: mean * (1.0 - shape), shape }
    }

    /// Probability that a different-source score exceeds the threshold by `x`.
    fn beyond(self, x: f64) -> f64 {
        let Self { share, scale, shape } = self;
        if scale <= 0.0 {
            return if x > 0.0 { 0.0 } else { share };
        }
        share
            * if shape > 1e-9 {
                (1.0 + shape * x / scale).powf(-1.0 / shape)
            } else {
                (-x / scale).exp()
            }
    }
}

/// How many different-source casings are expected to score at least so high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// Casings in the gallery.
    pub gallery: u64,
    /// The expected number.
    pub mean: f64,
    /// Lower end of its 95 % interval.
    pub lower: f64,
    /// Upper end of its 95 % interval.
    pub upper: f64,
}

impl Tail {
    /// Fits to the scores of a mark in the different-source pairs; `None` with
    /// fewer than twenty scores, of which no tail can be told.
    pub fn fit(
        pairs: &[&Pair],
        mark: MarkKind,
        bootstrap: &FirearmBootstrap,
        replicates: u64,
    ) -> Option<Self> {
        let score = |p: &Pair| p.marks.iter().find(|m| m.mark == mark)?.score;
        let scored: Vec<&Pair> =
            pairs.iter().copied().filter(|p| !p.same_source() && score(p).is_some()).collect();
        if scored.len() < 20 {
            return None;
        }
        let mut order: Vec<(f64, usize)> =
            scored.iter().enumerate().filter_map(|(n, p)| Some((score(p)?, n))).collect();
        order.sort_by(|x, y| x.0.total_cmp(&y.0));
        let sorted: Vec<f64> = order.iter().map(|o| o.0).collect();
        let step = |k: usize| (1.0 - TAIL_SHARE) * k as f64 / BODY_STEPS as f64;
        let knots: Vec<f64> = (0..=BODY_STEPS).map(|k| quantile(&sorted, step(k))).collect();
        let threshold = knots[BODY_STEPS];
        // The share of the weight at or above a score.
        let reach = |weights: &[f64], at: f64| {
            let from = sorted.partition_point(|s| *s < at);
            order[from..].iter().map(|o| weights[o.1]).sum::<f64>() / weights.iter().sum::<f64>()
        };
        let fit = |weights: &[f64]| {
            let excesses: Vec<(f64, f64)> = order
                .iter()
                .filter(|o| o.0 > threshold)
                .map(|o| (o.0 - threshold, weights[o.1]))
                .collect();
            let above: f64 = excesses.iter().map(|e| e.1).sum();
            Excess::fit(&excesses, above / weights.iter().sum::<f64>())
        };
        let even = vec![1.0; scored.len()];
        let drawn: Vec<Vec<f64>> =
            (0..replicates).map(|r| bootstrap.pair_weights(r, &scored)).collect();
        let knot = |&score: &f64| {
            let share = reach(&even, score);
            let shares = drawn.iter().map(|w| reach(w, score)).collect();
            let (lower, upper) = around(share, shares);
            Knot { score, share, lower, upper }
        };
        Some(Self {
            pairs: scored.len() as u64,
            body: knots.iter().map(knot).collect(),
            main: fit(&even),
            replicates: drawn.iter().map(|w| fit(w)).collect(),
        })
    }

    /// The expected number of different-source casings that score at least
    /// `score` against one probe in a gallery of so many.
    pub fn expected(&self, score: f64, gallery: u64) -> Expected {
        let n = gallery as f64;
        let next = self.body.partition_point(|k| k.score <= score);
        let of = |share: f64, lower: f64, upper: f64| Expected {
            gallery,
            mean: n * share,
            lower: n * lower,
            upper: n * upper,
        };
        match (next.checked_sub(1).and_then(|k| self.body.get(k)), self.body.get(next)) {
            (None, _) => of(1.0, 1.0, 1.0),
            (Some(knot), Some(next)) => {
                let at = knot.between(*next, score);
                of(at.share, at.lower, at.upper)
            }
            (Some(threshold), None) => {
                let share = self.main.beyond(score - threshold.score);
                let shares =
                    self.replicates.iter().map(|e| e.beyond(score - threshold.score)).collect();
                let (lower, upper) = around(share, shares);
                of(share, lower, upper)
            }
        }
    }
}

/// The 95 % interval of replicates of `value`, which lies within it.
fn around(value: f64, mut replicates: Vec<f64>) -> (f64, f64) {
    replicates.sort_by(f64::total_cmp);
    if replicates.is_empty() {
        return (value, value);
    }
    (quantile(&replicates, 0.025).min(value), quantile(&replicates, 0.975).max(value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::weigh::pairs::Measured;

    /// Different-source pairs of 200 firearms with exponential scores.
    fn exponential(n: usize) -> Vec<Pair> {
        let scored = |k: usize| {
            let score = -(1.0 - (k as f64 + 0.5) / n as f64).ln();
            let mark = MarkKind::BreechFace;
            Pair {
                a: format!("a{k}"),
                b: format!("b{k}"),
                firearms: (k % 200, 200 + k % 199),
                class: None,
                marks: vec![Measured {
                    mark,
                    score: Some(score),
                    cells: None,
                    overlap_mm2: None,
                    area_mm2: None,
                }],
            }
        };
        (0..n).map(scored).collect()
    }

    #[test]
    fn an_exponential_tail_is_extrapolated() {
        let pairs = exponential(2000);
        let pairs: Vec<&Pair> = pairs.iter().collect();
        let tail =
            Tail::fit(&pairs, MarkKind::BreechFace, &FirearmBootstrap::new(1, 400), 100).unwrap();
        // A score of 12 is beyond the sample; a million strangers: 10⁶ · e⁻¹².
        let found = tail.expected(12.0, 1_000_000);
        assert!(found.lower < 6.1 && 6.1 < found.upper, "{found:?}");
        assert!((found.mean / 6.144).ln().abs() < 0.8, "{found:?}");
        // Within the body the share is the sample's own.
        let median = tail.expected(2.0_f64.ln(), 1000);
        assert!((median.mean - 500.0).abs() < 5.0, "{median:?}");
        assert!(median.lower < 495.0 && median.upper > 505.0, "{median:?}");
        assert!(
            Tail::fit(&pairs, MarkKind::FiringPin, &FirearmBootstrap::new(1, 400), 1).is_none()
        );
        assert_eq!(tail.expected(-1.0, 10).mean, 10.0);
    }

    #[test]
    fn the_moments_of_a_pareto_tail_give_its_shape() {
        // Quantiles of a generalised Pareto distribution, scale 2, shape 0.3.
        let n = 20_000;
        let quantile = |k: usize| {
            let above = 1.0 - (k as f64 + 0.5) / n as f64;
            (2.0 / 0.3 * (above.powf(-0.3) - 1.0), 1.0)
        };
        let excesses: Vec<_> = (0..n).map(quantile).collect();
        let fit = Excess::fit(&excesses, 0.1);
        assert!((fit.shape - 0.3).abs() < 0.02 && (fit.scale - 2.0).abs() < 0.05, "{fit:?}");
    }

    #[test]
    fn a_handful_of_scores_has_no_tail() {
        let pairs = exponential(19);
        let pairs: Vec<&Pair> = pairs.iter().collect();
        assert!(
            Tail::fit(&pairs, MarkKind::BreechFace, &FirearmBootstrap::new(1, 400), 1).is_none()
        );
    }
}
