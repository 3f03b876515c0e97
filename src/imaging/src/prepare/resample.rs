//! Resampling with missing data, one axis after the other.

use super::filter::ALPHA;
use ndarray::{Array2, Zip};

/// Where output samples lie among the input samples of one axis: sample `k`
/// at `first + k·step`, in input samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Output samples.
    pub count: usize,
    /// Position of the first.
    pub first: f64,
    /// Distance between two.
    pub step: f64,
}

impl Axis {
    /// Covers `n` input samples with the centre kept.
    pub fn centred(n: usize, step: f64) -> Self {
        let count = ((n as f64 / step).ceil() as usize).max(1);
        let first = (n as f64 - 1.0) / 2.0 - (count as f64 - 1.0) / 2.0 * step;
        Self { count, first, step }
    }

    /// Covers `n` input samples with the first samples' outer edges in line.
    pub fn cornered(n: usize, step: f64) -> Self {
        // A quotient of two decimal pitches is whole only up to rounding.
        let count = (n as f64 / step - 1e-9).ceil().max(1.0) as usize;
        Self { count, first: (step - 1.0) / 2.0, step }
    }
}

/// The weight of an input sample by its distance from the output sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// A triangle as wide as two steps, or two input samples where those are
    /// wider: area average with soft edges, or linear interpolation.
    Triangle,
    /// The order-0 Gaussian filter of a cut-off wavelength, in input samples
    /// along y and x: filter and resampling in one (ISO 16610-61).
    Gaussian(f64, f64),
}

/// The input samples that make one output sample.
struct Taps {
    from: usize,
    weights: Vec<f32>,
}

fn taps(axis: &Axis, n: usize, reach: f64, weight: impl Fn(f64) -> f64) -> Vec<Taps> {
    let last = n as i64 - 1;
    (0..axis.count)
        .map(|k| {
            let at = axis.first + k as f64 * axis.step;
            let (low, high) = ((at - reach).ceil() as i64, (at + reach).floor() as i64);
            let from = low.clamp(0, last.max(0));
            let to = high.clamp(from, last.max(0));
            let mut weights = vec![0.0; (to - from + 1) as usize];
            for i in low..=high {
                // Beyond an edge the samples are mirrored.
                let inside = if i < 0 { -1 - i } else { i.min(2 * last + 1 - i) };
                let slot = usize::try_from(inside - from).ok();
                if let Some(w) = slot.and_then(|slot| weights.get_mut(slot)) {
                    *w += weight(i as f64 - at);
                }
            }
            let sum: f64 = weights.iter().sum();
            Taps {
                from: from as usize,
                weights: weights.into_iter().map(|w| (w / sum) as f32).collect(),
            }
        })
        .collect()
}

/// Resamples `values` (shape `(ny, nx)`, `NaN` = missing) to `(y.count,
/// x.count)`. A sample is missing where less than half its weight is present.
pub fn resample(values: &Array2<f32>, y: &Axis, x: &Axis, kernel: Kernel) -> Array2<f32> {
    let (ny, nx) = values.dim();
    let values = values.as_standard_layout();
    let plan = |axis: &Axis, n: usize, cutoff: Option<f64>| match cutoff {
        None => {
            let half = axis.step.max(1.0);
            taps(axis, n, half, |d| (1.0 - d.abs() / half).max(0.0))
        }
        Some(cutoff) => {
            let unit = ALPHA * cutoff;
            taps(axis, n, 1.5 * unit, |d| (-std::f64::consts::PI * (d / unit).powi(2)).exp())
        }
    };
    let (cut_y, cut_x) = match kernel {
        Kernel::Triangle => (None, None),
        Kernel::Gaussian(cut_y, cut_x) => (Some(cut_y), Some(cut_x)),
    };
    let (rows, columns) = (plan(y, ny, cut_y), plan(x, nx, cut_x));

    let mut narrow = Array2::<f32>::zeros((ny, x.count));
    let mut narrow_weight = Array2::<f32>::zeros((ny, x.count));
    for (line, (mut to, mut to_weight)) in
        values.rows().into_iter().zip(narrow.rows_mut().into_iter().zip(narrow_weight.rows_mut()))
    {
        let line = line.to_slice().unwrap_or(&[]);
        for (k, t) in columns.iter().enumerate() {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (&w, &v) in t.weights.iter().zip(line.iter().skip(t.from)) {
                if v.is_finite() {
                    sum += w * v;
                    weight += w;
                }
            }
            to[k] = sum;
            to_weight[k] = weight;
        }
    }
    let mut out = Array2::<f32>::zeros((y.count, x.count));
    let mut present = Array2::<f32>::zeros((y.count, x.count));
    for ((mut to, mut to_weight), t) in
        out.rows_mut().into_iter().zip(present.rows_mut()).zip(&rows)
    {
        for (&w, source) in t.weights.iter().zip(t.from..ny) {
            to.scaled_add(w, &narrow.row(source));
            to_weight.scaled_add(w, &narrow_weight.row(source));
        }
    }
    // Half of the weight, but for rounding.
    Zip::from(&mut out)
        .and(&present)
        .for_each(|o, &w| *o = if w > 0.499 { *o / w } else { f32::NAN });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plane sampled at any pitch about the grid's centre.
    fn plane(ny: usize, nx: usize, py: f64, px: f64) -> Array2<f32> {
        let centre = |n: usize| (n as f64 - 1.0) / 2.0;
        Array2::from_shape_fn((ny, nx), |(y, x)| {
            (3.0 * (x as f64 - centre(nx)) * px - 2.0 * (y as f64 - centre(ny)) * py) as f32
        })
    }

    #[test]
    fn rectangular_pixels_become_square_and_the_centre_stays() {
        let values = plane(90, 131, 1.0, 0.6);
        for step in [0.5, 1.0, 2.5] {
            let (y, x) = (Axis::centred(90, step), Axis::centred(131, step / 0.6));
            // Few samples under a triangle have their centre of gravity
            // up to a twentieth of a sample beside its tip, where a cut-off
            // Gaussian has it within a hundredth.
            for (kernel, off) in [(Kernel::Triangle, 0.2), (Kernel::Gaussian(3.0, 5.0), 0.05)] {
                let out = resample(&values, &y, &x, kernel);
                let expected = plane(y.count, x.count, step, step);
                // Mirrored edges bend the plane within the kernel's reach.
                let inner = |n: usize| n / 4..n - n / 4;
                for row in inner(y.count) {
                    for col in inner(x.count) {
                        let (a, b) = (out[[row, col]], expected[[row, col]]);
                        assert!((a - b).abs() < off, "{step} {kernel:?}: {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn missing_points_stay_missing_and_do_not_bleed() {
        let mut values = Array2::from_elem((40, 40), 7.0_f32);
        values.slice_mut(ndarray::s![10..20, 10..20]).fill(f32::NAN);
        let axis = Axis::centred(40, 2.0);
        let out = resample(&values, &axis, &axis, Kernel::Gaussian(4.0, 4.0));
        assert!(out[[7, 7]].is_nan() && out[[2, 2]].is_finite());
        assert!(out.iter().filter(|v| v.is_finite()).all(|v| (v - 7.0).abs() < 1e-5));
    }
}
