//! The laboratory's own particulars, from a TOML file.

use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// Who issues the reports. Whatever is missing prints as "not configured".
///
/// ```toml
/// name = "Laboratorio de Balística Forense"
/// address = "Av. Ejemplo 1, Chihuahua"
/// accreditation = "ISO/IEC 17025, no. 1234"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LaboratoryConfig {
    /// The laboratory's name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Its accreditation.
    pub accreditation: Option<String>,
    /// The laboratory's own words on the method, in place of the program's.
    pub method: Option<String>,
}

impl LaboratoryConfig {
    /// Reads the configuration from TOML text.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            Error::new(Kind::BadInput, format!("the laboratory file is unusable: {}", e.message()))
                .advise("it may hold name, address, accreditation and method, each a text")
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_misspelt_key_is_refused_and_an_empty_file_is_fine() {
        assert_eq!(LaboratoryConfig::from_toml("").unwrap(), LaboratoryConfig::default());
        let lab = LaboratoryConfig::from_toml("name = \"Lab\"\naddress = \"Street 1\"").unwrap();
        assert_eq!(lab.name.as_deref(), Some("Lab"));
        let error = LaboratoryConfig::from_toml("nmae = \"Lab\"").unwrap_err();
        assert!(error.what.contains("nmae"), "{error}");
    }
}
