//! What decisions would change, before they are made.

use super::review::review;
use super::scale::linker;
use casework::{Conclusion, Decided, Decision, Register, Review, same_person};
use serde::Serialize;
use statistics::link::{Bond, Casework, Conflict, Linker};
use std::collections::BTreeSet;
use store::Snapshot;
use types::error::Result;
use types::evidence::{CaseId, Digest};
use types::message::{Message, say};

/// Beyond this log10 likelihood ratio, within the store, a pair scores clearly
/// like one firearm; beyond its negative, like two.
const CLEAR: f64 = 1.0;

/// Pairs of casings whose place decisions would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// How many that were compared.
    pub pairs: u64,
    /// Of these, how many score clearly like one firearm.
    pub like_one: u64,
    /// Of these, how many score clearly like two.
    pub like_two: u64,
}

/// What some decisions would change if the store were linked after them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Preview {
    /// The groups that would change, as they are.
    pub before: Vec<Vec<String>>,
    /// The same casings' groups, as they would be.
    pub after: Vec<Vec<String>>,
    /// Pairs that would come into one group.
    pub joined: Moved,
    /// Pairs that would no longer be in one group.
    pub parted: Moved,
    /// Hits between cases that there would be.
    pub hits_made: Vec<(CaseId, CaseId)>,
    /// Hits between cases that there would be no more.
    pub hits_undone: Vec<(CaseId, CaseId)>,
    /// Decisions that the scores contradict.
    pub against_scores: Vec<Conflict>,
    /// Conclusions in force, by others, that would be undone.
    pub against_persons: Vec<Decided>,
}

impl Preview {
    /// Whether a person should think twice: the scores or somebody else say
    /// otherwise.
    pub const fn objects(&self) -> bool {
        !self.against_scores.is_empty() || !self.against_persons.is_empty()
    }
}

/// What `decisions` would change.
///
/// # Errors
/// Where the store cannot be read.
pub fn preview(snapshot: &Snapshot, recipe: &Digest, decisions: &[Decision]) -> Result<Preview> {
    let before = review(snapshot)?;
    let all = before.all().iter().cloned().chain(decisions.iter().cloned().map(Decided::from));
    let after = Review::of(all);
    let mut preview = Preview::default();
    let register = Register::read(snapshot)?;
    let hits = |review: &Review| -> BTreeSet<(CaseId, CaseId)> {
        let hits = review.hits(&register.cases_of_casings(), &register.known_connections());
        hits.into_iter().map(|h| h.cases).collect()
    };
    let (had, has) = (hits(&before), hits(&after));
    preview.hits_made = has.difference(&had).cloned().collect();
    preview.hits_undone = had.difference(&has).cloned().collect();
    preview.against_persons = decisions.iter().filter_map(|d| undone(&before, d)).collect();
    let bonds = |review: &Review| {
        let mut casework = Casework::default();
        review.constrain(&mut casework);
        casework
    };
    let (bound, binds) = (bonds(&before), bonds(&after));
    if bound != binds {
        let now = linker(snapshot, recipe, None)?;
        let mut then = now.clone();
        then.review(|casework| {
            casework.confirmed.clone_from(&binds.confirmed);
            casework.rejected.clone_from(&binds.rejected);
        });
        preview.regroup(&now, &then);
        preview.contradict(&now, &bound, &binds);
    }
    Ok(preview)
}

/// The conclusion of another person that a decision would undo.
pub fn undone(review: &Review, d: &Decision) -> Option<Decided> {
    let undone = |w: &&Decided| match &d.withdraws {
        Some(whose) => same_person(&w.by, whose),
        // Who takes back their own word says nothing about another's.
        None => d.conclusion != Conclusion::Withdrawn && d.conclusion.undoes(w.conclusion),
    };
    let words = review.standing(&d.a, &d.b);
    let of_others = words.iter().rev().filter(|w| !same_person(&w.by, &d.by));
    of_others.copied().find(|w| undone(w)).cloned()
}

impl Preview {
    fn regroup(&mut self, now: &Linker, then: &Linker) {
        let groups = |linker: &Linker| -> BTreeSet<Vec<String>> {
            linker.groups().into_iter().map(|g| g.members).collect()
        };
        let (before, after) = (groups(now), groups(then));
        self.before = before.difference(&after).cloned().collect();
        self.after = after.difference(&before).cloned().collect();
        self.joined = moved(now, &self.after, &self.before);
        self.parted = moved(now, &self.before, &self.after);
    }

    /// The bonds that are new and contradict the scores.
    fn contradict(&mut self, now: &Linker, bound: &Casework, binds: &Casework) {
        let free = now.by_scores_alone();
        let confirmed = binds.confirmed.difference(&bound.confirmed);
        let rejected = binds.rejected.difference(&bound.rejected);
        let new = confirmed.map(|pair| (pair, Bond::Confirmed));
        for ((a, b), bond) in new.chain(rejected.map(|pair| (pair, Bond::Rejected))) {
            self.against_scores.extend(free.conflict(a, b, bond));
        }
    }
}

/// The pairs that are together in `here` and not in `there`.
fn moved(linker: &Linker, here: &[Vec<String>], there: &[Vec<String>]) -> Moved {
    let place = |casing: &String| there.iter().position(|group| group.contains(casing));
    let mut moved = Moved::default();
    for group in here {
        let places: Vec<_> = group.iter().map(place).collect();
        for (k, a) in group.iter().enumerate() {
            for (l, b) in group.iter().enumerate().skip(k + 1) {
                if places[k] == places[l] {
                    continue;
                }
                if let Some((_, log10_lr)) = linker.pair(a, b) {
                    moved.pairs += 1;
                    moved.like_one += u64::from(log10_lr > CLEAR);
                    moved.like_two += u64::from(log10_lr < -CLEAR);
                }
            }
        }
    }
    moved
}

impl Preview {
    /// What it tells, line by line.
    pub fn words(&self) -> Vec<Message> {
        let groups = |all: &[Vec<String>]| -> Message {
            let one = |g: &Vec<String>| match g.len() {
                0..=6 => say!("{{{}}}", g.join(", ")),
                n => say!("{{{}, … {n} casings}}", g[..5].join(", ")),
            };
            Message::joined(all.iter().map(one), " ")
        };
        let mut lines = Vec::new();
        if self.before != self.after {
            let (before, after) = (groups(&self.before), groups(&self.after));
            lines.push(say!("groups that would change: {before} to {after}"));
        }
        let Moved { pairs, like_one, like_two } = self.joined;
        if pairs > 0 {
            lines.push(say!(
                "{pairs} compared pairs would come into one group: {like_one} of them score clearly \
                 like one firearm, {like_two} clearly like two"
            ));
        }
        let Moved { pairs, like_one, like_two } = self.parted;
        if pairs > 0 {
            lines.push(say!(
                "{pairs} compared pairs would no longer be in one group: {like_one} of them score \
                 clearly like one firearm, {like_two} clearly like two"
            ));
        }
        let made =
            |(x, y): &(CaseId, CaseId)| say!("a hit between case {x} and case {y} would be made");
        lines.extend(self.hits_made.iter().map(made));
        let undone =
            |(x, y): &(CaseId, CaseId)| say!("a hit between case {x} and case {y} would be undone");
        lines.extend(self.hits_undone.iter().map(undone));
        lines.extend(self.objections());
        lines
    }

    /// Who and what says otherwise.
    pub fn objections(&self) -> Vec<Message> {
        let person = |d: &Decided| {
            let Decision { by, a, b, conclusion, .. } = &d.decision;
            let (word, entry, reason) = (conclusion.word(), d.entry, &d.reason);
            match reason.is_empty() {
                true => say!("AGAINST {by}, who says {word} of {a} and {b} (ledger entry {entry})"),
                false => {
                    say!(
                        "AGAINST {by}, who says {word} of {a} and {b} (ledger entry {entry}: {reason})"
                    )
                }
            }
        };
        let scores = self.against_scores.iter().map(|c| say!("AGAINST THE SCORES: {c}"));
        scores.chain(self.against_persons.iter().map(person)).collect()
    }
}
