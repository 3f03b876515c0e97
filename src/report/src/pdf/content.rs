//! The pages of a report as they are gathered.

use super::sheet::{Block, Picture, Sheet};
use crate::document::day;
use crate::laboratory::Paper;
use crate::look::Look;
use crate::model::Header;
use crate::seal;
use crate::text::Strings;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::Markup;
use types::evidence::Digest;

/// The pages of one report and the files they show.
pub struct Content {
    pub sheet: Sheet,
    pub files: Vec<(String, Vec<u8>)>,
    pub t: &'static Strings,
}

impl Content {
    /// Letterhead, title and foot.
    pub fn begin(header: &Header, subject: String, look: &Look, t: &'static Strings) -> Self {
        let lab = &header.laboratory;
        let mut files = Vec::new();
        let logo = lab.logo.as_ref().and_then(|logo| {
            let name = format!("logo.{}", logo.subtype.split('+').next().unwrap_or_default());
            files.push((name.clone(), STANDARD.decode(&logo.base64).ok()?));
            Some(name)
        });
        let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.into());
        let sheet = Sheet {
            language: t.code,
            paper: match look.paper {
                Paper::A4 => "a4",
                Paper::Letter => "us-letter",
            },
            title: header.title.clone().unwrap_or(subject),
            report_id: header.report_id.clone(),
            laboratory: or(&lab.name, t.laboratory_not_configured),
            letterhead: vec![
                or(&lab.address, t.address_not_configured),
                or(&lab.accreditation, t.accreditation_not_configured),
            ],
            logo,
            logo_alt: t.logo,
            issued: (t.issued, day(header.issued.as_deref(), t).text()),
            date: header.issued.as_deref().and_then(|d| {
                let d: jiff::civil::Date = d.parse().ok()?;
                Some((d.year(), d.month(), d.day()))
            }),
            report_label: t.report_id,
            page: (t.page_of, t.of),
            end: format!("{} {}", t.end_of_report, header.report_id),
            seal: seal::blank(&header.report_id),
            blocks: Vec::new(),
        };
        Self { sheet, files, t }
    }

    /// Puts a drawing over the width of the page.
    pub fn drawing(&mut self, svg: &Markup, alt: &str, caption: String) {
        let picture = Picture { file: self.svg(svg), alt: alt.to_owned(), ..Picture::default() };
        self.figure(vec![picture], caption, 88);
    }

    /// Keeps a drawing as a file; its name.
    pub fn svg(&mut self, svg: &Markup) -> String {
        // Within a page an SVG needs no namespace; a file of its own does.
        let namespace = "<svg xmlns=\"http://www.w3.org/2000/svg\" ";
        self.file("svg", svg.clone().into_string().replacen("<svg ", namespace, 1).into_bytes())
    }

    /// Puts pictures side by side.
    pub fn figure(&mut self, pictures: Vec<Picture>, caption: String, width: u8) {
        self.sheet.blocks.push(Block::Figure { pictures, caption, width });
    }

    /// Keeps a file; its name. The same bytes are kept once.
    pub fn file(&mut self, extension: &str, bytes: Vec<u8>) -> String {
        let name = format!("{}.{extension}", Digest::of(&bytes).short());
        if !self.files.iter().any(|(known, _)| *known == name) {
            self.files.push((name.clone(), bytes));
        }
        name
    }
}
