//! How each kind of row looks in HDF5: compound types with fixed-width UTF-8
//! strings, free text by reference into the segment's `text` heap, and the
//! conversions both ways. Changing anything here changes the format version.

mod commits;
mod evidence;
mod index;
mod results;

pub use commits::{CommitBlock, CommitColumns};
pub use evidence::{CasingColumns, MarkColumns, RecordColumns, ScanColumns, TemplateColumns};
pub use index::{Index, IndexColumns, sort_of};
pub use results::{
    CellColumns, ComparisonColumns, FailureColumns, GroupColumns, LinkColumns, RecipeColumns,
    RecipeTable, RunColumns, ShortlistColumns,
};

use super::manifest::Role;
use hdf5::H5Type;
use hdf5::types::FixedUnicode;
use serde::{Serialize, de::DeserializeOwned};
use types::error::{Error, Kind, Result};
use types::surface::Pose;
use types::units::{Angle, Metres};

type Id = FixedUnicode<128>;
type Hex = FixedUnicode<64>;
type Word = FixedUnicode<16>;

/// Pairs of column and unit.
pub type Units = &'static [(&'static str, &'static str)];

/// A row as it lies in a compound dataset.
pub trait TableRow: H5Type + Copy {
    /// The dataset's name.
    const TABLE: &'static str;
    /// Units of the columns that have one.
    const UNITS: Units;
    /// The keys under which the row is looked up.
    fn keys(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// Something to be done with every table there is.
pub trait EachTable {
    /// Does it with one.
    fn table<R: TableRow>(&mut self) -> Result<()>;

    /// Does it with all.
    fn all(&mut self) -> Result<()> {
        self.table::<RecordColumns>()?;
        self.table::<CasingColumns>()?;
        self.table::<ScanColumns>()?;
        self.table::<MarkColumns>()?;
        self.table::<TemplateColumns>()?;
        self.table::<ComparisonColumns>()?;
        self.table::<ShortlistColumns>()?;
        self.table::<LinkColumns>()?;
        self.table::<GroupColumns>()?;
        self.table::<RecipeColumns>()?;
        self.table::<RunColumns>()?;
        self.table::<FailureColumns>()
    }
}

/// A value kept as a row of a table, with its free text in a heap.
pub trait Stored: Sized {
    /// Its row.
    type TableRow: TableRow;
    /// The row of this value; its texts are appended to `heap`.
    fn pack(&self, heap: &mut Heap) -> Result<Self::TableRow>;
    /// The value of a row.
    fn unpack(row: &Self::TableRow, texts: Texts<'_>) -> Result<Self>;
    /// The segment without which a row is worth nothing; see `repair`.
    const NEEDS: Option<Role> = None;
}

/// Where a text lies in the heap.
#[derive(Clone, Copy, H5Type)]
#[repr(C, packed)]
pub struct Text {
    offset: u64,
    length: u32,
}

/// The free texts of one commit, one after the other, UTF-8.
#[derive(Default)]
pub struct Heap(pub Vec<u8>);

impl Heap {
    fn put(&mut self, text: &str) -> Result<Text> {
        let length = u32::try_from(text.len())
            .map_err(|_| Error::new(Kind::TooLarge, say!("a text is longer than 4 GiB")))?;
        let offset = self.0.len() as u64;
        self.0.extend_from_slice(text.as_bytes());
        Ok(Text { offset, length })
    }

    fn put_json<T: Serialize>(&mut self, value: &T) -> Result<Text> {
        let json = serde_json::to_string(value)
            .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
        self.put(&json)
    }
}

/// The free texts of one commit, read from a segment.
#[derive(Clone, Copy)]
pub struct Texts<'a>(pub &'a [u8]);

impl Texts<'_> {
    fn get(self, at: Text) -> Result<String> {
        let start = usize::try_from(at.offset).ok();
        let end = start.and_then(|s| s.checked_add(at.length as usize));
        let bytes = start.zip(end).and_then(|(s, e)| self.0.get(s..e));
        let text = bytes.and_then(|b| std::str::from_utf8(b).ok()).map(str::to_owned);
        text.ok_or_else(|| wrong(say!("a text lies outside the heap or is not UTF-8")))
    }

    fn get_json<T: DeserializeOwned>(self, at: Text) -> Result<T> {
        serde_json::from_str(&self.get(at)?).map_err(|e| wrong(say!("a stored text: {e}")))
    }
}

fn wrong(what: Message) -> Error {
    Error::new(Kind::Store, what)
}

fn fixed<const N: usize>(text: &str) -> Result<FixedUnicode<N>> {
    // Padding is by NUL, so that a NUL at the end would be lost.
    let fits = (!text.contains('\0')).then(|| text.parse().ok()).flatten();
    fits.ok_or_else(|| Error::new(Kind::BadInput, say!("{text:?} does not fit {N} bytes")))
}

/// `text`, or as much of it as fits followed by an ellipsis.
fn clipped<const N: usize>(text: &str) -> Result<FixedUnicode<N>> {
    if text.len() <= N {
        return fixed(text);
    }
    let room = N.saturating_sub('…'.len_utf8());
    let end = (0..=room).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    fixed(&format!("{}…", text.get(..end).unwrap_or_default()))
}

fn word<T: Serialize>(value: T) -> Result<Word> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => fixed(&text),
        _ => Err(Error::new(Kind::Internal, say!("a word does not serialise to a string"))),
    }
}

fn text<const N: usize>(field: &FixedUnicode<N>) -> Result<String> {
    // The crate's own accessor trusts the file to hold UTF-8; this one does not.
    let text = std::str::from_utf8(field.as_bytes()).map(str::to_owned);
    text.map_err(|_| wrong(say!("a string column is not UTF-8")))
}

fn parsed<T: DeserializeOwned, const N: usize>(field: FixedUnicode<N>) -> Result<T> {
    let text = text(&field)?;
    serde_json::from_value(serde_json::Value::String(text))
        .map_err(|e| wrong(say!("a string column: {e}")))
}

/// A pose in SI units.
#[derive(Clone, Copy, H5Type)]
#[repr(C, packed)]
pub struct PoseColumns {
    rotation_rad: f64,
    dx_m: f64,
    dy_m: f64,
}

impl From<&Pose> for PoseColumns {
    fn from(p: &Pose) -> Self {
        Self { rotation_rad: p.rotation.rad(), dx_m: p.dx.0, dy_m: p.dy.0 }
    }
}

impl From<PoseColumns> for Pose {
    fn from(p: PoseColumns) -> Self {
        let rotation = Angle::from_rad(p.rotation_rad);
        Self { rotation, dx: Metres(p.dx_m), dy: Metres(p.dy_m) }
    }
}

/// Declares a row type, its table and its units.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident in $table:literal, units $units:expr,
     $(keys |$row:ident| $keys:expr,)? { $($field:ident: $ty:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, H5Type)]
        #[repr(C, packed)]
        pub struct $name { $(pub $field: $ty),+ }

        impl TableRow for $name {
            const TABLE: &'static str = $table;
            const UNITS: Units = &$units;
            $(fn keys(&self) -> Result<Vec<String>> {
                let $row = self;
                Ok($keys.into())
            })?
        }
    };
}
use row;
use types::message::{Message, say};
