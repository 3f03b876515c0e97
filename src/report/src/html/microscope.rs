//! The comparison microscope's controls and data; `microscope.js` does the rest.

use super::figure::Pair;
use crate::model::Findings;
use crate::picture::{CIVIDIS, DIVERGING};
use crate::plates::Plates;
use crate::text::Strings;
use maud::{Markup, PreEscaped, html};
use serde_json::json;

/// The comparison microscope: nothing but its data until the script wakes it.
pub fn microscope(findings: &[Findings], plates: &[Option<Plates>], t: &Strings) -> Markup {
    let mut pairs = Vec::new();
    for (section, (f, p)) in findings.iter().zip(plates).enumerate() {
        let Some(p) = p else { continue };
        for (index, c) in f.candidates.iter().enumerate() {
            if p.candidates.get(index).is_none_or(Option::is_none) {
                continue;
            }
            let ids = Pair::new(section, index);
            let (a, b) = (f.questioned.casing.id.as_str(), c.side.casing.id.as_str());
            pairs.push(json!({
                "label": format!("{a} – {b}"), "a": ids.a, "b": ids.b,
                "nameA": a, "nameB": b, "pixelUm": p.frame.pixel.um(),
                "clip": p.clip, "stretch": p.exaggeration, "barUm": p.bar_um,
                "relief": p.questioned.relief.is_some(), "cellUm": c.comparison.cell_um,
                "pose": c.comparison.b_from_a, "cells": c.comparison.cell_table,
                "cellsOfB": c.comparison.cells_of_b,
            }));
        }
    }
    let data = json!({ "pairs": pairs, "cividis": CIVIDIS, "diverging": DIVERGING })
        .to_string()
        .replace('<', "\\u003c");
    html! {
        @if !pairs.is_empty() {
            section #microscope hidden aria-labelledby="microscope-title" {
                h2 #microscope-title { (t.microscope) }
                div.controls {
                    label { (t.pair_shown) " " select name="pair" {} }
                    label { (t.layout) " " select name="layout" {
                        option value="split" { (t.split_line) }
                        option value="side" { (t.side_by_side) }
                        option value="overlay" { (t.overlay) }
                        option value="difference" { (t.difference) }
                        option value="flip" { (t.flip) }
                    } }
                    label { (t.surface) " " select name="surface" {
                        option value="relief" { (t.relief) }
                        option value="height" { (t.height_colours) }
                    } }
                    label { (t.split_line) " " input type="range" name="split" min="0" max="100" value="50"; }
                    label { (t.light) " " input type="range" name="light" min="0" max="359" step="1" value="315"; }
                    label { (t.elevation) " " input type="range" name="height" min="10" max="80" step="1" value="45"; }
                    label { input type="checkbox" name="yes" checked; " " (t.congruent_cells) }
                    label { input type="checkbox" name="no"; " " (t.other_cells) }
                    span.buttons {
                        button type="button" name="in" aria-label=(t.zoom_in) { "+" }
                        button type="button" name="out" aria-label=(t.zoom_out) { "−" }
                        button type="button" name="reset" { (t.reset) }
                    }
                }
                canvas tabindex="0" role="application" aria-label=(t.microscope)
                    aria-describedby="microscope-help" width="960" height="600" {}
                output data-cell=(t.cell_here) {}
                p.note #microscope-help { (t.microscope_help) }
                script type="application/json" #microscope-data { (PreEscaped(data)) }
            }
        }
    }
}
