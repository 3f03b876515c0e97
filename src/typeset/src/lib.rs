//! Sets manuscripts as PDF with Typst: tagged, with bookmarks and embedded
//! fonts, as PDF/A-2a where a date is known.
//!
//! The only crate that names Typst, which takes minutes to compile: see
//! docs/decisions/0090-typeset-in-a-child.md. What stands on the pages is decided
//! by the crate `report`, how it looks by the manuscript's layout.

mod glyphs;

use types::manuscript::{Manuscript, Setting};
use typst::foundations::Smart;
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// The pages of a manuscript, or why it cannot be set. The same manuscript gives
/// the same bytes.
pub fn set(mut manuscript: Manuscript) -> Setting {
    match pages(&mut manuscript) {
        Ok(pdf) => Setting::Pages(pdf),
        Err(why) => Setting::Failed(why),
    }
}

fn pages(manuscript: &mut Manuscript) -> Result<Vec<u8>, String> {
    glyphs::show_all(manuscript)?;
    let Manuscript { layout, sheet, files, identifier, creator, archival } = &*manuscript;
    let named = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let engine = TypstEngine::builder()
        .main_file(layout.as_str())
        .fonts(typst_assets::fonts())
        .with_static_file_resolver(named.chain([("sheet.json", sheet.as_slice())]))
        // Nothing of one document is kept for the next.
        .comemo_evict_max_age(Some(0))
        .build();
    let document: PagedDocument = engine.compile().output.map_err(|e| e.to_string())?;
    let standard: &[_] = if *archival { &[PdfStandard::A_2a] } else { &[] };
    let standards =
        PdfStandards::new(standard).map_err(|e| format!("the PDF standard: {}", e.message()))?;
    let options = PdfOptions {
        ident: Smart::Custom(identifier.clone()),
        creator: Smart::Custom(Some(creator.clone())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| {
        errors.iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join("; ")
    })
}
