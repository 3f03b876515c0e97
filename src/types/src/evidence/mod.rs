//! The nouns of casework: identifiers, marks, casings; agencies, cases, events,
//! exhibits, firearms; traces, shipments.

mod acquisition;
mod agency;
mod claim;
mod date;
mod event;
mod exhibit;
mod firearm;
mod history;
mod ids;
mod look_alikes;
mod mark;
mod record;
mod reported;
mod shipment;
mod slip;
mod state;
mod table;
mod time_to_crime;
mod trace;
mod words;

pub use acquisition::{Likeness, SameAcquisition, Sameness};
pub use agency::{Agency, Case, Country};
pub use claim::{Claim, SAME_SCAN, own_words};
pub use date::{Moment, PartialDate};
pub use event::{Coordinates, Event, EventKind, Place};
pub use exhibit::{CustodyGap, Exhibit, ExhibitKind, Movement, Notification, chain_of_custody};
pub use firearm::{Description, Firearm, FirearmEvent, FirearmEventKind, FirearmType, Serial};
pub use history::{FirearmHistory, FirearmScene, FirearmTrace, Happened, TimelineEvent};
pub use ids::{
    AgencyId, CaseId, CasingId, Digest, ExhibitId, FirearmEventId, FirearmId, MAX_ID_BYTES, MarkId,
    MovementId, NotificationId, OWNER_SEPARATOR, SceneId, ShipmentId, TraceId, normalised, owner,
};
pub use look_alikes::LookAlikes;
pub use mark::{FiringPinShape, Light, MarkKind, Modality, Origin};
pub use record::{CasingRecord, Scene};
pub use reported::{ReportedFirearm, ReportedScene, ReportedStep, ReportedTrace};
pub use shipment::{Contents, Shipment, ShipmentStatus, Stop, Transport};
pub use slip::Slip;
pub use state::{State, capital, plain};
pub use table::{Column, Difference, Fault, KINDS, LIST_SEPARATOR, RecordKind, RowRecord, cell};
pub use time_to_crime::{SHORT_DAYS, TimeToCrime};
pub use trace::{
    CAUTION, CustodyStep, Dealer, NcicCode, NoTrace, Pseudonym, Role, Sale, Sign, TraceOutcome,
    TraceRequest, TraceResult, Trader,
};
