//! HDF5 files that no manifest vouches for.
//!
//! libhdf5 is not made for hostile files: some crash it, some make it
//! allocate without end. So such a file is looked at only by a child process
//! of this program, which limits its own address space first and is killed
//! when it takes too long; whatever becomes of the child, this process gets an
//! answer or a refusal.

use super::layout::{CellColumns, CommitColumns, EachTable, TableRow};
use super::segment::SealedFile;
use super::snapshot::{FILTER, TEMPLATE_BYTES, TEXT};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::system::{limit_address_space, processor_time};

/// The name of the hidden command that makes this program such a child.
pub const COMMAND: &str = "inspect-confined";
/// Address space of the child.
const ADDRESS_SPACE: u64 = 1 << 30;
/// How much time of a processor a small file may take.
const PATIENCE: Duration = Duration::from_millis(800);
/// What a larger one may take more, for each byte.
const PATIENCE_PER_BYTE: Duration = Duration::from_nanos(100);
/// How often that may pass by the clock: on a busy machine the child waits for
/// its turn, which says nothing against the file.
const TURNS: u32 = 40;
/// Largest dataset that is read of a file that no store vouches for, in bytes.
pub const LARGEST: u64 = 256 << 20;

/// A dataset of an inspected file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its path within the file.
    pub name: String,
    /// How many elements it has.
    pub elements: u64,
}

/// What a file holds that has the form of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The format version it states.
    pub version: u32,
    /// What it holds.
    pub datasets: Vec<Listed>,
}

/// What the child answers about one file, in one line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Listing(Listing),
    Refused { what: Message },
}

/// Reads everything of a file that has the form of a segment.
///
/// Only for a process that may die: see [`list_confined`].
///
/// # Errors
/// [`Kind::Store`], naming the object, if there is anything in it that a
/// segment does not have.
pub fn inspect(path: &Path) -> Result<Listing> {
    let file = SealedFile::open(path)?.with_largest(LARGEST);
    let version = file.version()?;
    let mut reading = Reading { file: &file, datasets: Vec::new() };
    reading.all()?;
    reading.table::<CommitColumns>()?;
    reading.table::<CellColumns>()?;
    for name in [TEXT, TEMPLATE_BYTES, FILTER] {
        reading.bytes(name)?;
    }
    for name in file.names("originals")? {
        reading.bytes(&format!("originals/{name}"))?;
    }
    for name in file.names("mark_values")? {
        let name = format!("mark_values/{name}");
        let elements = file.map(&name)?.0.len() as u64;
        reading.datasets.push(Listed { name, elements });
    }
    let datasets = reading.datasets;
    for name in file.everything()? {
        if !datasets.iter().any(|d| d.name == name) {
            return Err(file.refuse(&name, say!("does not belong in a segment")));
        }
    }
    Ok(Listing { version, datasets })
}

struct Reading<'a> {
    file: &'a SealedFile,
    datasets: Vec<Listed>,
}

impl EachTable for Reading<'_> {
    fn table<R: TableRow>(&mut self) -> Result<()> {
        if self.file.has(R::TABLE) {
            let rows = self.file.table::<R>()?;
            rows.iter().try_for_each(|row| row.keys().map(drop))?;
            let (name, elements) = (R::TABLE.to_owned(), rows.len() as u64);
            self.datasets.push(Listed { name, elements });
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn bytes(&mut self, name: &str) -> Result<()> {
        if self.file.has(name) {
            let elements = self.file.read::<u8>(name)?.len() as u64;
            self.datasets.push(Listed { name: name.to_owned(), elements });
        }
        Ok(())
    }
}

/// The child's whole life: limits itself, then answers with a line for every
/// path it reads.
///
/// # Errors
/// [`Kind::Io`] if it cannot be confined or nobody listens any more.
pub fn serve(paths: impl BufRead, answers: &mut dyn Write) -> Result<()> {
    let io = |e: std::io::Error| Error::io(say!("inspecting"), Path::new("-"), &e);
    limit_address_space(ADDRESS_SPACE).map_err(io)?;
    for path in paths.lines() {
        let answer = match inspect(Path::new(&path.map_err(io)?)) {
            Ok(listing) => Answer::Listing(listing),
            Err(e) => Answer::Refused { what: e.what },
        };
        let line = serde_json::to_string(&answer)
            .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
        writeln!(answers, "{line}").and_then(|()| answers.flush()).map_err(io)?;
    }
    Ok(())
}

/// A child that inspects files, and is replaced when one kills it.
pub struct Inspector<'a> {
    program: &'a Path,
    running: Option<Running>,
    /// How often a file ended the child.
    pub deaths: u64,
}

struct Running {
    child: Child,
    answers: Receiver<String>,
}

impl Running {
    /// The child's next line, unless it works longer than `patience` on it or
    /// does not get to it for [`TURNS`] times as long.
    fn answer(&self, patience: Duration) -> std::result::Result<String, RecvTimeoutError> {
        let began = self.worked();
        for _ in 0..TURNS {
            match self.answers.recv_timeout(patience) {
                Err(RecvTimeoutError::Timeout) => {}
                other => return other,
            }
            let worked = self.worked().zip(began).map(|(now, then)| now.saturating_sub(then));
            // Where the system does not tell, the clock decides.
            if worked.is_none_or(|worked| worked >= patience) {
                break;
            }
        }
        Err(RecvTimeoutError::Timeout)
    }

    /// The processor time that the child has had, where the system tells.
    fn worked(&self) -> Option<Duration> {
        processor_time(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It is gone already, or is not wanted any more.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl<'a> Inspector<'a> {
    /// An inspector whose children are `program`, which is this program.
    pub const fn new(program: &'a Path) -> Self {
        Self { program, running: None, deaths: 0 }
    }

    fn start(&self) -> Result<Running> {
        let io = |e: std::io::Error| Error::io(say!("starting"), self.program, &e);
        let mut child = Command::new(self.program)
            .arg(COMMAND)
            // An unknown filter makes libhdf5 look for plug-ins; it finds none.
            .env("HDF5_PLUGIN_PRELOAD", "::")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(io)?;
        let (send, answers) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(std::io::Result::ok);
                lines.map_while(|line| send.send(line).ok()).for_each(drop);
            });
        }
        Ok(Running { child, answers })
    }

    /// What the file at `path` holds.
    ///
    /// # Errors
    /// [`Kind::Store`] if it does not have the form of a segment, or if the
    /// child died of it or took too long.
    pub fn list(&mut self, path: &Path) -> Result<Listing> {
        let refused = |what: Message| {
            Error::new(Kind::Store, what)
                .at(path)
                .advise(say!("do not use this file; ask whoever sent it for another copy"))
        };
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let asked = running.child.stdin.as_mut().is_some_and(|input| {
            writeln!(input, "{}", path.display()).and_then(|()| input.flush()).is_ok()
        });
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
        let more = PATIENCE_PER_BYTE.saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
        let answer = if asked {
            running.answer(PATIENCE + more)
        } else {
            Err(RecvTimeoutError::Disconnected)
        };
        match answer {
            Ok(line) => {
                self.running = Some(running);
                match serde_json::from_str(&line) {
                    Ok(Answer::Listing(listing)) => Ok(listing),
                    Ok(Answer::Refused { what }) => Err(refused(what)),
                    Err(e) => Err(refused(say!("the inspecting process said: {e}"))),
                }
            }
            Err(why) => {
                self.deaths += 1;
                Err(refused(match why {
                    RecvTimeoutError::Timeout => say!("reading the file took too long"),
                    RecvTimeoutError::Disconnected => say!("reading the file broke the reader"),
                }))
            }
        }
    }
}

/// What the file at `path` holds, as a confined child of `program` (this
/// program's own file) says.
///
/// # Errors
/// As [`Inspector::list`].
pub fn list_confined(program: &Path, path: &Path) -> Result<Listing> {
    Inspector::new(program).list(path)
}
