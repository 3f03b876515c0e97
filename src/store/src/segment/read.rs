//! Reading a segment whose bytes were verified.

use super::super::layout::{CommitBlock, CommitColumns, TableRow};
use super::super::manifest::{RESTORE, Segment};
use super::{MAX_EXPANSION, failed};
use hdf5::dataset::Layout;
use hdf5::filters::Filter;
use hdf5::types::FixedUnicode;
use hdf5::{Dataset, H5Type, LinkType, LocationType};
use ndarray::{Array2, s};
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// A segment opened for reading.
pub struct SealedFile {
    file: hdf5::File,
    path: PathBuf,
    bytes: u64,
    /// Largest dataset that is read, in bytes.
    largest: u64,
}

impl SealedFile {
    /// Opens a file whose digest the caller has verified.
    ///
    /// # Errors
    /// [`Kind::Store`] if it has soft or external links or deeper groups than
    /// a segment has.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |e: hdf5::Error| failed(path, say!("opening a segment"), &e);
        let bytes =
            std::fs::metadata(path).map_err(|e| Error::io(say!("opening"), path, &e))?.len();
        let file = hdf5::File::with_options()
            .with_fapl(|p| p.file_locking(false))
            .open(path)
            .map_err(fail)?;
        let this = Self { file, path: path.to_owned(), bytes, largest: u64::MAX };
        this.audit(&this.file, true)?;
        Ok(this)
    }

    /// The same file, of which no dataset larger than that is read.
    #[must_use]
    pub fn with_largest(self, bytes: u64) -> Self {
        Self { largest: bytes, ..self }
    }

    /// The path of every dataset.
    pub fn everything(&self) -> Result<Vec<String>> {
        let fail = |e: hdf5::Error| failed(&self.path, say!("listing a segment"), &e);
        let mut all = Vec::new();
        for name in self.file.member_names().map_err(fail)? {
            match self.file.loc_type_by_name(&name).map_err(fail)? {
                LocationType::Group => {
                    let inside = self.names(&name)?;
                    all.extend(inside.into_iter().map(|dataset| format!("{name}/{dataset}")));
                }
                _ => all.push(name),
            }
        }
        Ok(all)
    }

    fn audit(&self, group: &hdf5::Group, root: bool) -> Result<()> {
        let fail = |e: hdf5::Error| failed(&self.path, say!("listing a segment"), &e);
        let mut links = Vec::new();
        group
            .iter_visit_default(|name, info| {
                links.push((name.to_owned(), info.link_type));
                Ok(())
            })
            .map_err(fail)?;
        for (name, link) in links {
            if link != LinkType::Hard {
                return Err(self.refuse(&name, say!("is a link out of its place")));
            }
            match group.loc_type_by_name(&name).map_err(fail)? {
                LocationType::Dataset => {}
                LocationType::Group if root => {
                    self.audit(&group.group(&name).map_err(fail)?, false)?;
                }
                _ => return Err(self.refuse(&name, say!("does not belong in a segment"))),
            }
        }
        Ok(())
    }

    /// The refusal of an object of this file.
    pub fn refuse(&self, name: &str, why: Message) -> Error {
        Error::new(Kind::Store, say!("{name} {why}"))
            .at(&self.path)
            .advise(Message::phrase(RESTORE))
    }

    /// Opens a dataset of `T` after checking its type, storage, filters and
    /// size, none of which libhdf5 checks before it reads.
    fn dataset<T: H5Type>(&self, name: &str) -> Result<Dataset> {
        let fail = |e: hdf5::Error| failed(&self.path, Message::foreign(name), &e);
        let dataset = self.file.dataset(name).map_err(fail)?;
        let found = dataset.dtype().and_then(|t| t.to_descriptor()).map_err(fail)?;
        if found != T::type_descriptor() {
            return Err(self.refuse(name, say!("has another type: {found}")));
        }
        let plist = dataset.create_plist().map_err(fail)?;
        let layout = plist.get_layout().map_err(fail)?;
        let inside = match layout {
            Layout::Compact | Layout::Chunked => true,
            Layout::Contiguous => plist.get_external().map_err(fail)?.is_empty(),
            Layout::Virtual => false,
        };
        if !inside {
            return Err(self.refuse(name, say!("keeps its data outside the segment")));
        }
        let known =
            |f: &Filter| matches!(f, Filter::Deflate(_) | Filter::Shuffle | Filter::Fletcher32);
        if !plist.get_filters().map_err(fail)?.iter().all(known) {
            return Err(self.refuse(name, say!("uses a filter that segments do not use")));
        }
        let shape = dataset.get_shape().map_err(fail)?;
        let claimed = shape
            .iter()
            .try_fold(size_of::<T>() as u64, |product, &n| product.checked_mul(n as u64));
        let most = self.bytes.saturating_mul(MAX_EXPANSION);
        let Some(claimed) = claimed.filter(|&claimed| claimed <= most) else {
            return Err(self.refuse(name, say!("claims more data than the segment can hold")));
        };
        if claimed > self.largest {
            let most = self.largest >> 20;
            let what = say!("claims more data than is read of such a file ({most} MiB)");
            return Err(self.refuse(name, what));
        }
        Ok(dataset)
    }

    /// All rows of a table; none where the segment has no such table.
    pub fn table<R: TableRow>(&self) -> Result<Vec<R>> {
        if self.file.link_exists(R::TABLE) { self.read(R::TABLE) } else { Ok(Vec::new()) }
    }

    /// All elements of a dataset.
    pub fn read<T: H5Type>(&self, name: &str) -> Result<Vec<T>> {
        let dataset = self.dataset::<T>(name)?;
        let values = dataset.as_reader().no_convert().read_raw::<T>();
        values.map_err(|e| failed(&self.path, Message::foreign(name), &e))
    }

    /// The elements `start .. start + count` of a one-dimensional dataset.
    pub fn slice<T: H5Type>(&self, name: &str, start: u64, count: u64) -> Result<Vec<T>> {
        let dataset = self.dataset::<T>(name)?;
        let end = start.checked_add(count).filter(|&end| end <= dataset.size() as u64);
        let Some(end) = end else {
            return Err(self.refuse(name, say!("is shorter than its index says")));
        };
        // Both fit: they are at most the size of the dataset.
        let (start, end) = (start as usize, end as usize);
        let values = dataset.as_reader().no_convert().read_slice_1d::<T, _>(s![start..end]);
        values
            .map(|a| a.into_iter().collect())
            .map_err(|e| failed(&self.path, Message::foreign(name), &e))
    }

    /// Where a contiguous dataset of bytes lies: file, offset and length.
    pub fn extent(&self, name: &str) -> Result<(&Path, u64, u64)> {
        let dataset = self.dataset::<u8>(name)?;
        let length = dataset.size() as u64;
        let offset =
            dataset.offset().filter(|o| o.checked_add(length).is_some_and(|e| e <= self.bytes));
        let offset = offset.ok_or_else(|| self.refuse(name, say!("is not in one piece")))?;
        Ok((&self.path, offset, length))
    }

    /// Which commit wrote which elements of the datasets of `segment`, which
    /// this file is.
    pub fn blocks(&self, segment: &Segment) -> Result<Vec<CommitBlock>> {
        if !self.file.link_exists(CommitColumns::TABLE) {
            return Ok(CommitBlock::of_single(segment));
        }
        self.table::<CommitColumns>()?.iter().map(CommitBlock::of).collect()
    }

    /// How many elements a dataset of `T` has; none where there is no such.
    pub fn length<T: H5Type>(&self, name: &str) -> Result<usize> {
        if self.file.link_exists(name) { Ok(self.dataset::<T>(name)?.size()) } else { Ok(0) }
    }

    /// The names of a group's datasets, sorted; none where there is no such.
    pub fn names(&self, group: &str) -> Result<Vec<String>> {
        if !self.file.link_exists(group) {
            return Ok(Vec::new());
        }
        let fail = |e: hdf5::Error| failed(&self.path, Message::foreign(group), &e);
        let mut names = self.file.group(group).and_then(|g| g.member_names()).map_err(fail)?;
        names.sort();
        Ok(names)
    }

    /// The format version by which it was written.
    pub fn version(&self) -> Result<u32> {
        let version = self.file.attr("version").and_then(|a| a.read_scalar::<u32>());
        version.map_err(|e| failed(&self.path, say!("version"), &e))
    }

    /// Whether there is a dataset of this name.
    pub fn has(&self, name: &str) -> bool {
        self.file.link_exists(name)
    }

    /// A map and its unit.
    pub fn map(&self, name: &str) -> Result<(Array2<f32>, String)> {
        let fail = |e: hdf5::Error| failed(&self.path, Message::foreign(name), &e);
        let dataset = self.dataset::<f32>(name)?;
        let values = dataset.as_reader().no_convert().read_2d::<f32>().map_err(fail)?;
        let unit = dataset.attr("unit").and_then(|a| a.read_scalar::<FixedUnicode<32>>());
        Ok((values, unit.map_err(fail)?.to_string()))
    }
}
