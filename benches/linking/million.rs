//! A million casings with short candidate lists: linking them, and adding one.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statistics::link::{Casework, Linker, ScoreTable, Settings};
use std::time::Instant;

const CASINGS: u32 = 1_000_000;
const CANDIDATES: u32 = 20;

fn name(c: u32) -> String {
    format!("C{c:07}")
}

/// Groups of one to five casings side by side; the other candidates are drawn
/// at random from the whole gallery.
fn score(random: &mut ChaCha8Rng, same: bool) -> f64 {
    let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    if same { 15.0 + 3.0 * normal } else { normal }
}

/// Prints CPU-bound wall times and the peak of memory, as rows of Markdown.
pub fn million() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut first = Vec::new();
    while first.len() < CASINGS as usize {
        let start = first.len() as u32;
        let size = random.random_range(1..=5).min(CASINGS - start);
        first.extend((0..size).map(|_| (start, size)));
    }
    let mut rows = Vec::new();
    for c in 0..CASINGS {
        let (start, size) = first[c as usize];
        let mates = (start..start + size).filter(|&m| m > c).collect::<Vec<_>>();
        let others =
            (0..CANDIDATES - size).map(|_| random.random_range(0..CASINGS)).collect::<Vec<_>>();
        for other in mates.into_iter().chain(others).filter(|&o| o != c) {
            rows.push((c, other, score(&mut random, first[other as usize].0 == start)));
        }
    }
    println!(
        "| casings | candidate pairs | table s | linked s | adding one casing ms, mean | slowest of 100 | groups | firearms | peak memory MiB |\n|---|---|---|---|---|---|---|---|---|"
    );
    let pairs = rows.len();
    let begun = Instant::now();
    let rows = rows.into_iter().map(|(a, b, s)| (name(a), name(b), s));
    let table = ScoreTable::new([], rows).unwrap();
    let read = begun.elapsed().as_secs_f64();
    let mut linker = Linker::new(table, Casework::default(), Settings::default()).unwrap();
    let linked = begun.elapsed().as_secs_f64();
    let (mut slowest, mut total) = (0.0f64, 0.0);
    // The first addition pays for the allocator's tidying after linking.
    for k in 0..=100 {
        let (start, size) = first[random.random_range(0..CASINGS as usize)];
        let mut scores: Vec<(String, f64)> =
            (start..start + size).map(|m| (name(m), score(&mut random, true))).collect();
        scores.extend(
            (size..CANDIDATES)
                .map(|_| (name(random.random_range(0..CASINGS)), score(&mut random, false))),
        );
        let begun = Instant::now();
        linker.add(&format!("new {k}"), &scores).unwrap();
        let took = begun.elapsed().as_secs_f64();
        if k > 0 {
            slowest = slowest.max(took);
            total += took;
        }
    }
    let guns = first.iter().map(|f| f.0).collect::<std::collections::BTreeSet<_>>().len();
    println!(
        "| {CASINGS} | {pairs} | {read:.1} | {linked:.1} | {:.2} | {:.2} | {} | {guns} | {} |",
        10.0 * total,
        1e3 * slowest,
        linker.groups().len(),
        peak_mib().map_or_else(String::new, |m| m.to_string()),
    );
}

/// The most memory that this process has held.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
