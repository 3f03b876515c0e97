//! Scenes on a map of their own coordinates: no tiles, no server.

use super::outline::{MEXICO, UNITED_STATES};
use super::{BLUE, FONT, INK, LINE, ORANGE, SOFT, Shape, fine, round_step};
use crate::model::PlaceOnMap;
use crate::text::Strings;
use maud::{Markup, html};
use std::f64::consts::TAU;
use std::fmt::Write as _;

/// A marked place.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Where; drawn hollow and dashed if it is a stand-in.
    pub at: PlaceOnMap,
    /// Its number or letter in the table beside the map.
    pub label: String,
    /// A disc for a scene, a square for what happened to a firearm.
    pub shape: Shape,
}

const WIDTH: f64 = 720.0;
const HIGHEST: f64 = 420.0;
/// Kilometres in a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;
/// The map spans no less than this from west to east and from south to north,
/// in degrees of latitude.
const LEAST_SPAN: (f64, f64) = (7.0, 4.0);
/// Space around what is shown, as a share of it.
const AROUND: f64 = 1.35;
/// Spots nearer than this on paper are set beside each other.
const CROWD: f64 = 19.0;

/// Degrees to drawing units: equal scale in both directions at the map's
/// middle latitude (equirectangular).
struct Projection {
    longitude: f64,
    latitude: f64,
    per_degree: f64,
    narrowing: f64,
    height: f64,
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
        let (south, north) = range(&|s| s.at.latitude)?;
        let (west, east) = range(&|s| s.at.longitude)?;
        let latitude = (south + north) / 2.0;
        let narrowing = latitude.to_radians().cos().max(0.2);
        let wide = ((east - west) * narrowing).max(LEAST_SPAN.0) * AROUND;
        let tall = (north - south).max(LEAST_SPAN.1) * AROUND;
        let per_degree = (HIGHEST / tall).min(WIDTH / wide);
        let height = fine((tall * per_degree).min(HIGHEST));
        Some(Self { longitude: (west + east) / 2.0, latitude, per_degree, narrowing, height })
    }

    fn place(&self, latitude: f64, longitude: f64) -> (f64, f64) {
        let x = (longitude - self.longitude) * self.narrowing * self.per_degree;
        let y = (self.latitude - latitude) * self.per_degree;
        (fine(WIDTH / 2.0 + x), fine(self.height / 2.0 + y))
    }
}

/// The map with a line for each pair of linked spots (counted from 0) and a
/// dashed one for each stretch of a firearm's way; none without a spot or with
/// one that is nowhere on earth.
pub fn map(
    spots: &[Spot],
    links: &[(usize, usize)],
    ways: &[(usize, usize)],
    t: &Strings,
) -> Option<Markup> {
    if !spots.iter().all(|s| s.at.latitude.abs() <= 90.0 && s.at.longitude.abs() <= 180.0) {
        return None;
    }
    let p = Projection::over(spots)?;
    let true_places: Vec<_> =
        spots.iter().map(|s| p.place(s.at.latitude, s.at.longitude)).collect();
    let places = spread(&true_places);
    let between = |(a, b): &(usize, usize)| Some((*places.get(*a)?, *places.get(*b)?));
    let km = round_step(WIDTH / p.per_degree * KM_PER_DEGREE / 5.0, 1.0);
    let bar = fine(km / KM_PER_DEGREE * p.per_degree);
    let countries = [(t.mexico, &IN_MEXICO), (t.united_states, &IN_THE_UNITED_STATES)];
    let names = countries.map(|(name, within)| (name, roomy(&p, within, &places)));
    Some(html! {
        svg viewBox={ "0 0 " (WIDTH) " " (p.height) } role="img"
            aria-label=(t.map_alt) font-family=(FONT) font-size="12" {
            rect width=(WIDTH) height=(p.height) fill="#e6eef3" {}
            path d=(path(&p, &UNITED_STATES)) fill="#ffffff" stroke=(LINE) stroke-width="1.2" {}
            path d=(path(&p, &MEXICO)) fill="#f6f2ea" stroke="#8d99a4" stroke-width="1.2" {}
            @for (name, place) in names {
                @if let Some((x, y)) = place {
                    text x=(x) y=(y) text-anchor="middle" font-size="15" fill=(SOFT) { (name) }
                }
            }
            @for ((x1, y1), (x2, y2)) in links.iter().filter_map(between) {
                line x1=(x1) y1=(y1) x2=(x2) y2=(y2) stroke=(BLUE) stroke-width="2.5" stroke-opacity="0.55" {}
            }
            @for ((x1, y1), (x2, y2)) in ways.iter().filter_map(between) {
                line x1=(x1) y1=(y1) x2=(x2) y2=(y2) stroke=(ORANGE) stroke-width="2" stroke-dasharray="6 4" {}
            }
            @for ((x1, y1), (x2, y2)) in true_places.iter().zip(&places).filter(|(a, b)| a != b) {
                line x1=(x1) y1=(y1) x2=(x2) y2=(y2) stroke=(INK) stroke-width="1" {}
                circle cx=(x1) cy=(y1) r="2" fill=(INK) {}
            }
            @for (spot, (x, y)) in spots.iter().zip(&places) { (mark(spot, *x, *y)) }
            rect x="14" y=(fine(p.height - 22.0)) width=(bar) height="3" fill=(INK) {}
            text x="14" y=(fine(p.height - 28.0)) fill=(SOFT) { (km) " km" }
        }
    })
}

/// Places within a country for its name, (longitude, latitude), the best first.
const IN_MEXICO: [(f64, f64); 9] = [
    (-102.5, 24.0),
    (-105.0, 27.0),
    (-107.5, 29.5),
    (-110.2, 30.3),
    (-101.5, 27.5),
    (-99.3, 24.8),
    (-99.5, 20.0),
    (-96.0, 17.5),
    (-115.4, 31.3),
];
const IN_THE_UNITED_STATES: [(f64, f64); 9] = [
    (-99.0, 36.0),
    (-104.0, 33.8),
    (-108.5, 34.0),
    (-112.5, 33.8),
    (-101.5, 32.0),
    (-98.3, 29.5),
    (-109.5, 32.3),
    (-117.5, 35.0),
    (-95.5, 31.0),
];

/// The first of these places that is well within the map, away from every spot
/// and from the scale.
fn roomy(p: &Projection, within: &[(f64, f64)], spots: &[(f64, f64)]) -> Option<(f64, f64)> {
    let places = within.iter().map(|(longitude, latitude)| p.place(*latitude, *longitude));
    let mut shown = places
        .filter(|(x, y)| (60.0..WIDTH - 60.0).contains(x) && (24.0..p.height - 50.0).contains(y));
    shown.find(|(x, y)| spots.iter().all(|(sx, sy)| (sx - x).abs() > 80.0 || (sy - y).abs() > 26.0))
}

/// Filled where the place is recorded, hollow and dashed where it is a stand-in;
/// blue discs and orange squares.
fn mark(spot: &Spot, x: f64, y: f64) -> Markup {
    let colour = if spot.shape == Shape::Square { ORANGE } else { BLUE };
    let recorded = spot.at.is_recorded();
    let (fill, ink) = if recorded { (colour, "#ffffff") } else { ("#ffffff", INK) };
    let dashes = (!recorded).then_some("4 2.5");
    html! {
        @match spot.shape {
            Shape::Disc => circle cx=(x) cy=(y) r="9" fill=(fill) stroke=(colour)
                stroke-width="2.5" stroke-dasharray=[dashes] {},
            Shape::Square => rect x=(fine(x - 8.5)) y=(fine(y - 8.5)) width="17" height="17" fill=(fill)
                stroke=(colour) stroke-width="2.5" stroke-dasharray=[dashes] {},
        }
        text x=(x) y=(fine(y + 4.0)) text-anchor="middle" font-weight="700" font-size="11"
            fill=(ink) { (spot.label) }
    }
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

/// Where spots are set so that none lies over another: the first at their
/// places, each of the others in the first free place of rings around its own.
fn spread(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut set: Vec<(f64, f64)> = Vec::with_capacity(places.len());
    for (x, y) in places {
        let rings = (0..=places.len()).flat_map(|ring| {
            (0..(6 * ring).max(1)).map(move |step| {
                let (sin, cos) = (TAU * step as f64 / (6 * ring).max(1) as f64).sin_cos();
                let out = ring as f64 * (CROWD + 2.0);
                (fine(x + out * cos), fine(y + out * sin))
            })
        });
        let free = |at: &(f64, f64)| set.iter().all(|s| (s.0 - at.0).hypot(s.1 - at.1) >= CROWD);
        let place = rings.into_iter().find(free).unwrap_or((*x, *y));
        set.push(place);
    }
    set
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::Precision;
    use crate::text::Language;

    fn spot(latitude: f64, longitude: f64) -> Spot {
        let at = PlaceOnMap { latitude, longitude, precision: Precision::Recorded };
        Spot { at, label: "1".into(), shape: Shape::Disc }
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
        let t = Language::English.strings();
        assert!(map(&[spot(28.6, -106.1)], &[], &[], t).is_some());
        let many = spread(&[(300.0, 200.0); 20]);
        let apart = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1) >= CROWD;
        let pairs =
            many.iter().enumerate().flat_map(|(i, a)| many[..i].iter().map(move |b| (a, b)));
        assert!(pairs.into_iter().all(|(a, b)| apart(a, b)) && many[0] == (300.0, 200.0));
        assert!(map(&[], &[], &[], t).is_none());
        assert!(map(&[spot(f64::NAN, 0.0)], &[], &[], t).is_none());
    }
}
