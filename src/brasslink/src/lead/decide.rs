//! Decisions: what they would change is told before they are made.

use crate::json::Json;
use crate::this_run::{StoreArgs, this_run};
use crate::{Say, acting, output, tell};
use casework::{CaseFiles, Conclusion, Decision, same_person};
use pipeline::{Preview, decide, files, preview};
use std::io::{BufRead as _, IsTerminal as _};
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::CasingId;
use types::message::{Message, say};

/// Decisions on two casings, or on all pairs of a group.
#[derive(clap::Args)]
pub struct Args {
    /// One casing.
    #[arg(required_unless_present = "group", requires = "b")]
    a: Option<CasingId>,
    /// The other casing.
    b: Option<CasingId>,
    /// Every pair that is proposed within this group, at once.
    #[arg(long, value_name = "ID", conflicts_with_all = ["a", "b"])]
    group: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// The agency that decides (ORI or name).
    #[arg(long, value_name = "AGENCY", value_parser = crate::name)]
    agency: Option<String>,
    /// Why, for the record. What the scores or another person contradict needs
    /// one.
    #[arg(long, value_name = "TEXT", value_parser = crate::reason)]
    reason: Option<String>,
    /// Do it though the scores or another person contradict it.
    #[arg(long)]
    yes: bool,
    /// Tell what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Records one conclusion on every pair that is meant.
pub fn conclude(args: &Args, conclusion: Conclusion, say: Say) -> Result<()> {
    record(args, say, |files, a, b, by| {
        let own = files.review.standing(a, b).into_iter().find(|d| same_person(&d.by, by));
        // Of a group, what the person said already need not be said again.
        let said = args.group.is_some() && own.is_some_and(|d| d.conclusion == conclusion);
        Ok((!said).then_some((conclusion, None)))
    })
}

/// Takes back a conclusion, one's own or that of a person named.
pub fn withdraw(args: &Args, of: Option<&str>, say: Say) -> Result<()> {
    if args.reason.is_none() {
        return Err(Error::new(
            Kind::BadInput,
            say!("a conclusion is not withdrawn without a reason"),
        )
        .advise(say!("give --reason; it stays on record with both")));
    }
    record(args, say, |files, a, b, by| {
        let whose = of.unwrap_or(by);
        let standing = files.review.standing(a, b);
        if standing.iter().any(|d| same_person(&d.by, whose)) {
            let other = of.filter(|of| !same_person(of, by)).map(str::to_owned);
            return Ok(Some((Conclusion::Withdrawn, other)));
        }
        if args.group.is_some() {
            return Ok(None);
        }
        let others: Vec<&str> = standing.iter().map(|d| d.by.as_str()).collect();
        let what = say!("no conclusion of {whose} about {a} and {b} stands");
        let error = Error::new(Kind::BadInput, what);
        Err(match others.is_empty() {
            true => error.advise(say!("see `brasslink lead show`")),
            false => error.advise(say!("there is one of {}: --of names whose", others.join(", "))),
        })
    })
}

/// Records that another person came to the conclusion in force.
pub fn verify(args: &Args, say: Say) -> Result<()> {
    record(args, say, |files, a, b, by| {
        let Some(first) = files.review.state(a, b) else {
            if args.group.is_some() {
                return Ok(None);
            }
            let what = say!("nothing is decided about {a} and {b}");
            return Err(Error::new(Kind::BadInput, what).advise(say!("somebody decides first")));
        };
        let standing = files.review.standing(a, b).into_iter();
        let mut same = standing.filter(|d| d.conclusion == first.conclusion);
        match same.find(|d| same_person(&d.by, by)) {
            None => Ok(Some((first.conclusion, None))),
            Some(_) if args.group.is_some() => Ok(None),
            Some(_) => {
                let what = say!("{by} came to this conclusion about {a} and {b} already");
                Err(Error::new(Kind::BadInput, what).advise(say!("another person verifies")))
            }
        }
    })
}

/// Makes the decisions that `of` says of each pair, none where it says none.
fn record(
    args: &Args,
    say: Say,
    of: impl Fn(&CaseFiles, &CasingId, &CasingId, &str) -> Result<Option<(Conclusion, Option<String>)>>,
) -> Result<()> {
    let (who, from) = acting(args.store.operator.as_deref())?;
    let run = this_run(&args.store);
    let store = Store::open(&args.store.store)?;
    let snapshot = store.snapshot()?;
    let files = files(&snapshot)?;
    let mut decisions = Vec::new();
    for (a, b) in meant(args, &files)? {
        for casing in [&a, &b] {
            if !files.register.casings.contains_key(casing) {
                let what = say!("the store has no casing {casing}");
                return Err(Error::new(Kind::NotFound, what)
                    .advise(say!("`brasslink lead list` names the casings")));
            }
        }
        let Some((conclusion, withdraws)) = of(&files, &a, &b, &who)? else { continue };
        let agency = args.agency.clone();
        let decision = Decision::new(a, b, conclusion, &who, agency, run.started.clone())?;
        decisions.push(Decision { withdraws, ..decision });
    }
    if decisions.is_empty() {
        tell(say, say!("nothing to decide: that was said already"));
        return Ok(());
    }
    let preview = preview(&snapshot, &run.recipe, &decisions)?;
    preview.words().iter().for_each(|line| tell(say, line));
    if args.dry_run {
        tell(say, say!("{} decisions would be recorded; nothing was changed", decisions.len()));
        return Ok(());
    }
    drop(snapshot);
    agree(args, &preview)?;
    let reason = args.reason.as_deref().unwrap_or_default();
    decide(&store, &decisions, &preview.against_persons, reason, &run)?;
    let n = decisions.len();
    tell(
        say,
        match n {
            1 => {
                say!("recorded: 1 decision by {who} ({from}); `brasslink link --store` applies it")
            }
            _ => say!(
                "recorded: {n} decisions by {who} ({from}); `brasslink link --store` applies them"
            ),
        },
    );
    let done = serde_json::json!({ "decisions": decisions, "preview": preview });
    Json::to(&args.store.json).put(&done)
}

/// The pairs that a command names.
fn meant(args: &Args, files: &CaseFiles) -> Result<Vec<(CasingId, CasingId)>> {
    if let (Some(a), Some(b)) = (&args.a, &args.b) {
        return Ok(vec![(a.clone(), b.clone())]);
    }
    let name = args.group.as_deref().unwrap_or_default();
    let group = files.groups.get(name).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("there is no group {name}"))
            .advise(say!("`brasslink lead list` names the groups"))
    })?;
    let within = |c: &CasingId| group.casings.contains(c);
    let links = files.links.iter().filter(|l| within(&l.a) && within(&l.b));
    Ok(links.map(|l| (l.a.clone(), l.b.clone())).collect())
}

/// Asks, where the scores or somebody else say otherwise.
fn agree(args: &Args, preview: &Preview) -> Result<()> {
    if !preview.objects() {
        return Ok(());
    }
    let refused = |advice: Message| {
        let objections = Message::joined(preview.objections(), "; ");
        Err(Error::new(Kind::BadInput, say!("nothing is recorded: {objections}")).advise(advice))
    };
    if args.reason.is_none() {
        return refused(say!("give --reason, which stays on record, and --yes"));
    }
    if args.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return refused(say!("give --yes where nobody can be asked"));
    }
    output::aside(say!("Record it all the same? Type yes:"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read.is_ok() && answer.trim() == "yes" {
        true => Ok(()),
        false => refused(say!("type yes, or give --yes")),
    }
}
