//! Words for the strength of evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Strength of support, on the scale of the ENFSI guideline for evaluative
/// reporting (2015), table 1: by the order of magnitude of the likelihood ratio
/// or, where it is below one, of its inverse.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Below 2: supports neither proposition over the other.
    None,
    /// 2 to 10.
    Weak,
    /// 10 to 100.
    Moderate,
    /// 100 to 1000.
    ModeratelyStrong,
    /// 1000 to 10 000.
    Strong,
    /// 10 000 to a million.
    VeryStrong,
    /// More.
    ExtremelyStrong,
}

/// Which proposition is supported, and how strongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Support {
    /// Whether it is the proposition that one firearm fired both casings.
    pub same_source: bool,
    /// How strongly.
    pub strength: Strength,
}

impl Support {
    /// The words for a log10 likelihood ratio.
    pub fn of(log10_lr: f64) -> Self {
        let strength = match log10_lr.abs() {
            l if l < 2.0_f64.log10() => Strength::None,
            l if l < 1.0 => Strength::Weak,
            l if l < 2.0 => Strength::Moderate,
            l if l < 3.0 => Strength::ModeratelyStrong,
            l if l < 4.0 => Strength::Strong,
            l if l < 6.0 => Strength::VeryStrong,
            _ => Strength::ExtremelyStrong,
        };
        Self { same_source: log10_lr > 0.0, strength }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_guidelines() {
        let of = |lr: f64| Support::of(lr.log10());
        assert_eq!(of(1.9).strength, Strength::None);
        assert_eq!(of(2.1).strength, Strength::Weak);
        assert_eq!(of(50.0).strength, Strength::Moderate);
        assert_eq!(of(500.0), Support { same_source: true, strength: Strength::ModeratelyStrong });
        assert_eq!(of(1.0 / 5000.0), Support { same_source: false, strength: Strength::Strong });
        assert_eq!(of(2e5).strength, Strength::VeryStrong);
        assert_eq!(of(2e6).strength, Strength::ExtremelyStrong);
    }
}
