//! States by ISO 3166-2 code: the 32 federal entities of Mexico, the 50 states
//! of the United States and the District of Columbia.

use crate::error::{Error, Kind, Result};

/// The state's name for a code such as `MX-CHH` or `US-TX`.
pub fn state_name(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// The code in upper case if it is one of the table's.
pub(super) fn check(text: &str) -> Result<String> {
    let code = text.to_uppercase();
    if state_name(&code).is_some() {
        return Ok(code);
    }
    let error = Error::new(Kind::BadInput, format!("{text:?} is no state of Mexico or the U.S."));
    let same = |name: &str| plain(name) == plain(text);
    Err(match STATES.iter().find(|(_, name)| same(name)) {
        Some((code, name)) => error.advise(format!("the code of {name} is {code}")),
        None => error.advise("an ISO 3166-2 code such as MX-CHH or US-TX"),
    })
}

/// Lower case without accents, for comparing names.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' => 'u',
            other => other,
        })
        .collect()
}

const STATES: [(&str, &str); 83] = [
    ("MX-AGU", "Aguascalientes"),
    ("MX-BCN", "Baja California"),
    ("MX-BCS", "Baja California Sur"),
    ("MX-CAM", "Campeche"),
    ("MX-CHH", "Chihuahua"),
    ("MX-CHP", "Chiapas"),
    ("MX-CMX", "Ciudad de México"),
    ("MX-COA", "Coahuila"),
    ("MX-COL", "Colima"),
    ("MX-DUR", "Durango"),
    ("MX-GRO", "Guerrero"),
    ("MX-GUA", "Guanajuato"),
    ("MX-HID", "Hidalgo"),
    ("MX-JAL", "Jalisco"),
    ("MX-MEX", "México"),
    ("MX-MIC", "Michoacán"),
    ("MX-MOR", "Morelos"),
    ("MX-NAY", "Nayarit"),
    ("MX-NLE", "Nuevo León"),
    ("MX-OAX", "Oaxaca"),
    ("MX-PUE", "Puebla"),
    ("MX-QUE", "Querétaro"),
    ("MX-ROO", "Quintana Roo"),
    ("MX-SIN", "Sinaloa"),
    ("MX-SLP", "San Luis Potosí"),
    ("MX-SON", "Sonora"),
    ("MX-TAB", "Tabasco"),
    ("MX-TAM", "Tamaulipas"),
    ("MX-TLA", "Tlaxcala"),
    ("MX-VER", "Veracruz"),
    ("MX-YUC", "Yucatán"),
    ("MX-ZAC", "Zacatecas"),
    ("US-AK", "Alaska"),
    ("US-AL", "Alabama"),
    ("US-AR", "Arkansas"),
    ("US-AZ", "Arizona"),
    ("US-CA", "California"),
    ("US-CO", "Colorado"),
    ("US-CT", "Connecticut"),
    ("US-DC", "District of Columbia"),
    ("US-DE", "Delaware"),
    ("US-FL", "Florida"),
    ("US-GA", "Georgia"),
    ("US-HI", "Hawaii"),
    ("US-IA", "Iowa"),
    ("US-ID", "Idaho"),
    ("US-IL", "Illinois"),
    ("US-IN", "Indiana"),
    ("US-KS", "Kansas"),
    ("US-KY", "Kentucky"),
    ("US-LA", "Louisiana"),
    ("US-MA", "Massachusetts"),
    ("US-MD", "Maryland"),
    ("US-ME", "Maine"),
    ("US-MI", "Michigan"),
    ("US-MN", "Minnesota"),
    ("US-MO", "Missouri"),
    ("US-MS", "Mississippi"),
    ("US-MT", "Montana"),
    ("US-NC", "North Carolina"),
    ("US-ND", "North Dakota"),
    ("US-NE", "Nebraska"),
    ("US-NH", "New Hampshire"),
    ("US-NJ", "New Jersey"),
    ("US-NM", "New Mexico"),
    ("US-NV", "Nevada"),
    ("US-NY", "New York"),
    ("US-OH", "Ohio"),
    ("US-OK", "Oklahoma"),
    ("US-OR", "Oregon"),
    ("US-PA", "Pennsylvania"),
    ("US-RI", "Rhode Island"),
    ("US-SC", "South Carolina"),
    ("US-SD", "South Dakota"),
    ("US-TN", "Tennessee"),
    ("US-TX", "Texas"),
    ("US-UT", "Utah"),
    ("US-VA", "Virginia"),
    ("US-VT", "Vermont"),
    ("US-WA", "Washington"),
    ("US-WI", "Wisconsin"),
    ("US-WV", "West Virginia"),
    ("US-WY", "Wyoming"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_state_is_there_once_and_look_alikes_are_kept_apart() {
        let of = |country: &str| STATES.iter().filter(|(c, _)| c.starts_with(country)).count();
        assert_eq!((of("MX-"), of("US-")), (32, 51));
        assert!(STATES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let names = ["MX-COA", "MX-COL", "MX-CHP", "MX-CHH"].map(|c| state_name(c).unwrap());
        assert_eq!(names, ["Coahuila", "Colima", "Chiapas", "Chihuahua"]);
    }

    #[test]
    fn a_name_is_answered_with_its_code() {
        assert_eq!(check("us-tx").unwrap(), "US-TX");
        let advice = check("nuevo leon").unwrap_err().advice.unwrap();
        assert!(advice.ends_with("MX-NLE"), "{advice}");
        assert!(check("MX-DIF").is_err());
    }
}
