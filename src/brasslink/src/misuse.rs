//! What is wrong with a command line, in words of this program by the kind of
//! clap's error, so that they can be in any language.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use types::error::Error;
use types::message::{Message, say};

/// What to tell, line by line; none where clap's own words are to be printed: for
/// help, and for what has no words here.
pub fn lines(error: &clap::Error) -> Option<Vec<Message>> {
    let mut lines = vec![say!("error: {}", what(error)?)];
    lines.extend(list(error));
    for (context, tip) in [
        (ContextKind::SuggestedArg, say!("argument")),
        (ContextKind::SuggestedSubcommand, say!("command")),
        (ContextKind::SuggestedValue, say!("value")),
    ] {
        let similar = texts(error, context);
        if !similar.is_empty() {
            lines.push(Message::foreign(""));
            lines.push(say!("  tip: a similar {tip} exists: '{}'", similar.join("', '")));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        lines.push(Message::foreign(""));
        lines.push(say!("Usage: {}", usage.strip_prefix("Usage: ").unwrap_or(&usage)));
    }
    lines.push(Message::foreign(""));
    lines.push(say!("For more information, try '--help'."));
    Some(lines)
}

fn what(error: &clap::Error) -> Option<Message> {
    let text = |kind| texts(error, kind).join(", ");
    let argument = || text(ContextKind::InvalidArg);
    let value = || text(ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::InvalidValue if value().is_empty() => {
            say!("a value is required for '{}' but none was supplied", argument())
        }
        ErrorKind::InvalidValue => say!("invalid value '{}' for '{}'", value(), argument()),
        ErrorKind::UnknownArgument => say!("unexpected argument '{}' found", argument()),
        ErrorKind::InvalidSubcommand => {
            say!("unrecognized command '{}'", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::NoEquals => {
            say!("equal sign is needed when assigning values to '{}'", argument())
        }
        ErrorKind::ValueValidation => {
            say!("invalid value '{}' for '{}': {}", value(), argument(), cause(error))
        }
        ErrorKind::TooManyValues => {
            say!("unexpected value '{}' for '{}'; no more were expected", value(), argument())
        }
        ErrorKind::TooFewValues => say!(
            "{} values required by '{}'; only {} were given",
            text(ContextKind::MinValues),
            argument(),
            text(ContextKind::ActualNumValues)
        ),
        ErrorKind::WrongNumberOfValues => say!(
            "{} values required for '{}' but {} were given",
            text(ContextKind::ExpectedNumValues),
            argument(),
            text(ContextKind::ActualNumValues)
        ),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            match other == argument() || other.is_empty() {
                true => say!("the argument '{}' cannot be given several times", argument()),
                false => say!("the argument '{}' cannot be used with '{other}'", argument()),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            say!("the following required arguments were not given:")
        }
        ErrorKind::MissingSubcommand => {
            say!("'{}' requires a command but none was given", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidUtf8 => say!("an argument is not valid UTF-8"),
        _ => return None,
    })
}

/// What belongs below the first line: what is missing, or what there is.
fn list(error: &clap::Error) -> Vec<Message> {
    let of = |kind| texts(error, kind);
    match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            let missing = of(ContextKind::InvalidArg).into_iter();
            missing.map(|argument| Message::foreign(format!("  {argument}"))).collect()
        }
        ErrorKind::MissingSubcommand => {
            vec![say!("  [commands: {}]", of(ContextKind::ValidSubcommand).join(", "))]
        }
        ErrorKind::InvalidValue => {
            let valid = of(ContextKind::ValidValue);
            let some = !valid.is_empty();
            some.then(|| say!("  [possible values: {}]", valid.join(", "))).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        Some(ContextValue::Number(n)) => vec![n.to_string()],
        _ => Vec::new(),
    }
}

/// Why a value is none, in words of this program where it has them.
fn cause(error: &clap::Error) -> Message {
    let Some(cause) = std::error::Error::source(error) else { return say!("it is not understood") };
    if let Some(message) = cause.downcast_ref::<Message>() {
        return message.clone();
    }
    match cause.downcast_ref::<Error>() {
        Some(Error { what, advice: Some(advice), .. }) => say!("{what} ({advice})"),
        Some(error) => error.what.clone(),
        None => Message::foreign(cause.to_string()),
    }
}
