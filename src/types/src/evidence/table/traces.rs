//! The tables of traces and shipments.

use super::kinds::{
    AGENCY, CALIBRE, CASE, IMPORTER, IMPORTER_SERIAL, LATITUDE, LONGITUDE, MAKE, MODEL,
    MUNICIPALITY, ORIGIN, SERIAL, STATE, TYPE,
};
use super::{Column, RecordKind, a, state, text};
use crate::error::{Error, Kind, Result};
use crate::evidence::{
    CasingId, Country, FirearmId, NcicCode, NoTrace, PartialDate, Pseudonym, Shipment, ShipmentId,
    ShipmentStatus, TraceId, TraceOutcome, TraceRequest, TraceResult, Transport,
};
use crate::message::say;
use serde_json::Value;

/// How many there are.
fn count(cell: &str) -> Result<Value> {
    cell.parse::<u32>().map(Value::from).map_err(|_| {
        Error::new(Kind::BadInput, say!("{cell:?} is not a count"))
            .advise(say!("a number such as 12"))
    })
}

pub(super) const TRACE_REQUEST: RecordKind = RecordKind::of::<TraceRequest>(
    "trace_request",
    &[
        Column::new("trace_id", "id", a::<TraceId>, "T-2026-0031").required(),
        Column::new("firearm_id", "firearm", a::<FirearmId>, "F-2026-0031")
            .required()
            .refers("firearm"),
        AGENCY,
        TYPE,
        MAKE,
        MODEL,
        CALIBRE,
        SERIAL,
        IMPORTER,
        IMPORTER_SERIAL,
        ORIGIN,
        Column::new("ncic_code", "crime", a::<NcicCode>, "5212"),
        Column::new("recovered", "recovered", a::<PartialDate>, "2026-03-14"),
        STATE,
        MUNICIPALITY,
        LATITUDE,
        LONGITUDE,
        CASE,
    ],
);

pub(super) const TRACE_RESULT: RecordKind = RecordKind::of::<TraceResult>(
    "trace_result",
    &[
        Column::new("trace_id", "id", a::<TraceId>, "T-2026-0031")
            .required()
            .refers("trace_request"),
        Column::new("outcome", "outcome", a::<TraceOutcome>, "purchaser").required(),
        Column::new("no_trace_reason", "reason", a::<NoTrace>, ""),
        Column::new("completed", "completed", a::<PartialDate>, "2026-04-02"),
        Column::new("manufacturer", "manufacturer.name", text, "Taurus"),
        Column::new("manufacturer_date", "manufacturer.date", a::<PartialDate>, "2019-02"),
        Column::new("importer", "importer.name", text, "Taurus International"),
        Column::new("importer_date", "importer.date", a::<PartialDate>, "2019-05"),
        Column::new("wholesalers", "wholesalers", text, "First Wholesale; Second Wholesale").list(),
        Column::new("dealer", "dealer.name", text, "Corner Arms"),
        Column::new("dealer_licence", "dealer.licence", text, "5-74-000-01-0A-00000"),
        Column::new("dealer_date", "dealer.acquired", a::<PartialDate>, "2019-08"),
        Column::new("dealer_state", "dealer.place.state", state, "US-TX"),
        Column::new("dealer_municipality", "dealer.place.municipality", text, "El Paso"),
        Column::new("purchase_date", "sale.date", a::<PartialDate>, "2019-09-20"),
        Column::new("purchaser", "sale.purchaser", a::<Pseudonym>, ""),
    ],
);

pub(super) const SHIPMENT: RecordKind = RecordKind::of::<Shipment>(
    "shipment",
    &[
        Column::new("shipment_id", "id", a::<ShipmentId>, "S-2026-0004").required(),
        Column::new("transport", "transport", a::<Transport>, "parcel"),
        Column::new("status", "status", a::<ShipmentStatus>, "seized").required(),
        Column::new("carrier", "carrier", text, "Border Parcel"),
        Column::new("waybill", "waybill", text, "BP 4711 0815"),
        Column::new("origin_country", "origin.country", a::<Country>, "US"),
        Column::new("origin_state", "origin.place.state", state, "US-TX"),
        Column::new("origin_municipality", "origin.place.municipality", text, "Laredo"),
        Column::new("destination_country", "destination.country", a::<Country>, "MX"),
        Column::new("destination_state", "destination.place.state", state, "MX-NLE"),
        Column::new(
            "destination_municipality",
            "destination.place.municipality",
            text,
            "Monterrey",
        ),
        Column::new("declared_firearms", "declared.firearms", count, "0"),
        Column::new("declared_parts", "declared.parts", count, "0"),
        Column::new("declared_ammunition", "declared.ammunition", count, "0"),
        Column::new("declared_other", "declared.other", text, "Toys"),
        Column::new("found_firearms", "found.firearms", count, "2"),
        Column::new("found_parts", "found.parts", count, "6"),
        Column::new("found_ammunition", "found.ammunition", count, "400"),
        Column::new("found_other", "found.other", text, ""),
        Column::new("date", "date", a::<PartialDate>, "2026-03-14"),
        STATE,
        MUNICIPALITY,
        LATITUDE,
        LONGITUDE,
        AGENCY,
        CASE,
        Column::new("firearms", "firearms", a::<FirearmId>, "F-2026-0031").list().refers("firearm"),
        Column::new("casings", "casings", a::<CasingId>, "").list().refers("casing"),
    ],
);
