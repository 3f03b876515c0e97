//! Compares the breech faces of two scans.
//!
//! `cargo run --release -p brasslink-imaging --example compare_two_scans -- A.x3p B.x3p`

use brasslink_imaging::acquire::{ReadOptions, read_scan};
use brasslink_imaging::correlate::compare;
use brasslink_imaging::extract::Template;
use brasslink_imaging::prepare::{Recipe, prepare};
use brasslink_imaging::types::error::{Error, Kind, Result};
use brasslink_imaging::types::evidence::MarkKind;
use brasslink_imaging::types::message::say;
use std::path::Path;

fn template(file: &Path) -> Result<Template> {
    let scan = read_scan(file, &ReadOptions::default())?;
    let mark = prepare(&scan, MarkKind::BreechFace, &Recipe::default()).map_err(|e| e.at(file))?;
    Template::new(&mark).map_err(|e| e.at(file))
}

fn main() -> Result<()> {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    let [a, b] = files.as_slice() else {
        return Err(Error::new(Kind::BadInput, say!("two scans are compared: A.x3p B.x3p")));
    };
    let found = compare(&template(a.as_ref())?, &template(b.as_ref())?)?;
    println!("score {:.1}, correlation {:.3}", found.score, found.ccf);
    println!("{} of {} cells congruent", found.congruent_cells, found.cells);
    let pose = found.b_from_a;
    println!(
        "A turned by {:.1}° and shifted by {:.0}, {:.0} µm lies on B",
        pose.rotation.deg(),
        pose.dx.um(),
        pose.dy.um()
    );
    Ok(())
}
