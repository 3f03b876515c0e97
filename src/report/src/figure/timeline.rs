//! Days and ranges on one axis.

use super::{BLUE, FONT, INK, LINE, ORANGE, SOFT, fine};
use jiff::ToSpan as _;
use jiff::civil::Date;
use maud::{Markup, html};

/// One event.
#[derive(Clone, Debug)]
pub struct Moment {
    /// First or only day.
    pub from: Date,
    /// Last day of a range.
    pub until: Option<Date>,
    /// Its name.
    pub label: String,
    /// Whether it is about a firearm rather than a scene.
    pub firearm: bool,
}

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 40.0;
const ROW: f64 = 22.0;
const TOP: f64 = 14.0;

/// The time line, oldest at the left; none without a moment.
pub fn timeline(moments: &[Moment], alt: &str) -> Option<Markup> {
    let first = moments.iter().map(|m| m.from).min()?;
    let last = moments.iter().map(|m| m.until.unwrap_or(m.from)).max()?;
    let days = |d: Date| f64::from((d - first).get_days());
    let span = days(last).max(1.0);
    let x = |d: Date| fine(MARGIN + days(d) / span * (WIDTH - 2.0 * MARGIN));
    let rows = rows(moments, &x);
    let floor = TOP + ROW * (1 + rows.iter().copied().max().unwrap_or(0)) as f64 + 6.0;
    Some(html! {
        svg viewBox={ "0 0 " (WIDTH) " " (fine(floor + 28.0)) }
            role="img" aria-label=(alt) font-family=(FONT) font-size="12" {
            line x1=(MARGIN - 14.0) y1=(floor) x2=(WIDTH - MARGIN + 14.0) y2=(floor) stroke=(INK) {}
            @for (day, name) in ticks(first, last) {
                line x1=(x(day)) y1=(TOP) x2=(x(day)) y2=(floor + 5.0) stroke=(LINE) {}
                text x=(x(day)) y=(floor + 19.0) text-anchor="middle" fill=(SOFT) { (name) }
            }
            @for (m, row) in moments.iter().zip(&rows) {
                @let y = fine(TOP + ROW * (*row as f64 + 0.5));
                @let at = x(m.from);
                line x1=(at) y1=(y) x2=(at) y2=(floor) stroke=(if m.firearm { ORANGE } else { BLUE }) stroke-width="1" {}
                @if let Some(until) = m.until {
                    line x1=(at) y1=(y) x2=(x(until)) y2=(y) stroke-width="5" stroke-linecap="round"
                        stroke=(if m.firearm { ORANGE } else { BLUE }) {}
                }
                @if m.firearm {
                    rect x=(at - 5.0) y=(y - 5.0) width="10" height="10" fill="#fff" stroke=(ORANGE) stroke-width="2.5" {}
                } @else {
                    circle cx=(at) cy=(y) r="5.5" fill=(BLUE) {}
                }
                @let label = label(m, &x);
                text x=(fine(label.x)) y=(y + label.below) fill=(INK) text-anchor=(label.anchor)
                    paint-order="stroke" stroke="#fff" stroke-width="3" { (m.label) }
            }
        }
    })
}

/// Where a moment's name stands.
struct Label {
    x: f64,
    below: f64,
    anchor: &'static str,
    /// What name and mark take of the axis.
    extent: (f64, f64),
}

/// After the mark in the left half, before it in the right one, above a range
/// that spans the middle.
fn label(m: &Moment, x: &dyn Fn(Date) -> f64) -> Label {
    let (at, end) = (x(m.from), x(m.until.unwrap_or(m.from)));
    let wide = 6.4 * m.label.chars().count() as f64;
    if end < WIDTH / 2.0 {
        let extent = (at - 8.0, end + 24.0 + wide);
        Label { x: end + 10.0, below: 4.0, anchor: "start", extent }
    } else if at >= WIDTH / 2.0 {
        let extent = (at - 24.0 - wide, end + 8.0);
        Label { x: at - 10.0, below: 4.0, anchor: "end", extent }
    } else {
        let middle = (at + end) / 2.0;
        let extent = ((at - 8.0).min(middle - wide / 2.0), (end + 8.0).max(middle + wide / 2.0));
        Label { x: middle, below: -5.0, anchor: "middle", extent }
    }
}

/// The first row in which a moment's label does not run into another's.
fn rows(moments: &[Moment], x: &dyn Fn(Date) -> f64) -> Vec<usize> {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut out = Vec::with_capacity(moments.len());
    for m in moments {
        let (left, right) = label(m, x).extent;
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(l, r)| right < *l || *r < left);
        let row = taken.iter().position(free).unwrap_or(taken.len());
        match taken.get_mut(row) {
            Some(there) => there.push((left, right)),
            None => taken.push(vec![(left, right)]),
        }
        out.push(row);
    }
    out
}

/// Years, or months where all lies within two years.
fn ticks(first: Date, last: Date) -> Vec<(Date, String)> {
    let months = (last - first).get_days() < 700;
    let step = if months { 1.month() } else { 1.year() };
    let start = if months { first.first_of_month() } else { first.first_of_year() };
    let mut out = Vec::new();
    let mut day = start;
    while day <= last && out.len() < 60 {
        if day >= first {
            let name = if months { day.strftime("%Y-%m") } else { day.strftime("%Y") }.to_string();
            out.push((day, name));
        }
        let Ok(next) = day.checked_add(step) else { break };
        day = next;
    }
    if out.is_empty() {
        out.push((first, first.to_string()));
    }
    let crowd = out.len().div_ceil(12).max(1);
    out.into_iter().step_by(crowd).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;

    fn moment(from: Date, label: &str) -> Moment {
        Moment { from, until: None, label: label.into(), firearm: false }
    }

    #[test]
    fn labels_of_the_same_day_stand_in_rows_of_their_own() {
        let day = date(2024, 3, 11);
        let moments = [moment(day, "one"), moment(day, "two"), moment(date(2026, 1, 1), "three")];
        let rows = rows(&moments, &|d| if d == day { 50.0 } else { 650.0 });
        assert_eq!(rows, [0, 1, 0]);
    }

    #[test]
    fn the_name_of_a_range_does_not_lie_on_its_bar() {
        let x = |d: Date| f64::from((d - date(2024, 1, 1)).get_days());
        let range = |from, until| Moment { until: Some(until), ..moment(from, "scene") };
        let early = label(&range(date(2024, 2, 1), date(2024, 3, 1)), &x);
        assert!(early.anchor == "start" && early.x > x(date(2024, 3, 1)));
        let across = label(&range(date(2024, 2, 1), date(2025, 6, 1)), &x);
        assert!(across.anchor == "middle" && across.below < 0.0);
    }

    #[test]
    fn one_day_alone_and_a_long_span_have_ticks_that_fit() {
        assert!(timeline(&[moment(date(2024, 3, 11), "x")], "alt").is_some());
        assert!(timeline(&[], "alt").is_none());
        let long = ticks(date(1900, 1, 1), date(2026, 1, 1));
        assert!((2..=13).contains(&long.len()), "{long:?}");
    }
}
