//! Shipments by air, parcel, land or sea that firearms may be hidden in.

use super::words::word_enum;
use super::{AgencyId, CaseId, CasingId, Country, FirearmId, PartialDate, Place, ShipmentId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

word_enum!(
    /// How a shipment travels.
    Transport {
        /// Air freight.
        Air = "air" | "aéreo",
        /// Parcel service or mail.
        Parcel = "parcel" | "mail" | "paquete",
        /// Lorry, car or train.
        Land = "land" | "terrestre",
        /// Ship.
        Sea = "sea" | "marítimo",
    }
);

word_enum!(
    /// What has become of a shipment, in the order in which it does.
    ShipmentStatus {
        /// Something speaks for looking into it.
        Suspected = "suspected" | "sospechoso",
        /// It was opened.
        Inspected = "inspected" | "inspeccionado",
        /// It was let go on.
        Released = "released" | "liberado",
        /// It was taken into custody.
        Seized = "seized" | "asegurado",
    }
);

/// Where a shipment comes from or goes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stop {
    /// The country.
    pub country: Option<Country>,
    /// The place there.
    #[serde(default)]
    pub place: Place,
}

/// What a shipment holds, by class; `None` where that is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contents {
    /// Firearms.
    pub firearms: Option<u32>,
    /// Frames, receivers, barrels, magazines and other parts.
    pub parts: Option<u32>,
    /// Cartridges.
    pub ammunition: Option<u32>,
    /// Anything else, in words.
    pub other: Option<String>,
}

impl Contents {
    /// Whether it holds, or is said to hold, firearms, parts or ammunition.
    pub fn armed(&self) -> bool {
        [self.firearms, self.parts, self.ammunition].iter().any(|n| n.is_some_and(|n| n > 0))
    }
}

/// A shipment, and what was recovered from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shipment {
    /// Its identifier.
    pub id: ShipmentId,
    /// How it travels.
    pub transport: Option<Transport>,
    /// What has become of it.
    pub status: ShipmentStatus,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The number of the waybill.
    pub waybill: Option<String>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Stop,
    /// Where it goes to.
    #[serde(default)]
    pub destination: Stop,
    /// What its papers say.
    #[serde(default)]
    pub declared: Contents,
    /// What was found.
    #[serde(default)]
    pub found: Contents,
    /// When it was stopped.
    pub date: Option<PartialDate>,
    /// Where it was stopped.
    #[serde(default)]
    pub place: Place,
    /// Who stopped it.
    pub agency: Option<AgencyId>,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Firearms recovered from it.
    #[serde(default)]
    pub firearms: Vec<FirearmId>,
    /// Casings recovered from it.
    #[serde(default)]
    pub casings: Vec<CasingId>,
}

impl Shipment {
    /// Whether what was found was not declared.
    pub fn misdeclared(&self) -> bool {
        self.found.armed() && self.found != self.declared
    }
}
