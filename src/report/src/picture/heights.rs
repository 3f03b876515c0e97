//! A mark's values as numbers, at its own resolution, for a page that a server
//! gives: what a screen lights and turns by itself.

use super::frame::{Frame, sample};
use super::grey::clip_level;
use super::relief::exaggeration;
use super::scan::levelled;
use ndarray::Array2;
use types::mark::PreparedMark;
use types::scan::Scan;
use types::surface::{Pose, Surface};
use types::units::Metres;

/// No side has more points.
const MOST_SIDE: usize = 4096;
/// Values beyond so many times the usual range are cut: the wall of a firing-pin
/// hole must not take the fineness of the face.
const MOST_CLIPS: f32 = 16.0;
/// Stands where there is no value.
const MISSING: i16 = i16::MIN;

/// Values on a frame about a mark's grid centre: micrometres, or 1 for brightness.
pub struct Heights {
    values: Array2<f32>,
    frame: Frame,
    clip: f32,
    stretch: f64,
}

impl Heights {
    /// A mark as it was prepared, laid on the ground of another (or of itself) by
    /// `mark_from_ground`.
    pub fn filtered(ground: &PreparedMark, mark: &PreparedMark, mark_from_ground: &Pose) -> Self {
        let frame = Frame::of(ground, MOST_SIDE);
        let pitch = (mark.pitch, mark.pitch);
        Self::of(sample(mark.values.view(), pitch, &frame, mark_from_ground), frame)
    }

    /// A scan as it was measured, but for a plane, on the ground of a mark in
    /// pixels of `pixel`.
    pub fn raw(ground: &PreparedMark, pixel: Metres, scan: &Scan, scan_from_ground: &Pose) -> Self {
        let (ny, nx) = ground.values.dim();
        let count = |n: usize| {
            let points = (n as f64 * (ground.pitch / pixel)).round();
            points.clamp(1.0, MOST_SIDE as f64) as usize
        };
        let frame = Frame { width: count(nx), height: count(ny), pixel };
        let pitch = scan.surface.pitch();
        let values = match &scan.surface {
            Surface::Height(map) => sample(levelled(map).view(), pitch, &frame, scan_from_ground),
            Surface::Intensity(map) => {
                sample(map.v.view(), pitch, &frame, scan_from_ground).mapv(|v| 2.0 * v - 1.0)
            }
        };
        Self::of(values, frame)
    }

    fn of(values: Array2<f32>, frame: Frame) -> Self {
        let clip = clip_level(values.view());
        let stretch = exaggeration(&values, frame.pixel.um());
        Self { values, frame, clip, stretch }
    }

    /// Little-endian: columns and rows (u32); the value of one step, the pixel in
    /// micrometres, the ends of the usual range, the relief's stretch (f32); then a
    /// step (i16) for each point, row by row, −32768 where there is none.
    pub fn to_bytes(&self) -> Vec<u8> {
        let most = self.clip * MOST_CLIPS;
        let largest =
            self.values.iter().filter(|v| v.is_finite()).fold(0.0, |m: f32, v| m.max(v.abs()));
        let step = largest.min(most).max(f32::MIN_POSITIVE) / f32::from(i16::MAX);
        let mut bytes = Vec::with_capacity(24 + 2 * self.values.len());
        for count in [self.frame.width, self.frame.height] {
            bytes.extend((count as u32).to_le_bytes());
        }
        for number in [step, self.frame.pixel.um() as f32, self.clip, self.stretch as f32] {
            bytes.extend(number.to_le_bytes());
        }
        for value in &self.values {
            let steps = if value.is_finite() { (value / step).round() as i16 } else { MISSING };
            let steps = if value.is_finite() { steps.max(-i16::MAX) } else { steps };
            bytes.extend(steps.to_le_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use types::evidence::{Digest, MarkKind, Modality};
    use types::mark::{Quality, Verdict};

    #[test]
    fn steps_give_the_values_again_and_missing_ones_stay_missing() {
        let mut values = Array2::from_shape_fn((3, 5), |(r, c)| r as f32 - 0.37 * c as f32);
        values[(1, 2)] = f32::NAN;
        let mark = PreparedMark {
            kind: MarkKind::BreechFace,
            modality: Modality::Topography,
            pitch: Metres::from_um(6.25),
            values: values.clone(),
            scan_from_mark: Pose::default(),
            recipe: Digest::of(b""),
            quality: Quality {
                verdict: Verdict::Good,
                reasons: Vec::new(),
                area_mm2: 0.0,
                coverage: 1.0,
                rms: 1.0,
            },
        };
        let bytes = Heights::filtered(&mark, &mark, &Pose::default()).to_bytes();
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), word(4), bytes.len()), (5, 3, 24 + 30));
        let step = f32::from_bits(word(8));
        assert!((f32::from_bits(word(12)) - 6.25).abs() < 1e-6);
        for (value, steps) in values.iter().zip(bytes[24..].chunks_exact(2)) {
            let steps = i16::from_le_bytes(steps.try_into().unwrap());
            assert_eq!(value.is_nan(), steps == MISSING);
            assert!(value.is_nan() || (value - f32::from(steps) * step).abs() <= step, "{value}");
        }
    }
}
