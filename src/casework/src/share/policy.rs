//! Who may receive what: the laboratory's sharing policy, a TOML file.
//!
//! Without an agreement an agency receives nothing.

use super::agency::AgencyCode;
use super::fields::{SHARED_KINDS, shared_kind};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::fingerprint;
use types::error::{Error, Kind, Result};
use types::evidence::State;
use types::files::read_small_text;
use types::message::{Message, say};

/// The word for marks and templates in an agreement's `kinds`.
pub const MARK: &str = "mark";
/// The word for scan files as received in an agreement's `kinds`.
pub const ORIGINAL: &str = "original";
/// The region of what has no state.
const UNKNOWN: &str = "unknown";
/// Every region.
const EVERYWHERE: &str = "*";

/// The policy of one laboratory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    /// The code by which others know this laboratory.
    pub agency: AgencyCode,
    /// The agencies it deals with.
    #[serde(default, rename = "partner")]
    pub partners: Vec<Partner>,
}

/// An agency whose bundles are trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Its code.
    pub agency: AgencyCode,
    /// Its name, for people.
    pub name: Option<String>,
    /// Its Ed25519 public key in PEM.
    pub public_key: String,
    /// What it may receive; nothing where there is no agreement.
    pub receives: Option<Agreement>,
}

/// What an agency may receive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Kinds of records, `mark` and `original`.
    pub kinds: BTreeSet<String>,
    /// States (`MX-CHH`), countries (`MX`), `unknown`, or `*`.
    pub regions: BTreeSet<String>,
    /// By kind, the fields that go besides those without which a record is
    /// nothing; a kind that is not named goes with all that may be shared.
    #[serde(default)]
    pub fields: BTreeMap<String, BTreeSet<String>>,
}

impl Sharing {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Kind::BadInput`] naming what is not understood: a kind, field or
    /// region mistyped would else share too little or too much.
    pub fn read(path: &Path) -> Result<Self> {
        let text = read_small_text(path)?;
        Self::parse(&text).map_err(|e| e.at(path).advise(say!("see docs/SHARING.md")))
    }

    /// The policy in a TOML text.
    ///
    /// # Errors
    /// As [`Sharing::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |what: Message| Error::new(Kind::BadInput, what);
        let this: Self = toml::from_str(text).map_err(|e| bad(Message::foreign(e.message())))?;
        // Two codes that differ in case only would be taken for one another.
        let folded = |code: &AgencyCode| code.as_str().to_ascii_lowercase();
        let mut seen = BTreeSet::from([folded(&this.agency)]);
        for partner in &this.partners {
            let of = &partner.agency;
            if !seen.insert(folded(of)) {
                return Err(bad(say!("the agency {of} is named twice (case does not count)")));
            }
            fingerprint(&partner.public_key)
                .map_err(|e| bad(say!("the public key of {of}: {}", e.what)))?;
            if let Some(agreement) = &partner.receives {
                agreement.check().map_err(|what| bad(say!("agreement with {of}: {what}")))?;
            }
        }
        Ok(this)
    }

    /// The partner of this code.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if the policy does not name it.
    pub fn partner(&self, code: &str) -> Result<&Partner> {
        self.partners.iter().find(|p| p.agency.as_str() == code).ok_or_else(|| {
            Error::new(Kind::NotFound, say!("the sharing policy names no agency {code:?}")).advise(
                say!("add it with its public key, after comparing fingerprints by telephone"),
            )
        })
    }
}

impl Agreement {
    fn check(&self) -> std::result::Result<(), Message> {
        let known = |kind: &str| shared_kind(kind).is_some() || [MARK, ORIGINAL].contains(&kind);
        if let Some(kind) = self.kinds.iter().find(|kind| !known(kind)) {
            let all: Vec<_> = SHARED_KINDS.iter().map(|s| s.kind).chain([MARK, ORIGINAL]).collect();
            return Err(say!("{kind:?} is no kind that can be shared ({})", all.join(", ")));
        }
        let region = |r: &str| {
            [EVERYWHERE, UNKNOWN].contains(&r)
                || r.len() == 2 && r.chars().all(|c| c.is_ascii_uppercase())
                || State::of_code(r).is_some()
        };
        if let Some(wrong) = self.regions.iter().find(|r| !region(r)) {
            return Err(say!("{wrong:?} is no state, country, \"unknown\" or \"*\""));
        }
        for (kind, fields) in &self.fields {
            let sort =
                shared_kind(kind).ok_or_else(|| say!("fields of {kind:?}, which is not shared"))?;
            if let Some(field) = fields.iter().find(|f| sort.field(f).is_none()) {
                let all: Vec<_> = sort.fields.iter().map(|f| f.path).collect();
                let all = all.join(", ");
                return Err(say!("{kind} has no field {field:?} that is shared ({all})"));
            }
        }
        Ok(())
    }

    /// Whether things of this kind may go.
    pub fn allows(&self, kind: &str) -> bool {
        self.kinds.contains(kind)
    }

    /// Whether what happened in `state` may go.
    pub fn allows_region(&self, state: Option<&str>) -> bool {
        let listed = |region: &str| self.regions.contains(region);
        let state = state.unwrap_or(UNKNOWN);
        let country = state.split('-').next().unwrap_or(state);
        listed(EVERYWHERE) || listed(state) || listed(country)
    }

    /// Whether this field of a kind may go.
    pub fn allows_field(&self, kind: &str, path: &str) -> bool {
        self.fields.get(kind).is_none_or(|fields| fields.contains(path))
    }
}
