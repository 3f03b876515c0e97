//! What comparing, linking and running gave.

use super::{Heap, Hex, Id, PoseColumns, Stored, TableRow, Text, Texts, Units, Word};
use super::{fixed, parsed, row, text, word};
use crate::filter::key;
use crate::rows::{ComparisonRow, FailureRow, GroupRow, LinkRow, RunRow, ShortlistRow};
use hdf5::H5Type;
use types::comparison::Cell;
use types::error::Result;
use types::evidence::MarkId;

row!(
    /// `comparisons`: pairs of marks; a pair's cells are the rows `cells_at` to
    /// `cells_at + cells_stored` of `cells` in the same commit's cells segment.
    ComparisonColumns in "comparisons", units [
        ("score", "1"), ("ccf", "1"), ("overlap_mm2", "mm2"), ("b_from_a.rotation_rad", "rad"),
        ("b_from_a.dx_m", "m"), ("b_from_a.dy_m", "m"), ("cell_um", "um"),
    ],
    keys |row| [
        key("compared", &text(&{ row.a })?), key("compared", &text(&{ row.b })?),
    ],
    {
        a: Id, b: Id, recipe: Hex, score: f64, ccf: f64, cells: u32, congruent_cells: u32,
        overlap_mm2: f64, b_from_a: PoseColumns, cell_um: f64, cells_at: u64, cells_stored: u32,
        cells_of_b: u8,
    }
);

impl ComparisonColumns {
    /// The row of a comparison whose cells start at row `cells_at`.
    pub fn of(c: &ComparisonRow, cells_at: u64, cells_stored: u32) -> Result<Self> {
        Ok(Self {
            a: fixed(c.a.as_str())?,
            b: fixed(c.b.as_str())?,
            recipe: fixed(&c.recipe.to_string())?,
            score: c.score,
            ccf: c.ccf,
            cells: c.cells,
            congruent_cells: c.congruent_cells,
            overlap_mm2: c.overlap_mm2,
            b_from_a: (&c.b_from_a).into(),
            cell_um: c.cell_um,
            cells_at,
            cells_stored,
            cells_of_b: u8::from(c.cells_of_b),
        })
    }

    /// Whether `mark` is one of the two.
    pub fn concerns(&self, mark: &MarkId) -> bool {
        let (a, b) = (self.a, self.b);
        [a.as_bytes(), b.as_bytes()].contains(&mark.as_str().as_bytes())
    }

    /// The two marks' identifiers, if they were compared under `recipe`.
    pub fn pair_under(&self, recipe: &str) -> Option<(Id, Id)> {
        let (a, b, own) = (self.a, self.b, self.recipe);
        (own.as_bytes() == recipe.as_bytes()).then_some((a, b))
    }

    /// The comparison without its cells.
    pub fn row(&self) -> Result<ComparisonRow> {
        Ok(ComparisonRow {
            a: parsed(self.a)?,
            b: parsed(self.b)?,
            recipe: parsed(self.recipe)?,
            score: self.score,
            ccf: self.ccf,
            cells: self.cells,
            congruent_cells: self.congruent_cells,
            overlap_mm2: self.overlap_mm2,
            b_from_a: self.b_from_a.into(),
            cell_um: self.cell_um,
            cells_of_b: self.cells_of_b != 0,
        })
    }
}

row!(
    /// `cells`: the cells of all comparisons of a commit.
    CellColumns in "cells", units [
        ("x_um", "um"), ("y_um", "um"), ("found_x_um", "um"), ("found_y_um", "um"),
        ("rotation_deg", "deg"), ("ccf", "1"),
    ],
    {
        x_um: f64, y_um: f64, found_x_um: f64, found_y_um: f64, rotation_deg: f64, ccf: f64,
        congruent: u8,
    }
);

impl CellColumns {
    /// What is left where a cell was expunged.
    pub const NOTHING: Self = Self {
        x_um: 0.0,
        y_um: 0.0,
        found_x_um: 0.0,
        found_y_um: 0.0,
        rotation_deg: 0.0,
        ccf: 0.0,
        congruent: 0,
    };
}

impl From<&Cell> for CellColumns {
    fn from(c: &Cell) -> Self {
        Self {
            x_um: c.x_um,
            y_um: c.y_um,
            found_x_um: c.found_x_um,
            found_y_um: c.found_y_um,
            rotation_deg: c.rotation_deg,
            ccf: c.ccf,
            congruent: u8::from(c.congruent),
        }
    }
}

impl From<CellColumns> for Cell {
    fn from(c: CellColumns) -> Self {
        Self {
            x_um: c.x_um,
            y_um: c.y_um,
            found_x_um: c.found_x_um,
            found_y_um: c.found_y_um,
            rotation_deg: c.rotation_deg,
            ccf: c.ccf,
            congruent: c.congruent != 0,
        }
    }
}

row!(
    /// `shortlists`: candidates per casing.
    ShortlistColumns in "shortlists", units [("score", "1")],
    keys |row| [
        key("linked", &text(&{ row.probe })?), key("linked", &text(&{ row.candidate })?),
    ],
    { probe: Id, rank: u32, candidate: Id, score: f64, congruent_cells: u32 }
);

impl Stored for ShortlistRow {
    type TableRow = ShortlistColumns;
    fn pack(&self, _: &mut Heap) -> Result<ShortlistColumns> {
        Ok(ShortlistColumns {
            probe: fixed(self.probe.as_str())?,
            rank: self.rank,
            candidate: fixed(self.candidate.as_str())?,
            score: self.score,
            congruent_cells: self.congruent_cells,
        })
    }
    fn unpack(row: &ShortlistColumns, _: Texts<'_>) -> Result<Self> {
        Ok(Self {
            probe: parsed(row.probe)?,
            rank: row.rank,
            candidate: parsed(row.candidate)?,
            score: row.score,
            congruent_cells: row.congruent_cells,
        })
    }
}

row!(
    /// `links`: links between casings.
    LinkColumns in "links", units [("score", "1")],
    keys |row| [key("linked", &text(&{ row.a })?), key("linked", &text(&{ row.b })?)],
    { a: Id, b: Id, score: f64, status: Word }
);

impl Stored for LinkRow {
    type TableRow = LinkColumns;
    fn pack(&self, _: &mut Heap) -> Result<LinkColumns> {
        Ok(LinkColumns {
            a: fixed(self.a.as_str())?,
            b: fixed(self.b.as_str())?,
            score: self.score,
            status: word(self.status)?,
        })
    }
    fn unpack(row: &LinkColumns, _: Texts<'_>) -> Result<Self> {
        Ok(Self {
            a: parsed(row.a)?,
            b: parsed(row.b)?,
            score: row.score,
            status: parsed(row.status)?,
        })
    }
}

row!(
    /// `groups`: memberships of casings in groups.
    GroupColumns in "groups", units [("confidence", "1")],
    keys |row| [key("linked", &text(&{ row.casing })?)],
    { group: Id, casing: Id, confidence: f64, prototype: u8 }
);

impl Stored for GroupRow {
    type TableRow = GroupColumns;
    fn pack(&self, _: &mut Heap) -> Result<GroupColumns> {
        Ok(GroupColumns {
            group: fixed(&self.group)?,
            casing: fixed(self.casing.as_str())?,
            confidence: self.confidence,
            prototype: u8::from(self.prototype),
        })
    }
    fn unpack(row: &GroupColumns, _: Texts<'_>) -> Result<Self> {
        Ok(Self {
            group: text(&{ row.group })?,
            casing: parsed(row.casing)?,
            confidence: row.confidence,
            prototype: row.prototype != 0,
        })
    }
}

row!(
    /// `runs`: runs of the pipeline; `counts` is a JSON object.
    RunColumns in "runs", units [],
    { id: Id, command: Text, software: Text, recipe: Hex, started: Text, finished: Text, counts: Text }
);

impl Stored for RunRow {
    type TableRow = RunColumns;
    fn pack(&self, heap: &mut Heap) -> Result<RunColumns> {
        Ok(RunColumns {
            id: fixed(&self.id)?,
            command: heap.put(&self.command)?,
            software: heap.put(&self.software)?,
            recipe: fixed(&self.recipe.to_string())?,
            started: heap.put(&self.started)?,
            finished: heap.put(&self.finished)?,
            counts: heap.put_json(&self.counts)?,
        })
    }
    fn unpack(row: &RunColumns, texts: Texts<'_>) -> Result<Self> {
        Ok(Self {
            id: text(&{ row.id })?,
            command: texts.get(row.command)?,
            software: texts.get(row.software)?,
            recipe: parsed(row.recipe)?,
            started: texts.get(row.started)?,
            finished: texts.get(row.finished)?,
            counts: texts.get_json(row.counts)?,
        })
    }
}

row!(
    /// `failures`: inputs that could not be processed.
    FailureColumns in "failures", units [],
    { run: Id, line: u64, kind: Text, file: Text, reason: Text }
);

impl Stored for FailureRow {
    type TableRow = FailureColumns;
    fn pack(&self, heap: &mut Heap) -> Result<FailureColumns> {
        Ok(FailureColumns {
            run: fixed(&self.run)?,
            line: self.line,
            kind: heap.put(&self.kind)?,
            file: heap.put(&self.file)?,
            reason: heap.put(&self.reason)?,
        })
    }
    fn unpack(row: &FailureColumns, texts: Texts<'_>) -> Result<Self> {
        Ok(Self {
            run: text(&{ row.run })?,
            line: row.line,
            kind: texts.get(row.kind)?,
            file: texts.get(row.file)?,
            reason: texts.get(row.reason)?,
        })
    }
}

row!(
    /// `recipes`: recipes by the digest of their text.
    RecipeColumns in "recipes", units [],
    keys |row| [key("recipe", &text(&{ row.sha256 })?)],
    { sha256: Hex, json: Text }
);

/// The text of a recipe.
pub struct RecipeTable(pub String);

impl Stored for RecipeTable {
    type TableRow = RecipeColumns;
    fn pack(&self, heap: &mut Heap) -> Result<RecipeColumns> {
        let sha256 = types::evidence::Digest::of(self.0.as_bytes()).to_string();
        Ok(RecipeColumns { sha256: fixed(&sha256)?, json: heap.put(&self.0)? })
    }
    fn unpack(row: &RecipeColumns, texts: Texts<'_>) -> Result<Self> {
        texts.get(row.json).map(Self)
    }
}
