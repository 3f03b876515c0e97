//! The programs beside brasslink: what takes minutes to build and is not needed
//! for the first report is one of its own.

use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::say;

/// The program that the environment's `variable` names, else the one beside this
/// program, else the one on the `PATH`; nothing where there is none.
///
/// # Errors
/// [`Kind::BadInput`] where the variable names no file.
pub fn find(program: &str, variable: &str) -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(variable) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(Some(named));
        }
        return Err(Error::new(Kind::BadInput, say!("{variable} names no program"))
            .at(named)
            .advise(say!("name the file of {program}, or unset the variable")));
    }
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok().and_then(|own| own.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = own.into_iter().chain(std::env::split_paths(&path));
    Ok(folders.map(|folder| folder.join(&file)).find(|file| file.is_file()))
}
