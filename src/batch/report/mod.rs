//! Reports from what the store holds.

mod case;
mod context;
mod decisions;
mod findings;
mod issue;
mod places;
mod summary;

pub use issue::{ISSUED, Issue, issues_of};

use super::{Outcome, Progress, Run};
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
    let mut written = Vec::new();
    let one = |report: Report| write(dir, &report, options);
    match wanted {
        Wanted::Everything => {
            written.extend(casing_reports(&context, &with_marks, dir, options, progress)?);
            for group in context.files.groups.keys() {
                let subject = Subject::Group(group.clone());
                let report = context.case_report(subject, &with_marks)?;
                written.extend(one(Report::Case(report))?);
            }
            written.extend(one(Report::Batch(context.summary(outcome, &with_marks)?))?);
        }
        Wanted::Casings(ids) => {
            if let Some(absent) = ids.iter().find(|id| !with_marks.contains(id)) {
                return Err(not_there("casing with a prepared mark", absent.as_str()));
            }
            written.extend(casing_reports(
                &context,
                &ids.iter().collect(),
                dir,
                options,
                progress,
            )?);
        }
        Wanted::Pair(a, b) => written.extend(one(Report::Pair(context.pair_report(a, b)?))?),
        Wanted::Case(id) => {
            let report = context.case_report(Subject::Case(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there("case", id.as_str()));
            }
            written.extend(one(Report::Case(report))?);
        }
        Wanted::Group(id) => {
            let report = context.case_report(Subject::Group(id.clone()), &with_marks)?;
            if report.casings.is_empty() {
                return Err(not_there("proposed group", id));
            }
            written.extend(one(Report::Case(report))?);
        }
        Wanted::Batch => {
            written.extend(one(Report::Batch(context.summary(outcome, &with_marks)?))?);
        }
    }
    context.refusals().iter().for_each(|refusal| progress.note(refusal));
    issue::record(store, run, options, &written, outcome)?;
    let index = dir.join("index.html");
    let first =
        written.iter().map(|w| &w.path).find(|p| p.extension().is_some_and(|e| e == "html"));
    Ok(match first {
        Some(page) if !written.iter().any(|w| w.path == index) => page.clone(),
        Some(_) => index,
        None => written.first().map_or_else(|| dir.to_owned(), |w| w.path.clone()),
    })
}

fn casing_reports(
    context: &Context,
    casings: &BTreeSet<&CasingId>,
    dir: &Path,
    options: &ReportOptions,
    progress: &dyn Progress,
) -> Result<Vec<Written>> {
    progress.begin("report", casings.len() as u64);
    let made: Vec<Vec<Written>> = casings
        .par_iter()
        .map(|casing| {
            let report = Report::Casing(context.casing_report(casing)?);
            let written = write(dir, &report, options)?;
            progress.advance(1);
            Ok(written)
        })
        .collect::<Result<_>>()?;
    progress.end();
    Ok(made.into_iter().flatten().collect())
}

fn write(dir: &Path, report: &Report, options: &ReportOptions) -> Result<Vec<Written>> {
    let mut written = Vec::new();
    for (i, language) in options.languages.iter().enumerate() {
        let folder = if i == 0 { dir.to_owned() } else { dir.join(language.code()) };
        let look = crate::report::Look {
            language: *language,
            paper: options.paper,
            template: options.laboratory.template(),
        };
        let report = with_page_beside(report, &folder);
        written.extend(write_all(&folder, &report, &look, &options.formats)?);
    }
    Ok(written)
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
