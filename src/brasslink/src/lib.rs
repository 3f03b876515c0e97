//! The command line: one file a subcommand. Only here is anything printed and
//! the clock looked at.

mod acquisition;
mod amend;
mod bundle;
mod calibrate;
mod clock;
mod compare;
mod evaluate;
mod failures;
mod graph;
mod heads;
mod help;
mod instruments;
mod interrupt;
mod json;
mod keys;
mod lead;
mod link;
mod log;
mod logging;
mod manifest;
mod misuse;
mod output;
mod pairs;
mod people;
mod person;
mod pipeline;
mod place;
mod progress;
mod recipe;
mod record;
mod report;
mod rules;
mod scan;
mod serve;
mod show;
mod speech;
mod store;
mod synth;
mod this_run;
mod trace;
mod validate;
mod verify;
mod version;
mod watch;
mod withhold;

use ::pipeline::Outcome;
use ::report::Language;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use json::{print as print_json, write as write_json};
use person::{acting, command_line, name, note, operator, reason};
use std::process::ExitCode;
use types::error::{Error, Result};
use types::files::put_file as write_file;
use types::message::{Message, ToMessage, say};
use types::printable::printable_lines;

pub use help::texts as help_texts;

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
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more: every warning about a file.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Threads to work with (default: all cores). The result is the same.
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
    /// Prepare marks by the recipe of this file (TOML), not by the built-in one.
    #[arg(long, global = true, value_name = "FILE")]
    recipe: Option<std::path::PathBuf>,
    /// Add to FILE, a JSON object a line, what is done, how long it takes and what fails.
    #[arg(long, global = true, value_name = "FILE")]
    log: Option<std::path::PathBuf>,
}

#[derive(Subcommand)]
enum Command {
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
    Serve(serve::Args),
    /// Accounts of the people who use the review station.
    #[command(subcommand)]
    People(people::Command),
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

/// Who and how much is to be told.
#[derive(Clone, Copy)]
struct Say {
    quiet: bool,
    verbose: bool,
}

/// How a command ended.
enum End {
    AllDone,
    SomeFailed,
}

impl End {
    fn of(outcome: &Outcome) -> Self {
        if outcome.failures.is_empty() { Self::AllDone } else { Self::SomeFailed }
    }
}

/// Parses the command line, runs the command and says how it ended.
pub fn run() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    speech::speak(speech::wanted(&args, |name| std::env::var_os(name)));
    let command = match speech::spoken() {
        Language::English => command(),
        _ => help::in_language(command()),
    };
    let parsed = command.try_get_matches_from(args).and_then(|matches| {
        output::people_aside(json::goes_out(&matches));
        Cli::from_arg_matches(&matches)
    });
    let end = match parsed {
        Ok(cli) => logged(cli),
        Err(usage) => misused(&usage),
    };
    // Whatever a command did, its output is part of it.
    match end.and_then(|code| output::finish().map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::from(1)
        }
    }
}

/// Says what is wrong with the command line, or the help that was asked for.
fn misused(usage: &clap::Error) -> Result<ExitCode> {
    if usage.use_stderr() {
        if let Some(lines) = misuse::lines(usage).filter(|_| speech::spoken() != Language::English)
        {
            lines.into_iter().for_each(output::aside);
            return Ok(ExitCode::from(2));
        }
        for line in printable_lines(&usage.render().to_string()).lines() {
            output::aside(Message::foreign(line));
        }
        return Ok(ExitCode::from(2));
    }
    output::content(&usage.render().to_string());
    Ok(ExitCode::SUCCESS)
}

/// Runs the command, with a log if one is wanted.
fn logged(cli: Cli) -> Result<ExitCode> {
    if let Some(file) = &cli.log {
        logging::to(file)?;
    }
    let end = run_command(cli);
    logging::ended(end.as_ref().err());
    end
}

fn run_command(cli: Cli) -> Result<ExitCode> {
    let say = Say { quiet: cli.quiet, verbose: cli.verbose };
    if let Some(threads) = cli.threads {
        // Fails only if parallel work has begun already, and it has not.
        if let Err(error) = imaging::search::use_threads(threads) {
            complain(&error);
        }
    }
    if let Some(file) = &cli.recipe {
        recipe::choose(file)?;
    }
    if !say.quiet {
        ::store::tell_of_stores(|text| output::aside(text));
    }
    if matches!(cli.command, Command::Run(_) | Command::Import(_) | Command::Correlate(_)) {
        interrupt::listen();
    }
    let end: Result<End> = match cli.command {
        Command::Run(args) => pipeline::run(&args, say),
        Command::Import(args) => pipeline::import(&args, say),
        Command::Correlate(args) => pipeline::correlate(&args, say),
        Command::Link(args) => link::run(&args, say),
        Command::Lead(command) => lead::run(&command, say),
        Command::Acquisition(command) => acquisition::run(&command, say),
        Command::Show(args) => show::run(&args, say),
        Command::Watch(command) => watch::run(&command, say),
        Command::Clock(command) => clock::run(&command, say),
        Command::Graph(args) => graph::run(&args, say),
        Command::Excluded(args) => rules::run(&args, say),
        Command::Record(command) => record::run(&command, say),
        Command::Trace(command) => trace::run(&command, say),
        Command::Report(args) => report::run(&args, say),
        Command::Compare(args) => compare::run(&args),
        Command::Recipe(command) => recipe::run(&command, say),
        Command::Scan(command) => scan::run(&command),
        Command::Evaluate(args) => evaluate::run(&args, say),
        Command::Calibrate(args) => calibrate::run(&args, say),
        Command::Validate(args) => validate::run(&args, say),
        Command::Manifest(command) => manifest::run(&command),
        Command::Serve(args) => serve::run(&args, say),
        Command::People(command) => people::run(&command, say),
        Command::Bundle(command) => bundle::run(&command, say),
        Command::Store(command) => store::run(&command, say),
        Command::Upkeep(command) => store::keep_up(&command, say),
        Command::InspectConfined => store::inspect_confined(),
        Command::Synth(args) => synth::run(&args, say),
        Command::Man { out } => {
            std::fs::create_dir_all(&out)
                .and_then(|()| clap_mangen::generate_to(command(), &out))
                .map_err(|e| Error::io(say!("writing the manual pages"), &out, &e))?;
            Ok(End::AllDone)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "brasslink", &mut script);
            output::content(&String::from_utf8_lossy(&script));
            Ok(End::AllDone)
        }
    };
    Ok(match end? {
        End::AllDone => ExitCode::SUCCESS,
        End::SomeFailed => ExitCode::from(3),
    })
}

/// Prints an error as a person wants to read it.
fn complain(error: &Error) {
    output::aside(say!("error: {}", error.what));
    if let Some(path) = &error.path {
        output::aside(say!("  file: {}", path.display()));
    }
    if let Some(advice) = &error.advice {
        output::aside(say!("  what to do: {advice}"));
    }
}

/// Prints a stage's failures and, if asked, its warnings; then how many failed.
fn summarise(outcome: &Outcome, say: Say) {
    for (failed, advice) in failures::told(&outcome.failures) {
        output::aside(say!("failed: {failed}"));
        if let Some(advice) = advice {
            output::aside(say!("  what to do: {advice}"));
        }
    }
    if !say.quiet {
        for caution in &outcome.cautions {
            output::aside(say!("CAUTION: {caution}"));
        }
    }
    if say.verbose {
        for warning in &outcome.warnings {
            output::aside(say!("warning: {warning}"));
        }
    } else if !outcome.warnings.is_empty() && !say.quiet {
        output::aside(say!("{} warnings; -v lists them", outcome.warnings.len()));
    }
    match outcome.failures.len() {
        0 | 1 => {}
        n => output::aside(say!("{n} failed in all")),
    }
}

/// Prints a line for people on standard output, unless quiet.
fn tell(say: Say, text: impl ToMessage) {
    if !say.quiet {
        output::line(text);
    }
}

/// Prints lines that this program laid out, unless quiet.
fn tell_lines(say: Say, text: impl std::fmt::Display) {
    if !say.quiet {
        output::lines(text);
    }
}

/// The time now, RFC 3339 in UTC, to the second.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day in UTC, as everywhere in the store ([`types::evidence::Moment`]): the
/// same on every machine, whatever its time zone is set to. Across the Americas
/// it is never behind the calendar on the wall, so a firearm recovered today is
/// not said to be recovered tomorrow.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
