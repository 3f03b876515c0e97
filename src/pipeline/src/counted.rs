//! What stages count.

use serde::{Serialize, Serializer};

macro_rules! counted {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// Something that a stage counts; in the order of the words, so that JSON
        /// lists them so.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Counted { $($(#[$doc])* $variant),+ }

        impl Counted {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in JSON and in the store.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

counted! {
    /// Records that say something else than before.
    Changed = "changed",
    /// Decisions and test fires that the scores contradict.
    Conflicts = "conflicts",
    /// Searches under rules that kept casings out.
    Exclusions = "exclusions",
    /// What could not be done.
    Failed = "failed",
    /// Proposed groups.
    Groups = "groups",
    /// Scans that were taken in.
    Imported = "imported",
    /// Scans that were in the store already.
    Known = "known",
    /// Linkings that differ from the one before.
    LinkingChanged = "linking_changed",
    /// Proposed links.
    Links = "links",
    /// Records that were not there before.
    New = "new",
    /// Pairs neither proposed nor clearly of two firearms.
    OpenPairs = "open_pairs",
    /// Pairs that were compared.
    PairsCompared = "pairs_compared",
    /// Pairs whose comparison was in the store already.
    PairsKnown = "pairs_known",
    /// Pairs left out by their sketches.
    PairsLeftOut = "pairs_left_out",
    /// Pairs looked at for one acquisition under two names.
    PairsLookedAt = "pairs_looked_at",
    /// Results with personal data.
    Persons = "persons",
    /// Marks prepared anew.
    Prepared = "prepared",
    /// Records corrected with a reason.
    RecordsCorrected = "records_corrected",
    /// Reports that were issued.
    ReportsIssued = "reports_issued",
    /// Reports whose findings did not change.
    ReportsUnchanged = "reports_unchanged",
    /// Rows of a table.
    Rows = "rows",
    /// Pairs held to be one acquisition.
    SameAcquisition = "same_acquisition",
    /// Records that say the same as before.
    Unchanged = "unchanged",
    /// Marks not fit to be compared.
    Unusable = "unusable",
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_in_the_order_of_their_words() {
        assert!(Counted::ALL.is_sorted_by_key(|counted| counted.word()));
        assert!(Counted::ALL.is_sorted());
    }
}
