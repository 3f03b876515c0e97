//! Requests drawn up from a recovered firearm, and what they still lack.

use crate::Register;
use jiff::civil::Date;
use serde::Serialize;
use types::error::{Error, Kind, Result};
use types::evidence::{
    AgencyId, Digest, FirearmEventKind, FirearmId, NcicCode, Serial, State, TraceId, TraceRequest,
};
use types::message::{Message, say};

/// Draws up the request for a firearm of the register: described as its record
/// does, recovered as the latest record of a recovery says, by that agency
/// unless `agency` is another. The identifier is made of the firearm and that
/// recovery, so that one recovery has one request.
///
/// # Errors
/// [`Kind::NotFound`] if the register has no such firearm, or nothing of its
/// being recovered.
pub fn draft(
    register: &Register,
    firearm: &FirearmId,
    crime: Option<NcicCode>,
    agency: Option<AgencyId>,
) -> Result<TraceRequest> {
    let missing = |what: Message, advice: Message| Error::new(Kind::NotFound, what).advise(advice);
    let gun = register.firearms.get(firearm).ok_or_else(|| {
        missing(
            say!("the store has no firearm {firearm}"),
            say!("take it in with `brasslink record import firearm.csv`"),
        )
    })?;
    let recoveries = register
        .firearm_events
        .iter()
        .filter(|event| event.firearm == *firearm && event.kind == FirearmEventKind::Recovered);
    let latest = recoveries.max_by_key(|event| (event.date.map(|d| d.last()), event.id.clone()));
    let event = latest.ok_or_else(|| {
        missing(
            say!("nothing says that firearm {firearm} was recovered, and only such are traced"),
            say!("record the recovery with `brasslink record import firearm_event.csv`"),
        )
    })?;
    let made_of = [firearm.as_str(), event.id.as_str()].join("\n");
    Ok(TraceRequest {
        id: TraceId::new(format!("T-{}", Digest::of(made_of.as_bytes()).short()))?,
        firearm: firearm.clone(),
        agency: agency.or_else(|| event.agency.clone()),
        description: gun.description.clone(),
        crime,
        recovered: event.date,
        place: event.place.clone(),
        case: event.case.clone(),
    })
}

types::coded!(mod what: Message as what and coded_what);
types::coded!(mod advice: Message as advice and coded_advice);

/// Something that a request faults or that may be wrong in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestFault {
    /// The field, by its heading in the table of requests.
    pub field: &'static str,
    /// What is wrong.
    #[serde(flatten, with = "what")]
    pub what: Message,
    /// What to do.
    #[serde(flatten, with = "advice")]
    pub advice: Message,
    /// Whether the tracing centre would send the request back.
    pub refused: bool,
}

/// Looks at every field that the form asks for, in the form's order.
pub fn check(request: &TraceRequest, today: Date) -> Vec<RequestFault> {
    let mut faults = Vec::new();
    let gun = &request.description;
    let mut fault = |field, refused, what: Message, advice| {
        faults.push(RequestFault { field, what, advice, refused });
    };
    let empty = |what: Message| say!("{what} is not recorded");
    match &request.agency {
        None => fault("agency", true, empty(say!("who asks")), say!("name the agency by its ORI")),
        Some(id) if !id.is_ori() => fault(
            "agency",
            true,
            say!("{id} is no ORI"),
            say!("two letters and seven letters or digits, as assigned by NCIC"),
        ),
        Some(_) => {}
    }
    match &gun.serial {
        None => fault(
            "serial",
            true,
            empty(say!("the serial number")),
            say!("read it, or write obliterated"),
        ),
        Some(Serial::Partial(text)) => fault(
            "serial",
            true,
            say!("{text} cannot be read in full"),
            say!("have it restored; a number with gaps cannot be traced"),
        ),
        Some(Serial::Obliterated) => fault(
            "serial",
            false,
            say!("the serial number is obliterated"),
            say!("have it restored; the importer's mark or the purchaser's case may still lead on"),
        ),
        Some(Serial::Absent) => fault(
            "serial",
            false,
            say!("the firearm has no serial number"),
            say!("only marks of the maker and importer can be followed"),
        ),
        Some(Serial::Legible(_)) => {}
    }
    let described = [
        ("make", gun.make.is_none(), say!("the manufacturer")),
        ("type", gun.sort.is_none(), say!("the type of firearm")),
        ("calibre", gun.calibre.is_none(), say!("the calibre")),
        ("model", gun.model.is_none(), say!("the model")),
        ("country_of_origin", gun.country.is_none(), say!("the country of origin")),
    ];
    for (field, missing, what) in described {
        if missing {
            fault(field, true, empty(what), say!("amend the firearm's record"));
        }
    }
    let abroad = gun.country.is_some_and(|c| c.as_str() != "US");
    if abroad && gun.importer.is_none() {
        fault(
            "importer",
            true,
            say!("a firearm made abroad has an importer's mark, and none is recorded"),
            say!("read it off frame or barrel; write none where there is none"),
        );
    }
    if request.crime.is_none() {
        fault("ncic_code", true, empty(say!("the offence")), say!("give --ncic, such as 5212"));
    }
    match request.recovered {
        None => {
            fault("recovered", true, empty(say!("the day of recovery")), say!("amend the recovery"))
        }
        Some(date) if date.first() > today => fault(
            "recovered",
            true,
            say!("{date} is still to come"),
            say!("correct the date of the recovery"),
        ),
        Some(date) if date.day().is_none() => fault(
            "recovered",
            false,
            say!("{date} is not one day"),
            say!("the form takes a day; time to crime will be a range"),
        ),
        Some(_) => {}
    }
    match request.place.state.as_deref() {
        None => {
            fault("state", true, empty(say!("the state of recovery")), say!("amend the recovery"))
        }
        Some(code) if State::of_code(code).is_none() => fault(
            "state",
            true,
            say!("{code} is no state of Mexico or the U.S."),
            say!("an ISO 3166-2 code such as MX-CHH"),
        ),
        Some(_) => {}
    }
    if request.place.municipality.is_none() {
        fault(
            "municipality",
            true,
            empty(say!("the city of recovery")),
            say!("amend the recovery"),
        );
    }
    faults
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn complete() -> serde_json::Value {
        json!({
            "id": "T-1", "firearm": "F-1", "agency": "MXFGECHH1", "type": "pistol",
            "make": "Taurus", "model": "PT 92", "calibre": "9x19 mm", "serial": "TYE14711",
            "importer": "Taurus International", "country": "BR", "crime": "5212",
            "recovered": "2026-03-14",
            "place": { "state": "MX-CHH", "municipality": "Ciudad Juárez" },
        })
    }

    fn faults_of(change: impl Fn(&mut serde_json::Value)) -> Vec<(&'static str, bool)> {
        let mut body = complete();
        change(&mut body);
        let request = serde_json::from_value(body).unwrap();
        let today = "2026-03-20".parse().unwrap();
        check(&request, today).iter().map(|l| (l.field, l.refused)).collect()
    }

    #[test]
    fn every_required_field_is_asked_for_by_name() {
        assert_eq!(faults_of(|_| {}), []);
        let fields = [
            ("agency", "agency"),
            ("serial", "serial"),
            ("make", "make"),
            ("type", "type"),
            ("calibre", "calibre"),
            ("model", "model"),
            ("country", "country_of_origin"),
            ("importer", "importer"),
            ("crime", "ncic_code"),
            ("recovered", "recovered"),
        ];
        for (field, heading) in fields {
            assert_eq!(faults_of(|b| b[field] = json!(null)), [(heading, true)]);
        }
        assert_eq!(
            faults_of(|b| b["place"] = json!({})),
            [("state", true), ("municipality", true)]
        );
    }

    #[test]
    fn what_is_there_may_still_be_wrong_or_too_little() {
        assert_eq!(faults_of(|b| b["agency"] = json!("Fiscalía")), [("agency", true)]);
        assert_eq!(faults_of(|b| b["serial"] = json!("TYE?4711")), [("serial", true)]);
        assert_eq!(faults_of(|b| b["serial"] = json!("obliterated")), [("serial", false)]);
        assert_eq!(faults_of(|b| b["recovered"] = json!("2026-04-01")), [("recovered", true)]);
        assert_eq!(faults_of(|b| b["recovered"] = json!("2026-03")), [("recovered", false)]);
        let made_in_the_us = |b: &mut serde_json::Value| {
            (b["country"], b["importer"]) = (json!("US"), json!(null));
        };
        assert_eq!(faults_of(made_in_the_us), []);
    }
}
