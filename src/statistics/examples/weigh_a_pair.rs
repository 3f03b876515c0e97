//! Fits a population to a table of labelled pairs and weighs a new comparison.
//!
//! `cargo run --release -p brasslink-statistics --example weigh_a_pair -- PAIRS.csv CONGRUENT TRIED`
//!
//! The table says of each pair whether one firearm fired both (`same_source`, or
//! `firearm_a` and `firearm_b`) and how many cells agreed (`congruent_cells`, `cells`).

use brasslink_statistics::types::error::{Error, Kind, Result};
use brasslink_statistics::types::evidence::MarkKind;
use brasslink_statistics::types::message::say;
use brasslink_statistics::weigh::{
    Cells, Circumstances, Description, Measured, Plan, Population, Reading, read_pairs,
};

fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let usage = || Error::new(Kind::BadInput, say!("PAIRS.csv CONGRUENT TRIED are needed"));
    let [pairs, congruent, tried] = given.as_slice() else { return Err(usage()) };
    let number = |text: &String| text.parse::<u32>().map_err(|_| usage());
    let cells = Cells { congruent: number(congruent)?, tried: number(tried)? };

    let set = read_pairs(pairs.as_ref(), &Reading::default())?;
    let about = Description { name: pairs.clone(), ..Description::default() };
    let population = Population::calibrate(&set, about, Plan::default())?;

    let mark = MarkKind::BreechFace;
    let measured =
        Measured { mark, score: None, cells: Some(cells), overlap_mm2: None, area_mm2: None };
    let weight = population.weigh(&[measured], &Circumstances::default())?;
    println!(
        "log10 LR {:.2}, 95 % interval {:.2} to {:.2}, of {} firearms",
        weight.log10_lr, weight.log10_lower, weight.log10_upper, population.firearms
    );
    for flag in &weight.flags {
        println!("take care: {}", flag.words());
    }
    Ok(())
}
