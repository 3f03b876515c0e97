//! Help in the language that is spoken. Clap's own words are English; a command
//! for another language is built, and every text in it is replaced.

use super::speech::{phrase, told};
use clap::builder::StyledStr;
use clap::{Arg, Command};
use std::collections::BTreeSet;
use types::message::say;

/// How wide a paragraph of the text below the options is.
const WIDTH: usize = 80;

/// The command with its help in the language that is spoken.
pub fn in_language(mut command: Command) -> Command {
    command.build();
    translated(command)
}

fn translated(command: Command) -> Command {
    let mut command = command.mut_args(argument).mut_subcommands(translated);
    let own = |text: Option<&StyledStr>| text.map(|text| paragraphs(&text.to_string()));
    let (about, long) = (own(command.get_about()), own(command.get_long_about()));
    let after = own(command.get_after_help());
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    let usage = usage.replace("[OPTIONS]", &told(&say!("[OPTIONS]")));
    let usage = usage.replace("[COMMAND]", &told(&say!("[COMMAND]")));
    let usage = usage.replace("<COMMAND>", &told(&say!("<COMMAND>")));
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
        told(&say!("Usage:"))
    );
    command = command
        .help_template(template)
        .override_usage(usage)
        .subcommand_help_heading(told(&say!("Commands")));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
}

/// An argument with its texts, and what clap would add to them in English.
fn argument(arg: Arg) -> Arg {
    let heading = match arg.get_help_heading() {
        Some(heading) => phrase(heading),
        None if arg.is_positional() => told(&say!("Arguments")),
        None => told(&say!("Options")),
    };
    let takes = arg.get_action().takes_values();
    let mut more = String::new();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
    if takes && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        more += &format!(" [{}]", told(&say!("default: {}", defaults.join(", "))));
    }
    let possible = arg.get_possible_values();
    let shown: Vec<&str> =
        possible.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name()).collect();
    if takes && !shown.is_empty() && !arg.is_hide_possible_values_set() {
        more += &format!(" [{}]", told(&say!("possible values: {}", shown.join(", "))));
    }
    let own = |text: Option<&StyledStr>| {
        text.map(|text| format!("{}{more}", paragraphs(&text.to_string())))
    };
    let (help, long) = (own(arg.get_help()), own(arg.get_long_help()));
    let mut arg = arg.help_heading(heading).hide_default_value(true).hide_possible_values(true);
    if let Some(help) = help {
        arg = arg.help(help);
    }
    if let Some(long) = long {
        arg = arg.long_help(long);
    }
    arg
}

/// A text by its paragraphs.
fn paragraphs(text: &str) -> String {
    let all: Vec<String> = text.split("\n\n").map(paragraph).collect();
    all.join("\n\n")
}

fn paragraph(text: &str) -> String {
    // Clap takes the full stop off a text of one line, and leaves it elsewhere.
    let stop = if text.ends_with('.') { "." } else { "" };
    let lines: Vec<String> = pieces(text).iter().map(|piece| phrase(piece)).collect();
    match lines.as_slice() {
        [only] if text.contains('\n') => wrapped(only) + stop,
        lines => lines.join("\n") + stop,
    }
}

/// Every text of the help of a command and of those below it, as it is looked
/// up: for the test that holds the catalogues against them.
pub fn texts(command: &Command) -> BTreeSet<String> {
    let mut built = command.clone();
    built.build();
    let mut all = BTreeSet::new();
    collect(&built, &mut all);
    all
}

fn collect(command: &Command, all: &mut BTreeSet<String>) {
    let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
    let of_arguments = command.get_arguments().flat_map(|a| [a.get_help(), a.get_long_help()]);
    for text in own.into_iter().chain(of_arguments).flatten() {
        all.extend(text.to_string().split("\n\n").flat_map(pieces));
    }
    all.extend(command.get_arguments().filter_map(Arg::get_help_heading).map(str::to_owned));
    command.get_subcommands().for_each(|within| collect(within, all));
}

/// What is looked up of a paragraph: its lines where it is an example, else the
/// whole, in one line and without its last full stop.
fn pieces(paragraph: &str) -> Vec<String> {
    let bare = paragraph.strip_suffix('.').unwrap_or(paragraph);
    match bare.starts_with("Example") {
        true => bare.lines().map(str::to_owned).collect(),
        false => vec![bare.lines().collect::<Vec<_>>().join(" ")],
    }
}

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            let length = line.chars().count() + 1 + word.chars().count();
            if line.is_empty() || length <= WIDTH {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines.join("\n")
}
