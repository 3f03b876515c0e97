//! Tables of casework records into a store.

use super::look_alikes::{caution, in_store};
use super::received::stated_scenes;
use super::{Failed, Outcome, Run};
use crate::Counted;
use casework::Register;
use imaging::acquire::manifest::{Problem, Table, read_table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::{Batch, Record, Snapshot, Store};
use types::error::{Kind, Result};
use types::evidence::{
    CasingId, Difference, Event, Exhibit, ExhibitId, KINDS, LookAlikes, RecordKind, RowRecord,
    Scene, SceneId, owner,
};
use types::message::{Message, say};

/// A table to be imported.
pub struct Source {
    /// What its rows are.
    pub kind: &'static RecordKind,
    /// The CSV or JSON file.
    pub path: PathBuf,
}

impl Source {
    /// A file whose kind is named, or is the file's name (`event.csv`).
    ///
    /// # Errors
    /// [`Kind::BadInput`] if there is no such kind.
    pub fn new(path: &Path, kind: Option<&str>) -> Result<Self> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let kind = RecordKind::named(kind.unwrap_or(&stem)).map_err(|e| e.at(path))?;
        Ok(Self { kind, path: path.to_owned() })
    }
}

/// A row that may yet be refused.
struct Pending {
    file: String,
    line: u64,
    kind: &'static RecordKind,
    row: RowRecord,
    news: News,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    New,
    /// It fills in what the record leaves open.
    Added,
    /// It contradicts the record.
    Changed,
    Unchanged,
    /// It says what an older version said, which was corrected since.
    Outdated,
}

/// What an import knows while it goes through its rows.
struct Import<'a> {
    snapshot: &'a Snapshot,
    known: LookAlikes,
    /// Bodies in the store by kind and identifier.
    stored: BTreeMap<(&'static str, String), String>,
    register: Register,
    /// What manifests say of scenes.
    scenes: BTreeMap<SceneId, Vec<(CasingId, Scene)>>,
    /// The exhibit that holds a casing.
    held: BTreeMap<CasingId, ExhibitId>,
    /// Who said something of a kind and identifier first: file, line, body.
    said: BTreeMap<(&'static str, String), (String, u64, String)>,
    reason: Option<&'a str>,
    outcome: Outcome,
}

/// Imports tables. Rows that cannot be used, name what does not exist or
/// contradict what is stored are listed, and nothing of them is written; the
/// others go on. A row adds to a record; one that contradicts it makes a new
/// version for `reason`, and fails without one. With `dry_run`, nothing is
/// written at all.
///
/// # Errors
/// Where a file or the store itself cannot be read or written.
pub fn import_records(
    store: &Store,
    sources: &[Source],
    reason: Option<&str>,
    dry_run: bool,
    run: &Run,
) -> Result<Outcome> {
    // What rows are checked against must not change before they are written.
    let writer = if dry_run { None } else { Some(run.writer(store)?) };
    let kinds: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
    let snapshot = store.snapshot()?;
    let records = snapshot.records_of(&kinds)?;
    let kind_of = |r: &Record| RecordKind::named(&r.kind).map(|k| k.name);
    let stored = records
        .iter()
        .map(|r| Ok(((kind_of(r)?, r.id.clone()), r.body.clone())))
        .collect::<Result<_>>()?;
    let mut import = Import {
        snapshot: &snapshot,
        known: in_store(&records)?,
        stored,
        register: Register::of(&records)?,
        scenes: stated_scenes(&records)?,
        held: BTreeMap::new(),
        said: BTreeMap::new(),
        reason,
        outcome: Outcome::default(),
    };
    // A casing that another agency held may come into an exhibit of one's own.
    let holds = import.register.exhibits.values().filter(|e| owner(e.id.as_str()).is_none());
    import.held = holds.flat_map(|e| e.casings.iter().map(|c| (c.clone(), e.id.clone()))).collect();
    let mut pending = Vec::new();
    // Those that others name come first.
    for kind in &KINDS {
        for source in sources.iter().filter(|s| s.kind.name == kind.name) {
            pending.extend(import.rows(source)?);
        }
    }
    let accepted = import.refer(pending);
    let mut outcome = import.outcome;
    let (mut new, mut changed) = (Batch::default(), Batch::default());
    for Pending { kind, row, news, .. } in accepted {
        let said = "record import";
        let (batch, count, why) = match news {
            News::New => (&mut new, Counted::New, said),
            News::Added => (&mut new, Counted::Changed, said),
            News::Changed => (&mut changed, Counted::Changed, reason.unwrap_or(said)),
            News::Unchanged | News::Outdated => {
                outcome.count(Counted::Unchanged, 1);
                continue;
            }
        };
        batch.add_record(kind.name, row.id, row.body, &run.who, why);
        outcome.count(count, 1);
    }
    outcome.count(Counted::Failed, outcome.failures.len() as u64);
    if let Some(mut writer) = writer {
        super::commit(&mut writer, new, run)?;
        if !changed.is_empty() {
            writer.amend(changed, &run.note(), reason.unwrap_or_default())?;
        }
    }
    Ok(outcome)
}

impl Import<'_> {
    /// The rows of one table that are well-formed and contradict nothing.
    fn rows(&mut self, source: &Source) -> Result<Vec<Pending>> {
        let Table { rows, problems, warnings } = read_table(&source.path, source.kind, &[])?;
        let file = source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.outcome.count(Counted::Rows, (rows.len() + problems.len()) as u64);
        self.outcome.warnings.extend(warnings.into_iter().map(|w| say!("{file}: {w}")));
        problems.iter().for_each(|problem| self.fail(&file, problem));
        let kind = source.kind;
        let mut usable = Vec::new();
        for row in rows {
            let body = |id: &str| self.stored.get(&(kind.name, id.to_owned())).cloned();
            let made = match kind.record(&row.cells, body) {
                Ok(made) => made,
                Err(faults) => {
                    for (column, error) in faults {
                        let (what, advice) = (error.what, error.advice);
                        self.fail(&file, &Problem { line: row.line, column, what, advice });
                    }
                    continue;
                }
            };
            let news = match body(&made.id) {
                None => News::New,
                Some(body) if body == made.body => News::Unchanged,
                Some(body) => self.change(kind, &body, &made)?,
            };
            self.look(kind, &file, row.line, &made);
            let pending = Pending { file: file.clone(), line: row.line, kind, row: made, news };
            match self.contradicts(&pending) {
                Some(problem) => self.fail(&file, &problem),
                None => usable.push(pending),
            }
        }
        Ok(usable)
    }

    /// What a row is to a record that says something else.
    fn change(&self, kind: &RecordKind, stored: &str, made: &RowRecord) -> Result<News> {
        let differences = kind.differences(stored, &made.body)?;
        if differences.iter().all(Difference::adds) {
            return Ok(News::Added);
        }
        if self.reason.is_some() {
            return Ok(News::Changed);
        }
        let versions = self.snapshot.versions(kind.name, &made.id)?;
        let before = versions.iter().any(|v| v.body == made.body);
        Ok(if before { News::Outdated } else { News::Changed })
    }

    /// Warns of identifiers in a row that look like others.
    fn look(&mut self, kind: &'static RecordKind, file: &str, line: u64, made: &RowRecord) {
        let place = || say!("{file}, line {line}");
        let own = (kind.name, made.id.as_str());
        let named = made.references.iter().map(|(_, kind, id)| (*kind, id.as_str()));
        for (kind, id) in [own].into_iter().chain(named) {
            self.outcome.cautions.extend(caution(&mut self.known, kind, id, place));
        }
    }

    fn fail(&mut self, file: &str, problem: &Problem) {
        self.outcome.failures.push(Failed {
            file: match problem.column {
                Some(column) => say!("{file}, column {column}"),
                None => Message::foreign(file),
            },
            line: Some(problem.line),
            kind: Kind::BadInput,
            reason: problem.what.clone(),
            advice: problem.advice.clone(),
        });
    }

    /// What speaks against a row that is well-formed.
    fn contradicts(&mut self, pending: &Pending) -> Option<Problem> {
        let Pending { file, line, kind, row, news } = pending;
        let problem = |column, what: Message, advice: Message| Problem {
            line: *line,
            column,
            what,
            advice: Some(advice),
        };
        let said = || (file.clone(), *line, row.body.clone());
        let (other, at, body) = self.said.entry((kind.name, row.id.clone())).or_insert_with(said);
        if *body != row.body {
            let what = say!("{other}, line {at} says otherwise of {} {}", kind.name, row.id);
            return Some(problem(None, what, say!("keep one of the rows")));
        }
        let theirs = owner(&row.id).filter(|_| matches!(news, News::Added | News::Changed));
        if let Some(code) = theirs {
            let what = say!("this would change {} {}, which is {code}'s", kind.name, row.id);
            return Some(problem(None, what, say!("its bundles change it")));
        }
        if *news == News::Changed && self.reason.is_none() {
            let what = say!("this would change {} {} without a reason", kind.name, row.id);
            return Some(problem(None, what, say!("give --reason; it stays with the new version")));
        }
        if *news == News::Outdated {
            self.outcome.warnings.push(say!(
                "{file}, line {line}: {} {} was corrected since and stays so; --reason changes it",
                kind.name,
                row.id
            ));
        }
        let clash = match kind.name {
            "event" => serde_json::from_str(&row.body).map(|event| self.against_scenes(&event)),
            "exhibit" => serde_json::from_str(&row.body).map(|e| self.against_casings(&e)),
            _ => Ok(None),
        };
        match clash {
            Ok(clash) => clash.map(|(column, what)| {
                problem(Some(column), what, say!("correct one of them (see `amend`)"))
            }),
            Err(e) => {
                let what = say!("the {} cannot be checked against others: {e}", kind.name);
                Some(problem(None, what, say!("compare the row with `record template`")))
            }
        }
    }

    /// Where the record of an event and what manifests say of its scene differ.
    fn against_scenes(&self, event: &Event) -> Option<(&'static str, Message)> {
        self.scenes.get(&event.id)?.iter().find_map(|(casing, scene)| {
            let clash = self.register.disagreements(scene, event).into_iter().next()?;
            let what = say!(
                "the manifest of casing {casing} says {} of scene {}, not {}",
                clash.one,
                event.id,
                clash.other
            );
            Some((clash.field, what))
        })
    }

    /// A casing that is in another exhibit or from another scene.
    fn against_casings(&mut self, exhibit: &Exhibit) -> Option<(&'static str, Message)> {
        for casing in &exhibit.casings {
            if let Some(other) = self.held.get(casing).filter(|other| **other != exhibit.id) {
                return Some(("casings", say!("casing {casing} is in exhibit {other}")));
            }
            let own = self.register.casings.get(casing).and_then(|c| c.scene.as_ref());
            let named = exhibit.scene.as_ref();
            if let Some((own, named)) = own.zip(named).filter(|(own, named)| own.id != **named) {
                let what = say!("casing {casing} is from scene {}, not {named}", own.id);
                return Some(("scene_id", what));
            }
        }
        // What an exhibit no longer holds is free for those after it.
        self.held.retain(|_, holder| *holder != exhibit.id);
        self.held.extend(exhibit.casings.iter().map(|c| (c.clone(), exhibit.id.clone())));
        None
    }

    /// The rows all of whose references exist, in the store or among them.
    fn refer(&mut self, mut pending: Vec<Pending>) -> Vec<Pending> {
        loop {
            let new: Vec<(&'static str, String)> =
                pending.iter().map(|p| (p.kind.name, p.row.id.clone())).collect();
            let known: std::collections::BTreeSet<_> =
                new.iter().chain(self.stored.keys()).collect();
            let dangling = |p: &Pending| {
                let absent = |(_, kind, id): &&(&str, &'static str, String)| {
                    !known.contains(&(*kind, id.clone()))
                };
                p.row.references.iter().find(absent).cloned()
            };
            let checked: Vec<_> = pending.iter().map(dangling).collect();
            let before = pending.len();
            let mut kept = Vec::new();
            for (p, dangling) in pending.into_iter().zip(checked) {
                match dangling {
                    None => kept.push(p),
                    Some((column, kind, id)) => {
                        let what = say!("there is no {kind} {id}");
                        let advice = say!("import the {kind} first, or with this");
                        let (line, advice) = (p.line, Some(advice));
                        let column = Some(column);
                        self.fail(&p.file, &Problem { line, column, what, advice });
                    }
                }
            }
            if kept.len() == before {
                return kept;
            }
            pending = kept;
        }
    }
}
