//! Pair scores and examiners' decisions → groups of casings fired by one firearm.
//!
//! [`ScoreTable`] (sparse pair scores) + [`Casework`] (confirmations,
//! rejections, test fires) → [`Linker`] → [`Group`]s, [`ProposedLink`]s,
//! [`Contradiction`]s and [`Explanation`]s. No truth is used, and there is no
//! threshold to choose.
//!
//! # Method
//! 1. *Layout* (`effects`): different-source scores are fitted by a location, a
//!    scale, an effect of each casing (a well or badly marked one scores high
//!    or low against everything) and up to three factors for what firearms of
//!    one make or type have in common; a power transform (Box & Cox 1964) is
//!    chosen with it. What remains of a score is its statistic.
//! 2. *Partition* (`cut`): of all heights at which an average-linkage tree of
//!    the statistics can be cut, the one whose groups explain all scores best,
//!    same-source within and different-source between, where naming the groups
//!    is paid for. The different-source component has its own exponential
//!    upper tail (extreme-value theory, peaks over threshold: Pickands 1975,
//!    Coles 2001). 1 and 2 alternate from several starts; the best explanation
//!    is the model. It gives every pair a likelihood ratio that never falls
//!    with the score.
//! 3. *Groups* (`cluster`) are merged bottom-up by posterior odds: the *mean*
//!    log likelihood ratio over all pairs between two groups (average linkage,
//!    never single linkage: Tai & Eddy 2018 compare linkages on casings, Hubert
//!    1974 on the chaining of single linkage), discounted for the pairs'
//!    dependence, plus a prior on group sizes learnt from the population
//!    (Zanella et al. 2016).
//! 4. The bar for a merge keeps the expected share of wrong pairs among all
//!    proposed ones within [`Settings::false_discovery_rate`] (Newton et al.
//!    2004; Storey 2003), and never falls below [`Settings::least_posterior`].
//!
//! Large populations are fitted on a part of them (`fit`). Confirmations and
//! test fires unite groups whatever the scores say; rejections and different
//! firearms keep them apart, and win where facts contradict each other, which
//! is reported.
//!
//! # What follows from the population alone
//! Those steps see only how pairs differ *from each other*. In a population in
//! which nothing stands out (all casings from different firearms, or all from
//! one) they propose nothing, and of a handful of scores they say nothing.
//!
//! # On a known scale
//! [`Linker::of_marks`] judges a store's comparisons by the likelihood ratios of
//! a calibrated population, or by a [`Reference`] of what strangers and mates
//! score (`absolute`), with the store's own strangers blended in (`own`), under
//! a prior that does not depend on the number of casings. [`Scale`] says which.
//! [`Linker::of_scores`] adds to a complete table what casings have in common
//! with all others (`cohort`).
//!
//! # Order and identity
//! Groups and their ids are a function of the calibration, the scores and the
//! casework, not of the order in which they came. An id is made from the
//! casing of the group that was received first ([`Casework::received`]), so it
//! stays when later casings join; where two groups merge, the older id stays.
//! [`Linker::add`] and [`Linker::review`] keep the calibration and regroup only
//! what a change can reach; the result equals linking everything anew under
//! that calibration. A new [`Linker::new`] refits it.

mod absolute;
mod casework;
mod cluster;
mod cohort;
mod conflict;
mod cut;
mod distribution;
mod effects;
mod engine;
mod file;
mod fit;
mod group;
mod judge;
mod linker;
mod model;
mod own;
mod reference;
mod scale;
mod settings;
mod table;
mod union;

pub use casework::{Apart, Casework, Contradiction};
pub use conflict::{Bond, Conflict};
pub use file::{GroupsFile, read_scores};
pub use group::{Explanation, Group, Open, ProposedLink, Standing, Why};
pub use judge::{Compared, Yardsticks};
pub use linker::Linker;
pub use model::Calibration;
pub use own::{OwnScores, OwnStrangers};
pub use reference::{Mates, Reference, Strangers};
pub use scale::{Basis, Judged, Scale};
pub use settings::Settings;
pub use table::ScoreTable;
