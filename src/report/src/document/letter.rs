//! The blocks of a lead letter.

use super::block::{Block, Fact, Style};
use super::picture::{Picture, View};
use super::span::{Line, Span, day, line, or, when};
use super::table::{Column, Table};
use crate::model::{ConclusionKind, Findings, LeadLetter, LetterExhibit, LetterPerson};
use crate::plates::{Plates, plates};
use crate::text::Strings;
use std::rc::Rc;
use types::error::Result;
use types::evidence::Origin;

/// All that a letter says under its title. `findings` give the pictures: only
/// those are shown whose scans are the letter's.
///
/// # Errors
/// Where a picture cannot be made.
pub fn letter(letter: &LeadLetter, findings: &[Findings], t: &Strings) -> Result<Vec<Block>> {
    let w = t.letter;
    let own: Vec<Findings> = findings.iter().filter(|f| is_of(letter, f)).cloned().collect();
    let plates: Rc<[Option<Plates>]> = plates(&own)?.into();
    let said = match letter.conclusion {
        ConclusionKind::Hit => w.said_hit,
        _ => w.said_lead,
    };
    let ids = letter.exhibits.each_ref().map(|e| e.casing.to_string());
    let mut blocks = vec![
        Block::facts(heads(letter, t)),
        Block::plain(w.opening),
        Block::plain(said.replace("{a}", &ids[0]).replace("{b}", &ids[1]).as_str()),
        Block::text(Style::Warning, Span::Strong(w.preliminary.into())),
        Block::section("exhibits", w.exhibits, vec![exhibits(letter, t)]),
        Block::section("compared", w.compared, compared(letter, t)),
    ];
    blocks.push(Block::section("pictures", w.pictures, pictures(&own, &plates, &ids, t)));
    blocks.push(Block::section("persons", w.persons, vec![Block::facts(persons(letter, t))]));
    blocks.push(Block::section("bound", w.bound, vec![bound(letter, t)]));
    blocks.push(Block::text(Style::Note, w.closing));
    Ok(blocks)
}

fn is_of(letter: &LeadLetter, f: &Findings) -> bool {
    let scans = |c: &crate::model::Candidate| [f.questioned.scan.sha256, c.side.scan.sha256];
    letter.marks.iter().any(|m| {
        m.kind == f.questioned.mark.kind
            && f.candidates.first().is_some_and(|c| scans(c) == m.scans)
    })
}

fn heads(letter: &LeadLetter, t: &Strings) -> Vec<Fact> {
    let w = t.letter;
    let mut to: Vec<&str> = letter.exhibits.iter().filter_map(|e| e.agency.as_deref()).collect();
    to.sort_unstable();
    to.dedup();
    let to = to.into_iter().map(Line::from).collect::<Vec<_>>();
    let to = match to.is_empty() {
        true => Fact::new(w.to, Span::Absent(t.not_stated.into())),
        false => Fact::list(w.to, to),
    };
    vec![
        Fact::new(w.number, Span::Strong(letter.header.report_id.clone())),
        Fact::new(w.date, day(letter.header.issued.as_deref(), t)),
        Fact::new(w.from, or(letter.header.laboratory.name.as_deref(), t.not_stated)),
        to,
    ]
}

fn exhibits(letter: &LeadLetter, t: &Strings) -> Block {
    let w = t.letter;
    let mut columns = vec![Column::words("", 1.2).first()];
    columns.extend(["A", "B"].map(|side| Column::words(side, 2.0)));
    let text = |value: &Option<String>| Line::from(or(value.as_deref(), t.not_stated));
    let row = |title: &str, of: &dyn Fn(&LetterExhibit) -> Line| -> Vec<Line> {
        let [a, b] = &letter.exhibits;
        vec![title.into(), of(a), of(b)]
    };
    let place = |e: &LetterExhibit| -> Line {
        let parts: Vec<&str> =
            [&e.municipality, &e.state].into_iter().filter_map(|p| p.as_deref()).collect();
        or((!parts.is_empty()).then(|| parts.join(", ")).as_deref(), t.not_stated).into()
    };
    let origin = |e: &LetterExhibit| -> Line {
        match (e.origin, &e.firearm) {
            (Origin::TestFire, Some(gun)) => format!("{} ({gun})", (t.origin)(e.origin)).into(),
            _ => (t.origin)(e.origin).into(),
        }
    };
    let rows = vec![
        row(t.casing, &|e| Span::Strong(e.casing.to_string()).into()),
        row(w.exhibit, &|e| text(&e.exhibit)),
        row(w.origin, &origin),
        row(w.agency, &|e| text(&e.agency)),
        row(w.case, &|e| text(&e.case)),
        row(w.scene, &|e| text(&e.scene)),
        row(w.when, &|e| when(e.date, t).into()),
        row(w.place, &place),
        row(w.calibre, &|e| text(&e.calibre)),
    ];
    Block::Table(Table::new("", w.exhibits, columns, rows))
}

fn compared(letter: &LeadLetter, t: &Strings) -> Vec<Block> {
    let w = t.letter;
    let marks = letter
        .marks
        .iter()
        .map(|m| Line::from(format!("{} ({})", (t.mark_kind)(m.kind), (t.modality)(m.modality))));
    let how = match letter.conclusion {
        ConclusionKind::Hit => w.with_specimens,
        _ => w.on_screen,
    };
    vec![Block::List(marks.collect()), Block::plain(how)]
}

fn pictures(
    own: &[Findings],
    plates: &Rc<[Option<Plates>]>,
    ids: &[String; 2],
    t: &Strings,
) -> Vec<Block> {
    let mut blocks = vec![Block::Shared { plates: plates.clone(), charts: Vec::new() }];
    for (f, p) in own.iter().zip(plates.iter()) {
        let Some((p, b)) = p.as_ref().and_then(|p| Some((p, p.candidate(0)?))) else { continue };
        let both = [("A", &ids[0], &p.questioned), ("B", &ids[1], b)];
        let pictures = both.map(|(side, id, plate)| {
            let label = format!("{side}: {id}");
            Picture {
                ground: p.ground,
                view: View::Plain(plate.clone()),
                cells: None,
                alt: label.clone(),
                label: label.into(),
            }
        });
        let caption = format!("{}. {}", (t.mark_kind)(f.questioned.mark.kind), t.letter.laid_over);
        blocks.push(Block::Figure {
            pictures: pictures.into(),
            width: 100,
            caption: caption.into(),
            key: None,
        });
    }
    if blocks.len() == 1 {
        blocks.push(Block::text(Style::Note, Span::Absent(t.letter.no_pictures.into())));
    }
    blocks
}

fn persons(letter: &LeadLetter, t: &Strings) -> Vec<Fact> {
    let w = t.letter;
    let told = |p: &LetterPerson| {
        let agency = p.agency.as_ref().map_or_else(String::new, |a| format!(", {a}"));
        line([format!("{}{agency}, ", p.name).into(), day(p.at.get(..10), t)])
    };
    let verified = match &letter.verified {
        Some(person) => told(person),
        None => Span::Absent(w.not_verified.into()).into(),
    };
    let mut facts =
        vec![Fact::new(w.reviewer, told(&letter.reviewed)), Fact::new(w.verifier, verified)];
    facts.extend(letter.settled.as_ref().map(|p| Fact::new(w.settled, told(p))));
    facts.push(Fact::new(w.released, told(&letter.released)));
    facts.push(Fact::wide(w.signature, "______________________________"));
    facts
}

/// What the pictures and the findings rest on, by digests.
fn bound(letter: &LeadLetter, t: &Strings) -> Block {
    let w = t.letter;
    let mut facts = Vec::new();
    for mark in &letter.marks {
        for (exhibit, scan) in letter.exhibits.iter().zip(mark.scans) {
            let label = format!("{}, {}", exhibit.casing, (t.mark_kind)(mark.kind));
            facts.push(Fact::wide(&label, Span::Code(scan.to_string())));
        }
    }
    let code = |digest: &types::evidence::Digest| Span::Code(digest.to_string());
    facts.extend(letter.snapshot.as_ref().map(|s| Fact::wide(w.snapshot, code(s))));
    facts.push(Fact::wide(t.recipe, code(&letter.header.recipe)));
    facts.extend(letter.header.ledger_head.as_ref().map(|h| Fact::wide(t.ledger_head, code(h))));
    facts.push(Fact::new(t.software, letter.header.software.as_str()));
    Block::facts(facts)
}
