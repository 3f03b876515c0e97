//! What a report says of a likelihood ratio: which proposition it supports, how
//! strongly, within what bounds and with what error rates.

use super::Language;
use super::marks;
use super::numbers::rounded;
use crate::model::Weight;
use statistics::weigh::{Expected, Strength};
use types::evidence::MarkKind;

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Below this an expected number of strangers is not told: it would be read off
/// the tail of a distribution where nothing was measured.
const FEWEST: f64 = 0.01;

fn few(n: f64) -> String {
    if n >= FEWEST { format!("{n:.2}") } else { format!("< {FEWEST}") }
}

/// The marks it rests on.
fn listed(w: &Weight, name: fn(MarkKind) -> &'static str) -> String {
    w.marks.iter().map(|m| name(*m).to_lowercase()).collect::<Vec<_>>().join(", ")
}

/// The lines in English.
pub(super) fn english(w: &Weight) -> Vec<String> {
    let strength = match w.support.strength {
        Strength::None => None,
        Strength::Weak => Some("Weak"),
        Strength::Moderate => Some("Moderate"),
        Strength::ModeratelyStrong => Some("Moderately strong"),
        Strength::Strong => Some("Strong"),
        Strength::VeryStrong => Some("Very strong"),
        Strength::ExtremelyStrong => Some("Extremely strong"),
    };
    let (one, two) =
        ("one firearm fired both casings", "two different firearms of the population fired them");
    let (this, other) = if w.support.same_source { (one, two) } else { (two, one) };
    let p = &w.performance;
    let seen = if p.held_out { "firearms the model did not see" } else { "the population itself" };
    let mut lines = vec![
        match strength {
            Some(strength) => format!(
                "{strength} support for the proposition that {this} over the proposition that {other}."
            ),
            None => format!("No support for either proposition ({one}; {two})."),
        },
        format!(
            "Bounds {} to {}. On {seen}: Cllr {:.3}, LR < 1 for {} of same-source pairs, LR > 1 for {} of different-source pairs.",
            rounded(w.bounds.log10_lower, 2),
            rounded(w.bounds.log10_upper, 2),
            p.cllr,
            percent(p.misleading_same_source),
            percent(p.misleading_different_source),
        ),
    ];
    if w.marks.len() > 1 {
        lines.push(format!("Rests on all of these together: {}.", listed(w, marks::english)));
    }
    lines.extend(w.strangers.map(|s| {
        let Expected { gallery, mean, lower, upper } = s;
        if upper < FEWEST {
            return format!(
                "Among {gallery} casings of other firearms fewer than {FEWEST} are expected to score as high."
            );
        }
        format!(
            "Among {gallery} casings of other firearms {} (95 %: {} to {}) are expected to score as high.",
            few(mean),
            few(lower),
            few(upper)
        )
    }));
    if !w.flags.is_empty() {
        let flags: Vec<String> = w.flags.iter().map(|f| f.words().to_string()).collect();
        lines.push(format!("With care: {}.", flags.join("; ")));
    }
    lines
}

/// The lines in Spanish.
pub(super) fn spanish(w: &Weight) -> Vec<String> {
    let strength = match w.support.strength {
        Strength::None => None,
        Strength::Weak => Some("débil"),
        Strength::Moderate => Some("moderado"),
        Strength::ModeratelyStrong => Some("moderadamente fuerte"),
        Strength::Strong => Some("fuerte"),
        Strength::VeryStrong => Some("muy fuerte"),
        Strength::ExtremelyStrong => Some("extremadamente fuerte"),
    };
    let (one, two) = (
        "una misma arma disparó ambos casquillos",
        "los dispararon dos armas distintas de la población",
    );
    let (this, other) = if w.support.same_source { (one, two) } else { (two, one) };
    let p = &w.performance;
    let seen = if p.held_out { "armas que el modelo no conocía" } else { "la propia población" };
    let mut lines = vec![
        match strength {
            Some(strength) => format!(
                "Apoyo {strength} a la proposición de que {this} frente a la de que {other}."
            ),
            None => format!("Sin apoyo a ninguna proposición ({one}; {two})."),
        },
        format!(
            "Límites de {} a {}. En {seen}: Cllr {:.3}, LR < 1 en el {} de los pares del mismo origen, LR > 1 en el {} de los pares de distinto origen.",
            rounded(w.bounds.log10_lower, 2),
            rounded(w.bounds.log10_upper, 2),
            p.cllr,
            percent(p.misleading_same_source),
            percent(p.misleading_different_source),
        ),
    ];
    if w.marks.len() > 1 {
        lines.push(format!("Se apoya en todas estas a la vez: {}.", listed(w, marks::spanish)));
    }
    lines.extend(w.strangers.map(|s| {
        let Expected { gallery, mean, lower, upper } = s;
        if upper < FEWEST {
            return format!(
                "Entre {gallery} casquillos de otras armas se esperan menos de {FEWEST} con una puntuación igual o mayor."
            );
        }
        format!(
            "Entre {gallery} casquillos de otras armas se esperan {} (95 %: de {} a {}) con una puntuación igual o mayor.",
            few(mean),
            few(lower),
            few(upper)
        )
    }));
    if !w.flags.is_empty() {
        let flags: Vec<_> = w.flags.iter().map(|f| Language::Spanish.tell(&f.words())).collect();
        lines.push(format!("Con reservas: {}.", flags.join("; ")));
    }
    lines
}
