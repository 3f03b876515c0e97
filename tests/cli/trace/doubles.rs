//! Doubles measured on generated requests.

use casework::trace::doubles::DoublesTold;
use synthetic::requests::{Detail, again, bare, firsts, neighbours};
use types::evidence::TraceRequest;

const SEED: u64 = 20_261;
const COUNT: usize = 10_000;

fn told(detail: Detail, others: Vec<TraceRequest>) -> DoublesTold {
    let known = firsts(SEED, COUNT);
    let queries = again(SEED, &known, detail);
    let known: Vec<_> = known.into_iter().map(|request| bare(request, detail)).collect();
    let others: Vec<_> = others
        .into_iter()
        .zip(0..)
        .map(|(request, n)| {
            bare(TraceRequest { id: format!("X{n}").parse().unwrap(), ..request }, detail)
        })
        .collect();
    let told = DoublesTold::of(&known, &queries, &others);
    println!("{detail:?}: recall {:.4}, precision {:.4}", told.recall(), told.precision());
    assert_eq!(told.doubles, COUNT);
    told
}

#[test]
fn single_slips_are_found_out_among_neighbours_in_production() {
    let others = neighbours(SEED, &firsts(SEED, COUNT));
    assert!(others.len() > COUNT / 2);
    let told = told(Detail::Usual, others);
    assert!(told.recall() >= 0.98 && told.precision() >= 0.9, "{told:?}");
}

#[test]
fn serial_and_make_alone_are_enough_where_no_neighbours_are() {
    let told = told(Detail::SerialAndMake, firsts(SEED + 1, COUNT));
    assert!(told.recall() >= 0.98 && told.precision() >= 0.9, "{told:?}");
}

#[test]
fn without_context_a_neighbour_is_no_likely_double() {
    let told = told(Detail::SerialAndMake, neighbours(SEED, &firsts(SEED, COUNT)));
    assert!(told.precision() >= 0.9, "{told:?}");
}
