//! What examiners concluded, in words.

use crate::model::{ConclusionKind, ConclusionStatus};
use statistics::link::Bond;

/// These texts in one language.
pub struct Decisions {
    pub title: &'static str,
    pub warning: &'static str,
    pub contested: &'static str,
    pub conflicts: &'static str,
    pub pair: &'static str,
    pub conclusion: &'static str,
    pub by: &'static str,
    pub entry: &'static str,
    pub status: &'static str,
    pub bond: &'static str,
    pub score: &'static str,
    pub compared: &'static str,
    pub mean: &'static str,
    pub kind: fn(ConclusionKind) -> &'static str,
    pub became: fn(ConclusionStatus) -> &'static str,
    pub bound: fn(&Bond, &str, &str) -> String,
}

pub static ENGLISH: Decisions = Decisions {
    title: "Conclusions of examiners",
    warning: "The scores contradict what binds these casings. The groups and links of this report follow the decision or record named here, not the scores. Check it before relying on them.",
    contested: "Examiners disagree about a pair: the conclusion in force is the last in the ledger, and another stands against it.",
    conflicts: "Decisions and records against the scores",
    pair: "Casings",
    conclusion: "Conclusion",
    by: "By",
    entry: "Ledger entry",
    status: "Status",
    bond: "Decision or record",
    score: "Score",
    compared: "Pairs compared",
    mean: "Mean log10 LR within the store",
    kind: |kind| match kind {
        ConclusionKind::Lead => "lead",
        ConclusionKind::Inconclusive => "inconclusive",
        ConclusionKind::Hit => "hit",
        ConclusionKind::Eliminated => "eliminated",
        ConclusionKind::Withdrawn => "withdrawn",
    },
    became: |status| match status {
        ConclusionStatus::InForce => "in force",
        ConclusionStatus::Stands => "stands",
        ConclusionStatus::Contested => "CONTESTS the conclusion in force",
        ConclusionStatus::Superseded => "superseded",
    },
    bound: |bond, a, b| match bond {
        Bond::Confirmed => "confirmed as fired by one firearm".into(),
        Bond::Rejected => "eliminated".into(),
        Bond::OneFirearm(gun) => format!("records casing/{a} and casing/{b}: test fires of {gun}"),
        Bond::TwoFirearms(x, y) => {
            format!("records casing/{a} and casing/{b}: test fires of {x} and of {y}")
        }
    },
};

pub static SPANISH: Decisions = Decisions {
    title: "Conclusiones de los peritos",
    warning: "Las puntuaciones contradicen lo que une o separa estos casquillos. Los grupos y vínculos de este informe siguen la decisión o el registro que aquí se nombra, no las puntuaciones. Revíselo antes de apoyarse en ellos.",
    contested: "Los peritos discrepan sobre un par: rige la última conclusión del libro de registro, y otra se mantiene en contra.",
    conflicts: "Decisiones y registros contrarios a las puntuaciones",
    pair: "Casquillos",
    conclusion: "Conclusión",
    by: "Por",
    entry: "Asiento del libro",
    status: "Estado",
    bond: "Decisión o registro",
    score: "Puntuación",
    compared: "Pares comparados",
    mean: "Media de log10 LR dentro de la base de datos",
    kind: |kind| match kind {
        ConclusionKind::Lead => "pista",
        ConclusionKind::Inconclusive => "no concluyente",
        ConclusionKind::Hit => "acierto",
        ConclusionKind::Eliminated => "eliminado",
        ConclusionKind::Withdrawn => "retirada",
    },
    became: |status| match status {
        ConclusionStatus::InForce => "vigente",
        ConclusionStatus::Stands => "se mantiene",
        ConclusionStatus::Contested => "SE OPONE a la conclusión vigente",
        ConclusionStatus::Superseded => "sustituida",
    },
    bound: |bond, a, b| match bond {
        Bond::Confirmed => "confirmados como disparados por una sola arma".into(),
        Bond::Rejected => "eliminados".into(),
        Bond::OneFirearm(gun) => {
            format!("registros casing/{a} y casing/{b}: disparos de prueba de {gun}")
        }
        Bond::TwoFirearms(x, y) => {
            format!("registros casing/{a} y casing/{b}: disparos de prueba de {x} y de {y}")
        }
    },
};
