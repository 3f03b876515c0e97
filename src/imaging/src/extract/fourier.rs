//! Fourier transforms of eight lines side by side.
//!
//! A line's transform is plain arithmetic; eight at once fill vector registers
//! whatever the instruction set. Written out here and not taken from a library,
//! because libraries choose their order of additions by the processor, and what
//! a comparison gives must not depend on that.

use super::kernel::dispatched;
use std::f64::consts::TAU;

/// Lines transformed at once.
pub const LANES: usize = 8;
/// One point of each line.
pub type Lanes = [f32; LANES];

/// Real or imaginary parts of eight lines, point by point.
pub type Parts = Vec<Lanes>;

/// Transforms of one length with the factors 2, 3 and 4 (Stockham 1966).
pub struct Fourier {
    passes: Vec<Pass>,
    spare: (Parts, Parts),
}

/// One factor of the length.
struct Pass {
    radix: usize,
    /// Butterflies, each on `stride` neighbours.
    count: usize,
    stride: usize,
    /// For each butterfly the factors of all outputs but the first.
    twiddles: Vec<[(f32, f32); 3]>,
}

impl Fourier {
    /// Plans transforms of `n` points; `n` must be [`suited`].
    pub fn new(n: usize) -> Self {
        let (mut passes, mut rest, mut stride) = (Vec::new(), n.max(1), 1);
        while rest > 1 {
            let radix = [4, 2, 3].into_iter().find(|r| rest.is_multiple_of(*r)).unwrap_or(rest);
            debug_assert!(radix <= 4);
            let twiddle = |p: usize, k: usize| {
                let (s, c) = (TAU * ((p * k) % rest) as f64 / rest as f64).sin_cos();
                (c as f32, s as f32)
            };
            let count = rest / radix;
            let twiddles = (0..count).map(|p| [1, 2, 3].map(|k| twiddle(p, k))).collect();
            passes.push(Pass { radix, count, stride, twiddles });
            rest = count;
            stride *= radix;
        }
        let spare = || vec![[0.0; LANES]; n];
        Self { passes, spare: (spare(), spare()) }
    }

    /// Σ line(k)·exp(+2πi jk/n), in place. The transform with the other sign
    /// is this one with real and imaginary parts exchanged.
    pub fn inverse(&mut self, re: &mut Parts, im: &mut Parts) {
        for pass in &self.passes {
            let shape = (pass.count, pass.stride);
            let (to_re, to_im) = (&mut self.spare.0[..], &mut self.spare.1[..]);
            match pass.radix {
                4 => four(shape, &pass.twiddles, re, im, to_re, to_im),
                3 => three(shape, &pass.twiddles, re, im, to_re, to_im),
                _ => two(shape, &pass.twiddles, re, im, to_re, to_im),
            }
            std::mem::swap(re, &mut self.spare.0);
            std::mem::swap(im, &mut self.spare.1);
        }
    }
}

/// Whether `n` has no other prime factors than 2 and 3.
pub fn suited(n: usize) -> bool {
    let mut rest = n;
    for factor in [2, 3] {
        while rest > 0 && rest.is_multiple_of(factor) {
            rest /= factor;
        }
    }
    rest == 1
}

type Twiddles<'a> = &'a [[(f32, f32); 3]];

#[inline(always)]
fn turn((c, s): (f32, f32), re: &Lanes, im: &Lanes) -> (Lanes, Lanes) {
    let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
    for l in 0..LANES {
        x[l] = re[l] * c - im[l] * s;
        y[l] = re[l] * s + im[l] * c;
    }
    (x, y)
}

#[inline(always)]
fn each(a: &Lanes, b: &Lanes, f: impl Fn(f32, f32) -> f32) -> Lanes {
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        out[l] = f(a[l], b[l]);
    }
    out
}

#[inline(always)]
fn add(a: &Lanes, b: &Lanes) -> Lanes {
    each(a, b, |a, b| a + b)
}

#[inline(always)]
fn take(a: &Lanes, b: &Lanes) -> Lanes {
    each(a, b, |a, b| a - b)
}

dispatched! {
fn four(
    shape: (usize, usize),
    twiddles: Twiddles,
    re: &[Lanes],
    im: &[Lanes],
    to_re: &mut [Lanes],
    to_im: &mut [Lanes],
) {
    let (count, stride) = shape;
    let part = count * stride;
    for (p, t) in twiddles.iter().enumerate().take(count) {
        let from = |part: usize| part + p * stride..part + (p + 1) * stride;
        let (r0, r1) = (&re[from(0)], &re[from(part)]);
        let (r2, r3) = (&re[from(2 * part)], &re[from(3 * part)]);
        let (i0, i1) = (&im[from(0)], &im[from(part)]);
        let (i2, i3) = (&im[from(2 * part)], &im[from(3 * part)]);
        let to = 4 * p * stride..4 * (p + 1) * stride;
        let (x01, x23) = to_re[to.clone()].split_at_mut(2 * stride);
        let ((x0, x1), (x2, x3)) = (x01.split_at_mut(stride), x23.split_at_mut(stride));
        let (y01, y23) = to_im[to].split_at_mut(2 * stride);
        let ((y0, y1), (y2, y3)) = (y01.split_at_mut(stride), y23.split_at_mut(stride));
        for q in 0..stride {
            let (sum_r, sum_i) = (add(&r0[q], &r2[q]), add(&i0[q], &i2[q]));
            let (dif_r, dif_i) = (take(&r0[q], &r2[q]), take(&i0[q], &i2[q]));
            let (odd_r, odd_i) = (add(&r1[q], &r3[q]), add(&i1[q], &i3[q]));
            let (off_r, off_i) = (take(&r1[q], &r3[q]), take(&i1[q], &i3[q]));
            (x0[q], y0[q]) = (add(&sum_r, &odd_r), add(&sum_i, &odd_i));
            (x1[q], y1[q]) = turn(t[0], &take(&dif_r, &off_i), &add(&dif_i, &off_r));
            (x2[q], y2[q]) = turn(t[1], &take(&sum_r, &odd_r), &take(&sum_i, &odd_i));
            (x3[q], y3[q]) = turn(t[2], &add(&dif_r, &off_i), &take(&dif_i, &off_r));
        }
    }
}
}

dispatched! {
fn three(
    shape: (usize, usize),
    twiddles: Twiddles,
    re: &[Lanes],
    im: &[Lanes],
    to_re: &mut [Lanes],
    to_im: &mut [Lanes],
) {
    const HALF_ROOT: f32 = 0.866_025_4;
    let (count, stride) = shape;
    let part = count * stride;
    for (p, t) in twiddles.iter().enumerate().take(count) {
        for q in 0..stride {
            let (a, b, c) = (p * stride + q, part + p * stride + q, 2 * part + p * stride + q);
            let (sum_r, sum_i) = (add(&re[b], &re[c]), add(&im[b], &im[c]));
            let down = |v: f32, sum: f32| v - 0.5 * sum;
            let (low_r, low_i) = (each(&re[a], &sum_r, down), each(&im[a], &sum_i, down));
            let side = |b: f32, c: f32| HALF_ROOT * (b - c);
            let (dif_r, dif_i) = (each(&re[b], &re[c], side), each(&im[b], &im[c], side));
            let to = 3 * p * stride + q;
            (to_re[to], to_im[to]) = (add(&re[a], &sum_r), add(&im[a], &sum_i));
            (to_re[to + stride], to_im[to + stride]) =
                turn(t[0], &take(&low_r, &dif_i), &add(&low_i, &dif_r));
            (to_re[to + 2 * stride], to_im[to + 2 * stride]) =
                turn(t[1], &add(&low_r, &dif_i), &take(&low_i, &dif_r));
        }
    }
}
}

dispatched! {
fn two(
    shape: (usize, usize),
    twiddles: Twiddles,
    re: &[Lanes],
    im: &[Lanes],
    to_re: &mut [Lanes],
    to_im: &mut [Lanes],
) {
    let (count, stride) = shape;
    let part = count * stride;
    for (p, t) in twiddles.iter().enumerate().take(count) {
        for q in 0..stride {
            let (a, b, to) = (p * stride + q, part + p * stride + q, 2 * p * stride + q);
            (to_re[to], to_im[to]) = (add(&re[a], &re[b]), add(&im[a], &im[b]));
            (to_re[to + stride], to_im[to + stride]) =
                turn(t[0], &take(&re[a], &re[b]), &take(&im[a], &im[b]));
        }
    }
}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_is_the_plain_sum() {
        for n in [2, 3, 4, 6, 12, 32, 48, 256] {
            let value = |k: usize, l: usize| {
                (((k * 7 + l * 3) % 11) as f32 - 5.0, ((k * 5 + l) % 7) as f32 - 3.0)
            };
            let line = |part: fn((f32, f32)) -> f32| -> Parts {
                (0..n).map(|k| std::array::from_fn(|l| part(value(k, l)))).collect()
            };
            let (mut re, mut im) = (line(|v| v.0), line(|v| v.1));
            Fourier::new(n).inverse(&mut re, &mut im);
            for (j, l) in [(0, 0), (1, 7), (n / 2, 3), (n - 1, 5)] {
                let (mut x, mut y) = (0.0, 0.0);
                for k in 0..n {
                    let (s, c) = (TAU * (j * k) as f64 / n as f64).sin_cos();
                    let (a, b) = value(k, l);
                    x += f64::from(a) * c - f64::from(b) * s;
                    y += f64::from(a) * s + f64::from(b) * c;
                }
                let off = (f64::from(re[j][l]) - x).hypot(f64::from(im[j][l]) - y);
                assert!(off < 1e-3, "n {n}, {j}, lane {l}: {off}");
            }
        }
    }
}
