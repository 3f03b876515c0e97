//! `evaluate`: accuracy and speed on a labelled set.

use super::json::{Json, OUTPUT};
use super::progress::Shown;
use super::{End, Say, tell, write_file};
use crate::recipe;
use imaging::acquire::manifest::read_truth;
use pipeline::{
    Damage, Evaluation, EvaluationPlan, Figures, PairRow, Progress, Swept, evaluate, sweep,
};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use synthetic::damage::Cut;
use types::cells::Table;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink evaluate --truth truth.csv --root scans --pairs pairs.csv
  brasslink evaluate --truth truth.csv --root scans --turn-seed 7
  brasslink evaluate --truth truth.csv --root scans --turn-seed 7 --keep 0.3 --noise 1
  brasslink evaluate --truth truth.csv --root scans --turn-seed 7 --keep 0.3 --cut disc
  brasslink evaluate --truth truth.csv --root scans --turn-seed 7 --tilt 3 --spikes 0.03
  brasslink evaluate --truth truth.csv --root scans --sweep
  brasslink evaluate --truth truth.csv --root scans --rules

The truth has the columns file,casing_id,firearm_id and may have mark_kind,
light and pixel_um. All pairs of different casings are compared.";

/// `brasslink evaluate`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The labelled set.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// The folder that the truth's file names start from.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Write every pair to this CSV.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Print what was done, and what failed, as JSON, or write it to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = OUTPUT)]
    json: Option<PathBuf>,
    /// First turn every scan by its own random angle, from this seed.
    #[arg(long, value_name = "SEED")]
    turn_seed: Option<u64>,
    /// Keep only a contiguous part with this share of every probe's area and
    /// compare it with the intact scans of all other casings.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, requires = "turn_seed")]
    keep: f64,
    /// The part that --keep keeps: what lies between two rays from the centre,
    /// beyond a straight line, or nearest to a point of the mark.
    #[arg(long, value_enum, value_name = "SHAPE", default_value_t = Shape::Sector, requires = "keep")]
    cut: Shape,
    /// Add noise of this many standard deviations of the surface to the probes.
    #[arg(long, value_name = "SD", default_value_t = 0.0, requires = "turn_seed")]
    noise: f64,
    /// Tilt the probes' scans by this many degrees, each towards its own side.
    #[arg(long, value_name = "DEGREES", default_value_t = 0.0, requires = "turn_seed")]
    tilt: f64,
    /// State the pitch of the probes' scans wrongly by this share (0.01 = 1 %),
    /// too long for some and too short for others.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, requires = "turn_seed")]
    misscale: f64,
    /// Throw this share of the points of the probes' scans off by 5–50 µm.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, requires = "turn_seed")]
    spikes: f64,
    /// Average K × K points of the probes' scans into one.
    #[arg(long, value_name = "K", default_value_t = 1, requires = "turn_seed")]
    coarsen: usize,
    /// Also evaluate the set under other plausible choices of preparation, each
    /// alone (as `compare --robust`), and map how far the separation moves.
    #[arg(long)]
    sweep: bool,
    /// Also count congruent cells by the published rules: original (Song 2013)
    /// and High-CMC (Tong 2015).
    #[arg(long)]
    rules: bool,
}

/// What is kept of a probe.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Shape {
    Sector,
    HalfPlane,
    Disc,
}

impl From<Shape> for Cut {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Sector => Self::Sector,
            Shape::HalfPlane => Self::HalfPlane,
            Shape::Disc => Self::Disc,
        }
    }
}

impl Args {
    fn damage(&self) -> Result<Option<Damage>> {
        let share = 0.0..=1.0;
        let fit = self.keep > 0.0
            && share.contains(&self.keep)
            && (0.0..=100.0).contains(&self.noise)
            && (0.0..=80.0).contains(&self.tilt)
            && (0.0..=0.5).contains(&self.misscale)
            && share.contains(&self.spikes)
            && (1..=16).contains(&self.coarsen);
        if !fit {
            return Err(Error::new(Kind::BadInput, say!("a damage is out of its range")).advise(
                say!(
                    "--keep above 0 to 1, --noise to 100, --tilt to 80, --misscale to 0.5, \
                 --spikes to 1, --coarsen 1 to 16"
                ),
            ));
        }
        Ok(self.turn_seed.map(|seed| Damage {
            seed,
            tilt_deg: self.tilt,
            misscale: self.misscale,
            spikes: self.spikes,
            coarsen: self.coarsen,
            share: self.keep,
            cut: self.cut.into(),
            noise: self.noise,
        }))
    }
}

/// What `--json` writes.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    auc: f64,
    lowest_same_source: f64,
    highest_different_source: f64,
    /// Same-source pairs not above the highest different-source score.
    errors: u64,
    /// Shares of the probes whose best mate is among the first 1, 5 and 10.
    rank_1: f64,
    rank_5: f64,
    rank_10: f64,
    /// CPU time of all threads spent comparing, over the pairs.
    cpu_ms_per_pair: f64,
    /// CPU time of all threads spent reading, preparing and extracting, over
    /// the scans.
    cpu_ms_per_scan: f64,
    wall_seconds: f64,
    threads: usize,
    /// The separation under other choices of preparation, the recipe as it is
    /// first.
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep: Option<&'a [Swept]>,
}

/// A progress that also notes the CPU time at which each stage ends.
struct Timed {
    shown: Shown,
    start: cpu_time::ProcessTime,
    ends: Mutex<Vec<f64>>,
}

impl Timed {
    /// CPU seconds of the stages, in order.
    fn stages(&self) -> Vec<f64> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = std::iter::once(0.0).chain(ends.iter().copied());
        starts.zip(ends.iter()).map(|(start, end)| end - start).collect()
    }
}

impl Progress for Timed {
    fn begin(&self, stage: &Message, total: u64) {
        self.shown.begin(stage, total);
    }

    fn advance(&self, steps: u64) {
        self.shown.advance(steps);
    }

    fn end(&self) {
        self.shown.end();
        let now = self.start.elapsed().as_secs_f64();
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).push(now);
    }

    fn note(&self, text: &Message) {
        self.shown.note(text);
    }
}

/// Evaluates.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let truth = read_truth(&args.truth)?;
    let plan = EvaluationPlan { damage: args.damage()?, published: args.rules };
    let wall = std::time::Instant::now();
    let start = cpu_time::ProcessTime::now();
    let timed = Timed { shown: Shown::new(say), start, ends: Mutex::default() };
    let recipe = recipe::in_force();
    let evaluation = evaluate(&truth, &args.root, &recipe, plan, &timed)?;
    let stages = timed.stages();
    let per = |stage: usize, n: usize| {
        stages.get(stage).map_or(0.0, |seconds| seconds * 1000.0 / n.max(1) as f64)
    };
    let wall_seconds = wall.elapsed().as_secs_f64();
    let swept = match args.sweep {
        true => {
            let plan = EvaluationPlan { published: false, ..plan };
            Some(sweep(&evaluation, &truth, &args.root, &recipe, plan, &timed)?)
        }
        false => None,
    };
    let figures = &evaluation.figures;
    let share = |k: usize| figures.rank[k] as f64 / figures.probes.max(1) as f64;
    let report = Report {
        auc: figures.score.auc,
        lowest_same_source: figures.score.lowest_same_source,
        highest_different_source: figures.score.highest_different_source,
        errors: figures.score.same_source_not_above,
        rank_1: share(0),
        rank_5: share(1),
        rank_10: share(2),
        cpu_ms_per_pair: per(1, evaluation.pairs.len()),
        cpu_ms_per_scan: per(0, truth.len()),
        wall_seconds,
        threads: imaging::search::threads(),
        sweep: swept.as_deref(),
        evaluation: &evaluation,
    };
    if let Some(path) = &args.pairs {
        write_file(path, &pairs_csv(&evaluation.pairs, recipe.hash())?)?;
    }
    Json::to(&args.json).put(&report)?;
    table(&evaluation.figures).iter().for_each(|line| tell(say, line));
    tell(
        say,
        say!(
            "{:.2} ms CPU a pair; reading, preparing and extracting {:.0} ms CPU a scan; \
             {:.1} s wall on {} threads",
            report.cpu_ms_per_pair,
            report.cpu_ms_per_scan,
            report.wall_seconds,
            report.threads
        ),
    );
    if let Some(swept) = &swept {
        sweep_table(swept).iter().for_each(|line| tell(say, line));
    }
    for [a, b] in &evaluation.same_acquisition {
        super::output::aside(say!("the same acquisition? {a} and {b}: left out of all figures"));
    }
    for failed in &evaluation.failures {
        super::output::aside(say!("failed: {}: {}", failed.file, failed.reason));
    }
    Ok(if evaluation.failures.is_empty() { End::AllDone } else { End::SomeFailed })
}

/// The map of a sweep; the gap is between the lowest mate and the highest
/// stranger.
fn sweep_table(swept: &[Swept]) -> Vec<Message> {
    let mut lines = vec![
        Message::foreign(""),
        say!("    AUC  lowest ss highest ds  ratio       VR  first  failed  prepared"),
    ];
    lines.extend(swept.iter().map(|s| {
        let Swept { variant, score, probes, first, failed, applies } = s;
        if !applies {
            return say!("    changes nothing (the scans were processed before): {variant}");
        }
        let ratio = score.lowest_same_source / score.highest_different_source;
        let figures = format!(
            "{:>7.4} {:>10.3} {:>10.3} {:>6.2} {:>8.1} {:>3}/{:<3} {:>5}",
            score.auc,
            score.lowest_same_source,
            score.highest_different_source,
            ratio,
            score.variance_ratio,
            first,
            probes,
            failed
        );
        say!("{figures}  {variant}")
    }));
    lines
}

fn table(f: &Figures) -> Vec<Message> {
    let row = |s: &pipeline::Separation| {
        format!(
            "{:>8.4} {:>10.3} {:>10.3} {:>7} {:>7} {:>8.1} {:>8.1}",
            s.auc,
            s.lowest_same_source,
            s.highest_different_source,
            s.same_source_not_above,
            s.different_source_not_below,
            s.variance_ratio,
            s.variance_ratio_grand_mean
        )
    };
    let published = f.published.iter().flat_map(|p| {
        [
            say!("original rule        {}", row(&p.median_rule)),
            say!("High-CMC rule        {}", row(&p.high_cmc)),
        ]
    });
    let mut lines = vec![
        say!(
            "{} same-source and {} different-source pairs; best mate first for {} of {} probes, \
             among the first 5 for {}, the first 10 for {}",
            f.same_source,
            f.different_source,
            f.rank[0],
            f.probes,
            f.rank[1],
            f.rank[2]
        ),
        Message::foreign(""),
        say!(
            "                          AUC  lowest ss highest ds  ss err  ds err       VR VR grand"
        ),
        say!("score                {}", row(&f.score)),
        say!("correlation          {}", row(&f.ccf)),
        say!("congruent cells      {}", row(&f.congruent_cells)),
        say!("congruent fraction   {}", row(&f.congruent_fraction)),
        say!("score / runner-up    {}", row(&f.distinctness)),
    ];
    lines.extend(published);
    lines.push(Message::foreign(""));
    lines
}

/// Every pair with fixed decimals, so that equal results are equal bytes.
fn pairs_csv(pairs: &[PairRow], recipe: Digest) -> Result<Vec<u8>> {
    let mut table = Table::new([
        "a",
        "b",
        "same_source",
        "score",
        "ccf",
        "cells",
        "congruent_cells",
        "rotation_deg",
        "dx_um",
        "dy_um",
        "overlap_mm2",
        "area_mm2",
        "firearm_a",
        "firearm_b",
        "mark_kind",
        "modality",
        "runner_up_score",
        "recipe",
    ])?;
    for p in pairs {
        let c = &p.comparison;
        let (dx, dy) = c.symmetric_shift_um();
        let [firearm_a, firearm_b] = &p.firearms;
        table.row([
            p.a.clone(),
            p.b.clone(),
            u8::from(p.same_source).to_string(),
            format!("{:.6}", c.score),
            format!("{:.6}", c.ccf),
            c.cells.to_string(),
            c.congruent_cells.to_string(),
            format!("{:.4}", c.b_from_a.rotation.deg()),
            format!("{dx:.3}"),
            format!("{dy:.3}"),
            format!("{:.4}", c.overlap_mm2),
            format!("{:.4}", p.area_mm2),
            firearm_a.to_string(),
            firearm_b.to_string(),
            p.mark_kind.to_string(),
            p.modality.to_string(),
            c.runner_up.map_or_else(String::new, |other| format!("{:.6}", other.score)),
            recipe.to_string(),
        ])?;
    }
    table.finish()
}
