//! What is looked up again and again while reports are made.

use super::issue::{Last, evidence_head, last_issues};
use super::places::Places;
use super::{ReportOptions, report_id};
use crate::Exclusions;
use crate::conflicts::conflicts;
use crate::review::{review, theirs};
use crate::weigh::{Compared, Facts, Weigher};
use casework::trace::{Indicator, Traces, indicators};
use casework::{CaseFiles, GroupFile, Register, Suspicions};
use report::{
    Distribution, GroupEntry, LinkEntry, LinkWeight, PopulationSource, Replaced, ReportHeader,
    ScanFacts, Side, Tally, Weight,
};
use statistics::link::Conflict;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use store::{ComparisonRow, MarkRow, ScanRow, ShortlistRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, Digest, MarkId, MarkKind, Modality, owner};
use types::mark::PreparedMark;
use types::message::{Message, say};

/// Prepared marks kept in memory while reports are made.
const KEPT: usize = 256;
/// Known same-source pairs from which a distribution over known firearms is
/// preferred to one over proposed groups.
const ENOUGH_KNOWN: u64 = 20;

/// Two marks and their comparison.
#[derive(Clone, Copy)]
pub struct MarkPair<'a> {
    pub marks: [&'a MarkRow; 2],
    pub row: &'a ComparisonRow,
}

impl MarkPair<'_> {
    /// Whether another comparison of the same casings may be weighed with this
    /// one: of another mark, measured in the same way.
    pub fn adds(&self, other: &Self) -> bool {
        let [mine, theirs] = [self.marks[0], other.marks[0]];
        mine.kind != theirs.kind && mine.modality == theirs.modality
    }
}

/// What a report says of a stored scan.
pub fn scan_facts(scan: &ScanRow) -> ScanFacts {
    ScanFacts {
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
    }
}

/// The store as the reports need it.
pub struct Context<'a> {
    pub snapshot: &'a Snapshot,
    pub recipe: Digest,
    pub options: &'a ReportOptions,
    pub files: CaseFiles,
    /// Signs of trafficking in any of the traces.
    pub indicators: Vec<Indicator>,
    pub places: Places,
    pub scans: BTreeMap<Digest, ScanRow>,
    pub marks: BTreeMap<MarkId, MarkRow>,
    /// The first candidate of each casing, and its score.
    pub first: BTreeMap<CasingId, (CasingId, f64)>,
    distributions: BTreeMap<(MarkKind, Modality), Distribution>,
    /// The strongest comparison of each pair of casings in one group or link.
    best: BTreeMap<(CasingId, CasingId), ComparisonRow>,
    head: Digest,
    received: Option<String>,
    performed: Option<String>,
    kept: Mutex<BTreeMap<MarkId, Arc<PreparedMark>>>,
    weigher: Weigher,
    pub exclusions: Exclusions,
    /// What contradicts the scores.
    pub conflicts: Vec<Conflict>,
    /// Casings that look like one acquisition under two names.
    pub suspicions: Suspicions,
    /// The last issue about every subject.
    pub last: BTreeMap<String, Last>,
    /// The candidates of every casing, best first.
    pub shortlists: BTreeMap<CasingId, Vec<ShortlistRow>>,
}

impl<'a> Context<'a> {
    pub fn new(snapshot: &'a Snapshot, recipe: Digest, options: &'a ReportOptions) -> Result<Self> {
        let linking = snapshot.linking()?.unwrap_or_default();
        let mut shortlists: BTreeMap<CasingId, Vec<ShortlistRow>> = BTreeMap::new();
        for row in &linking.shortlists {
            shortlists.entry(row.probe.clone()).or_default().push(row.clone());
        }
        let mut files = CaseFiles::new(Register::read(snapshot)?, &linking, review(snapshot)?);
        files.theirs = theirs(snapshot)?;
        files.traces = Traces::read(snapshot)?;
        if !options.notes {
            files.register.casings.values_mut().for_each(|c| c.notes.clear());
        }
        // The days of the first and the last entry about evidence: receipt of
        // the first item and the last comparison.
        let day = |when: &str| when.split('T').next().unwrap_or_default().to_owned();
        let ledger = snapshot.ledger()?;
        let (head, last) = evidence_head(&ledger);
        let marks = snapshot.marks()?.into_iter().filter(|m| m.recipe == recipe);
        let mut this = Self {
            snapshot,
            recipe,
            options,
            places: Places::of(&files.register),
            indicators: indicators(&files.traces),
            files,
            scans: snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect(),
            marks: marks.map(|m| (m.id.clone(), m)).collect(),
            first: linking
                .shortlists
                .into_iter()
                .filter(|s| s.rank == 1)
                .map(|s| (s.probe, (s.candidate, s.score)))
                .collect(),
            distributions: BTreeMap::new(),
            best: BTreeMap::new(),
            head,
            received: ledger.entries.first().map(|e| day(&e.when)),
            performed: last.map(|e| day(&e.when)),
            kept: Mutex::default(),
            conflicts: conflicts(snapshot)?,
            exclusions: Exclusions::read(snapshot, &recipe)?,
            suspicions: Suspicions::read(snapshot)?,
            last: last_issues(snapshot)?,
            shortlists,
            weigher: Weigher::new(snapshot, options.population.as_ref())?,
        };
        this.survey()?;
        Ok(this)
    }

    /// One pass over all comparisons: how scores are distributed, and the best
    /// comparison of every pair that belongs together.
    fn survey(&mut self) -> Result<()> {
        let mut known: BTreeMap<(MarkKind, Modality), Tally> = BTreeMap::new();
        let mut grouped = known.clone();
        let mut best: BTreeMap<(CasingId, CasingId), ComparisonRow> = BTreeMap::new();
        for row in self.snapshot.comparisons() {
            let row = row?;
            let (Some(a), Some(b)) = (self.marks.get(&row.a), self.marks.get(&row.b)) else {
                continue;
            };
            let apart = a.casing == b.casing || self.suspicions.hold(&a.casing, &b.casing);
            if row.recipe != self.recipe || apart {
                continue;
            }
            let sort = (a.kind, a.modality);
            // What other agencies say they fired is not known here.
            let own = |m: &&MarkRow| owner(m.casing.as_str()).is_none();
            let firearm =
                |m: &MarkRow| self.casings().get(&Some(m).filter(own)?.casing)?.firearm.as_ref();
            if let (Some(x), Some(y)) = (firearm(a), firearm(b)) {
                known.entry(sort).or_default().add(row.score, x == y);
            }
            let group = |m: &MarkRow| Some(&self.files.group_of(&m.casing)?.id);
            let together = group(a).is_some() && group(a) == group(b);
            grouped.entry(sort).or_default().add(row.score, together);
            let (a, b) = (&a.casing, &b.casing);
            let key = (a.min(b).clone(), a.max(b).clone());
            if together && best.get(&key).is_none_or(|k| row.score > k.score) {
                best.insert(key, row);
            }
        }
        for (sort, tally) in grouped {
            let truth = known.get(&sort).filter(|t| t.has_both()).and_then(|t| {
                t.distribution(PopulationSource::KnownFirearms)
                    .filter(|d| d.same_pairs() >= ENOUGH_KNOWN)
            });
            let supposed = || {
                tally
                    .has_both()
                    .then(|| tally.distribution(PopulationSource::ProposedGroups))
                    .flatten()
            };
            if let Some(d) = truth.or_else(supposed) {
                self.distributions.insert(sort, d);
            }
        }
        self.best = best;
        Ok(())
    }

    /// The casings, each with all that is known of its scene.
    pub const fn casings(&self) -> &BTreeMap<CasingId, CasingRecord> {
        &self.files.register.casings
    }

    /// The header of a report that shows the casings `about`.
    pub fn header(&self, subject: &str, about: &dyn Fn(&CasingId) -> bool) -> ReportHeader {
        let id = report_id(subject, &self.head, &self.options.issued);
        let laboratory = &self.options.laboratory;
        let mut header = ReportHeader::new(id, self.recipe, laboratory.laboratory());
        header.received.clone_from(&self.received);
        header.performed.clone_from(&self.performed);
        header.issued = Some(self.options.issued.clone());
        header.ledger_head = Some(self.head);
        let own = laboratory.report.clone();
        header.customer = own.customer;
        header.authorised_by = own.authorised_by;
        header.deviations = own.deviations;
        header.amendments = own.amendments;
        header.limitations = own.limitations;
        header.same_acquisition = self.suspicions.touching(about);
        let replaced = self.last.get(subject).filter(|l| l.report_id != header.report_id);
        header.replaces = replaced
            .map(|l| Replaced { report_id: l.report_id.clone(), issued: l.issue.issued.clone() });
        header
    }

    pub fn distribution(&self, mark: &MarkRow) -> Option<Distribution> {
        self.distributions.get(&(mark.kind, mark.modality)).cloned()
    }

    /// The weight of a comparison of two casings in a gallery of so many, with
    /// those of their other marks.
    pub fn weight(&self, own: MarkPair, others: &[MarkPair], gallery: u64) -> Option<Weight> {
        let others: Vec<Compared> = others.iter().map(|other| self.compared(*other)).collect();
        self.weigher.weight(&self.compared(own), &others, gallery)
    }

    fn compared<'b>(&'b self, pair: MarkPair<'b>) -> Compared<'b> {
        let facts = |mark| Facts::of(mark, &self.scans, self.casings());
        Compared { sides: pair.marks.map(facts), row: pair.row }
    }

    /// Which comparisons were not weighed, and why.
    pub fn refusals(&self) -> Vec<Message> {
        self.weigher.refusals()
    }

    pub fn side(&self, mark: &MarkRow) -> Result<Side> {
        let gone = |what: Message| {
            Error::new(Kind::Store, say!("{what} of mark {} is not in the store", mark.id))
                .advise(say!("run `brasslink store verify`"))
        };
        let casing = self.casings().get(&mark.casing).ok_or_else(|| gone(say!("the casing")))?;
        let scan = self.scans.get(&mark.scan).ok_or_else(|| gone(say!("the scan")))?;
        Ok(Side::new(casing.clone(), scan_facts(scan), self.prepared(&mark.id)?))
    }

    /// A prepared mark, from memory if it was used before.
    pub fn prepared(&self, id: &MarkId) -> Result<Arc<PreparedMark>> {
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

    /// Every proposed group, by its first casing.
    pub fn groups(&self) -> Vec<GroupEntry> {
        let mut groups: Vec<_> = self.files.groups.values().map(|g| self.group(g)).collect();
        groups.sort_by(|a, b| a.casings.cmp(&b.casings));
        groups
    }

    /// A group with the firearms and scenes of its casings.
    pub fn group(&self, group: &GroupFile) -> GroupEntry {
        let records = || group.casings.iter().filter_map(|c| self.casings().get(c));
        let firearms: BTreeSet<_> = records().filter_map(|r| r.firearm.clone()).collect();
        let scenes: BTreeSet<_> =
            records().filter_map(|r| Some(r.scene.as_ref()?.id.clone())).collect();
        GroupEntry {
            id: group.id.clone(),
            casings: group.casings.clone(),
            confidence: group.confidence,
            prototype: group.prototype.clone(),
            firearms: firearms.into_iter().collect(),
            scenes: scenes.into_iter().collect(),
        }
    }

    /// Pairs within a group that `wanted` takes, strongest first, each with
    /// the comparison it rests on.
    pub fn links(&self, wanted: &dyn Fn(&CasingId, &CasingId) -> bool) -> Vec<LinkEntry> {
        let mut links: Vec<LinkEntry> = self
            .best
            .iter()
            .filter(|((a, b), _)| wanted(a, b))
            .filter_map(|((a, b), row)| {
                let (mark_a, mark_b) = (self.marks.get(&row.a)?, self.marks.get(&row.b)?);
                Some(LinkEntry {
                    a: a.clone(),
                    b: b.clone(),
                    kind: mark_a.kind,
                    score: row.score,
                    cells: row.cells,
                    congruent_cells: row.congruent_cells,
                    weight: self
                        .weight(MarkPair { marks: [mark_a, mark_b], row }, &[], 0)
                        .as_ref()
                        .map(LinkWeight::from),
                    group: self.files.group_of(a).map(|g| g.id.clone()),
                })
            })
            .collect();
        links.sort_by(|x, y| {
            y.score.total_cmp(&x.score).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b)))
        });
        links
    }
}
