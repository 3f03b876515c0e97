//! States of Mexico and of the United States, by every code and name in use.

mod capital;
mod mexico;
mod united_states;

pub use capital::capital;

use crate::error::{Error, Kind, Result};
use crate::message::say;
use std::fmt;
use std::str::FromStr;

/// A federal entity of Mexico; a state, district or territory of the U.S.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    /// Its ISO 3166-2 code: `MX-CHH`, `US-TX`.
    pub code: &'static str,
    /// Its number: INEGI's 1–32 in Mexico, the FIPS number in the U.S.
    pub number: u8,
    /// Its name in English.
    pub english: &'static str,
    /// Its name in Spanish.
    pub spanish: &'static str,
    /// Abbreviations and other names.
    also: &'static [&'static str],
}

/// The largest of INEGI's numbers; up to it, a number may be either country's.
const LAST_ENTITY: u8 = 32;
/// Names this many keystrokes apart may be one mistyped.
const SLIPS: usize = 2;

/// What a country may be called before or after the name of a state.
const COUNTRIES: [(&str, &[&str]); 2] = [
    ("MX", &["MX", "MEX", "México", "INEGI", "Estados Unidos Mexicanos"]),
    (
        "US",
        &[
            "US",
            "USA",
            "EE.UU.",
            "EUA",
            "FIPS",
            "United States of America",
            "United States",
            "Estados Unidos",
        ],
    ),
];

impl State {
    /// Every state, Mexico's first, each country's by number.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        mexico::ENTITIES.iter().chain(&united_states::STATES)
    }

    /// The state with that ISO 3166-2 code, exactly so written.
    pub fn of_code(code: &str) -> Option<&'static Self> {
        Self::all().find(|state| state.code == code)
    }

    /// ISO 3166-1 code of its country.
    pub fn country(&self) -> &'static str {
        self.code.split('-').next().unwrap_or_default()
    }

    /// The state meant by a code (ISO 3166-2, postal, INEGI or FIPS), an
    /// abbreviation or a name in English or Spanish, with or without accents,
    /// in any case, and with or without its country: `MX-CHH`, `chih.`,
    /// `INEGI 08`, `US-48`, `Nuevo México`, `Sonora, Mexico`.
    ///
    /// # Errors
    /// [`Kind::BadInput`] where none is meant, or where it may be one of two: a
    /// number up to 32 is INEGI's as well as FIPS's, `Mich.` is Michoacán as
    /// well as Michigan.
    pub fn find(text: &str) -> Result<&'static Self> {
        let key = plain(text);
        let meant: Vec<_> = Self::all().filter(|state| state.is_called(&key)).collect();
        match meant[..] {
            [] => {}
            _ if key.parse().is_ok_and(|number: u8| number <= LAST_ENTITY) => {
                return Err(bare_number(text, &meant));
            }
            [state] => return Ok(state),
            _ => return Err(ambiguous(text, &meant)),
        }
        for (country, names) in COUNTRIES {
            for name in names.iter().map(|name| plain(name)) {
                let rest = key.strip_prefix(&name).or_else(|| key.strip_suffix(&name));
                if let Some(state) = rest.and_then(|rest| Self::within(country, rest)) {
                    return Ok(state);
                }
            }
        }
        Err(unknown(text, &key))
    }

    /// As [`Self::find`] where the country (ISO 3166-1) is known, so that a
    /// bare number says enough.
    ///
    /// # Errors
    /// [`Kind::BadInput`] where no state of that country is meant.
    pub fn find_in(country: &str, text: &str) -> Result<&'static Self> {
        if let Some(state) = Self::within(country, &plain(text)) {
            return Ok(state);
        }
        let state = Self::find(text)?;
        if state.country() == country {
            return Ok(state);
        }
        let what = say!("{text:?} is {state}, which is not in {country}");
        Err(Error::new(Kind::BadInput, what).advise(say!("correct the state or the country")))
    }

    /// The state of a country that plain letters or figures mean.
    fn within(country: &str, key: &str) -> Option<&'static Self> {
        Self::all().find(|state| state.country() == country && state.is_called(key))
    }

    /// Whether plain letters or figures are a code, number or name of it.
    fn is_called(&self, key: &str) -> bool {
        let number = key.parse::<u8>().ok().filter(|_| key.len() <= 2);
        let own_part = self.code.split('-').nth(1).unwrap_or_default();
        number == Some(self.number)
            || self.names().chain([self.code, own_part]).any(|name| plain(name) == key)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.english, self.spanish].into_iter().chain(self.also.iter().copied())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.spanish, self.code)
    }
}

impl FromStr for &'static State {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        State::find(text)
    }
}

fn bare_number(text: &str, meant: &[&State]) -> Error {
    let each = meant.iter().map(|s| format!("{}-{:02} is {}", s.country(), s.number, s.spanish));
    Error::new(Kind::BadInput, say!("{text:?} is a state's number without its country"))
        .advise(say!("write the country with it: {}", each.collect::<Vec<_>>().join(", ")))
}

fn ambiguous(text: &str, meant: &[&State]) -> Error {
    let each: Vec<String> = meant.iter().map(ToString::to_string).collect();
    let codes: Vec<&str> = meant.iter().map(|state| state.code).collect();
    Error::new(Kind::BadInput, say!("{text:?} may be {}", each.join(" or ")))
        .advise(say!("write the country with it, or the ISO 3166-2 code: {}", codes.join(", ")))
}

fn unknown(text: &str, key: &str) -> Error {
    let error = Error::new(Kind::BadInput, say!("{text:?} is no state of Mexico or the U.S."));
    let slips = |state: &&State| {
        let names = state.names().map(plain).filter(|name| name.len() > 2 * SLIPS);
        names.map(|name| strsim::osa_distance(&name, key)).min()
    };
    let near = State::all().filter_map(|state| Some((slips(&state)?, state)));
    match near.min_by_key(|(slips, _)| *slips).filter(|(slips, _)| *slips <= SLIPS) {
        Some((_, state)) => error.advise(say!("perhaps {state} is meant")),
        None => error.advise(say!("an ISO 3166-2 code such as MX-CHH or US-TX, or the name")),
    }
}

/// Letters and figures alone, in lower case, without accents, whether these
/// are composed or combining.
pub fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' | 'à' | 'ä' => 'a',
            'é' | 'è' => 'e',
            'í' | 'ì' | 'ï' => 'i',
            'ó' | 'ò' | 'ö' => 'o',
            'ú' | 'ù' | 'ü' => 'u',
            'ñ' => 'n',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn code(text: &str) -> &'static str {
        State::find(text).unwrap_or_else(|e| panic!("{e}")).code
    }

    #[test]
    fn every_state_is_there_once() {
        assert_eq!(
            mexico::ENTITIES.each_ref().map(|e| e.number),
            std::array::from_fn(|i| i as u8 + 1)
        );
        let us: Vec<u8> = united_states::STATES.iter().map(|s| s.number).collect();
        assert!(us.is_sorted_by(|a, b| a < b), "{us:?}");
        // FIPS leaves out 3, 7, 14, 43 and 52; above 56 are territories.
        let absent: Vec<u8> = (1..=56).filter(|n| !us.contains(n)).collect();
        assert_eq!((absent, us.iter().filter(|n| **n <= 56).count()), (vec![3, 7, 14, 43, 52], 51));
        let codes: std::collections::BTreeSet<_> = State::all().map(|s| s.code).collect();
        assert_eq!(codes.len(), 88);
    }

    #[test]
    fn every_code_and_name_finds_its_state_in_any_case_and_without_accents() {
        for state in State::all() {
            let mut spellings: Vec<String> = [state.code, state.english, state.spanish]
                .into_iter()
                .chain(state.code.split('-').nth(1))
                .map(str::to_owned)
                .collect();
            spellings.push(format!("{}-{:02}", state.country(), state.number));
            spellings.push(format!("{}{}", state.country(), state.number));
            spellings.push(format!("{}, {}", state.spanish, state.country()));
            for text in spellings {
                for text in [text.to_uppercase(), text.to_lowercase(), plain(&text), text] {
                    assert_eq!(code(&text), state.code, "{text:?}");
                }
            }
            let number = format!("{:02}", state.number);
            assert_eq!(State::find_in(state.country(), &number).unwrap(), state);
            for name in state.names() {
                assert_eq!(State::find_in(state.country(), name).unwrap(), state);
            }
        }
    }

    #[test]
    fn inegi_does_not_follow_the_alphabet() {
        let of = |n: &str| State::find_in("MX", n).unwrap().spanish;
        assert_eq!(
            ["05", "06", "07", "08"].map(of),
            ["Coahuila", "Colima", "Chiapas", "Chihuahua"]
        );
        assert_eq!([code("MX-05"), code("INEGI 7"), code("mx08")], ["MX-COA", "MX-CHP", "MX-CHH"]);
        assert_eq!([code("US-05"), code("FIPS 08"), code("48")], ["US-AR", "US-CO", "US-TX"]);
    }

    #[test]
    fn what_may_be_two_states_is_refused_with_both() {
        let advice = |text| State::find(text).unwrap_err().advice.unwrap().to_string();
        assert!(advice("05").ends_with("MX-05 is Coahuila, US-05 is Arkansas"), "{}", advice("05"));
        assert!(advice("8").ends_with("MX-08 is Chihuahua, US-08 is Colorado"), "{}", advice("8"));
        assert!(advice("Mich.").ends_with("MX-MIC, US-MI"), "{}", advice("Mich."));
        // FIPS has no 07; a number that low still does not say its country.
        assert!(advice("07").ends_with("MX-07 is Chiapas"));
        assert!(State::find("33").is_ok_and(|state| state.code == "US-NH"));
        assert!(State::find("99").is_err() && State::find("00").is_err());
    }

    #[test]
    fn look_alikes_are_kept_apart() {
        assert_eq!(
            [code("Nuevo México"), code("México"), code("Mexico City")],
            ["US-NM", "MX-MEX", "MX-CMX"]
        );
        assert_eq!([code("Washington"), code("Washington, D.C.")], ["US-WA", "US-DC"]);
        assert_eq!(
            [code("Baja California"), code("California"), code("CA")],
            ["MX-BCN", "US-CA", "US-CA"]
        );
        assert_eq!(
            [code("D.F."), code("Distrito de Columbia"), code("Me\u{301}xico, Mexico")],
            ["MX-CMX", "US-DC", "MX-MEX"]
        );
        assert!(State::find_in("MX", "Texas").is_err());
        assert_eq!(
            State::find("Chihuhua").unwrap_err().advice.unwrap().to_string(),
            "perhaps Chihuahua (MX-CHH) is meant"
        );
        for nothing in ["", "-", "MX", "US", "Mexicali"] {
            assert!(State::find(nothing).is_err(), "{nothing:?}");
        }
    }
}
