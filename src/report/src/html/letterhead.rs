//! Who issues a report, at its head.

use crate::document::{day, or};
use crate::model::Header;
use crate::text::Strings;
use maud::{Markup, html};

/// The laboratory's name and address, the report's and its day of issue.
pub fn letterhead(header: &Header, t: &Strings) -> Markup {
    let lab = &header.laboratory;
    html! {
        header.letterhead {
            @if let Some(logo) = &lab.logo {
                img.logo alt=(t.logo) src={ "data:image/" (logo.subtype) ";base64," (logo.base64) };
            }
            div.grow {
                p.laboratory { (or(lab.name.as_deref(), t.laboratory_not_configured)) }
                p { (or(lab.address.as_deref(), t.address_not_configured)) }
                p { (or(lab.accreditation.as_deref(), t.accreditation_not_configured)) }
            }
            dl {
                dt { (t.report_id) } dd { (header.report_id) }
                dt { (t.issued) } dd { (day(header.issued.as_deref(), t)) }
            }
        }
    }
}
