//! `brasslink-station`: brasslink with the review station in it.

mod demo;
mod people;
mod serve;

use brasslink::station::{PeopleCommand, ReviewStation, ServeArgs};
use brasslink::{End, Say};
use types::error::Result;

/// The station itself.
struct Here;

impl ReviewStation for Here {
    fn serve(&self, args: &ServeArgs, say: Say) -> Result<End> {
        serve::run(args, say)
    }

    fn people(&self, command: &PeopleCommand, say: Say) -> Result<End> {
        people::run(command, say)
    }
}

fn main() -> std::process::ExitCode {
    brasslink::run(&Here)
}
