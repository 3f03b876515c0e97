//! One pair, coarse to fine.

use super::rotations::{Rotations, ShiftedProbe};
use super::slide::{overlap, turned};
use crate::extract::{FeatureMap, Template};

/// A registration in pixels of some map, about the grid centres.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub z: f64,
    pub ccf: f64,
    pub points: i64,
    pub rotation: f64,
    pub shift: (f64, f64),
}

fn z_of(o: super::slide::Overlap, floor: i64) -> f64 {
    if o.points < floor {
        return -99.0;
    }
    o.product as f64 / f64::from(crate::extract::UNIT).powi(2) / (o.points as f64).sqrt()
}

/// Best shift of `f` (already turned) against `g` in a window about zero.
pub fn slide_best(
    f: &FeatureMap,
    g: &FeatureMap,
    window: isize,
    floor: i64,
) -> (f64, f64, (f64, f64), i64) {
    let w = window;
    let side = (2 * w + 1) as usize;
    let mut zs = vec![f64::MIN; side * side];
    let mut pts = vec![0; side * side];
    let mut best = (f64::MIN, 0usize);
    for dy in -w..=w {
        for dx in -w..=w {
            let o = overlap(f, g, dx, dy);
            let i = ((dy + w) as usize) * side + (dx + w) as usize;
            zs[i] = z_of(o, floor);
            pts[i] = o.points;
            if zs[i] > best.0 {
                best = (zs[i], i);
            }
        }
    }
    let (iy, ix) = (best.1 / side, best.1 % side);
    let sub = |l: f64, m: f64, r: f64| {
        let d = l - 2.0 * m + r;
        if d < 0.0 && l > f64::MIN && r > f64::MIN {
            (0.5 * (l - r) / d).clamp(-0.5, 0.5)
        } else {
            0.0
        }
    };
    let mut dx = ix as f64 - w as f64;
    let mut dy = iy as f64 - w as f64;
    if ix > 0 && ix + 1 < side {
        dx += sub(zs[best.1 - 1], best.0, zs[best.1 + 1]);
    }
    if iy > 0 && iy + 1 < side {
        dy += sub(zs[best.1 - side], best.0, zs[best.1 + side]);
    }
    let n = pts[best.1];
    (best.0, best.0 / (n.max(1) as f64).sqrt(), (dx, dy), n)
}

pub enum Probe<'a> {
    Anchored(&'a ShiftedProbe),
    Free(&'a super::exhaustive::TurnedProbe),
}
pub struct Work {
    pub r: Rotations,
    pub p: super::exhaustive::Plane,
}

pub fn register(
    w: &mut Work,
    probe: &Probe,
    a: &Template,
    b: &Template,
    keep: usize,
) -> Vec<Place> {
    let area = |m: &FeatureMap| m.mask.iter().map(|&v| i64::from(v)).sum::<i64>();
    let floor = area(&a.coarse).min(area(&b.coarse)) / 5;
    let cands: Vec<(f64, (f64, f64))> = match probe {
        Probe::Anchored(probe) => {
            w.r.search(probe, &b.unrolled, keep, 5.0)
                .into_iter()
                .map(|c| {
                    let (s, co) = c.rotation.sin_cos();
                    let (x, y) = (a.anchor.x + c.centre.0, a.anchor.y + c.centre.1);
                    (c.rotation, (b.anchor.x - (co * x - s * y), b.anchor.y - (s * x + co * y)))
                })
                .collect()
        }
        Probe::Free(t) => {
            let s = super::exhaustive::spectra(&mut w.p, &b.coarse);
            let fl = floor as f32;
            super::exhaustive::search(&mut w.p, t, &s, (b.coarse.nx, b.coarse.ny), fl, keep)
                .into_iter()
                .map(|c| (c.rotation, c.centre))
                .collect()
        }
    };
    let mut places = Vec::new();
    for c in cands {
        let mut best: Option<Place> = None;
        for k in -1..=1 {
            let rot = c.0 + f64::from(k) * 1.4f64.to_radians();
            let shift = c.1;
            let t = turned(&a.coarse, rot, shift, b.coarse.nx, b.coarse.ny);
            let (z, ccf, d, n) = slide_best(&t, &b.coarse, 2, floor);
            if best.is_none_or(|p| z > p.z) {
                best = Some(Place {
                    z,
                    ccf,
                    points: n,
                    rotation: rot,
                    shift: (shift.0 + d.0, shift.1 + d.1),
                });
            }
        }
        places.extend(best);
    }
    places.sort_by(|p, q| q.z.total_cmp(&p.z));
    // fine
    let floor = area(&a.fine).min(area(&b.fine)) / 5;
    let mut fine = Vec::new();
    for p in places.iter().take(2) {
        let mut best: Option<Place> = None;
        for k in -2..=2 {
            let rot = p.rotation + f64::from(k) * 0.5f64.to_radians();
            let shift = (p.shift.0 * 2.0, p.shift.1 * 2.0);
            let t = turned(&a.fine, rot, shift, b.fine.nx, b.fine.ny);
            let (z, ccf, d, n) = slide_best(&t, &b.fine, 3, floor);
            if best.is_none_or(|p| z > p.z) {
                best = Some(Place {
                    z,
                    ccf,
                    points: n,
                    rotation: rot,
                    shift: (shift.0 + d.0, shift.1 + d.1),
                });
            }
        }
        fine.extend(best);
    }
    fine.sort_by(|p, q| q.z.total_cmp(&p.z));
    fine.extend(places.into_iter().take(1));
    fine
}
