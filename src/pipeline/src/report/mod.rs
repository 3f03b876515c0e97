//! Reports from what the store holds.

mod case;
mod context;
mod decisions;
mod desk;
mod findings;
mod issue;
mod news;
mod pair;
mod places;
mod summary;
mod theirs;

pub use decisions::kind_of;
pub use issue::{ISSUED, Issue, issues_of};
pub use pair::{Wanted, pair_findings, pair_heights, pair_scans};

use super::{Outcome, Progress, Run};
use crate::Counted;
use context::Context;
use desk::ReportIssuer;
use report::{
    BatchSummary, Format, LaboratoryConfig, Language, Paper, Report, Subject, Typesetter,
};
use statistics::weigh::Population;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, CasingId, Digest};
use types::message::{Message, say};

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
    /// What sets PDFs, where the formats name them.
    pub typesetter: Option<Arc<dyn Typesetter>>,
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
    /// Whether everything is issued again, changed or not.
    pub all: bool,
}

/// Which reports are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportSelection {
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

impl ReportOptions {
    /// What of the options shows in a report, for the digest of its content:
    /// one in another language or on other paper is another issue.
    fn content(&self) -> String {
        let population = self.population.as_ref().and_then(|p| p.digest().ok());
        let look = (&self.languages, self.paper);
        format!("{look:?}\n{:?}\n{population:?}\n{}", self.laboratory, self.notes)
    }
}

/// Writes the reports that are `wanted` into `dir` and records their seals in
/// the store; returns the page to begin with. Of everything, only what is due
/// is issued: what finds something else than its last issue did, or is not in
/// the folder. `outcome` is what the run did so far; it is told what is new, what
/// was issued, and where the seals could not be recorded. Casings are worked on
/// in parallel and written as they are done.
///
/// # Errors
/// Where the store cannot be read, the folder not be written, or something
/// wanted is not in the store.
pub fn report(
    store: &Store,
    run: &Run,
    dir: &Path,
    wanted: &ReportSelection,
    options: &ReportOptions,
    outcome: &mut Outcome,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let stage = tracing::info_span!("report");
    let _in_stage = stage.enter();
    let snapshot = store.snapshot()?;
    let context = Context::new(&snapshot, run.recipe, options)?;
    let with_marks: BTreeSet<&CasingId> = context.marks.values().map(|m| &m.casing).collect();
    let state = (snapshot.seq(), &context.last);
    let mut desk = ReportIssuer { store, run, dir, options, state, first: None, failed: None };
    let before = outcome.failures.len();
    match wanted {
        ReportSelection::Everything => {
            outcome.news = context.news()?;
            let all = options.all;
            desk.casings(&context, &with_marks, all, outcome, progress)?;
            for group in context.files.groups.keys() {
                let report = context.case_report(Subject::Group(group.clone()), &with_marks);
                desk.one(group, report.map(Report::Case), all, outcome)?;
            }
            // Last, so that it names what failed.
            let asked = all || outcome.get(Counted::ReportsIssued) > 0 || !outcome.is_idle();
            let summary = context.summary(outcome, &with_marks)?;
            desk.one("index", Ok(Report::Batch(summary)), asked, outcome)?;
        }
        ReportSelection::Casings(ids) => {
            if let Some(absent) = ids.iter().find(|id| !with_marks.contains(id)) {
                return Err(not_there(say!("casing with a prepared mark"), absent.as_str()));
            }
            desk.casings(&context, &ids.iter().collect(), true, outcome, progress)?;
        }
        ReportSelection::Pair(a, b) => {
            let report = context.pair_report(a, b)?;
            desk.one(&format!("{a} – {b}"), Ok(Report::Pair(report)), true, outcome)?;
        }
        ReportSelection::Case(id) => {
            let report = context.case_report(Subject::Case(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there(say!("case"), id.as_str()));
            }
            desk.one(id.as_str(), Ok(Report::Case(report)), true, outcome)?;
        }
        ReportSelection::Group(id) => {
            let report = context.case_report(Subject::Group(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there(say!("proposed group"), id));
            }
            desk.one(id, Ok(Report::Case(report)), true, outcome)?;
        }
        ReportSelection::Batch => {
            outcome.news = context.news()?;
            let summary = context.summary(outcome, &with_marks)?;
            desk.one("index", Ok(Report::Batch(summary)), true, outcome)?;
        }
    }
    let ReportIssuer { first, failed, .. } = desk;
    if let Some(failed) = failed.filter(|_| first.is_none()) {
        // Not a report that failed, but whatever they all need.
        outcome.failures.truncate(before);
        return Err(failed);
    }
    context.refusals().iter().for_each(|refusal| progress.note(refusal));
    let index = dir.join("index.html");
    Ok(match wanted {
        ReportSelection::Everything | ReportSelection::Batch if index.is_file() => index,
        _ => first.unwrap_or_else(|| dir.to_owned()),
    })
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

fn not_there(what: Message, id: &str) -> Error {
    Error::new(Kind::NotFound, say!("the store has no {what} {id}"))
        .advise(say!("see the index page of the reports for what there is"))
}

/// Names a report's subject in this state of the store.
fn report_id(subject: &str, head: &Digest, issued: &str) -> String {
    format!("BL-{}", Digest::of(format!("{subject}\n{head}\n{issued}").as_bytes()).short())
}
