//! A look inside one comparison, as files: pictures and JSON.

use super::files::Loaded;
use imaging::correlate::{Explanation, explain};
use imaging::extract::FINE_PITCH;
use report::picture::{laid_over, unrolled};
use serde_json::json;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::files::put_file;
use types::message::{Message, say};

/// A file that was written, and what it shows.
pub struct Explained {
    /// The file.
    pub file: PathBuf,
    /// What it shows.
    pub shows: Message,
}

/// Compares two marks and writes into `folder` what the search looked at
/// (`explanation.json`) and how both marks lie on each other (`pose.png`,
/// `runner-up.png`, `unrolled.png`). The comparison is the one that is made
/// without looking.
///
/// # Errors
/// As [`imaging::correlate::compare`]; [`Kind::Io`] where the folder cannot be
/// written.
pub fn explain_into(
    folder: &Path,
    [a, b]: [&Loaded; 2],
    exhaustive: bool,
) -> Result<(Explanation, Vec<Explained>)> {
    let found = explain(&a.template, &b.template, exhaustive)?;
    std::fs::create_dir_all(folder)
        .map_err(|e| Error::io(say!("making the folder"), folder, &e))?;
    let mut written = Vec::new();
    let mut put = |name: &str, shows: Message, bytes: &[u8]| -> Result<()> {
        let file = folder.join(name);
        put_file(&file, bytes)?;
        written.push(Explained { file, shows });
        Ok(())
    };
    let c = &found.comparison;
    let features = [&found.features[0], &found.features[1]];
    if c.overlap_mm2 > 0.0 && a.template.striae.is_none() {
        let bytes = laid_over(features, FINE_PITCH, &c.b_from_a, Some(c))?;
        let shows = say!(
            "B's features, A's laid on them, and where both agree (orange) or contradict (blue), \
             with the cells (green if congruent)"
        );
        put("pose.png", shows, &bytes)?;
    }
    if let Some(other) = &c.runner_up {
        let bytes = laid_over(features, FINE_PITCH, &other.b_from_a, None)?;
        put("runner-up.png", say!("the same at the runner-up pose"), &bytes)?;
    }
    if let Some(rings) = &found.unrolled {
        let bytes = unrolled(&rings.a, &rings.b)?;
        let shows = say!(
            "both unrolled about B's centre, A above B, each with its innermost ring at the top; \
             below them where they agree"
        );
        put("unrolled.png", shows, &bytes)?;
    }
    let body = json!({
        "comparison": c,
        "distinctness": c.distinctness(),
        "steps": found.steps,
        "rings": found.unrolled.as_ref().map(|u| &u.rings),
    });
    let text = serde_json::to_string_pretty(&body)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    let shows = say!("the comparison, and every place that the search looked at, step by step");
    put("explanation.json", shows, format!("{text}\n").as_bytes())?;
    Ok((found, written))
}
