//! Personal data of traces, kept apart: encrypted to the laboratory's own keys
//! (the `age` format, X25519 recipients), never needed by anything else.
//!
//! A laboratory keeps two files. The *key file* says to whom is encrypted and
//! holds the secret that pseudonyms are made with; it lies on the machines that
//! take results in. The *identity* decrypts; it lies with those who may read.
//! docs/decisions/0060-personal-data-apart.md has the reasons.

use age::secrecy::ExposeSecret as _;
use age::x25519::{Identity, Recipient};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, Pseudonym, plain};
use types::message::{Message, say};

/// The headings of personal data in tables of results.
pub const PERSONAL_COLUMNS: [&str; 7] = [
    "purchaser_name",
    "purchaser_birth_date",
    "purchaser_birth_place",
    "purchaser_address",
    "purchaser_document",
    "purchaser_phone",
    "possessor_name",
];

/// What tells one purchaser from another, in this order.
const TELLING: [&str; 3] = ["purchaser_name", "purchaser_birth_date", "purchaser_document"];

/// Personal fields of one trace, by heading.
pub type Person = BTreeMap<String, String>;

/// The laboratory's key file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    recipients: Vec<String>,
    pseudonym_secret: Digest,
}

/// To whom personal data are encrypted, and how persons are told apart.
pub struct PersonalKeys {
    recipients: Vec<Recipient>,
    secret: Digest,
}

/// Encrypted personal data, as the store keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which fields there are.
    pub fields: Vec<String>,
    /// Keyed digest of them, so that the same data are not kept twice.
    pub fingerprint: Pseudonym,
    /// The fields as JSON, encrypted, in ASCII armour.
    pub age: String,
}

impl PersonalKeys {
    /// Makes new keys: the text of the key file and that of the identity.
    pub fn generate() -> Result<(String, String)> {
        let (identity, secret) = (Identity::generate(), Identity::generate());
        let file = KeyFile {
            recipients: vec![identity.to_public().to_string()],
            pseudonym_secret: Digest::of(secret.to_string().expose_secret().as_bytes()),
        };
        let text = toml::to_string(&file).map_err(|e| {
            Error::new(Kind::Internal, say!("no key file could be made: {e}")).because(&e)
        })?;
        Ok((text, format!("{}\n", identity.to_string().expose_secret())))
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it is none, or names nobody to encrypt to.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |what: Message| {
            Error::new(Kind::BadInput, what)
                .advise(say!("`brasslink trace keys` makes one; recipients begin with age1"))
        };
        // What TOML says of a mistake would show the line it is in.
        let file: KeyFile = toml::from_str(text).map_err(|_| bad(say!("this is no key file")))?;
        let recipients = file
            .recipients
            .iter()
            .map(|r| r.parse().map_err(|e: &str| bad(say!("{r:?} is no age recipient: {e}"))))
            .collect::<Result<Vec<Recipient>>>()?;
        if recipients.is_empty() {
            return Err(bad(say!("the key file names no recipient")));
        }
        Ok(Self { recipients, secret: file.pseudonym_secret })
    }

    /// Encrypts personal fields to every recipient.
    ///
    /// # Errors
    /// [`Kind::Internal`] if that fails, which it does not.
    pub fn seal(&self, person: &Person) -> Result<Sealed> {
        let text = json(person)?;
        let fail = |e: &dyn std::error::Error| {
            Error::new(Kind::Internal, say!("encrypting personal data failed: {e}"))
        };
        let to = self.recipients.iter().map(|r| r as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(to).map_err(|e| fail(&e))?;
        let mut armoured = Vec::new();
        let encrypt = || -> std::io::Result<()> {
            let format = age::armor::Format::AsciiArmor;
            let armour = age::armor::ArmoredWriter::wrap_output(&mut armoured, format)?;
            let mut writer = encryptor.wrap_output(armour)?;
            writer.write_all(text.as_bytes())?;
            writer.finish()?.finish().map(drop)
        };
        encrypt().map_err(|e| fail(&e))?;
        Ok(Sealed {
            fields: person.keys().cloned().collect(),
            fingerprint: self.keyed(&[&text]),
            age: String::from_utf8_lossy(&armoured).into_owned(),
        })
    }

    /// Whether sealed data are those of `person`.
    ///
    /// # Errors
    /// As [`PersonalKeys::seal`].
    pub fn same(&self, sealed: &Sealed, person: &Person) -> Result<bool> {
        Ok(sealed.fingerprint == self.keyed(&[&json(person)?]))
    }

    /// What stands for the purchaser: the same for the same name and day of
    /// birth (without one, the same document), however they are spaced, cased
    /// or accented. None without a name, or with nothing but a name: three
    /// buyers who share a common one are not one buyer.
    pub fn pseudonym(&self, person: &Person) -> Option<Pseudonym> {
        let [name, born, document] =
            TELLING.map(|field| person.get(field).map_or("", |text| text.trim()));
        let mut words: Vec<String> = name.split_whitespace().map(plain).collect();
        // Surnames come first in some forms and last in others.
        words.sort_unstable();
        let name = words.concat();
        let telling = match (born.is_empty(), document.is_empty()) {
            (false, _) => vec![name.clone(), plain(born)],
            // Three parts, so that no document is taken for a day of birth.
            (true, false) => vec![name.clone(), String::new(), plain(document)],
            (true, true) => return None,
        };
        let telling: Vec<&str> = telling.iter().map(String::as_str).collect();
        (!name.is_empty()).then(|| self.keyed(&telling))
    }

    fn keyed(&self, parts: &[&str]) -> Pseudonym {
        use hmac::{KeyInit as _, Mac as _};
        // HMAC fills a short key with zeros up to the digest's block (RFC 2104).
        let mut key = [0; 64];
        key.iter_mut().zip(self.secret.0).for_each(|(to, from)| *to = from);
        let mut mac = hmac::Hmac::<sha2::Sha256>::new(&key.into());
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let code: [u8; 32] = mac.finalize().into_bytes().into();
        let mut short = [0; 8];
        short.iter_mut().zip(code).for_each(|(to, from)| *to = from);
        Pseudonym::of(short)
    }
}

impl Sealed {
    /// Decrypts with the text of an identity.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if that is no identity, or not one that this was
    /// encrypted to.
    pub fn open(&self, identity: &str) -> Result<Person> {
        let key = identity.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'));
        let identity: Identity = key.unwrap_or_default().parse().map_err(|e: &str| {
            Error::new(Kind::BadInput, say!("this is no age identity: {e}"))
                .advise(say!("a file with a line that begins with AGE-SECRET-KEY-1"))
        })?;
        let text = age::decrypt(&identity, self.age.as_bytes()).map_err(|e| {
            Error::new(Kind::BadInput, say!("the personal data stay closed: {e}"))
                .because(&e)
                .advise(say!(
                    "use the identity that belongs to the key file they were taken in with"
                ))
        })?;
        serde_json::from_slice(&text)
            .map_err(|_| Error::new(Kind::Store, say!("the personal data are not what was put in")))
    }
}

fn json(person: &Person) -> Result<String> {
    serde_json::to_string(person)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn person(name: &str, born: &str) -> Person {
        [("purchaser_name", name), ("purchaser_birth_date", born)]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into()
    }

    #[test]
    fn only_the_identity_opens_and_nothing_shows_before() {
        let (keys, identity) = PersonalKeys::generate().unwrap();
        let keys = PersonalKeys::parse(&keys).unwrap();
        // Long names: three letters stand in some encrypted texts by chance.
        let ana = person("Anastasia Santacruz", "1990-02-03");
        let sealed = keys.seal(&ana).unwrap();
        let kept = serde_json::to_string(&sealed).unwrap();
        for hidden in ["Anastasia", "Santacruz", "1990-02-03"] {
            assert!(!kept.contains(hidden), "{hidden} in {kept}");
        }
        assert_eq!(sealed.open(&identity).unwrap(), ana);
        let (_, stranger) = PersonalKeys::generate().unwrap();
        assert!(sealed.open(&stranger).is_err() && sealed.open("no key").is_err());
        assert!(keys.same(&sealed, &ana).unwrap());
        assert!(!keys.same(&sealed, &person("Anastasia Santacruz", "1990-02-04")).unwrap());
    }

    #[test]
    fn a_pseudonym_is_the_persons_and_the_laboratorys() {
        let keys = || PersonalKeys::parse(&PersonalKeys::generate().unwrap().0).unwrap();
        let (one, other) = (keys(), keys());
        let ana = person("Ana Ruíz  Gómez", "1990-02-03");
        let same = person("RUIZ GOMEZ Ana", "1990-02-03");
        assert_eq!(one.pseudonym(&ana), one.pseudonym(&same));
        assert_ne!(one.pseudonym(&ana), one.pseudonym(&person("Ana Ruiz Gomez", "1991-02-03")));
        assert_ne!(one.pseudonym(&ana), other.pseudonym(&ana));
        assert_eq!(one.pseudonym(&person(" ", "1990-02-03")), None);
        // A common name alone tells nobody from another.
        assert_eq!(one.pseudonym(&person("Juan García", "")), None);
        let with = |document: &str| {
            let mut juan = person("Juan García", " ");
            juan.insert("purchaser_document".into(), document.into());
            one.pseudonym(&juan)
        };
        assert!(with("INE 1").is_some() && with("INE 1") == with("ine 1"));
        assert_ne!(with("INE 1"), with("INE 2"));
        assert_eq!(with(""), None);
    }
}
