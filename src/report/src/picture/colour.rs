//! Colour scales that survive colour-blindness and grey printing.

use std::fmt::Write as _;

/// Cividis (Nuñez, Anderton & Renslow 2018, PLoS ONE 13:e0199239): seventeen
/// even steps from low to high, sRGB.
pub const CIVIDIS: [[u8; 3]; 17] = [
    [0, 34, 78],
    [0, 46, 106],
    [26, 56, 111],
    [50, 67, 109],
    [67, 78, 108],
    [83, 90, 109],
    [97, 101, 111],
    [111, 112, 115],
    [125, 124, 120],
    [140, 136, 120],
    [155, 148, 118],
    [171, 160, 114],
    [188, 174, 108],
    [205, 187, 99],
    [222, 201, 88],
    [240, 216, 70],
    [254, 232, 56],
];

/// Blue – near white – orange for differences: none is palest.
pub const DIVERGING: [[u8; 3]; 5] =
    [[8, 64, 129], [103, 158, 201], [245, 245, 243], [224, 150, 79], [140, 60, 4]];

/// One channel (0–2) of a scale as the `tableValues` of an SVG transfer
/// function, which colours a grey picture in the page without a second copy.
pub fn channel_table(scale: &[[u8; 3]], channel: usize) -> String {
    scale.iter().filter_map(|stop| stop.get(channel)).fold(String::new(), |mut out, level| {
        if !out.is_empty() {
            out.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "{:.3}", f64::from(*level) / 255.0);
        out
    })
}
