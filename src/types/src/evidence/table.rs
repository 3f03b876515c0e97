//! Records as rows of a table: the columns of every kind of record, from cells
//! to the typed record and back.

mod kinds;
mod path;
mod traces;

pub use kinds::KINDS;
use path::{at, drop_empty, put};

use super::{Claim, Digest, State, owner};
use crate::error::{Error, Kind, Result};
use crate::message::{Message, say};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::str::FromStr;

/// What stands between the values in a cell that lists several; a value of a
/// list cannot hold it.
pub const LIST_SEPARATOR: &str = ";";

/// A column of a kind's table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// The field of the record that it fills; dots lead inwards.
    field: &'static str,
    /// Whether every record needs it.
    pub required: bool,
    /// Whether a cell lists several values.
    pub list: bool,
    /// The kind of record that a cell names and that must be there.
    pub refers: Option<&'static str>,
    /// The kind of thing that a cell names and that is one agency's own,
    /// whether or not there is a record of it.
    names: Option<&'static str>,
    /// What a cell may look like.
    pub example: &'static str,
    read: fn(&str) -> Result<Value>,
}

impl Column {
    const fn new(
        name: &'static str,
        field: &'static str,
        read: fn(&str) -> Result<Value>,
        example: &'static str,
    ) -> Self {
        Self { name, field, required: false, list: false, refers: None, names: None, example, read }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    const fn refers(self, kind: &'static str) -> Self {
        Self { refers: Some(kind), ..self.names(kind) }
    }

    const fn names(mut self, kind: &'static str) -> Self {
        self.names = Some(kind);
        self
    }

    /// The value that a cell stands for; null where it is empty.
    fn value(&self, cell: &str) -> Result<Value> {
        if self.list {
            let parts = cell.split(LIST_SEPARATOR).map(str::trim).filter(|part| !part.is_empty());
            return parts.map(self.read).collect::<Result<Vec<_>>>().map(Value::Array);
        }
        if cell.is_empty() { Ok(Value::Null) } else { (self.read)(cell) }
    }
}

/// A cell that names or is a `T`.
fn a<T: FromStr<Err = Error> + Serialize>(cell: &str) -> Result<Value> {
    serde_json::to_value(cell.parse::<T>()?)
        .map_err(|e| Error::new(Kind::Internal, say!("{cell:?} cannot be kept: {e}")).because(&e))
}

fn text(cell: &str) -> Result<Value> {
    Ok(Value::String(cell.to_owned()))
}

/// A number of degrees with a decimal point.
fn degrees(cell: &str) -> Result<Value> {
    let number = cell.parse::<f64>().ok().filter(|n| n.is_finite());
    number.map(Value::from).ok_or_else(|| {
        Error::new(Kind::BadInput, say!("{cell:?} is not a number of degrees"))
            .advise(say!("decimal degrees with a point, such as -106.4833"))
    })
}

/// A state by any code or name, kept as its ISO 3166-2 code.
fn state(cell: &str) -> Result<Value> {
    text(State::find(cell)?.code)
}

/// A kind of record with its table.
pub struct RecordKind {
    /// Its name in the store and on the command line.
    pub name: &'static str,
    /// Its columns; the first is the identifier.
    pub columns: &'static [Column],
    typed: fn(Value) -> serde_json::Result<String>,
}

/// A record made of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRecord {
    /// Its identifier.
    pub id: String,
    /// The record as JSON.
    pub body: String,
    /// The records it names: column, kind, identifier.
    pub references: Vec<(&'static str, &'static str, String)>,
}

/// A field of which two versions of a record say something else.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The field's column.
    pub column: &'static Column,
    /// What the record says; null or the word `unknown` where it does not know.
    pub stored: Value,
    /// What the other says.
    pub said: Value,
}

impl Difference {
    /// Whether a value says nothing.
    fn is_open(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.is_empty() || text == "unknown",
            Value::Array(several) => several.is_empty(),
            _ => false,
        }
    }

    /// Whether the other only fills in what the record leaves open, or lists
    /// more than it.
    pub fn adds(&self) -> bool {
        let more = || {
            let (Value::Array(stored), Value::Array(said)) = (&self.stored, &self.said) else {
                return false;
            };
            stored.iter().all(|value| said.contains(value))
        };
        Self::is_open(&self.stored) || more()
    }

    /// Refuses what the other says where no table could bring it: a word that
    /// is none, an identifier with a character that nobody sees.
    ///
    /// # Errors
    /// [`Kind::BadInput`], naming the column.
    pub fn check(&self) -> Result<()> {
        let name = self.column.name;
        let read = self.column.value(&cell(&self.said));
        let read = read.map_err(|e| Error { what: say!("{name}: {}", e.what), ..e })?;
        if read == self.said {
            return Ok(());
        }
        let what = say!("{name}: {} would have to be written {}", self.said, read);
        Err(Error::new(Kind::BadInput, what))
    }

    /// Whether the other says nothing of it.
    pub fn is_silent(&self) -> bool {
        Self::is_open(&self.said)
    }
}

/// What is wrong with a row, and in which column where it is one.
pub type Fault = (Option<&'static str>, Error);

impl RecordKind {
    const fn of<T: Serialize + DeserializeOwned>(
        name: &'static str,
        columns: &'static [Column],
    ) -> Self {
        let typed = |value| {
            let record: T = serde_json::from_value(value)?;
            serde_json::to_string(&record)
        };
        Self { name, columns, typed }
    }

    /// The kind of that name.
    ///
    /// # Errors
    /// [`Kind::BadInput`], listing the kinds, if there is none.
    pub fn named(name: &str) -> Result<&'static Self> {
        let plain = name.to_lowercase().replace('-', "_");
        KINDS.iter().find(|kind| kind.name == plain).ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            Error::new(Kind::BadInput, say!("there is no kind of record {name:?}"))
                .advise(say!("use one of: {}", names.join(", ")))
        })
    }

    /// The record that a row's cells (by heading) make. A column that the row
    /// does not have keeps what the record `stored` under its identifier says;
    /// an empty cell says that it is unknown. Where the identifier may be left
    /// out, it is made of the cells.
    ///
    /// # Errors
    /// Every fault of the row.
    pub fn record(
        &self,
        cells: &BTreeMap<&str, String>,
        stored: impl FnOnce(&str) -> Option<String>,
    ) -> std::result::Result<RowRecord, Vec<Fault>> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut values: Vec<(&Column, Value)> = Vec::new();
        for column in self.columns {
            let Some(cell) = cells.get(column.name) else { continue };
            match column.value(cell) {
                Ok(value) => values.push((column, value)),
                Err(e) => faults.push((Some(column.name), e)),
            }
        }
        let id = self.id_of(cells, &values);
        let old = stored(&id).and_then(|body| serde_json::from_str(&body).ok());
        let mut body = old.unwrap_or_else(|| Value::Object(Map::new()));
        for (column, value) in values {
            put(&mut body, column.field, value);
        }
        if let Some(column) = self.columns.first().filter(|_| !id.is_empty()) {
            put(&mut body, column.field, Value::String(id.clone()));
        }
        for column in self.columns.iter().filter(|c| c.required) {
            let missing = at(&body, column.field).is_none_or(Value::is_null);
            if missing && faults.iter().all(|(name, _)| *name != Some(column.name)) {
                let error =
                    Error::new(Kind::BadInput, say!("is empty")).advise(say!("every row needs it"));
                faults.push((Some(column.name), error));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let references = self.references(&body);
        drop_empty(&mut body);
        let body = (self.typed)(body).map_err(|e| {
            vec![(None, Error::new(Kind::BadInput, Message::foreign(e.to_string())))]
        })?;
        Ok(RowRecord { id, body, references })
    }

    fn id_of(&self, cells: &BTreeMap<&str, String>, values: &[(&Column, Value)]) -> String {
        let Some(own) = self.columns.first() else { return String::new() };
        // As it was read, which is its one spelling.
        let given = values.iter().find(|(column, _)| column.name == own.name);
        let given = given.and_then(|(_, value)| value.as_str()).filter(|id| !id.is_empty());
        let made = || {
            let cells: Vec<&str> = self
                .columns
                .iter()
                .map(|column| cells.get(column.name).map_or("", String::as_str))
                .collect();
            format!("{}-{}", self.name, Digest::of(cells.join("\n").as_bytes()).short())
        };
        let none = || if own.required { String::new() } else { made() };
        given.map_or_else(none, str::to_owned)
    }

    /// Where two records of this kind, as JSON, say something else.
    ///
    /// # Errors
    /// [`Kind::Store`] if one is not JSON.
    pub fn differences(&self, stored: &str, said: &str) -> Result<Vec<Difference>> {
        let both = self.row(stored)?.into_iter().zip(self.row(said)?);
        let both = self.columns.iter().zip(both).filter(|(_, (stored, said))| stored != said);
        Ok(both.map(|(column, (stored, said))| Difference { column, stored, said }).collect())
    }

    /// A record, as JSON, with some fields as others say.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is not JSON, [`Kind::BadInput`] if it would be no
    /// record of this kind.
    pub fn with(&self, body: &str, news: &[Difference]) -> Result<String> {
        let mut body: Value = serde_json::from_str(body).map_err(|e| {
            Error::new(Kind::Store, say!("a record of kind {}: {e}", self.name)).because(&e)
        })?;
        for Difference { column, said, .. } in news {
            put(&mut body, column.field, said.clone());
        }
        drop_empty(&mut body);
        (self.typed)(body).map_err(|e| Error::new(Kind::BadInput, Message::foreign(e.to_string())))
    }

    /// The records that a record (as JSON) names.
    pub fn references(&self, body: &Value) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        for column in self.columns {
            let (Some(kind), Some(value)) = (column.refers, at(body, column.field)) else {
                continue;
            };
            let ids = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let named = ids.iter().filter_map(Value::as_str);
            found.extend(named.map(|id| (column.name, kind, id.to_owned())));
        }
        found
    }

    /// Takes out of another agency's record `id` what it says of things that
    /// are not that agency's, and tells it. Whether a record is left: one that
    /// is wholly about such things is not.
    pub(super) fn set_aside(&self, id: &str, body: &mut Value) -> (Vec<Claim>, bool) {
        let (mut claims, mut stands) = (Vec::new(), true);
        let Some(by) = owner(id).map(str::to_owned) else { return (claims, stands) };
        let theirs = |named: &Value| named.as_str().is_none_or(|n| owner(n) == Some(by.as_str()));
        for column in self.columns.iter().skip(1) {
            let (Some(kind), Some(value)) = (column.names, at(body, column.field)) else {
                continue;
            };
            let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let (own, others): (Vec<Value>, Vec<Value>) = all.iter().cloned().partition(theirs);
            if others.is_empty() {
                continue;
            }
            claims.extend(others.iter().filter_map(Value::as_str).map(|about| Claim {
                by: by.clone(),
                kind: self.name.to_owned(),
                record: id.to_owned(),
                field: column.name.to_owned(),
                about_kind: kind.to_owned(),
                about: about.to_owned(),
            }));
            stands &= !column.required;
            if column.list {
                put(body, column.field, Value::Array(own));
                continue;
            }
            // What has lost its name is nothing.
            let part = column.field.strip_suffix(".id").unwrap_or(column.field);
            put(body, part, Value::Null);
        }
        (claims, stands)
    }

    /// A record's body as one value a column, null where unknown.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is not JSON.
    pub fn row(&self, body: &str) -> Result<Vec<Value>> {
        let body: Value = serde_json::from_str(body).map_err(|e| {
            Error::new(Kind::Store, say!("a record of kind {}: {e}", self.name)).because(&e)
        })?;
        Ok(self.columns.iter().map(|c| at(&body, c.field).cloned().unwrap_or_default()).collect())
    }
}

/// A value as the text of a cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(several) => several.iter().map(cell).collect::<Vec<_>>().join(LIST_SEPARATOR),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
