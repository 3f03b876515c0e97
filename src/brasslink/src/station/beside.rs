//! The review station of the program beside this one.

use super::{PeopleCommand, ReviewStation, ServeArgs};
use crate::{End, Say};
use ::pipeline::program;
use std::process::Command;
use types::error::{Error, Kind, Result};
use types::message::say;
use types::system::become_program;

/// The station's name; beside brasslink it is found by it.
const PROGRAM: &str = "brasslink-station";
/// Names the station, before every other place.
const VARIABLE: &str = "BRASSLINK_STATION";

/// `brasslink-station`, which takes over with the same words: signals, output
/// and exit code are its own.
pub struct Beside;

impl ReviewStation for Beside {
    fn serve(&self, _: &ServeArgs, _: Say) -> Result<End> {
        hand_over()
    }

    fn people(&self, _: &PeopleCommand, _: Say) -> Result<End> {
        hand_over()
    }
}

fn hand_over() -> Result<End> {
    let Some(program) = program::find(PROGRAM, VARIABLE)? else {
        let what = say!("this takes {PROGRAM}, which is neither beside brasslink nor on the PATH");
        return Err(Error::new(Kind::BadInput, what).advise(say!(
            "build it with `cargo build --release -p {PROGRAM}`, or name it in {VARIABLE}"
        )));
    };
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1));
    let error = become_program(&mut command);
    Err(Error::io(say!("starting the review station"), &program, &error))
}
