//! [`PreparedMark`] → [`Template`]: everything a comparison needs, computed
//! once per mark.
//!
//! A template holds the mark at two pitches as small integers: *fine* features
//! (waves of 45–250 µm), in which same-source marks agree and chance does not
//! and by which rotations are searched, *coarse* ones (90–400 µm) to search
//! photographs, and *smooth* ones (150–500 µm) for the outline. All of them are band-passed, so their
//! correlation is whitened: measured on Fadul and Weller, same-source marks
//! still agree by 0.3–0.8 at 40–60 µm, where there are many more independent
//! points than in the long waves that dominate the heights.

mod anchor;
mod codec;
mod feature;
pub mod fourier;
pub(crate) mod kernel;
pub mod plane;
pub mod polar;
pub mod sketch;
mod slide;
pub mod square;
pub mod striae;
mod texture;
mod turnable;

pub use anchor::Anchor;
pub use feature::{FeatureMap, UNIT, features, reduce};
pub use sketch::Sketch;
pub use slide::{Overlap, Sheet, overlap, turned};
pub use striae::Striae;
pub use texture::Texture;
pub use turnable::Turnable;

use crate::prepare::PreparedMark;
use ndarray::Array2;
use std::sync::OnceLock;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::{Message, say};
use types::units::Metres;

/// What a comparison needs of a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// What part of the gun made the mark.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// SHA-256 of the encoded template: the order in which pairs are compared.
    pub digest: Digest,
    /// The recipe that prepared it; only equal recipes are compared.
    pub recipe: Digest,
    /// Features at the fine pitch.
    pub fine: FeatureMap,
    /// Features at the coarse pitch, twice the fine one.
    pub coarse: FeatureMap,
    /// Long-wave features at the coarse pitch.
    pub smooth: FeatureMap,
    /// The outer circle's centre, in coarse pixels.
    pub anchor: Anchor,
    /// Autocorrelation of the fine features.
    pub texture: Texture,
    /// The fine features unrolled about the anchor.
    pub unrolled: polar::Unrolled,
    /// By which a gallery is screened; empty for a striated mark.
    pub sketch: Sketch,
    /// The profile by which a striated mark is compared.
    pub striae: Option<Striae>,
    for_fragments: Later<polar::Unrolled>,
}

/// What follows from the rest, made when it is first needed.
#[derive(Clone, Debug)]
struct Later<T>(OnceLock<T>);

impl<T> PartialEq for Later<T> {
    /// What follows from equal things is equal.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Pitch of a prepared mark that this extraction expects; of a striated one
/// [`striae::STEP`].
pub const PREPARED_PITCH: Metres = Metres::from_um(6.25);
/// Pitch of the fine features.
pub const FINE_PITCH: Metres = Metres::from_um(25.0);
/// Pitch of the coarse features.
pub const COARSE_PITCH: Metres = Metres::from_um(50.0);
/// Radii of a primer's or pin's outline, in coarse pixels: 0.4–3.2 mm.
const ANCHOR_RADII: std::ops::RangeInclusive<f64> = 8.0..=64.0;

impl Template {
    /// Extracts the template of a mark.
    ///
    /// # Errors
    /// [`Kind::Incomparable`] if the mark's pitch is not that of its kind.
    pub fn new(mark: &PreparedMark) -> Result<Self> {
        let pitch = if mark.kind.is_striated() { striae::STEP } else { PREPARED_PITCH };
        if (mark.pitch.um() - pitch.um()).abs() > 1e-6 {
            return Err(Error::new(
                Kind::Incomparable,
                say!("the mark has a pitch of {}, not {pitch}", mark.pitch),
            )
            .advise(say!("prepare the scan again with this version's recipe")));
        }
        let at_fine = reduce(&mark.values, (FINE_PITCH / pitch).round() as usize);
        if mark.kind.is_striated() {
            let (length, most) = (mark.values.ncols(), striae::LONGEST);
            if length > most {
                let (length, most) = (pitch * length as f64, pitch * most as f64);
                let what = say!("the striae lie side by side over {length}, more than {most}");
                return Err(Error::new(Kind::TooLarge, what)
                    .advise(say!("give the file a mask of the aperture shear")));
            }
            let maps = maps(&at_fine);
            let striae = Striae::of(&mark.values);
            return Ok(Self::of_striae(mark.kind, mark.modality, mark.recipe, maps, striae));
        }
        Ok(Self::of_fine(mark.kind, mark.modality, mark.recipe, &at_fine))
    }

    /// Extracts the template of an impression of which `at_fine` are the values
    /// at [`FINE_PITCH`], `(ny, nx)`, `NaN` = missing.
    pub fn of_fine(
        kind: MarkKind,
        modality: Modality,
        recipe: Digest,
        at_fine: &Array2<f32>,
    ) -> Self {
        let maps = maps(at_fine);
        let sketch = Sketch::of(&maps[0]);
        Self::from_maps(kind, modality, recipe, maps, sketch)
    }

    /// The template of a striated mark. The maps are for the eye and for the
    /// mark's area; what is compared is the profile.
    pub(crate) fn of_striae(
        kind: MarkKind,
        modality: Modality,
        recipe: Digest,
        maps: [FeatureMap; 3],
        striae: Striae,
    ) -> Self {
        Self::of_parts(kind, modality, recipe, maps, Sketch::empty(), Some(striae))
    }

    /// Derives what follows from the three maps, fine to smooth.
    pub(crate) fn from_maps(
        kind: MarkKind,
        modality: Modality,
        recipe: Digest,
        maps: [FeatureMap; 3],
        sketch: Sketch,
    ) -> Self {
        Self::of_parts(kind, modality, recipe, maps, sketch, None)
    }

    fn of_parts(
        kind: MarkKind,
        modality: Modality,
        recipe: Digest,
        [fine, coarse, smooth]: [FeatureMap; 3],
        sketch: Sketch,
        striae: Option<Striae>,
    ) -> Self {
        let anchor = anchor::find(&smooth, ANCHOR_RADII);
        let rings = polar::Rings::of(kind);
        let unrolled = polar::Unroller::new(&Turnable::of(&fine), rings).about_anchor(&anchor);
        let texture = Texture::of(&fine);
        let digest = Digest(recipe.0);
        let mut template = Self {
            kind,
            modality,
            digest,
            recipe,
            fine,
            coarse,
            smooth,
            anchor,
            texture,
            unrolled,
            sketch,
            striae,
            for_fragments: Later(OnceLock::new()),
        };
        template.digest = Digest::of(&template.encode());
        template
    }

    /// The mark as a mirror shows it, left and right exchanged.
    pub(crate) fn mirrored(&self) -> Self {
        let maps = [&self.fine, &self.coarse, &self.smooth].map(FeatureMap::mirrored);
        let sketch = Sketch::of(&maps[0]);
        Self::from_maps(self.kind, self.modality, self.recipe, maps, sketch)
    }

    /// Its fine features unrolled about the anchor to be compared with
    /// fragments; made on first use and kept.
    pub fn for_fragments(&self) -> &polar::Unrolled {
        let rings = polar::Rings::for_fragments(self.kind);
        self.for_fragments.0.get_or_init(|| {
            polar::Unroller::new(&Turnable::of(&self.fine), rings).about_anchor(&self.anchor)
        })
    }

    /// Whether two templates may be compared at all; the refusal says why.
    ///
    /// # Errors
    /// [`Kind::Incomparable`] for different mark kinds, modalities or recipes.
    pub fn comparable(&self, other: &Self) -> Result<()> {
        let refuse = |what: Message, a: &dyn std::fmt::Display, b: &dyn std::fmt::Display| {
            Err(Error::new(Kind::Incomparable, say!("{what} differ: {a} and {b}")))
        };
        if self.kind != other.kind {
            return refuse(say!("mark kinds"), &self.kind, &other.kind);
        }
        if self.modality != other.modality {
            return refuse(say!("modalities"), &self.modality, &other.modality);
        }
        if self.recipe != other.recipe {
            return refuse(say!("recipes"), &self.recipe.short(), &other.recipe.short());
        }
        Ok(())
    }
}

/// The three maps of a mark: fine, coarse and smooth.
fn maps(at_fine: &Array2<f32>) -> [FeatureMap; 3] {
    let um = Metres::from_um;
    let at_coarse = reduce(at_fine, 2);
    [
        features(at_fine, FINE_PITCH, um(45.0), um(250.0)),
        features(&at_coarse, COARSE_PITCH, um(90.0), um(400.0)),
        features(&at_coarse, COARSE_PITCH, um(150.0), um(500.0)),
    ]
}
