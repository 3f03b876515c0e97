//! A Bloom filter over the keys of one segment, kept in the manifest, so that
//! one casing is found among thousands of segments without opening them.
//!
//! Bloom, CACM 13(7), 1970; double hashing after Kirsch and Mitzenmacher, 2006:
//! bit `i` of key `k` is `(h1 + i·h2) mod m` with h1, h2 the first two
//! little-endian 64-bit words of SHA-256(k). Ten bits a key and seven probes
//! give false alarms for about 1 % of the keys, and never a miss.

use crate::evidence::Digest;
use serde::{Deserialize, Serialize};

/// The key of the object `id` of sort `sort`.
pub fn key(sort: &str, id: &str) -> String {
    format!("{sort}/{id}")
}

const BITS_PER_KEY: usize = 10;
const PROBES: u64 = 7;

/// The set of keys, as lower-case hexadecimal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyFilter(Vec<u8>);

impl KeyFilter {
    /// The filter that holds `keys`.
    pub fn of(keys: &[String]) -> Self {
        let mut filter = Self(vec![0; (keys.len() * BITS_PER_KEY).div_ceil(8)]);
        for key in keys {
            for bit in filter.bits(key) {
                if let Some(byte) = filter.0.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        filter
    }

    /// Whether `key` may be in the segment; `false` is certain.
    pub fn may_hold(&self, key: &str) -> bool {
        !self.0.is_empty()
            && self
                .bits(key)
                .iter()
                .all(|bit| self.0.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1))
    }

    fn bits(&self, key: &str) -> Vec<usize> {
        let digest = Digest::of(key.as_bytes()).0;
        let word = |at: usize| {
            digest.iter().skip(at).take(8).rev().fold(0_u64, |w, b| w << 8 | u64::from(*b))
        };
        let (first, second) = (word(0), word(8));
        let m = (self.0.len() * 8).max(1) as u64;
        (0..PROBES).map(|i| (first.wrapping_add(i.wrapping_mul(second)) % m) as usize).collect()
    }
}

impl TryFrom<String> for KeyFilter {
    type Error = String;
    fn try_from(hex: String) -> Result<Self, String> {
        let nibble = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err("a key filter holds something that is no hexadecimal digit".to_owned()),
        };
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| match pair {
                [high, low] => Ok(nibble(*high)? << 4 | nibble(*low)?),
                _ => Err("a key filter has half a byte".to_owned()),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl From<KeyFilter> for String {
    fn from(filter: KeyFilter) -> Self {
        filter.0.iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn never_misses_and_seldom_alarms() {
        let keys: Vec<String> = (0..500).map(|i| format!("casing/{i}")).collect();
        let text = String::from(KeyFilter::of(&keys));
        let filter = KeyFilter::try_from(text).unwrap();
        assert!(keys.iter().all(|k| filter.may_hold(k)));
        let alarms = (0..10_000).filter(|i| filter.may_hold(&format!("other/{i}"))).count();
        assert!(alarms < 200, "{alarms} false alarms in 10,000");
        assert!(!KeyFilter::default().may_hold("anything"));
    }
}
