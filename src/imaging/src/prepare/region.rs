//! Regions of a mask: growing, shrinking, pieces and holes, in micrometres.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};
use ndarray::{Array2, ArrayViewMut1, Axis, Zip};
use types::surface::Mask;

/// A mask with its pixel size in micrometres, along x and y.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) mask: Mask,
    pub(super) step: (f64, f64),
}

/// A connected piece (4-neighbourhood) of a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Its mark in the labels.
    pub(super) label: u32,
    /// Pixels.
    pub(super) count: usize,
    /// Pixels at the grid's edge.
    pub(super) at_edge: usize,
    /// Pixels with a 4-neighbour outside the piece or the grid.
    pub(super) boundary: usize,
    /// Largest extent along x or y in micrometres.
    pub(super) extent: f64,
}

impl Region {
    pub(super) const fn new(mask: Mask, step: (f64, f64)) -> Self {
        Self { mask, step }
    }

    /// Area of one pixel in µm².
    pub(super) fn pixel(&self) -> f64 {
        self.step.0 * self.step.1
    }

    pub(super) fn count(&self) -> usize {
        self.mask.iter().filter(|m| **m).count()
    }

    /// Area in mm².
    pub(super) fn area_mm2(&self) -> f64 {
        self.count() as f64 * self.pixel() * 1e-6
    }

    /// Distance in µm of every pixel to the nearest outside the region
    /// (Felzenszwalb and Huttenlocher 2012); the grid's edge does not count.
    pub(super) fn depth(&self) -> Array2<f64> {
        let mut squared = self.mask.mapv(|on| if on { f64::INFINITY } else { 0.0 });
        let mut envelope = Envelope::default();
        for (axis, step) in [(Axis(1), self.step.0), (Axis(0), self.step.1)] {
            for line in squared.lanes_mut(axis) {
                envelope.transform(line, step);
            }
        }
        squared.mapv_into(f64::sqrt)
    }

    /// The points farther than `radius` µm from the outside.
    pub(super) fn eroded(&self, radius: f64) -> Self {
        Self::new(self.depth().mapv(|d| d > radius), self.step)
    }

    /// All points within `radius` µm of the region.
    pub(super) fn dilated(&self, radius: f64) -> Self {
        let outside = Self::new(self.mask.mapv(|on| !on), self.step);
        Self::new(outside.depth().mapv(|d| d <= radius), self.step)
    }

    /// Without parts narrower than twice `radius` µm.
    pub(super) fn opened(&self, radius: f64) -> Self {
        let mut out = self.eroded(radius).dilated(radius);
        Zip::from(&mut out.mask).and(&self.mask).for_each(|o, &m| *o &= m);
        out
    }

    /// With holes smaller than `area` µm² filled.
    pub(super) fn without_holes(&self, area: f64) -> Self {
        let outside = Self::new(self.mask.mapv(|on| !on), self.step);
        let (labels, pieces) = outside.pieces();
        let small = |label: u32| {
            piece(&pieces, label)
                .is_some_and(|p| p.at_edge == 0 && (p.count as f64) * self.pixel() < area)
        };
        let fill: Vec<bool> = (0..=pieces.len() as u32).map(small).collect();
        Self::new(labels.mapv(|l| l == 0 || fill[l as usize]), self.step)
    }

    /// Extent in µm of the largest hole.
    pub(super) fn widest_hole(&self) -> f64 {
        let outside = Self::new(self.mask.mapv(|on| !on), self.step);
        let holes = outside.pieces().1.into_iter().filter(|p| p.at_edge == 0);
        holes.fold(0.0, |widest, p| widest.max(p.extent))
    }

    /// The pieces for which `keep` holds.
    pub(super) fn kept(&self, keep: impl Fn(&Piece) -> bool) -> Self {
        let (labels, pieces) = self.pieces();
        let keep: Vec<bool> =
            (0..=pieces.len() as u32).map(|l| piece(&pieces, l).is_some_and(&keep)).collect();
        Self::new(labels.mapv(|l| keep[l as usize]), self.step)
    }

    /// Labels (0 = outside) and pieces, piece `l` at index `l − 1`, in the order
    /// of their first points.
    pub(super) fn pieces(&self) -> (Array2<u32>, Vec<Piece>) {
        let (ny, nx) = self.mask.dim();
        let lit: Vec<u8> = self.mask.iter().map(|on| u8::from(*on)).collect();
        let lit = GrayImage::from_vec(nx as u32, ny as u32, lit).unwrap_or_default();
        let labels = connected_components(&lit, Connectivity::Four, Luma([0])).into_raw();
        let count = labels.iter().copied().max().unwrap_or(0);
        let mut pieces: Vec<Piece> = (1..=count).map(Piece::empty).collect();
        let mut boxes = vec![((usize::MAX, usize::MAX), (0, 0)); pieces.len()];
        for (y, row) in labels.chunks_exact(nx.max(1)).enumerate() {
            let beside = |y: Option<usize>| y.and_then(|y| labels.get(y * nx..(y + 1) * nx));
            let (above, below) = (beside(y.checked_sub(1)), beside(Some(y + 1)));
            for (x, &label) in row.iter().enumerate().filter(|(_, label)| **label > 0) {
                let at = label as usize - 1;
                let (piece, (low, high)) = (&mut pieces[at], &mut boxes[at]);
                piece.count += 1;
                (low.0, low.1) = (low.0.min(y), low.1.min(x));
                (high.0, high.1) = (high.0.max(y), high.1.max(x));
                let edge = above.is_none() || below.is_none() || x == 0 || x + 1 == nx;
                let inside = |row: Option<&[u32]>| row.is_none_or(|row| row[x] == label);
                let boundary = edge
                    || !inside(above)
                    || !inside(below)
                    || row[x - 1] != label
                    || row[x + 1] != label;
                piece.at_edge += usize::from(edge);
                piece.boundary += usize::from(boundary);
            }
        }
        let labels = Array2::from_shape_vec((ny, nx), labels).unwrap_or_default();
        for (piece, (low, high)) in pieces.iter_mut().zip(boxes) {
            let extent = |low: usize, high: usize, step: f64| (high + 1 - low) as f64 * step;
            piece.extent =
                extent(low.1, high.1, self.step.0).max(extent(low.0, high.0, self.step.1));
        }
        (labels, pieces)
    }
}

impl Piece {
    const fn empty(label: u32) -> Self {
        Self { label, count: 0, at_edge: 0, boundary: 0, extent: 0.0 }
    }
}

fn piece(pieces: &[Piece], label: u32) -> Option<&Piece> {
    pieces.get((label as usize).checked_sub(1)?)
}

/// Lower envelope of parabolas, one line of the distance transform.
#[derive(Default)]
struct Envelope {
    /// Line position and squared distance of the parabolas on the envelope.
    tips: Vec<(f64, f64)>,
    /// From where each is the lowest.
    starts: Vec<f64>,
}

impl Envelope {
    fn transform(&mut self, mut line: ArrayViewMut1<'_, f64>, step: f64) {
        self.tips.clear();
        self.starts.clear();
        for (i, &f) in line.iter().enumerate().filter(|(_, f)| f.is_finite()) {
            let q = i as f64 * step;
            let mut start = f64::NEG_INFINITY;
            while let (Some(&(v, g)), Some(&from)) = (self.tips.last(), self.starts.last()) {
                start = ((f + q * q) - (g + v * v)) / (2.0 * (q - v));
                if start > from {
                    break;
                }
                self.tips.pop();
                self.starts.pop();
                start = f64::NEG_INFINITY;
            }
            self.tips.push((q, f));
            self.starts.push(start);
        }
        if self.tips.is_empty() {
            return;
        }
        let mut k = 0;
        for (i, out) in line.iter_mut().enumerate() {
            let q = i as f64 * step;
            while self.starts.get(k + 1).is_some_and(|&s| s < q) {
                k += 1;
            }
            let (v, g) = self.tips[k];
            *out = (q - v).powi(2) + g;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_the_euclidean_distance_on_rectangular_pixels() {
        let mut mask = Mask::from_elem((9, 12), true);
        mask[[2, 3]] = false;
        mask[[7, 10]] = false;
        let depth = Region::new(mask, (2.0, 3.0)).depth();
        for ((y, x), d) in depth.indexed_iter() {
            let to = |r: f64, c: f64| ((y as f64 - r) * 3.0).hypot((x as f64 - c) * 2.0);
            assert!((d - to(2.0, 3.0).min(to(7.0, 10.0))).abs() < 1e-9);
        }
    }

    /// A blotchy mask: squares of several sizes at places that repeat.
    fn blotches(ny: usize, nx: usize, seed: u64) -> Mask {
        let mut state = seed;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % n
        };
        let mut mask = Mask::from_elem((ny, nx), true);
        for _ in 0..12 {
            let (y, x, side) = (below(ny), below(nx), 1 + below(6));
            mask.slice_mut(ndarray::s![y..(y + side).min(ny), x..(x + side).min(nx)]).fill(false);
        }
        mask
    }

    #[test]
    fn on_square_pixels_depth_is_what_imageproc_measures() {
        for seed in 0..50 {
            let mask = blotches(31, 44, seed);
            let outside = GrayImage::from_fn(44, 31, |x, y| {
                Luma([255 * u8::from(!mask[[y as usize, x as usize]])])
            });
            let theirs =
                imageproc::distance_transform::euclidean_squared_distance_transform(&outside);
            let depth = Region::new(mask, (1.0, 1.0)).depth();
            for ((y, x), d) in depth.indexed_iter() {
                let other = theirs.get_pixel(x as u32, y as u32).0[0].sqrt();
                assert!((d - other).abs() < 1e-9, "seed {seed} at {x}, {y}: {d} and {other}");
            }
        }
    }

    #[test]
    fn opening_keeps_what_a_disc_fits_into() {
        // imageproc's opening takes the disc of the distances, as this one does.
        use imageproc::distance_transform::Norm;
        for (seed, radius) in (0..30).flat_map(|seed| [1_u8, 2, 3].map(|r| (seed, r))) {
            let mask = blotches(31, 44, seed);
            let lit = GrayImage::from_fn(44, 31, |x, y| {
                Luma([255 * u8::from(mask[[y as usize, x as usize]])])
            });
            let theirs = imageproc::morphology::open(&lit, Norm::L2, radius);
            let ours = Region::new(mask, (1.0, 1.0)).opened(f64::from(radius));
            for ((y, x), on) in ours.mask.indexed_iter() {
                let other = theirs.get_pixel(x as u32, y as u32).0[0] > 0;
                assert_eq!(*on, other, "seed {seed}, radius {radius}, at {x}, {y}");
            }
        }
    }

    #[test]
    fn small_holes_are_filled_and_bays_are_not() {
        let mut mask = Mask::from_elem((20, 20), true);
        mask[[5, 5]] = false;
        mask.slice_mut(ndarray::s![10..16, 10..16]).fill(false);
        mask[[0, 9]] = false;
        let region = Region::new(mask, (1.0, 1.0)).without_holes(4.0);
        assert!(region.mask[[5, 5]] && !region.mask[[12, 12]] && !region.mask[[0, 9]]);
    }
}
