//! What is kept of a casing under seal: everything of it, as one commit.

use super::Subject;
use crate::batch::{Batch, Original, Values};
use crate::manifest::Segment;
use crate::snapshot::Snapshot;
use crate::writer::Writer;
use std::collections::BTreeSet;
use std::io::Write as _;
use types::error::{Error, Result};
use types::message::say;
use types::system::not_following;

impl Writer<'_> {
    /// Writes everything of a casing into `sealed/`, as commit `entry`.
    pub(super) fn seal_away(
        &self,
        snapshot: &Snapshot,
        subject: &Subject,
        entry: u64,
    ) -> Result<Vec<Segment>> {
        let mut batch = Batch::default();
        snapshot.each(|_, record| {
            if subject.owns(&record) {
                batch.records.push(record);
            }
        })?;
        for scan in &subject.scans {
            if !scan.is_held() {
                batch.add_scan_facts(scan.clone());
                continue;
            }
            let path = self.draft("sealing");
            let io = |e: std::io::Error| Error::io(say!("copying an original"), &path, &e);
            let mut file = not_following().write(true).create_new(true).open(&path).map_err(io)?;
            snapshot.original(&scan.sha256, &mut file)?;
            file.flush().map_err(io)?;
            batch.add_scan(scan.clone(), &path);
        }
        let ids: BTreeSet<_> = subject.marks.iter().map(|m| &m.id).collect();
        for row in &subject.marks {
            batch.marks.push((row.clone(), Values::Here(snapshot.mark(&row.id)?.values)));
        }
        snapshot.each_template(|row, bytes| {
            if ids.contains(&row.mark) {
                batch.templates.push((row, bytes.to_vec()));
            }
        })?;
        snapshot.each_comparison(|_, row, cells| {
            if ids.contains(&row.a) || ids.contains(&row.b) {
                batch.comparisons.push((row, cells));
            }
        })?;
        let (segments, _) = self.write_segments("sealed", entry, &batch)?;
        for (_, original) in &batch.scans {
            let Original::File(path) = original else { continue };
            std::fs::remove_file(path)
                .map_err(|e| Error::io(say!("removing a draft"), path, &e))?;
        }
        Ok(segments)
    }
}
