//! Pictures of marks: a PNG below, cells and scale bar as SVG above it.

use crate::cells::tenth;
use crate::document::{CellMark, Cells, Picture, View};
use crate::picture::{CIVIDIS, DIVERGING, png as encoded};
use crate::plates::{Ground, Plate};
use crate::text::rounded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ExtendedColorType, GrayAlphaImage};
use maud::{Markup, html};
use types::error::{Error, Kind, Result};
use types::message::say;

/// What a picture shows, as PNG.
pub fn png(view: &View) -> Result<Vec<u8>> {
    match view {
        View::Plain(plate) => STANDARD.decode(plain(plate)).map_err(|e| unreadable(&e)),
        View::Colour(plate) => scaled(&plate.field, &CIVIDIS),
        View::Overlay(a, b) => overlay(a, b),
        View::Difference(plate) => {
            scaled(plate.difference.as_deref().unwrap_or_default(), &DIVERGING)
        }
    }
}

/// The relief, or the image itself.
fn plain(plate: &Plate) -> &str {
    plate.relief.as_ref().unwrap_or(&plate.field)
}

/// A in red and B in cyan on black: grey where they agree.
fn overlay(a: &Plate, b: &Plate) -> Result<Vec<u8>> {
    let (a, b) = (grey(plain(a))?, grey(plain(b))?);
    let seen = |p: &image::LumaA<u8>| if p.0[1] > 0 { p.0[0] } else { 0 };
    let pixels: Vec<u8> =
        a.pixels().zip(b.pixels()).flat_map(|(a, b)| [seen(a), seen(b), seen(b)]).collect();
    encoded(&pixels, a.width() as usize, a.height() as usize, ExtendedColorType::Rgb8)
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
    encoded(&pixels, grey.width() as usize, grey.height() as usize, ExtendedColorType::Rgba8)
}

fn grey(data: &str) -> Result<GrayAlphaImage> {
    let bytes = STANDARD.decode(data).map_err(|e| unreadable(&e))?;
    let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png);
    Ok(image.map_err(|e| unreadable(&e))?.into_luma_alpha8())
}

fn unreadable(e: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Internal, say!("a picture of the report: {e}"))
}

/// What lies over a picture: its cells and the scale bar.
pub fn over(p: &Picture) -> Vec<u8> {
    let (w, h) = (p.ground.frame.width_um(), p.ground.frame.height_um());
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ (-w / 2.0) " " (-h / 2.0) " " (w) " " (h) }
            width="400" height=(400.0 * h / w) {
            @if let Some(cells) = &p.cells { (cell_marks(cells, w / 400.0)) }
            (scale_bar(p.ground))
        }
    }
    .into_string()
    .into_bytes()
}

fn cell_marks(cells: &Cells, unit: f64) -> Markup {
    html! { @for cell in &cells.marks { (cell_mark(cell, cells.side_um, unit)) } }
}

/// A cell as a square with its number; `unit` is a point of the picture's width of 400.
fn cell_mark(cell: &CellMark, side: f64, unit: f64) -> Markup {
    let sure = cell.congruent;
    let (line, letters) = if sure { ("#005a9c", "#00406f") } else { ("#a24a00", "#8a3d00") };
    html! {
        g transform={ "translate(" (tenth(cell.x_um)) " " (tenth(cell.y_um)) ")" } {
            rect x=(-side / 2.0) y=(-side / 2.0) width=(side) height=(side) fill="none"
                stroke=(line) stroke-width=(if sure { 2.0 * unit } else { 1.2 * unit })
                stroke-dasharray=[(!sure).then(|| format!("{} {}", 5.0 * unit, 4.0 * unit))]
                transform={ "rotate(" (tenth(cell.turn_deg)) ")" } {}
            text text-anchor="middle" y=(5.0 * unit) font-family="Libertinus Serif"
                font-size=(if sure { 15.0 * unit } else { 10.5 * unit })
                font-weight=(if sure { "700" } else { "400" })
                fill=(letters) stroke="#fff" stroke-width=(3.5 * unit) stroke-linejoin="round"
                paint-order="stroke" { (cell.number) }
        }
    }
}

fn scale_bar(ground: Ground) -> Markup {
    let (w, h) = (ground.frame.width_um(), ground.frame.height_um());
    let (unit, bar) = (w / 100.0, ground.bar_um);
    let (left, top) = (-w / 2.0 + 2.0 * unit, h / 2.0 - 9.5 * unit);
    html! {
        rect x=(left) y=(top) width=(bar + 3.0 * unit) height=(7.5 * unit) rx=(unit) fill="#fff"
            fill-opacity="0.88" {}
        rect x=(left + 1.5 * unit) y=(top + 5.5 * unit) width=(bar) height=(unit) {}
        text x=(left + 1.5 * unit + bar / 2.0) y=(top + 4.6 * unit) font-size=(4.2 * unit)
            text-anchor="middle" font-family="Libertinus Serif" { (rounded(bar, 0)) " µm" }
    }
}
