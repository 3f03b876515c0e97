//! Turning an image as its metadata asks (Exif 2.3, tag 274).

use ::image::metadata::Orientation;
use ndarray::{Array2, Axis};
use types::units::Metres;

/// The image as it should be seen, with its pitch `(x, y)`.
pub(super) fn apply(
    mut v: Array2<f32>,
    pitch: (Metres, Metres),
    orientation: Orientation,
) -> (Array2<f32>, (Metres, Metres)) {
    use Orientation as O;
    let transposes =
        matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH);
    let pitch = if transposes { (pitch.1, pitch.0) } else { pitch };
    if transposes {
        v = v.reversed_axes();
    }
    if matches!(orientation, O::FlipHorizontal | O::Rotate180 | O::Rotate90 | O::Rotate270FlipH) {
        v.invert_axis(Axis(1));
    }
    if matches!(orientation, O::FlipVertical | O::Rotate180 | O::Rotate270 | O::Rotate270FlipH) {
        v.invert_axis(Axis(0));
    }
    // Readers may rely on rows lying one after the other in memory.
    (v.as_standard_layout().into_owned(), pitch)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ::image::{DynamicImage, GrayImage};

    #[test]
    fn every_orientation_agrees_with_the_image_crate() {
        let pixels: Vec<u8> = (0..6).collect();
        let gray = GrayImage::from_raw(3, 2, pixels.clone()).unwrap();
        let own = Array2::from_shape_vec((2, 3), pixels.into_iter().map(f32::from).collect());
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut theirs = DynamicImage::ImageLuma8(gray.clone());
            theirs.apply_orientation(orientation);
            let pitch = (Metres(1.0), Metres(2.0));
            let (ours, turned) = apply(own.clone().unwrap(), pitch, orientation);
            let expected: Vec<f32> = theirs.to_luma8().iter().map(|&v| v.into()).collect();
            assert_eq!(ours.as_slice().unwrap(), expected, "{orientation:?}");
            assert_eq!(turned == pitch, ours.dim() == (2, 3));
        }
    }
}
