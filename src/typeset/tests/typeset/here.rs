//! The typesetter in the very process of the tests.

use report::{Look, Typesetter};
use types::error::Result;
use types::manuscript::{Manuscript, Setting};

#[derive(Debug)]
struct Here;

impl Typesetter for Here {
    fn set(&self, manuscript: &Manuscript) -> Result<Setting> {
        // As it passes between the two programs.
        let mut message = Vec::new();
        manuscript.write(&mut message)?;
        Ok(brasslink_typeset::set(Manuscript::read(&mut message.as_slice())?.unwrap()))
    }
}

/// The usual look, with that typesetter.
pub fn look() -> Look<'static> {
    Look { typesetter: Some(&Here), ..Look::default() }
}
