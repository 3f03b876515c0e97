//! `run` and the stages on their own.

use super::acquisition::tell_findings;
use super::heads;
use super::instruments::InstrumentsArgs;
use super::progress::Shown;
use super::report::{LookArgs, write_reports};
use super::rules::RulesArgs;
use super::this_run::{StoreArgs, finish, this_run};
use super::watch::tell_notices;
use super::{End, Say, reason, tell};
use crate::recipe;
use ::pipeline::Counted;
use imaging::acquire::manifest::read_manifest_with;
use pipeline::{self, Outcome, ReportSelection, Verify};
use statistics::weigh::Population;
use std::path::PathBuf;
use store::Store;
use types::error::Result;
use types::evidence::CasingId;
use types::message::{Message, say};

/// A manifest, and what it may change.
#[derive(clap::Args)]
pub struct ManifestArgs {
    /// The manifest: one row a scan (see `brasslink manifest template`).
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Why rows that contradict the records of their casings are right: each
    /// makes a new version of the record, with this reason for good. Without
    /// one such rows fail; a manifest only adds.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
}

/// How far a search goes.
#[derive(clap::Args)]
pub struct SearchArgs {
    /// Casings verified for each mark: those whose sketch is most like
    /// its own, or `all`. In a gallery of no more than that, everything is
    /// compared; fragments and photographs are always compared with everything.
    /// What was left out is recorded in the store.
    #[arg(long, value_name = "N|all", default_value = "200", value_parser = verify)]
    shortlist: Verify,
    #[command(flatten)]
    rules: RulesArgs,
}

fn verify(text: &str) -> std::result::Result<Verify, Message> {
    match text {
        "all" => Ok(Verify::All),
        n => match n.parse() {
            Ok(n) if n > 0 => Ok(Verify::Shortlist(n)),
            _ => Err(say!("give a number of casings, at least 1, or `all`")),
        },
    }
}

/// `brasslink run`.
#[derive(clap::Args)]
#[command(after_help = heads::HELP)]
pub struct RunArgs {
    #[command(flatten)]
    from: ManifestArgs,
    #[command(flatten)]
    instruments: InstrumentsArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// `brasslink correlate`.
#[derive(clap::Args)]
pub struct CorrelateArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    search: SearchArgs,
}

/// `brasslink import`.
#[derive(clap::Args)]
pub struct ImportArgs {
    #[command(flatten)]
    from: ManifestArgs,
    #[command(flatten)]
    instruments: InstrumentsArgs,
    #[command(flatten)]
    store: StoreArgs,
}

/// The main job.
pub fn run(args: &RunArgs, say: Say) -> Result<End> {
    let recipe = recipe::in_force();
    let run = this_run(&args.store);
    // Faults of these are found before hours of work.
    let options = args.look.options()?;
    let rules = args.search.rules.rules()?;
    let manifest = read_manifest_with(&args.from.manifest, args.instruments.folder())?;
    let store = Store::open_or_create(&args.store.store)?;
    let shown = Shown::new(say);
    let mut outcome =
        pipeline::import(&store, &manifest, &recipe, args.from.reason.as_deref(), &run, &shown)?;
    tell_import(&outcome, say);
    let verify = args.search.shortlist;
    outcome.absorb(pipeline::correlate(&store, &run.recipe, verify, &rules, &run, &shown)?);
    tell_correlate(&outcome, say);
    tell_findings(&outcome.same_acquisition, say);
    let (linked, _) = pipeline::link(&store, &run.recipe, options.population.as_ref(), &run)?;
    outcome.absorb(linked);
    tell_link(&outcome, say);
    let (dir, all) = (&args.look.reports, ReportSelection::Everything);
    write_reports(&store, &run, dir, &all, &options, &mut outcome, say)?;
    tell_news(&store, &outcome, say)?;
    finish(&outcome, &args.store, &run, say)
}

/// Import alone.
pub fn import(args: &ImportArgs, say: Say) -> Result<End> {
    let recipe = recipe::in_force();
    let run = this_run(&args.store);
    let manifest = read_manifest_with(&args.from.manifest, args.instruments.folder())?;
    let store = Store::open_or_create(&args.store.store)?;
    let (reason, shown) = (args.from.reason.as_deref(), Shown::new(say));
    let outcome = pipeline::import(&store, &manifest, &recipe, reason, &run, &shown)?;
    tell_import(&outcome, say);
    tell_findings(&outcome.same_acquisition, say);
    finish(&outcome, &args.store, &run, say)
}

/// Correlate alone.
pub fn correlate(args: &CorrelateArgs, say: Say) -> Result<End> {
    let run = this_run(&args.store);
    let store = Store::open(&args.store.store)?;
    let shown = Shown::new(say);
    let (verify, rules) = (args.search.shortlist, args.search.rules.rules()?);
    let outcome = pipeline::correlate(&store, &run.recipe, verify, &rules, &run, &shown)?;
    tell_correlate(&outcome, say);
    tell_findings(&outcome.same_acquisition, say);
    finish(&outcome, &args.store, &run, say)
}

/// Link on a store alone.
pub fn link(args: &StoreArgs, population: Option<&Population>, say: Say) -> Result<End> {
    let run = this_run(args);
    let store = Store::open(&args.store)?;
    let (outcome, _) = pipeline::link(&store, &run.recipe, population, &run)?;
    tell_link(&outcome, say);
    finish(&outcome, args, &run, say)
}

/// What matters of a run: every new casing with its best candidates, the links
/// of groups that hold one, and hits between its case and others.
fn tell_news(store: &Store, o: &Outcome, say: Say) -> Result<()> {
    if o.news.is_empty() {
        return Ok(());
    }
    tell(say, say!("new since the last run: {} casings", o.news.len()));
    for new in &o.news {
        match &new.group {
            Some(group) => tell(say, say!("{}, in group {group}", new.casing)),
            None => tell(say, Message::foreign(new.casing.to_string())),
        }
        if new.candidates.is_empty() {
            tell(say, say!("  no candidates: nothing it could be compared with"));
        }
        for c in &new.candidates {
            let weight = c.weight.as_ref().map_or_else(
                || say!("not calibrated"),
                |w| say!("log10 LR {:.1} ({})", w.log10_lr, w.population),
            );
            let cells = c.congruent_cells;
            let line = say!("score {:.2}, {cells} congruent cells, {weight}", c.score);
            tell(say, say!("  {}. {}: {line}", c.rank, c.casing));
        }
    }
    let files = pipeline::files(&store.snapshot()?)?;
    let new = |id: &CasingId| o.news.iter().any(|n| n.casing == *id);
    for group in files.groups.values().filter(|g| g.casings.iter().any(&new)) {
        let casings: Vec<String> = group.casings.iter().map(ToString::to_string).collect();
        tell(say, say!("group {}: {}", group.id, casings.join(", ")));
    }
    for hit in files.hits.iter().filter(|h| h.exhibits.iter().any(|(a, b)| new(a) || new(b))) {
        tell(say, say!("hit: case {} and case {}", hit.cases.0, hit.cases.1));
    }
    Ok(())
}

fn tell_import(o: &Outcome, say: Say) {
    let (new, known) = (o.get(Counted::Imported), o.get(Counted::Known));
    tell(
        say,
        say!("imported {new} scans, {known} known already, {} failed", o.get(Counted::Failed)),
    );
}

fn tell_correlate(o: &Outcome, say: Say) {
    let (new, known) = (o.get(Counted::PairsCompared), o.get(Counted::PairsKnown));
    tell(say, say!("compared {new} pairs, {known} known already"));
    let left = o.get(Counted::PairsLeftOut);
    if left > 0 {
        tell(
            say,
            say!(
                "left out {left} by their sketches (recorded in the store; --shortlist all compares everything)"
            ),
        );
    }
}

fn tell_link(o: &Outcome, say: Say) {
    tell_notices(&o.watched, say);
    let (groups, links) = (o.get(Counted::Groups), o.get(Counted::Links));
    tell(say, say!("proposed {groups} groups with {links} links, for an examiner's review"));
    for scale in &o.scales {
        tell(say, say!("  judged on this scale: {scale}"));
    }
    let open = o.get(Counted::OpenPairs);
    if open > 0 {
        tell(
            say,
            say!(
                "{open} pairs are open: neither proposed nor clearly of two firearms (the reports list them; `brasslink show --why A B` tells more)"
            ),
        );
    }
}
