//! What screening a gallery needs of its templates.

use super::{Hex, Id, TableRow, Units, Word, fixed, parsed, row, text, word};
use crate::filter::key;
use crate::rows::{IndexRow, TemplateRow};
use hdf5::H5Type;
use types::error::Result;
use types::evidence::{CasingId, Digest};
use types::outline::Outline;

row!(
    /// `index`: one row a template, in their order. `sketch_at` counts from the
    /// commit's part of `sketches`, `offset` from its part of `template_bytes`.
    IndexColumns in "index", units [
        ("offset", "byte"), ("length", "byte"), ("sketch_at", "byte"), ("sketch_length", "byte"),
    ],
    keys |row| [key("template", &text(&{ row.mark })?)],
    {
        mark: Id, casing: Id, kind: Word, modality: Word, recipe: Hex, template: Hex,
        points: u64, offset: u64, length: u64, sketch_at: u64, sketch_length: u64,
    }
);

/// The index of one commit's templates.
#[derive(Default)]
pub struct Index {
    /// One row a template.
    pub rows: Vec<IndexColumns>,
    /// The sketches, one after the other.
    pub sketches: Vec<u8>,
}

impl Index {
    /// Adds the template at `offset`, of a mark of `casing`. Bytes that are no
    /// template have neither points nor a sketch.
    pub fn add(
        &mut self,
        template: &TemplateRow,
        casing: Option<&CasingId>,
        offset: u64,
        bytes: &[u8],
    ) -> Result<()> {
        let (points, sketch) =
            Outline::of(bytes).map_or((0, &[][..]), |outline| (outline.points, outline.sketch));
        self.rows.push(IndexColumns {
            mark: fixed(template.mark.as_str())?,
            casing: fixed(casing.map_or("", CasingId::as_str))?,
            kind: word(template.kind)?,
            modality: word(template.modality)?,
            recipe: fixed(&template.recipe.to_string())?,
            template: fixed(&Digest::of(bytes).to_string())?,
            points,
            offset,
            length: bytes.len() as u64,
            sketch_at: self.sketches.len() as u64,
            sketch_length: sketch.len() as u64,
        });
        self.sketches.extend_from_slice(sketch);
        Ok(())
    }
}

impl IndexColumns {
    /// Whether the row is of a template of this sort, given as it is stored.
    pub fn is_of(&self, kind: &Word, modality: &Word, recipe: &Hex) -> bool {
        // Packed fields are copied before they are looked at.
        ({ self.kind }, { self.modality }, { self.recipe }) == (*kind, *modality, *recipe)
    }

    /// The row of commit `seq`.
    pub fn row(&self, seq: u64) -> Result<IndexRow> {
        let casing = text(&{ self.casing })?;
        Ok(IndexRow {
            mark: parsed(self.mark)?,
            casing: if casing.is_empty() { None } else { Some(parsed(self.casing)?) },
            template: parsed(self.template)?,
            points: self.points,
            seq,
            offset: self.offset,
            length: self.length,
            sketch_at: self.sketch_at,
            sketch_length: self.sketch_length,
        })
    }
}

/// Kind, modality and recipe as they are stored.
pub fn sort_of(
    kind: impl serde::Serialize,
    modality: impl serde::Serialize,
    recipe: &Digest,
) -> Result<(Word, Word, Hex)> {
    Ok((word(kind)?, word(modality)?, fixed(&recipe.to_string())?))
}
