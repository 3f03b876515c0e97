//! A page and its print say the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use crate::content::{grouped_report, pair_report};
use crate::made::{casing_report, issued};
use report::{Format, Language, Look, Report, Typesetter, export, to_html};
use serde_json::Value;
use std::sync::Mutex;
use testkit::page::{attribute, text, without_pictures};
use types::error::Result;
use types::evidence::Modality;
use types::manuscript::{Manuscript, Setting};

/// Keeps what it should set.
#[derive(Debug, Default)]
struct Kept(Mutex<Option<Manuscript>>);

impl Typesetter for Kept {
    fn set(&self, manuscript: &Manuscript) -> Result<Setting> {
        *self.0.lock().unwrap() = Some(manuscript.clone());
        Ok(Setting::Failed("kept".into()))
    }
}

fn print(report: &Report, language: Language) -> Manuscript {
    let kept = Kept::default();
    let look = Look { language, typesetter: Some(&kept), ..Look::default() };
    export(report, &look, Format::Pdf).expect_err("nothing was set");
    kept.0.into_inner().unwrap().expect("a manuscript")
}

/// Every text of what stands on paper: what is no name of a file or a style.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(said) => found.push(said.clone()),
        Value::Array(all) => all.iter().for_each(|v| texts(v, found)),
        Value::Object(fields) => {
            let set = ["block", "style", "file", "over"];
            let said = fields.iter().filter(|(name, _)| !set.contains(&name.as_str()));
            said.for_each(|(_, v)| texts(v, found));
        }
        _ => {}
    }
}

/// Letters and digits: signs between them differ in a list and in a paragraph.
fn bare(said: &str) -> String {
    said.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn what_print_says_of_a_casing_or_a_pair_stands_in_the_page() {
    let images = casing_report(2, 96, Modality::Image);
    let none = casing_report(0, 96, Modality::Topography);
    for report in [grouped_report(), issued(), images, none, pair_report()] {
        for language in Language::ALL {
            let page = without_pictures(&to_html(&report, *language).unwrap());
            let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
            let alts = attribute(body, "aria-label").join("\n");
            let page = bare(&(text(body) + "\n" + &text(&alts)));
            let manuscript = print(&report, *language);
            let sheet: Value = serde_json::from_slice(&manuscript.sheet).unwrap();
            let mut said = Vec::new();
            for part in ["title", "laboratory", "letterhead", "report_label", "issued", "end"] {
                texts(&sheet[part], &mut said);
            }
            texts(&sheet["blocks"], &mut said);
            let drawn = manuscript.files.iter().filter(|(name, _)| name.ends_with(".svg"));
            said.extend(drawn.map(|(_, svg)| text(std::str::from_utf8(svg).unwrap())));
            assert!(said.len() > 60, "{} texts", said.len());
            for one in said {
                assert!(page.contains(&bare(&one)), "{language:?}: print alone says {one:?}");
            }
        }
    }
}
