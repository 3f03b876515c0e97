//! The kinds of records that bundles may hold.
//!
//! A kind that is not here is not shared. To share one more: a row here, a
//! full record of it in the tests below, a line in docs/BUNDLE_FORMAT.md.

use super::{Field, SharedKind, Substitute};
use crate::trace::{REQUEST, RESULT, SHIPMENT};
use crate::{DECISION, Decision};
use serde::de::DeserializeOwned;
use store::CASING;
use types::evidence::{
    Case, CasingRecord, Event, Exhibit, Firearm, FirearmEvent, Movement, Notification, Shipment,
    TraceRequest, TraceResult,
};

const fn plain(path: &'static str) -> Field {
    Field { path, refers_to: None, own: false, needed: false, time: false }
}

const fn id_of(path: &'static str, kind: &'static str) -> Field {
    Field { path, refers_to: Some(kind), own: false, needed: false, time: false }
}

const fn time(path: &'static str) -> Field {
    Field { time: true, ..plain(path) }
}

const fn own(field: Field) -> Field {
    Field { own: true, ..field }
}

const fn needed(field: Field) -> Field {
    Field { needed: true, ..field }
}

fn is<T: DeserializeOwned>(body: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<T>(body).map(drop)
}

/// A kind of which nothing is shared.
const NOTHING: SharedKind = SharedKind {
    kind: "",
    fields: &[],
    substitutes: &[],
    never: &[],
    state: None,
    joins: &[],
    understood: is::<serde::de::IgnoredAny>,
};

/// What substitutes for a place of which nothing is told.
const PLACE: &[(&str, Substitute)] = &[("place", Substitute::Nothing)];

/// What substitutes for somebody whom a record must name.
const WITHHELD: Substitute = Substitute::Text("withheld");

/// Every kind of record that bundles may hold.
pub const SHARED_KINDS: &[SharedKind] = &[
    SharedKind {
        kind: CASING,
        fields: &[
            needed(id_of("id", CASING)),
            needed(plain("origin")),
            needed(id_of("scene.id", "event")),
            time("scene.date"),
            plain("scene.state"),
            plain("scene.agency"),
            id_of("scene.case", "case"),
            id_of("firearm", "firearm"),
            plain("calibre"),
            plain("firing_pin_shape"),
        ],
        substitutes: &[
            ("firing_pin_shape", Substitute::Text("unknown")),
            ("notes", Substitute::Text("")),
        ],
        never: &["notes"],
        state: Some("scene.state"),
        understood: is::<CasingRecord>,
        ..NOTHING
    },
    SharedKind {
        kind: "case",
        fields: &[needed(id_of("id", "case")), plain("agency")],
        // Other cases are not this one's to tell of.
        never: &["connected"],
        understood: is::<Case>,
        ..NOTHING
    },
    SharedKind {
        kind: "event",
        fields: &[
            needed(id_of("id", "event")),
            plain("kind"),
            time("date"),
            plain("place.state"),
            plain("place.municipality"),
            needed(plain("place.coordinates.latitude")),
            needed(plain("place.coordinates.longitude")),
            plain("agency"),
            id_of("case", "case"),
        ],
        substitutes: PLACE,
        state: Some("place.state"),
        understood: is::<Event>,
        ..NOTHING
    },
    SharedKind {
        kind: "firearm",
        fields: &[
            needed(id_of("id", "firearm")),
            plain("type"),
            plain("make"),
            plain("model"),
            plain("calibre"),
            plain("serial"),
            plain("importer"),
            plain("importer_serial"),
            plain("country"),
        ],
        understood: is::<Firearm>,
        ..NOTHING
    },
    SharedKind {
        kind: "firearm_event",
        fields: &[
            needed(id_of("id", "firearm_event")),
            needed(id_of("firearm", "firearm")),
            needed(plain("kind")),
            time("date"),
            plain("place.state"),
            plain("place.municipality"),
            needed(plain("place.coordinates.latitude")),
            needed(plain("place.coordinates.longitude")),
            plain("agency"),
            id_of("case", "case"),
        ],
        substitutes: PLACE,
        state: Some("place.state"),
        joins: &["firearm"],
        understood: is::<FirearmEvent>,
        ..NOTHING
    },
    SharedKind {
        kind: "exhibit",
        fields: &[
            needed(id_of("id", "exhibit")),
            needed(plain("kind")),
            own(id_of("casings", CASING)),
            id_of("firearm", "firearm"),
            id_of("scene", "event"),
            id_of("case", "case"),
            time("received"),
        ],
        joins: &["casings", "firearm", "scene"],
        understood: is::<Exhibit>,
        ..NOTHING
    },
    SharedKind {
        kind: "movement",
        fields: &[
            needed(id_of("id", "movement")),
            needed(own(id_of("exhibit", "exhibit"))),
            needed(time("at")),
        ],
        substitutes: &[("to", WITHHELD)],
        // Persons and rooms, in free words.
        never: &["from", "purpose", "to"],
        joins: &["exhibit"],
        understood: is::<Movement>,
        ..NOTHING
    },
    SharedKind {
        kind: "notification",
        fields: &[
            needed(id_of("id", "notification")),
            needed(own(id_of("exhibit", "exhibit"))),
            needed(time("at")),
        ],
        substitutes: &[("to", WITHHELD)],
        never: &["to"],
        joins: &["exhibit"],
        understood: is::<Notification>,
        ..NOTHING
    },
    SharedKind {
        kind: REQUEST,
        fields: &[
            needed(id_of("id", REQUEST)),
            needed(id_of("firearm", "firearm")),
            plain("agency"),
            plain("type"),
            plain("make"),
            plain("model"),
            plain("calibre"),
            plain("serial"),
            plain("importer"),
            plain("importer_serial"),
            plain("country"),
            plain("crime"),
            time("recovered"),
            plain("place.state"),
            plain("place.municipality"),
            needed(plain("place.coordinates.latitude")),
            needed(plain("place.coordinates.longitude")),
            id_of("case", "case"),
        ],
        substitutes: PLACE,
        state: Some("place.state"),
        joins: &["firearm"],
        understood: is::<TraceRequest>,
        ..NOTHING
    },
    SharedKind {
        kind: RESULT,
        fields: &[
            needed(id_of("id", REQUEST)),
            needed(plain("outcome")),
            plain("reason"),
            time("completed"),
            plain("manufacturer.name"),
            time("manufacturer.date"),
            plain("importer.name"),
            time("importer.date"),
            plain("wholesalers"),
            plain("dealer.name"),
            plain("dealer.licence"),
            time("dealer.acquired"),
            plain("dealer.place.state"),
            plain("dealer.place.municipality"),
            time("sale.date"),
        ],
        // Stands for a person, and says nothing to another laboratory.
        never: &["sale.purchaser"],
        joins: &["id"],
        understood: is::<TraceResult>,
        ..NOTHING
    },
    SharedKind {
        kind: SHIPMENT,
        fields: &[
            needed(id_of("id", SHIPMENT)),
            plain("transport"),
            needed(plain("status")),
            plain("carrier"),
            plain("waybill"),
            plain("origin.country"),
            plain("origin.place.state"),
            plain("origin.place.municipality"),
            plain("destination.country"),
            plain("destination.place.state"),
            plain("destination.place.municipality"),
            plain("declared.firearms"),
            plain("declared.parts"),
            plain("declared.ammunition"),
            plain("found.firearms"),
            plain("found.parts"),
            plain("found.ammunition"),
            time("date"),
            plain("place.state"),
            plain("place.municipality"),
            needed(plain("place.coordinates.latitude")),
            needed(plain("place.coordinates.longitude")),
            plain("agency"),
            id_of("case", "case"),
            id_of("firearms", "firearm"),
            id_of("casings", CASING),
        ],
        // Said in free words.
        never: &["declared.other", "found.other"],
        state: Some("place.state"),
        joins: &["firearms", "casings"],
        understood: is::<Shipment>,
        ..NOTHING
    },
    SharedKind {
        kind: DECISION,
        fields: &[
            needed(id_of("a", CASING)),
            needed(id_of("b", CASING)),
            needed(plain("conclusion")),
            needed(time("at")),
            plain("agency"),
        ],
        substitutes: &[("by", Substitute::Agency)],
        never: &["by", "upon", "withdraws"],
        joins: &["a", "b"],
        understood: is::<Decision>,
        ..NOTHING
    },
];

#[cfg(test)]
mod tests;
