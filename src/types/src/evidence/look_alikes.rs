//! Identifiers that a reader could take for each other.

use crate::message::Message;
use std::collections::{BTreeMap, BTreeSet};
use unicode_security::confusable_detection::skeleton;

/// Identifiers of several kinds, by what they look like: `C-1`, `c-1` and the
/// same with a Cyrillic С are one to the eye and three to a computer.
///
/// Two look alike where their skeletons (Unicode Technical Standard 39) are the
/// same, capitals aside.
#[derive(Clone, Debug, Default)]
pub struct LookAlikes {
    /// Kind and form to the identifier that had it first, and where.
    forms: BTreeMap<(&'static str, String), (String, Message)>,
    noted: BTreeSet<(&'static str, String)>,
}

impl LookAlikes {
    /// Takes note of an identifier at a place (a line, the store). The one of
    /// its kind that was noted before, looks like it and is another, with its
    /// place; it is told once.
    pub fn note(
        &mut self,
        kind: &'static str,
        id: &str,
        place: impl FnOnce() -> Message,
    ) -> Option<(String, Message)> {
        if !self.noted.insert((kind, id.to_owned())) {
            return None;
        }
        let forms = forms(id);
        let like = forms.iter().find_map(|f| self.forms.get(&(kind, f.clone()))).cloned();
        let own = (id.to_owned(), place());
        for form in forms {
            self.forms.entry((kind, form)).or_insert_with(|| own.clone());
        }
        like
    }
}

/// A skeleton tells a capital I from an i but not from an l; small letters do.
fn forms(id: &str) -> [String; 2] {
    let as_written: String = skeleton(id).collect();
    let small: String = skeleton(&id.to_lowercase()).collect();
    [as_written.to_lowercase(), small]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_eye_takes_for_the_same_is_told_once_with_its_place() {
        for (one, other) in [
            ("C-1", "c-1"),
            ("C-1", "С-1"),
            ("C-1", "C-l"),
            ("C-1", "C–1"),
            ("AI-1", "ai-1"),
            ("O-7", "0-7"),
        ] {
            let mut seen = LookAlikes::default();
            assert_eq!(seen.note("casing", one, || Message::foreign("line 2")), None);
            assert_eq!(
                seen.note("casing", one, || Message::foreign("line 3")),
                None,
                "the same again"
            );
            let like = seen.note("casing", other, || Message::foreign("line 4"));
            assert_eq!(like, Some((one.to_owned(), Message::foreign("line 2"))), "{other}");
            assert_eq!(seen.note("casing", other, || Message::foreign("line 5")), None);
            assert_eq!(
                seen.note("scene", other, || Message::foreign("line 4")),
                None,
                "another kind"
            );
        }
        let mut seen = LookAlikes::default();
        for id in ["C-1", "C-2", "C-11", "D-1", "C1", "C-1-1"] {
            assert_eq!(seen.note("casing", id, || Message::foreign("")), None, "{id}");
        }
    }
}
