//! The same firearm traced twice: requests whose serial number is at most one
//! slip away from an earlier one, ranked by all that both say.
//!
//! Firearms made one after the other have serial numbers that differ in a
//! digit, and are bought together: a digit alone does not make a double. What
//! else both requests say is weighed with it, by factors on the odds that are
//! set by hand ([`Factor`]) and checked on generated requests
//! (`synthetic::requests`); they order candidates and are no
//! probabilities.

mod index;
mod make;
mod serial;
mod told;

pub use index::SerialIndex;
pub use make::{Agreement, makes};
pub use told::DoublesTold;

use crate::calibre_family;
use serde::Serialize;
use types::evidence::{Description, FirearmId, PartialDate, Serial, Slip, TraceId, TraceRequest};

/// Serial numbers this near in a series are made, and often sold, together.
const NEIGHBOURS: u64 = 5;
/// Recoveries this many days apart may be one, entered on different days.
const SAME_FIND_DAYS: i32 = 7;
/// A firearm in custody is not recovered again this many days later.
const ANOTHER_FIND_DAYS: i32 = 60;

/// One thing that speaks for or against, and by how much it multiplies the odds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Factor {
    /// What it is: `make`, `calibre`, `recovered`, ….
    pub what: &'static str,
    /// What was found of it.
    pub agreement: Agreement,
    /// Above 1 speaks for one firearm.
    pub times: f64,
}

/// An earlier request that may be about the same firearm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Double {
    /// That request.
    pub request: TraceId,
    /// Its firearm.
    pub firearm: FirearmId,
    /// Its serial number, as written there.
    pub serial: String,
    /// How that spelling became the new one.
    pub slip: Slip,
    /// Whether a maker's serial number stands beside an importer's.
    pub crossed: bool,
    /// Whether the two serial numbers follow each other in production.
    pub neighbours: bool,
    /// What else was weighed.
    pub factors: Vec<Factor>,
    /// The product: by it candidates are ordered.
    pub odds: f64,
    /// Whether more speaks for one firearm than for two, and none of the other
    /// candidates is much likelier; a request should not be made before that is
    /// cleared up.
    pub likely: bool,
}

/// The new firearm is one: a candidate so many times less likely than another
/// is not pointed out.
const MUCH_LESS: f64 = 4.0;

/// Requests made before, ready to be searched.
pub struct Doubles<'a> {
    requests: &'a [TraceRequest],
    index: SerialIndex,
}

impl<'a> Doubles<'a> {
    /// Takes in the serial numbers of some requests, makers' and importers'.
    pub fn among(requests: &'a [TraceRequest]) -> Self {
        let serials = requests.iter().zip(0_u32..).flat_map(|(request, number)| {
            written(request).into_iter().flatten().map(move |serial| (serial, number))
        });
        Self { index: SerialIndex::of(serials), requests }
    }

    /// Earlier requests that may be about the firearm of `new`, the likeliest
    /// first; that request itself is none.
    pub fn of(&self, new: &TraceRequest) -> Vec<Double> {
        let mut found: Vec<Double> = Vec::new();
        for (own, serial) in written(new).into_iter().enumerate() {
            let Some(serial) = serial else { continue };
            for (number, _) in self.index.near(serial) {
                let Some(known) = self.requests.get(number as usize) else { continue };
                if known.id != new.id {
                    found.extend(self::weigh(known, new, own));
                }
            }
        }
        found.sort_by(|a, b| b.odds.total_cmp(&a.odds).then_with(|| a.request.cmp(&b.request)));
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|double| seen.insert(double.request.clone()));
        let best = found.first().map_or(0.0, |double| double.odds);
        for double in &mut found {
            double.likely = double.odds >= 1.0 && double.odds * MUCH_LESS >= best;
        }
        found
    }
}

/// The maker's and the importer's serial number, as far as they can be read.
fn written(request: &TraceRequest) -> [Option<&str>; 2] {
    let Description { serial, importer_serial, .. } = &request.description;
    [serial, importer_serial].map(|serial| serial.as_ref().and_then(Serial::text))
}

/// Weighs a known request against a new one, by the nearest of its serial
/// numbers to the new one's `own`.
fn weigh(known: &TraceRequest, new: &TraceRequest, own: usize) -> Option<Double> {
    let text = written(new).into_iter().nth(own)??;
    let plain = serial::plain(text);
    let slips = written(known).into_iter().enumerate().filter_map(|(theirs, serial)| {
        let serial = serial?;
        Some((serial::slip(&serial::plain(serial), &plain)?, theirs != own, serial))
    });
    let (slip, crossed, serial) = slips.min()?;
    let apart = serial::made_apart(&serial::plain(serial), &plain);
    let neighbours = slip == Slip::Mistyped && apart.is_some_and(|n| n <= NEIGHBOURS);
    let factors = factors(known, new, slip);
    let odds = prior(slip, neighbours) * factors.iter().map(|f| f.times).product::<f64>();
    Some(Double {
        request: known.id.clone(),
        firearm: known.firearm.clone(),
        serial: serial.to_owned(),
        slip,
        crossed,
        neighbours,
        factors,
        odds,
        likely: false,
    })
}

/// The odds that two such serial numbers, of which nothing else is known, are
/// one firearm's.
const fn prior(slip: Slip, neighbours: bool) -> f64 {
    match slip {
        Slip::Same => 50.0,
        Slip::LookAlike => 20.0,
        Slip::Transposed | Slip::Unreadable => 4.0,
        Slip::Dropped | Slip::Added => 3.0,
        Slip::Mistyped if neighbours => 0.3,
        Slip::Mistyped => 2.0,
    }
}

fn factors(known: &TraceRequest, new: &TraceRequest, slip: Slip) -> Vec<Factor> {
    let named = |one: &Option<String>, other: &Option<String>| {
        Some(makes(one.as_deref(), other.as_deref())).filter(|found| *found != Agreement::Unknown)
    };
    let (one, other) = (&known.description, &new.description);
    // An office may enter the importer's name where another has the maker's.
    let make = [
        named(&one.make, &other.make),
        named(&one.make, &other.importer),
        named(&one.importer, &other.make),
    ];
    let make = make.into_iter().flatten().max().unwrap_or(Agreement::Unknown);
    let case = same(known.case.as_ref(), new.case.as_ref());
    let agency = same(known.agency.as_ref(), new.agency.as_ref());
    let one_office = agency == Agreement::Same && known.firearm != new.firearm;
    let mut all = vec![
        factor("make", make, [0.01, 1.0, 1.5, 2.0]),
        factor("type", same(one.sort.as_ref(), other.sort.as_ref()), [0.2, 1.0, 1.0, 1.2]),
        factor("model", models(one, other), [0.4, 1.0, 1.3, 1.5]),
        factor("calibre", calibres(one, other), [0.1, 1.0, 1.5, 1.5]),
        factor(
            "state",
            same(known.place.state.as_ref(), new.place.state.as_ref()),
            [0.3, 1.0, 1.0, 2.0],
        ),
        factor("recovered", recoveries(known.recovered, new.recovered), [0.3, 1.0, 2.0, 5.0]),
    ];
    if case == Agreement::Same && !one_office {
        all.push(Factor { what: "case", agreement: case, times: 10.0 });
    }
    if one_office && slip != Slip::Same {
        // An office that enters two firearms has seen two.
        let agreement = Agreement::Different;
        all.push(Factor { what: "exhibit", agreement, times: 0.02 });
    }
    all
}

/// A factor by agreement, from different to same.
fn factor(what: &'static str, agreement: Agreement, times: [f64; 4]) -> Factor {
    let [different, unknown, similar, same] = times;
    let times = match agreement {
        Agreement::Different => different,
        Agreement::Unknown => unknown,
        Agreement::Similar => similar,
        Agreement::Same => same,
    };
    Factor { what, agreement, times }
}

fn same<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> Agreement {
    match one.zip(other) {
        None => Agreement::Unknown,
        Some((one, other)) if one == other => Agreement::Same,
        Some(_) => Agreement::Different,
    }
}

fn models(known: &Description, new: &Description) -> Agreement {
    let (Some(one), Some(other)) = (&known.model, &new.model) else { return Agreement::Unknown };
    let (one, other) = (serial::plain(one), serial::plain(other));
    if one == other {
        Agreement::Same
    } else if one.contains(&other)
        || other.contains(&one)
        || strsim::osa_distance(&one, &other) <= 1
    {
        Agreement::Similar
    } else {
        Agreement::Different
    }
}

fn calibres(known: &Description, new: &Description) -> Agreement {
    let (Some(one), Some(other)) = (&known.calibre, &new.calibre) else {
        return Agreement::Unknown;
    };
    if one == other {
        return Agreement::Same;
    }
    match calibre_family(one).zip(calibre_family(other)) {
        None => Agreement::Unknown,
        Some((one, other)) if one == other => Agreement::Similar,
        Some(_) => Agreement::Different,
    }
}

fn recoveries(known: Option<PartialDate>, new: Option<PartialDate>) -> Agreement {
    let (Some(known), Some(new)) = (known, new) else { return Agreement::Unknown };
    let (least, most) = known.days_until(new);
    // The nearest that the two days can have been.
    let apart = if least <= 0 && most >= 0 { 0 } else { least.abs().min(most.abs()) };
    match apart {
        0 => Agreement::Same,
        1..=SAME_FIND_DAYS => Agreement::Similar,
        ..=ANOTHER_FIND_DAYS => Agreement::Unknown,
        _ => Agreement::Different,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn request(id: &str, serial: &str, state: &str, day: &str) -> TraceRequest {
        let body = serde_json::json!({
            "id": id, "firearm": format!("F-{id}"), "agency": format!("AG{}", &id[..1]),
            "make": "Taurus", "model": "PT 92", "calibre": "9x19 mm", "serial": serial,
            "recovered": day, "place": { "state": state },
        });
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn one_digit_makes_a_double_of_one_find_and_a_neighbour_of_two() {
        let known = [request("A1", "TYE14711", "MX-CHH", "2026-03-14")];
        let doubles = Doubles::among(&known);
        let likely = |new: &TraceRequest| doubles.of(new)[0].likely;
        assert!(likely(&request("B1", "TYE14712", "MX-CHH", "2026-03-15")));
        assert!(!likely(&request("B2", "TYE14712", "US-TX", "2026-09-15")));
        // One office that enters two consecutive pistols of one find has two.
        assert!(!likely(&request("A2", "TYE14712", "MX-CHH", "2026-03-14")));
        assert!(likely(&request("B3", "TYE1471I", "US-TX", "2026-09-15")));
        assert!(doubles.of(&known[0]).is_empty(), "a request is no double of itself");
    }

    #[test]
    fn an_importers_serial_beside_the_makers_is_found() {
        let mut known = request("A1", "TYE14711", "MX-CHH", "2026-03-14");
        (known.description.importer, known.description.importer_serial) =
            (Some("Century Arms".into()), "CAI 00417".parse().ok());
        let mut new = request("B1", "CAI00471", "MX-CHH", "2026-03");
        new.description.make = Some("Century".into());
        let known = [known];
        let found = Doubles::among(&known).of(&new);
        assert!(found[0].crossed && found[0].likely);
        assert_eq!(found[0].slip, Slip::Transposed);
        assert_eq!(found[0].serial, "CAI 00417");
    }

    #[test]
    fn another_makers_gun_with_the_same_number_is_not_taken_for_it() {
        let known = [request("A1", "123456", "MX-CHH", "2026-03-14")];
        let mut new = request("B1", "123456", "US-AZ", "2025-01-09");
        (new.description.make, new.description.model) =
            (Some("Colt".into()), Some("Python".into()));
        let found = Doubles::among(&known).of(&new);
        assert!(!found[0].likely, "{found:?}");
    }
}
