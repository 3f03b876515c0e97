//! Blocks on paper.

use super::content::Content;
use super::sheet::{Cell, Column as Heading, Picture, Style as Set};
use crate::document::{Block, Fact, Hand, Holds, Line, Plot, Style, Table, Value};

impl Content {
    /// Puts blocks one below the other.
    pub fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Section { title, blocks, .. } => {
                self.sheet.heading(1, title.text());
                self.blocks(blocks);
            }
            Block::Heading { level, line } => self.sheet.heading(*level, line.text()),
            Block::Text { style, line } => self.sheet.text(set(*style), line.text()),
            Block::Notes { line, items } => {
                let items = items.iter().map(|item| format!("\n– {}", item.text()));
                self.sheet.text(Set::Warning, line.text() + &items.collect::<String>());
            }
            Block::List(items) => self.sheet.list(items.iter().map(Line::text).collect()),
            Block::Facts { facts, .. } => self.facts(facts),
            Block::Table(table) => self.table(table),
            Block::Drawing { svg, alt, caption } => self.drawing(svg, alt, caption.clone()),
            Block::Plots(plots) => plots.chunks(2).for_each(|two| self.plots(two)),
            Block::Hands { title, hands } => self.hands(title, hands),
        }
    }

    /// Facts in columns; what is wide stands below them.
    fn facts(&mut self, facts: &[Fact]) {
        let value = |fact: &Fact| match &fact.value {
            Value::Line(line) => line.text(),
            Value::List(items) => items.iter().map(Line::text).collect::<Vec<_>>().join("; "),
        };
        let narrow = facts.iter().filter(|f| !f.wide).map(|f| (f.label.as_str(), value(f)));
        self.sheet.facts(narrow.collect());
        for fact in facts.iter().filter(|f| f.wide) {
            self.sheet.text(Set::Note, format!("{}: {}", fact.label, value(fact)));
        }
    }

    fn table(&mut self, table: &Table) {
        let columns = table
            .columns
            .iter()
            .map(|c| Heading::new(&c.title.text(), c.holds == Holds::Numbers, c.share));
        let row = |row: &Vec<Line>| row.iter().map(|cell| cell.text().into()).collect();
        let rows = table.rows.iter().map(row).collect();
        self.sheet.table(table.caption.text(), columns.collect(), rows);
    }

    fn plots(&mut self, plots: &[Plot]) {
        let pictures = plots.iter().map(|plot| Picture {
            alt: plot.alt.clone(),
            label: plot.title.to_owned(),
            file: self.svg(&plot.svg),
            over: None,
        });
        let pictures = pictures.collect();
        self.figure(pictures, String::new(), 100);
    }

    fn hands(&mut self, title: &str, hands: &[Hand]) {
        let t = self.t;
        let columns = [(t.way.role_title, 1.0), (t.way.name_title, 2.0), (t.date_title, 1.0)];
        let columns = columns.map(|(title, share)| Heading::new(title, false, share));
        let rows = hands.iter().map(|hand| -> Vec<Cell> {
            let date = hand.date.as_ref().map_or_else(|| "–".to_owned(), Line::text);
            vec![hand.role.into(), hand.name.as_str().into(), date.into()]
        });
        self.sheet.table(title.to_owned(), columns.into(), rows.collect());
    }
}

const fn set(style: Style) -> Set {
    match style {
        Style::Plain => Set::Plain,
        Style::Note => Set::Note,
        Style::Aid => Set::Aid,
        Style::Warning | Style::Remark => Set::Warning,
    }
}
