//! Doubles among requests for traces: how many are found out, how often wrongly,
//! and how long it takes among a million.
//!
//! ```text
//! cargo bench --bench doubles                      10 000 requests; speed among 1 000 000
//! cargo bench --bench doubles -- --known 20000     speed among fewer
//! cargo bench --bench doubles -- --json FILE       the figures for a program
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use casework::trace::doubles::Doubles;
use casework::trace::doubles::DoublesTold;
use std::time::{Duration, Instant};
use synthetic::requests::{Detail, again, bare, firsts, neighbours};
use types::evidence::TraceRequest;

const SEED: u64 = 7;
const MEASURED: usize = 10_000;
/// Queries timed.
const TIMED: usize = 2_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let known: usize =
        option("--known").map_or(1_000_000, |n| n.parse().expect("a number of requests"));
    let mut sets = Vec::new();
    for (what, detail, with_neighbours) in [
        ("usual requests, production neighbours among the others", Detail::Usual, true),
        ("serial and make alone, other firearms at random", Detail::SerialAndMake, false),
        (
            "serial and make alone, production neighbours among the others",
            Detail::SerialAndMake,
            true,
        ),
    ] {
        let (told, others) = measured(detail, with_neighbours);
        let (recall, precision) = (told.recall(), told.precision());
        println!("{what}: recall {recall:.4}, precision {precision:.4}, {others} other firearms");
        sets.push(serde_json::json!({
            "set": what, "doubles": told.doubles, "others": others, "found": told.found,
            "wrong": told.wrong, "recall": recall, "precision": precision,
        }));
    }
    let requests: Vec<TraceRequest> = firsts(SEED, known);
    let begun = Instant::now();
    let doubles = Doubles::among(&requests);
    let built = begun.elapsed();
    let queries = again(SEED, &requests[..TIMED.min(known)], Detail::Usual);
    let mut times: Vec<Duration> = queries
        .iter()
        .map(|query| {
            let begun = Instant::now();
            std::hint::black_box(doubles.of(query));
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let (median, most) = (ms(times[times.len() / 2]), ms(times[times.len() - 1]));
    let index_s = built.as_secs_f64();
    println!(
        "{known} requests indexed in {index_s:.1} s; a query takes {median:.3} ms, at most {most:.3} ms"
    );
    if let Some(path) = option("--json") {
        let figures = serde_json::json!({
            "sets": sets, "known": known, "index_s": index_s,
            "query_ms_median": median, "query_ms_most": most, "queries": times.len(),
        });
        std::fs::write(path, figures.to_string()).unwrap();
    }
}

/// Half of the queries are doubles, half other firearms.
fn measured(detail: Detail, with_neighbours: bool) -> (DoublesTold, usize) {
    let known = firsts(SEED, MEASURED);
    let others = match with_neighbours {
        true => neighbours(SEED, &known),
        false => firsts(SEED + 1, MEASURED),
    };
    let other = |(n, request): (usize, TraceRequest)| {
        let id = format!("X{n:07}").parse().unwrap();
        bare(TraceRequest { id, ..request }, detail)
    };
    let others: Vec<_> = others.into_iter().enumerate().map(other).collect();
    let bared: Vec<_> = known.iter().cloned().map(|request| bare(request, detail)).collect();
    (DoublesTold::of(&bared, &again(SEED, &known, detail), &others), others.len())
}
