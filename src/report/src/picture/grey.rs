//! Grey pictures with a transparent ground: what is missing is not there.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use ndarray::{Array2, ArrayView2};
use types::error::{Error, Kind, Result};
use types::message::say;

/// The level within which 99.5 % of the absolute values lie (1 for an empty
/// map): pictures are clipped there, so that a few spikes do not flatten them.
pub fn clip_level(values: ArrayView2<f32>) -> f32 {
    let mut sizes: Vec<f32> = values.iter().filter(|v| v.is_finite()).map(|v| v.abs()).collect();
    if sizes.is_empty() {
        return 1.0;
    }
    let at = (sizes.len() - 1) * 995 / 1000;
    let (_, level, _) = sizes.select_nth_unstable_by(at, f32::total_cmp);
    if *level > 0.0 { *level } else { 1.0 }
}

/// Values as grey and alpha, two bytes a pixel, rows from the top: −`clip` is
/// 1, 0 is 128, `clip` is 255; a missing value is transparent.
pub fn field(values: &Array2<f32>, clip: f32) -> Vec<u8> {
    let level = |v: &f32| {
        if v.is_finite() {
            [(128.0 + 127.0 * (v / clip).clamp(-1.0, 1.0)).round() as u8, 255]
        } else {
            [0, 0]
        }
    };
    values.iter().flat_map(level).collect()
}

/// A PNG file of `width` columns and `height` rows in `colour`.
pub fn png(
    pixels: &[u8],
    width: usize,
    height: usize,
    colour: ExtendedColorType,
) -> Result<Vec<u8>> {
    let failed =
        |e: &dyn std::fmt::Display| Error::new(Kind::Internal, say!("writing a picture: {e}"));
    let mut bytes = Vec::new();
    let width = u32::try_from(width).map_err(|e| failed(&e))?;
    let height = u32::try_from(height).map_err(|e| failed(&e))?;
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
        .write_image(pixels, width, height, colour)
        .map_err(|e| failed(&e))?;
    Ok(bytes)
}
