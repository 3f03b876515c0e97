//! Reading templates, all of them, at the speed of the disk.
//!
//! A segment's templates lie in one piece. A thread reads and verifies the
//! next segment while the last one's templates are looked at; nothing is read
//! twice, and two segments are in memory at most.

use super::{CommitBlock, Snapshot, TEMPLATE_BYTES, part};
use crate::layout::TemplateColumns;
use crate::manifest::{Role, Segment};
use crate::rows::TemplateRow;
use crate::segment::{SealedFile, damaged};
use std::io::Read as _;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId, MarkKind, Modality};
use types::message::say;

impl Snapshot {
    /// The templates of one mark kind, modality and recipe, in the order of
    /// commits.
    pub fn templates(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
    ) -> Result<Vec<(MarkId, Vec<u8>)>> {
        let mut templates = Vec::new();
        self.visit_templates(kind, modality, recipe, |mark, bytes| {
            templates.push((mark, bytes.to_vec()));
        })?;
        Ok(templates)
    }

    /// Shows the templates of one mark kind, modality and recipe, in the order
    /// of commits, without copying them.
    pub fn visit_templates(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
        mut show: impl FnMut(MarkId, &[u8]),
    ) -> Result<()> {
        self.each_template(|row, bytes| {
            if (row.kind, row.modality, row.recipe) == (kind, modality, *recipe) {
                show(row.mark, bytes);
            }
        })
    }

    /// Shows every template.
    pub(crate) fn each_template(&self, mut show: impl FnMut(TemplateRow, &[u8])) -> Result<()> {
        self.each_template_entry(|_, entry, bytes| {
            show(entry.row()?, bytes);
            Ok(())
        })
    }

    /// Shows every template with the commit that wrote it and its row.
    pub(crate) fn each_template_entry(
        &self,
        mut show: impl FnMut(u64, &TemplateColumns, &[u8]) -> Result<()>,
    ) -> Result<()> {
        // Both sides go by commits, so segments are wanted in this order.
        let segments = self.manifest().of_role(Role::Templates);
        std::thread::scope(|scope| {
            let (send, files) = sync_channel(1);
            let (give_back, used) = channel();
            scope.spawn(move || self.read_ahead(segments, &send, &used));
            let mut packed = Packed { files, give_back, opened: None };
            for tables in self.with_rows::<TemplateColumns>() {
                for (seq, index) in self.tables(tables)?.columns::<TemplateColumns>()? {
                    let Some(segment) = self.manifest().covering(Role::Templates, seq) else {
                        continue;
                    };
                    let bytes = packed.of_commit(self, segment, seq)?;
                    for entry in index {
                        let range = entry.offset as usize
                            ..entry.offset.saturating_add(entry.length) as usize;
                        let template = bytes.get(range).ok_or_else(|| {
                            let path = self.path_of(segment);
                            Error::new(Kind::Store, say!("a template lies outside its segment"))
                                .at(path)
                        })?;
                        show(seq, &entry, template)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Reads and verifies segment files in order, until nobody wants them.
    fn read_ahead(
        &self,
        segments: &[Segment],
        send: &SyncSender<Result<(Digest, Vec<u8>)>>,
        used: &Receiver<Vec<u8>>,
    ) {
        for segment in segments {
            let buffer = used.try_recv().unwrap_or_default();
            let file = self.read_verified(segment, buffer).map(|file| (segment.sha256, file));
            if send.send(file).is_err() {
                return;
            }
        }
    }

    fn read_verified(&self, segment: &Segment, mut buffer: Vec<u8>) -> Result<Vec<u8>> {
        let path = self.path_of(segment);
        buffer.clear();
        std::fs::File::open(&path)
            .and_then(|mut file| file.read_to_end(&mut buffer))
            .map_err(|e| Error::io(say!("reading templates"), &path, &e))?;
        if !self.cache.lock().verified.contains(&segment.sha256) {
            let (bytes, sha256) = (buffer.len() as u64, Digest::of(&buffer));
            if (bytes, sha256) != (segment.bytes, segment.sha256) {
                return Err(damaged(&path, segment, bytes, sha256));
            }
            self.cache.lock().verified.insert(segment.sha256);
        }
        Ok(buffer)
    }

    /// What every stored template was made from.
    pub(crate) fn each_template_row(&self, mut show: impl FnMut(TemplateRow)) -> Result<()> {
        self.with_rows::<TemplateColumns>().try_for_each(|s| self.template_rows(s, &mut show))
    }

    /// The same of the segments that may hold one of `keys`; see
    /// [`near_any`](Snapshot::near_any).
    pub(crate) fn near_templates(
        &self,
        keys: &[String],
        mut show: impl FnMut(TemplateRow),
    ) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        for segment in self.with_rows::<TemplateColumns>() {
            let filter = self.filter(segment)?;
            if keys.iter().any(|key| filter.may_hold(key)) {
                self.template_rows(segment, &mut show)?;
            }
        }
        Ok(())
    }

    fn template_rows(&self, tables: &Segment, show: &mut impl FnMut(TemplateRow)) -> Result<()> {
        for (seq, index) in self.tables(tables)?.columns::<TemplateColumns>()? {
            if self.manifest().covering(Role::Templates, seq).is_some() {
                index.iter().map(TemplateColumns::row).try_for_each(|row| row.map(&mut *show))?;
            }
        }
        Ok(())
    }
}

/// The templates segments as they come in.
struct Packed {
    files: Receiver<Result<(Digest, Vec<u8>)>>,
    give_back: Sender<Vec<u8>>,
    opened: Option<Opened>,
}

/// A templates segment in memory, and what lies where.
struct Opened {
    sha256: Digest,
    file: Vec<u8>,
    start: usize,
    length: usize,
    blocks: Vec<CommitBlock>,
}

impl Packed {
    /// The template bytes that commit `seq` wrote, which `segment` holds.
    fn of_commit(&mut self, snapshot: &Snapshot, segment: &Segment, seq: u64) -> Result<&[u8]> {
        let missing = || Error::new(Kind::Store, say!("commit {seq} has no templates"));
        while self.opened.as_ref().is_none_or(|o| o.sha256 != segment.sha256) {
            if let Some(last) = self.opened.take() {
                // Where nobody takes it back, it is simply dropped.
                let _kept = self.give_back.send(last.file);
            }
            let (sha256, file) = self.files.recv().map_err(|_| missing())??;
            if sha256 == segment.sha256 {
                let sealed = SealedFile::open(&snapshot.path_of(segment))?;
                let (_, offset, length) = sealed.extent(TEMPLATE_BYTES)?;
                let (start, length) = (offset as usize, length as usize);
                let blocks = sealed.blocks(segment)?;
                self.opened = Some(Opened { sha256, file, start, length, blocks });
            }
        }
        let opened = self.opened.as_ref().ok_or_else(missing)?;
        let end = opened.start.saturating_add(opened.length);
        let all = opened.file.get(opened.start..end).unwrap_or_default();
        match opened.blocks.as_slice() {
            // The one block of a version 1 segment counts templates, not bytes.
            [only] if only.seq == seq => Ok(all),
            blocks => part(all, blocks.iter().find(|b| b.seq == seq).ok_or_else(missing)?),
        }
    }
}
