//! Many prepared marks quickly, for measuring searches in large galleries.

use super::firearm::{BreechFinish, Finish, SubClass, ToolPath};
use super::random::{Field, Purpose, Stream, mix};
use ndarray::Array2;
use types::evidence::{Digest, MarkKind, Modality};
use types::mark::{PreparedMark, Quality, Verdict};
use types::surface::Pose;
use types::units::{Angle, Metres};

/// A gallery of breech-face impressions, each a function of its number: any
/// part of it can be made anywhere in any order.
#[derive(Clone, Copy, Debug)]
pub struct Gallery {
    /// Seed of the whole gallery.
    pub seed: u64,
    /// Sampling of the marks.
    pub pitch: Metres,
    /// Consecutive numbers that come from one firearm (at least 1).
    pub shots_per_firearm: u64,
    /// The recipe that the marks claim to be prepared by.
    pub recipe: Digest,
}

impl Gallery {
    /// The number of the firearm that fired casing `number`.
    pub fn firearm(&self, number: u64) -> u64 {
        number / self.shots_per_firearm.max(1)
    }

    /// Casing `number`: an annulus of band-limited heights in µm, turned and
    /// shifted at random, and where it came from (mark from gun).
    pub fn mark(&self, number: u64) -> (PreparedMark, Pose) {
        let gun = mix(mix(self.seed, Purpose::Gallery as u64), self.firearm(number));
        let finish = [BreechFinish::Granular, BreechFinish::Milled, BreechFinish::ArcMilled];
        let kind = finish[(self.firearm(number) % 3) as usize];
        // Waves that the pitch cannot carry are not made.
        let finest = 0.8 * self.pitch.um();
        let path = ToolPath::new(&mut Stream::new(gun, Purpose::ToolPath), kind);
        let texture = Finish::new(gun, path, SubClass { seed: 0, share: 0.0 }, finest);
        let seed = mix(gun, number);
        let mut rng = Stream::new(seed, Purpose::Shot);
        let residue = Field::texture(&mut rng, (finest.max(18.0), finest.max(18.0)), 90.0);
        let fidelity = rng.between(0.55, 0.85);
        let mark_from_gun = Pose {
            rotation: Angle::from_rad(rng.between(0.0, std::f64::consts::TAU)),
            dx: Metres::from_um(30.0 * rng.normal()),
            dy: Metres::from_um(30.0 * rng.normal()),
        };
        let mut gun_rng = Stream::new(gun, Purpose::Pin);
        let hole = (gun_rng.between(-250.0, 250.0), gun_rng.between(-250.0, 250.0));
        let (hole_radius, radius) = (gun_rng.between(1050.0, 1200.0), 1720.0 + 15.0 * rng.normal());

        let gun_from_mark = mark_from_gun.inverse();
        let n = (3600.0 / self.pitch.um()).ceil() as usize;
        let centre = (n as f64 - 1.0) / 2.0;
        let values = Array2::from_shape_fn((n, n), |(row, col)| {
            let (x, y) =
                ((col as f64 - centre) * self.pitch.0, (row as f64 - centre) * self.pitch.0);
            let (x, y) = gun_from_mark.apply(x, y);
            let (x, y) = (x * 1e6, y * 1e6);
            if x.hypot(y) > radius || (x - hole.0).hypot(y - hole.1) < hole_radius {
                return f32::NAN;
            }
            let own = fidelity.sqrt() * texture.at(x, y);
            (own + 1.7 * (1.0 - fidelity).sqrt() * residue.at(x, y)) as f32
        });
        let mark = PreparedMark {
            kind: MarkKind::BreechFace,
            modality: Modality::Topography,
            pitch: self.pitch,
            quality: quality(&values, self.pitch),
            values,
            scan_from_mark: Pose::default(),
            recipe: self.recipe,
        };
        (mark, mark_from_gun)
    }
}

fn quality(values: &Array2<f32>, pitch: Metres) -> Quality {
    let measured = || values.iter().filter(|v| !v.is_nan()).map(|&v| f64::from(v));
    let n = measured().count().max(1) as f64;
    let mean = measured().sum::<f64>() / n;
    Quality {
        verdict: Verdict::Good,
        reasons: Vec::new(),
        area_mm2: n * (pitch.0 * 1e3).powi(2),
        coverage: 1.0,
        rms: (measured().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_firearm_share_its_surface_and_others_do_not() {
        let gallery = Gallery {
            seed: 5,
            pitch: Metres::from_um(50.0),
            shots_per_firearm: 2,
            recipe: Digest::of(b"test"),
        };
        let correlation = |a: u64, b: u64| {
            let ((a, a_from_gun), (b, b_from_gun)) = (gallery.mark(a), gallery.mark(b));
            let b_from_a = b_from_gun.after(&a_from_gun.inverse());
            let centre = (a.values.nrows() as f64 - 1.0) / 2.0;
            let pairs: Vec<(f64, f64)> = a
                .values
                .indexed_iter()
                .filter_map(|((row, col), &u)| {
                    let to_metres = |i: usize| (i as f64 - centre) * a.pitch.0;
                    let (x, y) = b_from_a.apply(to_metres(col), to_metres(row));
                    let index = |t: f64| (t / b.pitch.0 + centre).round() as usize;
                    let v = *b.values.get([index(y), index(x)])?;
                    (!u.is_nan() && !v.is_nan()).then_some((f64::from(u), f64::from(v)))
                })
                .collect();
            let (uu, vv, uv) = pairs
                .iter()
                .fold((0.0, 0.0, 0.0), |s, (u, v)| (s.0 + u * u, s.1 + v * v, s.2 + u * v));
            uv / (uu * vv).sqrt()
        };
        for gun in 0..3 {
            let same = correlation(2 * gun, 2 * gun + 1);
            let other = correlation(2 * gun, 2 * gun + 2).abs();
            assert!(same > 0.35 && other < 0.2, "gun {gun}: {same:.2} {other:.2}");
        }
        let (mark, _) = gallery.mark(3);
        assert!(mark.quality.area_mm2 > 4.0 && mark.quality.area_mm2 < 9.0);
    }
}
