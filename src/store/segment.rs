//! Segment files: how HDF5 is written so that the same content gives the same
//! bytes, and how it is read so that nothing unverified reaches libhdf5.

use super::layout::Row;
use super::manifest::{FORMAT_VERSION, RESTORE, Role, Segment};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use hdf5::dataset::{DatasetBuilder, Layout};
use hdf5::filters::Filter;
use hdf5::types::FixedUnicode;
use hdf5::{Dataset, H5Type, LinkType, LocationType};
use ndarray::{ArrayView2, s};
use sha2::Digest as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Streaming works in pieces of this many bytes.
pub const PIECE: usize = 1 << 20;
/// Offsets of large datasets are multiples of this, so that they can be mapped.
const ALIGNMENT: u64 = 4096;
const DEFLATE_LEVEL: u8 = 4;
/// Deflate cannot expand more than 1032-fold (zlib's technical notes).
const MAX_EXPANSION: u64 = 1032;
const TILE: usize = 256;
const ROWS_PER_CHUNK: usize = 1024;

fn failed(path: &Path, doing: &str, e: &hdf5::Error) -> Error {
    Error::new(Kind::Store, format!("{doing}: {e}")).at(path)
}

/// A segment being written.
pub struct SegmentFile {
    file: hdf5::File,
    path: PathBuf,
}

impl SegmentFile {
    /// Creates the file at `path`, readable by HDF5 1.10 and later.
    pub fn create(path: &Path, role: Role) -> Result<Self> {
        let fail = |e: hdf5::Error| failed(path, "creating a segment", &e);
        let file = hdf5::File::with_options()
            .with_fapl(|p| p.libver_v110().alignment(ALIGNMENT, ALIGNMENT))
            .with_fcpl(|p| p.obj_track_times(false))
            .create(path)
            .map_err(fail)?;
        let this = Self { file, path: path.to_owned() };
        this.attribute(&this.file, "format", "brasslink-segment")?;
        this.attribute(&this.file, "role", role.word())?;
        let version = this.file.new_attr::<u32>().create("version").map_err(fail)?;
        version.write_scalar(&FORMAT_VERSION).map_err(fail)?;
        Ok(this)
    }

    fn attribute(&self, of: &hdf5::Location, name: &str, text: &str) -> Result<()> {
        let fail = |e: hdf5::Error| failed(&self.path, "writing an attribute", &e);
        let value: FixedUnicode<32> =
            text.parse().map_err(|_| Error::new(Kind::Internal, "an attribute is too long"))?;
        let attribute = of.new_attr::<FixedUnicode<32>>().create(name).map_err(fail)?;
        attribute.write_scalar(&value).map_err(fail)
    }

    fn dataset(&self) -> DatasetBuilder {
        self.file.new_dataset_builder().packed(true).obj_track_times(false)
    }

    /// Creates a group.
    pub fn group(&self, name: &str) -> Result<()> {
        let group = self.file.create_group_builder().obj_track_times(false).create(name);
        group.map(drop).map_err(|e| failed(&self.path, name, &e))
    }

    /// Writes a compound table with its units as attributes `<column>.unit`.
    pub fn table<R: Row>(&self, rows: &[R]) -> Result<()> {
        let fail = |e: hdf5::Error| failed(&self.path, R::TABLE, &e);
        let dataset = self
            .dataset()
            .chunk(rows.len().clamp(1, ROWS_PER_CHUNK))
            .shuffle()
            .deflate(DEFLATE_LEVEL)
            .fletcher32()
            .with_data(rows)
            .create(R::TABLE)
            .map_err(fail)?;
        R::UNITS.iter().try_for_each(|(column, unit)| {
            self.attribute(&dataset, &format!("{column}.unit"), unit)
        })
    }

    /// Writes compressed bytes.
    pub fn compressed(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.dataset()
            .chunk(bytes.len().clamp(1, PIECE))
            .deflate(DEFLATE_LEVEL)
            .fletcher32()
            .with_data(bytes)
            .create(name)
            .map_err(|e| failed(&self.path, name, &e))?;
        Ok(())
    }

    /// Writes bytes in one contiguous piece that can be mapped or read with
    /// plain file operations.
    pub fn contiguous(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.dataset()
            .no_chunk()
            .with_data(bytes)
            .create(name)
            .map_err(|e| failed(&self.path, name, &e))?;
        Ok(())
    }

    /// Writes a map of shape `(ny, nx)`, in compressed tiles.
    pub fn map(&self, name: &str, values: ArrayView2<f32>, unit: &str) -> Result<()> {
        let (ny, nx) = values.dim();
        let dataset = self
            .dataset()
            .chunk((ny.clamp(1, TILE), nx.clamp(1, TILE)))
            .shuffle()
            .deflate(DEFLATE_LEVEL)
            .fletcher32()
            .with_data(values.as_standard_layout().view())
            .create(name)
            .map_err(|e| failed(&self.path, name, &e))?;
        self.attribute(&dataset, "unit", unit)
    }

    /// Copies the file at `from` in bounded pieces into a contiguous dataset
    /// and returns the digest of what was copied.
    pub fn copy_of(&self, name: &str, from: &Path, length: u64) -> Result<Digest> {
        let fail = |e: hdf5::Error| failed(&self.path, name, &e);
        let io = |e: std::io::Error| Error::io("reading", from, &e);
        let mut source = File::open(from).map_err(io)?;
        let size = usize::try_from(length)
            .map_err(|_| Error::new(Kind::TooLarge, "the file is too large to store").at(from))?;
        let dataset =
            self.dataset().no_chunk().empty::<u8>().shape(size).create(name).map_err(fail)?;
        let mut hash = sha2::Sha256::new();
        let mut piece = vec![0_u8; PIECE];
        let mut done = 0;
        loop {
            let read = source.read(&mut piece).map_err(io)?;
            let bytes = piece.get(..read).unwrap_or_default();
            let end = done + read;
            if bytes.is_empty() {
                break;
            }
            if end > size {
                return Err(changed(from));
            }
            hash.update(bytes);
            dataset.write_slice(bytes, s![done..end]).map_err(fail)?;
            done = end;
        }
        if done == size { Ok(Digest(hash.finalize().into())) } else { Err(changed(from)) }
    }

    /// Flushes and closes the file.
    pub fn close(self) -> Result<()> {
        self.file.close().map_err(|e| failed(&self.path, "closing a segment", &e))
    }
}

/// The refusal of a file that is not what was scanned.
pub fn changed(from: &Path) -> Error {
    Error::new(Kind::BadInput, "the file changed while it was imported")
        .at(from)
        .advise("import it again")
}

/// Length and SHA-256 of a file, read in bounded pieces.
pub fn measure(path: &Path) -> Result<(u64, Digest)> {
    let io = |e: std::io::Error| Error::io("reading", path, &e);
    let mut file = File::open(path).map_err(io)?;
    let mut hash = sha2::Sha256::new();
    let mut piece = vec![0_u8; PIECE];
    let mut length = 0;
    loop {
        let read = file.read(&mut piece).map_err(io)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((length, Digest(hash.finalize().into())));
        }
        hash.update(bytes);
        length += bytes.len() as u64;
    }
}

/// Compares a segment file with what the manifest says of it.
pub fn verify(path: &Path, segment: &Segment) -> Result<()> {
    let damaged = |what: String| Error::new(Kind::Store, what).at(path).advise(RESTORE);
    if !path.exists() {
        return Err(damaged("a segment is missing".to_owned()));
    }
    let (bytes, sha256) = measure(path)?;
    if bytes == segment.bytes && sha256 == segment.sha256 {
        return Ok(());
    }
    Err(damaged(format!(
        "the segment has {bytes} bytes with SHA-256 {sha256}, but was sealed with {} bytes and {}",
        segment.bytes, segment.sha256
    )))
}

/// A segment opened for reading.
pub struct SealedFile {
    file: hdf5::File,
    path: PathBuf,
    bytes: u64,
}

impl SealedFile {
    /// Opens a file whose digest the caller has verified.
    ///
    /// # Errors
    /// [`Kind::Store`] if it has soft or external links or deeper groups than
    /// a segment has.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |e: hdf5::Error| failed(path, "opening a segment", &e);
        let bytes = std::fs::metadata(path).map_err(|e| Error::io("opening", path, &e))?.len();
        let file = hdf5::File::with_options()
            .with_fapl(|p| p.file_locking(false))
            .open(path)
            .map_err(fail)?;
        let this = Self { file, path: path.to_owned(), bytes };
        this.audit(&this.file, true)?;
        Ok(this)
    }

    fn audit(&self, group: &hdf5::Group, root: bool) -> Result<()> {
        let fail = |e: hdf5::Error| failed(&self.path, "listing a segment", &e);
        let mut links = Vec::new();
        group
            .iter_visit_default(|name, info| {
                links.push((name.to_owned(), info.link_type));
                Ok(())
            })
            .map_err(fail)?;
        for (name, link) in links {
            if link != LinkType::Hard {
                return Err(self.refuse(&name, "is a link out of its place"));
            }
            match group.loc_type_by_name(&name).map_err(fail)? {
                LocationType::Dataset => {}
                LocationType::Group if root => {
                    self.audit(&group.group(&name).map_err(fail)?, false)?;
                }
                _ => return Err(self.refuse(&name, "does not belong in a segment")),
            }
        }
        Ok(())
    }

    fn refuse(&self, name: &str, why: &str) -> Error {
        Error::new(Kind::Store, format!("{name} {why}")).at(&self.path).advise(RESTORE)
    }

    /// Opens a dataset of `T` after checking its type, storage, filters and
    /// size, none of which libhdf5 checks before it reads.
    fn dataset<T: H5Type>(&self, name: &str) -> Result<Dataset> {
        let fail = |e: hdf5::Error| failed(&self.path, name, &e);
        let dataset = self.file.dataset(name).map_err(fail)?;
        let found = dataset.dtype().and_then(|t| t.to_descriptor()).map_err(fail)?;
        if found != T::type_descriptor() {
            return Err(self.refuse(name, &format!("has another type: {found}")));
        }
        let plist = dataset.create_plist().map_err(fail)?;
        let layout = plist.get_layout().map_err(fail)?;
        let inside = match layout {
            Layout::Compact | Layout::Chunked => true,
            Layout::Contiguous => plist.get_external().map_err(fail)?.is_empty(),
            Layout::Virtual => false,
        };
        if !inside {
            return Err(self.refuse(name, "keeps its data outside the segment"));
        }
        let known =
            |f: &Filter| matches!(f, Filter::Deflate(_) | Filter::Shuffle | Filter::Fletcher32);
        if !plist.get_filters().map_err(fail)?.iter().all(known) {
            return Err(self.refuse(name, "uses a filter that segments do not use"));
        }
        let shape = dataset.get_shape().map_err(fail)?;
        let claimed = shape
            .iter()
            .try_fold(size_of::<T>() as u64, |product, &n| product.checked_mul(n as u64));
        if claimed.is_none_or(|claimed| claimed / MAX_EXPANSION > self.bytes) {
            return Err(self.refuse(name, "claims more data than the segment can hold"));
        }
        Ok(dataset)
    }

    /// All rows of a table; none where the segment has no such table.
    pub fn table<R: Row>(&self) -> Result<Vec<R>> {
        if self.file.link_exists(R::TABLE) { self.read(R::TABLE) } else { Ok(Vec::new()) }
    }

    /// All elements of a dataset.
    pub fn read<T: H5Type>(&self, name: &str) -> Result<Vec<T>> {
        let dataset = self.dataset::<T>(name)?;
        let values = dataset.as_reader().no_convert().read_raw::<T>();
        values.map_err(|e| failed(&self.path, name, &e))
    }

    /// The elements `start .. start + count` of a one-dimensional dataset.
    pub fn slice<T: H5Type>(&self, name: &str, start: u64, count: u64) -> Result<Vec<T>> {
        let dataset = self.dataset::<T>(name)?;
        let end = start.checked_add(count).filter(|&end| end <= dataset.size() as u64);
        let Some(end) = end else {
            return Err(self.refuse(name, "is shorter than its index says"));
        };
        // Both fit: they are at most the size of the dataset.
        let (start, end) = (start as usize, end as usize);
        let values = dataset.as_reader().no_convert().read_slice_1d::<T, _>(s![start..end]);
        values.map(|a| a.into_iter().collect()).map_err(|e| failed(&self.path, name, &e))
    }

    /// Where a contiguous dataset of bytes lies: file, offset and length.
    pub fn extent(&self, name: &str) -> Result<(PathBuf, u64, u64)> {
        let dataset = self.dataset::<u8>(name)?;
        let length = dataset.size() as u64;
        let offset =
            dataset.offset().filter(|o| o.checked_add(length).is_some_and(|e| e <= self.bytes));
        let offset = offset.ok_or_else(|| self.refuse(name, "is not in one piece"))?;
        Ok((self.path.clone(), offset, length))
    }
}
