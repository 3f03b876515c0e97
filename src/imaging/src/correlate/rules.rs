//! The published decision rules for congruent matching cells, as pure
//! functions of cell registrations, so that results can be compared with the
//! literature. The product's own rule is in [`super::congruence`].
//!
//! - [`MedianRule`]: Song, J. (2013). Proposed NIST ballistics identification
//!   system based on 3D topography measurements on correlation cells.
//! - [`high_cmc`]: Tong, Song, Chu (2015). An improved algorithm of congruent
//!   matching cells method for firearm evidence identifications.
//! - [`convergence`]: Chen, Chu, Soons, Thompson, Song, Zhao (2017). Fired
//!   cartridge case identification using optical images and the congruent
//!   matching cells method (convergence of cell positions over rotation).

use types::numeric::mean_median;
use types::units::{Angle, Metres};

/// Where one cell of the reference was found in the other mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registration {
    /// Cell centre in the reference, metres (x, y).
    pub centre: (f64, f64),
    /// Where it was found, metres (x, y).
    pub found: (f64, f64),
    /// Turn from reference to the other mark.
    pub turn: Angle,
    /// Correlation there; `NaN` where the registration failed.
    pub similarity: f64,
}

/// What a rule decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// For each registration, whether it is congruent.
    pub congruent: Vec<bool>,
    /// Median turn, over the cells that are near the median of all.
    pub rotation: Angle,
    /// Median shift of the cells turned alike, metres; none if there are none.
    pub translation: Option<(f64, f64)>,
}

impl Decision {
    /// Number of congruent matching cells.
    pub fn count(&self) -> usize {
        self.congruent.iter().filter(|&&c| c).count()
    }
}

/// The original rule: a cell is congruent if its turn and its shift along each
/// axis are within thresholds of the medians and it correlates enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MedianRule {
    /// Least correlation.
    pub similarity: f64,
    /// Largest distance from the median shift along each axis.
    pub position: Metres,
    /// Largest distance from the median turn.
    pub turn: Angle,
    /// The point about which the median turn is undone before shifts are
    /// compared, metres (x, y) in the reference.
    pub pivot: (f64, f64),
}

impl MedianRule {
    /// Applies the rule. Cells with a `NaN` similarity are never congruent.
    pub fn decide(&self, cells: &[Registration]) -> Decision {
        // The median again without the cells that stray from the first one.
        let first = median_turn(cells);
        let near_first = |c: &&Registration| self.alike(c.turn, first);
        let kept: Vec<_> = cells.iter().filter(near_first).copied().collect();
        let rotation = if kept.is_empty() { first } else { median_turn(&kept) };
        let shifts: Vec<(f64, f64)> = cells.iter().map(|c| self.shift_under(rotation, c)).collect();
        let alike: Vec<bool> = cells.iter().map(|c| self.alike(c.turn, rotation)).collect();
        let median_of = |axis: fn(&(f64, f64)) -> f64| {
            mean_median(
                shifts.iter().zip(&alike).filter(|(_, a)| **a).map(|(s, _)| axis(s)).collect(),
            )
        };
        let translation = median_of(|s| s.0).zip(median_of(|s| s.1));
        let near = |s: &(f64, f64)| {
            translation.is_some_and(|t| {
                (s.0 - t.0).abs() <= self.position.0 && (s.1 - t.1).abs() <= self.position.0
            })
        };
        let congruent = cells
            .iter()
            .zip(&shifts)
            .zip(&alike)
            .map(|((c, s), &alike)| alike && near(s) && c.similarity >= self.similarity)
            .collect();
        Decision { congruent, rotation, translation }
    }

    fn alike(&self, a: Angle, b: Angle) -> bool {
        a.minus(b).rad().abs() <= self.turn.rad().abs()
    }

    /// What remains of a cell's displacement when the turn is undone.
    fn shift_under(&self, rotation: Angle, cell: &Registration) -> (f64, f64) {
        let (s, c) = rotation.rad().sin_cos();
        let (x, y) = (cell.centre.0 - self.pivot.0, cell.centre.1 - self.pivot.1);
        let expected = (self.pivot.0 + c * x - s * y, self.pivot.1 + s * x + c * y);
        (cell.found.0 - expected.0, cell.found.1 - expected.1)
    }

    /// Cells that agree in position at one fixed turn of the search.
    fn count_at(&self, turn: Angle, cells: &[Registration]) -> usize {
        let at_turn: Vec<_> = cells.iter().map(|c| Registration { turn, ..*c }).collect();
        self.decide(&at_turn).count()
    }
}

/// All cells registered with the other mark held at one turn.
#[derive(Clone, Debug, PartialEq)]
pub struct AtTurn {
    /// The turn.
    pub turn: Angle,
    /// The cells' registrations there.
    pub cells: Vec<Registration>,
}

/// Tong's rule in one direction: the number of congruent cells at each turn
/// must peak within one narrow range of turns. Counts every cell that is
/// congruent at one of the turns whose count is within `tau` of the highest;
/// zero if those turns span more than `width`.
pub fn high_cmc(rule: &MedianRule, sweep: &[AtTurn], tau: usize, width: Angle) -> usize {
    let counts: Vec<usize> = sweep.iter().map(|s| rule.count_at(s.turn, &s.cells)).collect();
    let highest = counts.iter().copied().max().unwrap_or(0);
    if highest == 0 {
        return 0;
    }
    let high: Vec<&AtTurn> =
        sweep.iter().zip(&counts).filter(|(_, n)| **n + tau >= highest).map(|(s, _)| s).collect();
    let spread = high
        .iter()
        .flat_map(|a| high.iter().map(|b| a.turn.minus(b.turn).rad().abs()))
        .fold(0.0, f64::max);
    if spread > width.rad().abs() {
        return 0;
    }
    let mut congruent: Vec<bool> = Vec::new();
    for at in high {
        let held: Vec<_> = at.cells.iter().map(|c| Registration { turn: at.turn, ..*c }).collect();
        let decision = rule.decide(&held);
        congruent.resize(congruent.len().max(decision.congruent.len()), false);
        for (any, now) in congruent.iter_mut().zip(&decision.congruent) {
            *any |= now;
        }
    }
    congruent.iter().filter(|&&c| c).count()
}

/// Chen's observation: at the right turn the shifts of all cells collapse to
/// one point. Returns the turn with the smallest median distance of the cells'
/// shifts from their median shift, and that distance in metres.
pub fn convergence(rule: &MedianRule, sweep: &[AtTurn]) -> Option<(Angle, f64)> {
    let spread = |at: &AtTurn| {
        let shifts: Vec<_> = at.cells.iter().map(|c| rule.shift_under(at.turn, c)).collect();
        let x = mean_median(shifts.iter().map(|s| s.0).collect())?;
        let y = mean_median(shifts.iter().map(|s| s.1).collect())?;
        mean_median(shifts.iter().map(|s| (s.0 - x).hypot(s.1 - y)).collect())
    };
    sweep
        .iter()
        .filter_map(|at| spread(at).map(|d| (at.turn, d)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// The median of turns, unwrapped about their mean direction; 0 of none.
fn median_turn(cells: &[Registration]) -> Angle {
    let (s, c) = cells.iter().fold((0.0, 0.0), |(s, c), cell| {
        let (ds, dc) = cell.turn.rad().sin_cos();
        (s + ds, c + dc)
    });
    let mean = Angle::from_rad(f64::atan2(s, c));
    let about = mean_median(cells.iter().map(|cell| cell.turn.minus(mean).rad()).collect());
    about.map_or(Angle::default(), |m| mean.plus(Angle::from_rad(m)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> MedianRule {
        MedianRule {
            similarity: 0.4,
            position: Metres::from_um(100.0),
            turn: Angle::from_deg(3.0),
            pivot: (0.0, 0.0),
        }
    }

    /// Nine cells moved by a turn and a shift; cell `i` strays by `stray(i)` m.
    fn moved(deg: f64, stray: impl Fn(usize) -> f64) -> Vec<Registration> {
        let (s, c) = deg.to_radians().sin_cos();
        (0..9)
            .map(|i| {
                let (x, y) = ((i % 3) as f64 * 5e-4, (i / 3) as f64 * 5e-4);
                let found = (c * x - s * y + 2e-4 + stray(i), s * x + c * y - 1e-4);
                let turn = Angle::from_deg(deg);
                Registration { centre: (x, y), found, turn, similarity: 0.6 }
            })
            .collect()
    }

    #[test]
    fn turns_on_both_sides_of_180_degrees_agree() {
        let mut cells = moved(179.5, |_| 0.0);
        for cell in cells.iter_mut().step_by(2) {
            cell.turn = Angle::from_deg(-179.5);
        }
        assert_eq!(rule().decide(&cells).count(), 9);
    }

    #[test]
    fn strays_and_failed_cells_do_not_count() {
        let mut cells = moved(10.0, |i| if i < 2 { 3e-4 } else { 0.0 });
        cells[5].similarity = f64::NAN;
        let decision = rule().decide(&cells);
        assert_eq!(decision.count(), 6);
        assert!(!decision.congruent[0] && !decision.congruent[5]);
    }

    #[test]
    fn cells_converge_at_their_turn_and_nowhere_else() {
        let sweep: Vec<AtTurn> = (-5..=5)
            .map(|k| {
                let turn = Angle::from_deg(3.0 * f64::from(k));
                // Away from the true 6° cells find random places.
                let wild =
                    move |i: usize| if k == 2 { 0.0 } else { ((i * 7 + 3) % 9) as f64 * 2e-4 };
                let cells = moved(6.0, wild).into_iter().map(|c| Registration { turn, ..c });
                AtTurn { turn, cells: cells.collect() }
            })
            .collect();
        let (turn, spread) = convergence(&rule(), &sweep).unwrap_or_default();
        assert!((turn.deg() - 6.0).abs() < 1e-9 && spread < 1e-9);
        assert_eq!(high_cmc(&rule(), &sweep, 1, Angle::from_deg(6.0)), 9);
    }
}
