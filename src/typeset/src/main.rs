//! `brasslink-typeset`: manuscripts on standard input, PDFs on standard output.
//!
//! brasslink starts it where a PDF is first asked for and keeps it; nobody needs
//! to call it by hand.

use std::io::{Write as _, stdin, stdout};
use std::process::ExitCode;
use types::error::{Error, Kind, Result};
use types::manuscript::Manuscript;
use types::message::say;
use types::system::limit_address_space;

/// Address space that a document may take with the program, in bytes. A report
/// of a hundred candidates takes some 300 MB.
const ADDRESS_SPACE: u64 = 4 << 30;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            // Nobody to tell where this fails too.
            let _told = writeln!(std::io::stderr(), "brasslink-typeset: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Sets one manuscript after the other until there are no more.
fn serve() -> Result<()> {
    limit_address_space(ADDRESS_SPACE).map_err(|e| {
        Error::new(Kind::Io, say!("the limit of memory was refused: {e}")).because(&e)
    })?;
    let (mut from, mut to) = (stdin().lock(), stdout().lock());
    while let Some(manuscript) = Manuscript::read(&mut from)? {
        brasslink_typeset::set(manuscript).write(&mut to)?;
    }
    Ok(())
}
