//! Samples of any layout → grey values.

use types::message::{Message, say};
/// Weights of red, green and blue in luma (ITU-R BT.709).
pub(super) const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Channels of a pixel, in memory order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Grey.
    L,
    /// Grey and alpha.
    La,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Layout {
    const fn channels(self) -> usize {
        match self {
            Self::L => 1,
            Self::La => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// Grey values of interleaved samples; `unit` maps a sample to 0–1. Transparent
/// pixels are missing, see [`hide`].
pub(super) fn from_samples<T: Copy>(
    samples: &[T],
    layout: Layout,
    unit: impl Fn(T) -> f32,
    warnings: &mut Vec<Message>,
) -> Vec<f32> {
    let value = |pixel: &[T]| match *pixel {
        [v] | [v, _] => unit(v),
        [r, g, b] | [r, g, b, _] => LUMA[0] * unit(r) + LUMA[1] * unit(g) + LUMA[2] * unit(b),
        _ => f32::NAN,
    };
    let pixels = || samples.chunks_exact(layout.channels());
    let mut values: Vec<f32> = pixels().map(value).collect();
    if matches!(layout, Layout::La | Layout::Rgba) {
        let alpha: Vec<f32> = pixels().filter_map(|p| p.last().map(|a| unit(*a))).collect();
        hide(&mut values, &alpha, warnings);
    }
    values
}

/// Makes pixels with alpha below one half missing (NaN), unless all are: then
/// alpha says nothing.
pub(super) fn hide(values: &mut [f32], alpha: &[f32], warnings: &mut Vec<Message>) {
    let hidden = |a: f32| a.is_nan() || a < 0.5;
    let missing = alpha.iter().filter(|a| hidden(**a)).count();
    if missing > 0 && missing == values.len() {
        warnings.push(say!("every pixel is transparent: the alpha channel is ignored"));
        return;
    }
    if missing > 0 {
        warnings.push(say!("{missing} transparent pixels are taken as missing"));
    }
    for (v, _) in values.iter_mut().zip(alpha).filter(|(_, a)| hidden(**a)) {
        *v = f32::NAN;
    }
}

/// Brings floating-point grey values to 0–1 where they lie outside it; values
/// that are not finite become missing.
pub(super) fn normalise(values: &mut [f32], warnings: &mut Vec<Message>) {
    for v in values.iter_mut().filter(|v| !v.is_finite()) {
        *v = f32::NAN;
    }
    let (low, high) = values
        .iter()
        .filter(|v| v.is_finite())
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    if low >= 0.0 && high <= 1.0 || low >= high {
        return;
    }
    warnings.push(say!("grey values from {low} to {high} are scaled to 0–1"));
    // In f64: the span of two finite f32 may not be finite.
    let (low, span) = (f64::from(low), f64::from(high) - f64::from(low));
    for v in values {
        *v = ((f64::from(*v) - low) / span) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_becomes_luma_and_transparency_missing() {
        let mut warnings = Vec::new();
        let unit = |v: u8| f32::from(v) / 255.0;
        let rgba = [0, 255, 0, 255, 255, 255, 255, 0];
        let grey = from_samples(&rgba, Layout::Rgba, unit, &mut warnings);
        assert!((grey[0] - 0.7152).abs() < 1e-6 && grey[1].is_nan());
        assert_eq!(warnings, ["1 transparent pixels are taken as missing"]);
        let invisible = from_samples(&[51, 0, 255, 0], Layout::La, unit, &mut warnings);
        assert_eq!(invisible, [0.2, 1.0]);
    }

    #[test]
    fn floats_outside_the_unit_range_are_scaled_and_told() {
        let mut warnings = Vec::new();
        let mut inside = [0.0, 0.25, f32::INFINITY];
        normalise(&mut inside, &mut warnings);
        assert!(warnings.is_empty() && inside[1] == 0.25 && inside[2].is_nan());
        let mut outside = [-f32::MAX, 0.0, f32::MAX];
        normalise(&mut outside, &mut warnings);
        assert_eq!((outside, warnings.len()), ([0.0, 0.5, 1.0], 1));
    }
}
