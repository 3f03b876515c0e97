//! The questioned casing's group, drawn and as a table.

use super::block::{Block, Fact};
use super::span::{Span, count, or, sure};
use super::tables::links;
use crate::figure::drawing;
use crate::model::GroupView;
use crate::text::Strings;

/// What is proposed to go with the casing `subject`.
pub fn group(view: &GroupView, subject: &str, t: &Strings) -> Block {
    let group = &view.group;
    let facts = vec![
        Fact::new(t.group, Span::Strong(group.id.clone())),
        Fact::new(t.casings, count(group.casings.len() as u64)),
        Fact::new(t.confidence, sure(group.confidence)),
        Fact::new(t.prototype, or(group.prototype.as_ref().map(|p| p.as_str()), "–")),
    ];
    let svg = drawing(&view.casings, &view.links, &|c| c.id.as_str() == subject, t);
    let caption = t.group_intro.to_owned();
    let blocks = vec![
        Block::plain(t.groups_note),
        Block::facts(facts),
        Block::Drawing { svg, alt: t.group_graph_alt, caption },
        Block::heading(t.compared_pairs),
        links(&view.links, t),
    ];
    Block::section("group", t.group_section, blocks)
}
