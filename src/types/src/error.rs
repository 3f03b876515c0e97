//! Errors that tell a person what happened, to which file, and what to do next.

use crate::message::{Message, say};
use std::path::{Path, PathBuf};

/// The result of anything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What sort of thing went wrong; machine-readable through [`Kind::code`].
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The operating system refused to read or write.
    Io,
    /// The file's content is none of the formats this program reads.
    UnknownFormat,
    /// The file ends early, contradicts itself or breaks its format.
    Damaged,
    /// The file claims more points or bytes than the configured limit.
    TooLarge,
    /// The lateral resolution is neither in the file nor in the manifest.
    UnknownPixelSize,
    /// A manifest row or a command's argument is unusable.
    BadInput,
    /// No usable mark was found in the scan.
    NoMark,
    /// The scan agrees far better with another mirrored or negated.
    Mirrored,
    /// Two things that must not be compared (mark kind, recipe, modality).
    Incomparable,
    /// The evidence store is damaged or of an unknown version.
    Store,
    /// Another process is writing to the store.
    Locked,
    /// A named thing is not in the store.
    NotFound,
    /// A defect in this program.
    Internal,
}

impl Kind {
    /// A short stable code for machine-readable summaries.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::UnknownFormat => "unknown_format",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::UnknownPixelSize => "unknown_pixel_size",
            Self::BadInput => "bad_input",
            Self::NoMark => "no_mark",
            Self::Mirrored => "mirrored",
            Self::Incomparable => "incomparable",
            Self::Store => "store",
            Self::Locked => "locked",
            Self::NotFound => "not_found",
            Self::Internal => "internal",
        }
    }
}

/// One failure: its kind, what happened, the file concerned and the advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The sort of failure.
    pub kind: Kind,
    /// What happened, as a sentence without a full stop.
    pub what: Message,
    /// The file or folder concerned, where there is one.
    pub path: Option<PathBuf>,
    /// What the person can do next.
    pub advice: Option<Message>,
    /// What lay behind it, for a log.
    pub cause: Option<Cause>,
}

/// An error of a library or the system that lay behind a failure, in words: what
/// it said, and what lay behind that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    said: String,
    behind: Option<Box<Self>>,
}

impl Cause {
    /// The words of an error and of those behind it.
    pub fn of(error: &dyn std::error::Error) -> Self {
        let behind = error.source().map(|source| Box::new(Self::of(source)));
        Self { said: error.to_string(), behind }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.behind.as_deref().map(|cause| cause as _)
    }
}

impl Error {
    /// A failure of `kind`; add the file and the advice with the builders.
    pub fn new(kind: Kind, what: Message) -> Self {
        Self { kind, what, path: None, advice: None, cause: None }
    }

    /// An operating-system error met while doing `doing` to `path`.
    pub fn io(doing: Message, path: &Path, error: &std::io::Error) -> Self {
        Self::new(Kind::Io, say!("{doing} failed: {error}")).at(path).because(error)
    }

    /// Keeps the error that lay behind this one (an inner one is kept).
    #[must_use]
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        self.cause.get_or_insert_with(|| Cause::of(error));
        self
    }

    /// Names the file concerned (an inner, more precise name is kept).
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path.get_or_insert_with(|| path.as_ref().to_owned());
        self
    }

    /// Says what to do next (an inner, more precise advice is kept).
    #[must_use]
    pub fn advise(mut self, advice: Message) -> Self {
        self.advice.get_or_insert(advice);
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        write!(f, "{}", self.what)?;
        if let Some(advice) = &self.advice {
            write!(f, " ({advice})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}
