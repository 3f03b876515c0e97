//! `--log FILE`: what happened and how long it took, for whoever has to find out
//! why. A JSON object a line: every stage, file, block of pairs and commit when
//! it is over, with the time in which it was at work and waited, and failures
//! with their causes. Beside the ledger, which says what was done, it is no
//! evidence and may be thrown away.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::fmt::format::FmtSpan;
use types::error::{Error, Kind, Result};
use types::message::say;

/// Writes a log to the end of `file` from now on.
///
/// # Errors
/// [`Kind::Io`] where the file cannot be written.
pub fn to(file: &Path) -> Result<()> {
    let io = |e: std::io::Error| Error::io(say!("opening the log"), file, &e);
    let log = OpenOptions::new().create(true).append(true).open(file).map_err(io)?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_target(false)
        .with_span_list(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(Mutex::new(log))
        .finish();
    tracing::subscriber::set_global_default(subscriber).map_err(|e| {
        Error::new(Kind::Internal, say!("the log was begun twice: {e}")).because(&e)
    })?;
    tracing::info!(version = super::version::SHORT, command = super::command_line(), "begun");
    Ok(())
}

/// How the command ended.
pub fn ended(error: Option<&Error>) {
    match error {
        None => tracing::info!("ended"),
        Some(error) => {
            let mut causes = Vec::new();
            let mut cause = std::error::Error::source(error);
            while let Some(known) = cause {
                causes.push(known.to_string());
                cause = known.source();
            }
            tracing::error!(%error, kind = error.kind.code(), causes = causes.join(": "), "ended");
        }
    }
}
