//! Casing and pair reports.

use super::context::{Context, MarkPair};
use super::not_there;
use super::pair::runner_up;
use crate::SOFTWARE;
use crate::files::reread;
use crate::rederive::followed;
use crate::robust::robustness;
use casework::{Excluded, Reason};
use report::{
    Candidate, CasingReport, Filter, Findings, Gallery, GroupView, LinkWeight, PairReport,
    Robustness, Rule,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{ComparisonRow, MarkRow};
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkKind};
use types::message::{Message, say};

/// Candidates shown in a casing's report: beyond the tenth nothing was gained in
/// practice (Nennstiel & Rahm 2006). The store keeps twice as many.
const SHOWN: usize = 10;

/// By casing, the comparison with that casing's best mark.
type Best<'a> = BTreeMap<&'a CasingId, (ComparisonRow, &'a MarkRow)>;

/// The candidates that a report shows, best first.
fn ranked<'b, 'a>(best: &'b Best<'a>) -> Vec<&'b (ComparisonRow, &'a MarkRow)> {
    let mut ranked: Vec<_> = best.values().collect();
    ranked.sort_by(|x, y| y.0.score.total_cmp(&x.0.score).then(x.1.casing.cmp(&y.1.casing)));
    ranked.truncate(SHOWN);
    ranked
}

/// What a casing's report is made of, before pictures and cells are fetched.
pub struct Draft<'a> {
    casing: CasingId,
    /// Its marks, each with its candidates.
    marks: Vec<(&'a MarkRow, Best<'a>)>,
}

impl<'a> Draft<'a> {
    /// The casing.
    pub const fn casing(&self) -> &CasingId {
        &self.casing
    }

    /// The casings that the report shows.
    fn shown(&self) -> BTreeSet<&CasingId> {
        let best = self.marks.iter().flat_map(|(_, best)| ranked(best));
        best.map(|(_, other)| &other.casing).chain([&self.casing]).collect()
    }

    /// Of every other mark of two casings the best comparison.
    fn others<'b>(
        &'b self,
        mark: &'b MarkRow,
        row: &'b ComparisonRow,
        other: &'b MarkRow,
    ) -> Vec<MarkPair<'b>> {
        let rest = self.marks.iter().filter_map(|(mark, best)| {
            let (row, other) = best.get(&other.casing)?;
            Some(MarkPair { marks: [mark, other], row })
        });
        others(MarkPair { marks: [mark, other], row }, rest)
    }
}

/// Of every other mark of the same two casings the best comparison.
fn others<'a>(own: MarkPair, all: impl Iterator<Item = MarkPair<'a>>) -> Vec<MarkPair<'a>> {
    let mut best: BTreeMap<MarkKind, MarkPair> = BTreeMap::new();
    for other in all.filter(|other| own.adds(other)) {
        let kind = other.marks[0].kind;
        if best.get(&kind).is_none_or(|known| other.row.score > known.row.score) {
            best.insert(kind, other);
        }
    }
    best.into_values().collect()
}

impl Context<'_> {
    /// What the report of one casing will be made of.
    pub fn draft(&self, casing: &CasingId) -> Result<Draft<'_>> {
        let own = self.marks.values().filter(|m| m.casing == *casing);
        let marks = own.map(|mark| Ok((mark, self.candidates(mark)?))).collect::<Result<_>>()?;
        Ok(Draft { casing: casing.clone(), marks })
    }

    /// Digest of what a casing's report finds: its marks, its candidates with
    /// what they score and weigh, its group, and the records of all of them. How
    /// large the gallery was, how other scores are distributed and how sure the
    /// grouping is, belong to the state of the store that a report names.
    pub fn content_of(&self, draft: &Draft) -> Result<Digest> {
        let mut facts = vec![self.options.content()];
        let mut told = |fact: &dyn std::fmt::Debug| facts.push(format!("{fact:?}"));
        told(&(&self.recipe, SOFTWARE, self.casings().get(&draft.casing)));
        for (mark, best) in &draft.marks {
            told(&(&mark.id, &mark.scan, &mark.quality));
            for (row, other) in ranked(best) {
                let rest = draft.others(mark, row, other);
                let weight = self.weight(MarkPair { marks: [mark, other], row }, &rest, 0);
                let weight = weight.map(|w| (w.log10_lr, w.log10_lower, w.log10_upper, w.sha256));
                told(&(row, self.casings().get(&other.casing), weight));
                told(&self.files.group_of(&other.casing).map(|g| &g.id));
            }
        }
        let shown = draft.shown();
        told(&self.suspicions.touching(|id| shown.contains(id)));
        told(&(self.decisions_about(&draft.casing), self.theirs_about(&draft.casing)));
        if let Some(view) = self.group_view(&draft.casing) {
            told(&(&view.group.id, &view.group.prototype, &view.casings));
            for link in &view.links {
                told(&(&link.a, &link.b, link.kind, link.score, &link.weight));
            }
        }
        Ok(Digest::of(facts.join("\n").as_bytes()))
    }

    /// The weight of a candidate, by the mark that scores best.
    pub fn weight_in(&self, draft: &Draft, candidate: &CasingId) -> Option<LinkWeight> {
        let found = draft.marks.iter().filter_map(|(mark, best)| {
            let (row, other) = best.get(candidate)?;
            Some((mark, row, other))
        });
        let (mark, row, other) = found.max_by(|x, y| x.1.score.total_cmp(&y.1.score))?;
        let own = MarkPair { marks: [mark, other], row };
        let weight = self.weight(own, &draft.others(mark, row, other), 0);
        weight.as_ref().map(LinkWeight::from)
    }

    /// The report of one casing.
    pub fn casing_report(&self, draft: &Draft) -> Result<CasingReport> {
        let findings = draft
            .marks
            .iter()
            .map(|(mark, best)| self.findings(mark, best, draft))
            .collect::<Result<_>>()?;
        let shown = draft.shown();
        Ok(CasingReport {
            header: self.header(draft.casing.as_str(), &|id| shown.contains(id)),
            findings,
            group: self.group_view(&draft.casing),
            decisions: self.decisions_about(&draft.casing),
            theirs: self.theirs_about(&draft.casing),
            failures: Vec::new(),
        })
    }

    /// The comparison of two casings: of their marks, the best one.
    pub fn pair_report(&self, a: &CasingId, b: &CasingId) -> Result<PairReport> {
        let mut rows: Vec<(&MarkRow, ComparisonRow, &MarkRow)> = Vec::new();
        for mark in self.marks.values().filter(|m| m.casing == *a) {
            let best = self.best(mark)?.remove(b);
            rows.extend(best.map(|(row, other)| (mark, row, other)));
        }
        // Of equal ones the first.
        let best = rows.iter().rev().max_by(|x, y| x.1.score.total_cmp(&y.1.score));
        let (mark, row, other) =
            best.ok_or_else(|| not_there(say!("comparison of"), &format!("{a} and {b}")))?;
        let own = MarkPair { marks: [mark, other], row };
        let rest = rows.iter().map(|(a, row, b)| MarkPair { marks: [a, b], row });
        Ok(PairReport {
            header: self.header(&format!("{a}\n{b}"), &|id| id == a || id == b),
            a: self.side(mark)?,
            b: self.side(other)?,
            comparison: self.with_runner_up(mark, row, other)?,
            distribution: self.distribution(mark),
            // One acquisition under two names has no weight.
            weight: (!self.suspicions.hold(a, b))
                .then(|| self.weight(own, &others(own, rest), 1))
                .flatten(),
            robustness: self.robustness(mark, row, other)?,
            decisions: self.decisions(&|x, y| {
                [(a.as_str(), b.as_str()), (b.as_str(), a.as_str())].contains(&(x, y))
            }),
        })
    }

    /// The score of two marks under other choices of preparation; none where this
    /// store does not hold both scans, or this program does not follow the recipe.
    fn robustness(
        &self,
        mark: &MarkRow,
        row: &ComparisonRow,
        other: &MarkRow,
    ) -> Result<Option<Robustness>> {
        let text = self.snapshot.recipe(&self.recipe)?;
        let Some(recipe) = text.and_then(|text| followed(&text, &self.recipe)) else {
            return Ok(None);
        };
        let scans = [mark, other].map(|m| self.scans.get(&m.scan).filter(|scan| scan.is_held()));
        let [Some(one), Some(two)] = scans else { return Ok(None) };
        let (one, two) = (reread(self.snapshot, one)?, reread(self.snapshot, two)?);
        let (a, b) = (self.prepared(&mark.id)?, self.prepared(&other.id)?);
        Ok(Some(robustness((&one, &a), (&two, &b), &recipe, row.score)))
    }

    /// The best comparison of a mark with each other casing that is not held
    /// to be the same acquisition.
    fn candidates(&self, mark: &MarkRow) -> Result<Best<'_>> {
        let mut best = self.best(mark)?;
        best.retain(|other, _| !self.suspicions.hold(&mark.casing, other));
        Ok(best)
    }

    /// The best comparison of a mark with each other casing.
    fn best(&self, mark: &MarkRow) -> Result<Best<'_>> {
        let mut best = Best::new();
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
        Ok(best)
    }

    /// The ranked candidates of one mark: the best mark of each other casing.
    fn findings(&self, mark: &MarkRow, best: &Best, draft: &Draft) -> Result<Findings> {
        let gallery = self.gallery(mark, &best.keys().copied().collect());
        let candidates = (1..)
            .zip(ranked(best))
            .map(|(rank, (row, other))| {
                let own = MarkPair { marks: [mark, other], row };
                Ok(Candidate {
                    rank,
                    side: self.side(other)?,
                    comparison: self.comparison(mark, row)?,
                    group: self.files.group_of(&other.casing).map(|g| g.id.clone()),
                    // What was screened out has been searched too.
                    weight: self.weight(own, &draft.others(mark, row, other), gallery.searched()),
                })
            })
            .collect::<Result<_>>()?;
        let distribution = self.distribution(mark);
        Ok(Findings { questioned: self.side(mark)?, gallery, distribution, candidates })
    }

    /// Who could have been compared, and what kept the others out.
    fn gallery(&self, mark: &MarkRow, compared: &BTreeSet<&CasingId>) -> Gallery {
        let compared = compared.iter().map(|id| (*id).clone()).collect();
        let searched =
            self.exclusions.account(mark, compared, self.marks.values(), self.casings().keys());
        let mut by_rule: BTreeMap<Rule, Vec<CasingId>> = BTreeMap::new();
        for Excluded { casing, reasons } in searched.excluded {
            let rule = match reasons.as_slice() {
                _ if self.suspicions.hold(&mark.casing, &casing) => Rule::SameAcquisition,
                [Reason::NoMark] => Rule::NoSuchMark,
                [Reason::Unusable] => Rule::UnusableMark,
                [Reason::Screened] => Rule::Screened,
                several => Rule::Class(Message::joined(several.iter().map(|r| r.words()), "; ")),
            };
            by_rule.entry(rule).or_default().push(casing);
        }
        let without = by_rule.get(&Rule::NoSuchMark).map_or(0, Vec::len);
        let filter = |(rule, casings): (Rule, Vec<CasingId>)| {
            let excluded = casings.len() as u64;
            let named = matches!(rule, Rule::Class(_) | Rule::SameAcquisition);
            Filter { rule, excluded, casings: if named { casings } else { Vec::new() } }
        };
        Gallery {
            casings: self.casings().len().saturating_sub(1 + without) as u64,
            compared: searched.compared.len() as u64,
            filters: by_rule.into_iter().map(filter).collect(),
        }
    }

    /// The comparison behind `row` with its cells, seen from `mark`.
    fn comparison(&self, mark: &MarkRow, row: &ComparisonRow) -> Result<Comparison> {
        let missing = || {
            Error::new(Kind::Store, say!("the comparison of {} and {} is gone", row.a, row.b))
                .advise(say!("run `brasslink store verify`"))
        };
        let (found, cells) = self.snapshot.comparison(&row.a, &row.b)?.ok_or_else(missing)?;
        let forwards = found.a == mark.id;
        let comparison = found.with_cells(cells);
        Ok(if forwards { comparison } else { comparison.reversed() })
    }

    /// The same of a pair that is shown alone, with its runner-up.
    fn with_runner_up(
        &self,
        mark: &MarkRow,
        row: &ComparisonRow,
        other: &MarkRow,
    ) -> Result<Comparison> {
        let found = self.comparison(mark, row)?;
        let (a, b) = (self.prepared(&mark.id)?, self.prepared(&other.id)?);
        Ok(Comparison { runner_up: runner_up(&found, &a, &b), ..found })
    }

    fn group_view(&self, casing: &CasingId) -> Option<GroupView> {
        let group = self.group(self.files.group_of(casing)?);
        let inside = |c: &CasingId| group.casings.contains(c);
        let casings = group.casings.iter().filter_map(|c| self.casings().get(c).cloned()).collect();
        Some(GroupView { links: self.links(&|a, b| inside(a) && inside(b)), casings, group })
    }
}
