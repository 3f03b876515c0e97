//! How well doubles are told, measured on requests of known origin.

use super::Doubles;
use types::evidence::TraceRequest;

/// How well doubles are told: of the requests in `again`, in the order of
/// `known`, and of those in `others`, which are about other firearms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoublesTold {
    /// Requests made again whose first one was pointed out as likely.
    pub found: usize,
    /// Requests made again.
    pub doubles: usize,
    /// Pairs of two firearms' requests that were pointed out as likely.
    pub wrong: usize,
}

impl DoublesTold {
    /// Counts what is pointed out.
    pub fn of(known: &[TraceRequest], again: &[TraceRequest], others: &[TraceRequest]) -> Self {
        let doubles = Doubles::among(known);
        let mut told = Self { doubles: again.len(), ..Self::default() };
        let every = again.iter().map(Some).zip(known).map(|(a, k)| (a, Some(&k.id)));
        for (new, meant) in every.chain(others.iter().map(|o| (Some(o), None))) {
            let Some(new) = new else { continue };
            for double in doubles.of(new).iter().filter(|d| d.likely) {
                match Some(&double.request) == meant {
                    true => told.found += 1,
                    false => told.wrong += 1,
                }
            }
        }
        told
    }

    /// Share of the requests made again that were found out.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.doubles.max(1) as f64
    }

    /// Share of the pairs pointed out that are one firearm's.
    pub fn precision(&self) -> f64 {
        self.found as f64 / (self.found + self.wrong).max(1) as f64
    }
}
