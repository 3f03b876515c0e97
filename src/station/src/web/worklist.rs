//! The pairs to be looked at; what is shown and how it is sorted stands in the
//! address.

use super::ask::{Ask, Reply, pair_address};
use super::frame;
use super::{Inner, View};
use crate::Role;
use crate::people::Account;
use casework::{Conclusion, Decided};
use maud::{Markup, html};
use pipeline::Lead;
use std::collections::BTreeSet;
use types::error::Result;
use types::evidence::{CasingId, CasingRecord};
use types::message::{Message, say};

/// Rows of a page.
const ROWS: usize = 50;

/// Which pairs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Undecided, of the last run that compared anything.
    New,
    /// Undecided or contested.
    #[default]
    Pending,
    /// Two persons say the opposite.
    Contested,
    /// Those that the person has decided on.
    Mine,
    /// Those that somebody has decided on.
    Decided,
    /// All.
    All,
}

impl Show {
    const ALL: [Self; 6] =
        [Self::New, Self::Pending, Self::Contested, Self::Mine, Self::Decided, Self::All];

    const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Pending => "pending",
            Self::Contested => "contested",
            Self::Mine => "mine",
            Self::Decided => "decided",
            Self::All => "all",
        }
    }

    /// What people call it.
    pub fn words(self) -> Message {
        match self {
            Self::New => say!("new candidates"),
            Self::Pending => say!("candidates without a conclusion"),
            Self::Contested => say!("contested pairs"),
            Self::Mine => say!("pairs on which you decided"),
            Self::Decided => say!("pairs with a conclusion"),
            Self::All => say!("all pairs"),
        }
    }
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Score,
    Name,
    Case,
    Newest,
}

impl Order {
    const ALL: [Self; 4] = [Self::Score, Self::Name, Self::Case, Self::Newest];

    const fn word(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Name => "name",
            Self::Case => "case",
            Self::Newest => "newest",
        }
    }

    fn words(self) -> Message {
        match self {
            Self::Score => say!("highest score first"),
            Self::Name => say!("by casing"),
            Self::Case => say!("by case"),
            Self::Newest => say!("newest first"),
        }
    }
}

/// What an address asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    show: Show,
    order: Order,
    /// Words that one of the pair's names has.
    words: String,
    /// Also pairs that tell little.
    folded: bool,
    /// From 0.
    page: usize,
}

impl Wanted {
    /// Nothing but which pairs.
    pub fn of(show: Show) -> Self {
        Self { show, ..Self::default() }
    }

    fn asked(ask: &Ask) -> Self {
        let (show, order) = (ask.asked("show"), ask.asked("sort"));
        Self {
            show: Show::ALL.into_iter().find(|s| s.word() == show).unwrap_or_default(),
            order: Order::ALL.into_iter().find(|o| o.word() == order).unwrap_or_default(),
            words: ask.asked("q").to_owned(),
            folded: ask.asked("folded") == "yes",
            page: ask.asked("page").parse().unwrap_or_default(),
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("show", self.show.word());
        query.append_pair("sort", self.order.word());
        if !self.words.is_empty() {
            query.append_pair("q", &self.words);
        }
        if self.folded {
            query.append_pair("folded", "yes");
        }
        if self.page > 0 {
            query.append_pair("page", &self.page.to_string());
        }
        format!("/worklist?{}", query.finish())
    }
}

/// The pairs that wait for a blind look which this person may be asked for:
/// until it is taken, the person sees them nowhere else.
pub fn hidden(station: &Inner, view: &View, account: &Account) -> BTreeSet<(CasingId, CasingId)> {
    if !account.roles.contains(&Role::Verifier) {
        return BTreeSet::new();
    }
    let queue = station.queue(view, &account.name);
    queue.into_iter().map(|d| (d.a.clone(), d.b.clone())).collect()
}

/// The rows, sorted, all pages.
pub fn shown<'v>(
    station: &Inner,
    view: &'v View,
    account: &Account,
    wanted: &Wanted,
) -> Vec<&'v Lead> {
    let hidden = hidden(station, view, account);
    let words = wanted.words.to_lowercase();
    let review = &view.files.review;
    let fits = |lead: &&Lead| {
        let open = lead.decision.is_none() || !lead.dissent.is_empty();
        let kept = match wanted.show {
            Show::New => lead.decision.is_none() && lead.entry.is_some_and(|e| e >= view.newest),
            Show::Pending => open,
            Show::Contested => !lead.dissent.is_empty(),
            Show::Mine => review.knows(&account.name, &lead.a, &lead.b),
            Show::Decided => lead.decision.is_some(),
            Show::All => true,
        };
        let objected = !lead.dissent.is_empty() || !lead.conflicts.is_empty();
        kept && (lead.folded.is_none() || wanted.folded || objected)
            && !hidden.contains(&(lead.a.clone(), lead.b.clone()))
            && (words.is_empty() || names(view, lead).to_lowercase().contains(&words))
    };
    let mut rows: Vec<&Lead> = view.leads.iter().filter(fits).collect();
    let score = |lead: &Lead| lead.score.unwrap_or(f64::NEG_INFINITY);
    match wanted.order {
        Order::Name => {}
        Order::Score => rows.sort_by(|x, y| score(y).total_cmp(&score(x))),
        Order::Case => rows.sort_by(|x, y| x.cases.cmp(&y.cases)),
        Order::Newest => rows.sort_by_key(|lead| std::cmp::Reverse(lead.entry)),
    }
    rows
}

/// Everything by which a pair may be looked for.
fn names(view: &View, lead: &Lead) -> String {
    let mut all = vec![lead.a.to_string(), lead.b.to_string()];
    all.extend(lead.cases.iter().flatten().map(ToString::to_string));
    all.extend(lead.group.clone());
    for record in [&lead.a, &lead.b].into_iter().filter_map(|c| view.files.register.casings.get(c))
    {
        all.extend(record.calibre.clone());
        all.extend(record.firearm.as_ref().map(ToString::to_string));
        if let Some(scene) = &record.scene {
            all.push(scene.id.to_string());
            all.extend(scene.state.clone());
            all.extend(scene.agency.clone());
            all.extend(scene.date.map(|d| d.to_string()));
        }
    }
    all.join("\n")
}

/// The page.
pub fn page(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let (view, wanted) = (station.view()?, Wanted::asked(ask));
    let rows = shown(station, &view, account, &wanted);
    let pages = rows.len().div_ceil(ROWS).max(1);
    let at = wanted.page.min(pages - 1);
    let part: Vec<&&Lead> = rows.iter().skip(at * ROWS).take(ROWS).collect();
    let turn = |page: usize| Wanted { page, ..wanted.clone() }.address();
    let body = html! {
        (filter(ask, &wanted))
        p role="status" { (ask.t(say!("{} of {} pairs", rows.len(), view.leads.len()))) }
        div.scroll { table.worklist {
            thead { tr {
                th scope="col" { (ask.t(say!("Casings"))) }
                th scope="col" { (ask.t(say!("Cases"))) }
                th scope="col" { (ask.t(say!("Dates and places"))) }
                th.n scope="col" { (ask.t(say!("Score"))) }
                th scope="col" { (ask.t(say!("Group"))) }
                th scope="col" { (ask.t(say!("State"))) }
            } }
            tbody { @for lead in part { (row(ask, &view, lead)) } }
        } }
        @if pages > 1 {
            nav.pages aria-label=(ask.t(say!("Pages"))) {
                @if at > 0 { a href=(turn(at - 1)) { (ask.t(say!("Before"))) } }
                " " (ask.t(say!("page {} of {pages}", at + 1))) " "
                @if at + 1 < pages { a href=(turn(at + 1)) { (ask.t(say!("Next"))) } }
            }
        }
    };
    Ok(frame::page(ask, say!("Worklist"), body))
}

fn filter(ask: &Ask, wanted: &Wanted) -> Markup {
    html! {
        form.controls method="get" action="/worklist" {
            label { (ask.t(say!("Show"))) " " select name="show" {
                @for show in Show::ALL {
                    option value=(show.word()) selected[show == wanted.show] {
                        (ask.t(show.words()))
                    }
                }
            } }
            label { (ask.t(say!("Order"))) " " select name="sort" {
                @for order in Order::ALL {
                    option value=(order.word()) selected[order == wanted.order] {
                        (ask.t(order.words()))
                    }
                }
            } }
            label { (ask.t(say!("Casing, case, place, calibre"))) " "
                input type="search" name="q" value=(wanted.words) maxlength="100"; }
            label { input type="checkbox" name="folded" value="yes" checked[wanted.folded]; " "
                (ask.t(say!("also of one scene or one firearm's test fires"))) }
            button { (ask.t(say!("Show"))) }
        }
    }
}

fn row(ask: &Ask, view: &View, lead: &Lead) -> Markup {
    let record = |c: &CasingId| view.files.register.casings.get(c);
    let cases: BTreeSet<_> = lead.cases.iter().flatten().collect();
    let where_when = |record: Option<&CasingRecord>| -> String {
        let Some(scene) = record.and_then(|r| r.scene.as_ref()) else { return String::new() };
        let date = scene.date.map(|d| d.to_string());
        let parts = [date, scene.state.clone(), scene.agency.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    html! {
        tr {
            th scope="row" { a.pair-link href=(pair_address(&lead.a, &lead.b)) {
                (lead.a) " – " (lead.b)
            } }
            td { @for case in cases { div { (case) } } }
            td { @for c in [&lead.a, &lead.b] { div { (where_when(record(c))) } } }
            td.n { @if let Some(score) = lead.score {
                data value=(score) { (format!("{score:.1}")) }
            } @else { (ask.t(say!("not proposed"))) } }
            td { (lead.group.as_deref().unwrap_or_default()) }
            td { (standing(ask, lead)) }
        }
    }
}

fn standing(ask: &Ask, lead: &Lead) -> Markup {
    html! {
        @if let Some(d) = &lead.decision { div { (said(ask, d)) } }
        @else { div { (ask.t(say!("candidate"))) } }
        @for d in &lead.dissent { div.remark { (ask.t(say!("contested:"))) " " (said(ask, d)) } }
        @if !lead.verified_by.is_empty() {
            div { (ask.t(say!("verified by {}", lead.verified_by.join(", ")))) }
        }
        @for conflict in &lead.conflicts { div.remark { (ask.t(conflict)) } }
        @for theirs in &lead.theirs { div { (ask.t(theirs)) } }
    }
}

/// A conclusion with its author.
pub fn said(ask: &Ask, d: &Decided) -> String {
    ask.t(say!("{} ({}, {})", concluded(d.conclusion), d.by, d.at))
}

/// A conclusion in words.
pub fn concluded(conclusion: Conclusion) -> Message {
    match conclusion {
        Conclusion::Lead => say!("lead: possible match"),
        Conclusion::Inconclusive => say!("reviewed, no lead"),
        Conclusion::Hit => say!("hit: confirmed with the specimens"),
        Conclusion::Eliminated => say!("eliminated: not one firearm"),
        Conclusion::Withdrawn => say!("withdrawn"),
    }
}
