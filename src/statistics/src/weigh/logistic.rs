//! Logistic regression that gives likelihood ratios, not posterior odds.

use serde::{Deserialize, Serialize};
use types::numeric::solve_positive_definite;

/// Natural-log likelihood ratio = `intercept` + Σ `weights` · features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// The log LR where all features are zero.
    pub intercept: f64,
    /// One weight a feature, none negative.
    pub weights: Vec<f64>,
}

/// One pair to learn from.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its features, comparable in size across features.
    pub features: Vec<f64>,
    /// Whether one firearm fired both casings.
    pub same_source: bool,
    /// How much it counts, relative to the others of its class.
    pub weight: f64,
}

/// Newton steps; a few always do.
const STEPS: usize = 60;
/// The penalty on the intercept, against drifting without end.
const INTERCEPT_PRECISION: f64 = 1e-4;
/// Precision of a standard normal prior on the weights.
pub const USUAL_PRECISION: f64 = 1.0;

impl Logistic {
    /// Fits by penalised maximum likelihood. Either class counts as many
    /// observations as there are `casings`, however many pairs they make: pairs
    /// that share a casing are not independent, and equal
    /// classes make the odds likelihood ratios (Brümmer & du Preez 2006). The
    /// weights have a normal prior of this `precision`, so that separated samples
    /// give finite ones (Morrison & Poh 2018 on why LR from small samples should
    /// shrink), and are never negative: a greater similarity is never evidence
    /// for different sources.
    pub fn fit(examples: &[Example], casings: f64, precision: f64) -> Self {
        let features = examples.first().map_or(0, |e| e.features.len());
        let mass = |same: bool| -> f64 {
            let of_class = examples.iter().filter(|e| e.same_source == same);
            of_class.map(|e| e.weight).sum::<f64>().max(f64::MIN_POSITIVE)
        };
        let scale = [casings / mass(false), casings / mass(true)];
        let mut used: Vec<usize> = (0..features).collect();
        loop {
            let found = newton(examples, &used, scale, precision);
            // A feature whose weight would be negative is left out.
            let worst = (1..found.len()).min_by(|&x, &y| found[x].total_cmp(&found[y]));
            match worst.filter(|&w| found[w] < 0.0) {
                Some(w) => {
                    used.remove(w - 1);
                }
                None => {
                    let mut weights = vec![0.0; features];
                    used.iter().zip(&found[1..]).for_each(|(&f, w)| weights[f] = *w);
                    return Self { intercept: found[0], weights };
                }
            }
        }
    }

    /// The natural-log LR of these features.
    pub fn log_lr(&self, features: &[f64]) -> f64 {
        let sum: f64 = self.weights.iter().zip(features).map(|(w, f)| w * f).sum();
        self.intercept + sum
    }
}

/// Intercept and weights of the features in use.
fn newton(examples: &[Example], used: &[usize], scale: [f64; 2], prior: f64) -> Vec<f64> {
    let n = used.len() + 1;
    let precision = |k: usize| if k == 0 { INTERCEPT_PRECISION } else { prior };
    let mut at = vec![0.0; n];
    let mut x = vec![1.0; n];
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = (0..n).map(|k| precision(k) * at[k]).collect();
        let mut hessian = vec![vec![0.0; n]; n];
        (0..n).for_each(|k| hessian[k][k] = precision(k));
        for e in examples {
            for (x, &f) in x[1..].iter_mut().zip(used) {
                *x = e.features[f];
            }
            let log_odds: f64 = at.iter().zip(&x).map(|(w, x)| w * x).sum();
            let p = 1.0 / (1.0 + (-log_odds).exp());
            let weight = e.weight * scale[usize::from(e.same_source)];
            let error = weight * (p - f64::from(u8::from(e.same_source)));
            let curvature = weight * p * (1.0 - p);
            for j in 0..n {
                gradient[j] += error * x[j];
                for k in 0..=j {
                    hessian[j][k] += curvature * x[j] * x[k];
                }
            }
        }
        let step = solve_positive_definite(hessian, gradient);
        // The objective is convex; a step is halved only where it overshoots.
        let largest = step.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        let damping = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        at.iter_mut().zip(&step).for_each(|(a, s)| *a -= damping * s);
        if largest < 1e-10 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(feature: &[f64], same_source: bool) -> Example {
        Example { features: feature.to_vec(), same_source, weight: 1.0 }
    }

    #[test]
    fn a_two_valued_feature_gives_the_ratio_of_its_shares() {
        // 3 of 4 same-source and 1 of 8 different-source pairs have the feature;
        // with many casings the prior fades: LR = (3/4)/(1/8), without (1/4)/(7/8).
        let mut examples = vec![example(&[0.0], true), example(&[1.0], false)];
        examples.extend((0..3).map(|_| example(&[1.0], true)));
        examples.extend((0..7).map(|_| example(&[0.0], false)));
        let model = Logistic::fit(&examples, 1e7, USUAL_PRECISION);
        assert!((model.log_lr(&[1.0]) - 6.0_f64.ln()).abs() < 1e-3, "{model:?}");
        assert!((model.log_lr(&[0.0]) - (2.0_f64 / 7.0).ln()).abs() < 1e-3);
    }

    #[test]
    fn separated_classes_stay_finite_and_grow_with_the_casings() {
        let examples = [example(&[-1.0], false), example(&[1.0], true)];
        let few = Logistic::fit(&examples, 3.0, USUAL_PRECISION);
        let many = Logistic::fit(&examples, 100.0, USUAL_PRECISION);
        assert!((0.5..3.0).contains(&few.weights[0]), "{few:?}");
        assert!(many.weights[0] > few.weights[0] + 1.0, "{few:?} {many:?}");
    }

    #[test]
    fn a_feature_that_points_the_wrong_way_is_left_out() {
        let examples = [
            example(&[1.0, 0.3], true),
            example(&[2.0, -1.0], true),
            example(&[-1.0, 1.0], false),
            example(&[-1.5, 0.5], false),
        ];
        let model = Logistic::fit(&examples, 10.0, USUAL_PRECISION);
        assert_eq!(model.weights[1], 0.0);
        assert!(model.weights[0] > 0.0);
    }
}
