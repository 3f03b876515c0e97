//! Reports from what the store holds.

mod case;
mod context;
mod decisions;
mod findings;
mod issue;
mod places;
mod summary;
mod theirs;

pub use issue::{ISSUED, Issue, is_current, issues_of};

use super::{Failed, Outcome, Progress, Run};
use crate::error::{Error, Kind, Result};
use crate::evidence::{CaseId, CasingId, Digest};
use crate::report::{
    BatchSummary, Format, LaboratoryConfig, Language, Paper, Report, Subject, Written, write_all,
};
use crate::store::Store;
use crate::weigh::Population;
use context::Context;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the reports should look like.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// Languages of the text; the first one's files lie in the folder itself,
    /// the others' in folders named after them.
    pub languages: Vec<Language>,
    /// Formats to write.
    pub formats: Vec<Format>,
    /// Paper of the PDF.
    pub paper: Paper,
    /// The laboratory's particulars.
    pub laboratory: LaboratoryConfig,
    /// A reference population to weigh by, before those in the store.
    pub population: Option<Population>,
    /// A page on how good its likelihood ratios are, to be linked; it lies in
    /// the reports' folder.
    pub validation: Option<String>,
    /// Day of issue, ISO 8601.
    pub issued: String,
    /// Whether the manifests' free-text notes, which may name people, are
    /// printed.
    pub notes: bool,
}

/// Which reports are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One a casing, one a proposed group, and the batch summary.
    Everything,
    /// Those of some casings.
    Casings(Vec<CasingId>),
    /// One comparison in depth.
    Pair(CasingId, CasingId),
    /// What ties a case to others.
    Case(CaseId),
    /// What ties a proposed group.
    Group(String),
    /// The batch summary alone.
    Batch,
}

/// Writes the reports that are `wanted` into `dir` and records their seals in
/// the store; returns the page to begin with. `outcome` is what the run did so
/// far, and is told where the seals could not be recorded. Casings are worked
/// on in parallel and written as they are done.
///
/// # Errors
/// Where the store cannot be read, the folder not be written, or something
/// wanted is not in the store.
pub fn report(
    store: &Store,
    run: &Run,
    dir: &Path,
    wanted: &Wanted,
    options: &ReportOptions,
    outcome: &mut Outcome,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let snapshot = store.snapshot()?;
    let context = Context::new(&snapshot, run.recipe, options)?;
    let with_marks: BTreeSet<&CasingId> = context.marks.values().map(|m| &m.casing).collect();
    let mut making =
        Making { store, run, dir, options, written: Vec::new(), recorded: 0, failed: None };
    let before = outcome.failures.len();
    match wanted {
        Wanted::Everything => {
            making.casings(&context, &with_marks, outcome, progress)?;
            for group in context.files.groups.keys() {
                let report = context.case_report(Subject::Group(group.clone()), &with_marks);
                making.one(group, report.map(Report::Case), outcome);
            }
            // Last, so that it names what failed.
            let summary = context.summary(outcome, &with_marks)?;
            making.one("index", Ok(Report::Batch(summary)), outcome);
        }
        Wanted::Casings(ids) => {
            if let Some(absent) = ids.iter().find(|id| !with_marks.contains(id)) {
                return Err(not_there("casing with a prepared mark", absent.as_str()));
            }
            making.casings(&context, &ids.iter().collect(), outcome, progress)?;
        }
        Wanted::Pair(a, b) => {
            let report = context.pair_report(a, b)?;
            making.one(&format!("{a} – {b}"), Ok(Report::Pair(report)), outcome);
        }
        Wanted::Case(id) => {
            let report = context.case_report(Subject::Case(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there("case", id.as_str()));
            }
            making.one(id.as_str(), Ok(Report::Case(report)), outcome);
        }
        Wanted::Group(id) => {
            let report = context.case_report(Subject::Group(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there("proposed group", id));
            }
            making.one(id, Ok(Report::Case(report)), outcome);
        }
        Wanted::Batch => {
            let summary = context.summary(outcome, &with_marks)?;
            making.one("index", Ok(Report::Batch(summary)), outcome);
        }
    }
    making.record(outcome)?;
    let Making { written, failed, .. } = making;
    if let Some(failed) = failed.filter(|_| written.is_empty()) {
        // Not a report that failed, but whatever they all need.
        outcome.failures.truncate(before);
        return Err(failed);
    }
    context.refusals().iter().for_each(|refusal| progress.note(refusal));
    let index = dir.join("index.html");
    let first =
        written.iter().map(|w| &w.path).find(|p| p.extension().is_some_and(|e| e == "html"));
    Ok(match first {
        Some(page) if !written.iter().any(|w| w.path == index) => page.clone(),
        Some(_) => index,
        None => written.first().map_or_else(|| dir.to_owned(), |w| w.path.clone()),
    })
}

/// Casings reported on before their seals are recorded.
const AT_ONCE: usize = 256;

/// Reports being written. One that fails fails alone: it counts as a failure,
/// and the others are made.
struct Making<'a> {
    store: &'a Store,
    run: &'a Run,
    dir: &'a Path,
    options: &'a ReportOptions,
    written: Vec<Written>,
    /// How many of them have their seals in the store.
    recorded: usize,
    /// Why the first of those that failed did.
    failed: Option<Error>,
}

/// The files of one report, and what became of the others.
type Made = (Vec<Written>, Vec<Error>);

impl Making<'_> {
    fn one(&mut self, name: &str, report: Result<Report>, outcome: &mut Outcome) {
        let made = report.map(|report| write(self.dir, &report, self.options));
        self.take(name, made.unwrap_or_else(|e| (Vec::new(), vec![e])), outcome);
    }

    fn take(&mut self, name: &str, (written, failed): Made, outcome: &mut Outcome) {
        self.written.extend(written);
        self.failed = self.failed.take().or_else(|| failed.first().cloned());
        let failed = failed.iter().map(|e| Failed::of(format!("report {name}"), None, e));
        outcome.failures.extend(failed);
    }

    fn casings(
        &mut self,
        context: &Context,
        casings: &BTreeSet<&CasingId>,
        outcome: &mut Outcome,
        progress: &dyn Progress,
    ) -> Result<()> {
        progress.begin("report", casings.len() as u64);
        let casings: Vec<&CasingId> = casings.iter().copied().collect();
        for some in casings.chunks(AT_ONCE) {
            let (dir, options) = (self.dir, self.options);
            let made: Vec<Made> = some
                .par_iter()
                .map(|casing| {
                    let report = context.casing_report(casing).map(Report::Casing);
                    let made = report.map(|report| write(dir, &report, options));
                    progress.advance(1);
                    made.unwrap_or_else(|e| (Vec::new(), vec![e]))
                })
                .collect();
            for (casing, made) in some.iter().zip(made) {
                self.take(casing.as_str(), made, outcome);
            }
            self.record(outcome)?;
        }
        progress.end();
        Ok(())
    }

    /// Records the seals of what was written since they last were.
    fn record(&mut self, outcome: &mut Outcome) -> Result<()> {
        let new = self.written.get(self.recorded..).unwrap_or_default();
        if !new.is_empty() {
            issue::record(self.store, self.run, self.options, new, outcome)?;
        }
        self.recorded = self.written.len();
        Ok(())
    }
}

/// Writes a report in every language and format; those that cannot be made are
/// told beside.
fn write(dir: &Path, report: &Report, options: &ReportOptions) -> Made {
    let (mut written, mut failed) = (Vec::new(), Vec::new());
    for (i, language) in options.languages.iter().enumerate() {
        let folder = if i == 0 { dir.to_owned() } else { dir.join(language.code()) };
        let look = crate::report::Look {
            language: *language,
            paper: options.paper,
            template: options.laboratory.template(),
        };
        let report = with_page_beside(report, &folder);
        for format in &options.formats {
            match write_all(&folder, &report, &look, std::slice::from_ref(format)) {
                Ok(files) => written.extend(files),
                Err(e) => failed.push(e),
            }
        }
    }
    (written, failed)
}

/// The report with a link to its validation that leads there from `folder`: to
/// the page in the same language, else to the one in the folder above.
fn with_page_beside<'r>(report: &'r Report, folder: &Path) -> Cow<'r, Report> {
    match report {
        Report::Batch(BatchSummary { validation: Some(page), .. })
            if !folder.join(page).is_file() =>
        {
            let mut report = report.clone();
            if let Report::Batch(summary) = &mut report {
                summary.validation = Some(format!("../{page}"));
            }
            Cow::Owned(report)
        }
        _ => Cow::Borrowed(report),
    }
}

fn not_there(what: &str, id: &str) -> Error {
    Error::new(Kind::NotFound, format!("the store has no {what} {id}"))
        .advise("see the index page of the reports for what there is")
}

/// Names a report's subject in this state of the store.
fn report_id(subject: &str, head: &Digest, issued: &str) -> String {
    format!("BL-{}", Digest::of(format!("{subject}\n{head}\n{issued}").as_bytes()).short())
}
