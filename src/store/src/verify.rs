//! What is wrong with a store, as data.

use super::layout::{ComparisonColumns, Index, TemplateColumns};
use super::ledger::{self, Ledger};
use super::lock::ReadLock;
use super::manifest::{self, RESTORE, Role, StoreManifest};
use super::migrate::{FRAMED, INDEXED};
use super::rows::{IndexRow, MarkRow, ScanRow};
use super::segment::measure;
use super::snapshot::{Cache, Snapshot};
use super::view;
use super::writer::{Left, files_in};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use types::error::{Error, Result};
use types::evidence::{Digest, MarkId};
use types::message::{Message, phrase, say};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No harm: what an interrupted writer leaves behind, or a derived file.
    Note,
    /// Evidence is damaged, missing or changed.
    Damage,
}

types::coded!(mod what: Message as what and coded_what);
types::coded!(mod advice: Message as advice and coded_advice);

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// A stable name of this sort of finding.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file within the store, where it is one file.
    pub file: Option<PathBuf>,
    /// What was found.
    #[serde(flatten, with = "what")]
    pub what: Message,
    /// What to do.
    #[serde(flatten, with = "advice")]
    pub advice: Message,
}

/// Told by findings that `repair` can put right or say more about.
const REPAIR: &str =
    phrase!("do not write to this store; `brasslink store repair` shows what can be done");
/// Told by notes.
const NOTHING: &str = phrase!("nothing; the next writer puts it in order");

impl Finding {
    /// Damage told by an error.
    pub fn damage(id: &'static str, file: impl Into<PathBuf>, error: &Error) -> Self {
        let advice = error.advice.clone().filter(|a| a.code() != RESTORE);
        Self {
            id,
            severity: Severity::Damage,
            file: Some(file.into()),
            what: error.what.clone(),
            advice: advice.unwrap_or_else(|| Message::phrase(REPAIR)),
        }
    }

    fn note(id: &'static str, file: impl Into<PathBuf>, what: Message) -> Self {
        let advice = Message::phrase(NOTHING);
        Self { id, severity: Severity::Note, file: Some(file.into()), what, advice }
    }

    /// What came of making a mark anew: it differs, or it could not be done.
    pub fn deep(mark: &MarkId, what: Message, damage: bool) -> Self {
        let advice = if damage {
            say!("have the scan and the software version that the ledger names examined")
        } else {
            say!("verify it with the software version that the ledger names")
        };
        Self {
            id: if damage { "deep" } else { "deep-not-done" },
            severity: if damage { Severity::Damage } else { Severity::Note },
            file: None,
            what: say!("mark {mark} {what}"),
            advice,
        }
    }

    /// What a kept head tells.
    pub fn head(id: &'static str, what: Message) -> Self {
        let advice = match id {
            "head" => say!(
                "the store was set back or its ledger written anew after this was signed: \
                 do not write to it; find the newer store or a backup of it"
            ),
            _ => say!("find out who put this among the kept heads, and with which key"),
        };
        Self { id, severity: Severity::Damage, file: None, what, advice }
    }

    fn missing(id: &'static str, what: Message) -> Self {
        let advice = say!("import the scan it came from again, then correlate");
        Self { id, severity: Severity::Damage, file: None, what, advice }
    }
}

/// Verifies the store at `root`: manifest, ledger chain, every segment's
/// digest, references between rows, and leftovers. Reads every byte of the
/// store. An empty list means that all is well.
pub fn verify(root: &Path) -> Vec<Finding> {
    // So that nothing is removed while it is looked at.
    let _share = ReadLock::share(root);
    let manifest = match StoreManifest::read(root) {
        Ok(manifest) => manifest,
        Err(e) => {
            // The ledger stands on its own feet: what of it is sound?
            let mut findings = vec![Finding::damage("manifest", "manifest.json", &e)];
            let bytes = std::fs::read(ledger::path(root)).unwrap_or_default();
            let chain =
                Ledger::parse(&bytes).map_err(|e| Finding::damage("ledger", "ledger.jsonl", &e));
            findings.extend(chain.err());
            return findings;
        }
    };
    let mut findings = Vec::new();
    let ledger = Ledger::read(root, &manifest).and_then(|ledger| {
        if manifest.seq > 0 && manifest.version >= FRAMED {
            Ledger::vouch_for(root, &manifest)?;
        }
        Ok(ledger)
    });
    if let Err(e) = &ledger {
        let blamed = e.path.as_deref() == Some(&manifest::path(root));
        let file = if blamed { "manifest.json" } else { "ledger.jsonl" };
        findings.push(Finding::damage("ledger", file, e));
    }
    findings.extend(segments(root, &manifest));
    if findings.is_empty() {
        let sound = manifest.segments.iter().map(|s| s.sha256).collect();
        match references(root, sound) {
            Ok(dangling) => findings.extend(dangling),
            Err(e) => {
                let file = e.path.as_ref().and_then(|p| p.strip_prefix(root).ok());
                findings.push(Finding::damage("content", file.unwrap_or(Path::new(".")), &e));
            }
        }
    }
    if ledger.is_ok() {
        match leftovers(root) {
            Ok(found) => findings.extend(found),
            Err(e) => findings.push(Finding::damage("folder", ".", &e)),
        }
    }
    findings
}

/// Compares every segment file with its digest; one that holds the bytes of
/// another is told so.
fn segments(root: &Path, manifest: &StoreManifest) -> Vec<Finding> {
    let owners: BTreeMap<Digest, PathBuf> =
        manifest.files().map(|(path, s)| (s.sha256, path)).collect();
    let mut findings = Vec::new();
    for (file, segment) in manifest.files() {
        let path = root.join(&file);
        let what = if !path.exists() {
            say!("the segment is missing")
        } else {
            match measure(&path) {
                Ok(found) if found == (segment.bytes, segment.sha256) => continue,
                Ok((bytes, sha256)) => match owners.get(&sha256) {
                    Some(owner) => say!("the segment holds the bytes of {}", owner.display()),
                    None => say!(
                        "the segment has {bytes} bytes with SHA-256 {sha256}, but was sealed \
                         with {} bytes and {}",
                        segment.bytes,
                        segment.sha256
                    ),
                },
                Err(e) => e.what,
            }
        };
        findings.push(Finding {
            id: "segment",
            severity: Severity::Damage,
            what,
            file: Some(file),
            advice: Message::phrase(REPAIR),
        });
    }
    findings
}

/// Rows that refer to something that is not there.
fn references(root: &Path, sound: BTreeSet<Digest>) -> Result<Vec<Finding>> {
    let snapshot = Snapshot::read(root, Cache::of_verified(sound))?;
    let mut findings = lost(&snapshot)?;
    findings.extend(unindexed(&snapshot)?);
    let mut dangling = |what: Message| findings.push(Finding::missing("reference", what));
    let casings: BTreeSet<_> = snapshot.casings()?.into_iter().map(|c| c.id).collect();
    let mut scans = BTreeSet::new();
    snapshot.each(|_, ScanRow { sha256, casing, .. }| {
        if !casings.contains(&casing) {
            dangling(say!("scan {sha256} shows casing {casing}, which has no record"));
        }
        scans.insert(sha256);
    })?;
    let mut marks = BTreeSet::new();
    snapshot.each(|_, MarkRow { id, scan, .. }| {
        if !scans.contains(&scan) {
            dangling(say!("mark {id} was found on scan {scan}, which is not stored"));
        }
        marks.insert(id);
    })?;
    snapshot.each_template_row(|template| {
        if !marks.contains(&template.mark) {
            dangling(say!("there is a template of mark {}, which is not stored", template.mark));
        }
    })?;
    for comparison in snapshot.comparisons() {
        let comparison = comparison?;
        for mark in [&comparison.a, &comparison.b] {
            if !marks.contains(mark) {
                dangling(say!("mark {mark} was compared but is not stored"));
            }
        }
    }
    Ok(findings)
}

/// Templates that the index has not, or has otherwise.
fn unindexed(snapshot: &Snapshot) -> Result<Vec<Finding>> {
    let manifest = snapshot.manifest();
    let mut findings = Vec::new();
    if manifest.version < INDEXED {
        return Ok(findings);
    }
    let mut tell = |what: Message| {
        let (id, severity, advice) = ("index", Severity::Damage, Message::phrase(REPAIR));
        findings.push(Finding { id, severity, file: None, what, advice });
    };
    let mut casings = BTreeMap::new();
    snapshot.each(|_, mark: MarkRow| _ = casings.insert(mark.id, mark.casing))?;
    let mut rows = BTreeMap::new();
    for segment in manifest.of_role(Role::Index) {
        snapshot.each_index_row(segment, |seq, row| {
            rows.insert((seq, { row.offset }), row.row(seq)?);
            Ok(())
        })?;
    }
    snapshot.each_template_entry(|seq, entry, bytes| {
        let template = entry.row()?;
        let Some(found) = rows.remove(&(seq, { entry.offset })) else {
            tell(say!("the template of mark {} is not in the index", template.mark));
            return Ok(());
        };
        let mut index = Index::default();
        let casing = casings.get(&template.mark).or(found.casing.as_ref());
        index.add(&template, casing, entry.offset, bytes)?;
        let made = index.rows.first().map(|row| row.row(seq)).transpose()?;
        let made = made.map(|row| IndexRow { sketch_at: found.sketch_at, ..row });
        let mut sketch: Vec<u8> = Vec::new();
        snapshot.visit_sketches(std::slice::from_ref(&found), &mut |part| sketch.extend(part))?;
        if made.as_ref() != Some(&found) || sketch != index.sketches {
            tell(say!("the index says otherwise than the template of mark {}", template.mark));
        }
        Ok(())
    })?;
    for row in rows.values() {
        tell(say!("the index has a template of mark {} that is not stored", row.mark));
    }
    Ok(findings)
}

/// Rows whose data went with a segment that was given up, and that were not
/// imported again.
fn lost(snapshot: &Snapshot) -> Result<Vec<Finding>> {
    let scans: BTreeSet<_> = snapshot.scans()?.into_iter().map(|s| s.sha256).collect();
    let marks: BTreeSet<_> = snapshot.marks()?.into_iter().map(|m| m.id).collect();
    let mut templates = BTreeSet::new();
    snapshot.each_template_row(|t| {
        templates.insert((t.mark, t.recipe));
    })?;
    let manifest = snapshot.manifest();
    let gone = |role, seq| manifest.covering(role, seq).is_none();
    let mut findings = Vec::new();
    let mut tell = |what: Message| findings.push(Finding::missing("lost", what));
    for segment in manifest.of_role(Role::Tables) {
        let tables = snapshot.tables(segment)?;
        for (place, scan) in tables.rows::<ScanRow>()? {
            if gone(Role::Originals, place.seq) && !scans.contains(&scan.sha256) {
                tell(say!("the file of scan {} ({}) is lost", scan.sha256, scan.file_name));
            }
        }
        for (place, mark) in tables.rows::<MarkRow>()? {
            if gone(Role::Marks, place.seq) && !marks.contains(&mark.id) {
                tell(say!("the values of mark {} are lost", mark.id));
            }
        }
        for (seq, rows) in tables.columns::<TemplateColumns>()? {
            for row in rows.iter().map(TemplateColumns::row) {
                let row = row?;
                let key = (row.mark.clone(), row.recipe);
                if gone(Role::Templates, seq) && !templates.contains(&key) {
                    tell(say!("the template of mark {} is lost", row.mark));
                }
            }
        }
        for (seq, rows) in tables.columns::<ComparisonColumns>()? {
            let without_cells = rows.iter().filter(|r| r.cells_stored > 0);
            for row in without_cells.filter(|_| gone(Role::Cells, seq)).map(|r| r.row()) {
                let row = row?;
                if snapshot.comparison(&row.a, &row.b)?.is_none() {
                    tell(say!("the cells of {} and {} are lost", row.a, row.b));
                }
            }
        }
    }
    Ok(findings)
}

fn leftovers(root: &Path) -> Result<Vec<Finding>> {
    let (manifest, _, left) = Left::now(root)?;
    let mut found = Vec::new();
    if let Err(e) = left.of_one_change(root, &manifest) {
        found.push(Finding::damage("set-back", "manifest.json", &e));
    } else {
        let retired = say!("no longer belongs to the store and is to be removed");
        found.extend(
            left.retired.iter().map(|file| Finding::note("retired", file, retired.clone())),
        );
        let unknown = left.unknown.iter();
        found.extend(
            unknown.map(|file| Finding::note("leftover", file, say!("belongs to no commit"))),
        );
        if !left.tail.is_empty() {
            let what = say!("the ledger goes on with lines that belong to no commit");
            found.push(Finding::note("ledger-tail", "ledger.jsonl", what));
        }
    }
    for path in files_in(&root.join("tmp"))? {
        if !std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_file()) {
            let file = path.strip_prefix(root).unwrap_or(&path);
            let note = Finding::note("foreign", file, say!("was put there by another program"));
            let advice = say!("find out who put it there; it is in nobody's way");
            found.push(Finding { advice, ..note });
        }
    }
    if !view::is_fresh(root) {
        found.push(Finding::note("view", "view.h5", say!("does not show the store as it is")));
    }
    Ok(found)
}
