//! Accuracy and speed on a labelled set.

use super::acquisition::{LOOKED_AT, sameness};
use super::figures::{Figures, RANKS, rank_of_best_mate, separation};
use super::files::load;
use super::memory::Memory;
use super::{Failed, Progress};
use imaging::acquire::ReadOptions;
use imaging::acquire::manifest::TruthRow;
use imaging::extract::Template;
use imaging::prepare::{Recipe, prepare, upright};
use imaging::search::compare_pairs;
use ndarray::Array2;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use synthetic::damage::{self, Cut};
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, FirearmId, MarkKind, Modality};
use types::mark::PreparedMark;
use types::message::say;
use types::scan::Scan;
use types::surface::Surface;

/// What is done to scans, and then to the marks prepared from them, before they
/// are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Damage {
    /// Seed of all that is random in it.
    pub seed: u64,
    /// Tilt of the scan, degrees, towards a random side.
    pub tilt_deg: f64,
    /// Share by which the scan's pitch is wrong, up or down at random.
    pub misscale: f64,
    /// Share of the scan's points thrown off by 5–50 µm.
    pub spikes: f64,
    /// The scan's points are averaged `coarsen × coarsen` into one.
    pub coarsen: usize,
    /// Contiguous share of the mark's area that is kept, 0–1.
    pub share: f64,
    /// The shape of what is kept.
    pub cut: Cut,
    /// Noise added to the mark, in standard deviations of the surface.
    pub noise: f64,
}

impl Damage {
    /// A random turn and nothing else.
    pub const fn turn(seed: u64) -> Self {
        let (tilt_deg, misscale, spikes, noise) = (0.0, 0.0, 0.0, 0.0);
        let cut = Cut::Sector;
        Self { seed, tilt_deg, misscale, spikes, coarsen: 1, share: 1.0, cut, noise }
    }

    /// Whether more than a turn is done.
    fn harms(&self) -> bool {
        Self { cut: Cut::Sector, ..*self } != Self::turn(self.seed)
    }

    /// The random numbers for a scan; those of its mark are another stream.
    fn random(&self, number: u64, of_mark: bool) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(2 * number + u64::from(of_mark));
        rng
    }

    /// Whether the scan itself is damaged, and not only its mark.
    fn harms_scan(&self) -> bool {
        Self { share: 1.0, noise: 0.0, ..*self }.harms()
    }

    /// Damages a scan.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for an image.
    fn scan(&self, scan: Scan, number: u64) -> Result<Scan> {
        let Surface::Height(mut map) = scan.surface else {
            let what = say!("only topographies can be tilted, misscaled, spiked or coarsened");
            return Err(Error::new(Kind::BadInput, what)
                .advise(say!("leave these options out where the truth names images")));
        };
        let rng = &mut self.random(number, false);
        damage::tilt(&mut map, self.tilt_deg, rng);
        damage::misscale(&mut map, self.misscale, rng);
        damage::spikes(&mut map, self.spikes, rng);
        let map = if self.coarsen > 1 { damage::coarsen(&map, self.coarsen) } else { map };
        Ok(Scan { surface: Surface::Height(map), file_mask: None, ..scan })
    }
}

/// One compared pair.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// The probe's casing (or file, where a casing has several scans).
    pub a: String,
    /// The other's.
    pub b: String,
    /// The firearms that fired them.
    pub firearms: [FirearmId; 2],
    /// What part of the gun made the marks.
    pub mark_kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Whether one firearm fired both.
    pub same_source: bool,
    /// Area of the smaller mark, mm².
    pub area_mm2: f64,
    /// What the comparison gave.
    pub comparison: Comparison,
}

/// What an evaluation found.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Scans that were compared.
    pub scans: u64,
    /// What was done to them.
    pub damage: Option<Damage>,
    /// The accuracy figures.
    pub figures: Figures,
    /// Scans that failed.
    pub failures: Vec<Failed>,
    /// Pairs left out of all figures: two casings whose files look like one
    /// acquisition.
    pub same_acquisition: Vec<[String; 2]>,
    /// Instruments that measured the scans, where these say.
    #[serde(skip)]
    pub instruments: BTreeSet<String>,
    /// Every pair, in the order of the truth's rows.
    #[serde(skip)]
    pub pairs: Vec<PairRow>,
}

/// Pairs between two looks at whether to go on.
const AT_ONCE: usize = 4096;

/// An error where the person has had enough.
fn go_on(progress: &dyn Progress) -> Result<()> {
    if progress.stopped() {
        return Err(Error::new(Kind::BadInput, say!("the evaluation was interrupted")));
    }
    Ok(())
}

/// Prepares every scan of a labelled set and compares all pairs of one mark
/// kind, modality and different casings. With `damage` each mark is first
/// turned by its own random angle; if it also cuts or adds noise, every
/// damaged mark is compared with the *intact* ones of all other casings (so
/// that a pair appears twice, once with either damaged), else the turned ones
/// among themselves.
///
/// # Errors
/// [`Kind::BadInput`] if fewer than two scans could be used.
pub fn evaluate(
    truth: &[TruthRow],
    root: &Path,
    recipe: &Recipe,
    damage: Option<Damage>,
    progress: &dyn Progress,
) -> Result<Evaluation> {
    let memory = Memory::free_now();
    progress.begin(&say!("prepare"), truth.len() as u64);
    let prepared: Vec<Result<Extracted>> = truth
        .par_iter()
        .enumerate()
        .map(|(n, row)| {
            let templates = go_on(progress)
                .and_then(|()| templates(row, n as u64, root, recipe, damage, &memory));
            progress.advance(1);
            templates
        })
        .collect();
    progress.end();
    let (mut failures, mut same_acquisition) = (Vec::new(), Vec::new());
    let (mut rows, mut gallery, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    let mut contents = Vec::new();
    let mut instruments = BTreeSet::new();
    for (row, templates) in truth.iter().zip(prepared) {
        match templates {
            Ok(Extracted { intact, probe, instrument, content }) => {
                instruments.extend(instrument);
                contents.push(content);
                rows.push(row);
                gallery.push(intact);
                damaged.push(probe);
            }
            Err(error) => {
                failures.push(Failed::of(row.file.display().to_string(), Some(row.line), &error));
            }
        }
    }
    if rows.len() < 2 {
        let what = match failures.first() {
            Some(Failed { file, reason, .. }) => say!(
                "fewer than two scans could be used; the first of {} failures: {file}: {reason}",
                failures.len()
            ),
            None => say!("fewer than two scans could be used"),
        };
        return Err(Error::new(Kind::BadInput, what)
            .advise(say!("--root is the folder that the files are named from")));
    }
    let n = rows.len();
    let harmed = damage.is_some_and(|d| d.harms());
    // Probes come after the intact marks in one gallery.
    let probe_at = if harmed { n } else { 0 };
    let (templates, areas): (Vec<Template>, Vec<f64>) = match damage {
        Some(_) if harmed => gallery.into_iter().chain(damaged).unzip(),
        Some(_) => damaged.into_iter().unzip(),
        None => gallery.into_iter().unzip(),
    };
    let pairs: Vec<(usize, usize)> = (0..n)
        .flat_map(|a| (if harmed { 0 } else { a + 1 }..n).map(move |b| (a, b)))
        .filter(|&(a, b)| {
            let alike = templates[a].comparable(&templates[b]).is_ok();
            alike && rows[a].casing != rows[b].casing
        })
        .collect();
    let indices: Vec<(usize, usize)> = pairs.iter().map(|&(a, b)| (a + probe_at, b)).collect();
    progress.begin(&say!("compare"), pairs.len() as u64);
    let watch = |n: usize| progress.advance(n as u64);
    let mut compared = Vec::with_capacity(indices.len());
    for part in indices.chunks(AT_ONCE) {
        go_on(progress)?;
        compared.extend(compare_pairs(&templates, part, &watch));
    }
    progress.end();
    let names = names(&rows, &templates);
    let mut out = Vec::with_capacity(pairs.len());
    // One acquisition under two names tells nothing of two casings. What was
    // damaged is looked at as it was before.
    let one = |a: usize, b: usize, comparison: &Comparison| {
        let same = contents[a] == contents[b];
        same || damage.is_none()
            && comparison.ccf >= LOOKED_AT
            && look_alike((rows[a], rows[b]), root, recipe, comparison)
    };
    let compared: Vec<Comparison> = compared.into_iter().collect::<Result<_>>()?;
    let same: Vec<bool> =
        pairs.par_iter().zip(&compared).map(|(&(a, b), c)| one(a, b, c)).collect();
    for ((&(a, b), comparison), same) in pairs.iter().zip(compared).zip(same) {
        if same {
            let file = |row: &TruthRow| row.file.display().to_string();
            same_acquisition.extend((a < b).then(|| [file(rows[a]), file(rows[b])]));
            continue;
        }
        let firearms = [rows[a].firearm.clone(), rows[b].firearm.clone()];
        out.push(PairRow {
            same_source: firearms[0] == firearms[1],
            firearms,
            mark_kind: rows[a].mark_kind,
            modality: templates[a].modality,
            a: names[a].clone(),
            b: names[b].clone(),
            area_mm2: areas[a + probe_at].min(areas[b]),
            comparison,
        });
    }
    let figures = figures(&out, harmed);
    let scans = n as u64;
    Ok(Evaluation { scans, damage, figures, failures, same_acquisition, instruments, pairs: out })
}

/// Whether the files of two rows, compared with this outcome, look like one
/// acquisition. Both were read before.
fn look_alike(
    (a, b): (&TruthRow, &TruthRow),
    root: &Path,
    recipe: &Recipe,
    comparison: &Comparison,
) -> bool {
    let read = |row: &TruthRow| {
        let options = ReadOptions { pixel_size: row.pixel_size, ..ReadOptions::default() };
        load(&root.join(&row.file), row.mark_kind, &options, recipe).ok()
    };
    let (Some(a), Some(b)) = (read(a), read(b)) else { return false };
    let (a, b) = ((&a.scan, &a.mark), (&b.scan, &b.mark));
    sameness(a, b, comparison.ccf, &comparison.b_from_a).is_some()
}

/// A scan's templates, each with its mark's area in mm².
struct Extracted {
    intact: (Template, f64),
    /// The damaged one.
    probe: (Template, f64),
    instrument: Option<String>,
    /// What the scan measured.
    content: Digest,
}

fn extracted(mark: &PreparedMark) -> Result<(Template, f64)> {
    let points = mark.values.iter().filter(|v| v.is_finite()).count();
    Ok((Template::new(mark)?, points as f64 * mark.pitch.um().powi(2) * 1e-6))
}

fn templates(
    row: &TruthRow,
    number: u64,
    root: &Path,
    recipe: &Recipe,
    damage: Option<Damage>,
    memory: &Memory,
) -> Result<Extracted> {
    let options = ReadOptions { pixel_size: row.pixel_size, ..ReadOptions::default() };
    let (scan, _held) = memory.read_scan(&root.join(&row.file), &options)?;
    let mark = prepare(&scan, row.mark_kind, recipe)?;
    super::files::usable(&mark)?;
    let intact = extracted(&mark)?;
    let (instrument, content) = (scan.instrument.clone(), scan.surface.digest());
    let Some(damage) = damage else {
        return Ok(Extracted { probe: intact.clone(), intact, instrument, content });
    };
    let mark = if damage.harms_scan() {
        prepare(&damage.scan(scan, number)?, row.mark_kind, recipe)?
    } else {
        mark
    };
    let probe = extracted(&harm(mark, number, damage))?;
    Ok(Extracted { intact, probe, instrument, content })
}

/// A mark with noise added, turned, and cut, in this order; the striae of a
/// striated one are found again.
fn harm(mark: PreparedMark, number: u64, damage: Damage) -> PreparedMark {
    let mut rng = damage.random(number, true);
    let mut values = mark.values.mapv(f64::from);
    if damage.noise > 0.0 {
        values = damage::noise(&values, damage.noise, &mut rng);
    }
    values = damage::turn(&values, rng.random_range(0.0..std::f64::consts::TAU));
    if damage.share < 1.0 {
        values = damage::cut(&values, damage.cut, damage.share, &mut rng);
    }
    // The grid of a prepared mark has sides that are multiples of sixteen.
    let (ny, nx) = values.dim();
    let (my, mx) = (ny.next_multiple_of(16), nx.next_multiple_of(16));
    let (oy, ox) = ((my - ny) / 2, (mx - nx) / 2);
    let mut canvas = Array2::from_elem((my, mx), f32::NAN);
    canvas.slice_mut(ndarray::s![oy..oy + ny, ox..ox + nx]).assign(&values.mapv(|v| v as f32));
    upright(PreparedMark { values: canvas, ..mark })
}

/// Casing ids, or file names where a casing has several scans that may be
/// compared with the same marks.
fn names(rows: &[&TruthRow], templates: &[Template]) -> Vec<String> {
    let population = |i: usize| (&rows[i].casing, templates[i].kind, templates[i].modality);
    let mut scans: BTreeMap<_, usize> = BTreeMap::new();
    for i in 0..rows.len() {
        *scans.entry(population(i)).or_default() += 1;
    }
    let name = |i: usize| match scans[&population(i)] {
        1 => rows[i].casing.to_string(),
        _ => rows[i].file.display().to_string(),
    };
    (0..rows.len()).map(name).collect()
}

fn figures(pairs: &[PairRow], one_way: bool) -> Figures {
    let of = |value: fn(&Comparison) -> f64| {
        let (same, different): (Vec<_>, Vec<_>) = pairs.iter().partition(|p| p.same_source);
        let values = |v: Vec<&PairRow>| v.iter().map(|p| value(&p.comparison)).collect::<Vec<_>>();
        separation(&values(same), &values(different))
    };
    let mut by_probe: BTreeMap<_, Vec<(bool, f64)>> = BTreeMap::new();
    for p in pairs {
        let entry = (p.same_source, p.comparison.score);
        by_probe.entry((&p.a, p.mark_kind, p.modality)).or_default().push(entry);
        if !one_way {
            by_probe.entry((&p.b, p.mark_kind, p.modality)).or_default().push(entry);
        }
    }
    let ranks: Vec<usize> = by_probe.values().filter_map(|s| rank_of_best_mate(s)).collect();
    let same = pairs.iter().filter(|p| p.same_source).count() as u64;
    Figures {
        same_source: same,
        different_source: pairs.len() as u64 - same,
        score: of(|c| c.score),
        ccf: of(|c| c.ccf),
        congruent_cells: of(|c| f64::from(c.congruent_cells)),
        congruent_fraction: of(Comparison::congruent_fraction),
        probes: ranks.len() as u64,
        rank: RANKS.map(|k| ranks.iter().filter(|r| **r <= k).count() as u64),
    }
}
