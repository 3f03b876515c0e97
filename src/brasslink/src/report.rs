//! `report`: writes reports from a store, tells whether one was changed.

use super::json::Json;
use super::progress::Shown;
use super::this_run::{StoreArgs, finish, this_run};
use super::{End, Say, tell, today};
use ::pipeline::Counted;
use pipeline::{self, ChildTypesetter, Outcome, ReportOptions, ReportSelection, Run};
use report::{
    Format, Inspection, LaboratoryConfig, Language, Paper, Typesetter, inspect, json_schema,
};
use serde::Serialize;
use statistics::weigh::Population;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, CasingId};
use types::files::{MAX_TABLE, read_within};
use types::message::say;

/// What reports look like.
#[derive(clap::Args)]
pub struct LookArgs {
    /// Folder for the reports.
    #[arg(long, value_name = "DIR")]
    pub reports: PathBuf,
    /// Languages of the reports: en, es. The first one's files lie in DIR, others
    /// in DIR/es … The first is spoken on the terminal too.
    #[arg(long, value_delimiter = ',', value_name = "LANG,…")]
    pub language: Vec<Language>,
    /// Formats: html, json, csv, pdf (default: all but pdf).
    #[arg(long, value_delimiter = ',', value_name = "FORMAT,…")]
    pub format: Vec<Format>,
    /// Paper of the PDF: a4 or letter.
    #[arg(long)]
    pub paper: Option<Paper>,
    /// The laboratory's particulars: name, logo, accreditation, languages,
    /// PDF layout (TOML; see docs/REPORTS.md).
    #[arg(long, value_name = "FILE")]
    pub laboratory: Option<PathBuf>,
    /// The reference population to weigh by (see `brasslink calibrate`), before
    /// those kept in the store; where none fits, no likelihood ratio is given.
    #[arg(long, value_name = "FILE")]
    pub population: Option<PathBuf>,
    /// Print the manifests' free-text notes, which may name people.
    #[arg(long)]
    pub with_notes: bool,
}

impl LookArgs {
    /// The options; the command line goes before the laboratory's file.
    pub fn options(&self) -> Result<ReportOptions> {
        let laboratory = match &self.laboratory {
            None => LaboratoryConfig::default(),
            Some(path) => LaboratoryConfig::read(path)?,
        };
        fn first<T: Clone>(choices: [&[T]; 3]) -> Vec<T> {
            choices.into_iter().find(|c| !c.is_empty()).unwrap_or_default().to_vec()
        }
        // `validate --html REPORTS/validation.html` puts one there.
        let page = "validation.html";
        let formats = first([&self.format, &laboratory.formats, Format::USUAL]);
        Ok(ReportOptions {
            population: self.population.as_deref().map(Population::read).transpose()?,
            validation: self.reports.join(page).is_file().then(|| page.to_owned()),
            languages: first([&self.language, &laboratory.languages, &[Language::English]]),
            typesetter: typesetter(&formats)?,
            formats,
            paper: self.paper.unwrap_or(laboratory.paper),
            laboratory,
            issued: today().to_string(),
            notes: self.with_notes,
            all: false,
        })
    }
}

/// What sets PDFs, where they are among the formats: that it is missing is told
/// before any work is done.
pub fn typesetter(formats: &[Format]) -> Result<Option<Arc<dyn Typesetter>>> {
    if !formats.contains(&Format::Pdf) {
        return Ok(None);
    }
    Ok(Some(Arc::new(ChildTypesetter::find()?)))
}

/// `brasslink report`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    store: Option<StoreArgs>,
    #[command(flatten)]
    look: Option<LookArgs>,
    #[command(flatten)]
    wanted: WantedArgs,
    /// Issue every report again, also those whose findings did not change.
    #[arg(long)]
    all: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Tell whether a report is as it was written, and with --store whether
    /// that store issued it. Exit code 3 if not.
    Verify {
        /// The report: HTML, PDF, JSON or CSV.
        file: PathBuf,
        /// The evidence store it came from.
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        #[command(flatten)]
        json: Json,
    },
    /// Print the JSON schema of the JSON reports.
    Schema,
}

/// Which reports; without any of these: one a casing, one a proposed group,
/// and the batch summary.
#[derive(clap::Args)]
#[group(multiple = false)]
struct WantedArgs {
    /// The reports of these casings only.
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    casing: Vec<String>,
    /// One comparison in depth.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pair: Vec<String>,
    /// What ties a case to others.
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// What ties a proposed group.
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// The batch summary only.
    #[arg(long)]
    batch: bool,
}

impl WantedArgs {
    fn wanted(&self) -> Result<ReportSelection> {
        Ok(if !self.casing.is_empty() {
            let ids = self.casing.iter().map(CasingId::new).collect::<Result<_>>()?;
            ReportSelection::Casings(ids)
        } else if let [a, b] = self.pair.as_slice() {
            ReportSelection::Pair(CasingId::new(a)?, CasingId::new(b)?)
        } else if let Some(case) = &self.case {
            ReportSelection::Case(CaseId::new(case)?)
        } else if let Some(group) = &self.group {
            ReportSelection::Group(group.clone())
        } else if self.batch {
            ReportSelection::Batch
        } else {
            ReportSelection::Everything
        })
    }
}

/// Runs the subcommand.
pub fn run(args: &Args, say: Say) -> Result<End> {
    match (&args.command, &args.store, &args.look) {
        (Some(Command::Verify { file, store, json }), ..) => {
            verify(file, store.as_deref(), json, say)
        }
        (Some(Command::Schema), ..) => {
            super::output::content(&json_schema()?);
            Ok(End::AllDone)
        }
        (None, Some(from), Some(look)) => {
            let run = this_run(from);
            let store = Store::open(&from.store)?;
            let options = ReportOptions { all: args.all, ..look.options()? };
            let mut outcome = Outcome::default();
            let (dir, wanted) = (&look.reports, args.wanted.wanted()?);
            write_reports(&store, &run, dir, &wanted, &options, &mut outcome, say)?;
            finish(&outcome, from, &run, say)
        }
        _ => {
            Err(Error::new(Kind::BadInput, say!("a store and a folder for the reports are needed"))
                .advise(say!("give --store and --reports, or see `brasslink help report`")))
        }
    }
}

/// Writes reports and says where they are.
pub fn write_reports(
    store: &Store,
    run: &Run,
    dir: &Path,
    wanted: &ReportSelection,
    options: &ReportOptions,
    outcome: &mut Outcome,
    say: Say,
) -> Result<()> {
    let index = pipeline::report(store, run, dir, wanted, options, outcome, &Shown::new(say))?;
    let (issued, same) =
        (outcome.get(Counted::ReportsIssued), outcome.get(Counted::ReportsUnchanged));
    let index = index.display();
    if issued == 0 {
        tell(say, say!("reports are up to date: {index}"));
    } else {
        tell(say, say!("reports: {issued} issued, {same} unchanged: {index}"));
    }
    Ok(())
}

/// What `report verify` found.
#[derive(Serialize)]
struct Finding {
    report: Option<String>,
    seal: Option<String>,
    /// The file's bytes are those that were sealed.
    intact: bool,
    /// The store issued this file; none where no store was asked.
    issued: Option<bool>,
    issued_on: Option<String>,
}

fn verify(file: &Path, store: Option<&Path>, json: &Json, say: Say) -> Result<End> {
    let bytes = read_within(file, MAX_TABLE)?;
    let inspection = inspect(&bytes);
    let issued_on = match (&inspection, store) {
        (Some(i), Some(dir)) if i.intact() => issued(i, dir)?,
        _ => None,
    };
    let finding = Finding {
        report: inspection.as_ref().map(|i| i.report_id.clone()),
        seal: inspection.as_ref().and_then(|i| i.stated).map(|s| s.to_string()),
        intact: inspection.as_ref().is_some_and(Inspection::intact),
        issued: store.map(|_| issued_on.is_some()),
        issued_on,
    };
    if json.asked() {
        json.put(&finding)?;
    } else {
        in_words(&finding, say);
    }
    let genuine = finding.intact && finding.issued != Some(false);
    Ok(if genuine { End::AllDone } else { End::SomeFailed })
}

fn in_words(f: &Finding, say: Say) {
    match (&f.report, f.intact) {
        (None, _) => {
            tell(say, say!("no seal: this is no brasslink report, or its seal was removed"))
        }
        (Some(id), false) => tell(say, say!("CHANGED: report {id} is not as it was written")),
        (Some(id), true) => tell(say, say!("unchanged: report {id} is as it was sealed")),
    }
    match (f.issued, &f.issued_on) {
        (Some(true), Some(day)) => tell(say, say!("issued by this store on {day}")),
        (Some(false), _) if f.intact => tell(
            say,
            say!(
                "NOT ISSUED by this store: another store made it, or it was changed and sealed again"
            ),
        ),
        (None, _) if f.intact => tell(
            say,
            say!("whether it was changed and sealed again only its store can tell: add --store"),
        ),
        _ => {}
    }
}

/// The day on which the store issued a file with this seal.
fn issued(inspection: &Inspection, store: &Path) -> Result<Option<String>> {
    let snapshot = Store::open(store)?.snapshot()?;
    let issues = pipeline::issues_of(&snapshot, &inspection.report_id)?;
    let bears = |i: &pipeline::Issue| i.seals.values().any(|s| Some(*s) == inspection.stated);
    Ok(issues.into_iter().find(bears).map(|i| i.issued))
}
