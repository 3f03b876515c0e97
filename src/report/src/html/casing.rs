//! The casing report and the pair report.

use super::comparison::comparison;
use super::figure::{Pair, definitions, thumbnail};
use super::microscope::microscope;
use super::scores::{histogram, score_symbol, scores};
use crate::document::{
    self, congruent, count, decisions, failures, group, interval, items, method, number, or,
    quality_notes, theirs, weighed,
};
use crate::model::{Candidate, CasingReport, Findings, PairReport};
use crate::plates::{Plates, plates};
use crate::text::{Strings, rounded};
use maud::{Markup, html};
use types::error::Result;

/// Body of a casing report.
pub fn casing(r: &CasingReport, t: &Strings) -> Result<Markup> {
    let plates = plates(&r.findings)?;
    let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
    Ok(html! {
        (definitions(&plates, &symbols(&r.findings, t)))
        @for block in decisions(&r.decisions, t) { (block) }
        @for (section, f) in r.findings.iter().enumerate() {
            @let p = plates.get(section).and_then(Option::as_ref);
            (brief(section, f, p, t))
            (ranking(section, f, p, t))
            @if let Some(d) = &f.distribution { (scores(section, f, d, t)) }
        }
        (microscope(&r.findings, &plates, t))
        @for (section, f) in r.findings.iter().enumerate() {
            @if !f.candidates.is_empty() {
                section aria-labelledby={ "pairs" (section) } {
                    h2 id={ "pairs" (section) } {
                        (t.comparisons) ": " (t.named(&f.questioned.mark))
                    }
                    p.guide { (t.how_to_read_cells) }
                    @for (index, c) in f.candidates.iter().enumerate() {
                        @let p = plates.get(section).and_then(Option::as_ref);
                        (comparison(section, index, f, c, p, t))
                    }
                }
            }
        }
        @if let Some(view) = &r.group { (group(view, id, t)) }
        @if let Some(block) = theirs(&r.theirs, t) { (block) }
        (items(&r.findings, t.questioned, t))
        (method(&r.header, &r.findings, t))
        (failures(&r.failures, t))
    })
}

/// Body of a pair report: the one comparison as a list of one.
pub fn pair(r: &PairReport, t: &Strings) -> Result<Markup> {
    let findings = [r.findings()];
    let plates = plates(&findings)?;
    Ok(html! {
        (definitions(&plates, &symbols(&findings, t)))
        @for block in decisions(&r.decisions, t) { (block) }
        (microscope(&findings, &plates, t))
        section aria-labelledby="pairs0" {
            h2 #pairs0 { (t.comparison) ": " (t.named(&r.a.mark)) }
            p.guide { (t.how_to_read_cells) }
            @for f in &findings { @for c in &f.candidates {
                (comparison(0, 0, f, c, plates.first().and_then(Option::as_ref), t))
            } }
        }
        @if let Some(d) = &r.distribution { (histogram(d, t)) }
        (items(&findings, "A", t))
        (method(&r.header, &[], t))
    })
}

/// What a prosecutor reads: what was done, what came first, what it is worth.
fn brief(section: usize, f: &Findings, plates: Option<&Plates>, t: &Strings) -> Markup {
    let (q, first) = (&f.questioned, f.candidates.first());
    let pair = Pair::new(section, 0);
    let pictured = plates.filter(|p| p.candidates.first().is_some_and(Option::is_some));
    html! {
        section.brief aria-labelledby={ "brief" (section) } {
            h2 id={ "brief" (section) } { (t.named(&q.mark)) }
            p.population {
                ((t.population)(&rounded(f.gallery.compared as f64, 0), &rounded(f.gallery.casings as f64, 0)))
            }
            div.hero {
                @if let (Some(p), Some(c)) = (pictured, first) {
                    (large(&pair.a, p, t.questioned, q.casing.id.as_str()))
                    (large(&pair.b, p, t.first_candidate, c.side.casing.id.as_str()))
                }
                (document::brief(f, t))
            }
            @if let Some(w) = first.and_then(|c| c.weight.as_ref()) { p.weighed { (weighed(w, t)) } }
            @if let Some(notes) = quality_notes(f, t) { (notes) }
        }
    }
}

/// A picture of one of the two marks that the brief is about.
fn large(id: &str, p: &Plates, role: &str, name: &str) -> Markup {
    html! {
        figure {
            (thumbnail(id, p, &format!("{role}: {name}")))
            figcaption { (role) br; b { (name) } }
        }
    }
}

/// The score charts' bars, shown again beside every pair.
fn symbols(findings: &[Findings], t: &Strings) -> Markup {
    html! { @for (section, f) in findings.iter().enumerate() { (score_symbol(section, f, t)) } }
}

fn ranking(section: usize, f: &Findings, plates: Option<&Plates>, t: &Strings) -> Markup {
    let best = f.candidates.iter().map(|c| c.comparison.score).fold(f64::MIN_POSITIVE, f64::max);
    let any_weighed = f.candidates.iter().any(|c| c.weight.is_some());
    let thumb = |index: usize, c: &Candidate| {
        let p = plates?;
        p.candidates.get(index)?.as_ref()?;
        let label = format!("{}: {}", t.open_in_microscope, c.side.casing.id);
        Some(thumbnail(&Pair::new(section, index).b, p, &label))
    };
    html! {
        section aria-labelledby={ "brief" (section) " ranking" (section) } {
            h3 id={ "ranking" (section) } { (t.ranked_candidates) }
            @if f.candidates.is_empty() {
                p { (t.no_candidates) }
            } @else {
                div.scroll { table.ranking {
                    caption {
                        ((t.ranking_caption)(
                            &rounded(f.candidates.len() as f64, 0),
                            &rounded(f.gallery.compared as f64, 0)
                        ))
                    }
                    thead { tr {
                        th.n scope="col" { (t.rank) }
                        th scope="col" { (t.picture) }
                        th scope="col" { (t.candidate) }
                        th scope="col" { (t.score) }
                        th.n scope="col" { (t.congruent_cells) }
                        th.n scope="col" { (t.ccf) }
                        th.n scope="col" { (t.overlap) }
                        th scope="col" { (t.group) }
                        @if any_weighed { th.n scope="col" { (t.log10_lr) } }
                    } }
                    tbody { @for (index, c) in f.candidates.iter().enumerate() {
                        @let m = &c.comparison;
                        tr {
                            td.n.rank { (count(c.rank.into())) }
                            td { @match thumb(index, c) {
                                Some(svg) => a.open href="#microscope" data-a=(Pair::new(section, index).a)
                                    data-b=(Pair::new(section, index).b) { (svg) },
                                None => "–",
                            } }
                            th scope="row" {
                                a href={ "#pair" (section) "-" (index) } { (c.side.casing.id) }
                                br; small {
                                    ((t.origin)(c.side.casing.origin))
                                    @if let Some(s) = &c.side.casing.scene { " · " (t.scene) " " (s.id) }
                                    @if let Some(g) = &c.side.casing.firearm { " · " (t.firearm) " " (g) }
                                }
                            }
                            td.score { (number(m.score, 2)) (score_bar(m.score / best)) }
                            td.n { (congruent(m, t)) }
                            td.n { (number(m.ccf, 3)) }
                            td.n { (number(m.overlap_mm2, 2)) }
                            td.id { (or(c.group.as_deref(), "–")) }
                            @if any_weighed { td.n { @match &c.weight {
                                None => "–",
                                Some(w) => (interval(w.log10_lr, w.log10_lower, w.log10_upper)),
                            } } }
                        }
                    } }
                } }
                p.note {
                    (t.score_note)
                    @if !any_weighed { " " (t.weight) ": " (t.not_calibrated) "." }
                }
            }
        }
    }
}

/// The score as a bar, full = the first-ranked one's.
fn score_bar(share: f64) -> Markup {
    let length = if share.is_finite() { (100.0 * share.clamp(0.0, 1.0)).round() } else { 0.0 };
    html! {
        svg.score viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="6" {} rect.level width=(length) height="6" {}
        }
    }
}
