//! Pictures with their cells and scale bars as SVG, in micrometres.
//!
//! Every panel uses the questioned mark's frame, so x, y of a cell are those
//! of the model. A picture is embedded once among the definitions and shown
//! wherever it is used.

use super::blocks::Page;
use super::spans::line;
use crate::cells::tenth;
use crate::document::{Cells, Chart, ColourKey, Picture, View};
use crate::picture::{CIVIDIS, DIVERGING, channel_table};
use crate::plates::{Ground, Plate, Plates};
use crate::text::rounded;
use maud::{Markup, html};

/// All pictures of the page, the hatching, the colour scales and the charts that
/// are shown more than once.
pub fn definitions(plates: &[Option<Plates>], charts: &[Chart]) -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                @for Chart { id, svg } in charts { g id=(id) { (svg) } }
                pattern #hatch width="8" height="8" patternUnits="userSpaceOnUse"
                    patternTransform="scale(9) rotate(45)" {
                    rect width="8" height="8" fill="#eceff1" {}
                    line x1="0" y1="0" x2="0" y2="8" stroke="#aeb7bf" stroke-width="1.6" {}
                }
                (transfer("cividis", &CIVIDIS))
                (transfer("diverging", &DIVERGING))
                (only_channels("red", "1 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 1 0"))
                (only_channels("cyan", "0 0 0 0 0  0 1 0 0 0  0 0 1 0 0  0 0 0 1 0"))
                @for p in plates.iter().flatten() {
                    @for plate in [&p.questioned].into_iter().chain(p.candidates.iter().flatten()) {
                        (images(plate, p.ground))
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

fn images(plate: &Plate, ground: Ground) -> Markup {
    let (w, h) = size(ground);
    let image = |view: &str, data: &str| {
        html! {
            image id={ (plate.id) "-" (view) } x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h)
                href={ "data:image/png;base64," (data) } {}
        }
    };
    html! {
        (image("field", &plate.field))
        @if let Some(relief) = &plate.relief { (image("relief", relief)) }
        @if let Some(data) = &plate.difference { (image("difference", data)) }
    }
}

/// Pictures beside each other over one caption.
pub fn figure(
    pictures: &[Picture],
    key: Option<&ColourKey>,
    caption: &Markup,
    page: &Page,
) -> Markup {
    let class = if pictures.len() > 2 { "panels four" } else { "panels" };
    html! {
        figure {
            div class=(class) { @for p in pictures { div.panel {
                svg viewBox=(view_box(p.ground)) role="img" aria-label=(p.alt) {
                    (view(p))
                    @if let Some(cells) = &p.cells { (cell_marks(cells)) }
                    (scale_bar(p.ground, 1.0))
                }
                p.which { (line(&p.label, page)) }
            } } }
            @if let Some(key) = key { (colour_key(key)) }
            figcaption { (caption) }
        }
    }
}

/// Large pictures beside the facts that they are about.
pub fn hero(pictures: &[Picture], facts: &Markup, page: &Page) -> Markup {
    html! {
        div.hero {
            @for p in pictures { figure {
                (thumbnail(p, true))
                figcaption { (line(&p.label, page)) }
            } }
            (facts)
        }
    }
}

/// A small picture, for lists; with its scale bar where it is large enough for one.
pub fn thumbnail(p: &Picture, bar: bool) -> Markup {
    html! {
        svg.thumbnail viewBox=(view_box(p.ground)) role="img" aria-label=(p.alt) {
            (view(p))
            @if bar { (scale_bar(p.ground, 1.8)) }
        }
    }
}

/// What a picture shows, under its cells and its scale bar.
fn view(p: &Picture) -> Markup {
    let (w, h) = size(p.ground);
    html! {
        @match &p.view {
            View::Plain(plate) => {
                (hatched(p.ground))
                use href={ "#" (plate.id) "-" (plain(plate)) } {}
            },
            View::Colour(plate) => {
                (hatched(p.ground))
                use href={ "#" (plate.id) "-field" } filter="url(#cividis)" {}
            },
            View::Overlay(a, b) => {
                rect.black x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) {}
                use href={ "#" (a.id) "-" (plain(a)) } filter="url(#red)" {}
                use.screen href={ "#" (b.id) "-" (plain(b)) } filter="url(#cyan)" {}
            },
            View::Difference(plate) => {
                (hatched(p.ground))
                use href={ "#" (plate.id) "-difference" } filter="url(#diverging)" {}
            },
        }
    }
}

/// The colour scale with its ends in micrometres.
fn colour_key(key: &ColourKey) -> Markup {
    html! {
        p.key {
            span { "≤ " (rounded(-key.clip_um, 2)) " µm" }
            svg viewBox="0 0 170 8" preserveAspectRatio="none" role="img" aria-label=(key.alt) {
                @for (i, [r, g, b]) in CIVIDIS.iter().enumerate() {
                    rect x=(10 * i) y="0" width="10.5" height="8"
                        fill={ "rgb(" (r) "," (g) "," (b) ")" } {}
                }
            }
            span { "≥ " (rounded(key.clip_um, 2)) " µm" }
        }
    }
}

const fn plain(plate: &Plate) -> &'static str {
    if plate.relief.is_some() { "relief" } else { "field" }
}

fn size(ground: Ground) -> (f64, f64) {
    (ground.frame.width_um(), ground.frame.height_um())
}

fn view_box(ground: Ground) -> String {
    let (w, h) = size(ground);
    format!("{} {} {w} {h}", -w / 2.0, -h / 2.0)
}

/// What shows where there is no data.
fn hatched(ground: Ground) -> Markup {
    let (w, h) = size(ground);
    html! { rect x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) fill="url(#hatch)" {} }
}

/// The scale bar, its letters enlarged `times` where the picture is small.
fn scale_bar(ground: Ground, times: f64) -> Markup {
    let (w, h) = size(ground);
    let (unit, bar) = (times * w / 100.0, ground.bar_um);
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

/// Each cell as a square with its number.
fn cell_marks(cells: &Cells) -> Markup {
    let half = cells.side_um / 2.0;
    html! {
        g.cells font-size=(tenth(cells.side_um * 0.3)) {
            @for c in &cells.marks {
                g class=(if c.congruent { "yes" } else { "no" })
                    transform={ "translate(" (tenth(c.x_um)) " " (tenth(c.y_um)) ")" } {
                    rect x=(-half) y=(-half) width=(cells.side_um) height=(cells.side_um)
                        transform=[(c.turn_deg.abs() > 0.05).then(|| format!("rotate({})", tenth(c.turn_deg)))] {}
                    text { (c.number) }
                }
            }
        }
    }
}
