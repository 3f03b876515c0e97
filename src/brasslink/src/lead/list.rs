//! `lead list`: candidates, conclusions and hits.

use super::NOT_OURS;
use crate::json::Json;
use crate::{Say, acting, tell};
use casework::same_person;
use jiff::Timestamp;
use pipeline::{Fold, Lead, files, leads};
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::{Snapshot, Store};
use types::error::Result;
use types::evidence::{CaseId, Moment};
use types::message::{Message, say};

/// What is listed, and in which order.
#[derive(clap::Args)]
pub struct Args {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Only pairs that nobody decided on, and contested ones.
    #[arg(long, conflicts_with = "decided")]
    pending: bool,
    /// Only pairs that somebody decided on.
    #[arg(long)]
    decided: bool,
    /// Only pairs with a casing of this case.
    #[arg(long, value_name = "NUMBER")]
    case: Option<CaseId>,
    /// Only pairs with a casing of this group.
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// Only pairs on which this person decided (--operator, else the login
    /// name).
    #[arg(long)]
    mine: bool,
    /// Who is at work, for --mine.
    #[arg(long, value_name = "NAME", value_parser = crate::name)]
    operator: Option<String>,
    /// Only pairs compared since the linking before the last comparisons: what
    /// the last run that compared anything brought.
    #[arg(long)]
    new: bool,
    /// Only pairs compared at this time or later, by the ledger (a day or RFC
    /// 3339).
    #[arg(long, value_name = "TIME", conflicts_with = "new")]
    since: Option<Moment>,
    /// The order: highest score first, by name, by case, or newest first.
    #[arg(long, value_enum, default_value = "score")]
    sort: LeadOrder,
    /// Also pairs from one scene, and of one firearm's test fires, which else
    /// are only counted.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    json: Json,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LeadOrder {
    Score,
    Name,
    Case,
    Newest,
}

/// Prints the list.
pub fn run(args: &Args, say: Say) -> Result<()> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    let files = files(&snapshot)?;
    let mut listed = leads(&snapshot, &files)?;
    let whole = listed.len();
    let since = since(args, &snapshot)?;
    let me = if args.mine { Some(acting(args.operator.as_deref())?.0) } else { None };
    listed.retain(|l| {
        let open = l.decision.is_none() || !l.dissent.is_empty();
        let words = || files.review.history(&l.a, &l.b);
        let group = args.group.as_ref().is_none_or(|g| {
            [&l.a, &l.b].iter().any(|c| files.group_of(c).is_some_and(|f| f.id == *g))
        });
        (!args.pending || open)
            && (!args.decided || l.decision.is_some())
            && args.case.as_ref().is_none_or(|case| l.cases.iter().flatten().any(|c| c == case))
            && group
            && me.as_ref().is_none_or(|me| words().iter().any(|d| same_person(&d.by, me)))
            && since.is_none_or(|since| l.entry.is_some_and(|entry| entry >= since))
    });
    let folded = fold(&mut listed, args.all);
    sort(&mut listed, args.sort);
    if args.json.asked() {
        return args.json.put(&serde_json::json!({
            "links": listed, "hits": files.hits, "folded": folded.values().sum::<u64>(),
        }));
    }
    listed.iter().for_each(|l| tell(say, in_words(l)));
    for hit in &files.hits {
        let (x, y) = &hit.cases;
        tell(say, say!("hit: case {x} and case {y}, {} pairs", hit.exhibits.len()));
    }
    for (why, n) in &folded {
        tell(
            say,
            match why {
                Fold::SameScene => {
                    say!("{n} pairs of one scene are folded away; --all lists them")
                }
                Fold::OneFirearmsTestFires => {
                    say!("{n} pairs of one firearm's test fires are folded away; --all lists them")
                }
            },
        );
    }
    let (shown, hits) = (listed.len(), files.hits.len());
    tell(say, say!("{shown} of {whole} pairs, {hits} hits between cases"));
    Ok(())
}

/// Takes out what tells little, unless it is asked for or somebody or the
/// scores object; how many of each.
fn fold(listed: &mut Vec<Lead>, all: bool) -> BTreeMap<Fold, u64> {
    let mut folded = BTreeMap::new();
    listed.retain(|l| {
        let Some(why) = l.folded.filter(|_| !all) else { return true };
        if !l.dissent.is_empty() || !l.conflicts.is_empty() {
            return true;
        }
        *folded.entry(why).or_default() += 1;
        false
    });
    folded
}

fn sort(listed: &mut [Lead], by: LeadOrder) {
    // In the order of names so far, which a stable sort keeps among equals.
    match by {
        LeadOrder::Name => {}
        LeadOrder::Score => listed.sort_by(|x, y| {
            let [x, y] = [x, y].map(|l| l.score.unwrap_or(f64::NEG_INFINITY));
            y.total_cmp(&x)
        }),
        LeadOrder::Case => listed.sort_by(|x, y| x.cases.cmp(&y.cases)),
        LeadOrder::Newest => listed.sort_by_key(|l| std::cmp::Reverse(l.entry)),
    }
}

/// The first entry of the ledger that counts as new, where only new pairs are
/// asked for.
fn since(args: &Args, snapshot: &Snapshot) -> Result<Option<u64>> {
    let ledger = snapshot.ledger()?;
    if let Some(moment) = args.since {
        let from = moment.earliest();
        let later = |when: &str| when.parse::<Timestamp>().is_ok_and(|at| at >= from);
        let first = ledger.entries.iter().find(|e| later(&e.when));
        return Ok(Some(first.map_or(u64::MAX, |e| e.seq)));
    }
    if !args.new {
        return Ok(None);
    }
    Ok(Some(pipeline::newest_entry(&ledger)))
}

fn in_words(l: &Lead) -> Message {
    let state = match &l.decision {
        Some(d) => say!("{} by {} at {}", d.conclusion.word(), d.by, d.at),
        None => say!("candidate"),
    };
    let score = match l.score {
        Some(score) => say!("score {score:.2}"),
        None => say!("not proposed"),
    };
    let mut parts = vec![say!("{}  {}  {score}  {state}", l.a, l.b)];
    if !l.verified_by.is_empty() {
        parts.push(say!("verified by {}", l.verified_by.join(", ")));
    }
    parts
        .extend(l.dissent.iter().map(|d| say!("CONTESTED: {} says {}", d.by, d.conclusion.word())));
    parts.extend(l.conflicts.iter().map(|c| say!("CAUTION: {c}")));
    parts.extend(l.theirs.iter().map(|t| say!("{t}; {}", Message::phrase(NOT_OURS))));
    Message::joined(parts, "  ")
}
