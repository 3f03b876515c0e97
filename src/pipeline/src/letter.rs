//! Lead letters into and out of a store.

use super::report::kind_of;
use super::{Run, commit, json};
use casework::{
    CaseFiles, LETTER, LETTER_STEP, LetterStage, LetterStep, Releasable, understood, views_named,
};
use report::{
    Findings, Laboratory, LeadLetter, LetterExhibit, LetterMark, LetterPerson, ReportHeader,
};
use store::{Batch, Record, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingRecord, Digest};
use types::message::say;

/// A letter with what became of it, and the words of each step.
pub struct ReleasedLetter {
    /// The letter.
    pub letter: LeadLetter,
    /// The record of the decision that it rests on.
    pub decision: String,
    /// Its steps in the order of the ledger.
    pub steps: Vec<(LetterStep, String)>,
}

/// Every letter, in the order of the ledger.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn letters(snapshot: &Snapshot) -> Result<Vec<ReleasedLetter>> {
    let mut all: Vec<ReleasedLetter> = Vec::new();
    for (_, record) in snapshot.records_in_order(LETTER)? {
        let letter = understood(&record)?;
        all.push(ReleasedLetter { letter, decision: record.reason, steps: Vec::new() });
    }
    let steps = snapshot.records_in_order(LETTER_STEP)?;
    for (_, record) in steps {
        let step: LetterStep = understood(&record)?;
        let of = all.iter_mut().find(|l| l.letter.header.report_id == step.letter);
        of.into_iter().for_each(|l| l.steps.push((step.clone(), record.reason.clone())));
    }
    Ok(all)
}

/// The letter of a number.
///
/// # Errors
/// [`Kind::NotFound`] if there is none.
pub fn letter(snapshot: &Snapshot, number: &str) -> Result<ReleasedLetter> {
    letters(snapshot)?.into_iter().find(|l| l.letter.header.report_id == number).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("there is no letter {number}"))
            .advise(say!("see the list of letters"))
    })
}

/// What a letter is made of besides the pair.
pub struct LetterOrder<'a> {
    /// The records of casework.
    pub files: &'a CaseFiles,
    /// What it rests on.
    pub rests_on: Releasable<'a>,
    /// What the marks of the two casings show.
    pub findings: &'a [Findings],
    /// Who issues it.
    pub laboratory: Laboratory,
    /// Who releases it.
    pub by: &'a str,
    /// That person's agency.
    pub agency: Option<String>,
}

/// Commits a letter and gives its number. `still` is asked, under the store's
/// lock, whether what it rests on is still so.
///
/// # Errors
/// [`Kind::BadInput`] if there is such a letter about the conclusion already;
/// what `still` says.
pub fn release_letter(
    store: &Store,
    order: &LetterOrder,
    run: &Run,
    still: &dyn Fn(&Snapshot) -> Result<()>,
) -> Result<String> {
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    still(&snapshot)?;
    let known: Vec<(u64, Record)> = snapshot.records_in_order(LETTER)?;
    let decision = &order.rests_on.decided.id;
    if let Some((_, other)) = known.iter().find(|(_, r)| r.reason == *decision) {
        let what = say!("letter {} was released about this conclusion", other.id);
        return Err(Error::new(Kind::BadInput, what).advise(say!("open that letter")));
    }
    let year = run.started.get(..4).unwrap_or_default();
    let number = format!("L-{year}-{:04}", known.len() + 1);
    let mut letter = draft(order, &number, run)?;
    letter.header.ledger_head = Some(snapshot.head());
    let mut batch = Batch::default();
    batch.add_record(LETTER, number.clone(), json(&letter)?, &run.who, decision);
    commit(&mut writer, batch, run)?;
    Ok(number)
}

fn draft(order: &LetterOrder, number: &str, run: &Run) -> Result<LeadLetter> {
    let Releasable { decided, verified } = order.rests_on;
    let Some((f, c)) = order.findings.first().and_then(|f| Some((f, f.candidates.first()?))) else {
        let what = say!("the two casings were not compared, so there is nothing to show");
        return Err(Error::new(Kind::BadInput, what).advise(say!("correlate the store first")));
    };
    let mut header = ReportHeader::new(number, run.recipe, order.laboratory.clone());
    header.issued = run.started.get(..10).map(str::to_owned);
    let marks = order.findings.iter().filter_map(|f| {
        let c = f.candidates.first()?;
        let scans = [f.questioned.scan.sha256, c.side.scan.sha256];
        Some(LetterMark {
            kind: f.questioned.mark.kind,
            modality: f.questioned.mark.modality,
            scans,
        })
    });
    let person = |name: &str, agency: &Option<String>, at: &str| LetterPerson {
        name: name.to_owned(),
        agency: agency.clone(),
        at: at.to_owned(),
    };
    let seen = views_named(&decided.reason).next_back();
    let seen = seen.and_then(|digest| Digest::try_from(digest.to_owned()).ok());
    Ok(LeadLetter {
        exhibits: [
            exhibit(order.files, &f.questioned.casing),
            exhibit(order.files, &c.side.casing),
        ],
        marks: marks.collect(),
        conclusion: kind_of(decided.conclusion),
        reviewed: person(&decided.by, &decided.agency, &decided.at),
        verified: verified.map(|v| person(&v.finding.by, &v.finding.agency, &v.finding.at)),
        settled: verified
            .and_then(|v| v.settled.as_ref())
            .map(|(s, _)| person(&s.by, &None, &s.at)),
        released: person(order.by, &order.agency, &run.started),
        snapshot: seen,
        header,
    })
}

fn exhibit(files: &CaseFiles, record: &CasingRecord) -> LetterExhibit {
    let register = &files.register;
    let scene = record.scene.as_ref();
    let event = scene.and_then(|s| register.events.get(&s.id));
    let held = register.exhibits.values().find(|e| e.casings.contains(&record.id));
    let named = |id: &str| register.agency_name(id).to_owned();
    let text = |what: &dyn ToString| what.to_string();
    let case = held.and_then(|e| e.case.as_ref()).or_else(|| scene.and_then(|s| s.case.as_ref()));
    LetterExhibit {
        casing: record.id.clone(),
        origin: record.origin,
        exhibit: held.map(|e| text(&e.id)),
        case: case.map(|c| text(c)),
        agency: scene.and_then(|s| s.agency.as_deref()).map(named),
        scene: scene.map(|s| text(&s.id)),
        date: scene.and_then(|s| s.date),
        municipality: event.and_then(|e| e.place.municipality.clone()),
        state: scene.and_then(|s| s.state.clone()),
        calibre: record.calibre.clone(),
        firearm: record.firearm.as_ref().map(|f| text(f)),
    }
}

/// Commits what became of a letter.
///
/// # Errors
/// [`Kind::NotFound`] if there is no such letter; [`Kind::BadInput`] without
/// words, or for an acknowledgement of what was not sent.
pub fn note_letter(
    store: &Store,
    number: &str,
    stage: LetterStage,
    words: &str,
    run: &Run,
) -> Result<()> {
    if words.trim().is_empty() {
        return Err(Error::new(Kind::BadInput, say!("a step of a letter needs words"))
            .advise(say!("say to whom it went, who received it, or what came of it")));
    }
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    let known = letter(&snapshot, number)?;
    let sent = known.steps.iter().any(|(s, _)| s.stage == LetterStage::Sent);
    if stage != LetterStage::Sent && !sent {
        return Err(Error::new(Kind::BadInput, say!("letter {number} was not sent yet"))
            .advise(say!("note first that it was sent")));
    }
    let id = format!("{number}/{}", known.steps.len() + 1);
    let (at, by) = (run.started.clone(), run.who.clone());
    let step = LetterStep { letter: number.to_owned(), stage, at, by };
    let mut batch = Batch::default();
    batch.add_record(LETTER_STEP, id, json(&step)?, &run.who, words);
    commit(&mut writer, batch, run)
}
