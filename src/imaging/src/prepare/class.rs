//! The class shape of a firing-pin or ejector impression, and how it is taken
//! off.
//!
//! What all pins of a model have in common is not individual: the outline, the
//! curve of the tip, the rings of the lathe, and on photographs the shading and
//! glints that follow from them. All of it is the same along *shells*: lines of
//! equal share of the way from the middle to the outline, and circles about the
//! middle. On every shell the mean goes, and with it what goes round once: a
//! middle that lies off, a pin that leaned, a lamp that is brighter on one side.

use super::Verdict;
use super::quality::Remark;
use ndarray::Array2;
use std::f64::consts::{PI, TAU};
use types::message::say;
use types::numeric::{median, solve_positive_definite};
use types::units::Metres;

/// Angles at which the outline is read.
const ANGLES: usize = 128;
/// Harmonics kept of the outline: corners of a rectangle are the fourth and
/// eighth.
const OUTLINE_HARMONICS: usize = 8;
/// Share of the angles that a whole outline has.
const WHOLE: f64 = 0.95;
/// An ellipse fills π/4 = 0.79 of the box about it, a rectangle more than this.
const RECTANGLE: f64 = 0.87;
/// A round outline is less than this times longer than wide.
const OBLONG: f64 = 1.12;
/// Distance between shells.
const SHELL: Metres = Metres::from_um(12.5);
/// Harmonics taken off a shell beside its mean. Two and four took more of what
/// mates share than of what strangers do; see decision 101.
const SHELL_HARMONICS: usize = 1;
/// Waves around a shell shorter than this are the mark's own.
const AROUND: Metres = Metres::from_um(250.0);
/// The middle of the rings is looked for within this distance of the outline's.
const OFF: Metres = Metres::from_um(100.0);
/// Steps of that search, coarse and fine.
const STEPS: [Metres; 2] = [Metres::from_um(25.0), Metres::from_um(6.25)];
/// Share of a shell that holds data for its harmonics to be told.
const ENOUGH: f64 = 0.5;
/// Weight of nothing in the fit of a shell, in points: keeps few points from
/// being fitted exactly.
const RIDGE: f64 = 1.0;

/// An impression's outline about its middle.
#[derive(Clone, Debug)]
pub(super) struct ClassShape {
    /// The outline's middle, pixels (x, y) of the grid.
    middle: (f64, f64),
    /// Distance from the middle to the outline at evenly spaced angles, pixels.
    radii: Vec<f64>,
    /// Mean of `radii`.
    mean: f64,
    /// Whether there is an outline at nearly every angle.
    whole: bool,
}

impl ClassShape {
    /// The outline of the finite values; `None` where there is none.
    pub(super) fn of(values: &Array2<f32>) -> Option<Self> {
        let (mut n, mut sum) = (0.0, (0.0, 0.0));
        for ((y, x), _) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
            n += 1.0;
            sum = (sum.0 + x as f64, sum.1 + y as f64);
        }
        if n < 1.0 {
            return None;
        }
        let mut middle = (sum.0 / n, sum.1 / n);
        let mut radii = outline(values, middle);
        // The middle of the outline is not that of its points where some are missing.
        for _ in 0..3 {
            let first = |f: fn(f64) -> f64| {
                let at = |i: usize| TAU * i as f64 / ANGLES as f64;
                radii.iter().enumerate().map(|(i, r)| r * f(at(i))).sum::<f64>() * 2.0
                    / ANGLES as f64
            };
            middle = (middle.0 + first(f64::cos), middle.1 + first(f64::sin));
            radii = outline(values, middle);
        }
        let seen = radii.iter().filter(|r| **r > 0.0).count();
        let radii = smooth(&radii);
        let mean = radii.iter().sum::<f64>() / ANGLES as f64;
        let whole = seen as f64 > WHOLE * ANGLES as f64;
        (mean > 2.0).then_some(Self { middle, radii, mean, whole })
    }

    /// The shape in words, with its length and width; none where the outline is
    /// not whole.
    pub(super) fn remark(&self, pitch: Metres) -> Option<Remark> {
        let (long, short, filled) = self.extent();
        let shape = if filled > RECTANGLE {
            say!("rectangular")
        } else if long > OBLONG * short {
            say!("elliptical")
        } else {
            say!("round")
        };
        let mm = |half: f64| 2.0 * half * pitch.um() * 1e-3;
        let text = say!(
            "its class, taken off and not counted: {shape}, {:.2} × {:.2} mm",
            mm(long),
            mm(short)
        );
        self.whole.then_some(Remark(Verdict::Good, text))
    }

    /// How far out a pixel lies: its share of the way to the outline, times the
    /// outline's mean radius; and its angle.
    fn shell(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let angle = dy.atan2(dx);
        let at = (angle / TAU + 1.0).fract() * ANGLES as f64;
        let (i, part) = (at.floor() as usize % ANGLES, at.fract());
        let radius = self.radii[i] * (1.0 - part) + self.radii[(i + 1) % ANGLES] * part;
        (dx.hypot(dy) / radius.max(1.0) * self.mean, angle)
    }

    /// Half the length and half the width, pixels, and the share of the box
    /// about them that the impression fills: π/4 for an ellipse.
    fn extent(&self) -> (f64, f64, f64) {
        let area = 0.5 * TAU / ANGLES as f64 * self.radii.iter().map(|r| r * r).sum::<f64>();
        let reach = |turn: f64| {
            let along = self
                .radii
                .iter()
                .enumerate()
                .map(|(i, r)| (r * (TAU * i as f64 / ANGLES as f64 - turn).cos()).abs());
            along.fold(0.0, f64::max)
        };
        let sides = (0..90).map(|i| {
            let turn = PI * f64::from(i) / 180.0;
            (reach(turn), reach(turn + PI / 2.0))
        });
        let best = sides.min_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1))).unwrap_or((1.0, 1.0));
        let (long, short) = (best.0.max(best.1), best.0.min(best.1));
        (long, short, area / (4.0 * long * short).max(1.0))
    }
}

/// Distance of the farthest point from `middle` at each angle.
fn outline(values: &Array2<f32>, middle: (f64, f64)) -> Vec<f64> {
    let mut radii = vec![0.0_f64; ANGLES];
    for ((y, x), _) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
        let (dx, dy) = (x as f64 - middle.0, y as f64 - middle.1);
        let at = (dy.atan2(dx) / TAU + 1.0).fract() * ANGLES as f64;
        let i = at.round() as usize % ANGLES;
        radii[i] = radii[i].max(dx.hypot(dy));
    }
    radii
}

/// The low harmonics of the radii, from robust ones: a notch is no shape.
fn smooth(radii: &[f64]) -> Vec<f64> {
    let typical: Vec<f64> = (0..ANGLES)
        .map(|i| {
            let mut near: Vec<f64> = (0..5).map(|k| radii[(i + ANGLES + k - 2) % ANGLES]).collect();
            median(&mut near).unwrap_or(0.0)
        })
        .collect();
    let at = |i: usize| TAU * i as f64 / ANGLES as f64;
    let mut out = vec![0.0; ANGLES];
    for k in 0..=OUTLINE_HARMONICS {
        let scale = if k == 0 { 1.0 } else { 2.0 } / ANGLES as f64;
        let part = |f: fn(f64) -> f64| {
            typical.iter().enumerate().map(|(i, r)| r * f(k as f64 * at(i))).sum::<f64>() * scale
        };
        let (c, s) = (part(f64::cos), part(f64::sin));
        for (i, o) in out.iter_mut().enumerate() {
            *o += c * (k as f64 * at(i)).cos() + s * (k as f64 * at(i)).sin();
        }
    }
    out
}

/// `values` without what is the same along the shells of `shape` and along
/// circles about the middle of the rings.
pub(super) fn without_class(
    values: &Array2<f32>,
    shape: &ClassShape,
    pitch: Metres,
) -> Array2<f32> {
    let first = without_shells(values, pitch, |x, y| shape.shell(x, y));
    let middle = middle_of_rings(&first, shape, pitch);
    let circle = |x: f64, y: f64| {
        let (dx, dy) = (x - middle.0, y - middle.1);
        (dx.hypot(dy), dy.atan2(dx))
    };
    without_shells(&first, pitch, circle)
}

/// Terms of a shell: its mean and the harmonics.
const TERMS: usize = 1 + 2 * SHELL_HARMONICS;

fn terms(angle: f64, many: usize) -> [f64; TERMS] {
    let mut out = [0.0; TERMS];
    out[0] = 1.0;
    for k in 1..=many {
        (out[2 * k], out[2 * k - 1]) = (k as f64 * angle).sin_cos();
    }
    out
}

/// Takes off what is the same along shells; `place` gives a pixel's shell, as a
/// radius in pixels, and its angle.
fn without_shells(
    values: &Array2<f32>,
    pitch: Metres,
    place: impl Fn(f64, f64) -> (f64, f64),
) -> Array2<f32> {
    let step = SHELL / pitch;
    let many = |radius: f64| {
        let longest = (TAU * radius / (AROUND / pitch)).floor() as usize;
        longest.min(SHELL_HARMONICS)
    };
    let mut shells: Vec<Shell> = Vec::new();
    let present = || values.indexed_iter().filter(|(_, v)| v.is_finite());
    for ((y, x), &v) in present() {
        let (radius, angle) = place(x as f64, y as f64);
        let i = (radius / step).round() as usize;
        while shells.len() <= i {
            let radius = shells.len() as f64 * step;
            shells.push(Shell::new(many(radius)));
        }
        shells[i].add(angle, f64::from(v));
    }
    let fits: Vec<(usize, [f64; TERMS])> = shells
        .iter()
        .enumerate()
        .map(|(i, shell)| (shell.many, shell.fit(TAU * (i as f64 * step).max(1.0) * step)))
        .collect();
    let mut out = values.clone();
    for ((y, x), v) in out.indexed_iter_mut().filter(|(_, v)| v.is_finite()) {
        let (radius, angle) = place(x as f64, y as f64);
        let at = radius / step;
        let (i, part) = (at.floor() as usize, at.fract());
        let level = |i: usize| {
            let (many, fit) = fits.get(i).or(fits.last()).copied().unwrap_or((0, [0.0; TERMS]));
            terms(angle, many).iter().zip(&fit).map(|(t, c)| t * c).sum::<f64>()
        };
        *v -= (level(i) * (1.0 - part) + level(i + 1) * part) as f32;
    }
    out
}

/// The sums of one shell's fit.
struct Shell {
    /// Harmonics that may be told.
    many: usize,
    points: f64,
    products: [[f64; TERMS]; TERMS],
    values: [f64; TERMS],
}

impl Shell {
    const fn new(many: usize) -> Self {
        Self { many, points: 0.0, products: [[0.0; TERMS]; TERMS], values: [0.0; TERMS] }
    }

    fn add(&mut self, angle: f64, value: f64) {
        let t = terms(angle, self.many);
        self.points += 1.0;
        for (row, a) in self.products.iter_mut().zip(&t) {
            row.iter_mut().zip(&t).for_each(|(p, b)| *p += a * b);
        }
        self.values.iter_mut().zip(&t).for_each(|(v, a)| *v += a * value);
    }

    /// The coefficients; `whole` is how many points a full shell has.
    fn fit(&self, whole: f64) -> [f64; TERMS] {
        let mut out = [0.0; TERMS];
        let used = if self.points < ENOUGH * whole { 1 } else { 1 + 2 * self.many };
        if self.points < 1.0 {
            return out;
        }
        let matrix: Vec<Vec<f64>> = (0..used)
            .map(|i| {
                let ridge = |j: usize| if i == j && i > 0 { RIDGE } else { 0.0 };
                (0..used).map(|j| self.products[i][j] + ridge(j)).collect()
            })
            .collect();
        let solved = solve_positive_definite(matrix, self.values[..used].to_vec());
        out.iter_mut().zip(solved).for_each(|(o, s)| *o = s);
        out
    }
}

/// About which point circles explain most of what is left.
fn middle_of_rings(values: &Array2<f32>, shape: &ClassShape, pitch: Metres) -> (f64, f64) {
    let points: Vec<(f64, f64, f64)> = values
        .indexed_iter()
        .filter(|((y, x), v)| y % 2 == 0 && x % 2 == 0 && v.is_finite())
        .map(|((y, x), &v)| (x as f64, y as f64, f64::from(v)))
        .collect();
    let step = SHELL / pitch;
    let explained = |middle: (f64, f64)| {
        let mut shells: Vec<(f64, f64)> = Vec::new();
        for &(x, y, v) in &points {
            let i = ((x - middle.0).hypot(y - middle.1) / step) as usize;
            if shells.len() <= i {
                shells.resize(i + 1, (0.0, 0.0));
            }
            shells[i] = (shells[i].0 + 1.0, shells[i].1 + v);
        }
        shells.iter().map(|(n, sum)| sum * sum / n.max(1.0)).sum::<f64>()
    };
    let mut best = (explained(shape.middle), shape.middle);
    let mut reach = OFF / pitch;
    for step in STEPS {
        let (step, about) = (step / pitch, best.1);
        let many = (reach / step).round() as i32;
        for iy in -many..=many {
            for ix in -many..=many {
                let at = (about.0 + f64::from(ix) * step, about.1 + f64::from(iy) * step);
                let found = explained(at);
                if found > best.0 {
                    best = (found, at);
                }
            }
        }
        reach = step;
    }
    best.1
}
