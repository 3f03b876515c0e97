//! Time to crime: from the first retail sale to the recovery.

use super::PartialDate;
use crate::message::{Message, ToMessage, say};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Under three years is what tracing centres call short (ATF, National
/// Firearms Commerce and Trafficking Assessment, vol. II, 2023).
pub const SHORT_DAYS: i32 = 3 * 365;

/// The days from a sale to a recovery, as exactly as both are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum TimeToCrime {
    /// No less and no more than these; the same where both days are known.
    Days {
        /// The fewest that it may be.
        least: i32,
        /// The most.
        most: i32,
    },
    /// The firearm was recovered before it was sold: one of the dates is wrong,
    /// or it is another firearm's.
    Impossible,
}

impl TimeToCrime {
    /// The time between a sale and a recovery; none where either is unknown.
    pub fn between(sale: Option<PartialDate>, recovery: Option<PartialDate>) -> Option<Self> {
        let (least, most) = sale?.days_until(recovery?);
        Some(if most < 0 { Self::Impossible } else { Self::Days { least: least.max(0), most } })
    }

    /// Whether it is certainly short; `None` where it may be or not.
    pub fn short(self) -> Option<bool> {
        match self {
            Self::Days { most, .. } if most < SHORT_DAYS => Some(true),
            Self::Days { least, .. } if least < SHORT_DAYS => None,
            Self::Days { .. } => Some(false),
            Self::Impossible => None,
        }
    }
}

impl ToMessage for TimeToCrime {
    fn to_message(&self) -> Message {
        match self {
            Self::Days { least, most } if least == most => say!("{least} days"),
            Self::Days { least, most } => say!("{least} to {most} days"),
            Self::Impossible => say!("impossible: recovered before it was sold"),
        }
    }
}

impl fmt::Display for TimeToCrime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_message().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_dates_gives_a_range_of_days() {
        let of = |sale: &str, recovery: &str| {
            TimeToCrime::between(sale.parse().ok(), recovery.parse().ok())
        };
        let days = |least, most| Some(TimeToCrime::Days { least, most });
        assert_eq!(of("2025-03-01", "2026-03-01"), days(365, 365));
        assert_eq!(of("2025-03", "2026-03-14"), days(348, 378));
        // Bought in the year in which it was recovered: not before it was sold.
        assert_eq!(of("2026", "2026-03-14"), days(0, 72));
        assert_eq!(of("2026-04", "2026-03-14"), Some(TimeToCrime::Impossible));
        assert_eq!(of("", "2026-03-14"), None);
        let short = |sale, recovery| of(sale, recovery).and_then(TimeToCrime::short);
        assert_eq!(short("2024-03-15", "2026-03-14"), Some(true));
        assert_eq!(short("2023", "2026-06-14"), None);
        assert_eq!(short("2019", "2026-03-14"), Some(false));
    }
}
