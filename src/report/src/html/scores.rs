//! The scores of a list among those of other pairs.

use crate::document::{count, number, stands};
use crate::figure::{Axis, bars, distribution, marker};
use crate::model::{Distribution, Findings};
use crate::text::{Strings, rounded};
use maud::{Markup, html};
use types::comparison::Comparison;

/// The scores of the list among those of same-source and different-source
/// pairs; the chart's bars are defined here once for the whole page.
pub fn scores(section: usize, f: &Findings, d: &Distribution, t: &Strings) -> Markup {
    let marks: Vec<(f64, String)> =
        f.candidates.iter().take(5).map(|c| (c.comparison.score, c.rank.to_string())).collect();
    html! {
        section aria-labelledby={ "brief" (section) " scores" (section) } {
            h3 id={ "scores" (section) } { (t.distribution_title) }
            figure.chart {
                (distribution(d, &marks, t.distribution_title, t))
                figcaption { ((t.population_of_scores)(&d.population)) " " (t.distribution_intro) }
            }
            (histogram(d, t))
        }
    }
}

/// The bars of a section's chart, for [`standing`] to show again.
pub fn score_symbol(section: usize, f: &Findings, t: &Strings) -> Markup {
    html! {
        @if let Some(d) = &f.distribution {
            g id={ "bars" (section) } { (bars(d, axis(f, d), t)) }
        }
    }
}

fn axis(f: &Findings, d: &Distribution) -> Axis {
    Axis::over(d, f.candidates.iter().map(|c| c.comparison.score))
}

/// Where one pair's score stands.
pub fn standing(section: usize, f: &Findings, m: &Comparison, t: &Strings) -> Markup {
    let Some(d) = &f.distribution else { return html! {} };
    html! {
        figure.chart.small {
            svg viewBox="0 0 720 210" role="img" font-size="12"
                aria-label={ (t.score_of_pair) ". " (stands(d, m.score, t)) } {
                use href={ "#bars" (section) } {}
                (marker(axis(f, d), m.score, &rounded(m.score, 1)))
            }
            figcaption { (t.score_of_pair) ". " (stands(d, m.score, t)) }
        }
    }
}

/// The chart's numbers.
pub fn histogram(d: &Distribution, t: &Strings) -> Markup {
    let [together, apart] = t.classes(&d.population);
    html! {
        details {
            summary { (t.histogram_table) }
            div.scroll { table.cells {
                caption { ((t.population_of_scores)(&d.population)) " " (number(d.low, 3)) " + " (number(d.step, 4)) " × n" }
                thead { tr {
                    th.n scope="col" { (t.from_score) }
                    th.n scope="col" { (together) }
                    th.n scope="col" { (apart) }
                } }
                tbody { @for (i, (same, different)) in d.same.iter().zip(&d.different).enumerate() {
                    tr {
                        th.n scope="row" { (rounded(d.low + d.step * i as f64, 2)) }
                        td.n { (count(*same)) } td.n { (count(*different)) }
                    }
                } }
            } }
        }
    }
}
