//! The anchor: the centre of the circle that bounds the mark on the outside.
//!
//! A primer is round, so the outer edge of a breech-face impression gives two
//! casings a common origin and leaves the search mostly a rotation.

use super::FeatureMap;

/// The point about which a mark is unrolled, in pixels from the grid centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// Along x.
    pub x: f64,
    /// Along y.
    pub y: f64,
    /// Degrees of the circle's outline that the mark's edge supports; 0 where
    /// no circle was found and the point is the mark's centroid.
    pub arc_deg: f64,
    /// The circle's radius in pixels; 0 where there is none.
    pub radius: f64,
}

/// Trials of the random-sample consensus.
const TRIALS: u32 = 400;
/// A boundary point within this many pixels of the circle supports it.
const TOLERANCE: f64 = 0.8;
/// Resolution with which the supported outline is counted, degrees.
const ARC_STEP: f64 = 4.0;
/// Share of the mark that must lie inside.
const INSIDE: f64 = 0.985;

/// Finds the outer circle of the mask by random-sample consensus over its
/// boundary points (deterministic), `radii` in pixels; the mask's centroid
/// where no circle of such a radius holds the mark.
pub fn find(map: &FeatureMap, radii: std::ops::RangeInclusive<f64>) -> Anchor {
    let points = boundary(map);
    let body = body(map);
    let mut best: Option<(usize, Circle)> = None;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |n: usize| {
        // SplitMix64: a fixed sequence, so the same mask gives the same anchor.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    };
    if points.len() >= 12 {
        for _ in 0..TRIALS {
            let p = [0; 3].map(|_| points[draw(points.len())]);
            let Some(circle) = through(p) else { continue };
            if !radii.contains(&circle.r) {
                continue;
            }
            let support = points.iter().filter(|p| circle.distance(**p).abs() <= TOLERANCE).count();
            if best.as_ref().is_none_or(|(s, _)| support > *s) && circle.holds(&body) {
                best = Some((support, circle));
            }
        }
    }
    let Some((_, mut circle)) = best else { return centroid(&body) };
    for _ in 0..3 {
        let near: Vec<_> = points
            .iter()
            .copied()
            .filter(|p| circle.distance(*p).abs() <= 1.5 * TOLERANCE)
            .collect();
        circle = least_squares(&near).filter(|c| radii.contains(&c.r)).unwrap_or(circle);
    }
    let degrees: std::collections::BTreeSet<i32> = points
        .iter()
        .filter(|p| circle.distance(**p).abs() <= 1.5 * TOLERANCE)
        .map(|p| ((p.1 - circle.y).atan2(p.0 - circle.x).to_degrees() / ARC_STEP).floor() as i32)
        .collect();
    let arc_deg = degrees.len() as f64 * ARC_STEP;
    Anchor { x: circle.x, y: circle.y, arc_deg, radius: circle.r }
}

#[derive(Clone, Copy, Debug)]
struct Circle {
    x: f64,
    y: f64,
    r: f64,
}

impl Circle {
    fn distance(&self, p: (f64, f64)) -> f64 {
        (p.0 - self.x).hypot(p.1 - self.y) - self.r
    }

    fn holds(&self, body: &[(f64, f64)]) -> bool {
        let inside = body.iter().filter(|p| self.distance(**p) <= 1.0).count();
        inside as f64 >= INSIDE * body.len() as f64
    }
}

/// Points of the mask with a missing 4-neighbour, from the grid centre.
fn boundary(map: &FeatureMap) -> Vec<(f64, f64)> {
    let on = |x: isize, y: isize| {
        x >= 0
            && y >= 0
            && x < map.nx as isize
            && y < map.ny as isize
            && map.mask[y as usize * map.nx + x as usize] == 1
    };
    body_where(map, |x, y| {
        let (x, y) = (x as isize, y as isize);
        !(on(x - 1, y) && on(x + 1, y) && on(x, y - 1) && on(x, y + 1))
    })
}

fn body(map: &FeatureMap) -> Vec<(f64, f64)> {
    body_where(map, |_, _| true)
}

fn body_where(map: &FeatureMap, keep: impl Fn(usize, usize) -> bool) -> Vec<(f64, f64)> {
    let (cx, cy) = ((map.nx as f64 - 1.0) / 2.0, (map.ny as f64 - 1.0) / 2.0);
    (0..map.ny)
        .flat_map(|y| (0..map.nx).map(move |x| (x, y)))
        .filter(|&(x, y)| map.mask[y * map.nx + x] == 1 && keep(x, y))
        .map(|(x, y)| (x as f64 - cx, y as f64 - cy))
        .collect()
}

fn centroid(body: &[(f64, f64)]) -> Anchor {
    let n = body.len().max(1) as f64;
    let (x, y) = body.iter().fold((0.0, 0.0), |a, p| (a.0 + p.0, a.1 + p.1));
    Anchor { x: x / n, y: y / n, arc_deg: 0.0, radius: 0.0 }
}

/// The circle through three points, unless they are nearly in line.
fn through([a, b, c]: [(f64, f64); 3]) -> Option<Circle> {
    let (bx, by, cx, cy) = (b.0 - a.0, b.1 - a.1, c.0 - a.0, c.1 - a.1);
    let d = 2.0 * (bx * cy - by * cx);
    if d.abs() < 1e-6 {
        return None;
    }
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    let (x, y) = ((cy * b2 - by * c2) / d, (bx * c2 - cx * b2) / d);
    Some(Circle { x: a.0 + x, y: a.1 + y, r: x.hypot(y) })
}

/// Algebraic least-squares circle (Kåsa 1976).
fn least_squares(points: &[(f64, f64)]) -> Option<Circle> {
    let n = points.len() as f64;
    let (mx, my) = points.iter().fold((0.0, 0.0), |a, p| (a.0 + p.0 / n, a.1 + p.1 / n));
    let (mut suu, mut suv, mut svv, mut su, mut sv) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for p in points {
        let (u, v) = (p.0 - mx, p.1 - my);
        let q = u * u + v * v;
        suu += u * u;
        suv += u * v;
        svv += v * v;
        su += u * q;
        sv += v * q;
    }
    let det = suu * svv - suv * suv;
    if points.len() < 6 || det.abs() < 1e-9 {
        return None;
    }
    let (x, y) = ((su * svv - sv * suv) / det / 2.0, (sv * suu - su * suv) / det / 2.0);
    Some(Circle { x: x + mx, y: y + my, r: (x * x + y * y + (suu + svv) / n).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring about (3, −2) of radii 18–34, kept where `keep(angle)`.
    fn ring(keep: impl Fn(f64) -> bool) -> FeatureMap {
        let n = 80;
        let inside = |i: usize| {
            let (x, y) = ((i % n) as f64 - 39.5 - 3.0, (i / n) as f64 - 39.5 + 2.0);
            let r = x.hypot(y);
            (18.0..=34.0).contains(&r) && keep(y.atan2(x).to_degrees())
        };
        let mask: Vec<i16> = (0..n * n).map(|i| i16::from(inside(i))).collect();
        FeatureMap::new(n, n, vec![0; n * n], mask)
    }

    #[test]
    fn the_centre_of_a_ring_is_found_also_where_much_of_it_is_missing() {
        for (gap, least_arc) in [(0.0, 350.0), (60.0, 280.0), (120.0, 220.0)] {
            let found = find(&ring(|a| a.abs() >= gap / 2.0), 8.0..=64.0);
            assert!((found.x - 3.0).hypot(found.y + 2.0) < 0.6, "gap {gap}: {found:?}");
            assert!(found.arc_deg >= least_arc, "gap {gap}: {found:?}");
        }
    }

    #[test]
    fn a_sector_is_known_to_be_one() {
        let found = find(&ring(|a| a.abs() < 30.0), 8.0..=64.0);
        assert!(found.arc_deg < 200.0, "{found:?}");
    }
}
