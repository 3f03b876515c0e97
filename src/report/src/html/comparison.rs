//! One comparison in depth: figures, pictures, cells.

use super::figure::{Pair, View, colour_key, panels};
use super::scores::standing;
use crate::document::{figures, number, weighed};
use crate::model::{Candidate, Findings, UNRANKED};
use crate::plates::{IN_DEPTH, Plates};
use crate::text::{Strings, rounded};
use maud::{Markup, html};
use types::comparison::Comparison;
use types::evidence::Modality;

/// Candidate `index` of section `section` beside the questioned mark.
pub fn comparison(
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
            (figures(c, t))
            @if let Some(w) = &c.weight { p.weighed { (weighed(w, t)) } }
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
