//! The pages of a report as they are gathered.

use super::sheet::{Picture, PrintBlock, Sheet};
use crate::document::Letterhead;
use crate::laboratory::Paper;
use crate::model::ReportHeader;
use crate::seal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::Markup;
use types::evidence::Digest;

/// The pages of one report and the files they show.
pub struct Content {
    pub sheet: Sheet,
    pub files: Vec<(String, Vec<u8>)>,
}

impl Content {
    /// Letterhead, title and foot.
    pub fn begin(header: &ReportHeader, letterhead: Letterhead, paper: Paper) -> Self {
        let mut files = Vec::new();
        let logo = letterhead.logo.and_then(|logo| {
            let name = format!("logo.{}", logo.subtype.split('+').next().unwrap_or_default());
            files.push((name.clone(), STANDARD.decode(&logo.base64).ok()?));
            Some(name)
        });
        let [laboratory, address, accreditation] = letterhead.laboratory.map(|part| part.text());
        let (label, day) = letterhead.issued;
        let sheet = Sheet {
            language: letterhead.language,
            paper: match paper {
                Paper::A4 => "a4",
                Paper::Letter => "us-letter",
            },
            title: letterhead.title,
            report_id: header.report_id.clone(),
            laboratory,
            letterhead: vec![address, accreditation],
            logo,
            logo_alt: letterhead.logo_alt,
            issued: (label, day.text()),
            date: header.issued.as_deref().and_then(|d| {
                let d: jiff::civil::Date = d.parse().ok()?;
                Some((d.year(), d.month(), d.day()))
            }),
            report_label: letterhead.report_id.0,
            page: letterhead.page,
            end: letterhead.end,
            seal: seal::blank(&header.report_id),
            blocks: Vec::new(),
        };
        Self { sheet, files }
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
        self.sheet.blocks.push(PrintBlock::Figure { pictures, caption, width });
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
