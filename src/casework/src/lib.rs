//! Casework about links: examiners' decisions and the hits between cases that
//! follow, which candidates a search left out and why, blind second review.
//!
//! The machine proposes candidates. A person makes one a *lead*, a *hit* (with
//! the specimens under a microscope), or eliminates it; [`Review`] is the sum
//! of what they said, in the order of the ledger.

mod acquisition;
mod blind;
mod calibre;
mod clock;
mod decision;
mod dossier;
mod exclusion;
mod graph;
mod history;
mod holidays;
mod letter;
mod register;
mod rules;
pub mod share;
mod theirs;
pub mod trace;
mod verification;
mod watch;

pub use acquisition::{Clearing, SAME_ACQUISITION, Suspicion, Suspicions};
pub use blind::{Answer, Item, Key, Packet, Reconciled, reconcile};
pub use calibre::calibre_family;
pub use clock::{CLOCK, Clock, ClockStep, Overdue, Progress, Stage, overdue};
pub use decision::{
    Conclusion, DECISION, Decided, Decision, Hit, Review, naming_view, same_person, views_named,
};
pub use dossier::{CaseFiles, CasingFile, Dossier, GroupFile, Subject};
pub use exclusion::{Excluded, Facts, SEARCH, Search, Searched, Sieve, ruled_out};
pub use graph::{Edge, Graph, Node, geojson};
pub use letter::{LETTER, LETTER_STEP, LetterStage, LetterStep, Releasable, releasable};
pub use register::{Disagreement, Register, understood, without_claims};
pub use rules::{Class, Partition, Reason, SearchRules};
pub use theirs::{TheirDecision, is_theirs, their_decisions};
pub use verification::{
    SETTLEMENT, Settlement, VERIFICATION, Verification, Verified, awaiting, disagreements,
};
pub use watch::{WATCH, WATCH_NOTICE, Watch, WatchNotice, Watched, notices};
