//! Where reports are issued: what is due is written, what it replaces is kept.

use super::context::Context;
use super::findings::Draft;
use super::issue::{Last, Made, record};
use super::{ReportOptions, with_page_beside};
use crate::Counted;
use crate::pace::Pace;
use crate::{Failed, Outcome, Progress, Run};
use rayon::prelude::*;
use report::{
    Format, Language, Look, Report, Written, file_name, file_stem, inspect, stem_of_casing,
    write_all,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest};
use types::message::{phrase, say};

/// Reports made and recorded at once, at first and at most.
const AT_ONCE: (usize, usize) = (4, 256);
/// The folder, within that of the reports, for issues that were replaced.
const REPLACED: &str = "replaced";

/// Reports being issued. One that fails fails alone: it counts as a failure,
/// and the others are made.
pub struct ReportIssuer<'a> {
    pub store: &'a Store,
    pub run: &'a Run,
    pub dir: &'a Path,
    pub options: &'a ReportOptions,
    /// The last ledger entry of the state that is described, and what was issued
    /// last about every subject.
    pub state: (u64, &'a BTreeMap<String, Last>),
    /// The first page written.
    pub first: Option<PathBuf>,
    /// Why the first of those that failed did.
    pub failed: Option<Error>,
}

impl ReportIssuer<'_> {
    /// Issues the reports of casings: those that are due, or all.
    pub fn casings(
        &mut self,
        context: &Context,
        casings: &BTreeSet<&CasingId>,
        all: bool,
        outcome: &mut Outcome,
        progress: &dyn Progress,
    ) -> Result<()> {
        let stage = tracing::Span::current();
        let drafts: Vec<Result<Option<(Draft, Digest)>>> = casings
            .par_iter()
            .map(|casing| {
                let draft = context.draft(casing)?;
                let content = context.content_of(&draft)?;
                let due = all || self.is_due(casing.as_str(), &stem_of_casing(casing), &content);
                Ok(due.then_some((draft, content)))
            })
            .collect();
        let mut due = Vec::new();
        for (casing, draft) in casings.iter().zip(drafts) {
            match draft {
                Ok(Some(draft)) => due.push(draft),
                Ok(None) => outcome.count(Counted::ReportsUnchanged, 1),
                Err(e) => self.fail(casing.as_str(), vec![e], outcome),
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        progress.begin(&say!("report"), due.len() as u64);
        let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), due.as_slice());
        while let Some(part) = pace.next(&mut rest) {
            let made: Vec<(Vec<Written>, Vec<Error>)> = part
                .par_iter()
                .map(|(draft, _)| {
                    let casing = draft.casing();
                    let span = tracing::info_span!(parent: &stage, "casing_report", %casing);
                    let _in_span = span.enter();
                    let report = context.casing_report(draft).map(Report::Casing);
                    let made = report.map(|report| self.write(&report));
                    progress.advance(1);
                    made.unwrap_or_else(|e| (Vec::new(), vec![e]))
                })
                .collect();
            let mut done = Vec::with_capacity(made.len());
            for ((draft, content), (written, failed)) in part.iter().zip(made) {
                // What is not whole is due again.
                let content = failed.is_empty().then_some(*content);
                self.fail(draft.casing().as_str(), failed, outcome);
                done.push(Made { subject: draft.casing().to_string(), content, written });
            }
            self.record(&done, outcome)?;
            progress.kept(phrase!("reports"), done.len() as u64);
            pace.done();
        }
        progress.end();
        Ok(())
    }

    /// Issues one report, if it is due or asked for.
    pub fn one(
        &mut self,
        name: &str,
        report: Result<Report>,
        asked: bool,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let report = match report {
            Ok(report) => report,
            Err(e) => {
                self.fail(name, vec![e], outcome);
                return Ok(());
            }
        };
        let subject = match &report {
            Report::Casing(r) => r.header.report_id.clone(),
            Report::Pair(r) => format!("{}\n{}", r.a.casing.id, r.b.casing.id),
            Report::Case(r) => format!("case\n{}", r.subject),
            Report::Batch(_) => "batch".into(),
        };
        let content = content(&report, self.options)?;
        if !asked && !self.is_due(&subject, &file_stem(&report), &content) {
            outcome.count(Counted::ReportsUnchanged, 1);
            return Ok(());
        }
        let (written, failed) = self.write(&report);
        let content = failed.is_empty().then_some(content);
        self.fail(name, failed, outcome);
        self.record(&[Made { subject, content, written }], outcome)
    }

    fn fail(&mut self, name: &str, failed: Vec<Error>, outcome: &mut Outcome) {
        self.failed = self.failed.take().or_else(|| failed.first().cloned());
        failed.iter().for_each(|error| tracing::warn!(report = name, %error, "failed"));
        let failed = failed.iter().map(|e| Failed::about(say!("report {name}"), e));
        outcome.failures.extend(failed);
    }

    /// Whether the last issue found something else, or is not in the folder.
    fn is_due(&self, subject: &str, stem: &str, content: &Digest) -> bool {
        let Some(last) = self.state.1.get(subject) else { return true };
        let there = self.folders().all(|(_, folder)| {
            self.options.formats.iter().all(|f| folder.join(file_name(stem, *f)).is_file())
        });
        last.issue.content != Some(*content) || !there
    }

    fn record(&mut self, made: &[Made], outcome: &mut Outcome) -> Result<()> {
        let issued = made.iter().filter(|m| !m.written.is_empty()).count();
        outcome.count(Counted::ReportsIssued, issued as u64);
        let mut pages = made.iter().flat_map(|m| &m.written).map(|w| &w.path);
        self.first = self.first.take().or_else(|| {
            let page = pages.clone().find(|p| p.extension().is_some_and(|e| e == "html"));
            page.or_else(|| pages.next()).cloned()
        });
        record(self.store, self.run, self.options, self.state, made, outcome)
    }

    /// The folder of each language.
    fn folders(&self) -> impl Iterator<Item = (Language, PathBuf)> {
        let folder = |(i, language): (usize, &Language)| {
            let own = if i == 0 { self.dir.to_owned() } else { self.dir.join(language.code()) };
            (*language, own)
        };
        self.options.languages.iter().enumerate().map(folder)
    }

    /// Writes a report in every language and format; those that cannot be made
    /// are told beside.
    fn write(&self, report: &Report) -> (Vec<Written>, Vec<Error>) {
        let (mut written, mut failed) = (Vec::new(), Vec::new());
        for (language, folder) in self.folders() {
            let look = Look {
                language,
                paper: self.options.paper,
                template: self.options.laboratory.template(),
                typesetter: self.options.typesetter.as_deref(),
            };
            let report = with_page_beside(report, &folder);
            for format in &self.options.formats {
                let made = keep_replaced(&folder, &report, *format).and_then(|()| {
                    write_all(&folder, &report, &look, std::slice::from_ref(format))
                });
                match made {
                    Ok(files) => written.extend(files),
                    Err(e) => failed.push(e),
                }
            }
        }
        (written, failed)
    }
}

/// Keeps the file of an earlier issue in a folder named after it.
fn keep_replaced(folder: &Path, report: &Report, format: Format) -> Result<()> {
    let name = file_name(&file_stem(report), format);
    let path = folder.join(&name);
    let Ok(bytes) = fs::read(&path) else { return Ok(()) };
    let Some(earlier) = inspect(&bytes).map(|i| i.report_id) else { return Ok(()) };
    if earlier == report.header().report_id {
        return Ok(());
    }
    let aside = folder.join(REPLACED).join(earlier);
    fs::create_dir_all(&aside).map_err(|e| Error::io(say!("making a folder"), &aside, &e))?;
    let to = aside.join(name);
    // A second name for the same file; the new issue takes the first one's place.
    let kept = fs::hard_link(&path, &to).or_else(|_| fs::copy(&path, &to).map(|_| ()));
    kept.map_err(|e| Error::io(say!("keeping an earlier report"), &to, &e))
}

/// Digest of what a case report, a pair report or the index finds.
fn content(report: &Report, options: &ReportOptions) -> Result<Digest> {
    let json = |e: serde_json::Error| {
        Error::new(Kind::Internal, say!("a report as JSON: {e}")).because(&e)
    };
    let mut value = serde_json::to_value(report).map_err(json)?;
    let state = ["header", "confidence", "distribution", "counts", "news", "new", "failures"];
    strip(&mut value, &state);
    let same = format!("{:?}", report.header().same_acquisition);
    Ok(Digest::of(format!("{}\n{same}\n{value}", options.content()).as_bytes()))
}

/// Takes fields out that tell of the store's state, wherever they stand, and the
/// codes of texts, which earlier versions did not write.
fn strip(value: &mut serde_json::Value, fields: &[&str]) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|key, _| !fields.contains(&key.as_str()) && !key.starts_with("coded_"));
            map.values_mut().for_each(|v| strip(v, fields));
        }
        serde_json::Value::Array(all) => all.iter_mut().for_each(|v| strip(v, fields)),
        _ => {}
    }
}
