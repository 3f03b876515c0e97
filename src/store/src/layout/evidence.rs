//! Casings and what was received, found and computed of them.

use super::{Heap, Hex, Id, PoseColumns, Stored, TableRow, Text, Texts, Units, Word};
use super::{clipped, fixed, parsed, row, text, word, wrong};
use crate::filter::key;
use crate::manifest::Role;
use crate::rows::{CASING, MarkRow, Record, ScanRow, TemplateRow};
use hdf5::H5Type;
use hdf5::types::FixedUnicode;
use types::error::Result;
use types::evidence::CasingRecord;
use types::mark::Quality;
use types::message::say;
use types::units::Metres;

row!(
    /// `records`: the versioned truth of casework.
    RecordColumns in "records", units [],
    keys |row| [key(&text(&{ row.kind })?, &text(&{ row.id })?)],
    { kind: FixedUnicode<32>, id: Id, version: u32, author: Id, reason: Text, body: Text }
);

impl Stored for Record {
    type TableRow = RecordColumns;
    fn pack(&self, heap: &mut Heap) -> Result<RecordColumns> {
        Ok(RecordColumns {
            kind: fixed(&self.kind)?,
            id: fixed(&self.id)?,
            version: self.version,
            author: fixed(&self.author)?,
            reason: heap.put(&self.reason)?,
            body: heap.put(&self.body)?,
        })
    }
    fn unpack(row: &RecordColumns, texts: Texts<'_>) -> Result<Self> {
        Ok(Self {
            kind: text(&{ row.kind })?,
            id: text(&{ row.id })?,
            version: row.version,
            author: text(&{ row.author })?,
            reason: texts.get(row.reason)?,
            body: texts.get(row.body)?,
        })
    }
}

row!(
    /// `casings`: the casing records among `records`, for people. The record's
    /// body is the truth; a text too long for its column ends in an ellipsis.
    CasingColumns in "casings", units [],
    keys |row| [key("casing", &text(&{ row.id })?)],
    {
        id: Id, version: u32, origin: Word, firearm: Id, calibre: FixedUnicode<64>,
        firing_pin_shape: Word, scene: Id, scene_date: Word, scene_state: Word,
        agency: FixedUnicode<64>, case_number: Id,
    }
);

impl CasingColumns {
    /// The readable columns of a record, if it is a casing's.
    pub fn of(record: &Record) -> Result<Option<Self>> {
        if record.kind != CASING {
            return Ok(None);
        }
        let casing: CasingRecord = serde_json::from_str(&record.body)
            .map_err(|e| wrong(say!("the record of casing {}: {e}", record.id)))?;
        let scene = casing.scene.as_ref();
        let or_blank = |text: Option<String>| text.unwrap_or_default();
        Ok(Some(Self {
            id: fixed(casing.id.as_str())?,
            version: record.version,
            origin: word(casing.origin)?,
            firearm: fixed(casing.firearm.as_ref().map_or("", |f| f.as_str()))?,
            calibre: clipped(&or_blank(casing.calibre.clone()))?,
            firing_pin_shape: word(casing.firing_pin_shape)?,
            scene: fixed(scene.map_or("", |s| s.id.as_str()))?,
            scene_date: clipped(&or_blank(scene.and_then(|s| s.date).map(|d| d.to_string())))?,
            scene_state: clipped(&or_blank(scene.and_then(|s| s.state.clone())))?,
            agency: clipped(&or_blank(scene.and_then(|s| s.agency.clone())))?,
            case_number: fixed(
                scene.and_then(|s| s.case.as_ref()).map_or("", |case| case.as_str()),
            )?,
        }))
    }
}

row!(
    /// `scans`: what was received.
    ScanColumns in "scans", units [
        ("bytes", "byte"), ("ny", "pixel"), ("nx", "pixel"), ("pitch_x_m", "m"), ("pitch_y_m", "m"),
    ],
    keys |row| [key("scan", &text(&{ row.sha256 })?), key("of", &text(&{ row.casing })?)],
    {
        sha256: Hex, casing: Id, bytes: u64, format: Word, modality: Word, light: Word,
        ny: u64, nx: u64, pitch_x_m: f64, pitch_y_m: f64,
        file_name: Text, instrument: Text, acquired: Text, warnings: Text,
    }
);

impl Stored for ScanRow {
    type TableRow = ScanColumns;
    const NEEDS: Option<Role> = Some(Role::Originals);
    fn pack(&self, heap: &mut Heap) -> Result<ScanColumns> {
        Ok(ScanColumns {
            sha256: fixed(&self.sha256.to_string())?,
            casing: fixed(self.casing.as_str())?,
            bytes: self.bytes,
            format: word(self.format)?,
            modality: word(self.modality)?,
            light: word(self.light)?,
            ny: self.ny,
            nx: self.nx,
            pitch_x_m: self.pitch_x.0,
            pitch_y_m: self.pitch_y.0,
            file_name: heap.put(&self.file_name)?,
            instrument: heap.put_json(&self.instrument)?,
            acquired: heap.put_json(&self.acquired)?,
            warnings: heap.put_json(&self.warnings)?,
        })
    }
    fn unpack(row: &ScanColumns, texts: Texts<'_>) -> Result<Self> {
        Ok(Self {
            sha256: parsed(row.sha256)?,
            casing: parsed(row.casing)?,
            bytes: row.bytes,
            format: parsed(row.format)?,
            modality: parsed(row.modality)?,
            light: parsed(row.light)?,
            ny: row.ny,
            nx: row.nx,
            pitch_x: Metres(row.pitch_x_m),
            pitch_y: Metres(row.pitch_y_m),
            file_name: texts.get(row.file_name)?,
            instrument: texts.get_json(row.instrument)?,
            acquired: texts.get_json(row.acquired)?,
            warnings: texts.get_json(row.warnings)?,
        })
    }
}

row!(
    /// `marks`: prepared marks; their values are in `mark_values/` of the same
    /// commit's marks segment.
    MarkColumns in "marks", units [
        ("ny", "pixel"), ("nx", "pixel"), ("pitch_m", "m"), ("scan_from_mark.rotation_rad", "rad"),
        ("scan_from_mark.dx_m", "m"), ("scan_from_mark.dy_m", "m"), ("area_mm2", "mm2"),
        ("coverage", "1"), ("rms", "um (topography) or 1 (image)"),
    ],
    keys |row| [key("mark", &text(&{ row.id })?), key("of", &text(&{ row.casing })?)],
    {
        id: Id, casing: Id, scan: Hex, kind: Word, modality: Word, recipe: Hex,
        ny: u64, nx: u64, pitch_m: f64, scan_from_mark: PoseColumns,
        verdict: Word, reasons: Text, area_mm2: f64, coverage: f64, rms: f64,
    }
);

impl Stored for MarkRow {
    type TableRow = MarkColumns;
    const NEEDS: Option<Role> = Some(Role::Marks);
    fn pack(&self, heap: &mut Heap) -> Result<MarkColumns> {
        Ok(MarkColumns {
            id: fixed(self.id.as_str())?,
            casing: fixed(self.casing.as_str())?,
            scan: fixed(&self.scan.to_string())?,
            kind: word(self.kind)?,
            modality: word(self.modality)?,
            recipe: fixed(&self.recipe.to_string())?,
            ny: self.ny,
            nx: self.nx,
            pitch_m: self.pitch.0,
            scan_from_mark: (&self.scan_from_mark).into(),
            verdict: word(self.quality.verdict)?,
            reasons: heap.put_json(&self.quality.reasons)?,
            area_mm2: self.quality.area_mm2,
            coverage: self.quality.coverage,
            rms: self.quality.rms,
        })
    }
    fn unpack(row: &MarkColumns, texts: Texts<'_>) -> Result<Self> {
        Ok(Self {
            id: parsed(row.id)?,
            casing: parsed(row.casing)?,
            scan: parsed(row.scan)?,
            kind: parsed(row.kind)?,
            modality: parsed(row.modality)?,
            recipe: parsed(row.recipe)?,
            ny: row.ny,
            nx: row.nx,
            pitch: Metres(row.pitch_m),
            scan_from_mark: row.scan_from_mark.into(),
            quality: Quality {
                verdict: parsed(row.verdict)?,
                reasons: texts.get_json(row.reasons)?,
                area_mm2: row.area_mm2,
                coverage: row.coverage,
                rms: row.rms,
            },
        })
    }
}

row!(
    /// `templates`: where each template lies in `template_bytes` of the same
    /// commit's templates segment.
    TemplateColumns in "templates", units [("offset", "byte"), ("length", "byte")],
    keys |row| [key("template", &text(&{ row.mark })?)],
    { mark: Id, kind: Word, modality: Word, recipe: Hex, offset: u64, length: u64 }
);

impl TemplateColumns {
    /// The index row of a template at `offset`.
    pub fn of(row: &TemplateRow, offset: u64, length: u64) -> Result<Self> {
        Ok(Self {
            mark: fixed(row.mark.as_str())?,
            kind: word(row.kind)?,
            modality: word(row.modality)?,
            recipe: fixed(&row.recipe.to_string())?,
            offset,
            length,
        })
    }

    /// What the template was made from.
    pub fn row(&self) -> Result<TemplateRow> {
        Ok(TemplateRow {
            mark: parsed(self.mark)?,
            kind: parsed(self.kind)?,
            modality: parsed(self.modality)?,
            recipe: parsed(self.recipe)?,
        })
    }
}
