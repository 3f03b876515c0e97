//! What of each kind of record may go into a bundle, field by field.
//!
//! A field that is not in this table never leaves the laboratory: neither
//! personal data nor free text, in which such data may be, are.

mod table;

pub use table::SHARED_KINDS;

use serde::Serialize;
use serde_json::Value;

/// One field of a kind of record; arrays on the way count for each element.
#[derive(Serialize)]
pub struct Field {
    /// Where it is, by names separated by full stops.
    pub path: &'static str,
    /// The kind of record whose identifier it is.
    pub refers_to: Option<&'static str>,
    /// Whether what it names must belong to whoever shares the record.
    pub own: bool,
    /// Whether a record, or the object it is in, is nothing without it.
    pub needed: bool,
    /// Whether it is a date or a moment, none of which is yet to come.
    pub time: bool,
}

/// What is written where a field may not be left out.
#[derive(Clone, Copy)]
pub enum Substitute {
    /// A text.
    Text(&'static str),
    /// The code of the agency that shares the record, in place of a person.
    Agency,
    /// An object of which nothing is told.
    Nothing,
}

impl Substitute {
    fn value(self, agency: &str) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Agency => agency.into(),
            Self::Nothing => Value::Object(serde_json::Map::new()),
        }
    }
}

/// A kind of record that bundles may hold.
#[derive(Serialize)]
pub struct SharedKind {
    /// The records' kind in the store.
    pub kind: &'static str,
    /// What may be shared of them.
    pub fields: &'static [Field],
    /// What substitutes in for fields that are not shared but must be there.
    #[serde(skip)]
    pub substitutes: &'static [(&'static str, Substitute)],
    /// Fields that never go, for the record of what was left out.
    pub never: &'static [&'static str],
    /// Where the state is by which agreements tell regions apart.
    pub state: Option<&'static str>,
    /// A record goes along with what these fields refer to.
    pub joins: &'static [&'static str],
    /// Whether a text is such a record.
    #[serde(skip)]
    pub understood: fn(&str) -> Result<(), serde_json::Error>,
}

/// What is known of a kind of record; none for kinds that are never shared.
pub fn shared_kind(kind: &str) -> Option<&'static SharedKind> {
    SHARED_KINDS.iter().find(|sort| sort.kind == kind)
}

impl SharedKind {
    /// The field at `path`.
    pub fn field(&self, path: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.path == path)
    }

    /// The texts at every field that refers to something, with its kind.
    pub fn references(&self, body: &Value) -> Vec<(&'static str, String)> {
        let named = self.fields.iter().filter_map(|f| Some((f.refers_to?, f.path)));
        named
            .flat_map(|(kind, path)| Self::texts(body, path).into_iter().map(move |id| (kind, id)))
            .collect()
    }

    /// The first of the things named that must belong to whoever shares the
    /// record, and do not: who holds an exhibit, nobody else says.
    pub fn usurped(&self, body: &Value, is_own: &dyn Fn(&str) -> bool) -> Option<String> {
        let mut named =
            self.fields.iter().filter(|f| f.own).flat_map(|f| Self::texts(body, f.path));
        named.find(|id| !is_own(id))
    }

    /// The texts at a field: several where it is a list.
    pub fn texts(body: &Value, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(body, path, &mut |value| found.extend(value.as_str().map(str::to_owned)));
        found
    }

    /// The text at a field that is no list, where it has one.
    pub fn text(body: &Value, path: &str) -> Option<String> {
        Self::texts(body, path).into_iter().next()
    }

    /// The record with every reference renamed.
    pub fn rename<E>(
        &self,
        body: &mut Value,
        mut name: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<(), E> {
        for path in self.fields.iter().filter(|f| f.refers_to.is_some()).map(|f| f.path) {
            each_mut(body, path, &mut |value| {
                if let Value::String(id) = value {
                    *id = name(id)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What may be shared of a record where `allowed` says which of the fields
    /// that need not be there; the paths of what was left out are given to
    /// `left_out`.
    pub fn redacted(
        &self,
        body: &Value,
        agency: &str,
        allowed: &dyn Fn(&str) -> bool,
        left_out: &mut dyn FnMut(&str),
    ) -> Value {
        let mut shared = self.part(body, "", allowed, left_out);
        if let Value::Object(map) = &mut shared {
            for (name, substitute) in self.substitutes {
                map.entry(*name).or_insert_with(|| substitute.value(agency));
            }
        }
        shared
    }

    fn part(
        &self,
        value: &Value,
        path: &str,
        allowed: &dyn Fn(&str) -> bool,
        left_out: &mut dyn FnMut(&str),
    ) -> Value {
        let mut kept = serde_json::Map::new();
        let mut worth = path.is_empty();
        let Value::Object(map) = value else { return Value::Null };
        for (name, inner) in map.iter().filter(|(_, v)| !v.is_null()) {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let shared = match inner {
                Value::Object(_) => self.part(inner, &path, allowed, left_out),
                Value::Array(all) if all.iter().any(Value::is_object) => {
                    let part = |v| self.part(v, &path, allowed, left_out);
                    let parts: Vec<_> = all.iter().map(part).filter(|v| !v.is_null()).collect();
                    if parts.is_empty() { Value::Null } else { parts.into() }
                }
                _ => match self.field(&path) {
                    Some(field) if field.needed || allowed(&path) => {
                        worth |= allowed(&path);
                        inner.clone()
                    }
                    _ => {
                        if !blank(inner) {
                            left_out(&path);
                        }
                        Value::Null
                    }
                },
            };
            if !shared.is_null() {
                worth |= inner.is_object() || inner.is_array();
                kept.insert(name.clone(), shared);
            }
        }
        if worth {
            return Value::Object(kept);
        }
        if !kept.is_empty() {
            left_out(path);
        }
        Value::Null
    }

    /// The first field of a received record that bundles do not carry.
    pub fn stranger(&self, body: &Value, agency: &str) -> Option<String> {
        let mut strange = None;
        self.redacted(body, agency, &|_| true, &mut |path| {
            let substitutes = self.substitutes.iter().any(|(name, substitute)| {
                *name == path && body.get(*name) == Some(&substitute.value(agency))
            });
            if !substitutes {
                strange.get_or_insert_with(|| path.to_owned());
            }
        });
        strange
    }
}

/// Whether a value says nothing.
fn blank(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// Shows every value at `path`.
fn each(value: &Value, path: &str, show: &mut dyn FnMut(&Value)) {
    match value {
        Value::Array(all) => all.iter().for_each(|v| each(v, path, show)),
        Value::Object(map) if !path.is_empty() => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(inner) = map.get(name) {
                each(inner, rest, show);
            }
        }
        _ if path.is_empty() => show(value),
        _ => {}
    }
}

/// As [`each`], to be changed.
fn each_mut<E>(
    value: &mut Value,
    path: &str,
    change: &mut dyn FnMut(&mut Value) -> Result<(), E>,
) -> Result<(), E> {
    match value {
        Value::Array(all) => all.iter_mut().try_for_each(|v| each_mut(v, path, change)),
        Value::Object(map) if !path.is_empty() => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            map.get_mut(name).map_or(Ok(()), |inner| each_mut(inner, rest, change))
        }
        _ if path.is_empty() => change(value),
        _ => Ok(()),
    }
}
