//! Scans into the store: received, prepared, extracted.
//!
//! [`import`] does it in this process. [`Importing`] takes what others have
//! done in its place (`unit.rs`): who prepares, and how many of them there are,
//! changes nothing of what is stored.

mod known;
mod row;
mod unit;

pub use unit::{UnitAccount, UnitMaker};

use super::acquisition::same_values;
use super::look_alikes::look_alikes;
use super::memory::Memory;
use super::own_scans::OwnScans;
use super::pace::Pace;
use super::received::{News, Received};
use super::{Failed, Outcome, Progress, Run, commit, shown, unusable_rows};
use crate::Counted;
use imaging::acquire::manifest::{Manifest, ManifestRow};
use imaging::prepare::Recipe;
use known::{StoreContents, process};
use rayon::prelude::*;
use row::{Done, Found, New};
use store::{Batch, CASING, Store, TemplateRow};
use tracing::{info_span, warn};
use types::error::{Kind, Result};
use types::message::{Message, phrase, say};

/// Scans taken through the stages and committed at once, at first and at most:
/// no more than memory should hold.
const AT_ONCE: (usize, usize) = (4, 32);

/// Imports the rows of a manifest. Rows that fail are listed, the others go
/// on; rows whose file and mark are stored are counted as `known`. A row that
/// contradicts the record of its casing corrects it for `reason`, and fails
/// without one.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn import(
    store: &Store,
    manifest: &Manifest,
    recipe: &Recipe,
    reason: Option<&str>,
    run: &Run,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let stage = info_span!("import", rows = manifest.rows.len());
    let _in_stage = stage.enter();
    let mut importing = Importing::begin(store, manifest, recipe, reason, run)?;
    let memory = Memory::free_now();
    progress.begin(&say!("import"), manifest.rows.len() as u64);
    let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), manifest.rows.as_slice());
    while let Some(rows) = pace.next(&mut rest) {
        let agree = importing.agree(rows);
        let known = &importing.known;
        let done: Vec<Result<Done>> = rows
            .par_iter()
            .zip(agree)
            .map(|(row, agrees)| {
                let file = info_span!(parent: &stage, "file", file = %shown(row), line = row.line);
                let _in_file = file.enter();
                let done = agrees.and_then(|()| process(row, manifest, known, recipe, &memory));
                progress.advance(1);
                done
            })
            .collect();
        let scans = importing.take(store, rows, done)?;
        if scans > 0 {
            progress.kept(phrase!("scans"), scans);
        }
        pace.done();
    }
    progress.end();
    importing.finish(store)
}

/// An import as it goes on: what comes in is taken row by row in the order of
/// the manifest.
pub struct Importing {
    recipe: Recipe,
    reason: Option<String>,
    run: Run,
    outcome: Outcome,
    known: StoreContents,
    own: OwnScans,
    received: Received,
}

impl Importing {
    /// Begins: reads what the store holds, and lists the rows that cannot be
    /// used.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub fn begin(
        store: &Store,
        manifest: &Manifest,
        recipe: &Recipe,
        reason: Option<&str>,
        run: &Run,
    ) -> Result<Self> {
        let mut outcome = Outcome { warnings: manifest.warnings.clone(), ..Outcome::default() };
        outcome.count(Counted::Rows, (manifest.rows.len() + manifest.problems.len()) as u64);
        outcome.failures = unusable_rows(manifest);
        let snapshot = store.snapshot()?;
        outcome.cautions = look_alikes(manifest, Some(&snapshot))?;
        let mut older = Batch::default();
        let mut known = StoreContents::read(&snapshot, &mut older, run)?;
        let own = OwnScans::read(snapshot.clone(), &recipe.hash())?;
        let received = Received::read(snapshot, reason)?;
        if !older.is_empty() {
            commit(&mut run.writer(store)?, older, run)?;
            known.seq = store.snapshot()?.seq();
        }
        let (recipe, reason, run) = (*recipe, reason.map(str::to_owned), run.clone());
        Ok(Self { recipe, reason, run, outcome, known, own, received })
    }

    /// Whether each row agrees with the record of its casing.
    fn agree(&self, rows: &[ManifestRow]) -> Vec<Result<()>> {
        rows.iter().map(|row| self.received.news(&row.casing).map(|_| ())).collect()
    }

    /// Commits rows that were taken through the stages; how many scans are new.
    fn take(
        &mut self,
        store: &Store,
        rows: &[ManifestRow],
        mut done: Vec<Result<Done>>,
    ) -> Result<u64> {
        for (row, done) in rows.iter().zip(&mut done) {
            self.show_their_casing(row, done);
        }
        // Others may have written while these were prepared.
        let run = self.run.clone();
        let mut writer = run.writer(store)?;
        let now = store.snapshot()?;
        let (mut batch, mut corrections) = (Batch::default(), Batch::default());
        if now.seq() != self.known.seq {
            self.known = StoreContents::read(&now, &mut batch, &run)?;
            self.received = Received::read(now, self.reason.as_deref())?;
        }
        let recipe_json = self.recipe.json();
        for (row, done) in rows.iter().zip(done) {
            let done = done.and_then(|done| self.add(row, done, &mut batch, &mut corrections));
            if let Err(error) = done {
                self.failed(row, &error);
            }
        }
        for batch in [&mut batch, &mut corrections].into_iter().filter(|b| !b.is_empty()) {
            batch.add_recipe(recipe_json.clone());
        }
        let scans = batch.scans() as u64;
        commit(&mut writer, batch, &run)?;
        if !corrections.is_empty() {
            let reason = self.reason.as_deref().unwrap_or_default();
            writer.amend(corrections, &run.note(), reason)?;
        }
        let now = store.snapshot()?;
        self.known.seq = now.seq();
        self.own.committed(now);
        Ok(scans)
    }

    fn failed(&mut self, row: &ManifestRow, error: &types::error::Error) {
        warn!(file = %shown(row), line = row.line, %error, "failed");
        self.outcome.failures.push(Failed::of(shown(row), Some(row.line), error));
    }

    /// Ends: the failures and the account of the run go into the store.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn finish(self, store: &Store) -> Result<Outcome> {
        let Self { run, mut outcome, .. } = self;
        outcome.count(Counted::Failed, outcome.failures.len() as u64);
        let mut batch = Batch::default();
        for failure in &outcome.failures {
            batch.add_failure(failure.row(&run.id()));
        }
        if outcome.get(Counted::Imported) > 0 || !outcome.failures.is_empty() {
            batch.add_run(run.row(&outcome));
        }
        if !batch.is_empty() {
            commit(&mut run.writer(store)?, batch, &run)?;
        }
        Ok(outcome)
    }

    /// Refuses a row whose scan is unlike every other of its casing; with a
    /// reason it is taken, and told.
    fn show_their_casing(&mut self, row: &ManifestRow, done: &mut Result<Done>) {
        let Ok(Done::New(new)) = done else { return };
        let Ok(bytes) = &new.template else { return };
        let (kind, modality, _) = new.mark.sort();
        match self.own.admit(&row.casing.id, &new.id, kind, modality, bytes) {
            Ok(()) => {}
            Err(error) if self.reason.is_some() && error.kind == Kind::BadInput => {
                new.doubtful = true;
                self.outcome.cautions.push(say!("line {}: {}", row.line, error.what));
            }
            Err(error) => *done = Err(error),
        }
    }

    /// Puts a processed row, and what it tells of its casing, into a batch.
    fn add(
        &mut self,
        row: &ManifestRow,
        done: Done,
        batch: &mut Batch,
        corrections: &mut Batch,
    ) -> Result<()> {
        let doubtful = matches!(&done, Done::New(new) if new.doubtful);
        self.add_scan(row, done, if doubtful { corrections } else { batch })?;
        // Asked again: rows before may have told of the same casing.
        let News { record, corrects, outdated } = self.received.news(&row.casing)?;
        let about = |w: Message| say!("line {}: {w}", row.line);
        self.outcome.warnings.extend(outdated.into_iter().map(about));
        if let Some(body) = record {
            self.received.took(&row.casing.id, &body);
            let (batch, why) = match self.reason.as_deref().filter(|_| corrects) {
                Some(reason) => (corrections, reason),
                None => (batch, "manifest"),
            };
            batch.add_record(CASING, row.casing.id.as_str(), body, &self.run.who, why);
            self.outcome.count(Counted::RecordsCorrected, u64::from(corrects));
        }
        Ok(())
    }

    /// Puts a processed row into a batch and the counts.
    fn add_scan(&mut self, row: &ManifestRow, done: Done, batch: &mut Batch) -> Result<()> {
        let Self { known, outcome, run, .. } = self;
        let New { scan, surface, id, mark, template, .. } = match done {
            Done::New(new) => *new,
            Done::Stored(sha256) => {
                known.permits(row, &sha256)?;
                outcome.count(Counted::Known, 1);
                return Ok(());
            }
        };
        // Two rows of this very chunk may name the same file.
        known.permits(row, &scan.sha256)?;
        known.permits_surface(&surface)?;
        known.scans.insert(scan.sha256, row.casing.id.clone());
        if !known.marks.insert(id.clone()) {
            outcome.count(Counted::Known, 1);
            return Ok(());
        }
        let name = &scan.file_name;
        outcome.warnings.extend(scan.warnings.iter().map(|w| say!("{name}: {w}")));
        let own = (row.casing.id.clone(), scan.sha256);
        let twins = known.contents.add(own.clone(), surface, batch, run);
        same_values(&own, twins, batch, run, outcome)?;
        let (kind, modality, recipe) = mark.sort();
        let about = TemplateRow { mark: id.clone(), kind, modality, recipe };
        match mark {
            Found::Here(mark) => {
                batch.add_mark(id, row.casing.id.clone(), scan.sha256, mark);
                batch.add_scan(scan, &row.file);
            }
            Found::Delivered(mark, from) => {
                batch.add_delivered_mark(mark, &from);
                batch.add_delivered_scan(scan, &from);
            }
        }
        outcome.count(Counted::Imported, 1);
        outcome.new_casings.insert(row.casing.id.clone());
        match template {
            Ok(bytes) => batch.add_template(about, bytes),
            Err(error) => {
                outcome.count(Counted::Unusable, 1);
                outcome.failures.push(Failed::of(shown(row), Some(row.line), &error));
            }
        }
        Ok(())
    }
}
