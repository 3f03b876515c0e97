//! The laboratory's own particulars, from a TOML file.

use crate::format::Format;
use crate::text::Language;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::files::{read_small_text, read_within};
use types::message::say;

/// The largest logo accepted; it is in every page.
const MAX_LOGO_BYTES: u64 = 300_000;

/// Who issues a report, as its header says. Whatever is missing prints as
/// "not configured".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Laboratory {
    /// The laboratory's name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Its accreditation.
    pub accreditation: Option<String>,
    /// The laboratory's own words on the method, in place of the program's.
    pub method: Option<String>,
    /// Its logo.
    pub logo: Option<Logo>,
}

/// A picture in a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Logo {
    /// `png`, `jpeg` or `svg+xml`.
    pub subtype: String,
    /// The file's bytes, base64.
    pub base64: String,
}

/// Size of a printed page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 8.5 × 11 in.
    Letter,
}

impl Paper {
    /// The word on the command line and in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Letter => "letter",
        }
    }
}

impl std::str::FromStr for Paper {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.trim().to_ascii_lowercase();
        [Self::A4, Self::Letter].into_iter().find(|p| p.word() == wanted).ok_or_else(|| {
            Error::new(Kind::BadInput, say!("there is no paper {text:?}"))
                .advise(say!("use a4 or letter"))
        })
    }
}

/// What varies from case to case and no store knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Particulars {
    /// Who asked for the reports.
    pub customer: Option<String>,
    /// Who authorised them.
    pub authorised_by: Option<String>,
    /// Departures from the method.
    pub deviations: Vec<String>,
    /// What this issue changes in an earlier one.
    pub amendments: Vec<String>,
    /// Limitations beyond the standing ones.
    pub limitations: Vec<String>,
}

/// The configuration file. Everything in it is optional.
///
/// ```toml
/// name = "Laboratorio de Balística Forense"
/// address = "Av. Ejemplo 1, Chihuahua"
/// accreditation = "ISO/IEC 17025, no. 1234"
/// logo = "logo.png"                # PNG, JPEG or SVG beside this file
/// languages = ["es", "en"]
/// formats = ["html", "pdf"]
/// paper = "letter"
/// template = "report.typ"          # the laboratory's own PDF layout
///
/// [report]
/// customer = "Fiscalía General del Estado"
/// authorised_by = "Perito responsable"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LaboratoryConfig {
    name: Option<String>,
    address: Option<String>,
    accreditation: Option<String>,
    method: Option<String>,
    logo: Option<String>,
    template: Option<String>,
    /// Languages to write, where the command line names none.
    pub languages: Vec<Language>,
    /// Formats to write, where the command line names none.
    pub formats: Vec<Format>,
    /// Paper of the PDF, where the command line names none.
    pub paper: Paper,
    /// What varies from case to case.
    pub report: Particulars,
    #[serde(skip)]
    read_logo: Option<Logo>,
    #[serde(skip)]
    read_template: Option<String>,
}

impl LaboratoryConfig {
    /// Reads the configuration at `path`, the logo and the template it names
    /// (relative to its folder).
    ///
    /// # Errors
    /// [`Kind::BadInput`] for an unknown key, a logo that is no picture or
    /// larger than 300 kB; [`Kind::Io`] where a file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let io = |path: &Path, e: std::io::Error| {
            Error::io(say!("reading the laboratory's particulars"), path, &e)
        };
        let text = read_small_text(path)?;
        let mut config = Self::from_toml(&text).map_err(|e| e.at(path))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.read_logo = config
            .logo
            .as_ref()
            .map(|name| {
                let path = folder.join(name);
                let length = std::fs::metadata(&path).map_err(|e| io(&path, e))?.len();
                if length > MAX_LOGO_BYTES {
                    let what = say!("the logo has {length} bytes, more than {MAX_LOGO_BYTES}");
                    return Err(Error::new(Kind::BadInput, what)
                        .at(&path)
                        .advise(say!("make it smaller")));
                }
                logo(&read_within(&path, MAX_LOGO_BYTES)?).map_err(|e| e.at(&path))
            })
            .transpose()?;
        config.read_template =
            config.template.as_ref().map(|name| read_small_text(&folder.join(name))).transpose()?;
        Ok(config)
    }

    /// The configuration from TOML text; files it names are not read.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for an unknown key or an unusable value.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            Error::new(Kind::BadInput, say!("the laboratory file is unusable: {}", e.message()))
                .advise(say!(
                    "it may hold name, address, accreditation, method, logo, template, languages, \
                     formats, paper and a table [report]; see docs/REPORTS.md"
                ))
        })
    }

    /// What the header of a report says.
    pub fn laboratory(&self) -> Laboratory {
        Laboratory {
            name: self.name.clone(),
            address: self.address.clone(),
            accreditation: self.accreditation.clone(),
            method: self.method.clone(),
            logo: self.read_logo.clone(),
        }
    }

    /// The laboratory's own PDF layout, a Typst file.
    pub fn template(&self) -> Option<&str> {
        self.read_template.as_deref()
    }
}

fn logo(bytes: &[u8]) -> Result<Logo> {
    let subtype = match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        _ if String::from_utf8_lossy(bytes.get(..400).unwrap_or(bytes)).contains("<svg") => {
            "svg+xml"
        }
        _ => {
            return Err(Error::new(Kind::BadInput, say!("the logo is none of PNG, JPEG and SVG"))
                .advise(say!("save it as PNG")));
        }
    };
    Ok(Logo { subtype: subtype.into(), base64: STANDARD.encode(bytes) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_misspelt_key_is_refused_and_an_empty_file_is_fine() {
        assert_eq!(LaboratoryConfig::from_toml("").unwrap(), LaboratoryConfig::default());
        let lab = LaboratoryConfig::from_toml("name = \"Lab\"\npaper = \"letter\"").unwrap();
        assert_eq!(lab.laboratory().name.as_deref(), Some("Lab"));
        assert_eq!(lab.paper, Paper::Letter);
        let error = LaboratoryConfig::from_toml("nmae = \"Lab\"").unwrap_err();
        assert!(error.what.contains("nmae"), "{error}");
        assert!(LaboratoryConfig::from_toml("languages = [\"fr\"]").is_err());
    }

    #[test]
    fn a_logo_is_read_from_beside_the_file_and_a_text_is_no_logo() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lab.toml");
        std::fs::write(&path, "logo = \"l.svg\"").unwrap();
        assert_eq!(LaboratoryConfig::read(&path).unwrap_err().kind, Kind::Io);
        std::fs::write(dir.path().join("l.svg"), "<svg xmlns='x'/>").unwrap();
        let logo = LaboratoryConfig::read(&path).unwrap().laboratory().logo.unwrap();
        assert_eq!(logo.subtype, "svg+xml");
        std::fs::write(dir.path().join("l.svg"), "not a picture").unwrap();
        assert_eq!(LaboratoryConfig::read(&path).unwrap_err().kind, Kind::BadInput);
    }
}
