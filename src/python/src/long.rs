//! Work that takes long: beside the interpreter, told of as it goes on, ended
//! by Ctrl-C.

use crate::error::raise;
use imaging::search::Watch;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// How often the interpreter is told how far the work is.
const TICK: Duration = Duration::from_millis(50);

/// How far a piece of work is, and whether it is to end.
#[derive(Default)]
pub struct Watcher {
    stage: Mutex<String>,
    total: AtomicU64,
    done: AtomicU64,
    stopped: AtomicBool,
    finished: Mutex<bool>,
    ended: Condvar,
}

impl Watcher {
    /// An error where the work is to end: what is returned then is not seen.
    ///
    /// # Errors
    /// [`Kind::Internal`] once somebody interrupted it.
    pub fn go_on(&self) -> Result<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Internal, say!("interrupted")));
        }
        Ok(())
    }

    /// A stage of so many steps begins.
    pub fn stage(&self, name: &str, total: u64) {
        name.clone_into(&mut held(&self.stage));
        self.total.store(total, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    /// Waits a tick; whether the work has ended.
    fn has_ended(&self) -> bool {
        let finished = held(&self.finished);
        let waited = self.ended.wait_timeout_while(finished, TICK, |finished| !*finished);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn tell(&self, py: Python<'_>, callback: Option<&Py<PyAny>>) -> PyResult<()> {
        let Some(callback) = callback else { return Ok(()) };
        let stage = held(&self.stage).clone();
        let [done, total] = [&self.done, &self.total].map(|n| n.load(Ordering::Relaxed));
        callback.call1(py, (stage, done, total)).map(drop)
    }
}

/// Nothing panics while it holds one of these.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch for Watcher {
    fn done(&self, pairs: usize) {
        self.done.fetch_add(pairs as u64, Ordering::Relaxed);
    }
}

impl pipeline::Progress for Watcher {
    fn begin(&self, stage: &Message, total: u64) {
        self.stage(&stage.to_string(), total);
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }

    fn end(&self) {}

    fn note(&self, _text: &Message) {}

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Does `work` on a thread of its own, without the interpreter's lock. Some
/// twenty times a second `callback(stage, done, total)` is called, if there is
/// one, and signals are looked for; what either raises ends the work.
///
/// # Errors
/// The failure of the work, as an exception, or what was raised meanwhile.
pub fn long<T: Send>(
    py: Python<'_>,
    callback: Option<Py<PyAny>>,
    work: impl FnOnce(&Watcher) -> Result<T> + Send,
) -> PyResult<T> {
    let watcher = Watcher::default();
    py.detach(|| {
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let done = work(&watcher);
                *held(&watcher.finished) = true;
                watcher.ended.notify_all();
                done
            });
            let mut raised = None;
            while !watcher.has_ended() && !worker.is_finished() {
                let told = Python::attach(|py| {
                    py.check_signals()?;
                    watcher.tell(py, callback.as_ref())
                });
                if let Err(e) = told {
                    watcher.stopped.store(true, Ordering::Relaxed);
                    raised = Some(e);
                    break;
                }
            }
            let done = worker.join().unwrap_or_else(|_| {
                Err(Error::new(Kind::Internal, say!("a thread of the work ended early")))
            });
            match raised {
                Some(e) => Err(e),
                None => {
                    let done = done.map_err(raise)?;
                    Python::attach(|py| watcher.tell(py, callback.as_ref()))?;
                    Ok(done)
                }
            }
        })
    })
}
