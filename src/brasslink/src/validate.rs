//! `validate`: how good likelihood ratios are, on pairs whose truth is known.

use super::calibrate::PlanArgs;
use super::json::{Json, OUTPUT};
use super::pairs::{self, PairsArgs, assignment};
use super::report::typesetter;
use super::{End, Say, tell, today, write_file};
use pipeline::SOFTWARE;
use report::{Format, LaboratoryConfig, Language, Look, Typesetter, ValidationReport};
use statistics::weigh::{
    Description, PairLr, Population, RankCurve, Validation, cross_validate, validate,
};
use std::path::PathBuf;
use types::cells::Table;
use types::error::Result;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink validate --population p95.json --pairs pairs.csv --json out.json --lr lr.csv
  brasslink validate --pairs pairs.csv --html validation.html
  brasslink validate --pairs scores.csv --train split1=t --test split1=v

With --population its model is applied as it stands; with --train and --test one
is fitted to some rows and applied to others; with neither, every pair is weighed
by a model that saw neither of its firearms.";

/// `brasslink validate`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The reference population to test.
    #[arg(long, value_name = "FILE", conflicts_with = "train")]
    population: Option<PathBuf>,
    #[command(flatten)]
    pairs: PairsArgs,
    /// Fit to the rows with this value in this column.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = assignment, requires = "test")]
    train: Option<(String, String)>,
    /// Test the rows with this value in this column.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = assignment, requires = "train")]
    test: Option<(String, String)>,
    #[command(flatten)]
    plan: PlanArgs,
    /// Print what was done, and what failed, as JSON, or write it to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = OUTPUT)]
    json: Option<PathBuf>,
    /// Write the likelihood ratio of every pair to this CSV.
    #[arg(long, value_name = "FILE")]
    lr: Option<PathBuf>,
    /// Write a page with figures and plots to this file as HTML.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the same as PDF/A.
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Language of the page: en or es.
    #[arg(long, value_name = "LANG")]
    language: Option<Language>,
    /// Title of the page.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The laboratory's particulars (TOML; see docs/REPORTS.md).
    #[arg(long, value_name = "FILE")]
    laboratory: Option<PathBuf>,
}

/// Validates.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let typesetter = typesetter(args.pdf.as_ref().map_or(&[], |_| &[Format::Pdf]))?;
    let (validation, failures) = match (&args.population, &args.train) {
        (Some(path), _) => {
            let population = Population::read(path)?;
            let (set, failures) = pairs::read(&args.pairs, say)?;
            (validate(&population, &set)?, failures)
        }
        (None, Some(train)) => {
            let about = Description {
                name: format!("{}, {}={}", args.pairs.name(), train.0, train.1),
                software: SOFTWARE.into(),
                ..Description::default()
            };
            let train = pairs::read_part(&args.pairs, Some(train))?;
            let population = Population::calibrate(&train, about, args.plan.plan())?;
            let test = pairs::read_part(&args.pairs, args.test.as_ref())?;
            (validate(&population, &test)?, Vec::new())
        }
        (None, None) => {
            let (set, failures) = pairs::read(&args.pairs, say)?;
            (cross_validate(&set, args.plan.plan())?, failures)
        }
    };
    Json::to(&args.json).put(&validation)?;
    if let Some(path) = &args.lr {
        write_file(path, &lr_csv(&validation.pairs)?)?;
    }
    write_pages(args, &validation, typesetter.as_deref())?;
    text(&validation).iter().for_each(|line| tell(say, line));
    for failed in &failures {
        super::output::aside(say!("failed: {}: {}", failed.file, failed.reason));
    }
    Ok(if failures.is_empty() { End::AllDone } else { End::SomeFailed })
}

fn write_pages(
    args: &Args,
    validation: &Validation,
    typesetter: Option<&dyn Typesetter>,
) -> Result<()> {
    let files = [(&args.html, Format::Html), (&args.pdf, Format::Pdf)];
    if files.iter().all(|(path, _)| path.is_none()) {
        return Ok(());
    }
    let config = args.laboratory.as_deref().map(LaboratoryConfig::read).transpose()?;
    let config = config.unwrap_or_default();
    let look = Look {
        language: args.language.or_else(|| config.languages.first().copied()).unwrap_or_default(),
        paper: config.paper,
        template: config.template(),
        typesetter,
    };
    let report = ValidationReport {
        validation,
        title: args.title.as_deref(),
        laboratory: config.laboratory(),
        issued: Some(today().to_string()),
    };
    for (path, format) in files {
        if let Some(path) = path {
            write_file(path, &report.export(&look, format)?.0)?;
        }
    }
    Ok(())
}

fn text(v: &Validation) -> Vec<Message> {
    let mut lines = vec![
        say!(
            "{} firearms, {} same-source and {} different-source pairs",
            v.firearms,
            v.same_source_pairs,
            v.different_source_pairs
        ),
        say!(
            "Cllr {:.4} (95 % {:.4} … {:.4}), at best {:.4}; without bounds {:.4}",
            v.cllr,
            v.cllr_interval.lower,
            v.cllr_interval.upper,
            v.cllr_min,
            v.cllr_unbounded
        ),
        say!(
            "LR < 1 for {:.3} % of same-source pairs, LR > 1 for {:.3} % of different-source pairs",
            100.0 * v.misleading_same_source,
            100.0 * v.misleading_different_source
        ),
        say!(
            "AUC {:.5} (95 % {:.5} … {:.5}); log10 LR bounded to {:.2} … {:.2}",
            v.auc,
            v.auc_interval.lower,
            v.auc_interval.upper,
            v.bounds.log10_lower,
            v.bounds.log10_upper
        ),
    ];
    lines.extend(v.ranks.whole.as_ref().map(|RankCurve { probes, share, .. }| {
        let shares = share.map(|s| format!("{:.1} %", 100.0 * s)).join(", ");
        say!("best mate among the first 1, 5, 10, 20, 50 for {shares} of {probes}")
    }));
    lines.extend(v.refused.iter().map(|(reason, n)| say!("{n} pairs refused: {reason}")));
    lines.extend(v.notes.iter().map(|note| say!("note: {note}")));
    lines
}

/// Every pair with fixed decimals, so that equal results are equal bytes.
fn lr_csv(pairs: &[PairLr]) -> Result<Vec<u8>> {
    let mut table = Table::new([
        "a",
        "b",
        "same_source",
        "lr",
        "log10_lr",
        "log10_lr_lower",
        "log10_lr_upper",
        "log10_lr_unbounded",
    ])?;
    for p in pairs {
        let (lower, upper) = match p.interval {
            Some((l, u)) => (format!("{l:.6}"), format!("{u:.6}")),
            None => Default::default(),
        };
        table.row([
            p.a.clone(),
            p.b.clone(),
            u8::from(p.same_source).to_string(),
            format!("{:.6e}", 10.0_f64.powf(p.log10_lr)),
            format!("{:.6}", p.log10_lr),
            lower,
            upper,
            format!("{:.6}", p.log10_unbounded),
        ])?;
    }
    table.finish()
}
