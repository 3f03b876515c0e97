//! What is looked up again and again while reports are made.

use super::issue::evidence_head;
use super::{ReportOptions, report_id};
use crate::batch::Exclusions;
use crate::batch::weigh::{Facts, Weigher};
use crate::casework::Register;
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, CasingRecord, Digest, MarkId, MarkKind, Modality};
use crate::prepare::PreparedMark;
use crate::report::{
    Distribution, GroupEntry, Header, LinkEntry, Population, ScanFacts, Side, Tally, Weight,
};
use crate::store::{ComparisonRow, Linking, MarkRow, ScanRow, Snapshot};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Prepared marks kept in memory while reports are made.
const KEPT: usize = 256;
/// Known same-source pairs from which a distribution over known firearms is
/// preferred to one over proposed groups.
const ENOUGH_KNOWN: u64 = 20;

/// The store as the reports need it.
pub struct Context<'a> {
    pub snapshot: &'a Snapshot,
    pub recipe: Digest,
    pub options: &'a ReportOptions,
    pub casings: BTreeMap<CasingId, CasingRecord>,
    pub scans: BTreeMap<Digest, ScanRow>,
    pub marks: BTreeMap<MarkId, MarkRow>,
    pub linking: Linking,
    pub group_of: BTreeMap<CasingId, String>,
    distributions: BTreeMap<(MarkKind, Modality), Distribution>,
    /// The strongest comparison of each pair of casings in one group or link.
    best: BTreeMap<(CasingId, CasingId), ComparisonRow>,
    head: Digest,
    received: Option<String>,
    performed: Option<String>,
    kept: Mutex<BTreeMap<MarkId, Arc<PreparedMark>>>,
    weigher: Weigher,
    pub exclusions: Exclusions,
}

impl<'a> Context<'a> {
    pub fn new(snapshot: &'a Snapshot, recipe: Digest, options: &'a ReportOptions) -> Result<Self> {
        let linking = snapshot.linking()?.unwrap_or_default();
        let group_of = linking.groups.iter().map(|g| (g.casing.clone(), g.group.clone())).collect();
        let mut casings = Register::read(snapshot)?.casings;
        if !options.notes {
            casings.values_mut().for_each(|c| c.notes.clear());
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
            casings,
            scans: snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect(),
            marks: marks.map(|m| (m.id.clone(), m)).collect(),
            linking,
            group_of,
            distributions: BTreeMap::new(),
            best: BTreeMap::new(),
            head,
            received: ledger.entries.first().map(|e| day(&e.when)),
            performed: last.map(|e| day(&e.when)),
            kept: Mutex::default(),
            exclusions: Exclusions::read(snapshot, &recipe)?,
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
            if row.recipe != self.recipe || a.casing == b.casing {
                continue;
            }
            let sort = (a.kind, a.modality);
            let firearm = |m: &MarkRow| self.casings.get(&m.casing)?.firearm.as_ref();
            if let (Some(x), Some(y)) = (firearm(a), firearm(b)) {
                known.entry(sort).or_default().add(row.score, x == y);
            }
            let group = |m: &MarkRow| self.group_of.get(&m.casing);
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
                t.distribution(Population::KnownFirearms).filter(|d| d.same_pairs() >= ENOUGH_KNOWN)
            });
            let supposed = || {
                tally.has_both().then(|| tally.distribution(Population::ProposedGroups)).flatten()
            };
            if let Some(d) = truth.or_else(supposed) {
                self.distributions.insert(sort, d);
            }
        }
        self.best = best;
        Ok(())
    }

    pub fn header(&self, subject: &str) -> Header {
        let id = report_id(subject, &self.head, &self.options.issued);
        let laboratory = &self.options.laboratory;
        let mut header = Header::new(id, self.recipe, laboratory.laboratory());
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
        header
    }

    pub fn distribution(&self, mark: &MarkRow) -> Option<Distribution> {
        self.distributions.get(&(mark.kind, mark.modality)).cloned()
    }

    /// The weight of a comparison of two marks in a gallery of so many casings.
    pub fn weight(&self, a: &MarkRow, b: &MarkRow, row: &ComparisonRow, n: u64) -> Option<Weight> {
        let facts = |mark| Facts::of(mark, &self.scans, &self.casings);
        self.weigher.weight([facts(a), facts(b)], row, n)
    }

    /// Which comparisons were not weighed, and why.
    pub fn refusals(&self) -> Vec<String> {
        self.weigher.refusals()
    }

    pub fn side(&self, mark: &MarkRow) -> Result<Side> {
        let gone = |what: &str| {
            Error::new(Kind::Store, format!("{what} of mark {} is not in the store", mark.id))
                .advise("run `brasslink verify`")
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

    /// Every proposed group's name, sorted.
    pub fn group_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.linking.groups.iter().map(|g| g.group.clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Every proposed group, by its first casing.
    pub fn groups(&self) -> Vec<GroupEntry> {
        let mut groups: BTreeMap<&str, GroupEntry> = BTreeMap::new();
        for row in &self.linking.groups {
            let entry = groups.entry(&row.group).or_insert_with(|| GroupEntry {
                id: row.group.clone(),
                casings: Vec::new(),
                confidence: row.confidence,
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

    /// Pairs within a group that `wanted` takes, strongest first, each with
    /// the comparison it rests on.
    pub fn links(&self, wanted: &dyn Fn(&CasingId, &CasingId) -> bool) -> Vec<LinkEntry> {
        let mut links: Vec<LinkEntry> = self
            .best
            .iter()
            .filter(|((a, b), _)| wanted(a, b))
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
        links
    }
}
