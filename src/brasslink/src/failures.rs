//! What failed, told to a person: equal failures once, with their rows.

use pipeline::Failed;
use std::collections::BTreeMap;
use types::message::{Message, say};

/// Names that are told of files which failed alike.
const NAMED: usize = 3;

/// One thing that went wrong, wherever it did.
struct Alike<'a> {
    first: &'a Failed,
    /// Files in the order of the first failure of each, with the lines told.
    files: Vec<(&'a Message, Vec<u64>)>,
    rows: usize,
}

/// Every failure, equal ones in one text, in the order of the first of each;
/// with it what to do next.
pub(super) fn told(failures: &[Failed]) -> Vec<(Message, Option<&Message>)> {
    let mut known = BTreeMap::new();
    let mut all: Vec<Alike<'_>> = Vec::new();
    for failed in failures {
        let key = (failed.kind.code(), &failed.reason, &failed.advice);
        let at = *known.entry(key).or_insert(all.len());
        if at == all.len() {
            all.push(Alike { first: failed, files: Vec::new(), rows: 0 });
        }
        if let Some(alike) = all.get_mut(at) {
            alike.rows += 1;
            match alike.files.iter_mut().find(|(file, _)| **file == failed.file) {
                Some((_, lines)) => lines.extend(failed.line),
                None => alike.files.push((&failed.file, failed.line.into_iter().collect())),
            }
        }
    }
    all.iter().map(|alike| (alike.text(), alike.first.advice.as_ref())).collect()
}

impl Alike<'_> {
    fn text(&self) -> Message {
        let Self { first, files, rows } = self;
        let named = |name: Message, lines: &[u64]| match lines {
            [] => name,
            [line] => say!("{name} (line {line})"),
            more => say!("{name} (lines {})", spans(more)),
        };
        // One row a scan: the lines are those of one manifest.
        let each_once = files.len() == *rows && files.len() > 1;
        let places = if each_once {
            let mut names: Vec<Message> =
                files.iter().take(NAMED).map(|(file, _)| (*file).clone()).collect();
            if *rows > NAMED {
                names.push(say!("{} more", rows.saturating_sub(NAMED)));
            }
            let mut all: Vec<u64> = files.iter().flat_map(|(_, lines)| lines.clone()).collect();
            all.sort_unstable();
            named(Message::joined(names, ", "), &all)
        } else {
            let of = |(file, own): &(&Message, Vec<u64>)| named((*file).clone(), own);
            Message::joined(files.iter().map(of), ", ")
        };
        match *rows > 1 {
            true => say!("{rows} times: {places}: {}", first.reason),
            false => say!("{places}: {}", first.reason),
        }
    }
}

/// Ascending line numbers as `3, 5-9`.
pub(super) fn spans(lines: &[u64]) -> String {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for &line in lines {
        match spans.last_mut() {
            Some((_, last)) if line <= *last + 1 => *last = line,
            _ => spans.push((line, line)),
        }
    }
    let text = |(a, b): &(u64, u64)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    spans.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::error::{Error, Kind};

    #[test]
    fn lines_are_told_as_spans() {
        assert_eq!(spans(&[3, 5, 6, 7, 9]), "3, 5-7, 9");
    }

    #[test]
    fn equal_failures_are_told_once_with_their_rows() {
        let failed = |file: &str, line: u64, why: &str| {
            Failed::of(
                file,
                Some(line),
                &Error::new(Kind::Damaged, Message::foreign(why))
                    .advise(Message::foreign("copy it again")),
            )
        };
        let mut failures: Vec<Failed> =
            (2..7).map(|n| failed(&format!("{n}.x3p"), n, "it is empty")).collect();
        failures.insert(2, failed("odd.x3p", 9, "it is cut short"));
        failures.extend([3, 4, 8].map(|n| failed("firearm.csv", n, "no such make")));
        let told: Vec<String> =
            told(&failures).into_iter().map(|(text, _)| text.to_string()).collect();
        assert_eq!(
            told,
            [
                "5 times: 2.x3p, 3.x3p, 4.x3p, 2 more (lines 2-6): it is empty",
                "odd.x3p (line 9): it is cut short",
                "3 times: firearm.csv (lines 3-4, 8): no such make",
            ]
        );
    }
}
