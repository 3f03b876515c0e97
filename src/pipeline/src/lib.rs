//! The stages composed: a folder of scans becomes an evidence store, ranked
//! candidates, proposed links and reports.
//!
//! Nothing here prints, and a clock decides only when to commit. What could not be done is counted
//! and listed in an [`Outcome`], and the rest goes on.

mod acquisition;
mod clock;
mod conflicts;
mod correlate;
mod counted;
mod evaluate;
mod exclusions;
mod explain;
mod figures;
mod files;
mod gallery;
mod import;
mod leads;
mod letter;
mod link;
mod look_alikes;
mod memory;
mod mirrored;
mod own_scans;
mod pace;
mod prepare_again;
mod preview;
pub mod program;
mod received;
mod records;
mod rederive;
mod report;
mod requests;
mod review;
mod robust;
mod scale;
mod trace;
mod typesetter;
mod verification;
mod watch;
mod weigh;

pub use acquisition::{check_acquisitions, clear_acquisition, sameness};
pub use clock::{clock, progress_of_exhibits, set_clock};
pub use conflicts::conflicts;
pub use correlate::{
    Part, Shard, ShardPlan, ShardQuestion, SpreadSearch, Verify, correlate, verify_part,
};
pub use counted::Counted;
pub use evaluate::{Damage, Evaluation, EvaluationPlan, PairRow, evaluate};
pub use exclusions::{Exclusions, SearchLedger, search_ledger};
pub use explain::{Explained, explain_into};
pub use figures::{Figures, PublishedFigures, Separation};
pub use files::{Loaded, load, read, template_of};
pub use gallery::fill_gallery;
pub use import::{Importing, UnitAccount, UnitMaker, import};
pub use leads::{Fold, Lead, leads, newest_entry};
pub use letter::{LetterOrder, ReleasedLetter, letter, letters, note_letter, release_letter};
pub use link::link;
pub use look_alikes::look_alikes;
pub use mirrored::{MirroredFit, mirrored_fit};
pub use prepare_again::prepare_again;
pub use preview::{Moved, Preview, preview};
pub use records::{Source, import_records};
pub use rederive::rederive;
pub use report::{
    ISSUED, Issue, ReportOptions, ReportSelection, Wanted, issues_of, pair_findings, pair_heights,
    pair_scans, report,
};
pub use requests::{RequestFate, RequestOrder, RequestRow, enter_request, import_requests};
pub use review::{blind_packet, decide, decide_if, files, review, theirs};
pub use robust::{Swept, robustness, sweep};
pub use scale::{judged, linker};
pub use trace::{import_results, read_person, request_trace, sealed_person};
pub use typesetter::ChildTypesetter;
pub use verification::{hand_in, settle, verifications};
pub use watch::{keep_watch, watch_notices, watches};
pub use weigh::{keep_population, labelled_pairs};

use ::casework::WatchNotice;
use ::report::NewCasing;
use ::store::{Actor, Batch, CommitNote, FailureRow, RunRow, Writer};
use imaging::acquire::manifest::{Manifest, ManifestRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, SameAcquisition};
use types::message::{Message, say};

/// Told how far a stage is; called from many threads.
pub trait Progress: Sync {
    /// A stage of `total` steps begins.
    fn begin(&self, stage: &Message, total: u64);
    /// `steps` more are done.
    fn advance(&self, steps: u64);
    /// The stage is over.
    fn end(&self);
    /// Something a person may want to know.
    fn note(&self, text: &Message);
    /// So many more of these are stored for good, whatever happens next.
    fn kept(&self, _what: &'static str, _n: u64) {}
    /// Whether the person has had enough: what can end early then does.
    fn stopped(&self) -> bool {
        false
    }
}

/// A progress that tells nobody.
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: &Message, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
    fn note(&self, _: &Message) {}
}

/// Who runs what, when, for the ledger.
#[derive(Clone, Debug)]
pub struct Run {
    /// The person or service.
    pub who: String,
    /// When the run began (RFC 3339).
    pub started: String,
    /// The command line.
    pub command: String,
    /// Hash of the recipe in force.
    pub recipe: Digest,
    /// The clock, for what is committed in the course of the run (RFC 3339).
    pub now: fn() -> String,
}

/// Name and version of this program.
pub const SOFTWARE: &str = concat!("brasslink ", env!("CARGO_PKG_VERSION"));

impl Run {
    /// The run's identity: made of what it is, so that it needs no counter.
    pub fn id(&self) -> String {
        Digest::of(format!("{}\n{}\n{}", self.who, self.started, self.command).as_bytes()).short()
    }

    /// Takes the store's lock in this run's name. It is held for a commit, not
    /// for a stage: what the commit is made of is read, or read again, while
    /// it is held.
    fn writer<'a>(&self, store: &'a store::Store) -> Result<Writer<'a>> {
        store.writer(&Actor::here(self.who.clone()))
    }

    /// What the ledger will say of a commit of this run, made now.
    pub fn note(&self) -> CommitNote {
        CommitNote {
            who: self.who.clone(),
            when: (self.now)(),
            command: self.command.clone(),
            software: SOFTWARE.into(),
            recipe: Some(self.recipe),
        }
    }

    fn row(&self, outcome: &Outcome) -> RunRow {
        RunRow {
            id: self.id(),
            command: self.command.clone(),
            software: SOFTWARE.into(),
            recipe: self.recipe,
            started: self.started.clone(),
            finished: (self.now)(),
            counts: outcome.counts.iter().map(|(what, n)| (what.word().to_owned(), *n)).collect(),
        }
    }
}

types::coded!(mod reason: Message as reason and coded_reason);
types::coded!(mod advice: Option<Message> as advice and coded_advice);
types::coded!(mod warnings: Vec<Message> as warnings and coded_warnings);
types::coded!(mod cautions: Vec<Message> as cautions and coded_cautions);
types::coded!(mod scales: Vec<Message> as scales and coded_scales);

/// One item that could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The file or row.
    #[serde(with = "types::message::text")]
    pub file: Message,
    /// Line of the manifest, where it came from one.
    pub line: Option<u64>,
    /// The sort of failure, see [`Kind::code`].
    pub kind: Kind,
    /// What happened.
    #[serde(flatten, with = "reason")]
    pub reason: Message,
    /// What to do next.
    #[serde(flatten, with = "advice")]
    pub advice: Option<Message>,
}

impl Failed {
    /// What an error says of a file, or of a line of it.
    pub fn of(file: impl Into<String>, line: Option<u64>, error: &Error) -> Self {
        Self { line, ..Self::about(Message::foreign(file), error) }
    }

    /// What an error says of something that has a name in words.
    fn about(file: Message, error: &Error) -> Self {
        Self {
            file,
            line: None,
            kind: error.kind,
            reason: error.what.clone(),
            advice: error.advice.clone(),
        }
    }

    fn row(&self, run: &str) -> FailureRow {
        FailureRow {
            run: run.into(),
            file: self.file.to_string(),
            line: self.line.unwrap_or(0),
            kind: self.kind.code().into(),
            reason: self.reason.to_string(),
        }
    }
}

/// What a stage or a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// What was done, and how often.
    pub counts: BTreeMap<Counted, u64>,
    /// What could not be done.
    pub failures: Vec<Failed>,
    /// What was done but should be looked at.
    #[serde(flatten, with = "warnings")]
    pub warnings: Vec<Message>,
    /// What a person must look at before relying on what was done.
    #[serde(flatten, with = "cautions")]
    pub cautions: Vec<Message>,
    /// Casings of which a scan was imported.
    pub new_casings: BTreeSet<CasingId>,
    /// Casings that are new since the last index, with their best candidates.
    pub news: Vec<NewCasing>,
    /// New links that touch standing queries.
    pub watched: Vec<WatchNotice>,
    /// Casings newly found to be, it seems, one acquisition under two names.
    pub same_acquisition: Vec<SameAcquisition>,
    /// On what scales linking judged, in words.
    #[serde(flatten, with = "scales")]
    pub scales: Vec<Message>,
}

impl Outcome {
    fn count(&mut self, what: Counted, n: u64) {
        *self.counts.entry(what).or_default() += n;
    }

    /// How many of these were counted.
    pub fn get(&self, what: Counted) -> u64 {
        self.counts.get(&what).copied().unwrap_or(0)
    }

    /// Whether nothing was imported, compared or linked anew, and nothing
    /// failed.
    fn is_idle(&self) -> bool {
        let changed = [Counted::Imported, Counted::PairsCompared, Counted::LinkingChanged];
        changed.iter().all(|c| self.get(*c) == 0) && self.failures.is_empty()
    }

    /// Adds what a later stage did.
    pub fn absorb(&mut self, later: Self) {
        for (what, n) in later.counts {
            self.count(what, n);
        }
        self.failures.extend(later.failures);
        self.warnings.extend(later.warnings);
        self.cautions.extend(later.cautions);
        self.new_casings.extend(later.new_casings);
        self.news.extend(later.news);
        self.watched.extend(later.watched);
        self.same_acquisition.extend(later.same_acquisition);
        self.scales.extend(later.scales);
    }
}

/// The identity of a mark: the same input always has the same one.
fn mark_id(scan: &Digest, kind: MarkKind, recipe: &Digest) -> Result<MarkId> {
    MarkId::new(format!("{}-{kind}-{}", scan.short(), recipe.short()))
}

/// The name by which a manifest row's file is known in lists and reports.
fn shown(row: &ManifestRow) -> String {
    row.file.display().to_string()
}

/// The rows of a manifest that cannot be used, as failures.
fn unusable_rows(manifest: &Manifest) -> Vec<Failed> {
    manifest
        .problems
        .iter()
        .map(|p| Failed {
            file: match p.column {
                Some(column) => say!("manifest, column {column}"),
                None => say!("manifest"),
            },
            line: Some(p.line),
            kind: Kind::BadInput,
            reason: p.what.clone(),
            advice: p.advice.clone(),
        })
        .collect()
}

/// Commits a batch that holds anything.
fn commit(writer: &mut Writer, batch: Batch, run: &Run) -> Result<()> {
    if !batch.is_empty() {
        tracing::info_span!("commit").in_scope(|| writer.commit(batch, &run.note()))?;
    }
    Ok(())
}

/// The body of a record.
fn json(record: &impl Serialize) -> Result<String> {
    serde_json::to_string(record)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))
}
