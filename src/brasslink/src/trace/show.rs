//! `trace show`: one trace or all, and on request the persons in it.

use super::super::this_run::{StoreArgs, this_run};
use super::super::{End, Say, print_json, tell};
use crate::json::Json;
use crate::keys::read_private;
use casework::trace::personal::Person;
use casework::trace::{CAUTION, Indicator, TimeToCrime, Traces, indicators};
use pipeline::{read_person, sealed_person};
use std::path::PathBuf;
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{TraceId, TraceRequest};
use types::message::{Message, say};

/// `brasslink trace show`.
#[derive(clap::Args)]
pub struct Args {
    /// The trace (default: all, with their indicators).
    trace: Option<TraceId>,
    #[command(flatten)]
    store: StoreArgs,
    /// Decrypt the personal data too; the access is entered in the ledger.
    #[arg(long, requires_all = ["identity", "reason", "trace"])]
    personal: bool,
    /// The identity that decrypts.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Why, for the ledger.
    #[arg(long, value_parser = crate::reason, value_name = "TEXT")]
    reason: Option<String>,
}

/// Shows what is asked for.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let store = Store::open(&args.store.store)?;
    let traces = Traces::read(&store.snapshot()?)?;
    let Some(id) = &args.trace else { return list(&traces, args, say) };
    let request = traces.requests.iter().find(|r| r.id == *id).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("the store has no request {id}"))
            .advise(say!("`brasslink trace show` without an identifier lists them"))
    })?;
    let sealed = sealed_person(&store.snapshot()?, id)?;
    let time = time(&traces, request);
    let mut shown = serde_json::json!({
        "request": request,
        "result": traces.results.get(id),
        "chain": traces.results.get(id).map(|r| r.chain()),
        "time_to_crime": time,
        "personal_fields_kept": sealed.map(|s| s.fields).unwrap_or_default(),
    });
    if args.personal {
        let person: Person = {
            let path = args.identity.clone().unwrap_or_default();
            let identity = read_private(&path)?;
            let reason = args.reason.as_deref().unwrap_or_default();
            let run = this_run(&args.store);
            read_person(&store, id, &identity, reason, &run)?
        };
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("personal".into(), serde_json::json!(person));
        }
    }
    print_json(&shown)?;
    Ok(End::AllDone)
}

fn time(traces: &Traces, request: &TraceRequest) -> Option<TimeToCrime> {
    TimeToCrime::between(traces.results.get(&request.id)?.sale.date, request.recovered)
}

fn list(traces: &Traces, args: &Args, say: Say) -> Result<End> {
    for request in &traces.requests {
        let TraceRequest { id, firearm, .. } = request;
        let serial = request.description.serial.as_ref().map_or("-".into(), ToString::to_string);
        let came = traces.results.get(id).map_or_else(
            || say!("no result yet"),
            |result| {
                let outcome = match result.reason {
                    Some(reason) => say!("{} ({reason})", result.outcome),
                    None => Message::foreign(result.outcome.to_string()),
                };
                match time(traces, request) {
                    Some(time) => say!("{outcome}, {time} to crime"),
                    None => outcome,
                }
            },
        );
        tell(say, say!("{id}  firearm {firearm}  serial {serial}  {came}"));
    }
    let signs = indicators(traces);
    for Indicator { sign, what, firearms } in &signs {
        let sign = serde_json::to_value(sign).map_or(String::new(), |v| types::evidence::cell(&v));
        let firearms: Vec<&str> = firearms.iter().map(|f| f.as_str()).collect();
        let sign = sign.replace('_', " ");
        tell(say, say!("indicator: {sign}: {what}: {}", firearms.join(", ")));
    }
    let (all, back) = (traces.requests.len(), traces.results.len());
    tell(say, say!("{all} requests, {back} results, {} indicators", signs.len()));
    if !signs.is_empty() {
        tell(say, Message::phrase(CAUTION));
    }
    Json::to(&args.store.json).put(&serde_json::json!({
        "requests": traces.requests, "results": traces.results,
        "indicators": signs, "caution": CAUTION,
    }))?;
    Ok(End::AllDone)
}
