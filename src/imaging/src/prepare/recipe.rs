//! The recipe: every number that decides what the matcher sees.

use crate::matcher::MATCHER;
use serde::{Deserialize, Serialize};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind};
use types::message::{Message, say};
use types::units::Metres;

/// Changes whenever the same parameters give other values, here or in what is
/// extracted and compared.
const ALGORITHM: &str = "brasslink-6";

/// When a mask carried by the file outlines the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskPolicy {
    /// Used where the file has one and it holds data; else the mark is searched.
    Auto,
    /// Used; a file without one is an error.
    Always,
    /// Ignored; the mark is always searched.
    Never,
}

/// Wavelengths kept, in micrometres: half the amplitude passes at either end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Short cut-off (noise below).
    pub short_um: f64,
    /// Long cut-off (form above).
    pub long_um: f64,
}

/// The surface taken off a mark before filtering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Nothing.
    None,
    /// A plane: tilt and offset.
    Plane,
    /// A general surface of second order: tilt, dome and saddle.
    SecondOrder,
}

/// What a breech-face impression looks like on a raw topography.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Impression {
    /// Steepest it is over some 50 µm, in degrees from its own plane.
    pub slope_deg: f64,
    /// Farthest it lies from its own plane, in micrometres.
    pub residual_um: f64,
    /// Widest a primer is, in micrometres.
    pub width_max_um: f64,
    /// Widest hole in it, in micrometres: the aperture with its disturbed rim;
    /// a surface with a hole as wide as a primer is the case head.
    pub hole_max_um: f64,
    /// What is left out along its borders, where the primer's edge rolls off
    /// and the aperture's rim drags the metal, in micrometres.
    pub margin_um: f64,
}

impl Default for Impression {
    /// Large rifle primers, the widest, measure 5.33 mm across (SAAMI Z299.4).
    /// An impression follows a breech face, which is flat to some micrometres;
    /// primer edge and flow-back are steeper and lie tens of micrometres off.
    /// `residual_um` and `margin_um` were chosen by agreement with the outlines
    /// a person drew on two Fadul scans, `hole_max_um` on simulated case heads.
    fn default() -> Self {
        Self {
            slope_deg: 8.0,
            residual_um: 12.0,
            width_max_um: 5600.0,
            hole_max_um: 3600.0,
            margin_um: 50.0,
        }
    }
}

/// From where a mark is doubtful or unusable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QualityLimits {
    /// Least area that can be compared, in mm².
    pub area_min_mm2: f64,
    /// Area below which a breech-face impression is doubtful, in mm²; other
    /// marks are small by nature.
    pub area_low_mm2: f64,
    /// Least share of the outline that holds data.
    pub coverage_min: f64,
    /// Share below which the mark is doubtful.
    pub coverage_low: f64,
    /// Least rms of prepared heights in micrometres: below is featureless.
    pub rms_min_um: f64,
    /// Rms above which the mark is doubtful: noise or a failed levelling.
    pub rms_high_um: f64,
    /// Share of points at the measurement's end stops that is unusable.
    pub clipped_max: f64,
    /// Least share of the rms at waves shorter than four times the short
    /// cut-off: below, the scan is blurred.
    pub detail_min: f64,
}

impl Default for QualityLimits {
    /// Judgement, not calibration; loose beside the 85 Fadul and Weller scans
    /// (2.4–7.3 mm², 1.1–2.6 µm rms, at least 15 % of the rms in fine detail).
    fn default() -> Self {
        Self {
            area_min_mm2: 0.15,
            area_low_mm2: 0.8,
            coverage_min: 0.3,
            coverage_low: 0.7,
            rms_min_um: 0.05,
            rms_high_um: 12.0,
            clipped_max: 0.05,
            detail_min: 0.05,
        }
    }
}

/// All parameters of preparation, in micrometres and degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Square sampling of a prepared mark in micrometres; 6.25 as in the
    /// published processed sets.
    pub pitch_um: f64,
    /// Square sampling of a prepared striated mark in micrometres.
    pub striated_pitch_um: f64,
    /// Waves kept of a breech-face or ejector mark; 16–500 µm as cmcR does
    /// (Zemmels, Hofmann, VanderPlas 2023).
    pub band: Band,
    /// Waves kept of a firing-pin impression, a smaller and curved mark;
    /// 250 µm as Song 2018, with the short end of the other marks.
    pub firing_pin_band: Band,
    /// Waves kept of an aperture shear, across its striae. 5 µm as NFI; the long
    /// end holds the second of the two bands that are compared.
    pub striated_band: Band,
    /// Form taken off a breech-face, ejector or aperture-shear mark.
    pub form: Form,
    /// Form taken off a firing-pin impression, which is curved.
    pub firing_pin_form: Form,
    /// Degree of the Gaussian regression filter (ISO 16610-71) that takes off
    /// long waves: 0, 1 or 2. The short end always is of degree 0.
    pub order: u8,
    /// What a mask in the file means.
    pub use_file_mask: MaskPolicy,
    /// Heights farther than this many robust standard deviations from their
    /// surroundings are outliers and count as missing.
    pub outlier_sd: f64,
    /// How the breech-face impression is found.
    pub impression: Impression,
    /// The quality gate.
    pub quality: QualityLimits,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            pitch_um: 6.25,
            striated_pitch_um: 3.125,
            band: Band { short_um: 16.0, long_um: 500.0 },
            firing_pin_band: Band { short_um: 16.0, long_um: 250.0 },
            striated_band: Band { short_um: 5.0, long_um: 1000.0 },
            form: Form::Plane,
            firing_pin_form: Form::SecondOrder,
            order: 0,
            use_file_mask: MaskPolicy::Auto,
            outlier_sd: 8.0,
            impression: Impression::default(),
            quality: QualityLimits::default(),
        }
    }
}

impl Recipe {
    /// Every parameter, the matcher's constants and the version of the algorithms,
    /// as canonical JSON (keys sorted).
    pub fn json(&self) -> String {
        // A struct of plain numbers always has a JSON form, and
        // `serde_json::Value` sorts the keys.
        let parameters = serde_json::to_value(self).unwrap_or_default();
        let matcher = serde_json::to_value(MATCHER).unwrap_or_default();
        serde_json::json!({
            "algorithm": ALGORITHM,
            "matcher": matcher,
            "parameters": parameters,
        })
        .to_string()
    }

    /// Reads and checks a recipe written in TOML.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for what is none, or one that has no meaning.
    pub fn from_toml(text: &str) -> Result<Self> {
        let recipe: Self = toml::from_str(text).map_err(|e| {
            Error::new(Kind::BadInput, say!("this is no recipe: {}", e.message()))
                .advise(say!("`brasslink recipe show` prints one with every field"))
        })?;
        recipe.check()?;
        Ok(recipe)
    }

    /// SHA-256 of [`json`](Self::json): two marks are comparable only under one
    /// recipe.
    pub fn hash(&self) -> Digest {
        Digest::of(self.json().as_bytes())
    }

    /// The recipe as it is for one kind of mark: its pitch is that of the kind.
    pub(super) const fn of_kind(&self, kind: MarkKind) -> Self {
        let pitch_um = if kind.is_striated() { self.striated_pitch_um } else { self.pitch_um };
        Self { pitch_um, ..*self }
    }

    /// The sampling of a prepared mark.
    pub const fn pitch(&self) -> Metres {
        Metres::from_um(self.pitch_um)
    }

    /// The wavelengths kept for a kind of mark.
    pub const fn band(&self, kind: MarkKind) -> Band {
        match kind {
            MarkKind::FiringPin => self.firing_pin_band,
            MarkKind::ApertureShear => self.striated_band,
            MarkKind::BreechFace | MarkKind::Ejector => self.band,
        }
    }

    /// The form taken off a kind of mark.
    pub const fn form(&self, kind: MarkKind) -> Form {
        match kind {
            MarkKind::FiringPin => self.firing_pin_form,
            MarkKind::BreechFace | MarkKind::Ejector | MarkKind::ApertureShear => self.form,
        }
    }

    /// Refuses a recipe that has no meaning ([`Kind::BadInput`]).
    pub fn check(&self) -> Result<()> {
        let bad = |what: Message| Err(Error::new(Kind::BadInput, say!("recipe: {what}")));
        let range = |v: f64, low: f64, high: f64| (low..=high).contains(&v);
        if !range(self.pitch_um, 0.1, 100.0) || !range(self.striated_pitch_um, 0.1, 100.0) {
            return bad(say!("a pitch must lie between 0.1 and 100"));
        }
        for band in [self.band, self.firing_pin_band, self.striated_band] {
            if !(range(band.short_um, 0.1, 1000.0) && range(band.long_um, 1.0, 10_000.0))
                || band.short_um >= band.long_um
            {
                return bad(say!("a band needs 0.1 ≤ short_um < long_um ≤ 10000"));
            }
        }
        if self.order > 2 {
            return bad(say!("order must be 0, 1 or 2"));
        }
        if !range(self.outlier_sd, 2.0, 1e6) {
            return bad(say!("outlier_sd must be at least 2"));
        }
        let i = &self.impression;
        if !range(i.slope_deg, 0.1, 60.0)
            || !range(i.residual_um, 0.1, 1000.0)
            || !range(i.width_max_um, 100.0, 100_000.0)
            || !range(i.hole_max_um, 100.0, 100_000.0)
            || !range(i.margin_um, 0.0, 1000.0)
        {
            return bad(say!("an impression limit is out of range"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_parameter_changes_the_hash() {
        fn numbers(v: &mut serde_json::Value, visit: &mut impl FnMut(&mut serde_json::Value)) {
            match v {
                serde_json::Value::Object(map) => map.values_mut().for_each(|v| numbers(v, visit)),
                leaf => visit(leaf),
            }
        }
        let base = serde_json::to_value(Recipe::default()).unwrap();
        let mut count = 0;
        numbers(&mut base.clone(), &mut |_| count += 1);
        assert!(count > 20, "{count}");
        let mut seen = std::collections::BTreeSet::from([Recipe::default().hash()]);
        for k in 0..count {
            let (mut changed, mut i) = (base.clone(), 0);
            numbers(&mut changed, &mut |leaf| {
                if i == k {
                    *leaf = match leaf.as_u64() {
                        Some(n) => (n + 1).into(),
                        None => leaf.as_f64().map_or_else(
                            || if leaf == "auto" { "never".into() } else { "none".into() },
                            |f| (f + 0.5).into(),
                        ),
                    };
                }
                i += 1;
            });
            let recipe: Recipe = serde_json::from_value(changed).unwrap();
            assert!(seen.insert(recipe.hash()), "parameter {k} is not in the hash");
        }
    }

    #[test]
    fn the_default_is_meaningful_and_nonsense_is_refused() {
        assert!(Recipe::default().check().is_ok());
        let bad = Recipe { pitch_um: f64::NAN, ..Recipe::default() };
        assert_eq!(bad.check().unwrap_err().kind, Kind::BadInput);
        let bad = Recipe { band: Band { short_um: 500.0, long_um: 16.0 }, ..Recipe::default() };
        assert!(bad.check().is_err());
    }
}
