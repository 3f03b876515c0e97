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
    sort: Option<Sort>,
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
enum Sort {
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
            Error::new(Kind::NotFound, format!("the store lacks casing {a} or {b}"))
                .advise("`brasslink record list casing` names them")
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
        Some(Sort::Group) => Subject::Group(args.id.clone()),
        Some(Sort::Case) => Subject::Case(CaseId::new(&args.id)?),
        Some(Sort::Firearm) => Subject::Firearm(FirearmId::new(&args.id)?),
    };
    let dossier = files.dossier(subject);
    if args.json.asked() {
        args.json.put(&dossier)?;
    } else {
        listed(&dossier, say);
        for gun in &dossier.firearms {
            let lines = told(gun);
            if !lines.is_empty() {
                tell(say, format_args!("firearm {}:", gun.id));
                lines.iter().for_each(|line| tell(say, line));
            }
        }
    }
    Ok(End::AllDone)
}

fn in_words(a: &str, b: &str, e: &Explanation) -> Vec<String> {
    let verdict = match e.standing {
        Standing::Linked => "are in one group",
        Standing::Open => "are not in one group, but open: too few scores to judge",
        Standing::Apart => "are not in one group",
        Standing::Unknown => "are not in one group: too few to judge, the scale is unknown",
    };
    let mut lines = vec![format!("{a} and {b} {verdict}")];
    lines.extend(e.scales.iter().map(|scale| format!("judged on this scale: {scale}")));
    match (&e.why, &e.apart) {
        (Some(Why::Confirmed), _) => lines.push("an examiner confirmed this pair".into()),
        (Some(Why::Tied), _) => {
            lines.push("confirmations or test fires tie what scores grouped with each".into());
        }
        (_, Some(Apart::Rejected)) => lines.push("an examiner's rejection keeps them apart".into()),
        (_, Some(Apart::Firearms(x, y))) => {
            lines.push(format!("test fires of two firearms keep them apart: {x} and {y}"));
        }
        _ => {}
    }
    match (e.score, e.log10_lr) {
        (Some(score), Some(lr)) => {
            lines.push(format!("their own score: {score:.2}, log10 LR for linking {lr:.1}"));
        }
        (Some(score), None) => lines.push(format!("their own score: {score:.2}")),
        _ => lines.push("the two were not compared with each other on this scale".into()),
    }
    let (left, right) = &e.sides;
    lines.push(format!("between {{{}}} and {{{}}}:", left.join(", "), right.join(", ")));
    lines.push(match e.posterior {
        Some(posterior) => format!(
            "  {} pairs compared, mean log10 LR {:.1}, posterior probability of one firearm {}",
            e.compared,
            e.mean_log10_lr,
            probability(posterior)
        ),
        None => format!("  {} pairs compared; no posterior probability is given", e.compared),
    });
    lines
}

fn listed(dossier: &Dossier, say: Say) {
    let known = |text: Option<String>| text.unwrap_or_else(|| "?".into());
    for group in &dossier.groups {
        let gun = group.firearm.as_ref().map_or(String::new(), |f| format!(", firearm {f}"));
        let (n, sure) = (group.casings.len(), probability(group.confidence));
        tell(say, format_args!("group {}: {n} casings, {sure}{gun}", group.id));
    }
    for file in &dossier.casings {
        let case = known(file.case.as_ref().map(ToString::to_string));
        let group = known(file.group.clone());
        let casing = &file.casing;
        tell(say, format_args!("  {}  {}  case {case}  group {group}", casing.id, casing.origin));
    }
    for h in &dossier.timeline {
        let date = known(h.date.map(|d| d.to_string()));
        let state = known(h.place.state.clone());
        let what = match &h.what {
            Happened::Scene(scene) => scene.to_string(),
            Happened::Firearm(_, firearm) => firearm.to_string(),
        };
        tell(say, format_args!("  {date}  {state}  {} {what}", h.what.word()));
    }
    for d in &dossier.decisions {
        let (conclusion, entry) = (d.conclusion.word(), d.entry);
        let of = d.withdraws.as_ref().map_or(String::new(), |of| format!(", of {of}"));
        let (a, b, by, at) = (&d.a, &d.b, &d.by, &d.at);
        tell(
            say,
            format_args!("  {a} and {b}: {conclusion}{of} by {by} at {at} (ledger entry {entry})"),
        );
    }
    for hit in &dossier.hits {
        let (x, y) = &hit.cases;
        tell(say, format_args!("hit: case {x} and case {y}, {} pairs", hit.exhibits.len()));
    }
    for theirs in &dossier.theirs {
        let Decision { a, b, .. } = &theirs.decision;
        tell(say, format_args!("  {a} and {b}: {theirs}; {NOT_OURS}"));
    }
    for claim in &dossier.claims {
        tell(say, format_args!("  {claim}; {NOT_OURS}"));
    }
}
