//! Continuous scores: logistic calibration, or kernel densities.

use super::logistic::{Example, Logistic, USUAL_PRECISION};
use super::pav::isotonic;
use serde::{Deserialize, Serialize};
use types::message::{Message, say};
use types::numeric::quantile;

/// How a continuous score becomes a likelihood ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreMethod {
    /// Logistic calibration: two parameters, extrapolates.
    #[default]
    Logistic,
    /// Ratio of kernel density estimates: follows the data, constant beyond it.
    Kde,
}

impl std::str::FromStr for ScoreMethod {
    type Err = Message;
    fn from_str(text: &str) -> Result<Self, Message> {
        match text {
            "logistic" => Ok(Self::Logistic),
            "kde" => Ok(Self::Kde),
            _ => Err(say!("use logistic or kde")),
        }
    }
}

/// A fitted score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreModel {
    /// A straight line in the standardised score, or in its logarithm.
    Logistic {
        /// On which the line is straight.
        scale: Scale,
        /// The population's scores on that scale.
        standard: Standard,
        /// The line.
        line: Logistic,
        /// The scores as they are, for a fusion.
        plain: Standard,
    },
    /// Natural-log LR at evenly spaced scores, interpolated between.
    Kde {
        /// Score of the first knot.
        from: f64,
        /// Distance of two knots.
        step: f64,
        /// The log LR, never falling.
        knots: Vec<f64>,
    },
}

/// On which scale a score is taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As it is.
    Linear,
    /// Its logarithm.
    Logarithmic {
        /// The population's lowest score; lower ones count as this.
        least: f64,
    },
}

impl Scale {
    /// The scale on which the two classes spread more alike, since only between
    /// classes of equal spread the log LR is a straight line. Similarities that
    /// grow with the quality of the marks spread the more the higher they are;
    /// on a straight scale the middle between the classes of one set of guns
    /// then lies above the same-source scores of guns that mark less well.
    fn of(scores: &[Scored]) -> Self {
        let least = scores.iter().map(|s| s.score).fold(f64::INFINITY, f64::min);
        let log = Self::Logarithmic { least };
        let unequal = |scale: Self| {
            let sd = |same: bool| {
                let of_class = scores.iter().filter(|s| s.same_source == same);
                Standard::of(of_class.map(|s| scale.value(s.score))).sd
            };
            (sd(true) / sd(false)).ln().abs()
        };
        // Undefined where a class has no spread: then as it is.
        if least > 0.0 && unequal(log) < unequal(Self::Linear) { log } else { Self::Linear }
    }

    fn value(self, score: f64) -> f64 {
        match self {
            Self::Linear => score,
            Self::Logarithmic { least } => score.max(least).ln(),
        }
    }
}

/// Mean and standard deviation of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    mean: f64,
    sd: f64,
}

impl Standard {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / n;
        Self { mean, sd: (values.map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt() }
    }

    /// A value in standard deviations from the mean.
    fn apply(self, value: f64) -> f64 {
        (value - self.mean) / if self.sd > 0.0 { self.sd } else { 1.0 }
    }
}

/// One score to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// The score.
    pub score: f64,
    /// Whether one firearm fired both casings.
    pub same_source: bool,
    /// How much it counts, relative to the others of its class.
    pub weight: f64,
}

/// Knots of a tabulated density ratio.
const KNOTS: usize = 97;

impl ScoreModel {
    /// Fits to scores of both classes from so many casings.
    pub fn fit(method: ScoreMethod, scores: &[Scored], casings: f64) -> Self {
        match method {
            ScoreMethod::Logistic => Self::logistic(scores, casings),
            ScoreMethod::Kde => Self::kde(scores, casings),
        }
    }

    fn logistic(scores: &[Scored], casings: f64) -> Self {
        // Unweighted, so that a bootstrap changes the line and not the feature.
        let scale = Scale::of(scores);
        let standard = Standard::of(scores.iter().map(|s| scale.value(s.score)));
        let example = |s: &Scored| Example {
            features: vec![standard.apply(scale.value(s.score))],
            same_source: s.same_source,
            weight: s.weight,
        };
        let examples: Vec<Example> = scores.iter().map(example).collect();
        let line = Logistic::fit(&examples, casings, USUAL_PRECISION);
        let plain = Standard::of(scores.iter().map(|s| s.score));
        Self::Logistic { scale, standard, line, plain }
    }

    /// Gaussian kernels (Silverman 1986, eq. 3.31), in either class mixed with
    /// one casing's worth of scores spread evenly over the whole range: beyond
    /// where a class was seen it is improbable, not impossible.
    fn kde(scores: &[Scored], casings: f64) -> Self {
        let same = Class::of(scores, true);
        let different = Class::of(scores, false);
        let reach = 3.0 * same.bandwidth.max(different.bandwidth);
        let all = || scores.iter().map(|s| s.score);
        let from = all().fold(f64::INFINITY, f64::min) - reach;
        let range = all().fold(f64::NEG_INFINITY, f64::max) + reach - from;
        let (from, range) =
            if range.is_finite() && range > 0.0 { (from, range) } else { (0.0, 1.0) };
        let step = range / (KNOTS - 1) as f64;
        let even = 1.0 / range;
        let at = |k: usize| from + step * k as f64;
        let density = |class: &Class, k| (casings * class.density(at(k)) + even) / (casings + 1.0);
        let (mut raw, mut weights) = (Vec::with_capacity(KNOTS), Vec::with_capacity(KNOTS));
        for k in 0..KNOTS {
            let (s, d) = (density(&same, k), density(&different, k));
            raw.push((s / d).ln());
            weights.push(s + d);
        }
        Self::Kde { from, step, knots: isotonic(&raw, &weights) }
    }

    /// The natural-log LR of a score.
    pub fn log_lr(&self, score: f64) -> f64 {
        match self {
            Self::Logistic { scale, standard, line, .. } => {
                line.log_lr(&[standard.apply(scale.value(score))])
            }
            Self::Kde { from, step, knots } => {
                let last = knots.len().saturating_sub(1);
                let at = ((score - from) / step).clamp(0.0, last as f64);
                let low = at.floor() as usize;
                let value = |k: usize| knots.get(k.min(last)).copied().unwrap_or(0.0);
                value(low) + at.fract() * (value(low + 1) - value(low))
            }
        }
    }

    /// The score as a feature of size one: standardised, or its log LR.
    pub fn feature(&self, score: f64) -> f64 {
        match self {
            Self::Logistic { plain, .. } => plain.apply(score),
            Self::Kde { .. } => self.log_lr(score),
        }
    }
}

/// The scores of one class, weighted, with a bandwidth.
struct Class {
    scores: Vec<(f64, f64)>,
    bandwidth: f64,
}

impl Class {
    fn of(scores: &[Scored], same_source: bool) -> Self {
        let mut scores: Vec<(f64, f64)> = scores
            .iter()
            .filter(|s| s.same_source == same_source)
            .map(|s| (s.score, s.weight))
            .collect();
        scores.sort_by(|x, y| x.0.total_cmp(&y.0));
        let total: f64 = scores.iter().map(|s| s.1).sum::<f64>().max(f64::MIN_POSITIVE);
        scores.iter_mut().for_each(|s| s.1 /= total);
        let mean: f64 = scores.iter().map(|s| s.0 * s.1).sum();
        let sd = scores.iter().map(|s| s.1 * (s.0 - mean).powi(2)).sum::<f64>().sqrt();
        let sorted: Vec<f64> = scores.iter().map(|s| s.0).collect();
        let quartiles = [0.25, 0.75].map(|q| quantile(&sorted, q));
        let spread = (quartiles[1] - quartiles[0]) / 1.34;
        let narrow = if spread > 0.0 { sd.min(spread) } else { sd };
        let bandwidth = 0.9 * narrow * (scores.len().max(1) as f64).powf(-0.2);
        Self { scores, bandwidth: if bandwidth > 0.0 { bandwidth } else { 1.0 } }
    }

    fn density(&self, x: f64) -> f64 {
        let h = self.bandwidth;
        let kernel = |s: f64| (-0.5 * ((x - s) / h).powi(2)).exp();
        let sum: f64 = self.scores.iter().map(|(s, w)| w * kernel(*s)).sum();
        sum / (h * std::f64::consts::TAU.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(same: &[f64], different: &[f64]) -> Vec<Scored> {
        let of = |values: &[f64], same_source| {
            values
                .iter()
                .map(|&score| Scored { score, same_source, weight: 1.0 })
                .collect::<Vec<_>>()
        };
        [of(same, true), of(different, false)].concat()
    }

    #[test]
    fn normal_scores_of_equal_spread_have_a_straight_line() {
        // Quantiles of N(2, 1) and N(0, 1): log LR = 2x − 2.
        let normal: Vec<f64> = (1..400)
            .map(|k| {
                // The logistic distribution's quantile, near enough the normal's
                // in its middle, serves to spread the scores symmetrically.
                let p = f64::from(k) / 400.0;
                (p / (1.0 - p)).ln() / 1.702
            })
            .collect();
        let same: Vec<f64> = normal.iter().map(|x| x + 2.0).collect();
        let scores = sample(&same, &normal);
        for method in [ScoreMethod::Logistic, ScoreMethod::Kde] {
            let model = ScoreModel::fit(method, &scores, 399.0);
            assert!(model.log_lr(1.0).abs() < 0.05, "{method:?}");
            assert!((model.log_lr(1.5) - 1.0).abs() < 0.25, "{method:?}: {}", model.log_lr(1.5));
        }
    }

    #[test]
    fn far_beyond_the_data_it_stays_finite_and_never_falls() {
        let scores = sample(&[20.0, 25.0, 31.0], &[0.0, 1.0, 2.0, 3.0, 2.5]);
        for method in [ScoreMethod::Logistic, ScoreMethod::Kde] {
            let model = ScoreModel::fit(method, &scores, 4.0);
            let along: Vec<f64> = (-50..200).map(|s| model.log_lr(f64::from(s))).collect();
            assert!(along.is_sorted(), "{method:?}");
            assert!(along.iter().all(|l| l.is_finite() && l.abs() < 100.0), "{method:?}");
            assert!(model.log_lr(25.0) > 1.0 && model.log_lr(1.0) < -1.0, "{method:?}");
        }
    }

    #[test]
    fn guns_that_mark_less_well_are_not_called_different() {
        // Spread grows with the score: same-source scores about 40, different
        // ones about 4, both within a quarter. A pair at 18, far above anything
        // of different sources, speaks for one source although it lies nearer
        // to those than to the population's own same-source pairs.
        let about = |centre: f64| (0..30).map(move |k| centre * (0.75 + f64::from(k) / 58.0));
        let (same, different): (Vec<f64>, Vec<f64>) = (about(40.0).collect(), about(4.0).collect());
        let model = ScoreModel::fit(ScoreMethod::Logistic, &sample(&same, &different), 20.0);
        assert!(model.log_lr(18.0) > 0.5, "{}", model.log_lr(18.0));
        assert!(model.log_lr(5.0) < -1.0, "{}", model.log_lr(5.0));
        assert_eq!(model.log_lr(-1.0), model.log_lr(3.0), "below the lowest score");
    }

    #[test]
    fn equal_scores_do_not_break_a_fit() {
        let scores = sample(&[3.0, 3.0], &[3.0, 3.0]);
        for method in [ScoreMethod::Logistic, ScoreMethod::Kde] {
            assert!(ScoreModel::fit(method, &scores, 2.0).log_lr(3.0).abs() < 1e-6);
        }
    }
}
