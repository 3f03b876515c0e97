//! Reports from what the store holds.

use super::weigh::{Facts, Weigher};
use super::{Failed, Outcome, Progress};
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, CasingRecord, Digest, MarkId};
use crate::prepare::PreparedMark;
use crate::report::{
    BatchSummary, Candidate, CasingEntry, CasingReport, Counts, Failure, Findings, Format, Gallery,
    GroupEntry, Header, LaboratoryConfig, Language, LinkEntry, Report, ScanFacts, Side, write_all,
};
use crate::store::{ComparisonRow, Linking, MarkRow, ScanRow, Snapshot, Store};
use crate::weigh::Population;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Candidates shown in a casing's report.
const SHOWN: usize = 20;
/// Prepared marks kept in memory while reports are made.
const KEPT: usize = 256;

/// What the reports should look like.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// Language of the text.
    pub language: Language,
    /// The laboratory's particulars.
    pub laboratory: LaboratoryConfig,
    /// A reference population to weigh by, before those in the store.
    pub population: Option<Population>,
    /// A page on how good its likelihood ratios are, to be linked; it lies in
    /// the reports' folder.
    pub validation: Option<String>,
    /// Day of issue, ISO 8601.
    pub issued: String,
}

/// What is looked up again and again.
struct Context<'a> {
    snapshot: &'a Snapshot,
    recipe: Digest,
    options: &'a ReportOptions,
    casings: BTreeMap<CasingId, CasingRecord>,
    scans: BTreeMap<Digest, ScanRow>,
    marks: BTreeMap<MarkId, MarkRow>,
    linking: Linking,
    group_of: BTreeMap<CasingId, String>,
    received: Option<String>,
    performed: Option<String>,
    kept: Mutex<BTreeMap<MarkId, Arc<PreparedMark>>>,
    weigher: Weigher,
}

/// Writes one report a casing and the batch summary `index` into `dir`, as
/// HTML, JSON and CSV; returns the index page. `outcome` is what the run did
/// so far. Casings are worked on in parallel and written as they are done.
///
/// # Errors
/// Where the store cannot be read or the folder not be written.
pub fn report(
    store: &Store,
    recipe: &Digest,
    dir: &Path,
    options: &ReportOptions,
    outcome: &Outcome,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let snapshot = store.snapshot()?;
    let context = Context::new(&snapshot, *recipe, options)?;
    let with_marks: BTreeSet<&CasingId> = context.marks.values().map(|m| &m.casing).collect();
    progress.begin("report", with_marks.len() as u64);
    with_marks.par_iter().try_for_each(|casing| {
        let report = Report::Casing(context.casing_report(casing)?);
        write_all(dir, &report, options.language, Format::ALL)?;
        progress.advance(1);
        Ok::<(), Error>(())
    })?;
    progress.end();
    context.weigher.refusals().iter().for_each(|refusal| progress.note(refusal));
    let summary = Report::Batch(context.summary(outcome, &with_marks)?);
    write_all(dir, &summary, options.language, Format::ALL)?;
    Ok(dir.join("index.html"))
}

impl<'a> Context<'a> {
    fn new(snapshot: &'a Snapshot, recipe: Digest, options: &'a ReportOptions) -> Result<Self> {
        let linking = snapshot.linking()?.unwrap_or_default();
        let group_of = linking.groups.iter().map(|g| (g.casing.clone(), g.group.clone())).collect();
        // The days of the first and the last entry in the ledger: receipt of
        // the first item and the last comparison.
        let day = |when: &str| when.split('T').next().unwrap_or_default().to_owned();
        let ledger = snapshot.ledger();
        Ok(Self {
            snapshot,
            recipe,
            options,
            casings: snapshot.casings()?.into_iter().map(|c| (c.id.clone(), c)).collect(),
            scans: snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect(),
            marks: snapshot
                .marks()?
                .into_iter()
                .filter(|m| m.recipe == recipe)
                .map(|m| (m.id.clone(), m))
                .collect(),
            linking,
            group_of,
            received: ledger.first().map(|e| day(&e.when)),
            performed: ledger.last().map(|e| day(&e.when)),
            kept: Mutex::default(),
            weigher: Weigher::new(snapshot, options.population.as_ref())?,
        })
    }

    fn header(&self, report_id: String) -> Header {
        let mut header = Header::new(report_id, self.recipe, self.options.laboratory.clone());
        header.received.clone_from(&self.received);
        header.performed.clone_from(&self.performed);
        header.issued = Some(self.options.issued.clone());
        header.ledger_head = Some(self.snapshot.head());
        header
    }

    /// A report's identity: of this casing in this state of the store.
    fn report_id(&self, subject: &str) -> String {
        let text = format!("{subject}\n{}\n{}", self.snapshot.head(), self.options.issued);
        format!("BL-{}", Digest::of(text.as_bytes()).short())
    }

    fn casing_report(&self, casing: &CasingId) -> Result<CasingReport> {
        let own = self.marks.values().filter(|m| m.casing == *casing);
        let findings = own.map(|mark| self.findings(mark)).collect::<Result<_>>()?;
        let header = self.header(self.report_id(casing.as_str()));
        Ok(CasingReport { header, findings, failures: Vec::new() })
    }

    /// The ranked candidates of one mark: the best mark of each other casing.
    fn findings(&self, mark: &MarkRow) -> Result<Findings> {
        let mut best: BTreeMap<&CasingId, (ComparisonRow, &MarkRow)> = BTreeMap::new();
        for row in self.snapshot.comparisons_of(&mark.id)? {
            if row.recipe != self.recipe {
                continue;
            }
            let other = if row.a == mark.id { &row.b } else { &row.a };
            let Some(other) = self.marks.get(other) else { continue };
            if best.get(&other.casing).is_none_or(|(known, _)| row.score > known.score) {
                best.insert(&other.casing, (row, other));
            }
        }
        let compared = best.len() as u64;
        let mut ranked: Vec<_> = best.into_values().collect();
        ranked.sort_by(|x, y| y.0.score.total_cmp(&x.0.score).then(x.1.casing.cmp(&y.1.casing)));
        let candidates = (1..)
            .zip(ranked.into_iter().take(SHOWN))
            .map(|(rank, (row, other))| {
                let mut candidate = self.candidate(rank, mark, &row, other)?;
                candidate.weight =
                    self.weigher.weight([self.facts(mark), self.facts(other)], &row, compared);
                Ok(candidate)
            })
            .collect::<Result<_>>()?;
        let alike = |m: &&MarkRow| {
            m.kind == mark.kind && m.modality == mark.modality && m.casing != mark.casing
        };
        let population: BTreeSet<&CasingId> =
            self.marks.values().filter(alike).map(|m| &m.casing).collect();
        let gallery = Gallery { casings: population.len() as u64, compared, filters: Vec::new() };
        Ok(Findings { questioned: self.side(mark)?, gallery, candidates })
    }

    fn candidate(
        &self,
        rank: u32,
        mark: &MarkRow,
        row: &ComparisonRow,
        other: &MarkRow,
    ) -> Result<Candidate> {
        let missing = || {
            Error::new(Kind::Store, format!("the comparison of {} and {} is gone", row.a, row.b))
                .advise("run `brasslink store check`")
        };
        let (found, cells) = self.snapshot.comparison(&row.a, &row.b)?.ok_or_else(missing)?;
        let forwards = found.a == mark.id;
        let comparison = found.with_cells(cells);
        let comparison = if forwards { comparison } else { comparison.reversed() };
        let group = self.group_of.get(&other.casing).cloned();
        Ok(Candidate { rank, side: self.side(other)?, comparison, group, weight: None })
    }

    /// What decides which population a mark belongs to.
    fn facts<'m>(&'m self, mark: &'m MarkRow) -> Facts<'m> {
        Facts { mark, scan: self.scans.get(&mark.scan), casing: self.casings.get(&mark.casing) }
    }

    fn side(&self, mark: &MarkRow) -> Result<Side> {
        let gone = |what: &str| {
            Error::new(Kind::Store, format!("{what} of mark {} is not in the store", mark.id))
                .advise("run `brasslink store check`")
        };
        let casing = self.casings.get(&mark.casing).ok_or_else(|| gone("the casing"))?;
        let scan = self.scans.get(&mark.scan).ok_or_else(|| gone("the scan"))?;
        let facts = ScanFacts {
            file: scan.file_name.clone(),
            sha256: scan.sha256,
            format: scan.format,
            bytes: scan.bytes,
            width_px: scan.nx as usize,
            height_px: scan.ny as usize,
            pitch_x_um: scan.pitch_x.um(),
            pitch_y_um: scan.pitch_y.um(),
            instrument: scan.instrument.clone(),
            acquired: scan.acquired.clone(),
            warnings: scan.warnings.clone(),
        };
        Ok(Side::new(casing.clone(), facts, self.prepared(&mark.id)?))
    }

    /// A prepared mark, from memory if it was used before.
    fn prepared(&self, id: &MarkId) -> Result<Arc<PreparedMark>> {
        let lock = || self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(mark) = lock().get(id) {
            return Ok(mark.clone());
        }
        let mark = Arc::new(self.snapshot.mark(id)?);
        let mut kept = lock();
        if kept.len() >= KEPT {
            kept.pop_first();
        }
        kept.insert(id.clone(), mark.clone());
        Ok(mark)
    }

    fn summary(
        &self,
        outcome: &Outcome,
        with_report: &BTreeSet<&CasingId>,
    ) -> Result<BatchSummary> {
        let first: BTreeMap<_, _> = self
            .linking
            .shortlists
            .iter()
            .filter(|s| s.rank == 1)
            .map(|s| (&s.probe, (s.candidate.clone(), s.score)))
            .collect();
        let casings = self
            .casings
            .values()
            .map(|casing| CasingEntry {
                casing: casing.clone(),
                has_report: with_report.contains(&casing.id),
                first_candidate: first.get(&casing.id).map(|f| f.0.clone()),
                first_score: first.get(&casing.id).map(|f| f.1),
                group: self.group_of.get(&casing.id).cloned(),
            })
            .collect();
        Ok(BatchSummary {
            header: self.header(self.report_id("batch")),
            counts: Counts {
                rows: outcome.get("rows"),
                imported: outcome.get("imported"),
                known: outcome.get("known"),
                failed: outcome.get("failed"),
                pairs_compared: outcome.get("pairs_compared"),
                pairs_known: outcome.get("pairs_known"),
            },
            casings,
            groups: self.groups(),
            links: self.links()?,
            failures: outcome.failures.iter().map(failure).collect(),
            validation: self.options.validation.clone(),
        })
    }

    fn groups(&self) -> Vec<GroupEntry> {
        let mut groups: BTreeMap<&str, GroupEntry> = BTreeMap::new();
        for row in &self.linking.groups {
            let entry = groups.entry(&row.group).or_insert_with(|| GroupEntry {
                id: row.group.clone(),
                casings: Vec::new(),
                prototype: None,
                firearms: Vec::new(),
                scenes: Vec::new(),
            });
            entry.casings.push(row.casing.clone());
            if row.prototype {
                entry.prototype = Some(row.casing.clone());
            }
            if let Some(record) = self.casings.get(&row.casing) {
                entry.firearms.extend(record.firearm.clone());
                entry.scenes.extend(record.scene.as_ref().map(|s| s.id.clone()));
            }
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        for group in &mut groups {
            group.firearms.sort();
            group.firearms.dedup();
            group.scenes.sort();
            group.scenes.dedup();
        }
        groups.sort_by(|a, b| a.casings.cmp(&b.casings));
        groups
    }

    /// Proposed links, strongest first, with the comparison each rests on.
    fn links(&self) -> Result<Vec<LinkEntry>> {
        let mut best: BTreeMap<(&CasingId, &CasingId), ComparisonRow> = BTreeMap::new();
        let wanted: BTreeSet<(&CasingId, &CasingId)> =
            self.linking.links.iter().map(|l| (&l.a, &l.b)).collect();
        for row in self.snapshot.comparisons() {
            let row = row?;
            let (Some(a), Some(b)) = (self.marks.get(&row.a), self.marks.get(&row.b)) else {
                continue;
            };
            let (a, b) = (&a.casing, &b.casing);
            let key = (a.min(b), a.max(b));
            if wanted.contains(&key) && best.get(&key).is_none_or(|k| row.score > k.score) {
                best.insert(key, row);
            }
        }
        let mut links: Vec<LinkEntry> = best
            .into_iter()
            .filter_map(|((a, b), row)| {
                Some(LinkEntry {
                    a: a.clone(),
                    b: b.clone(),
                    kind: self.marks.get(&row.a)?.kind,
                    score: row.score,
                    cells: row.cells,
                    congruent_cells: row.congruent_cells,
                    group: self.group_of.get(a).cloned(),
                })
            })
            .collect();
        links.sort_by(|x, y| {
            y.score.total_cmp(&x.score).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b)))
        });
        Ok(links)
    }
}

fn failure(failed: &Failed) -> Failure {
    Failure {
        item: failed.file.clone(),
        line: failed.line,
        kind: failed.kind,
        what: failed.reason.clone(),
        advice: failed.advice.clone(),
    }
}
