//! Dates known in part, and moments.

use crate::error::{Error, Kind, Result};
use crate::message::say;
use jiff::civil::Date;
use jiff::{Timestamp, Unit, tz};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// When something happened, as far as it is known: a day, a month, a year, or
/// any run of days. Not known at all is `Option::None`.
///
/// Written as in ISO 8601: `2026-03-14`, `2026-03`, `2026`, and for a range
/// `2026-03-14/2026-04-02`, either end of which may be a month or a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PartialDate {
    first: Date,
    last: Date,
}

impl PartialDate {
    /// Some day from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it would end before it begins.
    pub fn new(first: Date, last: Date) -> Result<Self> {
        if first <= last {
            return Ok(Self { first, last });
        }
        let what = say!("a date from {first} to {last} ends before it begins");
        Err(Error::new(Kind::BadInput, what).advise(say!("write the earlier day first")))
    }

    /// The first day that it may be.
    pub const fn first(self) -> Date {
        self.first
    }

    /// The last day that it may be.
    pub const fn last(self) -> Date {
        self.last
    }

    /// The day, where it is known to the day.
    pub fn day(self) -> Option<Date> {
        (self.first == self.last).then_some(self.first)
    }

    /// Whether this was certainly before the other; `None` where what is known
    /// allows either, or the same day.
    pub fn before(self, other: Self) -> Option<bool> {
        match (self.last < other.first, other.last < self.first) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// The fewest and the most days that may lie from this to `later`;
    /// negative where `later` may have been first.
    pub fn days_until(self, later: Self) -> (i32, i32) {
        (days(self.last, later.first), days(self.first, later.last))
    }

    /// Whether some day is common to both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Days from one to another.
fn days(from: Date, to: Date) -> i32 {
    // Of two civil dates in whole days, which jiff's range always allows.
    from.until((Unit::Day, to)).map_or(0, |span| span.get_days())
}

impl From<Date> for PartialDate {
    fn from(day: Date) -> Self {
        Self { first: day, last: day }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = *self;
        let whole_months = first.day() == 1 && last == last.last_of_month();
        let one_year = first.year() == last.year();
        if first == last {
            write!(f, "{first}")
        } else if whole_months && one_year && first.month() == last.month() {
            write!(f, "{:04}-{:02}", first.year(), first.month())
        } else if whole_months && one_year && first.month() == 1 && last.month() == 12 {
            write!(f, "{:04}", first.year())
        } else {
            write!(f, "{first}/{last}")
        }
    }
}

impl FromStr for PartialDate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('/') {
            None => span(text),
            Some((first, last)) => {
                let (first, last) = (span(first.trim())?, span(last.trim())?);
                Self::new(first.first, last.last)
            }
        }
    }
}

/// A day, a month or a year, exactly as long as it must be.
fn span(text: &str) -> Result<PartialDate> {
    let day = |text: &str| text.parse::<Date>().ok();
    let found = match text.len() {
        10 => day(text).map(PartialDate::from),
        7 => day(&format!("{text}-01"))
            .map(|first| PartialDate { first, last: first.last_of_month() }),
        4 => day(&format!("{text}-01-01"))
            .map(|first| PartialDate { first, last: first.last_of_year() }),
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(Kind::BadInput, say!("{text:?} is not a date")).advise(say!(
            "year-month-day such as 2026-03-14, a month 2026-03, a year 2026 or a range \
             2026-03-14/2026-04-02; leave it empty where unknown"
        ))
    })
}

impl TryFrom<String> for PartialDate {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

/// A moment as a register of evidence has it: to the second (RFC 3339), or
/// only the day. Days are taken to be those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Moment {
    /// Only the day is known.
    Day(Date),
    /// The very moment.
    Instant(Timestamp),
}

impl Moment {
    /// The earliest that it may have been.
    pub fn earliest(self) -> Timestamp {
        match self {
            Self::Instant(at) => at,
            // A date that RFC 3339 can write is one that jiff can place.
            Self::Day(day) => {
                day.to_zoned(tz::TimeZone::UTC).map_or(Timestamp::MIN, |at| at.timestamp())
            }
        }
    }

    /// Its day, in UTC.
    pub fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Instant(at) => at.to_zoned(tz::TimeZone::UTC).date(),
        }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let exact = |m: &Self| matches!(m, Self::Instant(_));
        (self.earliest(), exact(self)).cmp(&(other.earliest(), exact(other)))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(at) => at.fmt(f),
        }
    }
}

impl FromStr for Moment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let day = || text.parse().ok().filter(|_| text.len() == 10).map(Self::Day);
        day().or_else(|| text.parse().ok().map(Self::Instant)).ok_or_else(|| {
            Error::new(Kind::BadInput, say!("{text:?} is not a time")).advise(say!(
                "with its distance from UTC, such as 2026-03-14T09:30:00-06:00, or only the day"
            ))
        })
    }
}

impl TryFrom<String> for Moment {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_reads_as_it_was_written() {
        for text in ["2026-03-14", "2026-02", "2024-02", "2026", "2026-03-14/2026-04-02"] {
            assert_eq!(date(text).to_string(), text);
        }
        // What is known is the same, so it is written the same.
        assert_eq!(date("2026-03-01/2026-03-31"), date("2026-03"));
        assert_eq!(date("2025-11/2026-02").to_string(), "2025-11-01/2026-02-28");
        let wrong = ["", "26", "2026-3-4", "2026-13", "2026-02-30", "14.03.2026", "2026/2025"];
        for text in wrong {
            assert!(text.parse::<PartialDate>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn order_and_distance_say_only_what_is_known() {
        let (sale, theft) = (date("2025-03"), date("2025-03-20"));
        assert_eq!(sale.before(theft), None);
        assert_eq!(date("2024").before(sale), Some(true));
        assert_eq!(theft.before(date("2025-02")), Some(false));
        assert_eq!(sale.days_until(theft), (-11, 19));
        assert_eq!(date("2025-03-01").days_until(date("2026-03-01")), (365, 365));
        assert_eq!(date("2024").days_until(date("2025")), (1, 731 - 1));
    }

    #[test]
    fn moments_are_ordered_across_zones() {
        let order = ["2026-03-14", "2026-03-14T07:00:00-06:00", "2026-03-14T13:00:01Z"];
        let moments: Vec<Moment> = order.iter().map(|t| t.parse().unwrap()).collect();
        assert!(moments.is_sorted());
        assert_eq!(moments[1].to_string(), "2026-03-14T13:00:00Z");
        assert!("yesterday".parse::<Moment>().is_err());
        assert!("2026-03-14T07:00:00".parse::<Moment>().is_err());
    }
}
