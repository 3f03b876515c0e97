//! On what scale linking judged.

use super::group::Open;
use super::own::OwnStrangers;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use types::evidence::{Digest, MarkKind, Modality};
use types::message::{Message, ToMessage, say};

/// On what scale the pairs of one kind of mark were judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scale {
    /// The kind of mark; none where only scores are known.
    pub mark: Option<MarkKind>,
    /// Heights or brightness; none where only scores are known.
    pub modality: Option<Modality>,
    /// Compared pairs of casings.
    pub pairs: u64,
    /// What gives their scores a meaning.
    pub basis: Basis,
}

types::coded!(mod reason: Message as reason and coded_reason);

/// What gives scores a meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Basis {
    /// What strangers and mates score in documented sets, together with the
    /// store's own strangers.
    Reference {
        /// The documented sets.
        sets: Vec<String>,
        /// Their pairs of strangers.
        strangers: u64,
        /// Their firearms.
        firearms: u64,
        /// The store's own strangers.
        own: OwnStrangers,
        /// The score from which a single pair is proposed.
        proposed_from: f64,
        /// The score from which a single pair is too likely to be passed over.
        open_from: f64,
    },
    /// The likelihood ratios of a calibrated population.
    Population {
        /// Its name.
        name: String,
        /// Its digest.
        sha256: Digest,
        /// Its firearms.
        firearms: u64,
        /// Its pairs.
        pairs: u64,
    },
    /// How these very scores differ from each other.
    Structure {
        /// Casings with scores.
        casings: u64,
        /// How far same-source pairs stand above different-source ones, in
        /// standard deviations of these; none where no pair stands out.
        separation: Option<f64>,
    },
    /// Nothing: no link is proposed and no posterior probability given.
    Unknown {
        /// Why.
        #[serde(flatten, with = "reason")]
        #[schemars(with = "reason::Both")]
        reason: Message,
    },
}

impl Scale {
    /// Whether scores have a meaning on it.
    pub fn known(&self) -> bool {
        !matches!(self.basis, Basis::Unknown { .. })
    }
}

impl Scale {
    /// Every number of it.
    pub fn numbers(&self) -> Vec<f64> {
        let basis = match &self.basis {
            Basis::Reference { strangers, firearms, own, proposed_from, open_from, .. } => {
                let scores = own.scores.iter().flat_map(|s| [s.median, s.lower]);
                let whole = [*strangers, *firearms, own.casings, own.pairs].map(|n| n as f64);
                let rest = [own.weight, *proposed_from, *open_from];
                scores.chain(whole).chain(rest).collect()
            }
            Basis::Population { firearms, pairs, .. } => vec![*firearms as f64, *pairs as f64],
            Basis::Structure { casings, separation } => {
                separation.iter().copied().chain([*casings as f64]).collect()
            }
            Basis::Unknown { .. } => Vec::new(),
        };
        basis.into_iter().chain([self.pairs as f64]).collect()
    }

    /// What gives the scores a meaning, in phrases.
    pub fn phrases(&self) -> Vec<Message> {
        match &self.basis {
            Basis::Reference { sets, strangers, firearms, own, proposed_from, open_from } => {
                let own = match own.scores {
                    Some(scores) => say!(
                        "own strangers: {} pairs of {} casings, median {:.2}, lower spread {:.2}, weight {:.0} %",
                        own.pairs,
                        own.casings,
                        scores.median,
                        scores.lower,
                        100.0 * own.weight
                    ),
                    None => say!("own strangers: none yet"),
                };
                vec![
                    say!(
                        "reference: {strangers} pairs of strangers of {firearms} firearms ({})",
                        sets.join(", ")
                    ),
                    own,
                    say!(
                        "a single pair is proposed from a score of {proposed_from:.1}, and open from {open_from:.1}"
                    ),
                ]
            }
            Basis::Population { name, firearms, pairs, .. } => vec![say!(
                "likelihood ratios of the population {name} ({pairs} pairs of {firearms} firearms)"
            )],
            Basis::Structure { casings, separation } => {
                let judged = say!(
                    "no reference: judged by how {} scores of {casings} casings differ from each other",
                    self.pairs
                );
                let found = match separation {
                    Some(separation) => say!(
                        "same-source pairs stand {separation:.1} standard deviations above different-source ones"
                    ),
                    None => say!("no pairs stand out"),
                };
                vec![judged, found]
            }
            Basis::Unknown { reason } => {
                vec![say!("too few to judge: the scale is unknown"), reason.clone()]
            }
        }
    }
}

impl ToMessage for Scale {
    /// A sentence without a full stop.
    fn to_message(&self) -> Message {
        let phrases = Message::joined(self.phrases(), "; ");
        match (self.mark, self.modality) {
            (Some(mark), Some(modality)) => {
                say!("{mark}, {modality}, {} pairs: {phrases}", self.pairs)
            }
            _ => phrases,
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_message().fmt(f)
    }
}

/// On what scales a linking judged, and what it left open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// One for each kind of mark; none where nothing was compared.
    pub scales: Vec<Scale>,
    /// Pairs that are neither proposed nor clearly of two firearms.
    pub open: Vec<Open>,
}
