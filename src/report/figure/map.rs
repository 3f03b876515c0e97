//! Scenes on a map of their own coordinates: no tiles, no server.

use super::outline::{MEXICO, UNITED_STATES};
use super::{BLUE, FONT, INK, LINE, ORANGE, SOFT, fine, round_step};
use maud::{Markup, html};
use std::fmt::Write as _;

/// A numbered place.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// Its number in the table beside the map.
    pub number: usize,
    /// Whether it stands for a whole state; drawn hollow.
    pub of_state: bool,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Kilometres in a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;
/// The map spans no less than this, in degrees of latitude.
const LEAST_SPAN: f64 = 7.0;
/// Spots nearer than this on paper are set beside each other.
const CROWD: f64 = 19.0;

/// Degrees to drawing units: equal scale in both directions at the map's
/// middle latitude (equirectangular).
struct Projection {
    longitude: f64,
    latitude: f64,
    per_degree: f64,
    narrowing: f64,
}

impl Projection {
    fn over(spots: &[Spot]) -> Option<Self> {
        let range = |v: &dyn Fn(&Spot) -> f64| {
            let (low, high) = spots
                .iter()
                .map(v)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
            (low.is_finite() && high.is_finite()).then_some((low, high))
        };
        let (south, north) = range(&|s| s.latitude)?;
        let (west, east) = range(&|s| s.longitude)?;
        let latitude = (south + north) / 2.0;
        let narrowing = latitude.to_radians().cos().max(0.2);
        let tall = (north - south).max(LEAST_SPAN) * 1.35;
        let wide = (east - west).max(LEAST_SPAN) * narrowing * 1.35;
        let per_degree = (HEIGHT / tall).min(WIDTH / wide);
        Some(Self { longitude: (west + east) / 2.0, latitude, per_degree, narrowing })
    }

    fn place(&self, latitude: f64, longitude: f64) -> (f64, f64) {
        let x = (longitude - self.longitude) * self.narrowing * self.per_degree;
        let y = (self.latitude - latitude) * self.per_degree;
        (fine(WIDTH / 2.0 + x), fine(HEIGHT / 2.0 + y))
    }
}

/// The map with a line for each pair of linked spots (counted from 0); none
/// without a spot or with one that is nowhere on earth.
pub fn map(spots: &[Spot], links: &[(usize, usize)], alt: &str) -> Option<Markup> {
    if !spots.iter().all(|s| s.latitude.abs() <= 90.0 && s.longitude.abs() <= 180.0) {
        return None;
    }
    let p = Projection::over(spots)?;
    let places = spread(spots.iter().map(|s| p.place(s.latitude, s.longitude)).collect());
    let km = round_step(WIDTH / p.per_degree * KM_PER_DEGREE / 5.0, 1.0);
    let bar = fine(km / KM_PER_DEGREE * p.per_degree);
    Some(html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label=(alt) font-family=(FONT) font-size="12" {
            rect width=(WIDTH) height=(HEIGHT) fill="#eef3f6" {}
            path d=(path(&p, &UNITED_STATES)) fill="#ffffff" stroke=(LINE) stroke-width="1.2" {}
            path d=(path(&p, &MEXICO)) fill="#ffffff" stroke="#8d99a4" stroke-width="1.2" {}
            @for (a, b) in links {
                @if let (Some((x1, y1)), Some((x2, y2))) = (places.get(*a), places.get(*b)) {
                    line x1=(x1) y1=(y1) x2=(x2) y2=(y2) stroke=(BLUE) stroke-width="2.5" stroke-opacity="0.55" {}
                }
            }
            @for (spot, (x, y)) in spots.iter().zip(&places) {
                circle cx=(x) cy=(y) r="9" fill=(if spot.of_state { "#ffffff" } else { BLUE })
                    stroke=(if spot.of_state { ORANGE } else { BLUE }) stroke-width="2.5"
                    stroke-dasharray=[spot.of_state.then_some("4 2.5")] {}
                text x=(x) y=(fine(y + 4.0)) text-anchor="middle" font-weight="700" font-size="11"
                    fill=(if spot.of_state { INK } else { "#ffffff" }) { (spot.number) }
            }
            rect x="14" y=(HEIGHT - 22.0) width=(bar) height="3" fill=(INK) {}
            text x="14" y=(HEIGHT - 28.0) fill=(SOFT) { (km) " km" }
        }
    })
}

fn path(p: &Projection, outline: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (longitude, latitude)) in outline.iter().enumerate() {
        let (x, y) = p.place(*latitude, *longitude);
        // Writing to a String cannot fail.
        let _ = write!(d, "{}{x} {y}", if i == 0 { "M" } else { "L" });
    }
    d + "Z"
}

/// Moves spots that lie over each other beside each other.
fn spread(mut places: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    for i in 1..places.len() {
        let (before, rest) = places.split_at_mut(i);
        if let Some(place) = rest.first_mut() {
            while before.iter().any(|b| (b.0 - place.0).hypot(b.1 - place.1) < CROWD) {
                place.0 += CROWD + 1.0;
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spot(latitude: f64, longitude: f64) -> Spot {
        Spot { latitude, longitude, number: 1, of_state: false }
    }

    #[test]
    fn north_is_up_east_is_right_and_a_kilometre_is_as_long_both_ways() {
        let p = Projection::over(&[spot(28.0, -107.0), spot(30.0, -105.0)]).unwrap();
        let (x0, y0) = p.place(29.0, -106.0);
        let (x1, y1) = p.place(29.5, -106.0);
        let (x2, y2) = p.place(29.0, -106.0 + 0.5 / 29_f64.to_radians().cos());
        assert!(y1 < y0 && (x1 - x0).abs() < 0.1);
        assert!(x2 > x0 && (y2 - y0).abs() < 0.1);
        assert!(((x2 - x0) - (y0 - y1)).abs() < 0.5);
    }

    #[test]
    fn one_spot_many_in_one_place_and_none_are_drawn() {
        assert!(map(&[spot(28.6, -106.1)], &[], "alt").is_some());
        let three = spread(vec![(5.0, 5.0); 3]);
        assert!((three[2].0 - three[1].0).abs() >= CROWD);
        assert!(map(&[], &[], "alt").is_none());
        assert!(map(&[spot(f64::NAN, 0.0)], &[], "alt").is_none());
    }
}
