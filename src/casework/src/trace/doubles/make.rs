//! Makers' names as they are written.

use serde::Serialize;

/// How far two records agree on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// They say something else.
    Different,
    /// One of them does not say.
    Unknown,
    /// They say it in other words, or with a slip.
    Similar,
    /// They say the same.
    Same,
}

/// Names of one maker that have little in common.
const ALIASES: [(&str, &[&str]); 11] = [
    ("smithwesson", &["sw"]),
    ("hecklerkoch", &["hk"]),
    ("fn", &["fnh", "fabriquenationale", "fabriquenationaledherstal"]),
    ("ruger", &["sturmruger", "rugersturm"]),
    ("sigsauer", &["sig", "sigarms"]),
    ("beretta", &["pberetta", "pietroberetta", "fabbricadarmipietroberetta"]),
    ("cz", &["ceskazbrojovka", "czub"]),
    ("romarm", &["cugir", "fabricadearmecugir"]),
    ("colt", &["coltsmanufacturing", "coltsptfa"]),
    ("taurus", &["forjastaurus"]),
    ("rockisland", &["armscor", "rockislandarmory", "ria"]),
];

/// Words that say what sort of firm it is, not which.
const FIRMS: [&str; 12] =
    ["inc", "llc", "ltd", "co", "corp", "company", "sa", "gmbh", "mfg", "arms", "firearms", "usa"];

/// How far two makers' names agree.
pub fn makes(one: Option<&str>, other: Option<&str>) -> Agreement {
    let (Some(one), Some(other)) = (one.map(words), other.map(words)) else {
        return Agreement::Unknown;
    };
    if one.is_empty() || other.is_empty() {
        return Agreement::Unknown;
    }
    if one == other {
        return Agreement::Same;
    }
    let (x, y) = (named(&one), named(&other));
    let begins = |long: &[String], short: &[String]| long.starts_with(short);
    let slips = strsim::osa_distance(&x, &y);
    let few = slips <= x.len().min(y.len()) / 4;
    if x == y || few || begins(&one, &other) || begins(&other, &one) {
        Agreement::Similar
    } else {
        Agreement::Different
    }
}

/// Words in lower case, those that any firm's name may hold left out.
fn words(name: &str) -> Vec<String> {
    let all = name.to_lowercase().replace('&', " and ").replace(['.', '\'', '’'], "");
    let all: Vec<String> = all
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && *w != "and" && *w != "y")
        .map(str::to_owned)
        .collect();
    let telling: Vec<String> =
        all.iter().filter(|w| !FIRMS.contains(&w.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// The name in one word, or the maker's usual one.
fn named(words: &[String]) -> String {
    let joined = words.concat();
    let usual = ALIASES.iter().find(|(_, others)| others.contains(&joined.as_str()));
    usual.map_or(joined, |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maker_is_known_by_its_other_names_and_slips() {
        let of = |a, b| makes(Some(a), Some(b));
        assert_eq!(of("Taurus", "TAURUS INC."), Agreement::Same);
        let similar = [
            ("S&W", "Smith & Wesson"),
            ("Smith and Wesson", "smith wesson corp"),
            ("Sturm, Ruger & Co.", "Ruger"),
            ("Forjas Taurus S.A.", "Taurus"),
            ("Glock", "Glcok"),
            ("Beretta", "Bereta"),
            ("FN Herstal", "FN"),
            ("Colt's Mfg", "Colt"),
        ];
        for (a, b) in similar {
            assert!(of(a, b) >= Agreement::Similar, "{a} {b} {:?}", of(a, b));
        }
        for (a, b) in [("Glock", "Colt"), ("CZ", "FN"), ("Taurus", "Ruger"), ("SIG", "S&W")] {
            assert_eq!(of(a, b), Agreement::Different, "{a} {b}");
        }
        assert_eq!(makes(None, Some("Colt")), Agreement::Unknown);
    }
}
