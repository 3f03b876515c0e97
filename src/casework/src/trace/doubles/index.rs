//! A million serial numbers searched for those one slip away.
//!
//! Every serial number is kept under each text that leaving out one character
//! makes of it (symmetric deletion, Garbe's SymSpell of 2012): two texts one
//! slip apart have such a text, or themselves, in common. Whatever is found
//! under a key is compared itself, so that keys of 32 bits are enough.

use super::serial::{folded, plain, slip};
use types::evidence::Slip;

/// Longer texts are no serial numbers, and their keys would fill the memory.
const LONGEST: usize = 64;

/// Serial numbers, each with the number it was given by whoever put it in.
#[derive(Default)]
pub struct SerialIndex {
    /// Hash of a key in the upper half, number of the text in the lower; sorted.
    keys: Vec<u64>,
    texts: Vec<(String, u32)>,
}

impl SerialIndex {
    /// An index of serial numbers as written, each with its number.
    pub fn of<'a>(serials: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut new = Self::default();
        for (serial, number) in serials {
            let text = plain(serial);
            let Ok(place) = u32::try_from(new.texts.len()) else { break };
            if text.chars().any(|c| c != '?') && text.len() <= LONGEST {
                each_key(&folded(&text), |hash| {
                    new.keys.push(u64::from(hash) << 32 | u64::from(place));
                });
                new.texts.push((text, number));
            }
        }
        new.keys.sort_unstable();
        new.keys.dedup();
        new
    }

    /// The numbers of all serial numbers at most one slip away, with the slip,
    /// in the order of numbers.
    pub fn near(&self, serial: &str) -> Vec<(u32, Slip)> {
        let text = plain(serial);
        if text.is_empty() || text.len() > LONGEST {
            return Vec::new();
        }
        let mut places = Vec::new();
        each_key(&folded(&text), |hash| {
            let first = self.keys.partition_point(|key| key >> 32 < u64::from(hash));
            let found =
                self.keys.iter().skip(first).take_while(|key| *key >> 32 == u64::from(hash));
            places.extend(found.map(|key| *key as u32));
        });
        places.sort_unstable();
        places.dedup();
        let mut near: Vec<(u32, Slip)> = places
            .into_iter()
            .filter_map(|place| self.texts.get(place as usize))
            .filter_map(|(known, number)| Some((*number, slip(known, &text)?)))
            .collect();
        near.sort_unstable();
        near
    }
}

/// Shows the hash of a text and of each text that lacks one of its characters.
fn each_key(text: &str, mut show: impl FnMut(u32)) {
    show(hash(text.chars()));
    for left_out in 0..text.chars().count() {
        show(hash(text.chars().enumerate().filter(|(i, _)| *i != left_out).map(|(_, c)| c)));
    }
}

/// FNV-1a over 64 bits, its halves folded (Fowler, Noll, Vo).
fn hash(text: impl Iterator<Item = char>) -> u32 {
    let step = |h: u64, c: char| (h ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3);
    let h = text.fold(0xcbf2_9ce4_8422_2325, step);
    (h >> 32 ^ h) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_comparing_with_everything_finds() {
        let serials: Vec<String> = (0..400_u32)
            .map(|i| format!("{}B{}", ["T", "TY"][i as usize % 2], i * 37 % 523))
            .collect();
        let index = SerialIndex::of(serials.iter().map(String::as_str).zip(0..));
        for query in ["TB111", "TYB37", "TY837", "T8", "B1", "TBI11", "TB1?1", "", "???"] {
            let every = serials.iter().zip(0..);
            let slow: Vec<(u32, Slip)> =
                every.filter_map(|(s, n)| Some((n, slip(&plain(s), &plain(query))?))).collect();
            assert_eq!(index.near(query), slow, "{query}");
        }
        assert!(!index.near("TYB370").is_empty());
    }
}
