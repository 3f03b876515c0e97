//! How sure a proposed link must be.

use types::error::{Error, Kind, Result};
use types::message::say;

/// What the user may choose. A wrong link harms an innocent person and a
/// missed one can be found later; the defaults err accordingly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Expected share of wrong pairs among all proposed ones, above 0 and
    /// below ½. Where a population shows few sure links, each must be surer.
    pub false_discovery_rate: f64,
    /// Posterior probability that any single merge needs, ½ to below 1.
    pub least_posterior: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { false_discovery_rate: 0.01, least_posterior: 0.85 }
    }
}

impl Settings {
    pub(super) fn check(self) -> Result<Self> {
        let Self { false_discovery_rate: rate, least_posterior: least } = self;
        if rate > 0.0 && rate < 0.5 && (0.5..1.0).contains(&least) {
            return Ok(self);
        }
        let what = say!("false discovery rate {rate} or least posterior {least} is out of range");
        Err(Error::new(Kind::BadInput, what)
            .advise(say!("use a rate above 0 and below 0.5, a posterior from 0.5 to below 1")))
    }
}
