//! The commands of the review station. They are read here, so that help,
//! completions and documents have them; what does them is `brasslink-station`, a
//! program of its own.

mod beside;
mod people;
mod serve;

pub use beside::Beside;
pub use people::{FileArgs, OneArgs, PeopleCommand};
pub use serve::ServeArgs;

use super::{End, Say};
use types::error::Result;

/// What does the commands of the review station.
pub trait ReviewStation {
    /// `brasslink serve`.
    ///
    /// # Errors
    /// Why the station could not serve.
    fn serve(&self, args: &ServeArgs, say: Say) -> Result<End>;

    /// `brasslink people`.
    ///
    /// # Errors
    /// What is wrong with the accounts or their file.
    fn people(&self, command: &PeopleCommand, say: Say) -> Result<End>;
}
