//! Blocks on paper.

use super::content::Content;
use super::picture::{over, png};
use super::sheet::{Cell, Column as Heading, Picture as Shown, Style as Set};
use crate::document::{Block, Fact, Hand, Line, Picture, Plot, Style, Value};
use types::error::Result;

impl Content {
    /// Puts blocks one below the other.
    ///
    /// # Errors
    /// Where a picture cannot be made.
    pub fn blocks(&mut self, blocks: &[Block]) -> Result<()> {
        blocks.iter().try_for_each(|block| self.block(block))
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Section { of, title, blocks, .. } => {
                self.sheet.heading(if of.is_some() { 2 } else { 1 }, title.text());
                self.blocks(blocks)?;
            }
            Block::Pair { title, blocks, .. } => {
                self.sheet.heading(2, title.text());
                self.blocks(blocks)?;
            }
            Block::Heading { level, line } => self.sheet.heading(*level, line.text()),
            Block::Text { style, line } => self.sheet.text(set(*style), line.text()),
            Block::Notes { line, items } => {
                let items = items.iter().map(|item| format!("\n– {}", item.text()));
                self.sheet.text(Set::Warning, line.text() + &items.collect::<String>());
            }
            Block::List(items) => self.sheet.list(items.iter().map(Line::text).collect()),
            Block::Facts { facts, .. } => self.facts(facts),
            Block::Table(table) => self.table(table)?,
            Block::Drawing { svg, alt, caption } => self.drawing(svg, alt, caption.clone()),
            Block::Plots(plots) => plots.chunks(2).for_each(|two| self.plots(two)),
            Block::Figure { pictures, width, caption, .. } => {
                self.pictures(pictures, caption.text(), *width)?;
            }
            Block::Hero { pictures, facts } => {
                if !pictures.is_empty() {
                    self.pictures(pictures, String::new(), 56)?;
                }
                self.facts(facts);
            }
            Block::Hands { title, columns, hands } => self.hands(title, columns, hands),
            Block::Standing { said, .. } => self.sheet.text(Set::Note, said.as_str()),
            Block::Folded { blocks, on_paper: true, .. } => self.blocks(blocks)?,
            Block::Folded { .. } | Block::Shared { .. } | Block::Microscope(_) => {}
        }
        Ok(())
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

    fn plots(&mut self, plots: &[Plot]) {
        let pictures = plots.iter().map(|plot| Shown {
            alt: plot.alt.clone(),
            label: plot.title.to_owned(),
            file: self.svg(&plot.svg),
            over: None,
        });
        let pictures = pictures.collect();
        self.figure(pictures, String::new(), 100);
    }

    fn pictures(&mut self, pictures: &[Picture], caption: String, width: u8) -> Result<()> {
        let shown = pictures.iter().map(|p| {
            Ok(Shown {
                file: self.file("png", png(&p.view)?),
                over: Some(self.file("svg", over(p))),
                alt: p.alt.clone(),
                label: p.label.text(),
            })
        });
        let shown = shown.collect::<Result<_>>()?;
        self.figure(shown, caption, width);
        Ok(())
    }

    fn hands(&mut self, title: &str, columns: &[&str; 3], hands: &[Hand]) {
        let shares = [1.0, 2.0, 1.0];
        let columns = columns.iter().zip(shares).map(|(c, share)| Heading::new(c, false, share));
        let rows = hands.iter().map(|hand| -> Vec<Cell> {
            let date = hand.date.as_ref().map_or_else(|| "–".to_owned(), Line::text);
            vec![hand.role.into(), hand.name.as_str().into(), date.into()]
        });
        self.sheet.table(title.to_owned(), columns.collect(), rows.collect());
    }
}

const fn set(style: Style) -> Set {
    match style {
        Style::Plain => Set::Plain,
        Style::Intro | Style::Weighed => Set::Intro,
        Style::Note => Set::Note,
        Style::Aid => Set::Aid,
        Style::Warning | Style::Remark => Set::Warning,
    }
}
