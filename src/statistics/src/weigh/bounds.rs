//! How large a likelihood ratio a sample of this size can support.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::message::{Message, say};

/// Which rule sets the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoundsRule {
    /// Empirical lower and upper bounds.
    #[default]
    Elub,
    /// Invariance verification.
    InvarianceVerification,
}

impl std::str::FromStr for BoundsRule {
    type Err = Message;
    fn from_str(text: &str) -> Result<Self, Message> {
        match text {
            "elub" => Ok(Self::Elub),
            "iv" | "invariance_verification" => Ok(Self::InvarianceVerification),
            _ => Err(say!("use elub or iv")),
        }
    }
}

/// The bounds of a system's likelihood ratios, as log10 LR; `lower ≤ 0 ≤ upper`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    /// The rule they come from.
    pub rule: BoundsRule,
    /// No reported log10 LR lies below.
    pub log10_lower: f64,
    /// No reported log10 LR lies above.
    pub log10_upper: f64,
}

impl Bounds {
    /// Bounds from the log10 LR of pairs whose truth is known.
    pub fn of(rule: BoundsRule, same: &[f64], different: &[f64]) -> Self {
        let (log10_lower, log10_upper) = match rule {
            BoundsRule::Elub => elub(same, different),
            BoundsRule::InvarianceVerification => invariance_verification(same, different),
        };
        Self { rule, log10_lower, log10_upper }
    }

    /// A log10 LR within the bounds.
    pub fn apply(&self, log10_lr: f64) -> f64 {
        log10_lr.clamp(self.log10_lower, self.log10_upper)
    }
}

/// Resolution of the thresholds tried, in log10 LR.
const ELUB_STEPS_PER_UNIT: f64 = 100.0;
const IV_STEPS_PER_UNIT: f64 = 1000.0;
/// Greater log10 LR are taken for these; infinite ones would have no threshold.
const EXTREME: f64 = 9.0;

/// Empirical lower and upper bounds (Vergeer et al. 2016): the thresholds up to
/// which deciding by the system's LR costs less, in expectation, than deciding
/// by the prior alone, although one consequentially misleading LR more had been
/// seen on either side. With n different-source pairs none of which misleads the
/// upper bound is about n.
fn elub(same: &[f64], different: &[f64]) -> (f64, f64) {
    let (same, different) = (sorted(same), sorted(different));
    let (Some(least), Some(greatest)) = (least(&same, &different), greatest(&same, &different))
    else {
        return (0.0, 0.0);
    };
    let (of_same, of_different) = (same.len() as f64, different.len() as f64);
    let lowest = least.max(-(of_same + 1.0).log10());
    let highest = greatest.min((of_different + 1.0).log10());
    let first = (lowest * ELUB_STEPS_PER_UNIT).floor().min(0.0) as i64;
    let last = ((highest * ELUB_STEPS_PER_UNIT).floor() + 1.0).max(0.0) as i64;
    let useful = |step: i64| {
        let threshold = step as f64 / ELUB_STEPS_PER_UNIT;
        // Rejected same-source and accepted different-source pairs, one more each.
        let rejected = same.partition_point(|l| *l <= threshold) as f64 + 1.0;
        let accepted = of_different - different.partition_point(|l| *l <= threshold) as f64 + 1.0;
        let odds = 10.0_f64.powf(threshold);
        let system = rejected / (of_same + 1.0) + odds * accepted / (of_different + 1.0);
        let neutral = if step < 0 { odds } else { 1.0 };
        neutral >= system
    };
    let at = |step: i64| step as f64 / ELUB_STEPS_PER_UNIT;
    let lower = (first..=0).rev().find(|s| !useful(*s)).map_or(at(first), |s| at(s + 1));
    let upper = (0..=last).find(|s| !useful(*s)).map_or(at(last), |s| at(s - 1));
    (lower.min(0.0), upper.max(0.0))
}

/// Invariance-verification bounds (Alberink et al. 2025): the thresholds up to
/// which the LR of the event "a log10 LR at least (at most) this large", with
/// Jeffreys' prior on both probabilities, is itself at least (at most) as large.
fn invariance_verification(same: &[f64], different: &[f64]) -> (f64, f64) {
    let (same, different) = (sorted(same), sorted(different));
    let (Some(least), Some(greatest)) = (least(&same, &different), greatest(&same, &different))
    else {
        return (0.0, 0.0);
    };
    let first = (least.min(0.0) * IV_STEPS_PER_UNIT).floor() as i64;
    let last = (greatest.max(0.0) * IV_STEPS_PER_UNIT).ceil() as i64;
    let at = |step: i64| step as f64 / IV_STEPS_PER_UNIT;
    let above = |values: &[f64], threshold: f64| {
        let count = values.len() - values.partition_point(|l| *l < threshold);
        (count as f64 + 0.5) / (values.len() as f64 + 1.0)
    };
    let supports_upper =
        |s: &i64| (above(&same, at(*s)) / above(&different, at(*s))).log10() >= at(*s);
    let supports_lower = |s: &i64| {
        let ratio = (1.0 - above(&same, at(*s))) / (1.0 - above(&different, at(*s)));
        ratio.log10() <= at(*s)
    };
    let upper = (first..=last)
        .find(|s| !supports_upper(s))
        .map_or(same.last().copied().unwrap_or(0.0), |s| at(s - 1));
    let lower = (first..=last)
        .rev()
        .find(|s| !supports_lower(s))
        .map_or(different.first().copied().unwrap_or(0.0), |s| at(s + 1));
    (lower.min(0.0), upper.max(0.0))
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|v| v.clamp(-EXTREME, EXTREME)).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The least value, if both classes have any.
fn least(same: &[f64], different: &[f64]) -> Option<f64> {
    Some(same.first()?.min(*different.first()?))
}

/// The greatest value, if both classes have any.
fn greatest(same: &[f64], different: &[f64]) -> Option<f64> {
    Some(same.last()?.max(*different.last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_samples_bound_by_their_sizes() {
        // Nine same-source and 99 different-source pairs, far apart. With one
        // misleading LR added a threshold t is useful while 1/10 + t/100 ≤ 1,
        // so up to t = 90; downwards while 1/10 + t/100 ≤ t, so to t = 10/99.
        let bounds = Bounds::of(BoundsRule::Elub, &[5.0; 9], &[-5.0; 99]);
        assert_eq!(bounds.log10_upper, (90.0_f64.log10() * 100.0).floor() / 100.0);
        assert_eq!(bounds.log10_lower, ((10.0_f64 / 99.0).log10() * 100.0).ceil() / 100.0);
    }

    #[test]
    fn invariance_of_a_separated_sample() {
        // (9.5/10) / (0.5/100) = 190; (0.5/10) / (99.5/100) = 0.0503.
        let rule = BoundsRule::InvarianceVerification;
        let bounds = Bounds::of(rule, &[5.0; 9], &[-5.0; 99]);
        assert!((bounds.log10_upper - 190.0_f64.log10()).abs() < 2e-3, "{bounds:?}");
        assert!((bounds.log10_lower - 0.050_25_f64.log10()).abs() < 2e-3, "{bounds:?}");
    }

    #[test]
    fn a_useless_system_says_nothing() {
        let (same, different) = ([-2.0, 2.0, -1.0, 1.0], [-2.0, 2.0, -1.0, 1.0]);
        for rule in [BoundsRule::Elub, BoundsRule::InvarianceVerification] {
            let bounds = Bounds::of(rule, &same, &different);
            assert_eq!((bounds.log10_lower, bounds.log10_upper), (0.0, 0.0), "{rule:?}");
            assert_eq!(bounds.apply(3.0), 0.0);
        }
        let empty = Bounds::of(BoundsRule::Elub, &[], &[1.0]);
        assert_eq!((empty.log10_lower, empty.log10_upper), (0.0, 0.0));
    }
}
