//! The names of kinds of marks.

use types::evidence::MarkKind;

/// In English.
pub const fn english(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::BreechFace => "Breech-face impression",
        MarkKind::FiringPin => "Firing-pin impression",
        MarkKind::Ejector => "Ejector mark",
        MarkKind::ApertureShear => "Aperture shear",
    }
}

/// In Spanish.
pub const fn spanish(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::BreechFace => "Impresión del cierre de recámara",
        MarkKind::FiringPin => "Impresión del percutor",
        MarkKind::Ejector => "Marca del eyector",
        MarkKind::ApertureShear => "Cizallamiento de la abertura del percutor",
    }
}
