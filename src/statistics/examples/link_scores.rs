//! Groups casings by a table of their scores (`a`, `b` and a score).
//!
//! `cargo run --release -p brasslink-statistics --example link_scores -- SCORES.csv [COLUMN]`

use brasslink_statistics::link::{Casework, Linker, Settings, read_scores};
use brasslink_statistics::types::error::{Error, Kind, Result};
use brasslink_statistics::types::message::say;

fn main() -> Result<()> {
    let Some(table) = std::env::args_os().nth(1) else {
        return Err(Error::new(Kind::BadInput, say!("a table of scores is needed: SCORES.csv")));
    };
    let column = std::env::args().nth(2);
    let scores = read_scores(table.as_ref(), column.as_deref())?;
    let linker = Linker::of_scores(scores, Casework::default(), Settings::default())?;
    for scale in linker.scales() {
        println!("{scale}");
    }
    for group in linker.groups().iter().filter(|g| g.members.len() > 1) {
        println!("{}: {}", group.id, group.members.join(", "));
    }
    Ok(())
}
