//! Traces: what is asked about a recovered firearm, and what comes back.
//!
//! A trace follows a firearm by its serial number from who made it, through the
//! trade, to who first bought it (ATF, National Tracing Center, form 3312.1).
//! Who that was is no part of these records: see [`casework::trace`].

use super::words::word_enum;
use super::{AgencyId, CaseId, Description, FirearmId, PartialDate, Place, TraceId};
use crate::error::{Error, Kind, Result};
use crate::message::{Message, say};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $usable:expr, $what:expr, $advice:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                let usable: fn(&str) -> bool = $usable;
                if usable(text) {
                    return Ok(Self(text.to_owned()));
                }
                let what: fn(&str) -> Message = $what;
                Err(Error::new(Kind::BadInput, what(text)).advise($advice))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

checked_text!(
    /// An NCIC uniform offence code: four digits, such as 0999 (homicide) or
    /// 5212 (possession of a weapon).
    NcicCode,
    |text| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()),
    |text| say!("{text:?} is no NCIC code"),
    say!("four digits, such as 5212 for possession of a weapon")
);
checked_text!(
    /// Stands for a person where records only need to say that it is the same
    /// one: `P-` and 16 hexadecimal digits, made with the laboratory's secret.
    Pseudonym,
    |text| text.strip_prefix("P-").is_some_and(|hex| {
        hex.len() == 16 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }),
    |text| say!("{text:?} is no pseudonym"),
    say!("leave persons out of records; `brasslink trace import` keeps them apart, encrypted")
);

impl Pseudonym {
    /// The pseudonym that the first eight bytes of a keyed digest make.
    pub fn of(digest: [u8; 8]) -> Self {
        Self(format!("P-{:016x}", u64::from_be_bytes(digest)))
    }
}

/// A request for a trace: the firearm as it was described to the tracing
/// centre, which stays so whatever is found out later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceRequest {
    /// Its identifier.
    pub id: TraceId,
    /// The firearm of the register.
    pub firearm: FirearmId,
    /// Who asks: an ORI.
    pub agency: Option<AgencyId>,
    /// The firearm as it was described.
    #[serde(flatten)]
    pub description: Description,
    /// The offence in connection with which it was recovered.
    pub crime: Option<NcicCode>,
    /// When it was recovered.
    pub recovered: Option<PartialDate>,
    /// Where it was recovered.
    #[serde(default)]
    pub place: Place,
    /// The case it belongs to.
    pub case: Option<CaseId>,
}

word_enum!(
    /// How far a trace came.
    TraceOutcome {
        /// To the first retail purchaser.
        Purchaser = "purchaser" | "comprador",
        /// To a dealer, whose records do not say who bought it.
        Dealer = "dealer" | "comerciante",
        /// Nowhere.
        None = "none" | "ninguno",
    }
);

word_enum!(
    /// Why a trace did not reach a purchaser.
    NoTrace {
        /// The serial number was removed or cannot be read.
        SerialObliterated = "serial_obliterated",
        /// The maker never used that serial number.
        SerialInvalid = "serial_invalid",
        /// Made before records had to be kept (1968 in the U.S.).
        TooOld = "too_old",
        /// The dealer's records are lost or incomplete.
        RecordsLost = "records_lost",
        /// Sold abroad, where no records are to be had.
        SoldAbroad = "sold_abroad",
        /// Delivered to an army or a police force.
        Government = "government",
        /// The request did not say enough.
        TooLittleSaid = "too_little_said",
        /// Another reason.
        Other = "other",
    }
);

word_enum!(
    /// A sign of trafficking that traces show.
    Sign {
        /// Certainly less than three years from sale to recovery.
        ShortTimeToCrime = "short_time_to_crime",
        /// Several firearms of one purchaser.
        OnePurchaser = "one_purchaser",
        /// Several firearms of one dealer, sold on one day.
        SoldTogether = "sold_together",
        /// Several firearms of one dealer.
        OneDealer = "one_dealer",
        /// The serial number was removed.
        ObliteratedSerial = "obliterated_serial",
    }
);

/// What must stand with every list of signs (after the caution that 18 U.S.C.
/// 923 note and ATF's own reports give).
pub const CAUTION: &str = "Traced firearms are no random sample of firearms, nor of those used in \
    crimes: which are traced depends on who asks and when. An indicator is a reason to look, and \
    says nothing of anybody's guilt; most dealers and purchasers named in traces did nothing wrong.";

/// Somebody in the trade, and when the firearm left or came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trader {
    /// The firm.
    pub name: Option<String>,
    /// When it sent the firearm on.
    pub date: Option<PartialDate>,
}

/// The licensed dealer who sold it to the public.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dealer {
    /// The firm.
    pub name: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// When the firearm came to it.
    pub acquired: Option<PartialDate>,
    /// Where it is.
    #[serde(default)]
    pub place: Place,
}

/// The first retail sale.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sale {
    /// The day of the sale.
    pub date: Option<PartialDate>,
    /// Stands for who bought it.
    pub purchaser: Option<Pseudonym>,
}

/// What came back on a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceResult {
    /// The request.
    pub id: TraceId,
    /// How far the trace came.
    pub outcome: TraceOutcome,
    /// Why no farther.
    pub reason: Option<NoTrace>,
    /// When the result was given.
    pub completed: Option<PartialDate>,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: Trader,
    /// Who imported it.
    #[serde(default)]
    pub importer: Trader,
    /// The wholesalers it went through, in order.
    #[serde(default)]
    pub wholesalers: Vec<String>,
    /// Who sold it to the public.
    #[serde(default)]
    pub dealer: Dealer,
    /// That sale.
    #[serde(default)]
    pub sale: Sale,
}

word_enum!(
    /// What somebody in a firearm's chain of disposition was.
    Role {
        /// Who made it.
        Manufacturer = "manufacturer",
        /// Who imported it.
        Importer = "importer",
        /// Who traded it on.
        Wholesaler = "wholesaler",
        /// The dealer who sold it to the public.
        Retailer = "retailer",
        /// Who first bought it there.
        Purchaser = "purchaser",
    }
);

/// One hand that a firearm went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustodyStep {
    /// What that hand was.
    pub role: Role,
    /// The firm, or who stands for the purchaser.
    pub name: Option<String>,
    /// The day known of it: sent on by those before the retailer, received by
    /// the retailer, bought by the purchaser.
    pub date: Option<PartialDate>,
}

impl TraceResult {
    /// The chain of disposition as far as it is known, the maker first.
    pub fn chain(&self) -> Vec<CustodyStep> {
        let step = |role, name: Option<String>, date: Option<PartialDate>| {
            (name.is_some() || date.is_some()).then_some(CustodyStep { role, name, date })
        };
        let trader = |role, t: &Trader| step(role, t.name.clone(), t.date);
        let wholesalers =
            self.wholesalers.iter().map(|w| step(Role::Wholesaler, Some(w.clone()), None));
        let purchaser = self.sale.purchaser.as_ref().map(ToString::to_string);
        [trader(Role::Manufacturer, &self.manufacturer), trader(Role::Importer, &self.importer)]
            .into_iter()
            .chain(wholesalers)
            .chain([
                step(Role::Retailer, self.dealer.name.clone(), self.dealer.acquired),
                step(Role::Purchaser, purchaser, self.sale.date),
            ])
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_cannot_stand_where_a_pseudonym_must() {
        assert!("Juan Pérez".parse::<Pseudonym>().is_err());
        let pseudonym = Pseudonym::of([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(pseudonym.to_string(), "P-00010203040506ff");
        assert_eq!(pseudonym.to_string().parse::<Pseudonym>().unwrap(), pseudonym);
        assert!("5212".parse::<NcicCode>().is_ok() && "52A2".parse::<NcicCode>().is_err());
    }

    #[test]
    fn the_chain_leaves_out_who_is_unknown() {
        let result = TraceResult {
            id: TraceId::new("T-1").unwrap(),
            outcome: TraceOutcome::Dealer,
            reason: Some(NoTrace::RecordsLost),
            completed: None,
            manufacturer: Trader { name: Some("Maker".into()), date: "2019".parse().ok() },
            importer: Trader::default(),
            wholesalers: vec!["First".into(), "Second".into()],
            dealer: Dealer { name: Some("Shop".into()), ..Dealer::default() },
            sale: Sale::default(),
        };
        let roles: Vec<&str> = result.chain().iter().map(|step| step.role.word()).collect();
        assert_eq!(roles, ["manufacturer", "wholesaler", "wholesaler", "retailer"]);
    }
}
