//! PDFs are set by `brasslink-typeset`, a program of its own.
//!
//! It is started where the first PDF is asked for and kept for the next ones. A
//! document that breaks it, hangs it or takes too much memory fails alone: the
//! child is replaced. What stands in a document is `report`'s business, which
//! starts nothing; see docs/decisions/0090-typeset-in-a-child.md.

use crate::program;
use report::Typesetter;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::manuscript::{Manuscript, Setting};
use types::message::{Message, say};

/// The typesetter's name; beside brasslink it is found by it.
const PROGRAM: &str = "brasslink-typeset";
/// Names the typesetter, before every other place.
const VARIABLE: &str = "BRASSLINK_TYPESET";
/// How long a small document may take; a casing's report takes a second or two.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a larger one may take more, for each byte of its sheet.
const PATIENCE_PER_BYTE: Duration = Duration::from_millis(1);

/// `brasslink-typeset` as child processes: as many as there are documents being
/// set at one time.
#[derive(Debug)]
pub struct ChildTypesetter {
    program: PathBuf,
    patience: Duration,
    idle: Mutex<Vec<Running>>,
}

impl ChildTypesetter {
    /// The typesetter that `BRASSLINK_TYPESET` names, else the one beside this
    /// program, else the one on the `PATH`. It is not started yet.
    ///
    /// # Errors
    /// [`Kind::BadInput`] where there is none.
    pub fn find() -> Result<Self> {
        let found = program::find(PROGRAM, VARIABLE)?;
        found.map(|program| Self::new(program, PATIENCE)).ok_or_else(|| {
            Error::new(
                Kind::BadInput,
                say!("a PDF takes {PROGRAM}, which is neither beside brasslink nor on the PATH"),
            )
            .advise(say!(
                "build it with `cargo build --release -p {PROGRAM}`, or name it in {VARIABLE}, \
                 or ask for html, json and csv"
            ))
        })
    }

    const fn new(program: PathBuf, patience: Duration) -> Self {
        Self { program, patience, idle: Mutex::new(Vec::new()) }
    }

    /// A child that waits for work, or a new one.
    fn take(&self) -> Result<Running> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut running) = idle.pop() {
            if matches!(running.child.try_wait(), Ok(None)) {
                return Ok(running);
            }
        }
        drop(idle);
        Running::start(&self.program)
    }

    fn failed(&self, what: Message) -> Error {
        Error::new(Kind::Internal, what)
            .at(&self.program)
            .advise(say!("write this report in another format"))
    }
}

impl Typesetter for ChildTypesetter {
    fn set(&self, manuscript: &Manuscript) -> Result<Setting> {
        let mut message = Vec::new();
        manuscript.write(&mut message)?;
        let size = u32::try_from(manuscript.sheet.len()).unwrap_or(u32::MAX);
        let patience = self.patience + PATIENCE_PER_BYTE.saturating_mul(size);
        let mut running = self.take()?;
        let answer = match running.work.send(message) {
            Ok(()) => running.answers.recv_timeout(patience),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(Some(Ok(setting))) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(running);
                Ok(setting)
            }
            Ok(Some(Err(e))) => {
                Err(self.failed(say!("the typesetter's answer is unusable: {}", e.what)))
            }
            Err(RecvTimeoutError::Timeout) => Err(self.failed(say!(
                "the typesetter did not set the document within {} s and was ended",
                patience.as_secs()
            ))),
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                let ended = running
                    .end()
                    .map_or_else(|| say!("why is unknown"), |s| Message::foreign(s.to_string()));
                Err(self.failed(say!("the typesetter ended while it set the document ({ended})")))
            }
        }
    }
}

/// A child, and the thread that talks with it: neither side's full pipe can keep
/// the other from being given up.
#[derive(Debug)]
struct Running {
    child: Child,
    work: Sender<Vec<u8>>,
    /// One for each piece of work; none where the child has ended.
    answers: Receiver<Option<Result<Setting>>>,
}

impl Running {
    fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| Error::io(say!("starting the typesetter"), program, &e))?;
        let (work, messages) = channel::<Vec<u8>>();
        let (tell, answers) = channel();
        if let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) {
            std::thread::spawn(move || {
                for message in messages {
                    // Where it does not listen any more, reading tells so too.
                    let _sent = std::io::Write::write_all(&mut to, &message);
                    if tell.send(Setting::read(&mut from).transpose()).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Self { child, work, answers })
    }

    /// Ends the child; how it had ended, if it had.
    fn end(&mut self) -> Option<std::process::ExitStatus> {
        // It may be gone already.
        let _killed = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A typesetter whose program is this shell script, given so many seconds.
    fn script(folder: &Path, text: &str, seconds: u64) -> ChildTypesetter {
        let program = folder.join("typesetter");
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        ChildTypesetter::new(program, Duration::from_secs(seconds))
    }

    #[test]
    fn whatever_the_child_does_the_document_fails_by_name_and_in_time() {
        let folder = tempfile::tempdir().unwrap();
        // More than a pipe holds.
        let manuscript = Manuscript { layout: "x".repeat(1 << 20), ..Manuscript::default() };
        // One that dies is not mistaken for a slow one on a busy machine.
        let (hangs, dies) = (1, 50);
        for (text, seconds, told) in [
            ("exit 7", dies, "ended while it set the document (exit status: 7)"),
            ("kill -ABRT $$", dies, "ended while it set the document (signal: 6"),
            ("head -c 9 /dev/zero; cat >/dev/null", dies, "answer is unusable"),
            ("sleep 100", hangs, "did not set the document within 1 s"),
            ("cat >/dev/null; sleep 100", hangs, "did not set the document within 1 s"),
            // Either side waits for the other to read.
            ("while :; do echo nonsense; done", hangs, "did not set the document within 1 s"),
        ] {
            let typesetter = script(folder.path(), text, seconds);
            let began = std::time::Instant::now();
            let error = typesetter.set(&manuscript).unwrap_err();
            assert!(error.what.contains(told), "{text}: {error}");
            assert_eq!(error.path.as_deref(), Some(typesetter.program.as_path()));
            assert!(began.elapsed() < Duration::from_secs(60), "{text}");
        }
    }

    #[test]
    fn a_program_that_cannot_be_started_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("no-program");
        std::fs::write(&program, "not a program").unwrap();
        let error = ChildTypesetter::new(program.clone(), PATIENCE).set(&Manuscript::default());
        assert_eq!(error.unwrap_err().path, Some(program));
    }
}
