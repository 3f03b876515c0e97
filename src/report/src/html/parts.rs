//! What every page shares: letterhead, numbers, items, the closing sections.

use crate::model::{Failure, Header, LinkEntry, Side, Weight};
use crate::text::{Strings, grouped, probability, rounded};
use maud::{Markup, html};
use statistics::link::Judged;
use std::collections::BTreeSet;
use types::evidence::{CasingId, SameAcquisition};
use types::mark::Verdict;

/// `value` rounded to `places`, with the whole number behind it.
pub fn number(value: f64, places: usize) -> Markup {
    html! { data value=(value) { (rounded(value, places)) } }
}

/// A number derived from `value` (another unit, say), with `value` behind it.
pub fn derived(value: f64, shown: f64, places: usize) -> Markup {
    html! { data value=(value) { (rounded(shown, places)) } }
}

/// A probability, with the whole number behind it.
pub fn sure(p: f64) -> Markup {
    html! { data value=(p) { (probability(p)) } }
}

/// A count, thousands set apart by a thin space.
pub fn count(value: u64) -> Markup {
    html! { data value=(value) { (grouped(&value.to_string())) } }
}

/// A date in the language's own form; anything that is no ISO 8601 date as it is.
pub fn day(raw: Option<&str>, t: &Strings) -> Markup {
    let Some(raw) = raw else { return html! { span.none { (t.not_stated) } } };
    match t.day(raw) {
        // A range is no moment that HTML knows.
        Some(day) if !raw.contains('/') => html! { time datetime=(raw) { (day) } },
        Some(days) => html! { (days) },
        None => html! { (raw) },
    }
}

/// A value or the words for its absence.
pub fn or_none(value: Option<&str>, none: &str) -> Markup {
    html! { @match value { Some(text) => (text), None => span.none { (none) } } }
}

/// A casing by its identifier, as a link to its report where there is one.
pub fn named(id: &str, name: &dyn Fn(&CasingId) -> Markup) -> Markup {
    CasingId::new(id).map_or_else(|_| html! { (id) }, |id| name(&id))
}

/// On what scale linking judged, and which pairs are open.
pub fn judged(judged: &Judged, name: &dyn Fn(&str) -> Markup, t: &Strings) -> Markup {
    html! {
        p { (t.judged_on) ":" }
        @if judged.scales.is_empty() { p { (t.nothing_judged) } } @else {
            ul { @for scale in &judged.scales { li {
                @if let (Some(mark), Some(modality)) = (scale.mark, scale.modality) {
                    ((t.mark_kind)(mark)) ", " ((t.modality)(modality)) ": "
                }
                @for (i, phrase) in scale.phrases().iter().enumerate() {
                    @if i > 0 { "; " } (said(phrase, t))
                }
                // The phrases round; the whole numbers stand behind them.
                span hidden { @for n in scale.numbers() { data value=(n) {} } }
            } } }
        }
        @if !judged.open.is_empty() {
            h3 { (t.open_pairs) ": " (count(judged.open.len() as u64)) }
            p { (t.open_note) }
            ul { @for pair in &judged.open { li {
                (name(&pair.a)) " – " (name(&pair.b)) " (" (sure(pair.posterior)) ")"
            } } }
        }
    }
}

/// The program's own words, in the report's language where it has them.
pub fn said(words: &str, t: &Strings) -> Markup {
    let said = t.said(words);
    html! { span lang=[said.lang] { (said.text) } }
}

pub fn letterhead(header: &Header, t: &Strings) -> Markup {
    let lab = &header.laboratory;
    html! {
        header.letterhead {
            @if let Some(logo) = &lab.logo {
                img.logo alt=(t.logo) src={ "data:image/" (logo.subtype) ";base64," (logo.base64) };
            }
            div.grow {
                p.laboratory { (or_none(lab.name.as_deref(), t.laboratory_not_configured)) }
                p { (or_none(lab.address.as_deref(), t.address_not_configured)) }
                p { (or_none(lab.accreditation.as_deref(), t.accreditation_not_configured)) }
            }
            dl {
                dt { (t.report_id) } dd { (header.report_id) }
                dt { (t.issued) } dd { (day(header.issued.as_deref(), t)) }
            }
        }
    }
}

/// Casings that look like one acquisition under two names.
pub fn same_acquisition(found: &[SameAcquisition], t: &Strings) -> Markup {
    html! {
        @if !found.is_empty() {
            div.notes role="note" {
                p { b { (t.same_acquisition) } " " (t.same_acquisition_intro) }
                ul { @for pair in found { li { ((t.same_acquisition_of)(pair)) } } }
            }
        }
    }
}

pub fn limitations(header: &Header, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="limitations" {
            h2 #limitations { (t.limitations) }
            ul {
                @for text in t.standing_limitations { li { (text) } }
                @for text in &header.limitations { li { (text) } }
            }
        }
    }
}

pub fn traceability(header: &Header, t: &Strings) -> Markup {
    let list = |items: &[String]| {
        html! {
            @if items.is_empty() { span.none { (t.none) } }
            @else { ul { @for item in items { li { (item) } } } }
        }
    };
    html! {
        section aria-labelledby="traceability" {
            h2 #traceability { (t.traceability) }
            dl.facts {
                div { dt { (t.customer) } dd { (or_none(header.customer.as_deref(), t.not_stated)) } }
                div { dt { (t.received) } dd { (day(header.received.as_deref(), t)) } }
                div { dt { (t.performed) } dd { (day(header.performed.as_deref(), t)) } }
                div { dt { (t.issued) } dd { (day(header.issued.as_deref(), t)) } }
                @if let Some(r) = &header.replaces {
                    div { dt { (t.replaces) } dd { (r.report_id) ", " (day(Some(&r.issued), t)) } }
                }
                div { dt { (t.deviations) } dd { (list(&header.deviations)) } }
                div { dt { (t.amendments) } dd { (list(&header.amendments)) } }
                div { dt { (t.authorised_by) } dd {
                    (or_none(header.authorised_by.as_deref(), t.not_authorised))
                } }
                div { dt { (t.software) } dd { (header.software) } }
                div.wide { dt { (t.recipe) } dd { code { (header.recipe) } } }
                div.wide { dt { (t.ledger_head) } dd {
                    @match header.ledger_head {
                        Some(digest) => code { (digest) },
                        None => span.none { (t.not_stated) },
                    }
                } }
                div.wide { dt { (t.schema_version) } dd { (count(header.schema_version.into())) } }
            }
            p { (t.relates_only) }
            @if header.ledger_head.is_some() { p { (t.state_note) } }
            p.note { (t.verify_note) }
        }
    }
}

/// A log10 likelihood ratio with its interval.
pub fn interval(at: f64, lower: f64, upper: f64) -> Markup {
    html! { (number(at, 2)) " [" (number(lower, 2)) ", " (number(upper, 2)) "]" }
}

/// The likelihood ratio with its interval, or plainly that there is none.
pub fn weight(weight: Option<&Weight>, t: &Strings) -> Markup {
    html! {
        @match weight {
            None => span.none { (t.not_calibrated) },
            Some(w) => {
                "log" sub { "10" } " LR " (interval(w.log10_lr, w.log10_lower, w.log10_upper))
            }
        }
    }
}

/// What a weight rests on and what it says: population, propositions, words,
/// bounds, error rates and what is to be taken with care.
pub fn weighed(weight: Option<&Weight>, t: &Strings) -> Markup {
    html! {
        @if let Some(w) = weight {
            p.weighed {
                (t.weight) ". " b { (w.population) } ": " (count(w.firearms)) " " (t.firearms) ", "
                (count(w.pairs)) " " (t.pairs) "."
                @for line in (t.weighed)(w) { " " (line) }
                // The sentences round; these are the values behind them.
                span hidden {
                    @for value in [
                        w.bounds.log10_lower,
                        w.bounds.log10_upper,
                        w.performance.cllr,
                        w.performance.cllr_min,
                        w.performance.misleading_same_source,
                        w.performance.misleading_different_source,
                    ].into_iter().chain(
                        w.strangers.iter().flat_map(|s| [s.gallery as f64, s.mean, s.lower, s.upper])
                    ) {
                        data value=(value) {}
                    }
                }
            }
        }
    }
}

/// The populations that links were weighed by; none where none was.
pub fn populations(links: &[LinkEntry]) -> Option<String> {
    let names: BTreeSet<&str> =
        links.iter().filter_map(|l| Some(l.weight.as_ref()?.population.as_str())).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", "))
}

/// One casing, its scan and its quality, as a row of the table of items.
pub fn item_row(role: &str, side: &Side, t: &Strings) -> Markup {
    let (casing, scan, mark) = (&side.casing, &side.scan, &side.mark);
    html! {
        tr {
            th scope="row" { (role) }
            td {
                b { (casing.id) } br;
                ((t.origin)(casing.origin))
                @if let Some(scene) = &casing.scene {
                    br; (t.scene) " " (scene.id)
                    @if let Some(state) = &scene.state { ", " (state) }
                    @if let Some(date) = scene.date { ", " (day(Some(&date.to_string()), t)) }
                    @if let Some(agency) = &scene.agency { br; (agency) }
                    @if let Some(case) = &scene.case { br; (t.case) " " (case) }
                }
                @if let Some(firearm) = &casing.firearm { br; (t.firearm) " " (firearm) }
                @if let Some(calibre) = &casing.calibre { br; (t.calibre) " " (calibre) }
                br; (t.firing_pin) " " ((t.firing_pin_shape)(casing.firing_pin_shape))
                @if !casing.notes.is_empty() { br; i { (casing.notes) } }
            }
            td {
                (scan.file) br;
                (count(scan.width_px as u64)) " × " (count(scan.height_px as u64)) " px, "
                (number(scan.pitch_x_um, 3)) " × " (number(scan.pitch_y_um, 3)) " µm, "
                (count(scan.bytes)) " B" br;
                @if let Some(instrument) = &scan.instrument { (instrument) br; }
                @if let Some(acquired) = &scan.acquired { (t.acquired) " " (acquired) br; }
                "SHA-256 " code { (scan.sha256) }
                @for warning in &scan.warnings { br; span.remark { (said(warning, t)) } }
            }
            td {
                (t.named(mark)) br;
                span.verdict.(verdict_class(mark.quality.verdict)) { ((t.verdict)(mark.quality.verdict)) }
                br;
                (t.area) " " (number(mark.quality.area_mm2, 2)) " mm², " (t.coverage) " "
                (derived(mark.quality.coverage, 100.0 * mark.quality.coverage, 0)) " %, "
                (t.rms) " " (number(mark.quality.rms, 3)) ", " (t.prepared_pitch) " "
                (number(mark.pitch_um, 2)) " µm"
                @for reason in &mark.quality.reasons { br; span.remark { (said(reason, t)) } }
            }
        }
    }
}

pub const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "doubtful",
        Verdict::Unusable => "unusable",
    }
}

/// What could not be used, with the reason and the way out.
pub fn failures(failures: &[Failure], t: &Strings) -> Markup {
    html! {
        section aria-labelledby="failures" {
            h2 #failures { (t.failures) }
            @if failures.is_empty() {
                p { (t.no_failures) }
            } @else {
                p { (t.failures_intro) }
                div.scroll { table {
                    caption { (t.failures) ": " (count(failures.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.file) }
                        th.n scope="col" { (t.line) }
                        th scope="col" { (t.reason) }
                        th scope="col" { (t.advice) }
                    } }
                    tbody { @for f in failures { tr {
                        th scope="row" { (said(&f.item, t)) }
                        td.n { @match f.line { Some(line) => (count(line)), None => "–" } }
                        td {
                            b { ((t.failure)(f.kind)) } " " code { (f.kind.code()) } br;
                            (said(&f.what, t))
                        }
                        td { @match &f.advice { Some(advice) => (said(advice, t)), None => "–" } }
                    } } }
                } }
            }
        }
    }
}

/// Compared pairs as a table; `name` sets a casing's name.
pub fn table_of_links(
    links: &[LinkEntry],
    name: &dyn Fn(&CasingId) -> Markup,
    t: &Strings,
) -> Markup {
    let weighed = links.iter().any(|l| l.weight.is_some());
    html! {
        div.scroll { table {
            caption { (t.links) ": " (count(links.len() as u64)) }
            thead { tr {
                th scope="col" { (t.casing) " A" }
                th scope="col" { (t.casing) " B" }
                th scope="col" { (t.mark) }
                th.n scope="col" { (t.score) }
                th.n scope="col" { (t.congruent_cells) }
                @if weighed { th.n scope="col" { (t.log10_lr) } }
                th scope="col" { (t.group) }
            } }
            tbody { @for l in links { tr {
                td { (name(&l.a)) }
                td { (name(&l.b)) }
                td { ((t.mark_kind)(l.kind)) }
                td.n { (number(l.score, 2)) }
                td.n { (count(l.congruent_cells.into())) " " (t.of) " " (count(l.cells.into())) }
                @if weighed { td.n { @match &l.weight {
                    None => "–",
                    Some(w) => (interval(w.log10_lr, w.log10_lower, w.log10_upper)),
                } } }
                td.id { (or_none(l.group.as_deref(), "–")) }
            } } }
        } }
    }
}
