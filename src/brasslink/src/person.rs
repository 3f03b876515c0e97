//! Who is at work, in whose words, and what the ledger will say of it.

use super::{command, now};
use ::store::CommitNote;
use pipeline::SOFTWARE;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::printable::{printable, refuse_steering};

/// Who is at work: as named, else the login name.
pub fn operator(named: Option<&str>) -> String {
    let login = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
    let who = named.map(str::to_owned).or_else(login).filter(|who| !who.is_empty());
    printable(&who.unwrap_or_else(|| "unknown".into())).into_owned()
}

/// A person's or agency's name, which has letters and nothing unseen.
pub fn name(text: &str) -> std::result::Result<String, Message> {
    refuse_steering(say!("the name"), text.trim())
        .and_then(|()| types::evidence::normalised(text.trim()))
        .map_err(|e| say!("no name: {}", e.what))
}

/// Who decides, and where that name comes from. Decisions have one.
pub fn acting(named: Option<&str>) -> Result<(String, Message)> {
    let login = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
    let given = named.map(|name| (name.to_owned(), say!("--operator")));
    let who = given.or_else(|| Some((login()?, say!("the login name"))));
    let who =
        who.map(|(who, from)| (who.trim().to_owned(), from)).filter(|(who, _)| !who.is_empty());
    who.ok_or_else(|| {
        Error::new(Kind::BadInput, say!("nobody is named, and no decision is made without a name"))
            .advise(say!("give --operator NAME; without it the login name counts (USER, LOGNAME)"))
    })
}

/// A reason, which has words.
pub fn reason(text: &str) -> std::result::Result<String, Message> {
    match text.trim() {
        "" => Err(say!("say why; it stays on record for good")),
        text => {
            refuse_steering(say!("the reason"), text).map(|()| text.to_owned()).map_err(|e| e.what)
        }
    }
}

/// The command as it was given, for the ledger, without what it was told in
/// free words.
pub fn command_line() -> String {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    printable(&said(&command(), &args)).into_owned()
}

/// A command line as the ledger keeps it for ever: commands, identifiers, files,
/// numbers and choices. Free texts and the values of fields, which may have to
/// be expunged one day, stand in the records alone; here is only that there were
/// some, and of which fields.
fn said(program: &clap::Command, args: &[String]) -> String {
    const FREE: [&str; 2] = ["TEXT", "WORDS"];
    const FIELDS: [&str; 2] = ["FIELD=VALUE", "COLUMN=VALUE"];
    let mut command = program;
    let mut said: Vec<String> = Vec::new();
    let mut args = args.iter().peekable();
    while let Some(arg) = args.next() {
        if let Some(within) = command.find_subcommand(arg) {
            command = within;
        }
        let Some(option) = arg.strip_prefix("--").filter(|option| !option.is_empty()) else {
            said.push(arg.clone());
            continue;
        };
        let (name, inline) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        said.push(format!("--{name}"));
        let mut all = command.get_arguments().chain(program.get_arguments());
        let known = all.find(|a| a.get_long() == Some(name));
        let takes = known.is_some_and(|a| a.get_action().takes_values());
        let Some(value) = inline.or_else(|| {
            let value = || args.next_if(|arg| !arg.starts_with("--")).cloned();
            takes.then(value).flatten()
        }) else {
            continue;
        };
        let names = known.and_then(|a| a.get_value_names()).unwrap_or_default();
        let is_one_of = |sorts: &[&str]| names.iter().any(|n| sorts.contains(&n.as_str()));
        said.push(match value.split_once('=') {
            Some((field, _)) if is_one_of(&FIELDS) => format!("{field}=…"),
            _ if is_one_of(&FIELDS) || is_one_of(&FREE) => "…".to_owned(),
            _ => value,
        });
    }
    said.join(" ")
}

/// What the ledger will say of a change made by this command.
pub fn note(named: Option<&str>) -> CommitNote {
    CommitNote {
        who: operator(named),
        when: now(),
        command: command_line(),
        software: SOFTWARE.into(),
        recipe: None,
    }
}
