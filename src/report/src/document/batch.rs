//! The first page of a folder of reports.

use super::block::{Block, Fact, Style};
use super::decisions::decisions;
use super::span::{Line, Span, count, day, line, number, or, said, sure};
use super::table::{Column, Table};
use super::tables::{casings, failures, groups, links};
use crate::model::{BatchSummary, NewCandidate, NewCasing, Overdue, WatchedLink};
use crate::text::Strings;
use statistics::link::Judged;
use types::evidence::CasingId;

/// What a batch summary says.
pub fn batch(r: &BatchSummary, t: &Strings) -> Vec<Block> {
    let of_a_run = r.counts.of_a_run();
    let mut blocks = Vec::new();
    if of_a_run || !r.news.is_empty() {
        blocks.push(news(&r.news, t));
    }
    blocks.extend(watched(&r.watched, t));
    blocks.extend(decisions(&r.objections, t));
    blocks.push(totals(r, t));
    blocks.extend(overdue(&r.overdue, t));
    if of_a_run {
        blocks.push(failures(&r.failures, t));
    }
    blocks.push(groups(&r.groups, true, t));
    let mut linked = if r.links.is_empty() {
        vec![Block::plain(t.no_links)]
    } else {
        vec![Block::plain(t.links_note), links(&r.links, t)]
    };
    linked.extend(judged(&r.judged, t));
    blocks.push(Block::section("links", t.links, linked));
    blocks.push(casings(&r.casings, t));
    if let Some(file) = &r.validation {
        blocks.push(Block::plain(Span::Page { file: file.clone(), title: t.validation }));
    }
    blocks
}

fn totals(r: &BatchSummary, t: &Strings) -> Block {
    let n = &r.counts;
    let block = if n.of_a_run() {
        let all = [
            (t.manifest_rows, n.rows),
            (t.imported, n.imported),
            (t.already_known, n.known),
            (t.failed, n.failed),
            (t.pairs_compared, n.pairs_compared),
            (t.pairs_known, n.pairs_known),
        ];
        let facts = all.into_iter().map(|(label, n)| Fact::new(label, count(n))).collect();
        Block::Facts { class: "totals", facts }
    } else {
        Block::plain(line([t.no_run.into(), " ".into(), Span::Behind(vec![0.0])]))
    };
    Block::section("totals", t.totals, vec![block])
}

/// The casings that are new, each with its best candidates.
fn news(news: &[NewCasing], t: &Strings) -> Block {
    if news.is_empty() {
        return Block::section("news", t.news, vec![Block::plain(t.no_news)]);
    }
    let columns = vec![
        Column::words(t.casing, 2.0).first(),
        Column::numbers(t.rank, 0.0),
        Column::words(t.candidate, 2.0),
        Column::numbers(t.score, 1.0),
        Column::numbers(t.congruent_cells, 1.2),
        Column::numbers(t.log10_lr, 1.2),
        Column::ids(t.group),
    ];
    let dash = || Line::from("–");
    let row = |new: &NewCasing, c: Option<&NewCandidate>| -> Vec<Line> {
        let weight = |c: &NewCandidate| match &c.weight {
            Some(w) => number(w.log10_lr, 1),
            None => t.not_calibrated.into(),
        };
        vec![
            Span::Casing(new.casing.clone()).into(),
            c.map_or_else(dash, |c| count(c.rank.into()).into()),
            c.map_or_else(|| t.no_candidates.into(), |c| Span::Casing(c.casing.clone()).into()),
            c.map_or_else(dash, |c| number(c.score, 2).into()),
            c.map_or_else(dash, |c| count(c.congruent_cells.into()).into()),
            c.map_or_else(dash, |c| weight(c).into()),
            or(new.group.as_deref(), "–").into(),
        ]
    };
    let rows = news.iter().flat_map(|new| {
        let none = new.candidates.is_empty().then(|| row(new, None));
        new.candidates.iter().map(|c| row(new, Some(c))).chain(none).collect::<Vec<_>>()
    });
    let caption = line([format!("{}: ", t.news).into(), count(news.len() as u64)]);
    let table = Block::Table(Table::new("", caption, columns, rows.collect()));
    Block::section("news", t.news, vec![table])
}

fn watched(links: &[WatchedLink], t: &Strings) -> Option<Block> {
    let columns = vec![
        Column::words(t.casings, 2.0).first(),
        Column::words(t.watched_what, 2.0),
        Column::words(t.watched_why, 2.4),
        Column::words(t.watched_by, 1.2),
        Column::words(t.date_title, 1.2),
    ];
    let rows: Vec<Vec<Line>> = links
        .iter()
        .map(|l| {
            vec![
                line([Span::Casing(l.a.clone()), " – ".into(), Span::Casing(l.b.clone())]),
                said(&l.what, t).into(),
                said(&l.why, t).into(),
                l.by.as_str().into(),
                day(l.at.get(..10), t).into(),
            ]
        })
        .collect();
    let table = || Block::counted(t.watched, columns, rows);
    (!links.is_empty()).then(|| Block::section("watched", t.watched, vec![table()]))
}

fn overdue(waiting: &[Overdue], t: &Strings) -> Option<Block> {
    let columns = vec![
        Column::words(t.casing, 2.0).first(),
        Column::words(t.overdue_step, 2.0),
        Column::words(t.overdue_due, 1.0),
    ];
    let rows: Vec<Vec<Line>> = waiting
        .iter()
        .map(|o| vec![o.item.as_str().into(), said(&o.step, t).into(), day(Some(&o.due), t).into()])
        .collect();
    let table = || Block::counted(t.overdue, columns, rows);
    (!waiting.is_empty()).then(|| Block::section("overdue", t.overdue, vec![table()]))
}

/// On what scale linking judged, and which pairs are open.
fn judged(judged: &Judged, t: &Strings) -> Vec<Block> {
    let mut blocks = vec![Block::plain(format!("{}:", t.judged_on))];
    if judged.scales.is_empty() {
        blocks.push(Block::plain(t.nothing_judged));
    } else {
        let scales = judged.scales.iter().map(|scale| {
            let mut out = Line::default();
            if let (Some(mark), Some(modality)) = (scale.mark, scale.modality) {
                let what = format!("{}, {}: ", (t.mark_kind)(mark), (t.modality)(modality));
                out = out.and(what);
            }
            for (i, phrase) in scale.phrases().iter().enumerate() {
                out = out.and(if i > 0 { "; " } else { "" }).and(said(phrase, t));
            }
            out.and(Span::Behind(scale.numbers().into_iter().collect()))
        });
        blocks.push(Block::List(scales.collect()));
    }
    if !judged.open.is_empty() {
        let open = format!("{}: ", t.open_pairs);
        let name = |id: &str| CasingId::new(id).map_or_else(|_| id.into(), Span::Casing);
        let pairs = judged.open.iter().map(|o| {
            let (a, b) = (name(&o.a), name(&o.b));
            line([a, " – ".into(), b, " (".into(), sure(o.posterior), ")".into()])
        });
        blocks.push(Block::heading(line([open.into(), count(judged.open.len() as u64)])));
        blocks.push(Block::text(Style::Plain, t.open_note));
        blocks.push(Block::List(pairs.collect()));
    }
    blocks
}
