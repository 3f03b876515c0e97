//! A validation as one self-contained HTML page.

use super::curves::Step;
use super::plot::{Axis, Line, Series, plot};
use super::ranks::{RANKS, RankCurve};
use super::validation::{How, Validation};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The page of a validation; `software` made it.
pub fn page(v: &Validation, title: &str, software: &str) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                main {
                    h1 { (title) }
                    p { (tested(v)) }
                    @for note in &v.notes { p.note { "Note: " (note) "." } }
                    h2 { "Propositions" }
                    p {
                        "A likelihood ratio (LR) above 1 supports the proposition that one firearm \
                         fired both casings over the proposition that two different firearms of the \
                         population fired them; one below 1 supports the second over the first. It \
                         says nothing about how probable either is before the comparison."
                    }
                    h2 { "Figures" }
                    (figures(v))
                    h2 { "Curves" }
                    div.plots {
                        (tippett(v)) (histogram(v)) (det(v)) (pav(v)) (ece(v)) (rank_plot(v))
                    }
                    (ranks(v))
                    (firearms(v))
                }
                footer {
                    p {
                        "The figures hold for firearms, ammunition, instrument and settings like \
                         those tested. A likelihood ratio is an aid to an examiner, not a conclusion. "
                        (software)
                    }
                }
            }
        }
    }
    .into_string()
}

fn tested(v: &Validation) -> Markup {
    html! {
        (v.firearms) " firearms, " (v.same_source_pairs) " same-source and "
        (v.different_source_pairs) " different-source pairs, "
        @match &v.how {
            How::Population { name, sha256, firearms, same_source_pairs, different_source_pairs } => {
                "weighed by the population “" (name) "” of " (firearms) " firearms ("
                (same_source_pairs) " same-source and " (different_source_pairs)
                " different-source pairs; digest " (sha256.get(..16).unwrap_or(sha256)) ")."
            }
            How::LeaveFirearmsOut { folds } => {
                "each weighed by a model that saw neither of its firearms ("
                (folds) " folds of firearms)."
            }
        }
    }
}

fn figures(v: &Validation) -> Markup {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let worst = |w: Option<f64>| w.map_or("none".into(), |w| format!("log10 LR {w:.2}"));
    html! {
        table {
            tr { th { "Log-likelihood-ratio cost, Cllr" } td {
                (fixed(v.cllr)) " bits (95 % " (fixed(v.cllr_interval.lower)) " to "
                (fixed(v.cllr_interval.upper)) "); 1 is saying nothing"
            } }
            tr { th { "at best, Cllr min" } td { (fixed(v.cllr_min)) } }
            tr { th { "lost by calibration, Cllr cal" } td { (fixed(v.cllr_cal)) } }
            tr { th { "Same-source pairs with LR < 1" } td {
                (percent(v.misleading_same_source)) "; most misleading: "
                (worst(v.most_misleading_same_source))
            } }
            tr { th { "Different-source pairs with LR > 1" } td {
                (percent(v.misleading_different_source)) "; most misleading: "
                (worst(v.most_misleading_different_source))
            } }
            tr { th { "AUC" } td {
                (format!("{:.5}", v.auc)) " (95 % " (format!("{:.5}", v.auc_interval.lower)) " to "
                (format!("{:.5}", v.auc_interval.upper)) ")"
            } }
            tr { th { "Bounds of log10 LR" } td {
                (format!("{:.2}", v.bounds.log10_lower)) " to " (format!("{:.2}", v.bounds.log10_upper))
            } }
            @for (reason, n) in &v.refused { tr { th { "Not weighed" } td { (n) " pairs: " (reason) } } }
        }
        p.note { "Intervals are of a bootstrap over firearms." }
    }
}

fn fixed(v: f64) -> String {
    format!("{v:.4}")
}

/// The range of log10 LR shown, a little wider than what there is.
fn log10_axis(v: &Validation) -> Axis {
    let all = || v.pairs.iter().map(|p| p.log10_lr);
    let low = all().fold(-1.0, f64::min).floor();
    let high = all().fold(1.0, f64::max).ceil();
    Axis { label: "log10 LR", range: (low, high) }
}

fn share_axis(label: &'static str) -> Axis {
    Axis { label, range: (0.0, 1.0) }
}

fn series(name: &str, class: &'static str, line: Line, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.into(), class, line, points }
}

fn both(v: &Validation, line: Line, of: impl Fn(bool) -> Vec<(f64, f64)>) -> [Series; 2] {
    let name = |what: &str, n: u64| format!("{what} ({n})");
    [
        series(&name("same source", v.same_source_pairs), "same", line, of(true)),
        series(&name("different source", v.different_source_pairs), "different", line, of(false)),
    ]
}

fn tippett(v: &Validation) -> Markup {
    let x = log10_axis(v);
    let steps = |same: bool| {
        let of =
            if same { &v.curves.tippett_same_source } else { &v.curves.tippett_different_source };
        // The share holds up to and including each value, then falls.
        let mut points = vec![(x.range.0, 1.0)];
        for (n, s) in of.iter().enumerate() {
            points.push((s.x, of.get(n + 1).map_or(0.0, |next| next.y)));
        }
        points.push((x.range.1, 0.0));
        points
    };
    let y = share_axis("share with an LR at least as large");
    plot("Tippett plot", &x, &y, &both(v, Line::StepBefore, steps))
}

fn histogram(v: &Validation) -> Markup {
    const BINS: usize = 24;
    let x = log10_axis(v);
    let width = (x.range.1 - x.range.0) / BINS as f64;
    let bars = |same: bool| {
        let mut counts = [0.0_f64; BINS];
        let of = v.pairs.iter().filter(|p| p.same_source == same);
        let n = of.clone().count().max(1) as f64;
        for pair in of {
            let at = ((pair.log10_lr - x.range.0) / width) as usize;
            counts[at.min(BINS - 1)] += 1.0 / n;
        }
        let left = |k: usize| x.range.0 + width * k as f64;
        counts.iter().enumerate().map(|(k, c)| (left(k), *c)).collect()
    };
    let line = Line::Bars { width: (width * 1000.0) as u32 };
    plot("Likelihood ratios by class", &x, &share_axis("share of pairs"), &both(v, line, bars))
}

fn points(steps: &[Step]) -> Vec<(f64, f64)> {
    steps.iter().map(|s| (s.x, s.y)).collect()
}

fn det(v: &Validation) -> Markup {
    let curve = series("thresholds on the LR", "same", Line::Straight, points(&v.curves.det));
    let chance = series("chance", "guide", Line::Straight, vec![(0.0, 1.0), (1.0, 0.0)]);
    let x = share_axis("different-source pairs accepted");
    plot("Detection error trade-off", &x, &share_axis("same-source pairs missed"), &[chance, curve])
}

fn pav(v: &Validation) -> Markup {
    let x = log10_axis(v);
    let of = &v.curves.pav;
    let low = of.iter().map(|s| s.y).fold(x.range.0, f64::min);
    let high = of.iter().map(|s| s.y).fold(x.range.1, f64::max);
    let ideal = series("ideal", "guide", Line::Straight, vec![(low, low), (high, high)]);
    let dots = series("pairs", "given", Line::Dots, points(of));
    let y = Axis { label: "log10 LR after recalibration (PAV)", range: (low, high) };
    plot("Calibration", &Axis { label: "log10 LR", range: (low, high) }, &y, &[ideal, dots])
}

fn ece(v: &Validation) -> Markup {
    let of = |value: fn(&super::curves::Ece) -> f64| {
        v.curves.ece.iter().map(|e| (e.log10_odds, value(e))).collect::<Vec<_>>()
    };
    let all = [
        series("as given", "given", Line::Straight, of(|e| e.given)),
        series("at best", "best", Line::Straight, of(|e| e.best)),
        series("no evidence", "neutral", Line::Straight, of(|e| e.neutral)),
    ];
    let x = Axis { label: "log10 prior odds", range: (-3.0, 3.0) };
    plot("Empirical cross-entropy", &x, &share_axis("bits"), &all)
}

fn rank_plot(v: &Validation) -> Markup {
    let Some(whole) = &v.ranks.whole else { return html! {} };
    let of = RANKS.iter().zip(whole.share).map(|(k, s)| ((*k as f64).log10(), s)).collect();
    let x = Axis { label: "log10 of the number of candidates looked at", range: (0.0, 1.7) };
    let curve = series("probes whose best mate is among them", "same", Line::Straight, of);
    plot("Rank curve", &x, &share_axis("share of probes"), &[curve])
}

fn ranks(v: &Validation) -> Markup {
    let row = |name: String, c: &RankCurve| {
        html! {
            tr {
                th { (name) } td { (c.probes) } td { (format!("{:.0}", c.strangers)) }
                @for s in c.share { td { (format!("{:.1} %", 100.0 * s)) } }
            }
        }
    };
    html! {
        h2 { "Best true mate among the first candidates" }
        table {
            tr { th { "gallery" } th { "probes" } th { "strangers" } @for k in RANKS { th { "first " (k) } } }
            @if let Some(whole) = &v.ranks.whole { (row("all".into(), whole)) }
            @for c in &v.ranks.by_gallery_size { (row(format!("{:.0} strangers", c.strangers), c)) }
            @for (class, c) in &v.ranks.by_class { (row(class.clone(), c)) }
        }
    }
}

fn firearms(v: &Validation) -> Markup {
    html! {
        h2 { "Firearms with misleading pairs" }
        @if v.failures_by_firearm.is_empty() { p { "None." } }
        @else {
            table {
                tr { th { "firearm" } th { "same source, LR < 1" } th { "different source, LR > 1" } }
                @for f in &v.failures_by_firearm {
                    tr {
                        th { (f.firearm) }
                        td { (f.misleading_same_source) " of " (f.same_source) }
                        td { (f.misleading_different_source) " of " (f.different_source) }
                    }
                }
            }
        }
    }
}
