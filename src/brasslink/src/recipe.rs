//! `recipe`: the numbers that marks are prepared by, and `--recipe FILE`.

use super::json::Json;
use super::{End, Say, output, tell};
use imaging::matcher::MATCHER;
use imaging::prepare::Recipe;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use types::error::{Error, Kind, Result};
use types::files::read_small_text;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink recipe show > recipe.toml          the recipe in force, to be changed
  brasslink recipe check recipe.toml           its digest, or what is wrong with it
  brasslink --recipe recipe.toml run --manifest manifest.csv --store evidence --reports reports

Lengths are micrometres, slopes degrees. What a file leaves out is as in the
built-in recipe. Only marks of one recipe are compared with each other, and a
reference population holds for one: calibrate it under the recipe it is to serve.
A store can hold marks of several recipes; `brasslink store prepare` makes those
of an older one anew.";

/// `brasslink recipe …`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Print the recipe in force (TOML, or JSON with its digest).
    Show {
        #[command(flatten)]
        json: Json,
    },
    /// Tell the digest of a recipe, or what is wrong with it.
    Check {
        /// The recipe (TOML).
        file: PathBuf,
    },
}

/// The recipe that `--recipe` named.
static CHOSEN: OnceLock<Recipe> = OnceLock::new();

/// The recipe in force: the one chosen, else the built-in one.
pub fn in_force() -> Recipe {
    CHOSEN.get().copied().unwrap_or_default()
}

/// Puts the recipe of a file in force, for this command.
pub fn choose(file: &Path) -> Result<()> {
    // Called once, before any command runs.
    let _unused = CHOSEN.set(read(file)?);
    Ok(())
}

/// Reads and checks a recipe.
fn read(file: &Path) -> Result<Recipe> {
    Recipe::from_toml(&read_small_text(file)?).map_err(|e| e.at(file))
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Show { json } if json.asked() => {
            let recipe = in_force();
            json.put(&serde_json::json!({
                "digest": recipe.hash(), "recipe": recipe, "hashed": recipe.json(),
            }))?;
        }
        Command::Show { .. } => {
            let recipe = in_force();
            let none = |e: toml::ser::Error| {
                Error::new(Kind::Internal, say!("no TOML could be made: {e}")).because(&e)
            };
            let text = toml::to_string_pretty(&recipe).map_err(none)?;
            let matcher = toml::to_string_pretty(&MATCHER).map_err(none)?;
            let comment: String = matcher.lines().map(|l| format!("# {l}\n")).collect();
            output::content(&format!(
                "# {}\n{text}\n# The matcher's constants, which the digest covers and no recipe \
                 changes:\n{comment}",
                recipe.hash()
            ));
        }
        Command::Check { file } => tell(say, Message::foreign(read(file)?.hash().to_string())),
    }
    Ok(End::AllDone)
}
