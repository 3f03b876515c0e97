//! The comparisons of a report, one below the other, with their pictures and cells.

use super::content::Content;
use super::picture::{coloured, difference, over, overlay, plain};
use super::sheet::{Cell, Column, Picture, Style};
use crate::cells::Side as Laid;
use crate::document::{figures, stands, weighed};
use crate::model::{Findings, UNRANKED};
use crate::plates::{IN_DEPTH, Plate, Plates};
use crate::text::rounded;
use types::comparison::Comparison;
use types::error::Result;
use types::evidence::Modality;

/// Each candidate of `f` beside the questioned mark.
pub fn comparisons(c: &mut Content, f: &Findings, p: Option<&Plates>) -> Result<()> {
    let t = c.t;
    if f.candidates.is_empty() {
        return Ok(());
    }
    c.sheet.heading(1, format!("{}: {}", t.comparisons, t.named(&f.questioned.mark)));
    c.sheet.text(Style::Intro, t.how_to_read_cells);
    for (i, k) in f.candidates.iter().enumerate() {
        let (a, b) = (&f.questioned.casing.id, &k.side.casing.id);
        let rank = if k.rank == UNRANKED { String::new() } else { format!("{}. ", k.rank) };
        c.sheet.heading(2, format!("{rank}{a} – {b}"));
        let m = &k.comparison;
        c.blocks(&[figures(k, t)]);
        if let Some(w) = &k.weight {
            c.sheet.text(Style::Note, weighed(w, t).text());
        }
        if let Some(d) = &f.distribution {
            c.sheet.text(Style::Note, format!("{}. {}", t.score_of_pair, stands(d, m.score, t)));
        }
        let Some((p, plate)) = p.and_then(|p| Some((p, p.candidates.get(i)?.as_ref()?))) else {
            c.sheet.text(Style::Note, t.no_picture);
            cells(c, m);
            continue;
        };
        let heights = f.questioned.mark.modality == Modality::Topography;
        let words = (t.cells_alt)(m.congruent_cells, m.cells);
        let sides =
            [(&p.questioned, Laid::A, format!("A: {a}")), (plate, Laid::B, format!("B: {b}"))];
        let mut pictures = Vec::new();
        for (plate, side, label) in &sides {
            pictures.push(Picture {
                file: c.file("png", plain(plate)?),
                over: Some(c.file("svg", over(p, Some((m, *side))))),
                alt: format!("{label}. {words}"),
                label: label.clone(),
            });
        }
        let caption = if heights {
            (t.relief_caption)(&rounded(p.exaggeration, 1))
        } else {
            t.image_caption.into()
        };
        c.figure(pictures, caption, if i < IN_DEPTH { 100 } else { 62 });
        if i < IN_DEPTH {
            in_depth(c, p, plate, heights, &sides.map(|s| s.2))?;
            cells(c, m);
        }
    }
    Ok(())
}

fn in_depth(
    c: &mut Content,
    p: &Plates,
    plate: &Plate,
    heights: bool,
    labels: &[String; 2],
) -> Result<()> {
    let t = c.t;
    let bar = c.file("svg", over(p, None));
    let mut pictures = Vec::new();
    let mut add = |c: &mut Content, png: Vec<u8>, alt: String, label: &str| {
        let (file, over) = (c.file("png", png), Some(bar.clone()));
        pictures.push(Picture { file, over, alt, label: label.to_owned() });
    };
    let [a, b] = labels;
    if heights {
        for (plate, label) in [(&p.questioned, a), (plate, b)] {
            add(c, coloured(plate)?, format!("{}. {label}", t.height_colours), label);
        }
    }
    let both = |what: &str| format!("{what}. {a}. {b}");
    add(c, overlay(&p.questioned, plate)?, both(t.overlay), t.overlay);
    if let Some(png) = difference(plate)? {
        add(c, png, both(t.difference), t.difference);
    }
    let scale = format!("±{} µm", rounded(f64::from(p.clip), 2));
    let caption = if heights {
        format!("{} {}: {scale}.", t.depth_caption, t.colour_scale)
    } else {
        t.overlay_caption.to_owned()
    };
    c.figure(pictures, caption, 100);
    Ok(())
}

/// The table of cells, two of them a line.
fn cells(c: &mut Content, m: &Comparison) {
    let t = c.t;
    if m.cell_table.is_empty() {
        return;
    }
    let half = m.cell_table.len().div_ceil(2);
    let cell = |i: usize| -> [Cell; 6] {
        m.cell_table.get(i).map_or_else(Default::default, |k| {
            let place = |x, y| format!("{}, {}", rounded(x, 0), rounded(y, 0)).into();
            [
                (i + 1).to_string().into(),
                place(k.x_um, k.y_um),
                place(k.found_x_um, k.found_y_um),
                rounded(k.rotation_deg, 1).into(),
                rounded(k.ccf, 2).into(),
                if k.congruent { t.yes } else { t.no }.into(),
            ]
        })
    };
    let rows = (0..half).map(|i| cell(i).into_iter().chain(cell(half + i)).collect());
    let turn = format!("{} °", t.turn);
    let columns = || {
        [
            Column::new(t.number, true, 0.6),
            Column::new("A: x, y µm", true, 1.6),
            Column::new("B: x, y µm", true, 1.6),
            Column::new(&turn, true, 0.8),
            Column::new(t.ccf, true, 1.2),
            Column::new(t.congruent, false, 1.2),
        ]
    };
    let two = columns().into_iter().chain(columns());
    let caption = format!("{}. {} {} µm", t.cell_table_caption, t.cell_side, rounded(m.cell_um, 0));
    c.sheet.table(caption, two.collect(), rows.collect());
}
