//! The command line as it is written: subcommands, and what holds for all.

use super::{
    acquisition, bundle, calibrate, clock, compare, evaluate, graph, lead, link, manifest,
    pipeline, recipe, record, report, rules, scan, show, station, store, synth, trace, validate,
    version, watch,
};
use ::report::Language;
use clap::{CommandFactory as _, Parser, Subcommand};

const ABOUT: &str = "Links fired cartridge cases to firearms and crime scenes";

const AFTER: &str = "\
Examples:
  brasslink manifest template > manifest.csv
  brasslink run --manifest manifest.csv --store evidence --reports reports
  brasslink compare a.x3p b.x3p --json
  brasslink evaluate --truth truth.csv --root scans --pairs pairs.csv
  brasslink store verify --store evidence --deep
  brasslink store log --store evidence --casing CHH-1187-1

Exit codes: 0 all done, 1 could not be done, 2 wrong usage, 3 finished but some
items failed (they are listed), 130 interrupted (Ctrl-C; what was stored is kept
and the same command goes on from there).

The program ranks and weighs; only an examiner identifies.";

#[derive(Parser)]
#[command(name = "brasslink", about = ABOUT, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: every warning about a file.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Threads to work with (default: all cores). The result is the same.
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// Prepare marks by the recipe of this file (TOML), not by the built-in one.
    #[arg(long, global = true, value_name = "FILE")]
    pub recipe: Option<std::path::PathBuf>,
    /// Add to FILE, a JSON object a line, what is done, how long it takes and what fails.
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<std::path::PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// The main job: import, correlate, link and report in one go.
    ///
    /// Run it again after new rows were added to the manifest, or after it was
    /// interrupted: only what is new is done.
    Run(pipeline::RunArgs),
    /// Take the scans of a manifest into an evidence store.
    Import(pipeline::ImportArgs),
    /// Compare all new marks in a store with all others.
    Correlate(pipeline::CorrelateArgs),
    /// Group casings by their scores, in a store or from a CSV of pairs.
    Link(link::Args),
    /// Review proposed links: leads, hits, eliminations, blind second review.
    #[command(subcommand)]
    Lead(lead::Command),
    /// Scans that look like one acquisition under two names: list, clear.
    #[command(subcommand)]
    Acquisition(acquisition::Command),
    /// Links and scenes for other programs: GraphML, JSON, GeoJSON, CSV.
    Graph(graph::Args),
    /// Show what belongs to a group, a case or a firearm, and why.
    Show(show::Args),
    /// Whether exhibits are entered, compared, reviewed and told of in time.
    #[command(subcommand)]
    Clock(clock::Command),
    /// Standing queries: be told of new links that touch them.
    #[command(subcommand)]
    Watch(watch::Command),
    /// Tell which casings one was not compared with, and why.
    Excluded(rules::Args),
    /// Records of casework: agencies, cases, events, exhibits, firearms.
    #[command(subcommand)]
    Record(record::Command),
    /// Trace recovered firearms: requests, results, doubles, indicators.
    #[command(subcommand)]
    Trace(trace::Command),
    /// Write reports from what a store holds; tell whether one was changed.
    Report(report::Args),
    /// Compare two files.
    Compare(compare::Args),
    /// The numbers that marks are prepared by: show them, check a file of them.
    #[command(subcommand)]
    Recipe(recipe::Command),
    /// Look at one scan file.
    #[command(subcommand)]
    Scan(scan::Command),
    /// Measure accuracy and speed on a labelled set.
    Evaluate(evaluate::Args),
    /// Build a reference population, to which likelihood ratios refer.
    Calibrate(calibrate::Args),
    /// Measure how good likelihood ratios are, on pairs whose truth is known.
    Validate(validate::Args),
    /// Check a manifest or start a new one.
    #[command(subcommand)]
    Manifest(manifest::Command),
    /// Serve the review station: leads, comparisons and decisions in a browser.
    Serve(station::ServeArgs),
    /// Accounts of the people who use the review station.
    #[command(subcommand)]
    People(station::PeopleCommand),
    /// Share evidence with other agencies, by signed bundles.
    #[command(subcommand)]
    Bundle(bundle::Command),
    /// An evidence store: ledger, checks, repair, corrections, court orders.
    #[command(subcommand)]
    Store(store::Command),
    #[command(flatten)]
    Upkeep(store::Upkeep),
    #[command(name = ::store::INSPECT_COMMAND, hide = true)]
    InspectConfined,
    /// Write the bundled synthetic sample set.
    Synth(synth::Args),
    /// Write the manual pages into a folder.
    #[command(hide = true)]
    Man {
        /// The folder.
        out: std::path::PathBuf,
    },
    /// Print shell completions (bash, zsh, fish, elvish, powershell).
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// The command line as it is parsed, documented and completed.
pub fn command() -> clap::Command {
    let language = clap::Arg::new("language")
        .long("language")
        .value_name("LANGUAGE")
        .help("Speak this language: en or es (default: the locale's, else English).")
        .long_help(
            "Speak this language: en or es (default: the locale's, else English). What is for \
             machines is the same in all. Commands that write reports take several, of which \
             the first is spoken.",
        )
        .global(true)
        .value_parser(clap::value_parser!(Language));
    let all = Cli::command().version(version::SHORT).long_version(version::long()).arg(language);
    store::UPKEEP.iter().fold(all, |all, name| all.mut_subcommand(name, |c| c.hide(true)))
}
