//! `show`: what belongs together, and why two casings are in one group.

use super::json::Json;
use super::lead::NOT_OURS;
use super::trace::told;
use super::{End, Say, tell};
use crate::recipe;
use casework::{Decision, Dossier, Subject};
use pipeline::{files, linker};
use report::probability;
use statistics::link::{Apart, Explanation, Standing, Why};
use std::path::PathBuf;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, FirearmId, Happened};
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink show G-1f20a3b4c5d6e7f8 --store evidence
  brasslink show CHH/1187/2024 --store evidence --json
  brasslink show CHH-A-0117 --as firearm --store evidence
  brasslink show G-1f20a3b4c5d6e7f8 --why CHH-1187-1 LA-3312-1 --store evidence

A group is what the program proposes; only confirmed hits join cases.";

/// `brasslink show`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A group, a case or a firearm.
    id: String,
    /// What it is, where one name stands for several things.
    #[arg(long = "as", value_enum, value_name = "SORT")]
    sort: Option<ShowOrder>,
    /// Tell why two casings are in one group, or are not.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    why: Vec<String>,
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    #[command(flatten)]
    json: Json,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ShowOrder {
    Group,
    Case,
    Firearm,
}

/// Prints the dossier, or the reason.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    if let [a, b] = args.why.as_slice() {
        let explained = linker(&snapshot, &recipe::in_force().hash(), None)?.explain(a, b);
        let explanation = explained.ok_or_else(|| {
            Error::new(Kind::NotFound, say!("the store lacks casing {a} or {b}"))
                .advise(say!("`brasslink record list casing` names them"))
        })?;
        if args.json.asked() {
            args.json.put(&explanation)?;
        } else {
            in_words(a, b, &explanation).iter().for_each(|line| tell(say, line));
        }
        return Ok(End::AllDone);
    }
    let files = files(&snapshot)?;
    let subject = match args.sort {
        None => files.find(&args.id)?,
        Some(ShowOrder::Group) => Subject::Group(args.id.clone()),
        Some(ShowOrder::Case) => Subject::Case(CaseId::new(&args.id)?),
        Some(ShowOrder::Firearm) => Subject::Firearm(FirearmId::new(&args.id)?),
    };
    let dossier = files.dossier(subject);
    if args.json.asked() {
        args.json.put(&dossier)?;
    } else {
        listed(&dossier, say);
        for gun in &dossier.firearms {
            let lines = told(gun);
            if !lines.is_empty() {
                tell(say, say!("firearm {}:", gun.id));
                lines.iter().for_each(|line| tell(say, line));
            }
        }
    }
    Ok(End::AllDone)
}

fn in_words(a: &str, b: &str, e: &Explanation) -> Vec<Message> {
    let verdict = match e.standing {
        Standing::Linked => say!("{a} and {b} are in one group"),
        Standing::Open => {
            say!("{a} and {b} are not in one group, but open: too few scores to judge")
        }
        Standing::Apart => say!("{a} and {b} are not in one group"),
        Standing::Unknown => {
            say!("{a} and {b} are not in one group: too few to judge, the scale is unknown")
        }
    };
    let mut lines = vec![verdict];
    lines.extend(e.scales.iter().map(|scale| say!("judged on this scale: {scale}")));
    match (&e.why, &e.apart) {
        (Some(Why::Confirmed), _) => lines.push(say!("an examiner confirmed this pair")),
        (Some(Why::Tied), _) => {
            lines.push(say!("confirmations or test fires tie what scores grouped with each"));
        }
        (_, Some(Apart::Rejected)) => lines.push(say!("an examiner's rejection keeps them apart")),
        (_, Some(Apart::Firearms(x, y))) => {
            lines.push(say!("test fires of two firearms keep them apart: {x} and {y}"));
        }
        _ => {}
    }
    match (e.score, e.log10_lr) {
        (Some(score), Some(lr)) => {
            lines.push(say!("their own score: {score:.2}, log10 LR for linking {lr:.1}"));
        }
        (Some(score), None) => lines.push(say!("their own score: {score:.2}")),
        _ => lines.push(say!("the two were not compared with each other on this scale")),
    }
    let (left, right) = &e.sides;
    lines.push(say!("between {{{}}} and {{{}}}:", left.join(", "), right.join(", ")));
    lines.push(match e.posterior {
        Some(posterior) => say!(
            "  {} pairs compared, mean log10 LR {:.1}, posterior probability of one firearm {}",
            e.compared,
            e.mean_log10_lr,
            probability(posterior)
        ),
        None => say!("  {} pairs compared; no posterior probability is given", e.compared),
    });
    lines
}

fn listed(dossier: &Dossier, say: Say) {
    let known = |text: Option<String>| text.unwrap_or_else(|| "?".into());
    for group in &dossier.groups {
        let (n, sure) = (group.casings.len(), probability(group.confidence));
        match &group.firearm {
            Some(gun) => tell(say, say!("group {}: {n} casings, {sure}, firearm {gun}", group.id)),
            None => tell(say, say!("group {}: {n} casings, {sure}", group.id)),
        }
    }
    for file in &dossier.casings {
        let case = known(file.case.as_ref().map(ToString::to_string));
        let group = known(file.group.clone());
        let casing = &file.casing;
        tell(say, say!("  {}  {}  case {case}  group {group}", casing.id, casing.origin));
    }
    for h in &dossier.timeline {
        let date = known(h.date.map(|d| d.to_string()));
        let state = known(h.place.state.clone());
        let what = match &h.what {
            Happened::Scene(scene) => scene.to_string(),
            Happened::Firearm(_, firearm) => firearm.to_string(),
        };
        tell(say, say!("  {date}  {state}  {} {what}", h.what.word()));
    }
    for d in &dossier.decisions {
        let (conclusion, entry) = (d.conclusion.word(), d.entry);

        let conclusion = match &d.withdraws {
            Some(of) => say!("{conclusion}, of {of}"),
            None => Message::foreign(conclusion),
        };
        let (a, b, by, at) = (&d.a, &d.b, &d.by, &d.at);
        tell(say, say!("  {a} and {b}: {conclusion} by {by} at {at} (ledger entry {entry})"));
    }
    for hit in &dossier.hits {
        let (x, y) = &hit.cases;
        tell(say, say!("hit: case {x} and case {y}, {} pairs", hit.exhibits.len()));
    }
    for theirs in &dossier.theirs {
        let Decision { a, b, .. } = &theirs.decision;
        tell(say, say!("  {a} and {b}: {theirs}; {}", Message::phrase(NOT_OURS)));
    }
    for claim in &dossier.claims {
        tell(say, say!("  {claim}; {}", Message::phrase(NOT_OURS)));
    }
}
