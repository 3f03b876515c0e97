//! What `main.xml` says of the matrix, checked.

use super::archive::damaged;
use super::document::Document;
use super::matrix::{Layout, ZType};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Pixels more elongated than this are a slip, not an instrument.
const MOST_ELONGATED: f64 = 10.0;

/// Dimensions, increments as written (unit not yet decided), number type.
#[derive(Debug)]
pub(super) struct X3pHeader {
    pub nx: usize,
    pub ny: usize,
    /// Layers; only the first is read.
    pub nz: usize,
    pub increment_x: f64,
    pub increment_y: f64,
    z_type: ZType,
    z_increment: f64,
    z_offset: f64,
}

impl X3pHeader {
    pub fn read(
        document: &Document,
        max_points: usize,
        warnings: &mut Vec<Message>,
    ) -> Result<Self> {
        refuse_unread_kinds(document)?;
        let [nx, ny, nz] = dimensions(document, max_points)?;
        if nz > 1 {
            warnings.push(say!("the file holds {nz} layers; only the first is read"));
        }
        let increment_x = increment(document, "Record1/Axes/CX/Increment")?
            .ok_or_else(|| missing("Record1/Axes/CX/Increment"))?;
        let increment_y = increment(document, "Record1/Axes/CY/Increment")?
            .ok_or_else(|| missing("Record1/Axes/CY/Increment"))?;
        let ratio = increment_x / increment_y;
        if !(1.0 / MOST_ELONGATED..=MOST_ELONGATED).contains(&ratio) {
            return Err(damaged(say!(
                "the increments contradict each other: {increment_x} along x, {increment_y} along y"
            )));
        }
        if (ratio - 1.0).abs() > 1e-3 {
            warnings
                .push(say!("pixels are not square: {increment_x} along x, {increment_y} along y"));
        }
        let letter = document
            .get("Record1/Axes/CZ/DataType")
            .ok_or_else(|| missing("Record1/Axes/CZ/DataType"))?;
        let z_type = ZType::from_letter(letter).ok_or_else(|| {
            damaged(say!("heights have the unknown number type {letter:?}"))
                .advise(say!("the types are I, L, F and D"))
        })?;
        let z_increment = increment(document, "Record1/Axes/CZ/Increment")?;
        if z_increment.is_none() && z_type.is_integer() {
            return Err(missing("Record1/Axes/CZ/Increment"));
        }
        let z_offset = match document.get("Record1/Axes/CZ/Offset") {
            Some(text) => number(text).ok_or_else(|| unusable("Record1/Axes/CZ/Offset", text))?,
            None => 0.0,
        };
        warn_of_rotation(document, warnings);
        let z_increment = z_increment.unwrap_or(1.0);
        Ok(Self { nx, ny, nz, increment_x, increment_y, z_type, z_increment, z_offset })
    }

    /// The height after which the number type begins again from its lowest one.
    pub fn span(&self) -> Option<f64> {
        Some(self.z_type.span()? * self.z_increment)
    }

    pub fn layout(&self) -> Layout {
        Layout {
            z_type: self.z_type,
            layer: self.nx * self.ny,
            total: self.nx * self.ny * self.nz,
            increment: self.z_increment,
            offset: self.z_offset,
        }
    }
}

fn refuse_unread_kinds(document: &Document) -> Result<()> {
    let unread = |what: Message| {
        Err(Error::new(Kind::UnknownFormat, say!("an X3P of a kind that is not read: {what}"))
            .advise(say!("export the scan as a surface (SUR) on a regular grid")))
    };
    if let Some(feature) = document.get("Record1/FeatureType").filter(|f| *f != "SUR") {
        return unread(say!("feature type {feature:?}"));
    }
    if document.has("Record3/ListDimension") {
        return unread(say!("an unordered list of points"));
    }
    for axis in ["CX", "CY"] {
        let field = format!("Record1/Axes/{axis}/AxisType");
        if let Some(kind) = document.get(&field).filter(|kind| *kind != "I") {
            return unread(say!("{axis} is not an incremental axis but {kind:?}"));
        }
    }
    Ok(())
}

/// Sizes along x, y, z, none zero, whose product is within `max_points`.
fn dimensions(document: &Document, max_points: usize) -> Result<[usize; 3]> {
    let fields = ["SizeX", "SizeY", "SizeZ"].map(|n| format!("Record3/MatrixDimension/{n}"));
    let mut sizes = [1_usize; 3];
    let mut texts = [""; 3];
    for ((field, size), shown) in fields.iter().zip(&mut sizes).zip(&mut texts) {
        let Some(text) = document.get(field) else {
            if field.ends_with('Z') {
                continue;
            }
            return Err(missing(field));
        };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(unusable(field, text));
        }
        // All digits and yet not a number of this machine: too large for it.
        *size = text.parse().unwrap_or(usize::MAX);
        *shown = text;
        if *size == 0 {
            return Err(unusable(field, text));
        }
    }
    let points = sizes.iter().try_fold(1_usize, |product, n| product.checked_mul(*n));
    if points.is_none_or(|points| points > max_points) {
        let claim = texts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" × ");
        return Err(Error::new(
            Kind::TooLarge,
            say!("the file claims {claim} points, more than the limit of {max_points}"),
        )
        .advise(say!("crop or subsample the scan in the exporting software")));
    }
    Ok(sizes)
}

/// An increment, which must be a positive finite number where it is given.
fn increment(document: &Document, field: &str) -> Result<Option<f64>> {
    if !document.has(field) {
        return Ok(None);
    }
    let text = document.get(field).unwrap_or_default();
    number(text).filter(|n| *n > 0.0).map(Some).ok_or_else(|| unusable(field, text))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|n: &f64| n.is_finite())
}

fn missing(field: &str) -> Error {
    damaged(say!("main.xml has no {field}")).advise(say!("export the scan again with this field"))
}

fn unusable(field: &str, text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    damaged(say!("main.xml gives {field} as {shown:?}, which is not a usable number"))
        .advise(say!("export the scan again; no value is guessed"))
}

fn warn_of_rotation(document: &Document, warnings: &mut Vec<Message>) {
    let turned = (1..=3).flat_map(|r| (1..=3).map(move |c| (r, c))).any(|(r, c)| {
        let unit = if r == c { 1.0 } else { 0.0 };
        document
            .get(&format!("Record1/Axes/Rotation/r{r}{c}"))
            .is_some_and(|text| number(text).is_none_or(|v| (v - unit).abs() > 1e-9))
    });
    if turned {
        warnings.push(say!("the file gives a rotation of the axes; it is not applied"));
    }
}
