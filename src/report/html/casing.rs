//! The casing report and the pair report.

use super::context::{exclusions, group, histogram, quality_notes, score_symbol, scores, standing};
use super::figure::{Pair, View, colour_key, definitions, panels, thumbnail};
use super::microscope::microscope;
use super::parts::{count, derived, failures, item_row, number, or_none, verdict_class, weight};
use crate::correlate::Comparison;
use crate::error::Result;
use crate::evidence::Modality;
use crate::report::model::{Candidate, CasingReport, Findings, Gallery, Header, PairReport};
use crate::report::plates::{IN_DEPTH, Plates, plates};
use crate::report::text::{Strings, rounded};
use maud::{Markup, html};

/// The rank of a pair that stands alone.
const UNRANKED: u32 = 0;

/// Title and body of a casing report.
pub fn casing(r: &CasingReport, t: &Strings) -> Result<(String, Markup)> {
    let plates = plates(&r.findings)?;
    let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
    let body = html! {
        (definitions(&plates, &symbols(&r.findings, t)))
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
                        (t.comparisons) ": " ((t.mark_kind)(f.questioned.mark.kind))
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
        (items(&r.findings, t.questioned, t))
        (method(&r.header, &r.findings, t))
        (failures(&r.failures, t))
    };
    Ok((format!("{}: {id}", t.casing_title), body))
}

/// Title and body of a pair report: the one comparison as a list of one.
pub fn pair(r: &PairReport, t: &Strings) -> Result<(String, Markup)> {
    let findings = [Findings {
        questioned: r.a.clone(),
        gallery: Gallery::default(),
        distribution: r.distribution.clone(),
        candidates: vec![Candidate {
            rank: UNRANKED,
            side: r.b.clone(),
            comparison: r.comparison.clone(),
            group: None,
            weight: r.weight.clone(),
        }],
    }];
    let plates = plates(&findings)?;
    let body = html! {
        (definitions(&plates, &symbols(&findings, t)))
        (microscope(&findings, &plates, t))
        section aria-labelledby="pairs0" {
            h2 #pairs0 { (t.comparison) ": " ((t.mark_kind)(r.a.mark.kind)) }
            p.guide { (t.how_to_read_cells) }
            @for f in &findings { @for c in &f.candidates {
                (comparison(0, 0, f, c, plates.first().and_then(Option::as_ref), t))
            } }
        }
        @if let Some(d) = &r.distribution { (histogram(d, t)) }
        (items(&findings, "A", t))
        (method(&r.header, &[], t))
    };
    Ok((format!("{}: {} – {}", t.pair_title, r.a.casing.id, r.b.casing.id), body))
}

/// What a prosecutor reads: what was done, what came first, what it is worth.
fn brief(section: usize, f: &Findings, plates: Option<&Plates>, t: &Strings) -> Markup {
    let (q, first) = (&f.questioned, f.candidates.first());
    let pair = Pair::new(section, 0);
    let pictured = plates.filter(|p| p.candidates.first().is_some_and(Option::is_some));
    html! {
        section.brief aria-labelledby={ "brief" (section) } {
            h2 id={ "brief" (section) } { ((t.mark_kind)(q.mark.kind)) }
            p.population {
                ((t.population)(&rounded(f.gallery.compared as f64, 0), &rounded(f.gallery.casings as f64, 0)))
            }
            div.hero {
                @if let (Some(p), Some(c)) = (pictured, first) {
                    (large(&pair.a, p, t.questioned, q.casing.id.as_str()))
                    (large(&pair.b, p, t.first_candidate, c.side.casing.id.as_str()))
                }
                dl.facts {
                    div { dt { (t.questioned_casing) } dd { b { (q.casing.id) } } }
                    div { dt { (t.scene) } dd {
                        (or_none(q.casing.scene.as_ref().map(|s| s.id.as_str()), t.not_stated))
                    } }
                    div { dt { (t.first_candidate) } dd {
                        @match first {
                            Some(c) => b { (c.side.casing.id) },
                            None => span.none { (t.none) },
                        }
                    } }
                    @if let Some(c) = first {
                        div { dt { (t.score) } dd { (number(c.comparison.score, 2)) } }
                        div { dt { (t.congruent_cells) } dd { (congruent(&c.comparison, t)) } }
                    }
                    div { dt { (t.weight) } dd { (weight(first.and_then(|c| c.weight.as_ref()), t)) } }
                    div { dt { (t.compared_with) } dd {
                        (count(f.gallery.compared)) " " (t.of) " " (count(f.gallery.casings))
                    } }
                    div { dt { (t.condition) } dd {
                        span.verdict.(verdict_class(q.mark.quality.verdict)) { ((t.verdict)(q.mark.quality.verdict)) }
                    } }
                }
            }
            (quality_notes(f, t))
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
    let weighed = f.candidates.iter().any(|c| c.weight.is_some());
    let thumb = |index: usize, c: &Candidate| {
        let p = plates?;
        p.candidates.get(index)?.as_ref()?;
        let label = format!("{}: {}", t.open_in_microscope, c.side.casing.id);
        Some(thumbnail(&Pair::new(section, index).b, p, &label))
    };
    html! {
        section aria-labelledby={ "ranking" (section) } {
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
                        @if weighed { th scope="col" { (t.weight) } }
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
                            td.id { (or_none(c.group.as_deref(), "–")) }
                            @if weighed { td { (weight(c.weight.as_ref(), t)) } }
                        }
                    } }
                } }
                p.note {
                    (t.score_note)
                    @if !weighed { " " (t.weight) ": " (t.not_calibrated) "." }
                }
            }
        }
    }
}

/// What stands before a candidate: its rank, or B where there is none.
fn place(c: &Candidate) -> String {
    if c.rank == UNRANKED { "B".into() } else { c.rank.to_string() }
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

fn congruent(m: &Comparison, t: &Strings) -> Markup {
    html! { (count(m.congruent_cells.into())) " " (t.of) " " (count(m.cells.into())) }
}

fn comparison(
    section: usize,
    index: usize,
    f: &Findings,
    c: &Candidate,
    plates: Option<&Plates>,
    t: &Strings,
) -> Markup {
    let (m, pair) = (&c.comparison, Pair::new(section, index));
    let names = [f.questioned.casing.id.as_str(), c.side.casing.id.as_str()];
    let pictured = plates.filter(|p| p.candidates.get(index).is_some_and(Option::is_some));
    let heights = f.questioned.mark.modality == Modality::Topography;
    html! {
        article.pair id={ "pair" (section) "-" (index) } {
            h3 { @if c.rank != UNRANKED { span.rank { (c.rank) } " " } (names[0]) " – " (names[1]) }
            dl.facts {
                div { dt { (t.score) } dd { (number(m.score, 2)) } }
                div { dt { (t.congruent_cells) } dd { (congruent(m, t)) } }
                div { dt { (t.ccf) } dd { (number(m.ccf, 3)) } }
                div { dt { (t.overlap) } dd { (number(m.overlap_mm2, 2)) } }
                div { dt { (t.pose) } dd {
                    (derived(m.b_from_a.rotation.rad(), m.b_from_a.rotation.deg(), 1)) "°, "
                    (derived(m.b_from_a.dx.0, m.b_from_a.dx.um(), 0)) " µm, "
                    (derived(m.b_from_a.dy.0, m.b_from_a.dy.um(), 0)) " µm"
                } }
                div { dt { (t.weight) } dd { (weight(c.weight.as_ref(), t)) } }
            }
            @if let Some(p) = pictured {
                figure {
                    div.panels { (panels(&pair, p, m, View::Plain, names, t)) }
                    figcaption {
                        @if heights { ((t.relief_caption)(&rounded(p.exaggeration, 1))) }
                        @else { (t.image_caption) }
                    }
                }
                @if index < IN_DEPTH {
                    figure {
                        div.panels.four {
                            @if heights { (panels(&pair, p, m, View::Colour, names, t)) }
                            (panels(&pair, p, m, View::Overlay, names, t))
                            (panels(&pair, p, m, View::Difference, names, t))
                        }
                        @if heights { (colour_key(p, t)) }
                        figcaption { @if heights { (t.depth_caption) } @else { (t.overlay_caption) } }
                    }
                }
            } @else {
                p.none { (t.no_picture) }
            }
            (standing(section, f, m, t))
            (cell_table(m, t))
        }
    }
}

fn cell_table(m: &Comparison, t: &Strings) -> Markup {
    html! {
        details {
            summary { (t.cell_table) }
            p { (t.cell_side) " " (number(m.cell_um, 0)) " µm" }
            div.scroll { table.cells {
                caption { (t.cell_table_caption) }
                thead { tr {
                    th.n scope="col" { (t.number) }
                    th.n scope="col" { "x" sub { "A" } " µm" }
                    th.n scope="col" { "y" sub { "A" } " µm" }
                    th.n scope="col" { "x" sub { "B" } " µm" }
                    th.n scope="col" { "y" sub { "B" } " µm" }
                    th.n scope="col" { (t.turn) " °" }
                    th.n scope="col" { (t.ccf) }
                    th scope="col" { (t.congruent) }
                } }
                tbody { @for (i, cell) in m.cell_table.iter().enumerate() { tr {
                    th.n scope="row" { (i + 1) }
                    @for v in [cell.x_um, cell.y_um, cell.found_x_um, cell.found_y_um] {
                        td.n { (number(v, 0)) }
                    }
                    td.n { (number(cell.rotation_deg, 1)) }
                    td.n { (number(cell.ccf, 2)) }
                    td { @if cell.congruent { b { (t.yes) } } @else { (t.no) } }
                } } }
            } }
        }
    }
}

fn items(findings: &[Findings], first: &str, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="items" {
            h2 #items { (t.items) }
            div.scroll { table.items {
                caption { (t.items_caption) }
                thead { tr {
                    th scope="col" { (t.rank) }
                    th scope="col" { (t.casing) }
                    th scope="col" { (t.scan) }
                    th scope="col" { (t.condition) }
                } }
                tbody { @for f in findings {
                    (item_row(first, &f.questioned, t))
                    @for c in &f.candidates { (item_row(&place(c), &c.side, t)) }
                } }
            } }
        }
    }
}

fn method(header: &Header, findings: &[Findings], t: &Strings) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 #method { (t.method) }
            @match &header.laboratory.method {
                Some(text) => p { (text) },
                None => @for text in t.standing_method { p { (text) } },
            }
            @for f in findings {
                h3 { (t.filters) ": " ((t.mark_kind)(f.questioned.mark.kind)) }
                p {
                    ((t.population)(&rounded(f.gallery.compared as f64, 0), &rounded(f.gallery.casings as f64, 0)))
                }
                (exclusions(&f.gallery, t))
            }
        }
    }
}
