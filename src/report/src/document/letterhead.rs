//! Who issues a report, at its head, and its clear end.

use super::span::{Span, day, or};
use crate::laboratory::Logo;
use crate::model::ReportHeader;
use crate::text::Strings;

/// What stands around the blocks of a report.
pub struct Letterhead<'a> {
    /// The text's language, ISO 639-1.
    pub language: &'static str,
    pub title: String,
    /// The laboratory's name, address and accreditation.
    pub laboratory: [Span; 3],
    pub logo: Option<&'a Logo>,
    pub logo_alt: &'static str,
    /// What the report's identifier is called, and the identifier.
    pub report_id: (&'static str, &'a str),
    /// What the day of issue is called, and the day.
    pub issued: (&'static str, Span),
    /// The last line.
    pub end: String,
    /// A page's link past the letterhead.
    pub skip: &'static str,
    /// Words for the foot of each printed page: "Page", "of".
    pub page: (&'static str, &'static str),
}

impl<'a> Letterhead<'a> {
    /// Of a report called `title`, unless its header has a title of its own.
    pub fn of(header: &'a ReportHeader, title: &str, t: &Strings) -> Self {
        let lab = &header.laboratory;
        Self {
            language: t.code,
            title: header.title.as_deref().unwrap_or(title).to_owned(),
            laboratory: [
                or(lab.name.as_deref(), t.laboratory_not_configured),
                or(lab.address.as_deref(), t.address_not_configured),
                or(lab.accreditation.as_deref(), t.accreditation_not_configured),
            ],
            logo: lab.logo.as_ref(),
            logo_alt: t.logo,
            report_id: (t.report_id, &header.report_id),
            issued: (t.issued, day(header.issued.as_deref(), t)),
            end: format!("{} {}", t.end_of_report, header.report_id),
            skip: t.skip_to_content,
            page: (t.page_of, t.of),
        }
    }
}
