//! Who issues a report, at its head.

use super::blocks::Page;
use super::spans::span;
use crate::document::Letterhead;
use maud::{Markup, html};

/// The laboratory's name and address, the report's and its day of issue.
pub fn letterhead(l: &Letterhead, page: &Page) -> Markup {
    let [name, address, accreditation] = &l.laboratory;
    html! {
        header.letterhead {
            @if let Some(logo) = l.logo {
                img.logo alt=(l.logo_alt) src={ "data:image/" (logo.subtype) ";base64," (logo.base64) };
            }
            div.grow {
                p.laboratory { (span(name, page)) }
                p { (span(address, page)) }
                p { (span(accreditation, page)) }
            }
            dl {
                dt { (l.report_id.0) } dd { (l.report_id.1) }
                dt { (l.issued.0) } dd { (span(&l.issued.1, page)) }
            }
        }
    }
}
