//! What is said of one mark and of one comparison, beside their pictures.

use super::block::{Block, Fact};
use super::span::{Line, Span, count, derived, line, number, or, said};
use super::tables::{interval, of};
use crate::model::{Candidate, Distribution, Findings, Weight};
use crate::text::{Strings, rounded};
use types::comparison::Comparison;
use types::mark::Verdict;
use types::surface::Pose;

/// What a prosecutor reads: what was done, what came first, what it is worth.
pub fn brief_facts(f: &Findings, t: &Strings) -> Vec<Fact> {
    let (q, first) = (&f.questioned, f.candidates.first());
    let scene = q.casing.scene.as_ref().map(|s| s.id.as_str());
    let candidate = match first {
        Some(c) => Span::Strong(c.side.casing.id.to_string()),
        None => Span::Absent(t.none.into()),
    };
    let mut facts = vec![
        Fact::new(t.questioned_casing, Span::Strong(q.casing.id.to_string())),
        Fact::new(t.scene, or(scene, t.not_stated)),
        Fact::new(t.first_candidate, candidate),
    ];
    if let Some(c) = first {
        facts.push(Fact::new(t.score, number(c.comparison.score, 2)));
        facts.push(Fact::new(t.congruent_cells, congruent(&c.comparison, t)));
    }
    let verdict = q.mark.quality.verdict;
    facts.extend([
        Fact::new(t.weight, weight(first.and_then(|c| c.weight.as_ref()), t)),
        Fact::new(t.compared_with, of(f.gallery.compared, f.gallery.casings, t)),
        Fact::new(t.condition, Span::Verdict(verdict, (t.verdict)(verdict))),
    ]);
    facts
}

/// The figures of one comparison.
pub fn figures(c: &Candidate, t: &Strings) -> Block {
    let m = &c.comparison;
    let laid = |pose: &Pose| {
        line([
            derived(pose.rotation.rad(), pose.rotation.deg(), 1),
            "°, ".into(),
            derived(pose.dx.0, pose.dx.um(), 0),
            " µm, ".into(),
            derived(pose.dy.0, pose.dy.um(), 0),
            " µm".into(),
        ])
    };
    let mut facts = vec![
        Fact::new(t.score, number(m.score, 2)),
        Fact::new(t.congruent_cells, congruent(m, t)),
        Fact::new(t.ccf, number(m.ccf, 3)),
        Fact::new(t.overlap, number(m.overlap_mm2, 2)),
        Fact::new(t.pose, laid(&m.b_from_a)),
    ];
    facts.extend(m.runner_up.map(|other| {
        let score = line([number(other.score, 2), ": ".into()]);
        Fact::new(t.runner_up, score.and(laid(&other.b_from_a)))
    }));
    facts.push(Fact::new(t.weight, weight(c.weight.as_ref(), t)));
    Block::facts(facts)
}

/// Congruent cells of those tried.
pub fn congruent(m: &Comparison, t: &Strings) -> Line {
    of(m.congruent_cells.into(), m.cells.into(), t)
}

/// The likelihood ratio with its interval, or plainly that there is none.
pub fn weight(weight: Option<&Weight>, t: &Strings) -> Line {
    weight.map_or_else(
        || Span::Absent(t.not_calibrated.into()).into(),
        |w| {
            line(["log".into(), Span::Below("10"), " LR ".into()]).and(interval(
                w.log10_lr,
                w.log10_lower,
                w.log10_upper,
            ))
        },
    )
}

/// What a weight rests on and what it says: population, propositions, words,
/// bounds, error rates and what is to be taken with care.
pub fn weighed(w: &Weight, t: &Strings) -> Line {
    let mut out = line([
        format!("{}. ", t.weight).into(),
        Span::Strong(w.population.clone()),
        ": ".into(),
        count(w.firearms),
        format!(" {}, ", t.firearms).into(),
        count(w.pairs),
        format!(" {}.", t.pairs).into(),
    ]);
    out.0.extend((t.weighed)(w).into_iter().map(|said| format!(" {said}").into()));
    let p = &w.performance;
    let mut behind = vec![
        w.bounds.log10_lower,
        w.bounds.log10_upper,
        p.cllr,
        p.cllr_min,
        p.misleading_same_source,
        p.misleading_different_source,
    ];
    behind.extend(w.strangers.iter().flat_map(|s| [s.gallery as f64, s.mean, s.lower, s.upper]));
    out.and(Span::Behind(behind))
}

/// What the quality gate remarks on the questioned mark, where it matters.
pub fn quality_notes(f: &Findings, t: &Strings) -> Option<Block> {
    let (mark, scan) = (&f.questioned.mark, &f.questioned.scan);
    let serious = mark.quality.verdict != Verdict::Good || !scan.warnings.is_empty();
    let items = mark.quality.reasons.iter().chain(&scan.warnings);
    let title = Span::Strong(t.quality_notes.into());
    serious.then(|| Block::Notes {
        line: line([title, " ".into(), t.quality_intro.into()]),
        items: items.map(|words| said(words, t).into()).collect(),
    })
}

/// How many of the other pairs reach this score: counted in whole steps, from
/// the step that holds it.
pub fn stands(d: &Distribution, score: f64, t: &Strings) -> String {
    let from = (((score - d.low) / d.step).floor().max(0.0)) as usize;
    let above = |bars: &[u64]| bars.iter().skip(from).sum::<u64>();
    let share =
        |n: u64, all: u64| format!("{} {} {}", rounded(n as f64, 0), t.of, rounded(all as f64, 0));
    (t.stands)(
        &share(above(&d.same), d.same_pairs()),
        &share(above(&d.different), d.different_pairs()),
        t.classes(&d.population),
    )
}
