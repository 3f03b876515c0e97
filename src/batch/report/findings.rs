//! Casing and pair reports.

use super::context::{Context, MarkPair};
use super::not_there;
use crate::casework::{Excluded, Reason};
use crate::correlate::Comparison;
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, MarkKind};
use crate::report::{
    Candidate, CasingReport, Filter, Findings, Gallery, GroupView, PairReport, Rule,
};
use crate::store::{ComparisonRow, MarkRow};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates shown in a casing's report.
const SHOWN: usize = 20;

/// By casing, the comparison with that casing's best mark.
type Best<'a> = BTreeMap<&'a CasingId, (ComparisonRow, &'a MarkRow)>;

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
    /// The report of one casing.
    pub fn casing_report(&self, casing: &CasingId) -> Result<CasingReport> {
        let own = self.marks.values().filter(|m| m.casing == *casing);
        let all: Vec<(&MarkRow, Best)> =
            own.map(|mark| Ok((mark, self.best(mark)?))).collect::<Result<_>>()?;
        let findings = all
            .iter()
            .map(|(mark, best)| self.findings(mark, best, &all))
            .collect::<Result<_>>()?;
        Ok(CasingReport {
            header: self.header(casing.as_str()),
            findings,
            group: self.group_view(casing),
            decisions: self.decisions_about(casing),
            theirs: self.theirs_about(casing),
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
            best.ok_or_else(|| not_there("comparison of", &format!("{a} and {b}")))?;
        let own = MarkPair { marks: [mark, other], row };
        let rest = rows.iter().map(|(a, row, b)| MarkPair { marks: [a, b], row });
        Ok(PairReport {
            header: self.header(&format!("{a}\n{b}")),
            a: self.side(mark)?,
            b: self.side(other)?,
            comparison: self.comparison(mark, row)?,
            distribution: self.distribution(mark),
            weight: self.weight(own, &others(own, rest), 1),
            decisions: self.decisions(&|x, y| {
                [(a.as_str(), b.as_str()), (b.as_str(), a.as_str())].contains(&(x, y))
            }),
        })
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
    fn findings(&self, mark: &MarkRow, best: &Best, all: &[(&MarkRow, Best)]) -> Result<Findings> {
        let gallery = self.gallery(mark, &best.keys().copied().collect());
        let mut ranked: Vec<_> = best.values().collect();
        ranked.sort_by(|x, y| y.0.score.total_cmp(&x.0.score).then(x.1.casing.cmp(&y.1.casing)));
        let candidates = (1..)
            .zip(ranked.into_iter().take(SHOWN))
            .map(|(rank, (row, other))| {
                let own = MarkPair { marks: [mark, other], row };
                let rest = all.iter().filter_map(|(mark, best)| {
                    let (row, other) = best.get(&other.casing)?;
                    Some(MarkPair { marks: [mark, other], row })
                });
                Ok(Candidate {
                    rank,
                    side: self.side(other)?,
                    comparison: self.comparison(mark, row)?,
                    group: self.files.group_of(&other.casing).map(|g| g.id.clone()),
                    // What was screened out has been searched too.
                    weight: self.weight(own, &others(own, rest), gallery.searched()),
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
            casings: self.casings().len().saturating_sub(1 + without) as u64,
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
        let group = self.group(self.files.group_of(casing)?);
        let inside = |c: &CasingId| group.casings.contains(c);
        let casings = group.casings.iter().filter_map(|c| self.casings().get(c).cloned()).collect();
        Some(GroupView { links: self.links(&|a, b| inside(a) && inside(b)), casings, group })
    }
}
