//! What a command tells to machines: `--json` prints it, `--json=FILE` writes it.

use super::output;
use serde::Serialize;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::files::put_file;
use types::message::say;
use types::printable::printable_json;

/// Stands for standard output where a file could be named.
pub const OUTPUT: &str = "-";

/// `--json[=FILE]`, the same for every command.
#[derive(clap::Args, Clone, Default)]
pub struct Json {
    /// Print the result as JSON, or write it to FILE; what is for people then
    /// goes to standard error.
    // With a blank, the word after it would be taken for the file.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true,
          default_missing_value = OUTPUT)]
    json: Option<PathBuf>,
}

impl Json {
    /// What a command asked for that takes the file after a blank too, as those
    /// always did that write a summary.
    pub fn to(file: &Option<PathBuf>) -> Self {
        Self { json: file.clone() }
    }

    /// Whether JSON was asked for.
    pub const fn asked(&self) -> bool {
        self.json.is_some()
    }

    /// Prints or writes `value`, if JSON was asked for.
    ///
    /// # Errors
    /// [`Kind::Io`] where the file cannot be written.
    pub fn put(&self, value: &impl Serialize) -> Result<()> {
        match self.json.as_deref() {
            Some(file) if file == Path::new(OUTPUT) => print(value),
            Some(file) => write(file, value),
            None => Ok(()),
        }
    }
}

/// Whether the JSON that `matches` ask for goes to standard output.
pub fn goes_out(matches: &clap::ArgMatches) -> bool {
    let here = matches.try_get_one::<PathBuf>("json").ok().flatten();
    here.is_some_and(|file| file == Path::new(OUTPUT))
        || matches.subcommand().is_some_and(|(_, within)| goes_out(within))
}

/// Prints JSON for machines on standard output.
pub fn print(value: &impl Serialize) -> Result<()> {
    output::content(&(printable_json(&pretty(value)?).into_owned() + "\n"));
    Ok(())
}

/// Writes JSON to a file, whole or not at all.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    put_file(path, format!("{}\n", pretty(value)?).as_bytes())
}

fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))
}
