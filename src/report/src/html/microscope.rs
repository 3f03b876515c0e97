//! The comparison microscope's controls and data; `microscope.js` does the rest.

use crate::document::Microscoped;
use crate::picture::{CIVIDIS, DIVERGING};
use crate::text::{Hands, Strings};
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use types::comparison::Comparison;
use types::surface::Pose;

/// The comparison microscope: nothing but its data until the script wakes it.
/// The congruent cells are drawn from the start, or only when asked for; `more` is
/// the address of a server that has the full resolution.
pub fn microscope(pairs: &[Microscoped], cells: bool, more: Option<&str>, t: &Strings) -> Markup {
    let pairs: Vec<Value> = pairs.iter().map(|pair| data(pair, more)).collect();
    let data = json!({ "pairs": pairs, "cividis": CIVIDIS, "diverging": DIVERGING })
        .to_string()
        .replace('<', "\\u003c");
    let h = t.hands;
    html! {
        @if !pairs.is_empty() {
            section #microscope hidden aria-labelledby="microscope-title"
                data-awake=[more.map(|_| "yes")] data-mirrored=(h.mirrored) data-source=(h.source)
                data-loading=(h.loading) data-failed=(h.failed) {
                h2 #microscope-title { (t.microscope) }
                (controls(cells, t))
                canvas tabindex="0" role="application" aria-label=(t.microscope)
                    aria-describedby="microscope-help" width="960" height="600" {}
                (readouts(t))
                (by_hand(more.is_some(), h))
                (keys(h))
                p.note #microscope-help { (h.help) }
                script type="application/json" #microscope-data { (PreEscaped(data)) }
            }
        }
    }
}

fn controls(cells: bool, t: &Strings) -> Markup {
    html! {
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
    }
}

/// What is seen now, in numbers.
fn readouts(t: &Strings) -> Markup {
    let h = t.hands;
    html! {
        div.readouts {
            output name="lit" data-text=(h.lit) {}
            output name="hand" data-text=(h.hand) {}
            output name="length" data-text=(h.length) {}
            output name="source" {}
            output name="cell" data-text=(t.cell_here) {}
        }
    }
}

/// What else a person does to the view; raw heights only a server has.
fn by_hand(server: bool, h: &Hands) -> Markup {
    html! {
        details {
            summary { (h.more) }
            div.controls {
                label { input type="checkbox" name="alone"; " " (h.alone) }
                span.buttons {
                    button type="button" name="left" aria-label=(h.turn_left) { "↺" }
                    button type="button" name="right" aria-label=(h.turn_right) { "↻" }
                    button type="button" name="mirror" { (h.mirror) }
                    button type="button" name="back" { (h.back) }
                    button type="button" name="second" { (h.second) }
                }
                label { input type="checkbox" name="across"; " " (h.across) }
                label { input type="checkbox" name="measure"; " " (h.measure) }
                label { (h.contrast) " " select name="contrast" {
                    @for times in ["1", "2", "4", "0.5"] {
                        option value=(times) { "× " (times) }
                    }
                } }
                label hidden[!server] { input type="checkbox" name="raw"; " " (h.raw) }
                label { input type="checkbox" name="hidden"; " " (h.hidden) }
            }
        }
    }
}

fn keys(h: &Hands) -> Markup {
    html! {
        details.keys {
            summary { (h.keys_title) " (?)" }
            dl { @for (shown, pressed, does) in h.keys {
                div { dt data-keys=(pressed) { kbd { (shown) } } dd { (does) } }
            } }
        }
    }
}

/// How B is moved by hand to lie as the runner-up has it: degrees, whether
/// mirrored, micrometres of A's frame; none where the pose is not told.
fn runner_up(m: &Comparison) -> Option<(f64, bool, f64, f64)> {
    let other = m.runner_up.filter(|_| !m.cell_table.is_empty())?;
    let moved = other.b_from_a.inverse().after(&m.b_from_a);
    Some((moved.rotation.deg(), false, moved.dx.um(), moved.dy.um()))
}

/// What the script is told of a pair.
fn data(pair: &Microscoped, more: Option<&str>) -> Value {
    let ([a, b], [plate_a, plate_b], m) = (&pair.names, &pair.plates, &pair.comparison);
    json!({
        "label": format!("{a} – {b}"), "a": plate_a.id, "b": plate_b.id,
        "nameA": a, "nameB": b, "pixelUm": pair.ground.frame.pixel.um(),
        "clip": pair.clip, "stretch": pair.exaggeration, "barUm": pair.ground.bar_um,
        "relief": plate_a.relief.is_some(), "cellUm": m.cell_um,
        // Cells alone are placed by it.
        "pose": if m.cell_table.is_empty() { Pose::default() } else { m.b_from_a },
        "cells": m.cell_table,
        "runnerUp": runner_up(m),
        "cellsOfB": m.cells_of_b,
        "kind": pair.kind,
        "more": more.map(|address| format!("{address}/{}", pair.kind)),
    })
}
