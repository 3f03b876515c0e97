//! Where and when: a case report's map and time line.

use super::{Moment, Shape, Spot, map, timeline};
use crate::model::{CaseReport, Event};
use crate::text::Strings;
use maud::Markup;
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{CasingId, FirearmId};

/// What stands for each event on the map, in the order of the events: a scene's
/// number in the table of scenes, letters for what happened to firearms.
pub fn marks(r: &CaseReport) -> Vec<String> {
    let mut firearms = 0;
    let mark = |e: &Event| match &e.scene {
        Some(scene) => r.number(scene).map_or_else(String::new, |n| n.to_string()),
        None => {
            firearms += 1;
            letters(firearms)
        }
    };
    r.events.iter().map(mark).collect()
}

/// A, B, …, Z, AA, AB, … for 1, 2, ….
fn letters(n: usize) -> String {
    let (mut rest, mut out) = (n, Vec::new());
    while rest > 0 {
        rest -= 1;
        out.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    out.iter().rev().collect()
}

/// The map of a report's scenes and of what happened to its firearms; none
/// where nothing has a place.
pub fn scene_map(r: &CaseReport, t: &Strings) -> Option<Markup> {
    let scenes = (1..).zip(&r.scenes).filter_map(|(n, s)| {
        let spot = Spot { at: s.place?, label: format!("{n}"), shape: Shape::Disc };
        Some((spot, &s.casings[..], None))
    });
    let marks = marks(r);
    let happened = r.events.iter().zip(&marks).filter_map(|(e, mark)| {
        let firearm = e.firearm.as_ref()?;
        let spot = Spot { at: e.place?, label: mark.clone(), shape: Shape::Square };
        Some((spot, &[][..], Some(firearm)))
    });
    let mut spots: Vec<Spot> = Vec::new();
    let mut at: BTreeMap<&CasingId, usize> = BTreeMap::new();
    let mut last: BTreeMap<&FirearmId, usize> = BTreeMap::new();
    let mut ways: Vec<(usize, usize)> = Vec::new();
    for (spot, casings, firearm) in scenes.chain(happened) {
        at.extend(casings.iter().map(|c| (c, spots.len())));
        let before = firearm.and_then(|f| last.insert(f, spots.len()));
        ways.extend(before.map(|before| (before, spots.len())));
        spots.push(spot);
    }
    let joined: BTreeSet<(usize, usize)> = r
        .links
        .iter()
        .filter_map(|l| {
            let (a, b) = (*at.get(&l.a)?, *at.get(&l.b)?);
            (a != b).then_some((a.min(b), a.max(b)))
        })
        .collect();
    map(&spots, &joined.into_iter().collect::<Vec<_>>(), &ways, t)
}

/// What the map's caption must say of it.
pub fn map_caption(r: &CaseReport, t: &Strings) -> String {
    let happened = r.events.iter().filter(|e| e.firearm.is_some()).filter_map(|e| e.place);
    let squares = happened.clone().next().map(|_| t.map_firearms);
    let coarse = r.scenes.iter().filter_map(|s| s.place).chain(happened).any(|p| !p.is_recorded());
    let coarse = coarse.then_some(t.map_states);
    [Some(t.map_intro), squares, coarse].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The time line of a report's events; none without a date.
pub fn event_line(events: &[Event], t: &Strings) -> Option<Markup> {
    let moments: Vec<Moment> = events
        .iter()
        .filter_map(|e| {
            let date = e.date?;
            Some(Moment {
                from: date.first(),
                until: date.day().is_none().then(|| date.last()),
                label: match &e.firearm {
                    Some(firearm) => format!("{firearm} {}", (t.traced.event)(e.kind)),
                    None => named(e),
                },
                firearm: e.firearm.is_some(),
            })
        })
        .collect();
    timeline(&moments, t.timeline_alt)
}

/// The scene or firearm that an event is about.
pub fn named(e: &Event) -> String {
    let scene = e.scene.as_ref().map(|s| s.as_str());
    scene.or(e.firearm.as_ref().map(|f| f.as_str())).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([1, 26, 27, 52, 53, 703].map(letters), ["A", "Z", "AA", "AZ", "BA", "AAA"]);
    }
}
