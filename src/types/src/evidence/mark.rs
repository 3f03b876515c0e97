//! What a gun leaves on a casing, and how it was looked at.

use super::words::word_enum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

word_enum!(
    /// An area of the casing that a part of the gun marked.
    MarkKind {
        /// Breech-face impression on the primer.
        BreechFace = "breech_face" | "bf",
        /// Firing-pin impression.
        FiringPin = "firing_pin" | "fp",
        /// Ejector mark on the head.
        Ejector = "ejector" | "ej",
        /// Aperture shear (striated).
        ApertureShear = "aperture_shear" | "as",
    }
);

impl MarkKind {
    /// Whether the mark is one of parallel striae, and not an impression.
    pub const fn is_striated(self) -> bool {
        matches!(self, Self::ApertureShear)
    }

    /// Whether a tool's shape made the mark, by which all tools of a model are
    /// alike: its class, which is no match.
    pub const fn is_shaped(self) -> bool {
        matches!(self, Self::FiringPin | Self::Ejector)
    }
}

word_enum!(
    /// How the surface was measured; different modalities are not compared.
    Modality {
        /// 3D heights.
        Topography = "topography" | "3d",
        /// 2D brightness.
        Image = "image" | "2d",
    }
);

word_enum!(
    /// How an image was lit.
    Light {
        /// Ring light around the objective.
        Ring = "ring",
        /// One lamp from the side.
        Side = "side",
        /// Not recorded.
        Unknown = "unknown",
    }
);

word_enum!(
    /// Where the casing comes from.
    Origin {
        /// Found at a scene.
        Evidence = "evidence",
        /// Fired in the laboratory from a known firearm.
        TestFire = "test_fire" | "testfire" | "test",
    }
);

word_enum!(
    /// Class characteristic of the firing pin.
    FiringPinShape {
        /// Hemispherical.
        Hemispherical = "hemispherical" | "round" | "circular",
        /// Rectangular with rounded corners (Glock).
        Rectangular = "rectangular" | "glock",
        /// Elliptical.
        Elliptical = "elliptical",
        /// Flat.
        Flat = "flat",
        /// Anything else.
        Other = "other",
        /// Not recorded; passes every filter.
        Unknown = "unknown",
    }
);
