//! The pages, and the one gate before them.

mod ask;
mod blind;
mod bundles;
mod decide;
mod entry;
mod frame;
mod gate;
mod letters;
mod notes;
mod office;
mod pair;
mod requests;
mod sharing;
mod table;
mod today;
mod traces;
mod worklist;

pub use ask::{Ask, Reply};
pub use bundles::ShareDesk;
pub use table::{Access, ROUTES, Route, Verb};

use crate::people::People;
use casework::{CaseFiles, Clock, Conclusion, Decided, Overdue, Verified, awaiting, overdue};
use jiff::Timestamp;
use pipeline::{Lead, Run};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Store;
use types::error::Result;
use types::evidence::{CasingId, Digest};

/// How long a decision waits for a batch that is committing beside it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The clock by which sessions are counted.
pub type SessionClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// What is called after every change of the store, in a person's name.
pub type Written = Arc<dyn Fn(&str) -> Result<()> + Send + Sync>;

/// What a station is made of.
#[derive(Clone)]
pub struct Settings {
    /// The evidence store.
    pub store: PathBuf,
    /// The people file.
    pub people: PathBuf,
    /// Hash of the recipe whose marks are shown.
    pub recipe: Digest,
    /// Which conclusions call for a blind second person.
    pub verify: BTreeSet<Conclusion>,
    /// Whether it is reached by TLS.
    pub secure: bool,
    /// The clock by which sessions are counted.
    pub clock: SessionClock,
    /// The clock of the ledger (RFC 3339, UTC, whole seconds).
    pub now: fn() -> String,
    /// Called after every change of the store, in a person's name.
    pub written: Written,
    /// What sharing takes, where this station does.
    pub sharing: Option<ShareDesk>,
}

/// The station.
#[derive(Clone)]
pub struct Station(Arc<Inner>);

impl std::ops::Deref for Station {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What all requests share.
pub struct Inner {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) people: People,
    /// Signs what is handed out before anybody has logged in.
    key: [u8; 32],
    /// Names blind items.
    blind: [u8; 32],
    view: Mutex<Option<Arc<View>>>,
    /// One decision after the other, so that a form handed in twice is seen.
    deciding: Mutex<()>,
    /// Few passwords are hashed at a time: each takes 19 MiB.
    hashing: tokio::sync::Semaphore,
}

/// The store as the lists need it, in one state.
pub(crate) struct View {
    pub seq: u64,
    pub files: CaseFiles,
    pub leads: Vec<Lead>,
    pub verified: Vec<Verified>,
    /// What came from this entry of the ledger on is new.
    pub newest: u64,
    progress: Vec<casework::Progress>,
    clock: Clock,
}

impl Station {
    /// Opens store and people file.
    ///
    /// # Errors
    /// Where one of them cannot be opened.
    pub fn open(settings: Settings) -> Result<Self> {
        let store = Store::open(&settings.store)?.patient(PATIENCE);
        let people = People::open(&settings.people)?;
        people.check()?;
        People::prepare();
        Ok(Self(Arc::new(Inner {
            key: rand::random(),
            blind: people.secret("blind")?,
            view: Mutex::default(),
            deciding: Mutex::default(),
            hashing: tokio::sync::Semaphore::new(2),
            store,
            people,
            settings,
        })))
    }
}

impl Inner {
    pub(crate) fn time(&self) -> Timestamp {
        (self.settings.clock)()
    }

    /// The store as it is now; made anew only when it has changed.
    pub(crate) fn view(&self) -> Result<Arc<View>> {
        let snapshot = self.store.snapshot()?;
        let mut kept = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = kept.as_ref().filter(|view| view.seq == snapshot.seq()) {
            return Ok(view.clone());
        }
        let files = pipeline::files(&snapshot)?;
        let view = Arc::new(View {
            seq: snapshot.seq(),
            leads: pipeline::leads(&snapshot, &files)?,
            verified: pipeline::verifications(&snapshot)?,
            newest: pipeline::newest_entry(snapshot.ledger()?.as_ref()),
            progress: pipeline::progress_of_exhibits(&snapshot)?,
            clock: pipeline::clock(&snapshot)?,
            files,
        });
        *kept = Some(view.clone());
        Ok(view)
    }

    /// A run of the pipeline in a person's name, as the ledger will know it.
    pub(crate) fn run(&self, who: &str, command: String) -> Run {
        let now = self.settings.now;
        let (recipe, started) = (self.settings.recipe, now());
        Run { who: who.to_owned(), started, command, recipe, now }
    }

    /// The decisions that wait for a second person.
    pub(crate) fn awaiting<'v>(&self, view: &'v View) -> Vec<&'v Decided> {
        awaiting(&view.files.review, &view.verified, &self.settings.verify)
    }

    /// Those that this person may look at blindly.
    pub(crate) fn queue<'v>(&self, view: &'v View, name: &str) -> Vec<&'v Decided> {
        let review = &view.files.review;
        let other = |d: &&Decided| !review.knows(name, &d.a, &d.b);
        self.awaiting(view).into_iter().filter(other).collect()
    }
}

impl View {
    /// What is late.
    pub fn overdue(&self, now: Timestamp) -> Vec<Overdue> {
        overdue(&self.progress, &self.clock, now)
    }

    /// What names the state of a pair's decisions, for a form that will be
    /// handed in later.
    pub fn state(&self, a: &CasingId, b: &CasingId) -> String {
        state(&self.files.review, a, b)
    }
}

/// As [`View::state`].
pub(crate) fn state(review: &casework::Review, a: &CasingId, b: &CasingId) -> String {
    let ids: Vec<&str> = review.history(a, b).iter().map(|d| d.id.as_str()).collect();
    Digest::of(ids.join("\n").as_bytes()).short()
}
