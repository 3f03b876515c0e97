//! The command line: one file a subcommand. Only here is anything printed and
//! the clock looked at.

mod acquisition;
mod amend;
mod bundle;
mod calibrate;
mod cli;
mod clock;
mod compare;
mod evaluate;
mod failures;
mod graph;
pub mod heads;
mod help;
mod instruments;
mod interrupt;
pub mod json;
pub mod keys;
mod lead;
mod link;
mod log;
mod logging;
mod manifest;
mod misuse;
pub mod output;
mod pairs;
mod person;
mod pipeline;
mod place;
mod progress;
mod recipe;
mod record;
mod report;
mod rules;
mod scan;
mod show;
mod speech;
pub mod station;
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
use clap::FromArgMatches as _;
use cli::{Cli, Command};
use json::{print as print_json, write as write_json};
use person::{acting, command_line, name, note, reason};
use station::ReviewStation;
use std::process::ExitCode;
use types::error::{Error, Result};
use types::files::put_file as write_file;
use types::message::{Message, ToMessage, say};
use types::printable::printable_lines;

pub use cli::command;
pub use help::texts as help_texts;
pub use person::operator;
pub use recipe::in_force as recipe_in_force;

/// Who and how much is to be told.
#[derive(Clone, Copy)]
pub struct Say {
    quiet: bool,
    verbose: bool,
}

/// How a command ended.
pub enum End {
    /// Nothing is left.
    AllDone,
    /// Some items failed, and were told.
    SomeFailed,
}

impl End {
    fn of(outcome: &Outcome) -> Self {
        if outcome.failures.is_empty() { Self::AllDone } else { Self::SomeFailed }
    }
}

/// Parses the command line, runs the command and says how it ended. `station`
/// does what the review station does.
pub fn run(station: &dyn ReviewStation) -> ExitCode {
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
        Ok(cli) => logged(cli, station),
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
fn logged(cli: Cli, station: &dyn ReviewStation) -> Result<ExitCode> {
    if let Some(file) = &cli.log {
        logging::to(file)?;
    }
    let end = run_command(cli, station);
    logging::ended(end.as_ref().err());
    end
}

fn run_command(cli: Cli, station: &dyn ReviewStation) -> Result<ExitCode> {
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
        Command::Serve(args) => station.serve(&args, say),
        Command::People(command) => station.people(&command, say),
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
pub fn tell(say: Say, text: impl ToMessage) {
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
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day in UTC, as everywhere in the store ([`types::evidence::Moment`]): the
/// same on every machine, whatever its time zone is set to. Across the Americas
/// it is never behind the calendar on the wall, so a firearm recovered today is
/// not said to be recovered tomorrow.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
