//! The linker: groups that follow from scores and decisions, kept up to date.

use super::casework::{Casework, Contradiction, Rules};
use super::cluster::{Found, Merge};
use super::engine::Engine;
use super::fit::fit;
use super::model::Calibration;
use super::table::ScoreTable;
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the user may choose. A wrong link harms an innocent person and a
/// missed one can be found later; the defaults err accordingly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Expected share of wrong pairs among all proposed ones, above 0 and
    /// below ½. Where a population shows few sure links, each must be surer.
    pub false_discovery_rate: f64,
    /// Posterior probability that any single merge needs, ½ to below 1.
    pub least_posterior: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { false_discovery_rate: 0.01, least_posterior: 0.75 }
    }
}

impl Settings {
    fn check(self) -> Result<Self> {
        let Self { false_discovery_rate: rate, least_posterior: least } = self;
        if rate > 0.0 && rate < 0.5 && (0.5..1.0).contains(&least) {
            return Ok(self);
        }
        let what =
            format!("false discovery rate {rate} or least posterior {least} is out of range");
        Err(Error::new(Kind::BadInput, what)
            .advise("use a rate above 0 and below 0.5, a posterior from 0.5 to below 1"))
    }
}

/// Casings that one firearm probably fired; a single casing is its own group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Stable name, made from the group's first casing.
    pub id: String,
    /// The casings' identifiers, sorted.
    pub members: Vec<String>,
    /// The member most like the others (medoid).
    pub prototype: String,
    /// The posterior probability of the weakest merge that made it, 0–1; what
    /// examiners or test fires tie together counts 1; none for a single casing.
    pub confidence: Option<f64>,
    /// The firearm of the test fires among the members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firearm: Option<String>,
}

/// Why two casings are in one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// An examiner confirmed this pair.
    Confirmed,
    /// Confirmations or test fires tie what scores grouped with each of them.
    Tied,
    /// The scores of their group.
    Scores,
}

/// A compared pair within one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposedLink {
    /// One casing.
    pub a: String,
    /// The other; sorts after `a`.
    pub b: String,
    /// The group both are in.
    pub group: String,
    /// The score the table has.
    pub score: f64,
    /// Base-10 logarithm of this pair's own likelihood ratio under the
    /// population's model; below 0 where only the group speaks for it.
    pub log10_lr: f64,
    /// What the link rests on.
    pub why: Why,
}

/// How two casings came into one group, or why they are not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Whether both are in one group.
    pub together: bool,
    /// What that rests on, where they are.
    pub why: Option<Why>,
    /// The pair's own score, where it was compared.
    pub score: Option<f64>,
    /// Base-10 logarithm of the pair's own likelihood ratio.
    pub log10_lr: Option<f64>,
    /// The two sets of casings whose merge decided: the merge that brought the
    /// two together, or (where apart) their present groups.
    pub sides: (Vec<String>, Vec<String>),
    /// Pairs between the sides that were compared.
    pub compared: u32,
    /// Mean log10 likelihood ratio over the pairs between the sides.
    pub mean_log10_lr: f64,
    /// Posterior probability of that merge.
    pub posterior: f64,
    /// The rejection or the firearms that keep them apart.
    pub apart: Option<super::Apart>,
}

/// Groups of casings, kept consistent with scores and decisions.
///
/// The groups depend on the calibration, the scores and the casework only, not
/// on the order in which they came.
#[derive(Clone, Debug)]
pub struct Linker {
    engine: Engine,
    casework: Casework,
    /// The group whose lowest-numbered casing has this number.
    groups: Vec<Option<Found>>,
    /// The lowest-numbered casing of a casing's group.
    lead: Vec<u32>,
}

impl Linker {
    /// Fits the model to the table and links it.
    pub fn new(table: ScoreTable, casework: Casework, settings: Settings) -> Result<Self> {
        let settings = settings.check()?;
        let rules = Rules::new(&casework, &table);
        Ok(Self::link(fit(table, rules, settings), casework))
    }

    /// Links a table under a calibration fitted before.
    pub fn with_calibration(
        table: ScoreTable,
        casework: Casework,
        calibration: Calibration,
    ) -> Self {
        let rules = Rules::new(&casework, &table);
        Self::link(Engine::new(table, rules, calibration), casework)
    }

    fn link(engine: Engine, casework: Casework) -> Self {
        let (n, more) = (engine.table.len(), engine.table.headroom());
        let (mut kept, mut lead) = (Vec::with_capacity(n + more), Vec::with_capacity(n + more));
        kept.resize(n, None);
        lead.resize(n, 0);
        let groups = engine.groups(|_| ());
        let mut new = Self { engine, casework, groups: kept, lead };
        groups.into_iter().for_each(|group| new.keep(group));
        new
    }

    fn keep(&mut self, group: Found) {
        let Some(lead) = group.members().min() else { return };
        group.members().for_each(|c| self.lead[c as usize] = lead);
        self.groups[lead as usize] = Some(group);
    }

    /// The model in use.
    pub fn calibration(&self) -> &Calibration {
        &self.engine.calibration
    }

    /// The decisions and facts in use.
    pub fn casework(&self) -> &Casework {
        &self.casework
    }

    /// Facts that cannot all be true.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.engine.rules.contradictions
    }

    /// Adds one casing and regroups what it touches, under the same calibration.
    pub fn add<S: AsRef<str>>(&mut self, id: &str, scores: &[(S, f64)]) -> Result<()> {
        let touched: Vec<u32> =
            scores.iter().filter_map(|(c, _)| self.engine.table.find(c.as_ref())).collect();
        let before = self.engine.components_of(touched);
        let new = self.engine.add(id, scores)?;
        self.lead.push(new);
        self.groups.push(None);
        self.regroup(before.into_iter().flatten().chain([new]).collect());
        if self.casework.casings().contains(id) {
            self.resolve(&[new]);
        }
        Ok(())
    }

    /// Changes the casework and regroups what it touches.
    pub fn review(&mut self, change: impl FnOnce(&mut Casework)) {
        let before = self.casework.clone();
        change(&mut self.casework);
        let touched: Vec<u32> = before
            .differing(&self.casework)
            .iter()
            .filter_map(|id| self.engine.table.find(id))
            .collect();
        self.resolve(&touched);
    }

    /// Resolves the casework anew after a change at `touched`.
    fn resolve(&mut self, touched: &[u32]) {
        let rules = Rules::new(&self.casework, &self.engine.table);
        let old: BTreeSet<&Vec<u32>> = self.engine.rules.together.iter().collect();
        let new: BTreeSet<&Vec<u32>> = rules.together.iter().collect();
        let changed = old.symmetric_difference(&new).flat_map(|set| set.iter().copied());
        let seeds: Vec<u32> = changed.chain(touched.iter().copied()).collect();
        let before = self.engine.components_of(seeds);
        self.engine.rules = rules;
        self.regroup(before.into_iter().flatten().collect());
    }

    /// Links anew every component that holds one of `casings`.
    fn regroup(&mut self, casings: Vec<u32>) {
        for component in self.engine.components_of(casings) {
            for &c in &component {
                self.groups[c as usize] = None;
            }
            for group in self.engine.divide(&component, |_| ()) {
                self.keep(group);
            }
        }
    }

    /// All groups, in the order of their smallest member's identifier.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> =
            self.groups.iter().flatten().map(|g| self.describe(g)).collect();
        groups.sort_unstable_by(|x, y| x.members.cmp(&y.members));
        groups
    }

    /// The group a casing is in.
    pub fn group_of(&self, casing: &str) -> Option<Group> {
        let casing = self.engine.table.find(casing)?;
        self.found(casing).map(|found| self.describe(found))
    }

    fn found(&self, casing: u32) -> Option<&Found> {
        self.groups[self.lead[casing as usize] as usize].as_ref()
    }

    fn describe(&self, found: &Found) -> Group {
        let name = |c: u32| self.engine.table.id(c).to_owned();
        let group: Vec<u32> = found.members().collect();
        let mut members: Vec<String> = group.iter().map(|&c| name(c)).collect();
        members.sort_unstable();
        Group {
            id: self.group_id(&group),
            prototype: self.prototype(&group).map(name).unwrap_or_default(),
            confidence: (group.len() > 1).then(|| probability(found.weakest)),
            firearm: group.iter().find_map(|c| self.engine.rules.firearm.get(c).cloned()),
            members,
        }
    }

    /// Named after the casing received first (by identifier where the receipt
    /// is unknown or the same): later casings do not rename a group, and the
    /// order in which they are imported or reviewed has no say.
    fn group_id(&self, group: &[u32]) -> String {
        let first = group.iter().map(|&c| self.engine.table.id(c)).min_by_key(|&id| {
            let received = self.casework.received.get(id);
            (received.is_none(), received, id)
        });
        format!("G-{}", Digest::of(first.unwrap_or_default().as_bytes()).short())
    }

    /// Mean log likelihood ratio of a casing with the other members.
    fn likeness(&self, casing: u32, group: &[u32]) -> f64 {
        let others: Vec<u32> = group.iter().copied().filter(|&c| c != casing).collect();
        if others.is_empty() { 0.0 } else { self.engine.judge(&[casing], &others).mean }
    }

    fn prototype(&self, group: &[u32]) -> Option<u32> {
        let likeness: Vec<(f64, u32)> =
            group.iter().map(|&c| (self.likeness(c, group), c)).collect();
        let first = |&(x, c): &(f64, u32), &(y, d): &(f64, u32)| {
            y.total_cmp(&x).then_with(|| self.engine.table.id(c).cmp(self.engine.table.id(d)))
        };
        likeness.into_iter().min_by(first).map(|(_, c)| c)
    }

    fn why(&self, a: u32, b: u32) -> Why {
        let rules = &self.engine.rules;
        if rules.confirmed.contains(&(a.min(b), a.max(b))) {
            Why::Confirmed
        } else if self
            .found(a)
            .is_some_and(|g| g.parts.iter().any(|p| p.contains(&a) && p.contains(&b)))
        {
            Why::Scores
        } else {
            Why::Tied
        }
    }

    fn log10_lr(&self, a: u32, b: u32, score: f64) -> f64 {
        self.engine.log_ratio(a, b, score) / std::f64::consts::LN_10
    }

    /// Why two casings are in one group, or are not; none where the table
    /// lacks one of them.
    pub fn explain(&self, a: &str, b: &str) -> Option<Explanation> {
        let (a, b) = (self.engine.table.find(a)?, self.engine.table.find(b)?);
        let group = |c: u32| self.found(c).map(|g| g.members().collect()).unwrap_or_default();
        let together = self.lead[a as usize] == self.lead[b as usize];
        let mut sides = if together { (vec![a], vec![b]) } else { (group(a), group(b)) };
        if together {
            let joins = |m: &Merge| {
                let on = |c| (m.left.contains(&c), m.right.contains(&c));
                matches!((on(a), on(b)), ((true, _), (_, true)) | ((_, true), (true, _)))
            };
            for component in self.engine.components_of([a]) {
                self.engine.divide(&component, |m| {
                    if joins(&m) {
                        sides = (m.left, m.right)
                    }
                });
            }
        }
        let judgement = self.engine.judge(&sides.0, &sides.1);
        let score = self.engine.table.score(a, b);
        let names = |side: &[u32]| {
            let mut names: Vec<String> =
                side.iter().map(|&c| self.engine.table.id(c).to_owned()).collect();
            names.sort_unstable();
            names
        };
        Some(Explanation {
            together,
            why: together.then(|| self.why(a, b)),
            score,
            log10_lr: score.map(|score| self.log10_lr(a, b, score)),
            compared: self.engine.evidence(&sides.0, &sides.1).compared,
            mean_log10_lr: judgement.mean / std::f64::consts::LN_10,
            posterior: probability(judgement.log_odds),
            apart: self.engine.rules.apart(&sides.0, &sides.1).map(|(_, _, apart)| apart),
            sides: (names(&sides.0), names(&sides.1)),
        })
    }

    /// Every compared or confirmed pair within a group, sorted.
    pub fn proposed_links(&self) -> Vec<ProposedLink> {
        let mut links = Vec::new();
        for group in self.groups.iter().flatten().filter(|g| g.len() > 1) {
            let group: Vec<u32> = group.members().collect();
            let id = self.group_id(&group);
            for (k, &a) in group.iter().enumerate() {
                for &b in &group[k + 1..] {
                    let Some(score) = self.engine.table.score(a, b) else { continue };
                    let (log10_lr, why) = (self.log10_lr(a, b, score), self.why(a, b));
                    let (a, b) = (self.engine.table.id(a), self.engine.table.id(b));
                    links.push(ProposedLink {
                        a: a.min(b).to_owned(),
                        b: a.max(b).to_owned(),
                        group: id.clone(),
                        score,
                        log10_lr,
                        why,
                    });
                }
            }
        }
        links.sort_unstable_by(|x, y| (&x.a, &x.b).cmp(&(&y.a, &y.b)));
        links
    }
}

fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
