//! Writing a segment.

use super::super::layout::TableRow;
use super::super::manifest::FORMAT_VERSION;
use super::{PIECE, changed, each_piece, failed};
use hdf5::dataset::DatasetBuilder;
use hdf5::types::FixedUnicode;
use hdf5::{Dataset, H5Type};
use ndarray::{ArrayView1, ArrayView2, s};
use sha2::Digest as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};

/// Offsets of large datasets are multiples of this, so that they can be mapped.
pub const ALIGNMENT: u64 = 4096;
const DEFLATE_LEVEL: u8 = 4;
const TILE: usize = 256;
const ROWS_PER_CHUNK: usize = 1024;

/// A segment being written.
pub struct SegmentFile {
    file: hdf5::File,
    path: PathBuf,
}

impl SegmentFile {
    /// Creates the new file at `path`, readable by HDF5 1.10 and later, which
    /// says that it is a `role`.
    pub fn create(path: &Path, role: &str) -> Result<Self> {
        Self::begin(path, role, hdf5::OpenMode::CreateExcl)
    }

    /// As [`SegmentFile::create`], in the place of a file of one's own.
    pub fn create_over(path: &Path, role: &str) -> Result<Self> {
        Self::begin(path, role, hdf5::OpenMode::Create)
    }

    fn begin(path: &Path, role: &str, mode: hdf5::OpenMode) -> Result<Self> {
        let fail = |e: hdf5::Error| failed(path, say!("creating a segment"), &e);
        let file = hdf5::File::with_options()
            .with_fapl(|p| p.libver_v110().alignment(ALIGNMENT, ALIGNMENT))
            .with_fcpl(|p| p.obj_track_times(false))
            .open_as(path, mode)
            .map_err(fail)?;
        let this = Self { file, path: path.to_owned() };
        this.attribute(&this.file, "format", "brasslink-segment")?;
        this.attribute(&this.file, "role", role)?;
        let version = this.file.new_attr::<u32>().create("version").map_err(fail)?;
        version.write_scalar(&FORMAT_VERSION).map_err(fail)?;
        Ok(this)
    }

    fn attribute(&self, of: &hdf5::Location, name: &str, text: &str) -> Result<()> {
        let fail = |e: hdf5::Error| failed(&self.path, say!("writing an attribute"), &e);
        let value: FixedUnicode<32> = text
            .parse()
            .map_err(|_| Error::new(Kind::Internal, say!("an attribute is too long")))?;
        let attribute = of.new_attr::<FixedUnicode<32>>().create(name).map_err(fail)?;
        attribute.write_scalar(&value).map_err(fail)
    }

    fn dataset(&self) -> DatasetBuilder {
        self.file.new_dataset_builder().packed(true).obj_track_times(false)
    }

    /// Creates a group.
    pub fn group(&self, name: &str) -> Result<()> {
        let group = self.file.create_group_builder().obj_track_times(false).create(name);
        group.map(drop).map_err(|e| failed(&self.path, Message::foreign(name), &e))
    }

    /// A compound table of `count` rows, with its units as attributes
    /// `<column>.unit`, to be filled.
    pub fn table_of<R: TableRow>(&self, count: usize) -> Result<Filling> {
        let dataset = self
            .dataset()
            .chunk(count.clamp(1, ROWS_PER_CHUNK))
            .shuffle()
            .deflate(DEFLATE_LEVEL)
            .fletcher32()
            .empty::<R>()
            .shape(count)
            .create(R::TABLE)
            .map_err(|e| failed(&self.path, Message::foreign(R::TABLE), &e))?;
        R::UNITS.iter().try_for_each(|(column, unit)| {
            self.attribute(&dataset, &format!("{column}.unit"), unit)
        })?;
        Ok(self.filling(dataset))
    }

    /// Writes a compound table.
    pub fn table<R: TableRow>(&self, rows: &[R]) -> Result<()> {
        self.table_of::<R>(rows.len())?.put(rows)
    }

    /// A dataset of `count` compressed bytes, to be filled.
    pub fn compressed_of(&self, name: &str, count: usize) -> Result<Filling> {
        let dataset = self
            .dataset()
            .chunk(count.clamp(1, PIECE))
            .deflate(DEFLATE_LEVEL)
            .fletcher32()
            .empty::<u8>()
            .shape(count)
            .create(name)
            .map_err(|e| failed(&self.path, Message::foreign(name), &e))?;
        Ok(self.filling(dataset))
    }

    /// Writes compressed bytes.
    pub fn compressed(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.compressed_of(name, bytes.len())?.put(bytes)
    }

    /// A dataset of `count` bytes in one contiguous piece that can be mapped
    /// or read with plain file operations, to be filled.
    pub fn contiguous_of(&self, name: &str, count: usize) -> Result<Filling> {
        let dataset = self.dataset().no_chunk().empty::<u8>().shape(count).create(name);
        Ok(self.filling(dataset.map_err(|e| failed(&self.path, Message::foreign(name), &e))?))
    }

    /// Writes bytes in one contiguous piece.
    pub fn contiguous(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.contiguous_of(name, bytes.len())?.put(bytes)
    }

    fn filling(&self, dataset: Dataset) -> Filling {
        Filling { dataset, path: self.path.clone(), done: 0 }
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
            .map_err(|e| failed(&self.path, Message::foreign(name), &e))?;
        self.attribute(&dataset, "unit", unit)
    }

    /// Copies the file at `from` in bounded pieces into a contiguous dataset
    /// and returns the digest of what was copied.
    pub fn copy_of(&self, name: &str, from: &Path, length: u64) -> Result<Digest> {
        let source = File::open(from).map_err(|e| Error::io(say!("reading"), from, &e))?;
        self.copy_from(name, source, from, length)
    }

    /// As [`copy_of`](Self::copy_of), of what `source` gives, which is the file
    /// at `from` or a part of it.
    pub fn copy_from(
        &self,
        name: &str,
        source: impl Read,
        from: &Path,
        length: u64,
    ) -> Result<Digest> {
        let io = |e: std::io::Error| Error::io(say!("reading"), from, &e);
        let size = usize::try_from(length).map_err(|_| {
            Error::new(Kind::TooLarge, say!("the file is too large to store")).at(from)
        })?;
        // One byte more is asked for, to notice a file that grew.
        let source = source.take(length.saturating_add(1));
        let mut dataset = self.contiguous_of(name, size)?;
        let mut hash = sha2::Sha256::new();
        each_piece(source, io, |bytes| {
            if dataset.done + bytes.len() > size {
                return Err(changed(from));
            }
            hash.update(bytes);
            dataset.put(bytes)
        })?;
        let whole = dataset.done == size;
        if whole { Ok(Digest(hash.finalize().into())) } else { Err(changed(from)) }
    }

    /// Flushes and closes the file.
    pub fn close(self) -> Result<()> {
        self.file.close().map_err(|e| failed(&self.path, say!("closing a segment"), &e))
    }
}

/// A one-dimensional dataset that is filled from its start, piece by piece.
pub struct Filling {
    dataset: Dataset,
    path: PathBuf,
    done: usize,
}

impl Filling {
    /// Writes the next elements.
    pub fn put<T: H5Type>(&mut self, part: &[T]) -> Result<()> {
        if part.is_empty() {
            return Ok(());
        }
        let end = self.done + part.len();
        self.dataset
            .write_slice(ArrayView1::from(part), s![self.done..end])
            .map_err(|e| failed(&self.path, Message::foreign(self.dataset.name()), &e))?;
        self.done = end;
        Ok(())
    }

    /// How many elements are written.
    pub const fn len(&self) -> usize {
        self.done
    }
}
