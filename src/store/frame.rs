//! JSON that carries its own SHA-256, over its exact bytes.
//!
//! `{"sha256":"<64 hex digits>","body":{…}}`: the digest covers the bytes
//! between `"body":` and the last brace, so that a verifier needs no notion of
//! canonical JSON and no single changed bit goes unnoticed.

use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use serde::{Serialize, de::DeserializeOwned};

const OPENING: &str = "{\"sha256\":\"";
const MIDDLE: &str = "\",\"body\":";
const HEX: usize = 64;

/// The framed line of `body` (without a line feed) and its digest.
pub fn seal<T: Serialize>(body: &T) -> Result<(String, Digest)> {
    let body = serde_json::to_string(body)
        .map_err(|e| Error::new(Kind::Internal, format!("cannot write JSON: {e}")))?;
    let digest = Digest::of(body.as_bytes());
    Ok((format!("{OPENING}{digest}{MIDDLE}{body}}}"), digest))
}

/// The body of a framed line and its digest.
///
/// # Errors
/// [`Kind::Store`] if the line is not framed, its digest differs or the body
/// has other fields than `T`.
pub fn unseal<T: DeserializeOwned>(line: &str) -> Result<(T, Digest)> {
    let framed = line
        .strip_prefix(OPENING)
        .and_then(|rest| Some((rest.get(..HEX)?, rest.get(HEX..)?)))
        .and_then(|(hex, rest)| Some((hex, rest.strip_prefix(MIDDLE)?.strip_suffix('}')?)));
    let Some((hex, body)) = framed else {
        return Err(Error::new(Kind::Store, "a sealed line is cut off or malformed"));
    };
    let digest = Digest::of(body.as_bytes());
    if digest.to_string() != hex {
        return Err(Error::new(
            Kind::Store,
            format!("a sealed line says SHA-256 {hex} but its bytes have {digest}"),
        ));
    }
    let body = serde_json::from_str(body)
        .map_err(|e| Error::new(Kind::Store, format!("a sealed line cannot be understood: {e}")))?;
    Ok((body, digest))
}
