//! `main.xml`: the fields that matter, as text.

use super::archive::damaged;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use types::error::Result;
use types::message::say;

/// Deeper nesting than this is not an X3P document.
const MAX_DEPTH: usize = 32;

/// The fields read, as paths of local names below the root element.
const FIELDS: [&str; 31] = [
    "Record1/FeatureType",
    "Record1/Axes/CX/AxisType",
    "Record1/Axes/CX/Increment",
    "Record1/Axes/CY/AxisType",
    "Record1/Axes/CY/Increment",
    "Record1/Axes/CZ/DataType",
    "Record1/Axes/CZ/Increment",
    "Record1/Axes/CZ/Offset",
    "Record1/Axes/Origin",
    "Record1/Axes/Rotation/r11",
    "Record1/Axes/Rotation/r12",
    "Record1/Axes/Rotation/r13",
    "Record1/Axes/Rotation/r21",
    "Record1/Axes/Rotation/r22",
    "Record1/Axes/Rotation/r23",
    "Record1/Axes/Rotation/r31",
    "Record1/Axes/Rotation/r32",
    "Record1/Axes/Rotation/r33",
    "Record2/Date",
    "Record2/Instrument/Manufacturer",
    "Record2/Instrument/Model",
    "Record3/MatrixDimension/SizeX",
    "Record3/MatrixDimension/SizeY",
    "Record3/MatrixDimension/SizeZ",
    "Record3/ListDimension",
    "Record3/DataLink/PointDataLink",
    "Record3/DataLink/MD5ChecksumPointData",
    "Record3/DataLink/ValidPointsLink",
    "Record3/DataLink/MD5ChecksumValidPoints",
    "Record3/Mask/Background",
    "Record4/ChecksumFile",
];

/// One height each, in a matrix that is written into `main.xml` itself.
const DATUM: &str = "Record3/DataList/Datum";

/// What a colour of the mask means (x3ptools, FiX3P).
const ANNOTATION: &str = "Record3/Mask/Annotations/Annotation";

/// The fields of `main.xml` that are present; vendor blocks are passed over.
#[derive(Debug)]
pub(super) struct Document {
    fields: BTreeMap<&'static str, String>,
    /// The texts of all `Datum` elements, each ended by a line feed.
    data: Option<String>,
    /// Colour and text of the mask's annotations.
    annotations: Vec<(String, String)>,
}

impl Document {
    /// Parses the XML. Entities other than the predefined ones are refused in
    /// fields, so that nothing expands.
    pub fn parse(xml: &str) -> Result<Self> {
        let bad = |e: quick_xml::Error| damaged(say!("main.xml is not well-formed XML: {e}"));
        let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
        let mut fields = BTreeMap::new();
        let mut path = Path::default();
        let mut data: Option<String> = None;
        let mut annotations: Vec<(String, String)> = Vec::new();
        let mut open: Option<(&'static str, String)> = None;
        loop {
            match reader.read_event().map_err(bad)? {
                Event::Start(tag) => {
                    path.enter(tag.local_name().as_ref())?;
                    open = path.field().map(|name| (name, String::new()));
                    if path.text == ANNOTATION {
                        annotations.push((colour_of(&tag), String::new()));
                    }
                }
                Event::Empty(tag) => {
                    path.enter(tag.local_name().as_ref())?;
                    match path.field() {
                        Some(DATUM) => data.get_or_insert_default().push('\n'),
                        Some(ANNOTATION) => annotations.push((colour_of(&tag), String::new())),
                        Some(name) => keep(&mut fields, name, String::new())?,
                        None => {}
                    }
                    path.leave();
                }
                Event::Text(text) => {
                    if let Some((_, value)) = &mut open {
                        value.push_str(&text.xml10_content());
                    }
                }
                Event::CData(text) => {
                    if let Some((_, value)) = &mut open {
                        value.push_str(&text.xml10_content());
                    }
                }
                Event::GeneralRef(entity) => {
                    if let Some((name, value)) = &mut open {
                        let known = match &*entity.xml10_content() {
                            "amp" => Some('&'),
                            "lt" => Some('<'),
                            "gt" => Some('>'),
                            "quot" => Some('"'),
                            "apos" => Some('\''),
                            _ => entity.resolve_char_ref().map_err(bad)?,
                        };
                        value.push(known.ok_or_else(|| {
                            damaged(say!("main.xml uses an entity of its own in {name}"))
                        })?);
                    }
                }
                Event::End(_) => {
                    match open.take() {
                        Some((DATUM, value)) => {
                            let data = data.get_or_insert_default();
                            data.extend(value.split_whitespace());
                            data.push('\n');
                        }
                        Some((ANNOTATION, value)) => {
                            if let Some((_, text)) = annotations.last_mut() {
                                *text = value.trim().to_owned();
                            }
                        }
                        Some((name, value)) => keep(&mut fields, name, value)?,
                        None => {}
                    }
                    path.leave();
                }
                Event::Eof if path.is_empty() => return Ok(Self { fields, data, annotations }),
                Event::Eof => return Err(damaged(say!("main.xml ends inside an element"))),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// A field's text without blanks around it; `None` where absent or empty.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The heights that `main.xml` itself lists, one a line, empty = missing.
    pub fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    /// Colour and text of the mask's annotations.
    pub fn annotations(&self) -> &[(String, String)] {
        &self.annotations
    }

    /// Whether the element is there, be it empty or not.
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }
}

/// The `color` of an annotation.
fn colour_of(tag: &quick_xml::events::BytesStart<'_>) -> String {
    let attribute = tag.try_get_attribute("color").ok().flatten();
    attribute.map_or_else(String::new, |a| a.value.to_string())
}

fn keep(
    fields: &mut BTreeMap<&'static str, String>,
    name: &'static str,
    value: String,
) -> Result<()> {
    match fields.insert(name, value.clone()) {
        Some(earlier) if earlier != value => {
            Err(damaged(say!("main.xml gives {name} twice, {earlier:?} and {value:?}")))
        }
        _ => Ok(()),
    }
}

/// The place in the document, as one string and the lengths to cut it back to.
#[derive(Default)]
struct Path {
    text: String,
    lengths: Vec<usize>,
}

impl Path {
    fn enter(&mut self, name: &str) -> Result<()> {
        if self.lengths.len() >= MAX_DEPTH {
            return Err(damaged(say!("main.xml nests more than {MAX_DEPTH} elements")));
        }
        self.lengths.push(self.text.len());
        // The root's name varies between versions of the standard.
        if self.lengths.len() > 1 {
            if !self.text.is_empty() {
                self.text.push('/');
            }
            self.text.push_str(name);
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.text.truncate(self.lengths.pop().unwrap_or(0));
    }

    fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    fn field(&self) -> Option<&'static str> {
        let lists = [DATUM, ANNOTATION];
        FIELDS.into_iter().chain(lists).find(|field| *field == self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn vendor_blocks_comments_and_entities_are_understood() {
        let xml = "\u{feff}<?xml version=\"1.0\"?><q:Root xmlns:q=\"x\"><Vendor><Date>no</Date></Vendor>\
                   <Record2><!-- c --><Date> 2020 </Date><Instrument><Model>A&amp;B&#65;<![CDATA[<]]></Model>\
                   </Instrument></Record2><Record3><ListDimension/></Record3></q:Root>";
        let document = Document::parse(xml).unwrap();
        assert_eq!(document.get("Record2/Date"), Some("2020"));
        assert_eq!(document.get("Record2/Instrument/Model"), Some("A&BA<"));
        assert!(document.has("Record3/ListDimension"));
        assert_eq!(document.get("Record1/FeatureType"), None);
    }

    #[test]
    fn contradictions_and_bombs_are_refused() {
        let wrap = |inner: &str| format!("<R><Record2>{inner}</Record2></R>");
        let twice = wrap("<Date>a</Date><Date>b</Date>");
        assert!(Document::parse(&twice).unwrap_err().what.contains("twice"));
        let laughs = format!("<!DOCTYPE R [<!ENTITY a \"aaaa\">]>{}", wrap("<Date>&a;&a;</Date>"));
        assert!(Document::parse(&laughs).unwrap_err().what.contains("entity"));
        assert!(Document::parse(&"<a>".repeat(100_000)).unwrap_err().what.contains("nests"));
        assert!(Document::parse("<R><Record2>").unwrap_err().what.contains("ends inside"));
    }
}
