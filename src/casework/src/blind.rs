//! Blind second review: pictures of pairs, and nothing else.
//!
//! A packet is made from the marks' values and a secret alone, so nothing in it
//! can tell a score, a rank, an earlier decision or a firearm. Order, names and
//! sides come from the secret; the key, which the reviewer does not get, says
//! which pair an item was.

use super::{Conclusion, Decided, Review, same_person};
use image::ExtendedColorType;
use ndarray::Array2;
use report::picture::{clip_level, field, png};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest};
use types::message::say;

/// A pair to be reviewed: two casings and the values of a mark of each, shape
/// `(ny, nx)`, `NaN` where missing.
pub type Pair<'a> = ((&'a CasingId, &'a Array2<f32>), (&'a CasingId, &'a Array2<f32>));

/// One pair of pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name in the packet.
    pub name: String,
    /// PNG files: left and right.
    pub pictures: [Vec<u8>; 2],
}

/// What the second examiner gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The pairs, in the order of their names.
    pub items: Vec<Item>,
}

/// Which pair each item was; kept from the reviewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Item → the pair, left first.
    pub items: BTreeMap<String, (CasingId, CasingId)>,
}

/// The reviewer's answer to one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The item's name.
    pub item: String,
    /// What the reviewer concluded.
    pub conclusion: Conclusion,
}

impl Packet {
    /// Makes a packet and its key. A pair named twice is one item.
    ///
    /// # Errors
    /// [`Kind::Internal`] if a picture cannot be encoded.
    pub fn new(pairs: &[Pair], secret: &str) -> Result<(Self, Key)> {
        let mut items = BTreeMap::new();
        let mut key = Key::default();
        for &(one, other) in pairs {
            let (first, second) = if one.0 <= other.0 { (one, other) } else { (other, one) };
            let text = [secret, first.0.as_str(), second.0.as_str()].join("\n");
            let digest = Digest::of(text.as_bytes());
            let turned = digest.0[31] & 1 == 1;
            let (left, right) = if turned { (second, first) } else { (first, second) };
            let name = digest.short();
            key.items.insert(name.clone(), (left.0.clone(), right.0.clone()));
            items.insert(name, [picture(left.1)?, picture(right.1)?]);
        }
        let items = items.into_iter().map(|(name, pictures)| Item { name, pictures }).collect();
        Ok((Self { items }, key))
    }
}

fn picture(values: &Array2<f32>) -> Result<Vec<u8>> {
    let (height, width) = values.dim();
    let pixels = field(values, clip_level(values.view()));
    png(&pixels, width, height, ExtendedColorType::La8)
}

/// A blind answer beside the decision in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// The pair.
    pub pair: (CasingId, CasingId),
    /// What the first examiner decided last, if anything.
    pub first: Option<Decided>,
    /// What the blind reviewer concluded.
    pub second: Conclusion,
    /// Whether both say the same; a lead stands for a hit, since a reviewer of
    /// pictures has no specimens.
    pub agree: bool,
    /// Whether the reviewer is the first examiner, which makes this no second
    /// review.
    pub own: bool,
}

/// Sets the blind answers of a reviewer beside the decisions in force.
///
/// # Errors
/// [`Kind::BadInput`] for an item that is not in the key or answered twice, or
/// with what is no conclusion.
pub fn reconcile(
    answers: &[Answer],
    key: &Key,
    review: &Review,
    reviewer: &str,
) -> Result<Vec<Reconciled>> {
    let mut seen = BTreeMap::new();
    for answer in answers {
        if !key.items.contains_key(&answer.item) {
            return Err(Error::new(Kind::BadInput, say!("no item {:?} in the key", answer.item))
                .advise(say!("use the key that was written with this packet")));
        }
        if answer.conclusion == Conclusion::Withdrawn {
            let what = say!("item {:?} is answered with a withdrawal", answer.item);
            return Err(Error::new(Kind::BadInput, what)
                .advise(say!("write lead, inconclusive or eliminated under conclusion")));
        }
        if seen.insert(&answer.item, answer.conclusion).is_some() {
            let what = say!("item {:?} is answered twice", answer.item);
            return Err(Error::new(Kind::BadInput, what).advise(say!("keep one of the answers")));
        }
    }
    let beside = |(item, second): (&String, Conclusion)| {
        let pair = key.items.get(item)?.clone();
        let first = review.state(&pair.0, &pair.1).cloned();
        let words = review.standing(&pair.0, &pair.1);
        let own = words.iter().any(|d| same_person(&d.by, reviewer));
        let agree =
            first.as_ref().is_some_and(|f| f.conclusion.says_one() == second.says_one() && !own);
        Some(Reconciled { pair, first, second, agree, own })
    };
    Ok(seen.into_iter().filter_map(beside).collect())
}
