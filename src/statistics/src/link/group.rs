//! What the linker has to say: groups, links and their reasons, as data.

use super::casework::Apart;
use super::cluster::{Found, Merge};
use super::judge::OPEN;
use super::linker::Linker;
use super::scale::{Judged, Scale};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::evidence::{Digest, owner};

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

/// A pair within one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposedLink {
    /// One casing.
    pub a: String,
    /// The other; sorts after `a`.
    pub b: String,
    /// The group both are in.
    pub group: String,
    /// The pair's own score, where it was compared.
    pub score: Option<f64>,
    /// Base-10 logarithm of this pair's own likelihood ratio under the
    /// population's model; below 0 where only the group speaks for it.
    pub log10_lr: Option<f64>,
    /// What the link rests on.
    pub why: Why,
}

/// Where two casings stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In one group.
    Linked,
    /// Neither proposed nor passed over: too few scores to judge.
    Open,
    /// Not in one group, and the scores say so, or a decision.
    Apart,
    /// Not in one group, and no scale is known to judge by.
    Unknown,
}

/// Two casings that are not in one group, and that too few scores keep from
/// being proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Open {
    /// One casing.
    pub a: String,
    /// The other; sorts after `a`.
    pub b: String,
    /// Posterior probability that their groups are of one firearm.
    pub posterior: f64,
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
    /// two together, or (where apart) their present groups; the first has the
    /// first casing.
    pub sides: (Vec<String>, Vec<String>),
    /// Pairs between the sides that were compared.
    pub compared: u32,
    /// Mean log10 likelihood ratio over the pairs between the sides.
    pub mean_log10_lr: f64,
    /// Posterior probability of that merge; none where no scale is known.
    pub posterior: Option<f64>,
    /// What follows.
    pub standing: Standing,
    /// On what scale the pairs were judged.
    pub scales: Vec<Scale>,
    /// The rejection or the firearms that keep them apart.
    pub apart: Option<Apart>,
}

impl Linker {
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
    /// is unknown or the same), one's own before another agency's: later
    /// casings do not rename a group, and neither the order in which they are
    /// imported or reviewed nor what another agency says of its receipt does.
    fn group_id(&self, group: &[u32]) -> String {
        let first = group.iter().map(|&c| self.engine.table.id(c)).min_by_key(|&id| {
            let received = self.casework.received.get(id);
            (owner(id).is_some(), received.is_none(), received, id)
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

    fn log10_lr(&self, a: u32, b: u32) -> Option<f64> {
        let judged = self.engine.table.score(a, b)?;
        Some(self.engine.log_ratio(a, b, judged) / std::f64::consts::LN_10)
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
                        let turned = m.right.contains(&a);
                        sides = if turned { (m.right, m.left) } else { (m.left, m.right) };
                    }
                });
            }
        }
        let judgement = self.engine.judge(&sides.0, &sides.1);
        let apart = self.engine.rules.apart(&sides.0, &sides.1).map(|(_, _, apart)| apart);
        let known = self.scales.iter().any(Scale::known);
        let posterior = known.then(|| probability(judgement.log_odds));
        let standing = match posterior {
            _ if together => Standing::Linked,
            _ if apart.is_some() => Standing::Apart,
            None => Standing::Unknown,
            Some(p) if p >= OPEN => Standing::Open,
            Some(_) => Standing::Apart,
        };
        let score = self.score(a, b);
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
            log10_lr: known.then(|| self.log10_lr(a, b)).flatten(),
            compared: self.engine.evidence(&sides.0, &sides.1).compared,
            mean_log10_lr: judgement.mean / std::f64::consts::LN_10,
            posterior,
            standing,
            scales: self.scales.clone(),
            apart,
            sides: (names(&sides.0), names(&sides.1)),
        })
    }

    /// Whether two groups, named by their lowest casings, are neither one group
    /// nor clearly two.
    pub(super) fn open_between(&self, groups: (u32, u32)) -> bool {
        self.posterior_between(groups).is_some_and(|p| p >= OPEN)
    }

    /// None where a decision keeps them apart.
    fn posterior_between(&self, (a, b): (u32, u32)) -> Option<f64> {
        let of = |lead: u32| -> Vec<u32> {
            self.groups[lead as usize].iter().flat_map(Found::members).collect()
        };
        let (a, b) = (of(a), of(b));
        let free = self.engine.rules.apart(&a, &b).is_none();
        free.then(|| probability(self.engine.judge(&a, &b).log_odds))
    }

    /// On what scales it judged, and what it left open.
    pub fn judged(&self) -> Judged {
        Judged { scales: self.scales.clone(), open: self.open() }
    }

    /// Pairs that are neither proposed nor clearly of two firearms: of every
    /// two such groups the pair that scores highest, sorted by identifiers.
    pub fn open(&self) -> Vec<Open> {
        if !self.scales.iter().any(Scale::known) {
            return Vec::new();
        }
        // The best pair of two groups; without a ratio above 1 they are not open.
        let mut best = BTreeMap::<(u32, u32), (f64, &str, &str)>::new();
        for (a, b, score) in self.engine.table.each_pair() {
            let (x, y) = (self.lead[a as usize], self.lead[b as usize]);
            let ratio = self.engine.log_ratio(a, b, score);
            if x == y || ratio <= 0.0 {
                continue;
            }
            let (a, b) = (self.engine.table.id(a), self.engine.table.id(b));
            let this = (ratio, a.min(b), a.max(b));
            let at = best.entry((x.min(y), x.max(y))).or_insert(this);
            if ratio > at.0 || (ratio == at.0 && (this.1, this.2) < (at.1, at.2)) {
                *at = this;
            }
        }
        let mut open: Vec<Open> = best
            .into_iter()
            .filter_map(|(groups, (_, a, b))| {
                let posterior = self.posterior_between(groups).filter(|p| *p >= OPEN)?;
                Some(Open { a: a.to_owned(), b: b.to_owned(), posterior })
            })
            .collect();
        open.sort_unstable_by(|x, y| (&x.a, &x.b).cmp(&(&y.a, &y.b)));
        open
    }

    /// Every compared or confirmed pair within a group, sorted by identifiers.
    pub fn proposed_links(&self) -> Vec<ProposedLink> {
        let mut links = Vec::new();
        for group in self.groups.iter().flatten().filter(|g| g.len() > 1) {
            let group: Vec<u32> = group.members().collect();
            let id = self.group_id(&group);
            for (k, &a) in group.iter().enumerate() {
                for &b in &group[k + 1..] {
                    let (score, why) = (self.score(a, b), self.why(a, b));
                    if score.is_none() && why != Why::Confirmed {
                        continue;
                    }
                    let log10_lr = self.log10_lr(a, b);
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
