//! Signed texts, and the head of the ledger signed for deposit elsewhere.
//!
//! Whoever holds a deposit can later tell whether the store's history still
//! contains what it contained then: a chain that was rewritten has other
//! hashes. Signatures are Ed25519 (RFC 8032); keys are PEM files as OpenSSL
//! makes them (`openssl genpkey -algorithm ed25519`).

use super::ledger::Ledger;
use data_encoding::HEXLOWER;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, KeypairBytes};
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What this is.
    pub statement: String,
    /// Number of the ledger's last entry.
    pub seq: u64,
    /// Its hash.
    pub head: Digest,
    /// When it was signed (RFC 3339).
    pub when: String,
    /// Who signed.
    pub who: String,
}

/// What a statement says it is.
const STATEMENT: &str = "brasslink-ledger-head";

/// A signed statement, as a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// The JSON of the [`Statement`], whose exact bytes are signed.
    pub signed: String,
    /// The Ed25519 signature, 128 hexadecimal digits.
    pub signature: String,
    /// The signer's public key, 64 hexadecimal digits.
    pub public_key: String,
}

/// A new key pair as PEM files: PKCS #8 private key and its public key. The
/// secret is `seed`, 32 bytes that nobody else can know.
///
/// # Errors
/// [`Kind::Internal`] if it cannot be written as PEM.
pub fn key_pair(seed: &[u8; 32]) -> Result<(String, String)> {
    let key = SigningKey::from_bytes(seed);
    let internal =
        |e: &dyn std::fmt::Display| Error::new(Kind::Internal, Message::foreign(e.to_string()));
    // Version 1, without the public key: OpenSSL reads no other (RFC 8410).
    let pair = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    let private = pair.to_pkcs8_pem(LineEnding::LF).map_err(|e| internal(&e))?;
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF);
    Ok((private.to_string(), public.map_err(|e| internal(&e))?))
}

/// The public key (PEM) that belongs to a private one.
///
/// # Errors
/// [`Kind::BadInput`] if `pem` is no Ed25519 private key.
pub fn public_of(pem: &str) -> Result<String> {
    let public = private_key(pem)?.verifying_key().to_public_key_pem(LineEnding::LF);
    public.map_err(|e| Error::new(Kind::Internal, Message::foreign(e.to_string())))
}

fn private_key(pem: &str) -> Result<SigningKey> {
    SigningKey::from_pkcs8_pem(pem).map_err(|_| {
        Error::new(Kind::BadInput, say!("the file holds no Ed25519 private key in PEM"))
            .advise(say!("make one with: openssl genpkey -algorithm ed25519 -out key.pem"))
    })
}

/// The SHA-256 by which people compare a public key (PEM) over the telephone.
///
/// # Errors
/// [`Kind::BadInput`] if `pem` is no Ed25519 public key.
pub fn fingerprint(pem: &str) -> Result<Digest> {
    Ok(Digest::of(public_key(pem)?.as_bytes()))
}

fn public_key(pem: &str) -> Result<VerifyingKey> {
    VerifyingKey::from_public_key_pem(pem)
        .map_err(|_| bad(say!("this is no Ed25519 public key in PEM")))
}

/// One signature has one spelling, so that no byte of it can be changed.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Signs the head of `ledger` with the PKCS #8 private key in `pem`.
///
/// # Errors
/// [`Kind::BadInput`] if `pem` is no Ed25519 private key.
pub fn sign(ledger: &Ledger, pem: &str, who: &str, when: &str) -> Result<Deposit> {
    let statement = Statement {
        statement: STATEMENT.to_owned(),
        seq: ledger.entries.len() as u64,
        head: ledger.head(),
        when: when.to_owned(),
        who: who.to_owned(),
    };
    let signed = serde_json::to_string(&statement)
        .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
    Deposit::of(signed, pem)
}

/// A refusal of something signed.
fn bad(what: Message) -> Error {
    Error::new(Kind::BadInput, what).advise(say!("do not rely on this; ask the signer for another"))
}

impl Deposit {
    /// The deposit in a file's text.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it is none.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|e| Error::new(Kind::BadInput, say!("this is no deposit: {e}")).because(&e))
    }

    /// A text signed with the PKCS #8 private key in `pem`.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if `pem` is no Ed25519 private key.
    pub fn of(signed: String, pem: &str) -> Result<Self> {
        let key = private_key(pem)?;
        let signature = HEXLOWER.encode(&key.sign(signed.as_bytes()).to_bytes());
        Ok(Self { signed, signature, public_key: HEXLOWER.encode(key.verifying_key().as_bytes()) })
    }

    /// The text that was signed, if the signature is good and, where `pem`
    /// gives a public key, if it is that key's.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if not.
    pub fn text(&self, pem: Option<&str>) -> Result<&str> {
        let key = unhex::<32>(&self.public_key).and_then(|k| VerifyingKey::from_bytes(&k).ok());
        let key = key.ok_or_else(|| bad(say!("the public key is malformed")))?;
        if let Some(pem) = pem
            && public_key(pem)? != key
        {
            return Err(bad(say!("it was signed with another key")));
        }
        let signature = unhex::<64>(&self.signature).map(|s| Signature::from_bytes(&s));
        let signature = signature.ok_or_else(|| bad(say!("the signature is malformed")))?;
        key.verify_strict(self.signed.as_bytes(), &signature)
            .map_err(|_| bad(say!("the signature is wrong: this is not what was signed")))?;
        Ok(&self.signed)
    }

    /// The statement that was signed; as [`Deposit::text`].
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it was not, or if it is something else.
    pub fn statement(&self, pem: Option<&str>) -> Result<Statement> {
        let statement: Statement = serde_json::from_str(self.text(pem)?)
            .map_err(|e| bad(say!("the deposit's statement cannot be understood: {e}")))?;
        if statement.statement == STATEMENT {
            return Ok(statement);
        }
        Err(bad(say!("the deposit states something else than the head of a ledger")))
    }
}

impl Statement {
    /// Whether `ledger` still contains what was signed.
    ///
    /// # Errors
    /// [`Kind::Store`] if its history is another.
    pub fn holds_for(&self, ledger: &Ledger) -> Result<()> {
        let at = usize::try_from(self.seq).ok().and_then(|seq| seq.checked_sub(1));
        let hash = at.map_or(Some(super::ledger::GENESIS), |at| ledger.hashes.get(at).copied());
        if hash == Some(self.head) {
            return Ok(());
        }
        let what = say!(
            "entry {} had the hash {} when it was signed, and has {} now",
            self.seq,
            self.head,
            hash.map_or("none".to_owned(), |h| h.to_string())
        );
        Err(Error::new(Kind::Store, what)
            .advise(say!("the ledger was rewritten after it was signed")))
    }
}
