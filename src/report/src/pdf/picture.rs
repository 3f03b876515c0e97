//! Pictures of marks: a PNG below, cells and scale bar as SVG above it.

use crate::cells::{Side, drawn, tenth};
use crate::picture::{CIVIDIS, DIVERGING, png};
use crate::plates::{Plate, Plates};
use crate::text::rounded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ExtendedColorType, GrayAlphaImage};
use maud::{Markup, html};
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};

/// The relief, or the image itself, as PNG.
pub fn plain(plate: &Plate) -> Result<Vec<u8>> {
    let data = plate.relief.as_ref().unwrap_or(&plate.field);
    STANDARD.decode(data).map_err(|e| unreadable(&e))
}

/// The heights in colour.
pub fn coloured(plate: &Plate) -> Result<Vec<u8>> {
    scaled(&plate.field, &CIVIDIS)
}

/// The difference A − B; none where it was not made.
pub fn difference(plate: &Plate) -> Result<Option<Vec<u8>>> {
    plate.difference.as_ref().map(|data| scaled(data, &DIVERGING)).transpose()
}

/// A in red and B in cyan on black: grey where they agree.
pub fn overlay(a: &Plate, b: &Plate) -> Result<Vec<u8>> {
    let read = |plate: &Plate| grey(plate.relief.as_ref().unwrap_or(&plate.field));
    let (a, b) = (read(a)?, read(b)?);
    let seen = |p: &image::LumaA<u8>| if p.0[1] > 0 { p.0[0] } else { 0 };
    let pixels: Vec<u8> =
        a.pixels().zip(b.pixels()).flat_map(|(a, b)| [seen(a), seen(b), seen(b)]).collect();
    png(&pixels, a.width() as usize, a.height() as usize, ExtendedColorType::Rgb8)
}

/// Grey values through a colour scale.
fn scaled(data: &str, scale: &[[u8; 3]]) -> Result<Vec<u8>> {
    let grey = grey(data)?;
    let colour = |level: u8| {
        let at = f64::from(level) / 255.0 * (scale.len() - 1) as f64;
        let stop = |i: usize| scale.get(i).copied().unwrap_or_default().map(f64::from);
        let (low, high, f) = (stop(at as usize), stop(at.ceil() as usize), at.fract());
        [0, 1, 2].map(|k: usize| {
            let (l, h) = (low.get(k), high.get(k));
            (l.copied().unwrap_or(0.0) * (1.0 - f) + h.copied().unwrap_or(0.0) * f).round() as u8
        })
    };
    let table: Vec<[u8; 3]> = (0..=255).map(colour).collect();
    let pixels: Vec<u8> = grey
        .pixels()
        .flat_map(|p| {
            let [r, g, b] = table.get(usize::from(p.0[0])).copied().unwrap_or_default();
            [r, g, b, p.0[1]]
        })
        .collect();
    png(&pixels, grey.width() as usize, grey.height() as usize, ExtendedColorType::Rgba8)
}

fn grey(data: &str) -> Result<GrayAlphaImage> {
    let bytes = STANDARD.decode(data).map_err(|e| unreadable(&e))?;
    let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png);
    Ok(image.map_err(|e| unreadable(&e))?.into_luma_alpha8())
}

fn unreadable(e: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Internal, format!("a picture of the report: {e}"))
}

/// What lies over a picture: the cells of one side, and the scale bar.
pub fn over(p: &Plates, cells: Option<(&Comparison, Side)>) -> Vec<u8> {
    let (w, h) = (p.frame.width_um(), p.frame.height_um());
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ (-w / 2.0) " " (-h / 2.0) " " (w) " " (h) }
            width="400" height=(400.0 * h / w) {
            @if let Some((c, side)) = cells { (cell_marks(p, c, side)) }
            (scale_bar(p))
        }
    }
    .into_string()
    .into_bytes()
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
