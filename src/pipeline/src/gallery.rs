//! A store of any number of synthetic casings, for measuring what a gallery
//! costs: real templates and sketches through the real commit.
//!
//! What the scans would be is left out: each casing has the facts of a scan
//! that is kept elsewhere, its mark at a coarse pitch, and the template of the
//! mark at the fine one. Every mark stands as screened against the others
//! before, so that a run on such a store is about what is new; none of them was
//! compared.

use super::correlate::{SCREENING, Screening};
use super::{Progress, Run, commit, json, mark_id};
use imaging::extract::{FINE_PITCH, Sketch, Template, reduce};
use imaging::prepare::Recipe;
use imaging::search::Screen;
use rayon::prelude::*;
use std::collections::BTreeSet;
use store::{Batch, ScanRow, Store, TemplateRow};
use synthetic::Gallery;
use types::error::Result;
use types::evidence::{
    CasingId, CasingRecord, Digest, FiringPinShape, Light, MarkId, MarkKind, Modality, Origin,
};
use types::mark::PreparedMark;
use types::message::say;
use types::scan::Format;

/// Casings of one commit.
const AT_ONCE: usize = 64;
/// Strangers by which a mark's floor is told.
const STRANGERS: u64 = 128;
/// The mark's own values are kept at this many fine points along each axis.
const THINNED: usize = 4;
/// Length of the shortlists that the marks stand as screened with: the default
/// of a search.
const SHORTLIST: usize = 200;

/// Adds the casings `0..count` of the gallery `seed` to a store, as far as they
/// are not there. How many were added.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn fill_gallery(
    store: &Store,
    count: u64,
    seed: u64,
    recipe: &Recipe,
    run: &Run,
    progress: &dyn Progress,
) -> Result<u64> {
    let maker = Maker::new(count, seed, recipe.hash());
    let there: BTreeSet<CasingId> =
        store.snapshot()?.casings()?.into_iter().map(|casing| casing.id).collect();
    let mut missing = Vec::new();
    for number in 0..count {
        if !there.contains(&maker.casing(number)?) {
            missing.push(number);
        }
    }
    progress.begin(&say!("make a gallery"), missing.len() as u64);
    for numbers in missing.chunks(AT_ONCE) {
        let made = numbers.par_iter().map(|&number| {
            let made = maker.make(number);
            progress.advance(1);
            made
        });
        let made: Vec<Made> = made.collect::<Result<_>>()?;
        let mut batch = Batch::default();
        batch.add_recipe(recipe.json());
        for made in made {
            made.add(&mut batch, run)?;
        }
        commit(&mut run.writer(store)?, batch, run)?;
    }
    progress.end();
    Ok(missing.len() as u64)
}

struct Maker {
    gallery: Gallery,
    count: u64,
    /// Sketches of casings of other guns.
    strangers: Screen,
}

/// One casing, ready to be committed.
struct Made {
    casing: CasingId,
    scan: Digest,
    id: MarkId,
    /// Shape of the mark at the fine pitch.
    shape: (usize, usize),
    mark: PreparedMark,
    template: Vec<u8>,
    screening: Option<Screening>,
}

impl Maker {
    fn new(count: u64, seed: u64, recipe: Digest) -> Self {
        let gallery = Gallery { seed, pitch: FINE_PITCH, shots_per_firearm: 2, recipe };
        let others = Gallery { seed: !seed, shots_per_firearm: 1, ..gallery };
        let sketches: Vec<Sketch> =
            (0..STRANGERS).into_par_iter().map(|n| template(&others.mark(n).0).sketch).collect();
        let mut strangers = Screen::default();
        sketches.iter().for_each(|sketch| strangers.push(sketch));
        Self { gallery, count, strangers }
    }

    fn casing(&self, number: u64) -> Result<CasingId> {
        CasingId::new(format!("G{}-{number:07}", self.gallery.seed))
    }

    fn make(&self, number: u64) -> Result<Made> {
        let (mark, _) = self.gallery.mark(number);
        let template = template(&mark);
        let scan = Digest::of(format!("gallery {} {number}", self.gallery.seed).as_bytes());
        Ok(Made {
            casing: self.casing(number)?,
            scan,
            id: mark_id(&scan, mark.kind, &mark.recipe)?,
            shape: mark.values.dim(),
            template: template.encode(),
            screening: self.screening(&template.sketch),
            mark: PreparedMark {
                values: reduce(&mark.values, THINNED),
                pitch: mark.pitch * THINNED as f64,
                ..mark
            },
        })
    }

    /// What screening in the whole gallery would have left out, if that is
    /// larger than a shortlist. The floor is where the share of a shortlist
    /// lies in a Gumbel distribution (the similarity is a greatest value over
    /// rotations) with mean and variance of what the strangers show.
    fn screening(&self, sketch: &Sketch) -> Option<Screening> {
        let others = self.count.saturating_sub(1) as usize;
        if others <= SHORTLIST {
            return None;
        }
        let found = self.strangers.similarities(sketch);
        let n = found.len() as f64;
        let mean = found.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        let variance = found.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
        let scale = (6.0 * variance).sqrt() / std::f64::consts::PI;
        let within = 1.0 - SHORTLIST as f64 / others as f64;
        let floor = mean - scale * (EULER + (-within.ln()).ln());
        Some(Screening::of_strangers(self.gallery.recipe, others, SHORTLIST, floor as f32))
    }
}

/// Mean of the standard Gumbel distribution.
const EULER: f64 = 0.577_215_664_901_532_9;

fn template(mark: &PreparedMark) -> Template {
    Template::of_fine(mark.kind, mark.modality, mark.recipe, &mark.values)
}

impl Made {
    fn add(self, batch: &mut Batch, run: &Run) -> Result<()> {
        let Self { casing, scan, id, shape, mark, template, screening } = self;
        let (kind, modality, recipe) = (MarkKind::BreechFace, Modality::Topography, mark.recipe);
        let record = CasingRecord {
            id: casing.clone(),
            origin: Origin::Evidence,
            scene: None,
            firearm: None,
            calibre: Some("9 mm Luger".into()),
            firing_pin_shape: FiringPinShape::Unknown,
            notes: String::new(),
        };
        batch.add_casing(&record, &run.who, "synthetic gallery");
        batch.add_scan_facts(ScanRow {
            sha256: scan,
            casing: casing.clone(),
            bytes: 0,
            format: Format::X3p,
            modality,
            light: Light::Unknown,
            ny: shape.0 as u64,
            nx: shape.1 as u64,
            pitch_x: FINE_PITCH,
            pitch_y: FINE_PITCH,
            file_name: format!("{casing}.x3p"),
            instrument: None,
            acquired: None,
            warnings: vec![say!("synthetic; the scan was not made")],
        });
        if let Some(screening) = screening {
            let (body, why) = (json(&screening)?, "synthetic gallery");
            batch.add_record(SCREENING, id.as_str(), body, &run.who, why);
        }
        batch.add_mark(id.clone(), casing, scan, mark);
        batch.add_template(TemplateRow { mark: id, kind, modality, recipe }, template);
        Ok(())
    }
}
