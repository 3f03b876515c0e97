//! What people write: headings and values in Spanish, and what each column means.

use unicode_normalization::UnicodeNormalization as _;

/// A column as a person needs it explained.
pub struct ColumnHelp {
    /// The heading.
    pub name: &'static str,
    /// Headings in Spanish that are read as it.
    pub spanish: &'static [&'static str],
    /// What it holds, in English.
    pub english: &'static str,
    /// What it holds, in Spanish.
    pub explained: &'static str,
}

/// Every column of a manifest, in the template's order.
pub const COLUMNS_HELP: [ColumnHelp; 18] = [
    ColumnHelp {
        name: "file",
        spanish: &["archivo", "fichero"],
        english: "The scan, relative to the manifest's folder. Every row needs it.",
        explained: "El escaneo, relativo a la carpeta del manifiesto. Obligatorio.",
    },
    ColumnHelp {
        name: "casing_id",
        spanish: &["casquillo", "id_casquillo", "casquillo_id", "vaina", "evidencia", "indicio"],
        english: "The casing's identifier. Every row needs it; one casing may have several scans.",
        explained: "El identificador del casquillo. Obligatorio; un casquillo puede tener varios escaneos.",
    },
    ColumnHelp {
        name: "mark_kind",
        spanish: &["marca", "tipo_de_marca", "tipo_marca", "huella"],
        english: "The mark: breech_face (assumed where empty), firing_pin, ejector, aperture_shear.",
        explained: "La marca: culote (si está vacío), percutor, eyector, cizallamiento.",
    },
    ColumnHelp {
        name: "origin",
        spanish: &["origen"],
        english: "evidence (assumed where empty) or test_fire.",
        explained: "evidencia (si está vacío) o disparo_de_prueba.",
    },
    ColumnHelp {
        name: "scene_id",
        spanish: &["escena", "id_escena", "lugar", "hecho"],
        english: "The scene's identifier; needed where the row describes a scene.",
        explained: "El identificador del lugar de los hechos; necesario si la fila lo describe.",
    },
    ColumnHelp {
        name: "scene_date",
        spanish: &["fecha", "fecha_escena", "fecha_del_hecho", "fecha_hecho"],
        english: "Year-month-day such as 2026-03-14; a month, a year or a range with / is allowed.",
        explained: "Año-mes-día, como 2026-03-14; se admite un mes, un año o un intervalo con /.",
    },
    ColumnHelp {
        name: "scene_state",
        spanish: &["estado", "entidad", "entidad_federativa"],
        english: "The state: name, abbreviation or code, such as MX-CHH or US-TX.",
        explained: "La entidad: nombre, abreviatura o clave, como MX-CHH o US-TX.",
    },
    ColumnHelp {
        name: "agency",
        spanish: &["agencia", "dependencia", "institucion", "fiscalia", "laboratorio"],
        english: "Who is in charge of the case.",
        explained: "La institución a cargo del caso.",
    },
    ColumnHelp {
        name: "case_number",
        spanish: &[
            "expediente",
            "caso",
            "carpeta",
            "carpeta_de_investigacion",
            "numero_de_caso",
            "numero_de_expediente",
        ], // fmt: skip
        english: "The case's number, as a text: leading zeros count.",
        explained: "El número de expediente o carpeta, como texto: los ceros iniciales cuentan.",
    },
    ColumnHelp {
        name: "firearm_id",
        spanish: &["arma", "id_arma", "arma_de_fuego"],
        english: "The firearm, for test fires.",
        explained: "El arma, en disparos de prueba.",
    },
    ColumnHelp {
        name: "calibre",
        spanish: &["caliber"],
        english: "The calibre, such as 9x19 mm.",
        explained: "El calibre, como 9x19 mm.",
    },
    ColumnHelp {
        name: "firing_pin_shape",
        spanish: &["forma_percutor", "forma_del_percutor", "percutor"],
        english: "hemispherical, rectangular, elliptical, flat, other or unknown.",
        explained: "semiesférico, rectangular, elíptico, plano, otro o desconocido.",
    },
    ColumnHelp {
        name: "light",
        spanish: &["luz", "iluminacion"],
        english: "How a photograph was lit: ring, side or unknown.",
        explained: "La luz de una fotografía: anular, lateral o desconocida.",
    },
    ColumnHelp {
        name: "pixel_um",
        spanish: &["pixel", "tamano_de_pixel", "micrometros_por_pixel"],
        english: "Micrometres a pixel, where the file does not say it or says it wrongly.",
        explained: "Micrómetros por píxel, si el archivo no lo dice o lo dice mal.",
    },
    ColumnHelp {
        name: "instrument",
        spanish: &["instrumento", "equipo"],
        english: "The name of the instrument's profile (a TOML file in the folder of instruments).",
        explained: "El nombre del perfil del instrumento (un archivo TOML en la carpeta de instrumentos).",
    },
    ColumnHelp {
        name: "rows",
        spanish: &["filas", "orden_de_filas"],
        english: "top-down or bottom-up: the row of the surface with which the file begins.",
        explained: "de-arriba-abajo o de-abajo-arriba: la fila de la superficie con la que empieza el archivo.",
    },
    ColumnHelp {
        name: "cast",
        spanish: &["molde", "replica", "vaciado"],
        english: "yes where a cast was measured and not the casing.",
        explained: "sí, si se midió un molde y no el casquillo.",
    },
    ColumnHelp {
        name: "notes",
        spanish: &["notas", "observaciones", "comentarios"],
        english: "Anything else.",
        explained: "Cualquier otra cosa.",
    },
];

/// A word as it is compared: lower case, without accents, blanks and hyphens as
/// underscores.
pub(super) fn key(text: &str) -> String {
    let accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let bare: String = text.trim().nfd().filter(|c| !accent(c)).collect();
    bare.to_lowercase().replace([' ', '-'], "_")
}

/// The column that a heading names: lower case, blanks and hyphens as
/// underscores, without accents; in Spanish too, where `known` has that column.
pub(super) fn column(heading: &str, known: &[&str]) -> String {
    let name = key(heading.trim_start_matches('\u{feff}'));
    if known.contains(&name.as_str()) {
        return name;
    }
    let help = COLUMNS_HELP.iter().find(|c| c.spanish.contains(&name.as_str()));
    help.filter(|c| known.contains(&c.name)).map_or(name, |c| c.name.to_owned())
}

/// A value in Spanish as the word that is kept; others as they are.
pub(super) fn value<'t>(column: &str, text: &'t str) -> &'t str {
    let word = key(text);
    match (column, word.as_str()) {
        ("mark_kind", "culote" | "cara_de_recamara" | "recamara" | "cierre") => "breech_face",
        ("mark_kind", "percutor" | "aguja" | "aguja_percutora") => "firing_pin",
        ("mark_kind", "eyector" | "expulsor") => "ejector",
        ("mark_kind", "cizallamiento" | "cizalla") => "aperture_shear",
        ("origin", "evidencia" | "indicio" | "dubitado") => "evidence",
        ("origin", "disparo_de_prueba" | "prueba" | "testigo" | "indubitado") => "test_fire",
        ("firing_pin_shape", "semiesferico" | "semiesferica" | "hemisferico" | "redondo") => {
            "hemispherical"
        }
        ("firing_pin_shape", "rectangular") => "rectangular",
        ("firing_pin_shape", "eliptico" | "eliptica") => "elliptical",
        ("firing_pin_shape", "plano" | "plana") => "flat",
        ("firing_pin_shape", "otro" | "otra") => "other",
        ("light", "anular" | "anillo") => "ring",
        ("light", "lateral" | "rasante") => "side",
        ("firing_pin_shape" | "light", "desconocido" | "desconocida") => "unknown",
        _ => text,
    }
}
