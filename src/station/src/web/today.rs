//! What waits for a person today. Each number leads to the list it counts.

use super::Inner;
use super::ask::{Ask, Reply};
use super::frame::{self, count};
use super::table::may_read;
use super::worklist::{Show, Wanted, shown};
use casework::disagreements;
use maud::html;
use types::error::Result;
use types::message::say;

/// The page.
pub fn page(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let view = station.view()?;
    let may = |path: &str| may_read(path, &account.roles);
    let listed = |show: Show| shown(station, &view, account, &Wanted::of(show)).len();
    let lists = [Show::New, Show::Pending, Show::Contested, Show::Mine];
    let body = html! {
        dl.facts.totals {
            @if may("/worklist") {
                @for show in lists {
                    (count(ask, listed(show), show.words(), &Wanted::of(show).address()))
                }
            }
            @if may("/verify") {
                (count(ask, station.queue(&view, &account.name).len(),
                    say!("waiting for your blind look"), "/verify"))
            }
            @if may("/disagreements") {
                (count(ask, station.awaiting(&view).len(),
                    say!("awaiting verification by somebody"), "/disagreements"))
                (count(ask, disagreements(&view.files.review, &view.verified).len(),
                    say!("disagreements to settle"), "/disagreements"))
            }
            @if may("/overdue") {
                (count(ask, view.overdue(ask.now).len(), say!("overdue"), "/overdue"))
            }
        }
        p.note { (ask.t(say!("As of ledger entry {}", view.seq))) }
    };
    Ok(framed(ask, body))
}

fn framed(ask: &Ask, body: maud::Markup) -> Reply {
    frame::page(ask, say!("Today"), body)
}
