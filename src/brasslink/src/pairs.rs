//! Where `calibrate` and `validate` take labelled pairs from.

use super::Say;
use super::progress::Shown;
use crate::recipe;
use imaging::acquire::manifest::read_truth;
use pipeline::{Failed, labelled_pairs};
use statistics::weigh::{PairSet, Reading, read_pairs};
use std::path::PathBuf;
use types::error::{Error, Kind, Result};
use types::evidence::MarkKind;
use types::message::{Message, say};

/// Labelled pairs: a CSV of what comparisons gave, or scans to compare.
#[derive(clap::Args)]
pub struct PairsArgs {
    /// Pairs that were compared: a CSV with the truth (same_source, or both
    /// firearms) and a score, counts of congruent cells and cells, or all.
    #[arg(long, value_name = "FILE", required_unless_present = "truth")]
    pairs: Option<PathBuf>,
    /// Scans to compare: the truth of a labelled set (see `evaluate`).
    #[arg(long, value_name = "FILE", conflicts_with = "pairs", requires = "root")]
    truth: Option<PathBuf>,
    /// The folder that the truth's file names start from.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Which column holds what, where its header does not tell; may be given
    /// several times. What: a, b, firearm_a, firearm_b, same_source, score, cells
    /// (tried), congruent_cells, overlap_mm2, area_mm2
    /// (of the smaller mark), mark, modality, recipe, instrument,
    /// calibre, by (what rank curves are told apart by).
    #[arg(long, value_name = "WHAT=HEADER", value_parser = assignment)]
    column: Vec<(String, String)>,
    /// Use only the rows with this value in this column.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = assignment)]
    only: Option<(String, String)>,
    /// The mark, where no column says it [default: breech_face].
    #[arg(long, value_name = "KIND")]
    mark: Option<MarkKind>,
}

/// A `NAME=VALUE` of the command line.
pub fn assignment(text: &str) -> std::result::Result<(String, String), Message> {
    let (name, value) = text.split_once('=').ok_or_else(|| say!("write it as NAME=VALUE"))?;
    Ok((name.trim().into(), value.trim().into()))
}

impl PairsArgs {
    /// A name for what they hold: that of the file.
    pub fn name(&self) -> String {
        let path = self.pairs.as_ref().or(self.truth.as_ref());
        path.and_then(|p| p.file_stem()).unwrap_or_default().to_string_lossy().into_owned()
    }

    /// How the CSV is read; `only` replaces `--only`.
    fn reading(&self, only: Option<&(String, String)>) -> Reading {
        Reading {
            columns: self.column.iter().cloned().collect(),
            only: only.or(self.only.as_ref()).cloned(),
            mark: self.mark,
        }
    }
}

/// Reads or compares the pairs; what could not be compared comes beside.
pub fn read(args: &PairsArgs, say: Say) -> Result<(PairSet, Vec<Failed>)> {
    if let (Some(truth), Some(root)) = (&args.truth, &args.root) {
        return labelled_pairs(&read_truth(truth)?, root, &recipe::in_force(), &Shown::new(say));
    }
    Ok((read_part(args, None)?, Vec::new()))
}

/// Reads the rows of the CSV with a value in a column.
pub fn read_part(args: &PairsArgs, only: Option<&(String, String)>) -> Result<PairSet> {
    let path = args.pairs.as_ref().ok_or_else(|| {
        Error::new(Kind::BadInput, say!("a part of the pairs needs a CSV of pairs"))
            .advise(say!("give --pairs FILE"))
    })?;
    read_pairs(path, &args.reading(only))
}
