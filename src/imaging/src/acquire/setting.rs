//! How a scan lies in its file, where the laboratory knows it: stated for a row
//! of the manifest or once for an instrument.
//!
//! Two programs may write one measurement with the rows in opposite order, and
//! a cast is the casing turned over: either gives a mirrored surface, which
//! agrees with nothing. No file says so reliably; a person does.

use super::Scan;
use ndarray::{Array2, Axis};
use serde::Deserialize;
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::surface::{Mask, Surface};

/// Which row of the surface a file begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// The upper row, as in a picture; what is assumed where nothing is stated.
    TopDown,
    /// The lower row.
    BottomUp,
}

/// A unit of length that a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Metres.
    M,
    /// Millimetres.
    Mm,
    /// Micrometres.
    Um,
    /// Nanometres.
    Nm,
}

impl Unit {
    /// Metres in one of it.
    pub const fn metres(self) -> f64 {
        match self {
            Self::M => 1.0,
            Self::Mm => 1e-3,
            Self::Um => 1e-6,
            Self::Nm => 1e-9,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::M => "m",
            Self::Mm => "mm",
            Self::Um => "um",
            Self::Nm => "nm",
        }
    }
}

/// What the laboratory states of how a scan lies in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The order of the rows.
    pub rows: Option<Rows>,
    /// Whether a cast of the casing was measured and not the casing.
    pub cast: Option<bool>,
    /// The unit of the increments, against what the format says (X3P).
    pub lateral_unit: Option<Unit>,
    /// The unit of the heights, against what the format says (X3P).
    pub height_unit: Option<Unit>,
}

/// The first words of the note that a setting leaves with the scan.
const NOTE: &str = "read as the laboratory states: ";

impl Setting {
    /// What is stated here, and where nothing is, there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            rows: self.rows.or(other.rows),
            cast: self.cast.or(other.cast),
            lateral_unit: self.lateral_unit.or(other.lateral_unit),
            height_unit: self.height_unit.or(other.height_unit),
        }
    }

    /// The note that goes with the scan into the store; the scan is read again
    /// by it (see [`Setting::noted`]). `None` where nothing is stated.
    pub fn note(self) -> Option<Message> {
        let rows = self.rows.map(|r| match r {
            Rows::TopDown => say!("rows top-down"),
            Rows::BottomUp => say!("rows bottom-up"),
        });
        let cast = self.cast.map(|c| if c { say!("a cast") } else { say!("no cast") });
        let lateral = self.lateral_unit.map(|u| say!("increments in {}", u.word()));
        let heights = self.height_unit.map(|u| say!("heights in {}", u.word()));
        let parts: Vec<Message> = [rows, cast, lateral, heights].into_iter().flatten().collect();
        (!parts.is_empty())
            .then(|| say!("read as the laboratory states: {}", Message::joined(parts, ", ")))
    }

    /// The setting under which a stored scan was read, from its notes.
    pub fn noted(warnings: &[Message]) -> Self {
        let mut setting = Self::default();
        let note = |w: &Message| w.to_string().strip_prefix(NOTE).map(str::to_owned);
        let note = warnings.iter().find_map(note).unwrap_or_default();
        let unit = |word: &str| {
            [Unit::M, Unit::Mm, Unit::Um, Unit::Nm].into_iter().find(|u| u.word() == word)
        };
        for part in note.split(", ") {
            match part.split_once(" in ") {
                Some(("increments", word)) => setting.lateral_unit = unit(word),
                Some(("heights", word)) => setting.height_unit = unit(word),
                _ => match part {
                    "rows top-down" => setting.rows = Some(Rows::TopDown),
                    "rows bottom-up" => setting.rows = Some(Rows::BottomUp),
                    "a cast" => setting.cast = Some(true),
                    "no cast" => setting.cast = Some(false),
                    _ => {}
                },
            }
        }
        setting
    }

    /// Brings a scan that lies in its file as stated to the order of a picture
    /// and to the casing's own surface.
    pub(super) fn apply(self, scan: &mut Scan) {
        if self.rows == Some(Rows::BottomUp) {
            flip(scan, Axis(0));
        }
        if self.cast == Some(true) {
            match &mut scan.surface {
                // The cast turned over about a horizontal axis lies as the casing did.
                Surface::Height(map) => {
                    map.z.mapv_inplace(|z| -z);
                    flip(scan, Axis(0));
                }
                Surface::Intensity(_) => flip(scan, Axis(0)),
            }
        }
        // The first note is where a reader of the report looks.
        if let Some(note) = self.note() {
            scan.warnings.insert(0, note);
        }
    }
}

/// Reverses the order along an axis, of the file's mask too.
pub(super) fn flip(scan: &mut Scan, axis: Axis) {
    fn reversed<T: Copy>(values: &mut Array2<T>, axis: Axis) {
        values.invert_axis(axis);
        // Readers may rely on rows lying one after the other in memory.
        *values = values.as_standard_layout().into_owned();
    }
    match &mut scan.surface {
        Surface::Height(map) => reversed(&mut map.z, axis),
        Surface::Intensity(map) => reversed(&mut map.v, axis),
    }
    if let Some(mask) = &mut scan.file_mask {
        reversed::<bool>(mask as &mut Mask, axis);
    }
}

/// What a laboratory says once of an instrument: a TOML file of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    #[serde(skip)]
    name: String,
    maker: Option<String>,
    model: Option<String>,
    rows: Option<Rows>,
    cast: Option<bool>,
    lateral_unit: Option<Unit>,
    height_unit: Option<Unit>,
    #[serde(default)]
    known_faults: Vec<String>,
}

impl Profile {
    /// Whether a file that names its instrument so comes from this one.
    fn fits(&self, instrument: &str) -> bool {
        let instrument = instrument.to_lowercase();
        let said: Vec<&String> = [&self.maker, &self.model].into_iter().flatten().collect();
        !said.is_empty() && said.iter().all(|text| instrument.contains(&text.to_lowercase()))
    }
}

/// The instruments of a laboratory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles(Vec<Profile>);

/// Longest profile, in bytes.
const MAX_PROFILE: u64 = 64 << 10;

impl Profiles {
    /// Reads every `.toml` file of a folder; the file's name without its end is
    /// the instrument's name.
    ///
    /// # Errors
    /// [`Kind::Io`], and [`Kind::BadInput`] for a file that is no profile.
    pub fn read(folder: &Path) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(say!("reading the instruments"), folder, &e);
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(io)? {
            paths.push(entry.map_err(io)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")));
        paths.sort();
        let mut profiles = Vec::with_capacity(paths.len());
        for path in paths {
            let bytes = types::files::read_file(&path, MAX_PROFILE)?;
            let text = String::from_utf8_lossy(&bytes);
            let mut profile: Profile = toml::from_str(&text).map_err(|e| {
                Error::new(Kind::BadInput, say!("no profile of an instrument: {}", e.message()))
                    .at(&path)
                    .advise(say!(
                        "it may hold maker, model, rows (\"top-down\", \"bottom-up\"), cast (true, \
                         false), lateral_unit, height_unit (\"m\", \"mm\", \"um\", \"nm\") and \
                         known_faults (a list of texts); see docs/FORMATS.md"
                    ))
            })?;
            profile.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            profiles.push(profile);
        }
        Ok(Self(profiles))
    }

    /// Whether there is a profile of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|p| p.name.eq_ignore_ascii_case(name))
    }

    /// What is said of the instrument named in the manifest, else of the one
    /// that the file names, with its known faults.
    ///
    /// # Errors
    /// [`Kind::BadInput`] where the name is unknown, or two profiles fit.
    pub fn find(
        &self,
        named: Option<&str>,
        in_file: Option<&str>,
    ) -> Result<Option<(Setting, &[String])>> {
        let bad = |what: Message, advice: Message| {
            Err(Error::new(Kind::BadInput, what).advise(advice.to_owned()))
        };
        let profile = if let Some(name) = named {
            let Some(profile) = self.0.iter().find(|p| p.name.eq_ignore_ascii_case(name)) else {
                return bad(
                    say!("there is no profile of the instrument {name:?}"),
                    say!("put NAME.toml into the folder of instruments (--instruments)"),
                );
            };
            profile
        } else {
            let Some(instrument) = in_file else { return Ok(None) };
            let mut fitting = self.0.iter().filter(|p| p.fits(instrument));
            match (fitting.next(), fitting.next()) {
                (None, _) => return Ok(None),
                (Some(profile), None) => profile,
                (Some(a), Some(b)) => {
                    return bad(
                        say!("{instrument:?} fits the profiles {} and {}", a.name, b.name),
                        say!("name one in the manifest's column instrument, or make them differ"),
                    );
                }
            }
        };
        let Profile { rows, cast, lateral_unit, height_unit, .. } = *profile;
        let setting = Setting { rows, cast, lateral_unit, height_unit };
        Ok(Some((setting, &profile.known_faults)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_setting_is_found_again_in_its_note() {
        let all = [None, Some(Rows::TopDown), Some(Rows::BottomUp)];
        for rows in all {
            for cast in [None, Some(true), Some(false)] {
                for unit in [None, Some(Unit::M), Some(Unit::Mm), Some(Unit::Um), Some(Unit::Nm)] {
                    let setting = Setting { rows, cast, lateral_unit: None, height_unit: unit };
                    let notes: Vec<Message> = [Some(Message::foreign("another")), setting.note()]
                        .into_iter()
                        .flatten()
                        .collect();
                    assert_eq!(Setting::noted(&notes), setting, "{notes:?}");
                }
            }
        }
    }

    #[test]
    fn profiles_are_found_by_what_a_file_says_and_faults_of_them_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "alicona.toml",
            "maker = \"Alicona\"\nrows = \"bottom-up\"\nknown_faults = [\"x\"]\n",
        );
        write("cast.toml", "cast = true\n");
        write("notes.txt", "not read");
        let profiles = Profiles::read(folder.path()).unwrap();
        let found = profiles.find(None, Some("ALICONA Imaging G5")).unwrap().unwrap();
        assert_eq!((found.0.rows, found.1.len()), (Some(Rows::BottomUp), 1));
        assert_eq!(profiles.find(None, Some("Sensofar")).unwrap(), None);
        let named = profiles.find(Some("Cast"), Some("Alicona")).unwrap().unwrap();
        assert_eq!(named.0, Setting { cast: Some(true), ..Setting::default() });
        assert!(profiles.find(Some("leica"), None).unwrap_err().what.contains("leica"));
        write("second.toml", "maker = \"alicona\"\n");
        let two = Profiles::read(folder.path()).unwrap();
        assert!(two.find(None, Some("Alicona")).unwrap_err().what.contains("second"));
        write("wrong.toml", "row = \"bottom-up\"\n");
        assert!(Profiles::read(folder.path()).unwrap_err().what.contains("row"));
    }
}
