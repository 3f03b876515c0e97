//! Timeliness: how long an exhibit may wait for its next step.

use super::holidays::is_holiday;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use types::error::{Error, Kind, Result};
use types::evidence::{Country, Moment};
use types::message::{Message, say};

/// The kind of the record that holds a store's clock, and its identifier.
pub const CLOCK: &str = "clock";

/// What a laboratory allows itself. The defaults are those of NIBIN: entry
/// within two business days of receipt, a lead within 48 hours of entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clock {
    /// Whose holidays count (ISO 3166-1); those of MX and US are known.
    pub country: Option<Country>,
    /// The laboratory's distance from UTC in hours.
    pub utc_offset_hours: i8,
    /// Other days on which it is closed.
    pub holidays: BTreeSet<Date>,
    /// Business days from receipt to entry.
    pub entry_business_days: u16,
    /// Hours from entry to correlation.
    pub correlation_hours: u16,
    /// Hours from entry to the review of proposed links.
    pub review_hours: u16,
    /// Hours from a lead to the notice of it.
    pub notice_hours: u16,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            country: None,
            utc_offset_hours: 0,
            holidays: BTreeSet::new(),
            entry_business_days: 2,
            correlation_hours: 24,
            review_hours: 48,
            notice_hours: 24,
        }
    }
}

/// What happens to an exhibit, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStep {
    /// Its casings were scanned into the store.
    Entry,
    /// They were compared.
    Correlation,
    /// A person looked at the links proposed for them.
    Review,
    /// Whoever waits for a lead was told of it.
    Notice,
}

impl ClockStep {
    /// The step in words.
    pub fn words(self) -> Message {
        match self {
            Self::Entry => say!("entry"),
            Self::Correlation => say!("correlation"),
            Self::Review => say!("review"),
            Self::Notice => say!("notice"),
        }
    }
}

/// Where an exhibit (or a casing that is in none) stands. A step that is not
/// called for (no link to review, no lead to tell of) counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    /// The exhibit, or the casing.
    pub item: String,
    /// Receipt by the laboratory.
    pub received: Option<Moment>,
    /// When its last casing was entered.
    pub entered: Option<Timestamp>,
    /// When its last casing was first compared.
    pub correlated: Option<Timestamp>,
    /// Whether links are proposed for it.
    pub has_links: bool,
    /// When somebody first decided on one.
    pub reviewed: Option<Timestamp>,
    /// When one first became a lead or hit.
    pub lead: Option<Timestamp>,
    /// When that was first told.
    pub notified: Option<Timestamp>,
}

/// A step with its time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The step.
    pub step: ClockStep,
    /// Until when it should be done.
    pub due: Timestamp,
    /// When it was.
    pub done: Option<Timestamp>,
}

impl Stage {
    /// Whether it was done late, or is not done and late by `now`.
    pub fn late(&self, now: Timestamp) -> bool {
        self.done.unwrap_or(now) > self.due
    }
}

/// An exhibit whose next step is late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overdue {
    /// The exhibit, or the casing.
    pub item: String,
    /// The step that is late.
    pub step: ClockStep,
    /// When it was due.
    pub due: Timestamp,
}

impl Clock {
    /// A clock as a laboratory writes it (TOML).
    ///
    /// # Errors
    /// [`Kind::BadInput`] for what it does not know or cannot be.
    pub fn from_toml(text: &str) -> Result<Self> {
        let clock: Self = toml::from_str(text).map_err(|e| {
            Error::new(Kind::BadInput, say!("this is no clock: {}", e.message()))
                .advise(say!("see `brasslink clock show` for all settings"))
        })?;
        clock.zone()?;
        Ok(clock)
    }

    fn zone(&self) -> Result<TimeZone> {
        Offset::from_hours(self.utc_offset_hours).map(TimeZone::fixed).map_err(|_| {
            let what = say!("{} hours from UTC is nowhere", self.utc_offset_hours);
            Error::new(Kind::BadInput, what).advise(say!("give utc_offset_hours from -12 to 14"))
        })
    }

    /// Whether the laboratory works on a day.
    pub fn is_business_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let closed = self.country.is_some_and(|c| is_holiday(c.as_str(), day));
        !weekend && !closed && !self.holidays.contains(&day)
    }

    /// The end of the nth business day after a moment's day; none beyond what a
    /// calendar can hold.
    fn business_days_after(&self, moment: Moment, days: u16) -> Option<Timestamp> {
        let zone = self.zone().ok()?;
        let mut day = match moment {
            Moment::Day(day) => day,
            Moment::Instant(at) => at.to_zoned(zone.clone()).date(),
        };
        let mut left = days;
        while left > 0 {
            day = day.tomorrow().ok()?;
            left -= u16::from(self.is_business_day(day));
        }
        Some(day.tomorrow().ok()?.to_zoned(zone).ok()?.timestamp())
    }

    /// The steps that an exhibit has taken or must take, in order.
    pub fn stages(&self, p: &Progress) -> Vec<Stage> {
        let after = |start: Option<Timestamp>, hours: u16| {
            start?.checked_add(SignedDuration::from_hours(hours.into())).ok()
        };
        let entry =
            p.received.and_then(|at| self.business_days_after(at, self.entry_business_days));
        let review = after(p.entered, self.review_hours).filter(|_| p.has_links);
        [
            (ClockStep::Entry, entry, p.entered),
            (ClockStep::Correlation, after(p.entered, self.correlation_hours), p.correlated),
            (ClockStep::Review, review, p.reviewed),
            (ClockStep::Notice, after(p.lead, self.notice_hours), p.notified),
        ]
        .into_iter()
        .filter_map(|(step, due, done)| Some(Stage { step, due: due?, done }))
        .collect()
    }
}

/// The exhibits whose next step is late by `now`, longest overdue first.
pub fn overdue(items: &[Progress], clock: &Clock, now: Timestamp) -> Vec<Overdue> {
    let next = |p: &Progress| {
        let stage = clock.stages(p).into_iter().find(|s| s.done.is_none())?;
        let Stage { step, due, .. } = stage;
        stage.late(now).then(|| Overdue { item: p.item.clone(), step, due })
    };
    let mut late: Vec<Overdue> = items.iter().filter_map(next).collect();
    late.sort_by(|x, y| (x.due, &x.item).cmp(&(y.due, &y.item)));
    late
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn business_days_pass_over_weekends_and_holidays() {
        let clock = Clock::from_toml(
            "country = \"MX\"\nutc_offset_hours = -6\nholidays = [\"2026-09-18\"]",
        )
        .unwrap();
        let received =
            |text: &str| Progress { received: Some(text.parse().unwrap()), ..Progress::default() };
        let due = |text: &str| clock.stages(&received(text))[0].due;
        // A Friday: Monday and Tuesday count.
        assert_eq!(due("2026-09-11"), at("2026-09-16T06:00:00Z"));
        // 22:00 on Monday the 14th in the laboratory; the 16th and 18th are closed.
        assert_eq!(due("2026-09-15T04:00:00Z"), at("2026-09-18T06:00:00Z"));
        assert_eq!(due("2026-09-15T07:00:00Z"), at("2026-09-22T06:00:00Z"));
        assert!(Clock::from_toml("utc_offset_hours = 90").is_err());
        assert!(Clock::from_toml("entry_days = 3").is_err());
    }

    #[test]
    fn only_the_next_step_is_overdue_and_only_where_it_is_called_for() {
        let clock = Clock::default();
        let mut p = Progress {
            item: "E1".into(),
            received: Some("2026-03-02".parse().unwrap()),
            ..Progress::default()
        };
        let late = |p: &Progress, now: &str| {
            overdue(std::slice::from_ref(p), &clock, at(now)).pop().map(|o| o.step)
        };
        assert_eq!(late(&p, "2026-03-05T00:00:00Z"), None);
        assert_eq!(late(&p, "2026-03-05T00:00:01Z"), Some(ClockStep::Entry));
        p.entered = Some(at("2026-03-06T10:00:00Z"));
        assert_eq!(late(&p, "2026-03-07T09:00:00Z"), None, "late, but done");
        assert!(clock.stages(&p)[0].late(at("2026-03-07T09:00:00Z")));
        assert_eq!(late(&p, "2026-03-07T11:00:00Z"), Some(ClockStep::Correlation));
        p.correlated = Some(at("2026-03-06T11:00:00Z"));
        assert_eq!(late(&p, "2027-01-01T00:00:00Z"), None, "nothing was proposed");
        p.has_links = true;
        assert_eq!(late(&p, "2026-03-08T11:00:00Z"), Some(ClockStep::Review));
        p.reviewed = Some(at("2026-03-07T10:00:00Z"));
        assert_eq!(late(&p, "2027-01-01T00:00:00Z"), None, "no lead, no notice");
        p.lead = p.reviewed;
        assert_eq!(late(&p, "2026-03-08T11:00:00Z"), Some(ClockStep::Notice));
    }
}
