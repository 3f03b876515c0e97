//! The pages of a validation.

use super::content::{Content, right};
use super::sheet::{Picture, Style};
use super::typeset;
use crate::model::Header;
use crate::validation::{Grid, Page};
use crate::write::Look;
use types::error::Result;

/// The validation as PDF with a place for its seal.
///
/// # Errors
/// Those of [`super::to_pdf`].
pub fn validation(header: &Header, p: &Page, look: &Look) -> Result<Vec<u8>> {
    let t = look.language.strings();
    let mut c = Content::begin(header, p.title.clone(), look, t);
    c.sheet.text(Style::Plain, p.tested.as_str());
    p.notes.iter().for_each(|note| c.sheet.text(Style::Warning, note.as_str()));
    c.sheet.heading(1, p.propositions.0);
    c.sheet.text(Style::Plain, p.propositions.1);
    c.sheet.heading(1, p.figures_title);
    c.sheet.facts(p.figures.clone());
    c.sheet.text(Style::Note, p.intervals_note);
    c.sheet.heading(1, p.curves_title);
    for two in p.curves.chunks(2) {
        let pictures = two.iter().map(|d| Picture {
            alt: d.alt.clone(),
            label: d.title.to_owned(),
            file: c.svg(&d.svg),
            over: None,
        });
        let pictures = pictures.collect();
        c.figure(pictures, String::new(), 100);
    }
    c.sheet.heading(1, p.ranks_title);
    grid(&mut c, &p.ranks);
    c.sheet.heading(1, p.firearms_title);
    match &p.firearms {
        Ok(firearms) => grid(&mut c, firearms),
        Err(none) => c.sheet.text(Style::Plain, *none),
    }
    c.sheet.text(Style::Aid, p.scope);
    c.sheet.text(Style::Note, format!("{}: {}", t.software, header.software));
    typeset(c, &header.software, look)
}

fn grid(c: &mut Content, grid: &Grid) {
    let named = |(i, h): (usize, &String)| if i == 0 { h.clone() } else { right(h) };
    let headings: Vec<String> = grid.headings.iter().enumerate().map(named).collect();
    let columns: Vec<(&str, f64)> = headings.iter().map(|h| (h.as_str(), 1.0)).collect();
    let rows = grid.rows.iter().map(|row| row.iter().map(|v| v.as_str().into()).collect());
    c.sheet.table(String::new(), &columns, rows.collect());
}
