//! One comparison in depth: figures, pictures, cells.

use super::block::{Block, Style};
use super::pair::{figures, weighed};
use super::picture::{Cells, ColourKey, Picture, View};
use super::scores::standing;
use super::span::{Line, Span, line, number};
use super::table::{Column, Table};
use crate::cells::Side;
use crate::figure;
use crate::model::{Candidate, Findings, UNRANKED};
use crate::plates::{IN_DEPTH, Plate, Plates};
use crate::text::{Strings, rounded};
use std::rc::Rc;
use types::comparison::Comparison;
use types::evidence::Modality;

/// Each candidate of `f` beside the questioned mark; nothing where there is none.
pub fn comparisons(
    section: usize,
    title: &str,
    f: &Findings,
    plates: Option<&Plates>,
    t: &Strings,
) -> Option<Block> {
    let mut blocks = vec![Block::text(Style::Intro, t.how_to_read_cells)];
    blocks.extend((0..).zip(&f.candidates).map(|(i, c)| comparison(section, i, f, c, plates, t)));
    let title = format!("{title}: {}", t.named(&f.questioned.mark));
    (!f.candidates.is_empty()).then(|| Block::section(format!("pairs{section}"), title, blocks))
}

/// What names the comparison of candidate `index` within a report.
pub fn anchor(section: usize, index: usize) -> String {
    format!("pair{section}-{index}")
}

fn comparison(
    section: usize,
    index: usize,
    f: &Findings,
    c: &Candidate,
    plates: Option<&Plates>,
    t: &Strings,
) -> Block {
    let m = &c.comparison;
    let names = [&f.questioned.casing.id, &c.side.casing.id];
    let mut title = line([format!("{} – {}", names[0], names[1]).into()]);
    if c.rank != UNRANKED {
        title = line([Span::Rank(c.rank), " ".into()]).and(title);
    }
    let mut blocks = vec![figures(c, t)];
    blocks.extend(c.weight.as_ref().map(|w| Block::text(Style::Weighed, weighed(w, t))));
    let pictured = plates.and_then(|p| Some((p, p.candidate(index)?)));
    let detailed = index < IN_DEPTH;
    match pictured {
        Some((p, b)) => {
            let heights = f.questioned.mark.modality == Modality::Topography;
            let labels = [format!("A: {}", names[0]), format!("B: {}", names[1])];
            blocks.push(both(p, b, m, &labels, heights, detailed, t));
            blocks.extend(profiles(f, c, &labels, t));
            blocks.extend(detailed.then(|| in_depth(p, b, &labels, heights, t)));
        }
        None => blocks.push(Block::text(Style::Note, Span::Absent(t.no_picture.into()))),
    }
    blocks.extend(standing(section, f, c, t));
    blocks.extend(cells(m, detailed || pictured.is_none(), t));
    Block::Pair { id: anchor(section, index), title, blocks }
}

/// Both marks with their cells.
fn both(
    p: &Plates,
    b: &Rc<Plate>,
    m: &Comparison,
    labels: &[String; 2],
    heights: bool,
    large: bool,
    t: &Strings,
) -> Block {
    let words = (t.cells_alt)(m.congruent_cells, m.cells);
    let pictures = [(&p.questioned, Side::A), (b, Side::B)].into_iter().zip(labels);
    let pictures = pictures.map(|((plate, side), label)| Picture {
        ground: p.ground,
        view: View::Plain(plate.clone()),
        cells: Some(Cells::of(m, side)),
        alt: format!("{label}. {words}"),
        label: label.as_str().into(),
    });
    let caption = if heights {
        (t.relief_caption)(&rounded(p.exaggeration, 1)).into()
    } else {
        t.image_caption.into()
    };
    let width = if large { 100 } else { 62 };
    Block::Figure { pictures: pictures.collect(), width, caption, key: None }
}

/// The profiles of striated marks over each other.
fn profiles(f: &Findings, c: &Candidate, labels: &[String; 2], t: &Strings) -> Option<Block> {
    let (a, b) = (f.questioned.prepared.as_ref()?, c.side.prepared.as_ref()?);
    if !f.questioned.mark.kind.is_striated() {
        return None;
    }
    let svg = figure::profiles(a, b, &c.comparison, labels, t.profiles_alt)?;
    let caption = t.profiles_caption.to_owned();
    Some(Block::Drawing { svg, alt: t.profiles_alt, caption })
}

/// Heights in colour, both marks over each other, and their difference.
fn in_depth(p: &Plates, b: &Rc<Plate>, labels: &[String; 2], heights: bool, t: &Strings) -> Block {
    let picture = |view, alt, label: &str| Picture {
        ground: p.ground,
        view,
        cells: None,
        alt,
        label: label.into(),
    };
    let a = &p.questioned;
    let mut pictures = Vec::new();
    if heights {
        pictures.extend([a, b].into_iter().zip(labels).map(|(plate, label)| {
            let alt = format!("{}. {label}", t.height_colours);
            picture(View::Colour(plate.clone()), alt, label)
        }));
    }
    let alt = |what: &str| format!("{what}. {}. {}", labels[0], labels[1]);
    pictures.push(picture(View::Overlay(a.clone(), b.clone()), alt(t.overlay), t.overlay));
    let difference = View::Difference(b.clone());
    pictures.push(picture(difference, alt(t.difference), t.difference));
    let clip_um = f64::from(p.clip);
    let caption = if heights {
        let ends = format!("±{} µm", rounded(clip_um, 2));
        format!("{} {}: {ends}.", t.depth_caption, t.colour_scale)
    } else {
        t.overlay_caption.to_owned()
    };
    let key = heights.then_some(ColourKey { clip_um, alt: t.colour_scale });
    Block::Figure { pictures, width: 100, caption: caption.into(), key }
}

/// The table of cells; nothing where none was tried.
fn cells(m: &Comparison, on_paper: bool, t: &Strings) -> Option<Block> {
    let mut columns = vec![Column::numbers(t.number, 0.5).first()];
    columns.extend(["A: x µm", "A: y µm", "B: x µm", "B: y µm"].map(|c| Column::numbers(c, 0.85)));
    columns.push(Column::numbers(format!("{} °", t.turn), 0.75));
    columns.push(Column::numbers(t.ccf, 1.1));
    columns.push(Column::words(t.congruent, 1.5));
    let rows = m.cell_table.iter().enumerate().map(|(i, cell)| -> Vec<Line> {
        let mut row: Vec<Line> = vec![(i + 1).to_string().into()];
        let places = [cell.x_um, cell.y_um, cell.found_x_um, cell.found_y_um];
        row.extend(places.map(|v| Line::from(number(v, 0))));
        row.push(number(cell.rotation_deg, 1).into());
        row.push(number(cell.ccf, 2).into());
        row.push(if cell.congruent { Span::Strong(t.yes.into()) } else { t.no.into() }.into());
        row
    });
    let side = [format!("{}. {} ", t.cell_table_caption, t.cell_side).into()];
    let caption = line(side).and(line([number(m.cell_um, 0), " µm".into()]));
    let mut table = Table::new("cells", caption, columns, rows.collect());
    table.two_a_line = true;
    let blocks = vec![Block::Table(table)];
    let folded = || Block::Folded { summary: t.cell_table, blocks, on_paper };
    (!m.cell_table.is_empty()).then(folded)
}
