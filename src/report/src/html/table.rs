//! Tables as HTML.

use super::blocks::{Page, some};
use super::spans::line;
use crate::document::{Holds, Table};
use maud::{Markup, html};

/// A table with its caption, which scrolls where it is wider than the screen.
pub fn table(t: &Table, page: &Page) -> Markup {
    let right = |holds| matches!(holds, Holds::Numbers | Holds::Ranks);
    html! {
        div.scroll { table class=[some(t.class)] {
            caption { (line(&t.caption, page)) }
            thead { tr { @for column in &t.columns {
                th class=[right(column.holds).then_some("n")] scope="col" { (line(&column.title, page)) }
            } } }
            tbody { @for row in &t.rows { tr {
                @for (column, cell) in t.columns.iter().zip(row) {
                    @let cell = line(cell, page);
                    @if column.names_rows {
                        th class=[class(column.holds)] scope="row" { (cell) }
                    } @else {
                        td class=[class(column.holds)] { (cell) }
                    }
                }
            } } }
        } }
    }
}

/// What the style sheet calls the cells of a column.
const fn class(holds: Holds) -> Option<&'static str> {
    match holds {
        Holds::Words => None,
        Holds::Numbers => Some("n"),
        Holds::Names => Some("name"),
        Holds::Ids => Some("id"),
        Holds::Ranks => Some("n rank"),
        Holds::Scores => Some("score"),
    }
}
