//! Searches the scans of a folder for the one given: a sketch screens the
//! folder, the ten most alike are compared in full, best first.
//!
//! `cargo run --release -p brasslink-imaging --example search_a_folder -- PROBE.x3p FOLDER`

use brasslink_imaging::acquire::{ReadOptions, read_scan};
use brasslink_imaging::extract::Template;
use brasslink_imaging::prepare::{Recipe, prepare};
use brasslink_imaging::search::{Screen, can_be_screened, compare_pairs, shortlists};
use brasslink_imaging::types::error::{Error, Kind, Result};
use brasslink_imaging::types::evidence::{MarkKind, Modality};
use brasslink_imaging::types::message::say;
use std::path::{Path, PathBuf};

const VERIFIED: usize = 10;

fn template(file: &Path) -> Result<Template> {
    let scan = read_scan(file, &ReadOptions::default())?;
    let mark = prepare(&scan, MarkKind::BreechFace, &Recipe::default()).map_err(|e| e.at(file))?;
    Template::new(&mark).map_err(|e| e.at(file))
}

fn main() -> Result<()> {
    let given: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [probe, folder] = given.as_slice() else {
        return Err(Error::new(
            Kind::BadInput,
            say!("a scan and a folder are needed: PROBE.x3p FOLDER"),
        ));
    };
    let io = |e: std::io::Error| Error::io(say!("reading the folder"), folder, &e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        files.push(entry.map_err(io)?.path());
    }
    files.retain(|file| file.extension().is_some_and(|e| e.eq_ignore_ascii_case("x3p")));
    files.sort();

    // The probe has the first place of the gallery. A file that yields no mark
    // is told of, and the rest goes on.
    let mut gallery = vec![template(probe)?];
    let mut names = vec![probe];
    for file in &files {
        match template(file) {
            Ok(template) => (gallery.push(template), names.push(file)).1,
            Err(e) => eprintln!("{e}"),
        }
    }
    let others = |_: usize| (1..gallery.len()).collect();
    let floors = vec![None; gallery.len()];
    let mut screen = Screen::default();
    gallery.iter().for_each(|template| screen.push(&template.sketch));
    let points: Vec<usize> = gallery.iter().map(|template| template.fine.points).collect();
    let screened = can_be_screened(MarkKind::BreechFace, Modality::Topography, &points);
    let list = shortlists(&screen, &screened, &[0], &floors, &others, VERIFIED)?.remove(0);
    let pairs: Vec<_> = list.verify.iter().map(|&other| (0, other)).collect();
    let mut found = Vec::new();
    for (&(_, other), comparison) in pairs.iter().zip(compare_pairs(&gallery, &pairs, &|_| ())) {
        found.push((names[other], comparison?));
    }
    found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    for (file, c) in found {
        println!(
            "{:6.1}  {:2} of {:2} cells  {}",
            c.score,
            c.congruent_cells,
            c.cells,
            file.display()
        );
    }
    Ok(())
}
