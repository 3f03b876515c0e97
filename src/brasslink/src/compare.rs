//! `compare`: two files.

use super::End;
use super::acquisition::why_in_words;
use super::instruments::InstrumentsArgs;
use super::json::Json;
use crate::recipe;
use imaging::acquire::ReadOptions;
use imaging::correlate::{
    BestCorrelation, Probe, Published, Rotations, best_correlation_of_marks, compare_probe,
    published,
};
use pipeline::{Explained, MirroredFit, explain_into, load, mirrored_fit, robustness, sameness};
use report::Robustness;
use serde::Serialize;
use std::path::PathBuf;
use types::comparison::{Cell, RunnerUp};
use types::error::Result;
use types::evidence::{MarkKind, Sameness};
use types::mark::Quality;
use types::message::{KeptMessage as _, Message, say};
use types::surface::Pose;
use types::units::Metres;

const EXAMPLE: &str = "\
Examples:
  brasslink compare a.x3p b.x3p
  brasslink compare a.png b.png --pixel-um 2.53 --json
  brasslink compare a.x3p b.x3p --rules
  brasslink compare a.x3p b.x3p --exhaustive
  brasslink compare a.x3p b.x3p --robust --strangers-top 6.5
  brasslink compare a.x3p b.x3p --explain inside

The score counts standard deviations of chance agreement. It ranks; it is not a
likelihood ratio, and it is not calibrated for any population.";

/// `brasslink compare`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The first scan.
    a: PathBuf,
    /// The second scan.
    b: PathBuf,
    /// The mark that both show: breech_face, firing_pin, ejector or
    /// aperture_shear.
    #[arg(long, default_value = "breech_face")]
    mark_kind: MarkKind,
    /// Pixel size in micrometres, where the files do not say it.
    #[arg(long, value_name = "UM")]
    pixel_um: Option<f64>,
    #[command(flatten)]
    instruments: InstrumentsArgs,
    #[command(flatten)]
    json: Json,
    /// Search every rotation and shift at full detail: a hundred times slower,
    /// to see whether the usual search missed a better pose.
    #[arg(long)]
    exhaustive: bool,
    /// Also count by the published rules: original (Song 2013), High-CMC
    /// (Tong 2015), convergence (Chen 2017); of aperture shears, give the best
    /// correlation of their profiles (NFI Scratch).
    #[arg(long)]
    rules: bool,
    /// Also compare under other plausible choices of preparation, each alone:
    /// the band's ends 20 % up and down, the other form and degree of levelling,
    /// the outline 50 µm in and out, the scan sampled anew. Says how far the
    /// score moves.
    #[arg(long)]
    robust: bool,
    /// With --robust: the highest score of strangers in the population that
    /// matters; a pair whose range reaches it is marked.
    #[arg(long, value_name = "SCORE", requires = "robust")]
    strangers_top: Option<f64>,
    /// Look inside: write pictures of the pose, the runner-up and both marks
    /// unrolled, and every place that the search looked at (JSON), into DIR.
    #[arg(long, value_name = "DIR")]
    explain: Option<PathBuf>,
}

/// What `--json` prints; positions in micrometres from the grid centres.
#[derive(Serialize)]
struct Compared<'a> {
    a: String,
    b: String,
    score: f64,
    ccf: f64,
    cells: u32,
    congruent_cells: u32,
    rotation_deg: f64,
    /// In the frame halfway between the marks, as in `pairs.csv`.
    dx_um: f64,
    dy_um: f64,
    /// B from A, in radians and metres.
    b_from_a: Pose,
    overlap_mm2: f64,
    cell_um: f64,
    cells_of_b: bool,
    cell_table: &'a [Cell],
    /// The best other pose, and how many times its score the score is.
    runner_up: Option<RunnerUp>,
    distinctness: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_rules: Option<Published>,
    /// The published measure of striated marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_correlation: Option<BestCorrelation>,
    /// Where one of the two agrees far better mirrored or negated; the score
    /// above is that of the scans as they lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    mirrored_fit: Option<MirroredFit>,
    quality_a: &'a Quality,
    quality_b: &'a Quality,
    warnings: Vec<String>,
    coded_warnings: Vec<Message>,
    weight_of_evidence: &'static str,
    /// Why the two files look like one acquisition; such a pair is no match.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_acquisition: Option<Sameness>,
    /// The score under other choices of preparation.
    #[serde(skip_serializing_if = "Option::is_none")]
    robustness: Option<Robustness>,
    /// Whether that range reaches the strangers' highest score.
    #[serde(skip_serializing_if = "Option::is_none")]
    reaches_strangers: Option<bool>,
}

/// Compares.
pub fn run(args: &Args) -> Result<End> {
    let recipe = recipe::in_force();
    let pixel_size = args.pixel_um.map(Metres::from_um);
    let profiles = args.instruments.profiles()?;
    let options = ReadOptions { pixel_size, profiles: Some(&profiles), ..ReadOptions::default() };
    let a = load(&args.a, args.mark_kind, &options, &recipe)?;
    let b = load(&args.b, args.mark_kind, &options, &recipe)?;
    let (c, looked_at) = match &args.explain {
        Some(folder) => {
            let (found, files) = explain_into(folder, [&a, &b], args.exhaustive)?;
            (found.comparison, files)
        }
        None => {
            let probe = if args.exhaustive { Probe::exhaustive } else { Probe::new };
            let found = compare_probe(&probe(&a.template), &b.template, &mut Rotations::new())?;
            (found, Vec::new())
        }
    };
    let mirrored = mirrored_fit(&a.template, &b.mark, c.score)?;
    let striated = args.mark_kind.is_striated();
    let rules = (args.rules && !striated).then(|| published(&a.template, &b.template, &c));
    let correlation =
        if args.rules && striated { best_correlation_of_marks(&a.mark, &b.mark) } else { None };
    let robust =
        args.robust.then(|| robustness((&a.scan, &a.mark), (&b.scan, &b.mark), &recipe, c.score));
    let reaches = args.strangers_top.zip(robust.as_ref()).map(|(top, r)| r.lowest <= top);
    let same = sameness((&a.scan, &a.mark), (&b.scan, &b.mark), c.ccf, &c.b_from_a);
    let (dx_um, dy_um) = c.symmetric_shift_um();
    if args.json.asked() {
        let warnings: Vec<Message> = [&a.scan, &b.scan].map(|s| s.warnings.clone()).concat();
        args.json.put(&Compared {
            a: args.a.display().to_string(),
            b: args.b.display().to_string(),
            score: c.score,
            ccf: c.ccf,
            cells: c.cells,
            congruent_cells: c.congruent_cells,
            rotation_deg: c.b_from_a.rotation.deg(),
            dx_um,
            dy_um,
            b_from_a: c.b_from_a,
            overlap_mm2: c.overlap_mm2,
            cell_um: c.cell_um,
            cells_of_b: c.cells_of_b,
            cell_table: &c.cell_table,
            runner_up: c.runner_up,
            distinctness: c.distinctness(),
            published_rules: rules,
            published_correlation: correlation,
            mirrored_fit: mirrored,
            quality_a: &a.mark.quality,
            quality_b: &b.mark.quality,
            warnings: warnings.texts(),
            coded_warnings: warnings,
            weight_of_evidence: "not calibrated",
            same_acquisition: same,
            reaches_strangers: reaches,
            robustness: robust,
        })?;
        tell_files(&looked_at);
        return Ok(End::AllDone);
    }
    for (path, side) in [(&args.a, &a), (&args.b, &b)] {
        for text in side.scan.warnings.iter().chain(&side.mark.quality.reasons) {
            super::output::aside(say!("{}: {text}", path.display()));
        }
    }
    if let Some(fit) = &mirrored {
        super::output::aside(say!("warning: {fit}"));
    }
    if let Some(why) = &same {
        let why = why_in_words(why);
        super::output::line(say!("the same acquisition? {why}: this is no match"));
    }
    super::output::line(say!(
        "score               {:.2} standard deviations of chance (not calibrated)",
        c.score
    ));
    super::output::line(say!(
        "congruent cells     {} of {} (side {:.0} µm)",
        c.congruent_cells,
        c.cells,
        c.cell_um
    ));
    super::output::line(say!("correlation         {:.3} over {:.2} mm²", c.ccf, c.overlap_mm2));
    super::output::line(say!("rotation            {:.2}°", c.b_from_a.rotation.deg() + 0.0));
    super::output::line(say!("shift               {dx_um:.1} µm, {dy_um:.1} µm"));
    if let (Some(other), Some(times)) = (&c.runner_up, c.distinctness()) {
        super::output::line(say!(
            "runner-up           {:.2} at {:.2}°; the pose has {times:.1} times its score",
            other.score,
            other.b_from_a.rotation.deg() + 0.0
        ));
    }
    if let Some(robust) = &robust {
        tell_robustness(robust, c.score, reaches);
    }
    if let Some(best) = correlation {
        super::output::line(say!(
            "best correlation    {:.3}, B made {:.3} times as long (NFI Scratch; over 350 µm or more)",
            best.ccf,
            best.scale
        ));
    }
    if let Some(r) = rules {
        let converged = r.convergence_um.zip(r.convergence_deg);
        let converged = converged.map_or_else(
            || say!("none"),
            |(um, deg)| {
                let um = if um < 25.0 { say!("under 25") } else { say!("{um:.0}") };
                say!("{um} µm, at {deg:+.0}°")
            },
        );
        super::output::line(say!(
            "original rule       {} of {} cells of 450 µm (Song 2013)",
            r.median_rule,
            r.cells
        ));
        super::output::line(say!("High-CMC rule       {} of {} (Tong 2015)", r.high_cmc, r.cells));
        super::output::line(say!(
            "convergence         {converged} (Chen 2017; median spread of the cells' shifts)"
        ));
    }
    tell_files(&looked_at);
    Ok(End::AllDone)
}

fn tell_files(written: &[Explained]) {
    for Explained { file, shows } in written {
        super::output::line(say!("written: {}: {shows}", file.display()));
    }
}

fn tell_robustness(robust: &Robustness, score: f64, reaches: Option<bool>) {
    super::output::line(say!(
        "range               {:.2} to {:.2} under {} other choices of preparation",
        robust.lowest,
        robust.highest,
        robust.scored()
    ));
    for variant in &robust.variants {
        let name = &variant.variant;
        match (variant.score, &variant.why_not) {
            (Some(other), _) => {
                super::output::line(say!("  {other:7.2}  {:+7.2}  {name}", other - score));
            }
            (None, Some(why)) => super::output::line(say!("  no score: {name}: {why}")),
            (None, None) => {}
        }
    }
    if reaches == Some(true) {
        super::output::line(say!(
            "the range reaches the strangers' highest score: the choice of preparation may decide"
        ));
    }
}
