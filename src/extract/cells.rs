//! The cells of a mark: about equal parts, each a square window.
//!
//! Song (2013) lays a grid of fixed cells over the mark, so that a count of
//! congruent cells grows with the mark. Here every mark is divided into the
//! same number of parts of equal area (a centroidal Voronoi division, Lloyd
//! 1982) unless that would make them smaller than the texture can bear; a cell
//! is the square of that area about a part's centroid. So 20 of 25 means the
//! same for a small mark and a large one.

use super::FeatureMap;

/// Parts of a mark that is large enough.
const PARTS: usize = 25;
/// Narrowest cell, in fine pixels (300 µm).
const NARROWEST: f64 = 12.0;
/// Widest cell, in fine pixels (800 µm).
const WIDEST: f64 = 32.0;
/// Share of a cell's window that must hold data.
const COVERED: f64 = 0.4;
/// Rounds of Lloyd's iteration; the division is stable well before.
const ROUNDS: usize = 15;

/// Where a mark's cells lie.
#[derive(Clone, Debug, PartialEq)]
pub struct CellPlan {
    /// Side of every cell in fine pixels, even.
    pub side: usize,
    /// First column and row of each cell's window, in fine pixels, even (so
    /// that they fall on coarse pixels); windows may reach over the grid's edge.
    pub corners: Vec<(isize, isize)>,
}

/// Divides a mark into cells (deterministic).
pub fn plan(map: &FeatureMap) -> CellPlan {
    let points: Vec<(f64, f64)> = (0..map.nx * map.ny)
        .filter(|&i| map.mask[i] != 0)
        .map(|i| ((i % map.nx) as f64, (i / map.nx) as f64))
        .collect();
    let area = points.len() as f64;
    let parts = ((area / (NARROWEST * NARROWEST)) as usize).clamp(1, PARTS);
    let side = (area / parts as f64).sqrt().clamp(NARROWEST, WIDEST);
    let side = 2 * (side / 2.0).round() as usize;
    // Every fourth point is enough to find the centroids.
    let sample: Vec<_> = points.iter().copied().step_by(4).collect();
    let reach = (side / 2) as f64;
    let corners = lloyd(&sample, parts)
        .into_iter()
        .map(|(x, y)| (even(x - reach + 0.5), even(y - reach + 0.5)))
        .filter(|&corner| covered(map, corner, side) >= COVERED)
        .collect();
    CellPlan { side, corners }
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
    for _ in 0..ROUNDS {
        let mut sums = vec![(0.0, 0.0, 0.0); parts];
        for &p in points {
            let near = (1..parts).fold(0, |a, b| {
                if square(p, centres[b]) < square(p, centres[a]) { b } else { a }
            });
            let s = &mut sums[near];
            *s = (s.0 + p.0, s.1 + p.1, s.2 + 1.0);
        }
        for (centre, (x, y, n)) in centres.iter_mut().zip(sums) {
            if n > 0.0 {
                *centre = (x / n, y / n);
            }
        }
    }
    centres
}

fn even(v: f64) -> isize {
    2 * (v / 2.0).round() as isize
}

fn square(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)
}

/// Share of a window that holds data.
fn covered(map: &FeatureMap, corner: (isize, isize), side: usize) -> f64 {
    let inside = |v: isize, n: usize| usize::try_from(v).ok().filter(|&v| v < n);
    let present = (0..side as isize)
        .filter_map(|dy| inside(corner.1 + dy, map.ny))
        .flat_map(|y| {
            (0..side as isize)
                .filter_map(move |dx| inside(corner.0 + dx, map.nx))
                .map(move |x| (x, y))
        })
        .filter(|&(x, y)| map.mask[y * map.nx + x] != 0)
        .count();
    present as f64 / (side * side) as f64
}
