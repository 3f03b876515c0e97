//! The cells of a pair: equal parts of the area the two marks share.
//!
//! Song (2013) lays a grid of fixed cells over one mark, so that a count of
//! congruent cells grows with the marks and with their overlap. Here the common
//! area of a registered pair is divided into the same number of parts of equal
//! area (a centroidal Voronoi division, Lloyd 1982), unless that would make
//! them smaller than the texture can bear; a cell is the square of that area
//! about a part's centroid. So 20 of 25 means the same for small marks and
//! large ones.

use crate::extract::FINE_PITCH;
use crate::extract::kernel::dispatched;
use crate::matcher::MATCHER;

/// Parts of an area that is large enough.
const PARTS: usize = MATCHER.division.cells;
/// Narrowest cell, in fine pixels (250 µm).
const NARROWEST: f64 = MATCHER.division.side_um[0] / FINE_PITCH.um();
/// Widest cell, in fine pixels (800 µm).
const WIDEST: f64 = MATCHER.division.side_um[1] / FINE_PITCH.um();
/// Rounds of Lloyd's iteration; later ones move a centroid by less than the
/// cells are placed to.
const ROUNDS: usize = 8;
/// About this many points are enough to find the centroids.
const SAMPLE: usize = 800;

/// Cells may share at most this part of their area, or they would be one piece
/// of evidence counted twice.
const SHARED: f64 = MATCHER.division.shared;

/// Divides the area covered by `points` (fine pixels): the side of the cells
/// and their centres.
pub fn divide(points: &[(f64, f64)]) -> (usize, Vec<(f64, f64)>) {
    let area = points.len() as f64;
    let parts = ((area / (NARROWEST * NARROWEST)) as usize).clamp(1, PARTS);
    let side = (area / parts as f64).sqrt().clamp(NARROWEST, WIDEST).round() as usize;
    let sample: Vec<_> = points.iter().copied().step_by((points.len() / SAMPLE).max(1)).collect();
    let mut centres: Vec<(f64, f64)> = Vec::with_capacity(parts);
    for centre in lloyd(&sample, parts) {
        if centres.iter().all(|&c| shared(c, centre, side as f64) <= SHARED) {
            centres.push(centre);
        }
    }
    (side, centres)
}

/// The part of a square's area that another square of the same side covers.
fn shared(a: (f64, f64), b: (f64, f64), side: f64) -> f64 {
    let along = |d: f64| (1.0 - d.abs() / side).max(0.0);
    along(a.0 - b.0) * along(a.1 - b.1)
}

/// Centroids of a centroidal Voronoi division, in reading order of the start.
fn lloyd(points: &[(f64, f64)], parts: usize) -> Vec<(f64, f64)> {
    let Some(&first) = points.first() else { return Vec::new() };
    // Start: each next centre is the point farthest from those before.
    let mut centres = vec![first];
    let mut distance: Vec<f64> = points.iter().map(|p| square(*p, first)).collect();
    while centres.len() < parts {
        let far = (0..points.len()).fold(0, |a, b| if distance[b] > distance[a] { b } else { a });
        let centre = points[far];
        centres.push(centre);
        for (d, p) in distance.iter_mut().zip(points) {
            *d = d.min(square(*p, centre));
        }
    }
    let (xs, ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let mut nearest = vec![(f64::MAX, 0u64); points.len()];
    for _ in 0..ROUNDS {
        nearest.fill((f64::MAX, 0));
        for (i, &centre) in centres.iter().enumerate() {
            claim(i as u64, centre, (&xs, &ys), &mut nearest);
        }
        let mut sums = vec![(0.0, 0.0, 0.0); parts];
        for (&(x, y), &(_, i)) in points.iter().zip(&nearest) {
            let s = &mut sums[i as usize];
            *s = (s.0 + x, s.1 + y, s.2 + 1.0);
        }
        for (centre, (x, y, n)) in centres.iter_mut().zip(sums) {
            if n > 0.0 {
                *centre = (x / n, y / n);
            }
        }
    }
    centres
}

dispatched! {
/// Gives centre `number` the points that are nearer to it than to all before.
fn claim(
    number: u64,
    centre: (f64, f64),
    points: (&[f64], &[f64]),
    nearest: &mut [(f64, u64)],
) {
    for ((&x, &y), nearest) in points.0.iter().zip(points.1).zip(nearest) {
        let (dx, dy) = (x - centre.0, y - centre.1);
        let d = dx * dx + dy * dy;
        *nearest = if d < nearest.0 { (d, number) } else { *nearest };
    }
}
}

fn square(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of a ring of the given radii about the origin.
    fn ring(inner: f64, outer: f64) -> Vec<(f64, f64)> {
        let span = || (-80..=80).map(f64::from);
        span()
            .flat_map(|y| span().map(move |x| (x, y)))
            .filter(|p| (inner..=outer).contains(&p.0.hypot(p.1)))
            .collect()
    }

    #[test]
    fn small_and_large_marks_have_about_as_many_cells() {
        for (inner, outer) in [(36.0, 64.0), (40.0, 74.0), (50.0, 68.0)] {
            let (_, centres) = divide(&ring(inner, outer));
            assert!((20..=PARTS).contains(&centres.len()), "{} cells", centres.len());
        }
    }

    #[test]
    fn a_fragment_has_fewer_cells_rather_than_tiny_ones() {
        let points: Vec<_> = ring(40.0, 64.0).into_iter().filter(|p| p.0 > 55.0).collect();
        let (side, centres) = divide(&points);
        assert!(side as f64 >= NARROWEST && centres.len() < 15, "{side}, {}", centres.len());
    }

    #[test]
    fn cells_share_little() {
        let (side, centres) = divide(&ring(44.0, 62.0));
        for (i, &a) in centres.iter().enumerate() {
            assert!(centres[..i].iter().all(|&b| shared(a, b, side as f64) <= SHARED));
        }
    }
}
