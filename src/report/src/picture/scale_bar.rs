//! A scale bar with its length in letters, drawn into pixels.

use image::{GrayImage, Luma};
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use types::units::Metres;

/// A round length (1, 2 or 5 × 10ⁿ µm) of about a quarter of `width`.
pub fn round_length(width: Metres) -> Metres {
    let wanted = (width.um() / 4.0).max(1.0);
    let decade = 10_f64.powf(wanted.log10().floor());
    let step = [5.0, 2.0].into_iter().find(|s| s * decade <= wanted).unwrap_or(1.0);
    Metres::from_um(step * decade)
}

/// Draws the bar and its length, black on a white plate, into the lower left
/// of a picture with square pixels of side `pixel`.
pub fn draw_scale_bar(picture: &mut GrayImage, pixel: Metres) {
    let (width, height) = picture.dimensions();
    let length = round_length(pixel * f64::from(width));
    let bar = (length / pixel).round() as u32;
    let (size, unit) = match width {
        0..500 => (RasterHeight::Size16, 1),
        500..1000 => (RasterHeight::Size20, 2),
        1000..1500 => (RasterHeight::Size24, 3),
        _ => (RasterHeight::Size32, 4),
    };
    let label = format!("{:.0} µm", length.um());
    let letter = get_raster_width(FontWeight::Regular, size) as u32;
    let text = (letter * label.chars().count() as u32, size.val() as u32);
    let plate = (bar.max(text.0) + 8 * unit, text.1 + 7 * unit);
    let (left, top) = (4 * unit, height.saturating_sub(plate.1 + 4 * unit));
    if plate.0 == 0 || plate.1 == 0 || left >= width || top >= height {
        return;
    }
    let rect = |x: u32, y: u32, w: u32, h: u32| Rect::at(x as i32, y as i32).of_size(w, h);
    draw_filled_rect_mut(picture, rect(left, top, plate.0, plate.1), Luma([255]));
    let bar_at = (left + 4 * unit, top + text.1 + 2 * unit);
    draw_filled_rect_mut(picture, rect(bar_at.0, bar_at.1, bar.max(1), 3 * unit), Luma([0]));
    for (place, letter_of) in label.chars().enumerate() {
        let Some(raster) = get_raster(letter_of, FontWeight::Regular, size) else { continue };
        let from = left + 4 * unit + place as u32 * letter;
        for (y, row) in raster.rows().enumerate() {
            for (x, ink) in row.iter().enumerate() {
                let at = (from + x as u32, top + unit + y as u32);
                if let Some(p) = picture.get_pixel_mut_checked(at.0, at.1) {
                    p.0[0] = p.0[0].min(255 - ink);
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
    fn a_picture_too_small_for_its_bar_is_no_failure() {
        let mut tiny = GrayImage::from_pixel(4, 3, Luma([7]));
        draw_scale_bar(&mut tiny, Metres::from_um(1.0));
        assert_eq!(tiny.dimensions(), (4, 3));
        draw_scale_bar(&mut GrayImage::new(0, 0), Metres::from_um(1.0));
    }

    #[test]
    fn the_bar_is_as_long_as_it_says() {
        for width in [400, 700, 1200, 2000] {
            let mut picture = GrayImage::from_pixel(width, 300, Luma([128]));
            let pixel = Metres::from_um(2.5);
            draw_scale_bar(&mut picture, pixel);
            let wanted = (round_length(pixel * f64::from(width)) / pixel).round() as usize;
            let black =
                |row: image::buffer::Pixels<'_, Luma<u8>>| row.filter(|p| p.0[0] == 0).count();
            let longest = picture.rows().map(black).max();
            assert_eq!(longest, Some(wanted), "{width}");
            let text = picture.pixels().filter(|p| (1..100).contains(&p.0[0])).count();
            assert!(text > 20, "the length is written: {text}");
        }
    }
}
