//! The search over all rotations about the anchors.
//!
//! Both marks are unrolled into rings about the centre of their outer circle;
//! their correlation over all angles is then one inverse Fourier transform of
//! a sum over rings. The centres are only known to a fraction of a millimetre,
//! so the probe is unrolled about many centres, once, and every view is tried.

use crate::extract::fourier::{Fourier, LANES, Lanes, Parts};
use crate::extract::kernel::dispatched;
use crate::extract::polar::{
    ANGLES, BLOCK, BLOCKS, FEATURE_BLOCKS, HARMONICS, MASK_HARMONICS, Rings, Unrolled, Unroller,
};
use crate::extract::{Anchor, FeatureMap, Template, Turnable};
use crate::extract::{COARSE_PITCH, FINE_PITCH};
use crate::matcher::MATCHER;
use std::f64::consts::TAU;
use std::ops::Range;

/// Centres are tried within this distance of the anchor, in coarse pixels
/// (0.4 mm): centres of true mates differ by up to 0.34 mm.
const RADIUS: f64 = MATCHER.registration.centres_within_um / COARSE_PITCH.um();
/// Distance between centres, in coarse pixels (40 µm): the shortest waves kept
/// are of 45 µm, and half a step is the most that a view is off.
const STEP: f64 = MATCHER.registration.centre_step_um / COARSE_PITCH.um();
/// Distance between the centres tried of a fragment, in fine pixels (50 µm):
/// there are some two thousand.
const FRAGMENT_STEP: f64 = MATCHER.registration.fragment_centre_step_um / FINE_PITCH.um();
/// Share of a fragment that must lie on the rings about a centre.
const ON_RINGS: f64 = MATCHER.registration.fragment_on_rings;
/// About so many of a fragment's points tell that.
const SAMPLE: usize = 200;
/// Angles at which the overlap, which is smooth, is evaluated.
const MASK_ANGLES: usize = 32;
/// Share of the smaller mark that must be common.
pub const SLIVER: f32 = MATCHER.registration.least_common as f32;
/// Share of the energy of the smaller one's features that must be common in a
/// search of a fragment, which may have its faintest part in common.
pub const FAINT: f32 = MATCHER.registration.fragment_least_energy as f32;
/// Two candidates nearer than this turn (radians) and this shift (coarse
/// pixels) are one.
const SAME: (f64, f64) = (0.06, 2.0);
/// Views transformed together: two to a lane, as real and imaginary part.
const TOGETHER: usize = 2 * LANES;

/// A place in the search space, to be refined.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Evidence in (uncalibrated) standard deviations of chance.
    pub z: f32,
    /// Turn from the probe to the target, radians.
    pub rotation: f64,
    /// Shift after the turn, about the grid centres, coarse pixels.
    pub shift: (f64, f64),
}

/// The probe unrolled about one centre, in coarse pixels.
pub struct View {
    centre: (f64, f64),
    unrolled: Unrolled,
}

/// The probe's views on a square grid of centres about its anchor.
pub fn views(probe: &Template, fine: &Turnable) -> Vec<View> {
    let n = (RADIUS / STEP).ceil() as i32;
    let steps = || (-n..=n).map(|i| f64::from(i) * STEP);
    let rings = Rings::of(probe.kind);
    let mut unroller = Unroller::new(fine, rings);
    steps()
        .flat_map(|y| steps().map(move |x| (x, y)))
        .filter(|(x, y)| x.hypot(*y) <= RADIUS)
        .map(|(x, y)| {
            let centre = (probe.anchor.x + x, probe.anchor.y + y);
            View { centre, unrolled: unroller.about((2.0 * centre.0, 2.0 * centre.1), rings.all()) }
        })
        .collect()
}

/// The views of a fragment, whose centre is not known: about every centre of a
/// square grid from which it would lie on the rings.
pub fn views_of_fragment(probe: &Template, fine: &Turnable) -> Vec<View> {
    let map = &probe.fine;
    let (cx, cy) = map.centre();
    let present = (0..map.mask.len()).filter(|&i| map.mask[i] != 0);
    let points: Vec<(f64, f64)> = present
        .map(|i| ((i % map.nx) as f64 - cx, (i / map.nx) as f64 - cy))
        .step_by((map.points / SAMPLE).max(1))
        .collect();
    let n = points.len().max(1) as f64;
    let middle = points.iter().fold((0.0, 0.0), |a, p| (a.0 + p.0 / n, a.1 + p.1 / n));
    let rings = Rings::for_fragments(probe.kind);
    let steps = (rings.outer() / FRAGMENT_STEP) as i32;
    let step = || (-steps..=steps).map(|i| f64::from(i) * FRAGMENT_STEP);
    let mut unroller = Unroller::new(fine, rings);
    let view = |centre: (f64, f64)| {
        let (mut on, mut inner, mut outer) = (0usize, f64::MAX, 0.0f64);
        for (x, y) in &points {
            let (dx, dy) = (x - centre.0, y - centre.1);
            let radius = (dx * dx + dy * dy).sqrt();
            on += usize::from(rings.hold(radius));
            (inner, outer) = (inner.min(radius), outer.max(radius));
        }
        (on as f64 >= ON_RINGS * n).then(|| View {
            centre: (centre.0 / 2.0, centre.1 / 2.0),
            unrolled: unroller.about(centre, rings.between(inner, outer)),
        })
    };
    let centres = step().flat_map(|v| step().map(move |u| (middle.0 + u, middle.1 + v)));
    centres.filter_map(view).collect()
}

/// Plans and working memory of one thread.
pub struct Rotations {
    fourier: Fourier,
    re: Parts,
    im: Parts,
    /// Cosines and sines of each mask harmonic at [`MASK_ANGLES`].
    waves: Vec<[[f32; MASK_ANGLES]; 2]>,
    /// For the views of real and imaginary parts, one over the root of the
    /// overlap at each of [`MASK_ANGLES`]; negative where it is a sliver.
    weights: [[Lanes; MASK_ANGLES]; 2],
    found: Vec<Candidate>,
    /// A target made ready to be turned.
    pub(super) turnable: Turnable,
}

impl Default for Rotations {
    fn default() -> Self {
        Self::new()
    }
}

impl Rotations {
    /// Plans the transforms.
    pub fn new() -> Self {
        let parts = || vec![[0.0; LANES]; ANGLES];
        let waves = (0..MASK_HARMONICS).map(|k| {
            let angle = |a: usize| TAU * ((k * a) % MASK_ANGLES) as f64 / MASK_ANGLES as f64;
            // Each harmonic but the mean stands for two.
            let twice = if k == 0 { 1.0 } else { 2.0 };
            let wave = |f: fn(f64) -> f64| std::array::from_fn(|a| (twice * f(angle(a))) as f32);
            [wave(f64::cos), wave(f64::sin)]
        });
        Self {
            fourier: Fourier::new(ANGLES),
            re: parts(),
            im: parts(),
            waves: waves.collect(),
            weights: [[[0.0; LANES]; MASK_ANGLES]; 2],
            found: Vec::new(),
            turnable: Turnable::of(&FeatureMap::new(0, 0, Vec::new(), Vec::new())),
        }
    }

    /// The `keep` best distinct places of the probe on a target unrolled about
    /// its anchor, best first; a place where less than a share of `least` of the
    /// smaller one is common does not count.
    pub fn search(
        &mut self,
        views: &[View],
        (target, anchor): (&Unrolled, &Anchor),
        least: f32,
        keep: usize,
    ) -> Vec<Candidate> {
        self.found.clear();
        let series: Vec<f32> = target.series.iter().map(|&v| f32::from(v)).collect();
        for views in views.chunks(TOGETHER) {
            self.correlate(views, target, &series, least);
            for (part, of_part) in [&mut self.re, &mut self.im].into_iter().enumerate() {
                let best = peaks(of_part, &self.weights[part]);
                for (lane, best) in best.iter().enumerate() {
                    let Some(view) = views.get(2 * lane + part) else { continue };
                    for (z, rotation) in best.iter().filter_map(|&i| top(of_part, lane, i)) {
                        let (s, c) = rotation.sin_cos();
                        let (x, y) = view.centre;
                        let shift = (anchor.x - (c * x - s * y), anchor.y - (s * x + c * y));
                        self.found.push(Candidate { z, rotation, shift });
                    }
                }
            }
        }
        distinct(&mut self.found, keep)
    }

    /// The correlation of some views over all angles, two to a lane, and their
    /// weights.
    fn correlate(&mut self, views: &[View], target: &Unrolled, series: &[f32], least: f32) {
        self.re.fill([0.0; LANES]);
        self.im.fill([0.0; LANES]);
        for (n, view) in views.iter().enumerate() {
            let mut sums = [[[0.0; BLOCK]; 2]; BLOCKS];
            let rings = (&view.unrolled.rings, target.rings.len());
            products(&view.unrolled.series, series, rings, &mut sums);
            let (features, mask) = sums.split_at(FEATURE_BLOCKS);
            let lane = n / 2;
            for k in HARMONICS {
                let [re, im] = &features[k / BLOCK];
                let (a, b, mirror) = (re[k % BLOCK], im[k % BLOCK], ANGLES - k);
                // Of a real signal, harmonic N − k is the conjugate of k.
                if n.is_multiple_of(2) {
                    (self.re[k][lane], self.im[k][lane]) = (a, b);
                    (self.re[mirror][lane], self.im[mirror][lane]) = (a, -b);
                } else {
                    self.re[k][lane] -= b;
                    self.im[k][lane] += a;
                    self.re[mirror][lane] += b;
                    self.im[mirror][lane] += a;
                }
            }
            // Less common area than this is a sliver, and no evidence.
            let floor = least * view.unrolled.area.min(target.area) * target.unit * target.unit;
            for (to, weight) in self.weights[n % 2].iter_mut().zip(weigh(mask, &self.waves, floor))
            {
                to[lane] = weight;
            }
        }
        self.fourier.inverse(&mut self.re, &mut self.im);
    }
}

/// The peak at an angle's number, if it is one: evidence and angle.
fn top(z: &[Lanes], lane: usize, i: u32) -> Option<(f32, f64)> {
    let i = i as usize;
    let at = |i: usize| z[i % ANGLES][lane];
    let (l, v, r) = (at(i + ANGLES - 1), at(i), at(i + 1));
    let fine = if l.min(r) > f32::MIN { vertex(l, v, r) } else { 0.0 };
    (v > f32::MIN).then(|| (v, (i as f64 + f64::from(fine)) * TAU / ANGLES as f64))
}

dispatched! {
/// Makes correlations evidence, and finds of each lane's view the angles of the
/// two highest peaks.
fn peaks(z: &mut [Lanes], weights: &[Lanes; MASK_ANGLES]) -> [[u32; 2]; LANES] {
    const PER: usize = ANGLES / MASK_ANGLES;
    for (i, z) in z.iter_mut().enumerate() {
        let weights = &weights[(i + PER / 2) / PER % MASK_ANGLES];
        for (z, &weight) in z.iter_mut().zip(weights) {
            *z = if weight > 0.0 { *z * weight } else { f32::MIN };
        }
    }
    let (mut high, mut next) = ([f32::MIN; LANES], [f32::MIN; LANES]);
    let (mut at_high, mut at_next) = ([0u32; LANES], [0u32; LANES]);
    let (mut before, mut here) = (z[ANGLES - 1], z[0]);
    for i in 0..ANGLES {
        let after = z[if i + 1 < ANGLES { i + 1 } else { 0 }];
        for l in 0..LANES {
            let v = if here[l] >= before[l] && here[l] > after[l] { here[l] } else { f32::MIN };
            let (first, second) = (v > high[l], v > next[l]);
            let (lower, at_lower) =
                if first { (high[l], at_high[l]) } else { (v, i as u32) };
            next[l] = if second { lower } else { next[l] };
            at_next[l] = if second { at_lower } else { at_next[l] };
            high[l] = if first { v } else { high[l] };
            at_high[l] = if first { i as u32 } else { at_high[l] };
        }
        (before, here) = (here, after);
    }
    // Where there is no second peak its number is that of the first angle,
    // which a peak may be as well: it counts once.
    std::array::from_fn(|l| [at_high[l], if next[l] > f32::MIN { at_next[l] } else { at_high[l] }])
}
}

dispatched! {
/// The sums over the probe's rings of the products of its series, conjugated,
/// and the target's, of so many rings: for each block the real parts, then the imaginary ones.
fn products(
    probe: &[i8],
    target: &[f32],
    rings: (&Range<usize>, usize),
    out: &mut [[[f32; BLOCK]; 2]; BLOCKS],
) {
    let (probe, _) = probe.as_chunks::<BLOCK>();
    let (target, _) = target.as_chunks::<BLOCK>();
    let (rings, of_target) = rings;
    let probe = probe.chunks(2 * rings.len().max(1));
    let blocks = probe.zip(target.chunks(2 * of_target.max(1)));
    for ([sum_re, sum_im], (probe, target)) in out.iter_mut().zip(blocks) {
        let target = &target[2 * rings.start..];
        let (mut re, mut im) = ([0.0f32; BLOCK], [0.0f32; BLOCK]);
        for (p, t) in probe.chunks_exact(2).zip(target.chunks_exact(2)) {
            let ([pr, pi], [tr, ti]) = ([&p[0], &p[1]], [&t[0], &t[1]]);
            for k in 0..BLOCK {
                let (a, b) = (f32::from(pr[k]), f32::from(pi[k]));
                re[k] += a * tr[k] + b * ti[k];
                im[k] += a * ti[k] - b * tr[k];
            }
        }
        (*sum_re, *sum_im) = (re, im);
    }
}
}

dispatched! {
/// One over the root of the overlap for every angle; negative where it is not
/// above `floor`.
fn weigh(
    series: &[[[f32; BLOCK]; 2]],
    waves: &[[[f32; MASK_ANGLES]; 2]],
    floor: f32,
) -> [f32; MASK_ANGLES] {
    let mut overlap = [0.0f32; MASK_ANGLES];
    for (block, waves) in series.iter().zip(waves.chunks_exact(BLOCK)) {
        for (k, [cos, sin]) in waves.iter().enumerate() {
            let (re, im) = (block[0][k], block[1][k]);
            for a in 0..MASK_ANGLES {
                overlap[a] += re * cos[a] - im * sin[a];
            }
        }
    }
    overlap.map(|n| if n > floor { 1.0 / n.sqrt() } else { -1.0 })
}
}

/// Where a parabola through three equidistant values has its top, in steps
/// from the middle one.
fn vertex(l: f32, m: f32, r: f32) -> f32 {
    let bend = l - 2.0 * m + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// The best `keep` candidates that are not the same place, best first.
pub fn distinct(found: &mut [Candidate], keep: usize) -> Vec<Candidate> {
    found.sort_by(|a, b| b.z.total_cmp(&a.z));
    let mut out: Vec<Candidate> = Vec::with_capacity(keep);
    for c in found.iter() {
        let same = |o: &Candidate| {
            let turn = (c.rotation - o.rotation).rem_euclid(TAU);
            let (x, y) = (c.shift.0 - o.shift.0, c.shift.1 - o.shift.1);
            turn.min(TAU - turn) < SAME.0 && x.hypot(y) < SAME.1
        };
        if out.len() < keep && !out.iter().any(same) {
            out.push(*c);
        }
    }
    out
}
