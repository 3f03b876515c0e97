//! The comparison microscope's controls and data; `microscope.js` does the rest.

use crate::document::Microscoped;
use crate::picture::{CIVIDIS, DIVERGING};
use crate::text::Strings;
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use types::surface::Pose;

/// The comparison microscope: nothing but its data until the script wakes it.
/// The congruent cells are drawn from the start, or only when asked for.
pub fn microscope(pairs: &[Microscoped], cells: bool, t: &Strings) -> Markup {
    let pairs: Vec<Value> = pairs.iter().map(data).collect();
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
                    label { input type="checkbox" name="yes" checked[cells]; " " (t.congruent_cells) }
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

/// What the script is told of a pair.
fn data(pair: &Microscoped) -> Value {
    let ([a, b], [plate_a, plate_b], m) = (&pair.names, &pair.plates, &pair.comparison);
    json!({
        "label": format!("{a} – {b}"), "a": plate_a.id, "b": plate_b.id,
        "nameA": a, "nameB": b, "pixelUm": pair.ground.frame.pixel.um(),
        "clip": pair.clip, "stretch": pair.exaggeration, "barUm": pair.ground.bar_um,
        "relief": plate_a.relief.is_some(), "cellUm": m.cell_um,
        // Cells alone are placed by it.
        "pose": if m.cell_table.is_empty() { Pose::default() } else { m.b_from_a },
        "cells": m.cell_table,
        "cellsOfB": m.cells_of_b,
    })
}
