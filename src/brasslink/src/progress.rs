//! Progress for people: a bar with the time left on a terminal, plain lines
//! elsewhere, nothing when quiet.

use super::speech::told;
use super::{Say, interrupt};
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Progress;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use types::message::{Message, say};

/// Shows how far a stage is, on standard error.
pub struct Shown {
    say: Say,
    terminal: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Shown {
    /// For this run's loudness and standard error.
    pub fn new(say: Say) -> Self {
        Self { say, terminal: std::io::stderr().is_terminal(), bar: Mutex::new(None) }
    }

    fn with(&self, act: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            act(bar);
        }
    }
}

impl Progress for Shown {
    fn begin(&self, stage: &Message, total: u64) {
        if self.say.quiet {
            return;
        }
        if !self.terminal {
            super::output::aside(say!("{stage}: {total}"));
            return;
        }
        let look = told(&say!("{} left", "{msg:28} {bar:30} {pos}/{len}  {eta}"));
        let style =
            ProgressStyle::with_template(&look).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total).with_style(style).with_message(told(stage));
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, steps: u64) {
        self.with(|bar| bar.inc(steps));
    }

    fn end(&self) {
        self.with(ProgressBar::finish);
    }

    fn kept(&self, what: &'static str, n: u64) {
        interrupt::kept(what, n);
    }

    fn note(&self, text: &Message) {
        if self.say.verbose {
            super::output::aside(text);
        }
    }
}
