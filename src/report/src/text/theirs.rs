//! What other agencies say, in words.

use crate::model::Saying;

/// These texts in one language.
pub struct Theirs {
    pub title: &'static str,
    pub intro: &'static str,
    pub agency: &'static str,
    pub record: &'static str,
    pub says: &'static str,
    pub about: &'static str,
    pub saying: fn(Saying) -> &'static str,
}

pub static ENGLISH: Theirs = Theirs {
    title: "What other agencies say",
    intro: "These agencies sent this with their evidence. It is theirs: no link, group, hit or firearm of this report rests on it. It counts here when somebody of this laboratory decides the same.",
    agency: "Agency",
    record: "Its record",
    says: "Says",
    about: "About",
    saying: |saying| match saying {
        Saying::Lead => "lead",
        Saying::Inconclusive => "inconclusive",
        Saying::Hit => "hit",
        Saying::Eliminated => "eliminated",
        Saying::Withdrawn => "withdrawn",
        Saying::Names => "names it in its record",
        Saying::SameScan => "is the same scan",
    },
};

pub static SPANISH: Theirs = Theirs {
    title: "Lo que dicen otras dependencias",
    intro: "Estas dependencias lo enviaron con sus indicios. Es suyo: ningún vínculo, grupo, acierto ni arma de este informe se apoya en ello. Aquí cuenta cuando alguien de este laboratorio decida lo mismo.",
    agency: "Dependencia",
    record: "Su registro",
    says: "Dice",
    about: "Acerca de",
    saying: |saying| match saying {
        Saying::Lead => "pista",
        Saying::Inconclusive => "no concluyente",
        Saying::Hit => "acierto",
        Saying::Eliminated => "eliminado",
        Saying::Withdrawn => "retirado",
        Saying::Names => "lo nombra en su registro",
        Saying::SameScan => "es el mismo escaneo",
    },
};
