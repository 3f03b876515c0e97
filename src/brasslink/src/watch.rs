//! `watch`: standing queries.

use super::json::Json;
use super::this_run::{StoreArgs, this_run};
use super::{End, Say, tell};
use casework::{Watch, WatchNotice, Watched};
use pipeline::{keep_watch, watch_notices, watches};
use std::path::PathBuf;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, Coordinates, FirearmId, State};
use types::message::say;

const EXAMPLE: &str = "\
Examples:
  brasslink watch add --firearm CHH-A-0117 --store evidence --operator 'R. Ortiz'
  brasslink watch add --near 31.7333,-106.4833 --radius-km 80 --store evidence
  brasslink watch list --store evidence
  brasslink watch remove W-1f20a3b4c5d6e7f8 --reason 'case closed' --store evidence

A new link that touches a query is told first when linking ends, stands first in
the batch summary, and stays in `watch list` with when and why.";

/// `brasslink watch`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Watch a firearm, a group, a case or a place from now on.
    Add(AddArgs),
    /// End a standing query; what it was told stays.
    Remove {
        /// The query, as `watch list` names it.
        id: String,
        /// Why.
        #[arg(long, value_parser = super::reason, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List what touched the standing queries, newest first, then the queries.
    List {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        json: Json,
    },
}

/// What is to be watched.
#[derive(clap::Args)]
pub struct AddArgs {
    #[command(flatten)]
    what: What,
    /// How far around the point of --near, in kilometres.
    #[arg(long, value_name = "KM", requires = "near")]
    radius_km: Option<f64>,
    /// Why, for the record.
    #[arg(long, value_parser = super::reason, value_name = "TEXT", default_value = "watch")]
    reason: String,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A firearm.
    #[arg(long, value_name = "ID")]
    firearm: Option<FirearmId>,
    /// A proposed group.
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// A case.
    #[arg(long, value_name = "NUMBER")]
    case: Option<CaseId>,
    /// Scenes of a state, by code or name.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Scenes around a point (with --radius-km).
    #[arg(long, value_name = "LAT,LON", requires = "radius_km", allow_hyphen_values = true)]
    near: Option<String>,
}

impl AddArgs {
    fn watched(&self) -> Result<Watched> {
        let What { firearm, group, case, state, near } = &self.what;
        if let Some(id) = firearm {
            return Ok(Watched::Firearm(id.clone()));
        }
        if let Some(id) = group {
            return Ok(Watched::Group(id.clone()));
        }
        if let Some(id) = case {
            return Ok(Watched::Case(id.clone()));
        }
        if let Some(name) = state {
            return Ok(Watched::State(State::find(name)?.code.to_owned()));
        }
        let text = near.as_deref().unwrap_or_default();
        let point = text.split_once(',').and_then(|(lat, lon)| {
            Some((lat.trim().parse::<f64>().ok()?, lon.trim().parse::<f64>().ok()?))
        });
        let (lat, lon) = point.ok_or_else(|| {
            Error::new(Kind::BadInput, say!("{text:?} is no point"))
                .advise(say!("latitude and longitude in degrees, such as 31.7333,-106.4833"))
        })?;
        Watched::near(Coordinates::new(lat, lon)?, self.radius_km.unwrap_or_default())
    }
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Add(args) => {
            let run = this_run(&args.store);
            let watch = Watch::new(args.watched()?, &run.who, &run.started);
            let store = Store::open(&args.store.store)?;
            let again = watches(&store.snapshot()?)?.iter().any(|w| w.id == watch.id && w.active);
            if !again {
                keep_watch(&store, &watch, &args.reason, &run)?;
            }
            tell(say, say!("{}: {}", watch.id, watch.what));
        }
        Command::Remove { id, reason, store: at } => {
            let run = this_run(at);
            let store = Store::open(&at.store)?;
            let found = watches(&store.snapshot()?)?.into_iter().find(|w| w.id == *id);
            let watch = found.ok_or_else(|| {
                Error::new(Kind::NotFound, say!("there is no standing query {id}"))
                    .advise(say!("see `brasslink watch list`"))
            })?;
            keep_watch(&store, &Watch { active: false, ..watch }, reason, &run)?;
            tell(say, say!("{id} is no longer watched"));
        }
        Command::List { store, json } => {
            let snapshot = Store::open(store)?.snapshot()?;
            let (watches, notices) = (watches(&snapshot)?, watch_notices(&snapshot)?);
            if json.asked() {
                json.put(&serde_json::json!({ "notices": notices, "watches": watches }))?;
            } else {
                tell_notices(&notices, say);
                for w in &watches {
                    let state = if w.active { "" } else { " (removed)" };
                    tell(say, say!("{}  {} by {} since {}{state}", w.id, w.what, w.by, w.since));
                }
            }
        }
    }
    Ok(End::AllDone)
}

/// Tells of links that touch standing queries.
pub fn tell_notices(notices: &[WatchNotice], say: Say) {
    for n in notices {
        tell(
            say,
            say!(
                "WATCHED: {} and {}, score {:.2}, at {}: {} ({}, for {})",
                n.a,
                n.b,
                n.score,
                n.at,
                n.what,
                n.why,
                n.by
            ),
        );
    }
}
