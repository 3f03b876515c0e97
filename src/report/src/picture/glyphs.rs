//! A scale bar with its length in letters, drawn into pixels.

use types::units::Metres;

/// 5 × 7 letters, one byte a row, the highest of five bits at the left.
const GLYPHS: [(char, [u8; 7]); 13] = [
    ('0', [14, 17, 19, 21, 25, 17, 14]),
    ('1', [4, 12, 4, 4, 4, 4, 14]),
    ('2', [14, 17, 1, 2, 4, 8, 31]),
    ('3', [31, 2, 4, 2, 1, 17, 14]),
    ('4', [2, 6, 10, 18, 31, 2, 2]),
    ('5', [31, 16, 30, 1, 1, 17, 14]),
    ('6', [6, 8, 16, 30, 17, 17, 14]),
    ('7', [31, 1, 2, 4, 8, 8, 8]),
    ('8', [14, 17, 17, 14, 17, 17, 14]),
    ('9', [14, 17, 17, 15, 1, 2, 12]),
    ('µ', [0, 17, 17, 17, 19, 29, 16]),
    ('m', [0, 0, 26, 21, 21, 21, 21]),
    (' ', [0; 7]),
];

/// A round length (1, 2 or 5 × 10ⁿ µm) of about a quarter of `width`.
pub fn round_length(width: Metres) -> Metres {
    let wanted = (width.um() / 4.0).max(1.0);
    let decade = 10_f64.powf(wanted.log10().floor());
    let step = [5.0, 2.0].into_iter().find(|s| s * decade <= wanted).unwrap_or(1.0);
    Metres::from_um(step * decade)
}

/// Draws the bar and its length, black on a white plate, into the lower left
/// of a grey picture of `width` columns with square pixels of side `pixel`.
pub fn draw_scale_bar(grey: &mut [u8], width: usize, pixel: Metres) {
    let height = grey.len().checked_div(width).unwrap_or(0);
    let length = round_length(pixel * width as f64);
    let bar = (length / pixel).round() as usize;
    let label = format!("{:.0} µm", length.um());
    let zoom = 1 + width / 500;
    let text_width = label.chars().count() * 6 * zoom;
    let plate = (bar.max(text_width) + 8 * zoom, 18 * zoom);
    let (left, top) = (4 * zoom, height.saturating_sub(plate.1 + 4 * zoom));
    let mut put = |x: usize, y: usize, level: u8| {
        let inside = left + x < width && top + y < height;
        if let Some(p) = grey.get_mut((top + y) * width + left + x).filter(|_| inside) {
            *p = level;
        }
    };
    for y in 0..plate.1 {
        for x in 0..plate.0 {
            let on_bar =
                (4 * zoom..4 * zoom + bar).contains(&x) && (12 * zoom..15 * zoom).contains(&y);
            put(x, y, if on_bar { 0 } else { 255 });
        }
    }
    for (i, letter) in label.chars().enumerate() {
        let rows = GLYPHS.iter().find(|(c, _)| *c == letter).map_or([0; 7], |(_, rows)| *rows);
        for (r, bits) in rows.iter().enumerate() {
            for c in (0..5).filter(|c| bits >> (4 - c) & 1 == 1) {
                for k in 0..zoom * zoom {
                    let x = (4 + 6 * i + c) * zoom + k % zoom;
                    put(x, (3 + r) * zoom + k / zoom, 0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_round_lengths() {
        let um = |w| round_length(Metres::from_um(w)).um().round();
        assert!((um(3400.0) - 500.0).abs() < 1e-9);
        assert!((um(900.0) - 200.0).abs() < 1e-9);
        assert!((um(40_000.0) - 10_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_picture_too_small_for_its_bar_is_left_standing() {
        let mut tiny = vec![7; 12];
        draw_scale_bar(&mut tiny, 4, Metres::from_um(1.0));
        draw_scale_bar(&mut [], 0, Metres::from_um(1.0));
        assert_eq!(tiny.len(), 12);
    }
}
