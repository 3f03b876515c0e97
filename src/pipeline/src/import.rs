//! Scans into the store: received, prepared, extracted.

use super::acquisition::{Contents, same_values};
use super::look_alikes::look_alikes;
use super::own_scans::OwnScans;
use super::pace::Pace;
use super::received::{News, Received};
use super::{
    Failed, Outcome, Progress, Run, commit, files::template_of, mark_id, memory::Memory, shown,
    unusable_rows,
};
use casework::{Disagreement, Register};
use imaging::acquire::manifest::{Manifest, ManifestRow};
use imaging::acquire::{ReadOptions, Setting};
use imaging::prepare::{Recipe, prepare};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::{Batch, CASING, ScanRow, Snapshot, Store, TemplateRow, Withheld};
use tracing::{info_span, warn};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId};
use types::files::open_file;
use types::mark::PreparedMark;

/// Scans taken through the stages and committed at once, at first and at most:
/// no more than memory should hold.
const AT_ONCE: (usize, usize) = (4, 32);

/// What was in the store before.
struct Known {
    /// The ledger entry up to which this is what the store holds.
    seq: u64,
    scans: BTreeMap<Digest, CasingId>,
    /// How each scan was read, and the instrument that its file names.
    read_as: BTreeMap<Digest, (Setting, Option<String>)>,
    marks: BTreeSet<MarkId>,
    /// Casings that are not taken in again.
    withheld: Vec<Withheld>,
    /// Agencies and events, with which manifests must agree.
    register: Register,
    /// What the scans measured.
    contents: Contents,
}

impl Known {
    fn read(snapshot: &Snapshot, batch: &mut Batch, run: &Run) -> Result<Self> {
        let scans = snapshot.scans()?;
        let read_as =
            scans.iter().map(|s| (s.sha256, (Setting::noted(&s.warnings), s.instrument.clone())));
        Ok(Self {
            seq: snapshot.seq(),
            read_as: read_as.collect(),
            scans: scans.into_iter().map(|s| (s.sha256, s.casing)).collect(),
            marks: snapshot.marks()?.into_iter().map(|m| m.id).collect(),
            withheld: snapshot.withheld().to_vec(),
            register: Register::of(&snapshot.records_of(&["agency", "event"])?)?,
            contents: Contents::read(snapshot, batch, run)?,
        })
    }

    /// Refuses what was sealed or expunged, contradicts the records or is the
    /// scan of another casing.
    fn permits(&self, row: &ManifestRow, scan: &Digest) -> Result<()> {
        let by_order = |w: &&Withheld| w.casing == row.casing.id.as_str() || w.scans.contains(scan);
        if let Some(withheld) = self.withheld.iter().find(by_order) {
            return Err(withheld.refusal());
        }
        agreed(row, &self.register)?;
        self.scans.get(scan).map_or(Ok(()), |casing| same_casing(casing, &row.casing.id))
    }
}

impl Known {
    /// Refuses a scan that was sealed or expunged and is packed anew.
    fn permits_surface(&self, surface: &Digest) -> Result<()> {
        let withheld = self.withheld.iter().find(|w| w.surfaces.contains(surface));
        withheld.map_or(Ok(()), |withheld| Err(withheld.refusal()))
    }
}

/// A row taken through the stages.
enum Done {
    /// The same file, with this digest, and mark are stored already.
    Stored(Digest),
    /// New; the mark may be unusable, and is then kept without a template.
    New(Box<New>),
}

struct New {
    /// What is kept of the scan; its points are not held until the commit.
    scan: ScanRow,
    /// What it measured.
    surface: Digest,
    id: MarkId,
    mark: PreparedMark,
    template: std::result::Result<Vec<u8>, Error>,
    /// Whether it is taken for a reason though it is unlike its casing's others.
    doubtful: bool,
}

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
    let mut outcome = Outcome { warnings: manifest.warnings.clone(), ..Outcome::default() };
    outcome.count("rows", (manifest.rows.len() + manifest.problems.len()) as u64);
    outcome.failures = unusable_rows(manifest);
    let snapshot = store.snapshot()?;
    outcome.cautions = look_alikes(manifest, Some(&snapshot))?;
    let mut older = Batch::default();
    let mut known = Known::read(&snapshot, &mut older, run)?;
    let mut own = OwnScans::read(snapshot.clone(), &recipe.hash())?;
    let mut received = Received::read(snapshot, reason)?;
    if !older.is_empty() {
        commit(&mut run.writer(store)?, older, run)?;
        known.seq = store.snapshot()?.seq();
    }
    let memory = Memory::free_now();
    progress.begin("import", manifest.rows.len() as u64);
    let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), manifest.rows.as_slice());
    while let Some(rows) = pace.next(&mut rest) {
        let agree: Vec<Result<()>> =
            rows.iter().map(|row| received.news(&row.casing).map(|_| ())).collect();
        let mut done: Vec<Result<Done>> = rows
            .par_iter()
            .zip(agree)
            .map(|(row, agrees)| {
                let file = info_span!(parent: &stage, "file", file = %shown(row), line = row.line);
                let _in_file = file.enter();
                let done = agrees.and_then(|()| process(row, manifest, &known, recipe, &memory));
                progress.advance(1);
                done
            })
            .collect();
        for (row, done) in rows.iter().zip(&mut done) {
            show_their_casing(row, done, &mut own, reason, &mut outcome);
        }
        // Others may have written while these were prepared.
        let mut writer = run.writer(store)?;
        let now = store.snapshot()?;
        let (mut batch, mut corrections) = (Batch::default(), Batch::default());
        if now.seq() != known.seq {
            known = Known::read(&now, &mut batch, run)?;
            received = Received::read(now, reason)?;
        }
        let recipe_json = recipe.json();
        for (row, done) in rows.iter().zip(done) {
            let done = done.and_then(|done| {
                let doubtful = matches!(&done, Done::New(new) if new.doubtful);
                let into = if doubtful { &mut corrections } else { &mut batch };
                add(row, done, &mut known, into, run, &mut outcome)?;
                // Asked again: rows before may have told of the same casing.
                let News { record, corrects, outdated } = received.news(&row.casing)?;
                let about = |w| format!("line {}: {w}", row.line);
                outcome.warnings.extend(outdated.into_iter().map(about));
                if let Some(body) = record {
                    received.took(&row.casing.id, &body);
                    let (batch, why) = match reason.filter(|_| corrects) {
                        Some(reason) => (&mut corrections, reason),
                        None => (&mut batch, "manifest"),
                    };
                    batch.add_record(CASING, row.casing.id.as_str(), body, &run.who, why);
                    outcome.count("records_corrected", u64::from(corrects));
                }
                Ok(())
            });
            match done {
                Ok(()) => {}
                Err(error) => {
                    warn!(file = %shown(row), line = row.line, %error, "failed");
                    outcome.failures.push(Failed::of(shown(row), Some(row.line), &error));
                }
            }
        }
        for batch in [&mut batch, &mut corrections].into_iter().filter(|b| !b.is_empty()) {
            batch.add_recipe(recipe_json.clone());
        }
        let scans = batch.scans() as u64;
        commit(&mut writer, batch, run)?;
        if !corrections.is_empty() {
            writer.amend(corrections, &run.note(), reason.unwrap_or_default())?;
        }
        let now = store.snapshot()?;
        known.seq = now.seq();
        own.committed(now);
        if scans > 0 {
            progress.kept("scans", scans);
        }
        pace.done();
    }
    progress.end();
    outcome.count("failed", outcome.failures.len() as u64);
    let mut batch = Batch::default();
    for failure in &outcome.failures {
        batch.add_failure(failure.row(&run.id()));
    }
    if outcome.get("imported") > 0 || !outcome.failures.is_empty() {
        batch.add_run(run.row(&outcome));
    }
    if !batch.is_empty() {
        commit(&mut run.writer(store)?, batch, run)?;
    }
    Ok(outcome)
}

/// Refuses a row whose scan is unlike every other of its casing; with a reason
/// it is taken, and told.
fn show_their_casing(
    row: &ManifestRow,
    done: &mut Result<Done>,
    own: &mut OwnScans,
    reason: Option<&str>,
    outcome: &mut Outcome,
) {
    let Ok(Done::New(new)) = done else { return };
    let Ok(bytes) = &new.template else { return };
    match own.admit(&row.casing.id, &new.id, bytes) {
        Ok(()) => {}
        Err(error) if reason.is_some() && error.kind == Kind::BadInput => {
            new.doubtful = true;
            outcome.cautions.push(format!("line {}: {}", row.line, error.what));
        }
        Err(error) => *done = Err(error),
    }
}

/// Takes one row through the stages, as far as the store does not hold it.
fn process(
    row: &ManifestRow,
    manifest: &Manifest,
    known: &Known,
    recipe: &Recipe,
    memory: &Memory,
) -> Result<Done> {
    let options = ReadOptions {
        pixel_size: row.pixel_size,
        setting: row.setting,
        profiles: Some(&manifest.profiles),
        instrument: row.instrument.as_deref(),
        ..ReadOptions::default()
    };
    // Hashing is much cheaper than reading, so a second run skips the rest.
    let sha256 = digest(&row.file, options.max_file_bytes)?;
    known.permits(row, &sha256)?;
    let id = mark_id(&sha256, row.mark_kind, &recipe.hash())?;
    if known.scans.contains_key(&sha256) {
        same_reading(known.read_as.get(&sha256), &options)?;
        if known.marks.contains(&id) {
            return Ok(Done::Stored(sha256));
        }
    }
    let (scan, _held) = info_span!("read").in_scope(|| memory.read_scan(&row.file, &options))?;
    let surface = scan.surface.digest();
    known.permits_surface(&surface)?;
    let mark = info_span!("prepare")
        .in_scope(|| prepare(&scan, row.mark_kind, recipe))
        .map_err(|e| after(&scan.warnings, e))?;
    let template = info_span!("extract").in_scope(|| template_of(&mark).map(|t| t.encode()));
    let name = row.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let scan = ScanRow::of(&scan, row.casing.id.clone(), row.light, name);
    Ok(Done::New(Box::new(New { scan, surface, id, mark, template, doubtful: false })))
}

/// Refuses a row that contradicts the record of its scene's event.
fn agreed(row: &ManifestRow, register: &Register) -> Result<()> {
    let Some(scene) = &row.casing.scene else { return Ok(()) };
    let Some(event) = register.events.get(&scene.id) else { return Ok(()) };
    register.disagreements(scene, event).into_iter().next().map_or(Ok(()), |clash| {
        let Disagreement { field, one, other } = clash;
        let what = format!("{field}: {one} here, {other} in the record of event {}", scene.id);
        Err(Error::new(Kind::BadInput, what).advise("correct one of them"))
    })
}

/// SHA-256 of a file, read in pieces.
fn digest(path: &Path, max_bytes: u64) -> Result<Digest> {
    use sha2::Digest as _;
    let io = |e: std::io::Error| Error::io("reading", path, &e);
    let mut file = open_file(path)?;
    if file.metadata().map_err(io)?.len() > max_bytes {
        // The reader words this better.
        return Err(Error::new(
            Kind::TooLarge,
            format!("the file is larger than {max_bytes} bytes"),
        )
        .advise("check that this is a scan"));
    }
    let mut hash = sha2::Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut piece).map_err(io)? {
            0 => break,
            n => hash.update(&piece[..n]),
        }
    }
    Ok(Digest(hash.finalize().into()))
}

/// Refuses to take a stored scan for one that lies otherwise: its marks and
/// comparisons stand.
fn same_reading(
    stored: Option<&(Setting, Option<String>)>,
    options: &ReadOptions<'_>,
) -> Result<()> {
    let Some((stored, instrument)) = stored else { return Ok(()) };
    let (stated, _) = options.setting_of(instrument.as_deref())?;
    if stated == *stored {
        return Ok(());
    }
    let shown = |setting: Setting| setting.note().unwrap_or_else(|| "read as it lies".into());
    let what =
        format!("the store holds this scan {}; here it is {}", shown(*stored), shown(stated));
    Err(Error::new(Kind::BadInput, what)
        .advise("correct the manifest or the profile of the instrument; if the store is wrong, expunge the scan and import it again"))
}

/// A failure, with what was odd about the file before it.
fn after(warnings: &[String], error: Error) -> Error {
    if warnings.is_empty() {
        return error;
    }
    let what = format!("{}; of the file: {}", error.what, warnings.join("; "));
    Error { what, ..error }
}

fn same_casing(stored: &CasingId, now: &CasingId) -> Result<()> {
    if stored == now {
        return Ok(());
    }
    Err(Error::new(Kind::BadInput, format!("the same file is already a scan of casing {stored}"))
        .advise("check which casing it shows; one file cannot show two"))
}

/// Puts a processed row into the batch and the counts.
fn add(
    row: &ManifestRow,
    done: Done,
    known: &mut Known,
    batch: &mut Batch,
    run: &Run,
    outcome: &mut Outcome,
) -> Result<()> {
    let New { scan, surface, id, mark, template, .. } = match done {
        Done::New(new) => *new,
        Done::Stored(sha256) => {
            known.permits(row, &sha256)?;
            outcome.count("known", 1);
            return Ok(());
        }
    };
    // Two rows of this very chunk may name the same file.
    known.permits(row, &scan.sha256)?;
    known.permits_surface(&surface)?;
    known.scans.insert(scan.sha256, row.casing.id.clone());
    if !known.marks.insert(id.clone()) {
        outcome.count("known", 1);
        return Ok(());
    }
    let name = &scan.file_name;
    outcome.warnings.extend(scan.warnings.iter().map(|w| format!("{name}: {w}")));
    let own = (row.casing.id.clone(), scan.sha256);
    let twins = known.contents.add(own.clone(), surface, batch, run);
    same_values(&own, twins, batch, run, outcome)?;
    let about = TemplateRow {
        mark: id.clone(),
        kind: mark.kind,
        modality: mark.modality,
        recipe: mark.recipe,
    };
    batch.add_mark(id, row.casing.id.clone(), scan.sha256, mark);
    batch.add_scan(scan, &row.file);
    outcome.count("imported", 1);
    outcome.new_casings.insert(row.casing.id.clone());
    match template {
        Ok(bytes) => batch.add_template(about, bytes),
        Err(error) => {
            outcome.count("unusable", 1);
            outcome.failures.push(Failed::of(shown(row), Some(row.line), &error));
        }
    }
    Ok(())
}
