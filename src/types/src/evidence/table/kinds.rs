//! The columns of every kind of record.

use super::{Column, RecordKind, a, degrees, state, text, traces};
use crate::evidence::{
    Agency, AgencyId, Case, CaseId, CasingId, CasingRecord, Country, Event, EventKind, Exhibit,
    ExhibitId, ExhibitKind, Firearm, FirearmEvent, FirearmEventId, FirearmEventKind, FirearmId,
    FirearmType, FiringPinShape, Moment, Movement, MovementId, Notification, NotificationId,
    Origin, PartialDate, SceneId, Serial,
};

pub(super) const STATE: Column = Column::new("state", "place.state", state, "MX-CHH");
pub(super) const MUNICIPALITY: Column =
    Column::new("municipality", "place.municipality", text, "Ciudad Juárez");
pub(super) const LATITUDE: Column =
    Column::new("latitude", "place.coordinates.latitude", degrees, "31.7333");
pub(super) const LONGITUDE: Column =
    Column::new("longitude", "place.coordinates.longitude", degrees, "-106.4833");
pub(super) const DATE: Column = Column::new("date", "date", a::<PartialDate>, "2026-03-14");
/// Agencies are nobody's own: an ORI is the same everywhere.
pub(super) const AGENCY: Column = Column {
    refers: Some("agency"),
    ..Column::new("agency", "agency", a::<AgencyId>, "MXFGECHH1")
};
pub(super) const CASE: Column =
    Column::new("case_number", "case", a::<CaseId>, "FGE-2026-004211").refers("case");

pub(super) const TYPE: Column = Column::new("type", "type", a::<FirearmType>, "pistol");
pub(super) const MAKE: Column = Column::new("make", "make", text, "Taurus");
pub(super) const MODEL: Column = Column::new("model", "model", text, "PT 92");
pub(super) const CALIBRE: Column = Column::new("calibre", "calibre", text, "9x19 mm");
pub(super) const SERIAL: Column = Column::new("serial", "serial", a::<Serial>, "TYE14711");
pub(super) const IMPORTER: Column =
    Column::new("importer", "importer", text, "Taurus International");
pub(super) const IMPORTER_SERIAL: Column =
    Column::new("importer_serial", "importer_serial", a::<Serial>, "");
pub(super) const ORIGIN: Column = Column::new("country_of_origin", "country", a::<Country>, "BR");

/// The kinds of records, those before that others name.
pub static KINDS: [RecordKind; 12] = [
    RecordKind::of::<Agency>(
        "agency",
        &[
            Column::new("agency_id", "id", a::<AgencyId>, "MXFGECHH1").required(),
            Column::new("name", "name", text, "Fiscalía General del Estado de Chihuahua")
                .required(),
            Column::new("country", "country", a::<Country>, "MX"),
            Column::new("state", "state", state, "MX-CHH"),
        ],
    ),
    RecordKind::of::<Case>(
        "case",
        &[
            Column::new("case_number", "id", a::<CaseId>, "FGE-2026-004211").required(),
            AGENCY,
            Column::new("connected_cases", "connected", a::<CaseId>, "").list().refers("case"),
        ],
    ),
    RecordKind::of::<Event>(
        "event",
        &[
            Column::new("scene_id", "id", a::<SceneId>, "S-2026-0017").required(),
            Column::new("type", "kind", a::<EventKind>, "shooting"),
            DATE,
            STATE,
            MUNICIPALITY,
            LATITUDE,
            LONGITUDE,
            AGENCY,
            CASE,
        ],
    ),
    RecordKind::of::<Firearm>(
        "firearm",
        &[
            Column::new("firearm_id", "id", a::<FirearmId>, "F-2026-0031").required(),
            TYPE,
            MAKE,
            MODEL,
            CALIBRE,
            SERIAL,
            IMPORTER,
            IMPORTER_SERIAL,
            ORIGIN,
        ],
    ),
    RecordKind::of::<FirearmEvent>(
        "firearm_event",
        &[
            Column::new("firearm_event_id", "id", a::<FirearmEventId>, "R-2026-0031").required(),
            Column::new("firearm_id", "firearm", a::<FirearmId>, "F-2026-0031")
                .required()
                .refers("firearm"),
            Column::new("type", "kind", a::<FirearmEventKind>, "recovered").required(),
            DATE,
            STATE,
            MUNICIPALITY,
            LATITUDE,
            LONGITUDE,
            AGENCY,
            CASE,
        ],
    ),
    RecordKind::of::<CasingRecord>(
        "casing",
        &[
            Column::new("casing_id", "id", a::<CasingId>, "2026-0017-C1").required(),
            Column::new("origin", "origin", a::<Origin>, "evidence").required(),
            Column::new("scene_id", "scene.id", a::<SceneId>, "S-2026-0017").names("event"),
            Column::new("scene_date", "scene.date", a::<PartialDate>, ""),
            Column::new("scene_state", "scene.state", state, ""),
            Column::new("agency", "scene.agency", text, ""),
            Column::new("case_number", "scene.case", a::<CaseId>, "").names("case"),
            Column::new("firearm_id", "firearm", a::<FirearmId>, "").names("firearm"),
            CALIBRE,
            Column::new("firing_pin_shape", "firing_pin_shape", a::<FiringPinShape>, "unknown"),
            Column::new("notes", "notes", text, ""),
        ],
    ),
    RecordKind::of::<Exhibit>(
        "exhibit",
        &[
            Column::new("exhibit_id", "id", a::<ExhibitId>, "2026-0017-E1").required(),
            Column::new("type", "kind", a::<ExhibitKind>, "casings").required(),
            Column::new("casings", "casings", a::<CasingId>, "2026-0017-C1; 2026-0017-C2")
                .list()
                .refers("casing"),
            Column::new("firearm_id", "firearm", a::<FirearmId>, "").refers("firearm"),
            Column::new("scene_id", "scene", a::<SceneId>, "S-2026-0017").refers("event"),
            CASE,
            Column::new("received", "received", a::<Moment>, "2026-03-16T09:30:00-06:00"),
        ],
    ),
    RecordKind::of::<Movement>(
        "movement",
        &[
            Column::new("movement_id", "id", a::<MovementId>, ""),
            Column::new("exhibit_id", "exhibit", a::<ExhibitId>, "2026-0017-E1")
                .required()
                .refers("exhibit"),
            Column::new("at", "at", a::<Moment>, "2026-03-16T09:30:00-06:00").required(),
            Column::new("from", "from", text, "Evidence room, Ciudad Juárez"),
            Column::new("to", "to", text, "Ballistics laboratory").required(),
            Column::new("purpose", "purpose", text, "comparison"),
        ],
    ),
    RecordKind::of::<Notification>(
        "notification",
        &[
            Column::new("notification_id", "id", a::<NotificationId>, ""),
            Column::new("exhibit_id", "exhibit", a::<ExhibitId>, "2026-0017-E1")
                .required()
                .refers("exhibit"),
            Column::new("at", "at", a::<Moment>, "2026-03-18T12:00:00-06:00").required(),
            Column::new("to", "to", text, "Case agent, FGE-2026-004211").required(),
        ],
    ),
    traces::TRACE_REQUEST,
    traces::TRACE_RESULT,
    traces::SHIPMENT,
];
