//! `run` and the stages on their own.

use super::progress::Shown;
use super::{End, Say, now, summarise, tell, write_json};
use crate::acquire::manifest::read_manifest;
use crate::batch::{self, Outcome, ReportOptions, Run};
use crate::error::{Error, Result};
use crate::prepare::Recipe;
use crate::report::{LaboratoryConfig, Language};
use crate::store::Store;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What every command on a store takes.
#[derive(clap::Args)]
pub struct StoreArgs {
    /// The evidence store (a folder; made if absent).
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Write what was done, and what failed, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// What the reports look like.
#[derive(clap::Args)]
struct LookArgs {
    /// Folder for the reports.
    #[arg(long, value_name = "DIR")]
    reports: PathBuf,
    /// Language of the reports: en or es.
    #[arg(long, default_value = "en")]
    language: Language,
    /// The laboratory's name, address and accreditation (TOML).
    #[arg(long, value_name = "FILE")]
    laboratory: Option<PathBuf>,
}

/// `brasslink run`.
#[derive(clap::Args)]
pub struct RunArgs {
    /// The manifest: one row a scan (see `brasslink manifest template`).
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// `brasslink import`.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The manifest: one row a scan (see `brasslink manifest template`).
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// `brasslink report`.
#[derive(clap::Args)]
pub struct ReportArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Summary<'a> {
    software: &'a str,
    started: &'a str,
    finished: String,
    exit_code: u8,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// The run as the ledger will know it.
pub(super) fn this_run(args: &StoreArgs, recipe: &Recipe) -> Run {
    let login = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let who = args.operator.clone().or_else(|| login().ok()).filter(|w| !w.is_empty());
    Run {
        who: who.unwrap_or_else(|| "unknown".into()),
        started: now(),
        command: std::env::args().skip(1).collect::<Vec<_>>().join(" "),
        recipe: recipe.hash(),
        now,
    }
}

/// Tells how it went, on screen and in JSON.
fn finish(outcome: &Outcome, args: &StoreArgs, run: &Run, say: Say) -> Result<End> {
    summarise(outcome, say);
    let end = End::of(outcome);
    if let Some(path) = &args.json {
        let exit_code = match end {
            End::AllDone => 0,
            End::SomeFailed => 3,
        };
        let started = &run.started;
        write_json(
            path,
            &Summary { software: batch::SOFTWARE, started, finished: now(), exit_code, outcome },
        )?;
    }
    Ok(end)
}

/// The main job.
pub fn run(args: &RunArgs, say: Say) -> Result<End> {
    let recipe = Recipe::default();
    let run = this_run(&args.store, &recipe);
    // Faults of these are found before hours of work.
    let options = look(&args.look)?;
    let manifest = read_manifest(&args.manifest)?;
    let store = Store::open_or_create(&args.store.store)?;
    let shown = Shown::new(say);
    let mut outcome = batch::import(&store, &manifest, &recipe, &run, &shown)?;
    tell_import(&outcome, say);
    outcome.absorb(batch::correlate(&store, &run.recipe, &run, &shown)?);
    tell_correlate(&outcome, say);
    let (linked, _) = batch::link(&store, &run.recipe, &run)?;
    outcome.absorb(linked);
    tell_link(&outcome, say);
    let index = args.look.reports.join("index.html");
    let changed = ["imported", "pairs_compared", "linking_changed"];
    if changed.iter().all(|c| outcome.get(c) == 0) && index.exists() {
        tell(say, format_args!("reports are up to date: {}", index.display()));
    } else {
        write_reports(&store, &run, &args.look.reports, &options, &outcome, say)?;
    }
    finish(&outcome, &args.store, &run, say)
}

/// Import alone.
pub fn import(args: &ImportArgs, say: Say) -> Result<End> {
    let recipe = Recipe::default();
    let run = this_run(&args.store, &recipe);
    let manifest = read_manifest(&args.manifest)?;
    let store = Store::open_or_create(&args.store.store)?;
    let outcome = batch::import(&store, &manifest, &recipe, &run, &Shown::new(say))?;
    tell_import(&outcome, say);
    finish(&outcome, &args.store, &run, say)
}

/// Correlate alone.
pub fn correlate(args: &StoreArgs, say: Say) -> Result<End> {
    let run = this_run(args, &Recipe::default());
    let store = Store::open(&args.store)?;
    let outcome = batch::correlate(&store, &run.recipe, &run, &Shown::new(say))?;
    tell_correlate(&outcome, say);
    finish(&outcome, args, &run, say)
}

/// Link on a store alone.
pub fn link(args: &StoreArgs, say: Say) -> Result<End> {
    let run = this_run(args, &Recipe::default());
    let store = Store::open(&args.store)?;
    let (outcome, _) = batch::link(&store, &run.recipe, &run)?;
    tell_link(&outcome, say);
    finish(&outcome, args, &run, say)
}

/// Report alone.
pub fn report(args: &ReportArgs, say: Say) -> Result<End> {
    let run = this_run(&args.store, &Recipe::default());
    let store = Store::open(&args.store.store)?;
    let options = look(&args.look)?;
    let outcome = Outcome::default();
    write_reports(&store, &run, &args.look.reports, &options, &outcome, say)?;
    finish(&outcome, &args.store, &run, say)
}

fn write_reports(
    store: &Store,
    run: &Run,
    dir: &Path,
    options: &ReportOptions,
    outcome: &Outcome,
    say: Say,
) -> Result<()> {
    let index = batch::report(store, &run.recipe, dir, options, outcome, &Shown::new(say))?;
    tell(say, format_args!("reports: {}", index.display()));
    Ok(())
}

fn look(args: &LookArgs) -> Result<ReportOptions> {
    let laboratory = match &args.laboratory {
        None => LaboratoryConfig::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|e| Error::io("reading the laboratory's particulars", path, &e))?;
            LaboratoryConfig::from_toml(&text).map_err(|e| e.at(path))?
        }
    };
    let issued = now().split('T').next().unwrap_or_default().to_owned();
    Ok(ReportOptions { language: args.language, laboratory, issued })
}

fn tell_import(o: &Outcome, say: Say) {
    let (new, known) = (o.get("imported"), o.get("known"));
    tell(
        say,
        format_args!("imported {new} scans, {known} known already, {} failed", o.get("failed")),
    );
}

fn tell_correlate(o: &Outcome, say: Say) {
    let (new, known) = (o.get("pairs_compared"), o.get("pairs_known"));
    tell(say, format_args!("compared {new} pairs, {known} known already"));
}

fn tell_link(o: &Outcome, say: Say) {
    let (groups, links) = (o.get("groups"), o.get("links"));
    tell(
        say,
        format_args!("proposed {groups} groups with {links} links, for an examiner's review"),
    );
}
