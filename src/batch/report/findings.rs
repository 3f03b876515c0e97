//! Casing and pair reports.

use super::context::Context;
use super::not_there;
use crate::casework::{Excluded, Reason};
use crate::correlate::Comparison;
use crate::error::{Error, Kind, Result};
use crate::evidence::CasingId;
use crate::report::{
    Candidate, CasingReport, Filter, Findings, Gallery, GroupView, PairReport, Rule,
};
use crate::store::{ComparisonRow, MarkRow};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates shown in a casing's report.
const SHOWN: usize = 20;

impl Context<'_> {
    /// The report of one casing.
    pub fn casing_report(&self, casing: &CasingId) -> Result<CasingReport> {
        let own = self.marks.values().filter(|m| m.casing == *casing);
        let findings = own.map(|mark| self.findings(mark)).collect::<Result<_>>()?;
        Ok(CasingReport {
            header: self.header(casing.as_str()),
            findings,
            group: self.group_view(casing),
            failures: Vec::new(),
        })
    }

    /// The comparison of two casings: of their marks, the best one.
    pub fn pair_report(&self, a: &CasingId, b: &CasingId) -> Result<PairReport> {
        let mut best: Option<(ComparisonRow, &MarkRow, &MarkRow)> = None;
        for mark in self.marks.values().filter(|m| m.casing == *a) {
            for row in self.snapshot.comparisons_of(&mark.id)? {
                let other = if row.a == mark.id { &row.b } else { &row.a };
                let Some(other) = self.marks.get(other).filter(|m| m.casing == *b) else {
                    continue;
                };
                let better = best.as_ref().is_none_or(|(known, ..)| row.score > known.score);
                if row.recipe == self.recipe && better {
                    best = Some((row, mark, other));
                }
            }
        }
        let (row, mark, other) =
            best.ok_or_else(|| not_there("comparison of", &format!("{a} and {b}")))?;
        Ok(PairReport {
            header: self.header(&format!("{a}\n{b}")),
            a: self.side(mark)?,
            b: self.side(other)?,
            comparison: self.comparison(mark, &row)?,
            distribution: self.distribution(mark),
            weight: self.weight(mark, other, &row, 1),
        })
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
        let gallery = self.gallery(mark, &best.keys().copied().collect());
        let compared = best.len() as u64;
        let mut ranked: Vec<_> = best.into_values().collect();
        ranked.sort_by(|x, y| y.0.score.total_cmp(&x.0.score).then(x.1.casing.cmp(&y.1.casing)));
        let candidates = (1..)
            .zip(ranked.into_iter().take(SHOWN))
            .map(|(rank, (row, other))| {
                Ok(Candidate {
                    rank,
                    side: self.side(other)?,
                    comparison: self.comparison(mark, &row)?,
                    group: self.group_of.get(&other.casing).cloned(),
                    weight: self.weight(mark, other, &row, compared),
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
            self.exclusions.account(mark, compared, self.marks.values(), self.casings.keys());
        let mut by_rule: BTreeMap<Rule, Vec<CasingId>> = BTreeMap::new();
        for Excluded { casing, reasons } in searched.excluded {
            let rule = match reasons.as_slice() {
                [Reason::NoMark] => Rule::NoSuchMark,
                [Reason::Unusable] => Rule::UnusableMark,
                [Reason::Screened] => Rule::Screened,
                several => {
                    let words: Vec<&str> = several.iter().map(|r| r.words()).collect();
                    Rule::Class(words.join("; "))
                }
            };
            by_rule.entry(rule).or_default().push(casing);
        }
        let without = by_rule.get(&Rule::NoSuchMark).map_or(0, Vec::len);
        let filter = |(rule, casings): (Rule, Vec<CasingId>)| {
            let excluded = casings.len() as u64;
            let named = matches!(rule, Rule::Class(_));
            Filter { rule, excluded, casings: if named { casings } else { Vec::new() } }
        };
        Gallery {
            casings: self.casings.len().saturating_sub(1 + without) as u64,
            compared: searched.compared.len() as u64,
            filters: by_rule.into_iter().map(filter).collect(),
        }
    }

    /// The comparison behind `row` with its cells, seen from `mark`.
    fn comparison(&self, mark: &MarkRow, row: &ComparisonRow) -> Result<Comparison> {
        let missing = || {
            Error::new(Kind::Store, format!("the comparison of {} and {} is gone", row.a, row.b))
                .advise("run `brasslink verify`")
        };
        let (found, cells) = self.snapshot.comparison(&row.a, &row.b)?.ok_or_else(missing)?;
        let forwards = found.a == mark.id;
        let comparison = found.with_cells(cells);
        Ok(if forwards { comparison } else { comparison.reversed() })
    }

    fn group_view(&self, casing: &CasingId) -> Option<GroupView> {
        let id = self.group_of.get(casing)?;
        let group = self.groups().into_iter().find(|g| g.id == *id)?;
        let inside = |c: &CasingId| self.group_of.get(c) == Some(id);
        let casings = group.casings.iter().filter_map(|c| self.casings.get(c).cloned()).collect();
        Some(GroupView { links: self.links(&|a, b| inside(a) && inside(b)), casings, group })
    }
}
