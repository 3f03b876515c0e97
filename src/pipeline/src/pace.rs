//! How much is done between two commits: as much as takes some seconds, so that
//! a kill at any moment loses little.

use std::time::{Duration, Instant};

/// What a commit should hold in work. A clock decides only where one commit
/// ends and the next begins, never what they say.
const BETWEEN_COMMITS: Duration = Duration::from_secs(3);

/// The size of the next portion of a stage.
pub struct Pace {
    size: usize,
    most: usize,
    began: Instant,
}

impl Pace {
    /// Begins with `first` items; never more than `most`.
    pub fn new(first: usize, most: usize) -> Self {
        Self { size: first.clamp(1, most), most, began: Instant::now() }
    }

    /// Takes the next portion off `rest`; none at its end. The time since the
    /// last portion was taken tells how large this one may be.
    pub fn next<'a, T>(&mut self, rest: &mut &'a [T]) -> Option<&'a [T]> {
        let (part, after) = rest.split_at(self.size.min(rest.len()));
        *rest = after;
        self.began = Instant::now();
        (!part.is_empty()).then_some(part)
    }

    /// Told that a portion is committed.
    pub fn done(&mut self) {
        self.adapt(self.began.elapsed());
    }

    /// No more than doubles, for the next items may be slower ones.
    fn adapt(&mut self, took: Duration) {
        let share = BETWEEN_COMMITS.as_secs_f64() / took.as_secs_f64().max(1e-6);
        let size = self.size as f64 * share.clamp(0.1, 2.0);
        self.size = (size as usize).clamp(1, self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_cover_everything_and_follow_the_time_they_take() {
        let all: Vec<u32> = (0..1000).collect();
        let (mut rest, mut seen, mut pace) = (all.as_slice(), Vec::new(), Pace::new(8, 100));
        while let Some(part) = pace.next(&mut rest) {
            assert!(part.len() <= 100);
            seen.extend_from_slice(part);
            pace.done();
        }
        assert_eq!(seen, all);
        assert_eq!(pace.size, 100);
        pace.adapt(Duration::from_secs(30));
        assert_eq!(pace.size, 10);
        pace.adapt(Duration::from_secs(3000));
        assert_eq!(pace.size, 1);
    }
}
