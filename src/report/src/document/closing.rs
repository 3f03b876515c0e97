//! What every report says before and after its findings.

use super::block::{Block, Fact, Style};
use super::span::{Line, Span, count, day, line, or};
use crate::model::ReportHeader;
use crate::text::Strings;

/// What a lead is, and which casings look like one acquisition.
pub fn opening(header: &ReportHeader, t: &Strings) -> Vec<Block> {
    let aid = line([Span::Strong(t.lead_is_aid.into()), " ".into(), t.lead_is_aid_more.into()]);
    let mut blocks = vec![Block::text(Style::Aid, aid)];
    if !header.same_acquisition.is_empty() {
        let title = Span::Strong(t.same_acquisition.into());
        let line = line([title, " ".into(), t.same_acquisition_intro.into()]);
        let each = header.same_acquisition.iter().map(|pair| (t.same_acquisition_of)(pair).into());
        blocks.push(Block::Notes { line, items: each.collect() });
    }
    blocks
}

/// Limitations and traceability.
pub fn closing(header: &ReportHeader, t: &Strings) -> Vec<Block> {
    let standing = t.standing_limitations.iter().map(|text| Line::from(*text));
    let own = header.limitations.iter().map(|text| Line::from(text.as_str()));
    let limitations = Block::List(standing.chain(own).collect());
    vec![
        Block::section("limitations", t.limitations, vec![limitations]),
        Block::section("traceability", t.traceability, traceability(header, t)),
    ]
}

fn traceability(header: &ReportHeader, t: &Strings) -> Vec<Block> {
    let date = |raw: &Option<String>| day(raw.as_deref(), t);
    let list = |label: &str, items: &[String]| {
        if items.is_empty() {
            Fact::new(label, Span::Absent(t.none.into()))
        } else {
            Fact::list(label, items.iter().map(|i| i.as_str().into()).collect())
        }
    };
    let head = match header.ledger_head {
        Some(digest) => Span::Code(digest.to_string()),
        None => Span::Absent(t.not_stated.into()),
    };
    let mut facts = vec![
        Fact::new(t.customer, or(header.customer.as_deref(), t.not_stated)),
        Fact::new(t.received, date(&header.received)),
        Fact::new(t.performed, date(&header.performed)),
        Fact::new(t.issued, date(&header.issued)),
    ];
    facts.extend(header.replaces.as_ref().map(|r| {
        let earlier = line([format!("{}, ", r.report_id).into(), day(Some(&r.issued), t)]);
        Fact::new(t.replaces, earlier)
    }));
    facts.extend([
        list(t.deviations, &header.deviations),
        list(t.amendments, &header.amendments),
        Fact::new(t.authorised_by, or(header.authorised_by.as_deref(), t.not_authorised)),
        Fact::new(t.software, header.software.as_str()),
        Fact::wide(t.recipe, Span::Code(header.recipe.to_string())),
        Fact::wide(t.ledger_head, head),
        Fact::wide(t.schema_version, count(header.schema_version.into())),
    ]);
    let state = header.ledger_head.map(|_| Block::plain(t.state_note));
    let mut blocks = vec![Block::facts(facts), Block::plain(t.relates_only)];
    blocks.extend(state);
    blocks.push(Block::text(Style::Note, t.verify_note));
    blocks
}
