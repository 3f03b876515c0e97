//! JSON that carries its own SHA-256, over its exact bytes.
//!
//! `{"sha256":"<64 hex digits>","body":{…}}`: the digest covers the bytes
//! between `"body":` and the last brace, so that a verifier needs no notion of
//! canonical JSON and no single changed bit goes unnoticed.

use serde::{Serialize, de::DeserializeOwned};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

const OPENING: &str = "{\"sha256\":\"";
const MIDDLE: &str = "\",\"body\":";
const HEX: usize = 64;

/// The framed line of `body` (without a line feed) and its digest.
pub fn seal<T: Serialize>(body: &T) -> Result<(String, Digest)> {
    let body = serde_json::to_string(body)
        .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
    let digest = Digest::of(body.as_bytes());
    Ok((format!("{OPENING}{digest}{MIDDLE}{body}}}"), digest))
}

/// The text of a framed line's body, whose digest was verified.
///
/// # Errors
/// [`Kind::Store`] if the line is not framed or its digest differs.
pub fn body(line: &str) -> Result<&str> {
    let framed = line
        .strip_prefix(OPENING)
        .and_then(|rest| Some((rest.get(..HEX)?, rest.get(HEX..)?)))
        .and_then(|(hex, rest)| Some((hex, rest.strip_prefix(MIDDLE)?.strip_suffix('}')?)));
    let Some((hex, body)) = framed else {
        return Err(Error::new(Kind::Store, say!("a sealed line is cut off or malformed")));
    };
    let digest = Digest::of(body.as_bytes());
    if digest.to_string() == hex {
        return Ok(body);
    }
    Err(Error::new(
        Kind::Store,
        say!("a sealed line says SHA-256 {hex} but its bytes have {digest}"),
    ))
}

/// The body of a framed line and its digest.
///
/// # Errors
/// [`Kind::Store`] if the line is not framed, its digest differs or the body
/// has other fields than `T`.
pub fn unseal<T: DeserializeOwned>(line: &str) -> Result<(T, Digest)> {
    let text = body(line)?;
    let body = serde_json::from_str(text).map_err(|e| {
        Error::new(Kind::Store, say!("a sealed line cannot be understood: {e}")).because(&e)
    })?;
    Ok((body, Digest::of(text.as_bytes())))
}

/// `line` with the one bit put right that makes it agree with its digest, if
/// there is such a bit: that it agrees is the proof.
pub fn with_one_bit_corrected(line: &[u8]) -> Option<Vec<u8>> {
    let mut trial = line.to_vec();
    for at in 0..trial.len() {
        for bit in 0..8 {
            *trial.get_mut(at)? ^= 1 << bit;
            if std::str::from_utf8(&trial).is_ok_and(|text| body(text).is_ok()) {
                return Some(trial);
            }
            *trial.get_mut(at)? ^= 1 << bit;
        }
    }
    None
}
