//! Pictures of marks as SVG files of their own.

use crate::correlate::Comparison;
use crate::report::cells::{Side, drawn, tenth};
use crate::report::picture::{CIVIDIS, DIVERGING, channel_table};
use crate::report::plates::{Plate, Plates};
use crate::report::text::rounded;
use maud::{Markup, PreEscaped, html};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// The relief (or image) with its cells and scale bar.
pub fn plain(plate: &Plate, p: &Plates, cells: Option<(&Comparison, Side)>) -> Vec<u8> {
    let image = plate.relief.as_ref().unwrap_or(&plate.field);
    file(p, &html! {
        (shown(p, image, None))
        @if let Some((c, side)) = cells { (cell_marks(p, c, side)) }
        (scale_bar(p))
    })
}

/// The heights in colour.
pub fn coloured(plate: &Plate, p: &Plates) -> Vec<u8> {
    scaled(p, &plate.field, &CIVIDIS)
}

/// The difference A − B; none where it was not made.
pub fn difference(plate: &Plate, p: &Plates) -> Option<Vec<u8>> {
    plate.difference.as_ref().map(|data| scaled(p, data, &DIVERGING))
}

/// A in red and B in cyan.
pub fn overlay(a: &Plate, b: &Plate, p: &Plates) -> Vec<u8> {
    let shade = |plate: &'_ Plate| plate.relief.clone().unwrap_or_else(|| plate.field.clone());
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    file(p, &html! {
        defs {
            (channels("red", "1 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 1 0"))
            (channels("cyan", "0 0 0 0 0  0 1 0 0 0  0 0 1 0 0  0 0 0 1 0"))
        }
        g style="isolation:isolate" {
            rect x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) {}
            (shown(p, &shade(a), Some("url(#red)")))
            g style="mix-blend-mode:screen" { (shown(p, &shade(b), Some("url(#cyan)"))) }
        }
        (scale_bar(p))
    })
}

fn channels(id: &str, matrix: &str) -> Markup {
    html! {
        filter id=(id) color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1" {
            feColorMatrix type="matrix" values=(matrix) {}
        }
    }
}

/// Grey values through a colour scale.
fn scaled(p: &Plates, png: &str, scale: &[[u8; 3]]) -> Vec<u8> {
    file(p, &html! {
        defs {
            filter #scale color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1" {
                feComponentTransfer {
                    feFuncR type="table" tableValues=(channel_table(scale, 0)) {}
                    feFuncG type="table" tableValues=(channel_table(scale, 1)) {}
                    feFuncB type="table" tableValues=(channel_table(scale, 2)) {}
                }
            }
        }
        (shown(p, png, Some("url(#scale)")))
        (scale_bar(p))
    })
}

fn file(p: &Plates, body: &Markup) -> Vec<u8> {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    html! {
        (PreEscaped(XML))
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ (-w / 2.0) " " (-h / 2.0) " " (w) " " (h) }
            width="400" height=(400.0 * h / w) {
            rect x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) fill="#eceff1" {}
            (body)
        }
    }
    .into_string()
    .into_bytes()
}

fn shown(p: &Plates, png: &str, filter: Option<&str>) -> Markup {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    html! {
        image x=(-w / 2.0) y=(-h / 2.0) width=(w) height=(h) filter=[filter]
            href={ "data:image/png;base64," (png) } {}
    }
}

fn cell_marks(p: &Plates, c: &Comparison, side: Side) -> Markup {
    let (half, unit) = (c.cell_um / 2.0, p.frame.width_um() / 400.0);
    html! {
        @for congruent in [false, true] {
            @let (line, letters) = if congruent { ("#005a9c", "#00406f") } else { ("#a24a00", "#8a3d00") };
            @for (i, cell) in c.cell_table.iter().enumerate().filter(|(_, k)| k.congruent == congruent) {
                @let (x, y, turn) = drawn(c, cell, side);
                g transform={ "translate(" (tenth(x)) " " (tenth(y)) ")" } {
                    rect x=(-half) y=(-half) width=(c.cell_um) height=(c.cell_um) fill="none"
                        stroke=(line) stroke-width=(if congruent { 2.0 * unit } else { 1.2 * unit })
                        stroke-dasharray=[(!congruent).then(|| format!("{} {}", 5.0 * unit, 4.0 * unit))]
                        transform={ "rotate(" (tenth(turn)) ")" } {}
                    text text-anchor="middle" y=(5.0 * unit) font-family="Libertinus Serif"
                        font-size=(if congruent { 15.0 * unit } else { 10.5 * unit })
                        font-weight=(if congruent { "700" } else { "400" })
                        fill=(letters) stroke="#fff" stroke-width=(3.5 * unit) stroke-linejoin="round"
                        paint-order="stroke" { (i + 1) }
                }
            }
        }
    }
}

fn scale_bar(p: &Plates) -> Markup {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    let (unit, bar) = (w / 100.0, p.bar_um);
    let (left, top) = (-w / 2.0 + 2.0 * unit, h / 2.0 - 9.5 * unit);
    html! {
        rect x=(left) y=(top) width=(bar + 3.0 * unit) height=(7.5 * unit) rx=(unit) fill="#fff"
            fill-opacity="0.88" {}
        rect x=(left + 1.5 * unit) y=(top + 5.5 * unit) width=(bar) height=(unit) {}
        text x=(left + 1.5 * unit + bar / 2.0) y=(top + 4.6 * unit) font-size=(4.2 * unit)
            text-anchor="middle" font-family="Libertinus Serif" { (rounded(bar, 0)) " µm" }
    }
}
