//! Pictures with their cells and scale bars as SVG, in micrometres.
//!
//! Every panel uses the questioned mark's frame, so x, y of a cell are those
//! of the model. A picture is embedded once among the definitions and shown
//! wherever it is used.

use crate::cells::{Side, drawn, tenth};
use crate::picture::{CIVIDIS, DIVERGING, channel_table};
use crate::plates::{Plate, Plates};
use crate::text::{Strings, rounded};
use maud::{Markup, html};
use types::comparison::Comparison;

/// Which of a plate's pictures a panel shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Shaded relief, or the image itself.
    Plain,
    /// Heights in colour.
    Colour,
    /// A in red over B in cyan: grey where they agree.
    Overlay,
    /// A − B: blue where A is lower, orange where it is higher.
    Difference,
}

/// The identifiers of one pair of pictures.
#[derive(Clone)]
pub struct Pair {
    /// Of the questioned mark.
    pub a: String,
    /// Of the candidate.
    pub b: String,
}

impl Pair {
    /// Of candidate `index` of section `section`, both counted from 0.
    pub fn new(section: usize, index: usize) -> Self {
        Self { a: format!("s{section}a"), b: format!("s{section}c{index}") }
    }
}

/// All pictures of the page, the hatching, the colour scales and what else is
/// shown more than once.
pub fn definitions(plates: &[Option<Plates>], others: &Markup) -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                (others)
                pattern #hatch width="8" height="8" patternUnits="userSpaceOnUse"
                    patternTransform="scale(9) rotate(45)" {
                    rect width="8" height="8" fill="#eceff1" {}
                    line x1="0" y1="0" x2="0" y2="8" stroke="#aeb7bf" stroke-width="1.6" {}
                }
                (transfer("cividis", &CIVIDIS))
                (transfer("diverging", &DIVERGING))
                (only_channels("red", "1 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 1 0"))
                (only_channels("cyan", "0 0 0 0 0  0 1 0 0 0  0 0 1 0 0  0 0 0 1 0"))
                @for (section, plates) in plates.iter().enumerate() {
                    @if let Some(p) = plates {
                        (images(&Pair::new(section, 0).a, &p.questioned, p))
                        @for (index, plate) in p.candidates.iter().enumerate() {
                            @if let Some(plate) = plate {
                                (images(&Pair::new(section, index).b, plate, p))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn transfer(id: &str, scale: &[[u8; 3]]) -> Markup {
    html! {
        filter id=(id) color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1" {
            feComponentTransfer {
                feFuncR type="table" tableValues=(channel_table(scale, 0)) {}
                feFuncG type="table" tableValues=(channel_table(scale, 1)) {}
                feFuncB type="table" tableValues=(channel_table(scale, 2)) {}
            }
        }
    }
}

fn only_channels(id: &str, matrix: &str) -> Markup {
    html! {
        filter id=(id) color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1" {
            feColorMatrix type="matrix" values=(matrix) {}
        }
    }
}

fn images(id: &str, plate: &Plate, p: &Plates) -> Markup {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    let image = |id: String, data: &str| {
        html! {
            image id=(id) x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h)
                href={ "data:image/png;base64," (data) } {}
        }
    };
    html! {
        (image(format!("{id}-field"), &plate.field))
        @if let Some(relief) = &plate.relief { (image(format!("{id}-relief"), relief)) }
        @if let Some(data) = &plate.difference { (image(format!("{id}-difference"), data)) }
    }
}

/// A small picture of one mark without cells, for lists.
pub fn thumbnail(id: &str, p: &Plates, label: &str) -> Markup {
    html! {
        svg.thumbnail viewBox=(view_box(p)) role="img" aria-label=(label) {
            (ground(p)) use href={ "#" (id) "-" (plain(p)) } {}
        }
    }
}

/// A and B side by side with cells, or over each other.
pub fn panels(
    pair: &Pair,
    p: &Plates,
    c: &Comparison,
    view: View,
    names: [&str; 2],
    t: &Strings,
) -> Markup {
    let cells = view == View::Plain;
    let (a, b) = (format!("A: {}", names[0]), format!("B: {}", names[1]));
    html! {
        @match view {
            View::Overlay => {
                div.panel {
                    svg viewBox=(view_box(p)) role="img" aria-label={ (t.overlay) ". " (a) ". " (b) } {
                        rect.black x=(-p.frame.width_um() / 2.0) y=(-p.frame.height_um() / 2.0)
                            width=(p.frame.width_um()) height=(p.frame.height_um()) {}
                        use href={ "#" (pair.a) "-" (plain(p)) } filter="url(#red)" {}
                        use.screen href={ "#" (pair.b) "-" (plain(p)) } filter="url(#cyan)" {}
                        (scale_bar(p))
                    }
                    p.which { (t.overlay) }
                }
            }
            View::Difference => {
                div.panel {
                    svg viewBox=(view_box(p)) role="img" aria-label={ (t.difference) ". " (a) ". " (b) } {
                        (ground(p))
                        use href={ "#" (pair.b) "-difference" } filter="url(#diverging)" {}
                        (scale_bar(p))
                    }
                    p.which { (t.difference) }
                }
            }
            View::Plain | View::Colour => {
                @for (id, side, label) in [(&pair.a, Side::A, &a), (&pair.b, Side::B, &b)] {
                    div.panel {
                        svg viewBox=(view_box(p)) role="img"
                            aria-label={ (label) ". " ((t.cells_alt)(c.congruent_cells, c.cells)) } {
                            (ground(p))
                            @if view == View::Colour {
                                use href={ "#" (id) "-field" } filter="url(#cividis)" {}
                            } @else {
                                use href={ "#" (id) "-" (plain(p)) } {}
                            }
                            @if cells { (cell_marks(c, side)) }
                            (scale_bar(p))
                        }
                        p.which { (label) }
                    }
                }
            }
        }
    }
}

/// The colour scale with its ends in micrometres.
pub fn colour_key(p: &Plates, t: &Strings) -> Markup {
    let clip = f64::from(p.clip);
    html! {
        p.key {
            span { "≤ " (rounded(-clip, 2)) " µm" }
            svg viewBox="0 0 170 8" preserveAspectRatio="none" role="img" aria-label=(t.colour_scale) {
                @for (i, [r, g, b]) in CIVIDIS.iter().enumerate() {
                    rect x=(10 * i) y="0" width="10.5" height="8"
                        fill={ "rgb(" (r) "," (g) "," (b) ")" } {}
                }
            }
            span { "≥ " (rounded(clip, 2)) " µm" }
        }
    }
}

fn plain(p: &Plates) -> &'static str {
    if p.questioned.relief.is_some() { "relief" } else { "field" }
}

fn view_box(p: &Plates) -> String {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    format!("{} {} {w} {h}", -w / 2.0, -h / 2.0)
}

fn ground(p: &Plates) -> Markup {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    html! { rect x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) fill="url(#hatch)" {} }
}

fn scale_bar(p: &Plates) -> Markup {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    let (unit, bar) = (w / 100.0, p.bar_um);
    let (left, top) = (-w / 2.0 + 2.0 * unit, h / 2.0 - 9.0 * unit);
    html! {
        g.bar {
            rect.plate x=(left) y=(top) width=(bar + 3.0 * unit) height=(7.0 * unit) rx=(unit) {}
            rect x=(left + 1.5 * unit) y=(top + 5.0 * unit) width=(bar) height=(unit) {}
            text x=(left + 1.5 * unit + bar / 2.0) y=(top + 4.1 * unit) font-size=(3.6 * unit) {
                (rounded(bar, 0)) " µm"
            }
        }
    }
}

/// Each cell as a square with its number: its place in A, or its place in B
/// brought into A's frame.
fn cell_marks(c: &Comparison, side: Side) -> Markup {
    let half = c.cell_um / 2.0;
    html! {
        g.cells font-size=(tenth(c.cell_um * 0.3)) {
            @for congruent in [false, true] {
                @for (i, cell) in c.cell_table.iter().enumerate().filter(|(_, k)| k.congruent == congruent) {
                    @let (x, y, turn) = drawn(c, cell, side);
                    g class=(if congruent { "yes" } else { "no" })
                        transform={ "translate(" (tenth(x)) " " (tenth(y)) ")" } {
                        rect x=(-half) y=(-half) width=(c.cell_um) height=(c.cell_um)
                            transform=[(turn.abs() > 0.05).then(|| format!("rotate({})", tenth(turn)))] {}
                        text { (i + 1) }
                    }
                }
            }
        }
    }
}
