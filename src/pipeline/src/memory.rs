//! The memory that reading and preparing scans may take.
//!
//! A scan of a few hundred kilobytes can claim more points than the machine has
//! room for, and a process that runs out of memory ends with all its work. So
//! what a scan will take is told from its header, and taken from what is free
//! when the run begins: a scan waits until there is room, and one for which
//! there never is fails by itself.

use imaging::acquire::{MOST_POINTS, ReadOptions, read_scan_bytes, shape_of};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use types::error::{Error, Kind, Result};
use types::files::read_file;
use types::message::say;
use types::scan::Scan;
use types::system::free_memory;

/// Bytes that reading takes for each point of the file: a height (8 bytes) or
/// up to four samples of two bytes, the value made of them, and a copy.
const READING: u64 = 24;
/// Bytes that preparing takes for each point that is handed on.
const PREPARING: u64 = 70;
/// Of what is free, this share is given out, in percent; the rest is for the
/// batch, the store and the allocator.
const SHARE: u64 = 60;
/// Where the system does not say what is free.
const UNSAID: u64 = 4 << 30;

/// Memory to be given out.
pub struct Memory {
    total: u64,
    free: Mutex<u64>,
    returned: Condvar,
}

/// Memory that was given out; it is returned when this is dropped.
pub struct Held<'a> {
    memory: &'a Memory,
    bytes: u64,
}

impl Memory {
    /// What is free now, within the limits of the process.
    pub fn free_now() -> Self {
        Self::of(free_memory().unwrap_or(UNSAID) / 100 * SHARE)
    }

    /// An equal share of it for each of so many processes that begin together.
    pub fn shared(among: u64) -> Self {
        Self::of(free_memory().unwrap_or(UNSAID) / 100 * SHARE / among.max(1))
    }

    /// So many bytes.
    pub const fn of(total: u64) -> Self {
        Self { total, free: Mutex::new(total), returned: Condvar::new() }
    }

    /// Reads a scan when there is room for reading and preparing it.
    ///
    /// # Errors
    /// Those of [`read_scan`](imaging::acquire::read_scan); [`Kind::TooLarge`]
    /// where there is never room.
    pub fn read_scan(&self, path: &Path, options: &ReadOptions) -> Result<(Scan, Held<'_>)> {
        let read = || {
            let length = std::fs::metadata(path).map_or(0, |m| m.len());
            let mut held = self.take(length.min(options.max_file_bytes))?;
            let bytes = read_file(path, options.max_file_bytes)?;
            let (ny, nx) = shape_of(&bytes, options)?;
            let points = ny as u64 * nx as u64;
            let needed = points * READING + points.min(MOST_POINTS as u64) * PREPARING;
            let length = held.bytes;
            // Given back first: of two that hold a part and wait for the rest,
            // neither would go on.
            drop(held);
            held = self.take(length + needed)?;
            Ok((read_scan_bytes(&bytes, options)?, held))
        };
        read().map_err(|e: Error| e.at(path))
    }

    fn take(&self, bytes: u64) -> Result<Held<'_>> {
        if bytes > self.total {
            let mega = |bytes: u64| bytes >> 20;
            let what = say!(
                "reading and preparing this scan takes about {} MB, and {} MB are to be had",
                mega(bytes),
                mega(self.total)
            );
            return Err(Error::new(Kind::TooLarge, what)
                .advise(say!("crop the scan to the mark, or give the program more memory")));
        }
        let mut free = self.lock();
        while *free < bytes {
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Ok(Held { memory: self, bytes })
    }

    /// Nothing panics while it holds this.
    fn lock(&self) -> MutexGuard<'_, u64> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.memory.lock() += self.bytes;
        self.memory.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_and_what_is_taken_is_waited_for() {
        let memory = Memory::of(100);
        assert_eq!(memory.take(101).err().map(|e| e.kind), Some(Kind::TooLarge));
        let held = memory.take(60).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| memory.take(50).map(|held| held.bytes));
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!waiting.is_finished());
            drop(held);
            assert_eq!(waiting.join().unwrap().unwrap(), 50);
        });
        assert_eq!(*memory.lock(), 100);
    }
}
