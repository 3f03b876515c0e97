//! Search rules as options, and `excluded`: the ledger of what they left out.

use super::json::Json;
use super::{End, Say, tell};
use crate::recipe;
use casework::{Partition, Reason, SearchRules};
use pipeline::search_ledger;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, PartialDate, State};
use types::message::{Message, say};

/// Which part of the gallery is searched. Whatever is not known passes.
#[derive(clap::Args)]
#[command(next_help_heading = "Search rules (what is not known passes; `excluded` tells the rest)")]
pub struct RulesArgs {
    /// Only casings of the probe's calibre family.
    #[arg(long)]
    same_calibre: bool,
    /// Only casings with the probe's shape of firing pin.
    #[arg(long)]
    same_firing_pin: bool,
    /// Only scenes in this time: 2026-03, 2025-11/2026-02, …
    #[arg(long, value_name = "DATES")]
    dates: Option<PartialDate>,
    /// Only scenes in these countries or states (MX, US-TX, …).
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    within: Vec<String>,
    /// Only scenes in the probe's own state, region or nation, or across its
    /// border.
    #[arg(long, value_enum, value_name = "PART")]
    partition: Option<Part>,
    /// A region for `--partition region`: NAME=CODE,CODE,…
    #[arg(long, value_name = "NAME=CODES", required_if_eq("partition", "region"))]
    region: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    State,
    Region,
    Nation,
    CrossBorder,
}

impl RulesArgs {
    /// The rules.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a region that is not NAME=CODES.
    pub fn rules(&self) -> Result<SearchRules> {
        let partition = match self.partition {
            None => None,
            Some(Part::State) => Some(Partition::State),
            Some(Part::Nation) => Some(Partition::Nation),
            Some(Part::CrossBorder) => Some(Partition::CrossBorder),
            Some(Part::Region) => {
                let regions = self.region.iter().map(|text| region(text));
                Some(Partition::Region(regions.collect::<Result<_>>()?))
            }
        };
        Ok(SearchRules {
            calibre: self.same_calibre,
            firing_pin: self.same_firing_pin,
            dates: self.dates,
            regions: self.within.iter().map(|code| part(code)).collect::<Result<_>>()?,
            partition,
        })
    }
}

fn region(text: &str) -> Result<(String, BTreeSet<String>)> {
    let (name, codes) = text.split_once('=').ok_or_else(|| {
        Error::new(Kind::BadInput, say!("{text:?} is not NAME=CODES"))
            .advise(say!("such as --region frontera=MX-CHH,MX-SON,US-TX,US-NM,US-AZ"))
    })?;
    Ok((name.to_owned(), codes.split(',').map(part).collect::<Result<_>>()?))
}

/// The code of a country, or of a state by any code or name.
fn part(text: &str) -> Result<String> {
    let text = text.trim();
    if State::all().any(|state| state.country().eq_ignore_ascii_case(text)) {
        return Ok(text.to_uppercase());
    }
    State::find(text).map(|state| state.code.to_owned())
}

const EXAMPLE: &str = "\
Every other casing of the store was either compared with a mark of this one, or
is listed with the reason why not.

Example:
  brasslink excluded CHH-1187-1 --store evidence";

/// `brasslink excluded`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The casing.
    #[arg(value_parser = |id: &str| CasingId::new(id))]
    casing: CasingId,
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    #[command(flatten)]
    json: Json,
}

/// Tells what searches for a casing left out.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    let ledgers = search_ledger(&snapshot, &recipe::in_force().hash(), &args.casing)?;
    if args.json.asked() {
        args.json.put(&ledgers)?;
        return Ok(End::AllDone);
    }
    for ledger in &ledgers {
        let (compared, excluded) = (&ledger.searched.compared, &ledger.searched.excluded);
        let total = compared.len() + excluded.len();
        tell(
            say,
            say!(
                "{} ({}): {} of {total} casings compared",
                ledger.kind,
                ledger.modality,
                compared.len()
            ),
        );
        let mut by_reason: BTreeMap<&[Reason], Vec<&str>> = BTreeMap::new();
        for line in excluded {
            by_reason.entry(&line.reasons).or_default().push(line.casing.as_str());
        }
        for (reasons, casings) in by_reason {
            let words = Message::joined(reasons.iter().map(|r| r.words()), "; ");
            tell(say, say!("  {} {words}: {}", casings.len(), casings.join(", ")));
        }
    }
    Ok(End::AllDone)
}
