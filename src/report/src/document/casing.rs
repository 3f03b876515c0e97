//! The casing report and the pair report.

use super::block::{Block, Style};
use super::comparison::comparisons;
use super::decisions::decisions;
use super::group::group;
use super::items::{items, method};
use super::pair::{brief_facts, quality_notes, weighed};
use super::picture::{Microscoped, Picture};
use super::ranking::ranking;
use super::robustness::robustness;
use super::scores::{scores, shared_bars};
use super::tables::failures;
use super::theirs::theirs;
use crate::model::{CasingReport, Findings, PairReport};
use crate::plates::{Plates, plates};
use crate::text::{Strings, rounded};
use std::rc::Rc;
use types::error::Result;
use types::evidence::CasingRecord;

/// What a casing report says.
pub fn casing(r: &CasingReport, t: &Strings) -> Result<Vec<Block>> {
    let plates: Rc<[Option<Plates>]> = plates(&r.findings)?.into();
    let each = || (0..).zip(r.findings.iter().zip(plates.iter().map(Option::as_ref)));
    let mut blocks = vec![shared(&r.findings, &plates, t)];
    blocks.extend(decisions(&r.decisions, t));
    for (section, (f, p)) in each() {
        blocks.push(brief(section, f, p, t));
        blocks.push(ranking(section, f, p, t));
        blocks.extend(scores(section, "brief", f, t));
    }
    blocks.push(microscope(&r.findings, &plates));
    blocks.extend(
        each().filter_map(|(section, (f, p))| comparisons(section, t.comparisons, f, p, t)),
    );
    let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
    blocks.extend(r.group.as_ref().map(|view| group(view, id, t)));
    blocks.extend(theirs(&r.theirs, t));
    blocks.push(items(&r.findings, t.questioned, t));
    blocks.push(method(&r.header, &r.findings, t));
    blocks.push(failures(&r.failures, t));
    Ok(blocks)
}

/// What a pair report says: the one comparison as a list of one.
pub fn pair(r: &PairReport, t: &Strings) -> Result<Vec<Block>> {
    let findings = [r.findings()];
    let plates: Rc<[Option<Plates>]> = plates(&findings)?.into();
    let mut blocks = vec![shared(&findings, &plates, t)];
    blocks.extend(decisions(&r.decisions, t));
    blocks.push(microscope(&findings, &plates));
    for (f, p) in findings.iter().zip(plates.iter()) {
        blocks.extend(comparisons(0, t.comparison, f, p.as_ref(), t));
        blocks.extend(scores(0, "pairs", f, t));
    }
    blocks.extend(robustness(r, t));
    blocks.push(items(&findings, "A", t));
    blocks.push(method(&r.header, &[], t));
    Ok(blocks)
}

/// What a page shows more than once.
fn shared(findings: &[Findings], plates: &Rc<[Option<Plates>]>, t: &Strings) -> Block {
    let charts = (0..).zip(findings).filter_map(|(section, f)| shared_bars(section, f, t));
    Block::Shared { plates: plates.clone(), charts: charts.collect() }
}

/// The pairs that the comparison microscope can show.
fn microscope(findings: &[Findings], plates: &[Option<Plates>]) -> Block {
    Block::Microscope(instrument_pairs(findings, plates))
}

/// Every pair of findings whose pictures are at hand.
pub fn instrument_pairs(findings: &[Findings], plates: &[Option<Plates>]) -> Vec<Microscoped> {
    let pairs = findings.iter().zip(plates).flat_map(|(f, p)| {
        (0..).zip(&f.candidates).filter_map(move |(index, c)| {
            let p = p.as_ref()?;
            Some(Microscoped {
                kind: f.questioned.mark.kind,
                names: [&f.questioned, &c.side].map(|side| side.casing.id.to_string()),
                plates: [p.questioned.clone(), p.candidate(index)?.clone()],
                ground: p.ground,
                clip: p.clip,
                exaggeration: p.exaggeration,
                comparison: c.comparison.clone(),
            })
        })
    });
    pairs.collect()
}

/// What a prosecutor reads: what was done, what came first, what it is worth.
fn brief(section: usize, f: &Findings, p: Option<&Plates>, t: &Strings) -> Block {
    let (q, first) = (&f.questioned, f.candidates.first());
    let pictures = first.zip(p).and_then(|(c, p)| {
        let large = |plate, role, casing: &CasingRecord| {
            Picture::of_role(p, plate, role, casing.id.as_str())
        };
        let b = large(p.candidate(0)?, t.first_candidate, &c.side.casing);
        Some(vec![large(&p.questioned, t.questioned, &q.casing), b])
    });
    let [compared, casings] = [f.gallery.compared, f.gallery.casings].map(|n| rounded(n as f64, 0));
    let mut blocks = vec![
        Block::text(Style::Intro, (t.population)(&compared, &casings)),
        Block::Hero { pictures: pictures.unwrap_or_default(), facts: brief_facts(f, t) },
    ];
    let weight = first.and_then(|c| c.weight.as_ref());
    blocks.extend(weight.map(|w| Block::text(Style::Weighed, weighed(w, t))));
    blocks.extend(quality_notes(f, t));
    let (id, title) = (format!("brief{section}"), t.named(&q.mark).into());
    Block::Section { id, of: None, class: "brief", title, blocks }
}
