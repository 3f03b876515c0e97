//! A Bloom filter over the keys of one tables segment, kept beside it in a
//! segment of its own, so that one casing is found among many segments without
//! opening them.
//!
//! Bloom, CACM 13(7), 1970; double hashing after Kirsch and Mitzenmacher, 2006:
//! bit `i` of key `k` is `(h1 + i·h2) mod m` with h1, h2 the first two
//! little-endian 64-bit words of SHA-256(k). 28 bits a key and seven probes give
//! false alarms for about 0.003 % of the keys, and never a miss: a commit asks
//! every segment for everything it brings.

use std::collections::BTreeSet;
use types::evidence::Digest;

/// The key of the object `id` of sort `sort`.
pub fn key(sort: &str, id: &str) -> String {
    format!("{sort}/{id}")
}

const BITS_PER_KEY: usize = 28;
const PROBES: u64 = 7;

/// The two words that stand for a key.
type Hash = (u64, u64);

fn hash(key: &str) -> Hash {
    let digest = Digest::of(key.as_bytes()).0;
    let word =
        |at: usize| digest.iter().skip(at).take(8).rev().fold(0_u64, |w, b| w << 8 | u64::from(*b));
    (word(0), word(8))
}

/// The keys of a segment that is being written.
#[derive(Default)]
pub struct KeySet(BTreeSet<Hash>);

impl KeySet {
    /// Takes in a key.
    pub fn insert(&mut self, key: &str) {
        self.0.insert(hash(key));
    }

    /// The filter that holds the keys.
    pub fn filter(&self) -> KeyFilter {
        let mut filter = KeyFilter(vec![0; (self.0.len() * BITS_PER_KEY).div_ceil(8)]);
        for &hash in &self.0 {
            for bit in filter.bits(hash) {
                if let Some(byte) = filter.0.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        filter
    }
}

/// A set of keys that may hold some more than were put in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyFilter(pub Vec<u8>);

impl KeyFilter {
    /// Whether `key` may be in the segment; `false` is certain.
    pub fn may_hold(&self, key: &str) -> bool {
        !self.0.is_empty()
            && self
                .bits(hash(key))
                .iter()
                .all(|bit| self.0.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1))
    }

    fn bits(&self, (first, second): Hash) -> Vec<usize> {
        let m = (self.0.len() * 8).max(1) as u64;
        (0..PROBES).map(|i| (first.wrapping_add(i.wrapping_mul(second)) % m) as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_misses_and_seldom_alarms() {
        let mut keys = KeySet::default();
        (0..500).for_each(|i| keys.insert(&format!("casing/{i}")));
        let filter = keys.filter();
        assert!((0..500).all(|i| filter.may_hold(&format!("casing/{i}"))));
        let alarms = (0..10_000).filter(|i| filter.may_hold(&format!("other/{i}"))).count();
        assert!(alarms < 5, "{alarms} false alarms in 10,000");
        assert!(!KeyFilter::default().may_hold("anything"));
    }
}
