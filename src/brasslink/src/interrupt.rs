//! Ctrl-C during a long job: what is in the store stays, and the person is told
//! how to go on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use types::message::{Message, say};
use types::system::{end_interrupted, when_asked_to_end};

/// What the stages of this process have put into the store so far.
static KEPT: Mutex<BTreeMap<&'static str, u64>> = Mutex::new(BTreeMap::new());

/// Counts what was committed.
pub fn kept(what: &'static str, n: u64) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += n;
}

/// From now on an interruption is answered with what was done and what is left.
pub fn listen() {
    when_asked_to_end(|| {
        super::output::aside(in_words());
        // A commit that was being written never happened; nothing else may run in
        // this process any more.
        end_interrupted();
    });
}

fn in_words() -> Message {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let done = match kept.is_empty() {
        true => say!("nothing new"),
        false => {
            let each = kept.iter().map(|(what, n)| say!("{n} {}", Message::phrase(what)));
            Message::joined(each, ", ")
        }
    };
    say!(
        "interrupted: {done} stored in this run and kept. Run the same command again: it goes on \
         from there and does at most some seconds of work twice"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_stored_is_told() {
        super::kept("comparisons", 40);
        super::kept("comparisons", 2);
        assert!(
            super::in_words().to_string().contains("42 comparisons stored"),
            "{}",
            super::in_words()
        );
    }
}
