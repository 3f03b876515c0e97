//! Which column of a CSV of pairs holds what.

use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// What a column holds, and the headers by which it is known, parted by blanks,
/// in order of preference. Case, blanks, hyphens and points do not matter.
const ROLES: [(&str, &str); 20] = [
    (
        "a",
        "a casing_a casing1 casing_1 casing_id_a id_a id1 item_a item1 scan_a file_a \
         mark_a left probe questioned",
    ),
    (
        "b",
        "b casing_b casing2 casing_2 casing_id_b id_b id2 item_b item2 scan_b file_b \
         mark_b right candidate known",
    ),
    (
        "firearm_a",
        "firearm_a firearm1 firearm_1 firearm_id_a weapon1 weapon_1 weapon_a gun_a gun1 \
         gun_1 source_a source1 slide_a barrel_a",
    ),
    (
        "firearm_b",
        "firearm_b firearm2 firearm_2 firearm_id_b weapon2 weapon_2 weapon_b gun_b gun2 \
         gun_2 source_b source2 slide_b barrel_b",
    ),
    (
        "same_source",
        "same_source same hypothesis label truth ground_truth is_same_source same_firearm \
         same_gun km known_match mated match target class y",
    ),
    ("score", "score similarity accf ccf_max ccf max_ccf"),
    ("cells", "cells n n_cells cells_tried total_cells num_cells cell_count"),
    ("congruent_cells", "congruent_cells cmc cmcs n_cmc congruent matching_cells cmc_count k"),
    ("overlap_mm2", "overlap_mm2"),
    ("area_mm2", "area_mm2"),
    ("mark", "mark_kind mark mark_type"),
    ("modality", "modality"),
    ("recipe", "recipe"),
    ("instrument", "instrument"),
    ("instrument_a", "instrument_a"),
    ("instrument_b", "instrument_b"),
    ("calibre", "calibre caliber"),
    ("calibre_a", "calibre_a caliber_a"),
    ("calibre_b", "calibre_b caliber_b"),
    ("by", ""),
];

/// An unusable input.
pub(super) fn bad(what: Message) -> Error {
    Error::new(Kind::BadInput, what)
}

/// The columns of one file.
pub(super) struct ColumnNames {
    pub names: Vec<String>,
    pub roles: BTreeMap<&'static str, usize>,
}

/// A header or label without what does not matter.
pub(super) fn plain(name: &str) -> String {
    name.trim().trim_start_matches('\u{feff}').to_lowercase().replace([' ', '-', '.'], "_")
}

impl ColumnNames {
    /// Finds the columns by role, as named by hand or by their aliases.
    pub fn of(names: Vec<String>, by_hand: &BTreeMap<String, String>) -> Result<Self> {
        let mut header = Self { names, roles: BTreeMap::new() };
        if let Some(unknown) = by_hand.keys().find(|k| ROLES.iter().all(|r| r.0 != *k)) {
            let roles: Vec<&str> = ROLES.iter().map(|r| r.0).collect();
            return Err(bad(say!("no pair has a {unknown:?}"))
                .advise(say!("name one of: {}", roles.join(", "))));
        }
        for (role, aliases) in ROLES {
            let at = match by_hand.get(role) {
                Some(name) => Some(header.column(name)?),
                None => aliases.split_whitespace().find_map(|alias| header.find(alias)),
            };
            if let Some(at) = at {
                header.roles.insert(role, at);
            }
        }
        Ok(header)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        self.names.iter().position(|n| plain(n) == name)
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.find(name).ok_or_else(|| {
            bad(say!("there is no column {name:?}"))
                .advise(say!("the columns are: {}", self.names.join(", ")))
        })
    }

    /// Whether there is a column of this role.
    pub fn has(&self, role: &str) -> bool {
        self.roles.contains_key(role)
    }
}
