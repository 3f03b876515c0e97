//! The 32 federal entities of Mexico in the order of INEGI's Catálogo Único de
//! Claves de Áreas Geoestadísticas, which is not quite the alphabet's:
//! Coahuila 05 and Colima 06 come before Chiapas 07 and Chihuahua 08.

use super::State;

const fn entity(
    number: u8,
    code: &'static str,
    name: &'static str,
    also: &'static [&'static str],
) -> State {
    State { code, number, english: name, spanish: name, also }
}

/// As [`entity`], with an English name of its own.
const fn named(
    number: u8,
    code: &'static str,
    (spanish, english): (&'static str, &'static str),
    also: &'static [&'static str],
) -> State {
    State { code, number, english, spanish, also }
}

pub(super) static ENTITIES: [State; 32] = [
    entity(1, "MX-AGU", "Aguascalientes", &["Ags."]),
    entity(2, "MX-BCN", "Baja California", &["B.C.", "Baja California Norte"]),
    entity(3, "MX-BCS", "Baja California Sur", &["B.C.S."]),
    entity(4, "MX-CAM", "Campeche", &["Camp."]),
    entity(5, "MX-COA", "Coahuila", &["Coah.", "Coahuila de Zaragoza"]),
    entity(6, "MX-COL", "Colima", &["Col."]),
    entity(7, "MX-CHP", "Chiapas", &["Chis."]),
    entity(8, "MX-CHH", "Chihuahua", &["Chih."]),
    named(
        9,
        "MX-CMX",
        ("Ciudad de México", "Mexico City"),
        &["CDMX", "D.F.", "DIF", "Distrito Federal", "Federal District"],
    ),
    entity(10, "MX-DUR", "Durango", &["Dgo."]),
    entity(11, "MX-GUA", "Guanajuato", &["Gto."]),
    entity(12, "MX-GRO", "Guerrero", &["Gro."]),
    entity(13, "MX-HID", "Hidalgo", &["Hgo."]),
    entity(14, "MX-JAL", "Jalisco", &["Jal."]),
    named(
        15,
        "MX-MEX",
        ("Estado de México", "State of Mexico"),
        &["México", "Méx.", "Edomex", "Edo. Méx.", "Edo. de México", "Mexico State"],
    ),
    entity(16, "MX-MIC", "Michoacán", &["Mich.", "Michoacán de Ocampo"]),
    entity(17, "MX-MOR", "Morelos", &["Mor."]),
    entity(18, "MX-NAY", "Nayarit", &["Nay."]),
    entity(19, "MX-NLE", "Nuevo León", &["N.L."]),
    entity(20, "MX-OAX", "Oaxaca", &["Oax."]),
    entity(21, "MX-PUE", "Puebla", &["Pue."]),
    entity(22, "MX-QUE", "Querétaro", &["Qro.", "Querétaro de Arteaga"]),
    entity(23, "MX-ROO", "Quintana Roo", &["Q. Roo", "Q.R."]),
    entity(24, "MX-SLP", "San Luis Potosí", &["S.L.P."]),
    entity(25, "MX-SIN", "Sinaloa", &["Sin."]),
    entity(26, "MX-SON", "Sonora", &["Son."]),
    entity(27, "MX-TAB", "Tabasco", &["Tab."]),
    entity(28, "MX-TAM", "Tamaulipas", &["Tamps."]),
    entity(29, "MX-TLA", "Tlaxcala", &["Tlax."]),
    entity(30, "MX-VER", "Veracruz", &["Ver.", "Veracruz de Ignacio de la Llave"]),
    entity(31, "MX-YUC", "Yucatán", &["Yuc."]),
    entity(32, "MX-ZAC", "Zacatecas", &["Zac."]),
];
