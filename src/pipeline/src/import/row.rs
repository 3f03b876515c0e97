//! One row of a manifest, read, prepared and extracted.

use crate::files::template_of;
use crate::memory::Memory;
use imaging::acquire::manifest::{Manifest, ManifestRow};
use imaging::acquire::{ReadOptions, Setting};
use imaging::prepare::{Recipe, prepare};
use std::path::Path;
use std::sync::Arc;
use store::{Delivery, MarkRow, ScanRow};
use tracing::info_span;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId, MarkKind, Modality};
use types::files::open_file;
use types::mark::PreparedMark;
use types::message::{Message, say};

/// A row taken through the stages.
pub(super) enum Done {
    /// The same file, with this digest, and mark are stored already.
    Stored(Digest),
    /// New; the mark may be unusable, and is then kept without a template.
    New(Box<New>),
}

pub(super) struct New {
    /// What is kept of the scan; its points are not held until the commit.
    pub scan: ScanRow,
    /// What it measured.
    pub surface: Digest,
    pub id: MarkId,
    pub mark: Found,
    pub template: std::result::Result<Vec<u8>, Error>,
    /// Whether it is taken for a reason though it is unlike its casing's others.
    pub doubtful: bool,
}

/// A prepared mark, here or in what a worker delivered.
pub(super) enum Found {
    Here(PreparedMark),
    Delivered(MarkRow, Arc<Delivery>),
}

impl Found {
    /// What it is a mark of, and the recipe that made it.
    pub const fn sort(&self) -> (MarkKind, Modality, Digest) {
        match self {
            Self::Here(mark) => (mark.kind, mark.modality, mark.recipe),
            Self::Delivered(row, _) => (row.kind, row.modality, row.recipe),
        }
    }
}

/// How the file of a row is read.
pub(super) fn options<'a>(row: &'a ManifestRow, manifest: &'a Manifest) -> ReadOptions<'a> {
    ReadOptions {
        pixel_size: row.pixel_size,
        setting: row.setting,
        profiles: Some(&manifest.profiles),
        instrument: row.instrument.as_deref(),
        ..ReadOptions::default()
    }
}

/// Reads, prepares and extracts the scan of a row, if `permits` has nothing
/// against what it measured.
pub(super) fn made(
    row: &ManifestRow,
    options: &ReadOptions<'_>,
    id: MarkId,
    recipe: &Recipe,
    memory: &Memory,
    permits: impl Fn(&Digest) -> Result<()>,
) -> Result<New> {
    let (scan, _held) = info_span!("read").in_scope(|| memory.read_scan(&row.file, options))?;
    let surface = scan.surface.digest();
    permits(&surface)?;
    let mark = info_span!("prepare")
        .in_scope(|| prepare(&scan, row.mark_kind, recipe))
        .map_err(|e| after(&scan.warnings, e))?;
    let template =
        info_span!("extract").in_scope(|| template_of(&mark).map(|template| template.encode()));
    let name = row.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let scan = ScanRow::of(&scan, row.casing.id.clone(), row.light, name);
    Ok(New { scan, surface, id, mark: Found::Here(mark), template, doubtful: false })
}

/// SHA-256 of a file, read in pieces.
pub(super) fn digest(path: &Path, max_bytes: u64) -> Result<Digest> {
    use sha2::Digest as _;
    let io = |e: std::io::Error| Error::io(say!("reading"), path, &e);
    let mut file = open_file(path)?;
    if file.metadata().map_err(io)?.len() > max_bytes {
        // The reader words this better.
        return Err(Error::new(Kind::TooLarge, say!("the file is larger than {max_bytes} bytes"))
            .advise(say!("check that this is a scan")));
    }
    let mut hash = sha2::Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut piece).map_err(io)? {
            0 => break,
            n => hash.update(&piece[..n]),
        }
    }
    Ok(Digest(hash.finalize().into()))
}

/// Refuses to take a stored scan for one that lies otherwise: its marks and
/// comparisons stand.
pub(super) fn same_reading(
    stored: Option<&(Setting, Option<String>)>,
    options: &ReadOptions<'_>,
) -> Result<()> {
    let Some((stored, instrument)) = stored else { return Ok(()) };
    let (stated, _) = options.setting_of(instrument.as_deref())?;
    if stated == *stored {
        return Ok(());
    }
    let shown = |setting: Setting| setting.note().unwrap_or_else(|| say!("read as it lies"));
    let what = say!("the store holds this scan {}; here it is {}", shown(*stored), shown(stated));
    Err(Error::new(Kind::BadInput, what)
        .advise(say!("correct the manifest or the profile of the instrument; if the store is wrong, expunge the scan and import it again")))
}

/// A failure, with what was odd about the file before it.
fn after(warnings: &[Message], error: Error) -> Error {
    if warnings.is_empty() {
        return error;
    }
    let what = say!("{}; of the file: {}", error.what, Message::joined(warnings.to_vec(), "; "));
    Error { what, ..error }
}
