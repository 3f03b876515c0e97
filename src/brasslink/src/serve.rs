//! `serve`: the review station for browsers.

use super::{End, Say, heads, now, recipe, tell};
use casework::Conclusion;
use jiff::Timestamp;
use station::server::{Ready, Stop, Transport, serve};
use station::{Settings, Station};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use types::error::{Error, Kind, Result};
use types::message::say;

const EXAMPLE: &str = "\
Examples:
  brasslink people add admin --name 'A. Keeper' --role administrator --people people.db
  brasslink people add rortiz --name 'R. Ortiz' --role examiner,verifier --people people.db
  brasslink serve --store evidence --people people.db --listen 0.0.0.0:8443
  brasslink serve --store evidence --people people.db --plain-http --listen 127.0.0.1:8080

Without --cert and --key the station makes a certificate of its own, keeps it
beside the people file and prints its fingerprint, which people compare once in
their browser. It asks nothing of the network. SIGTERM or Ctrl-C ends it: what is
being recorded is recorded first.";

/// What the station is started with.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The people file, made by `brasslink people add`; it belongs beside the
    /// store, not into it.
    #[arg(long, value_name = "FILE")]
    people: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// The certificate (PEM), with those that vouch for it.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Without TLS; on this machine alone, behind a server that has it.
    #[arg(long, conflicts_with_all = ["cert", "key"])]
    plain_http: bool,
    /// Which conclusions call for a blind second person: lead, hit, eliminated,
    /// inconclusive, or none.
    #[arg(long, value_name = "CONCLUSIONS", value_delimiter = ',', default_value = "lead,hit")]
    verify: Vec<String>,
}

/// Serves until it is told to stop.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let transport = match (&args.cert, &args.key) {
        _ if args.plain_http => Transport::Plain,
        (Some(certificate), Some(key)) => {
            Transport::Files { certificate: certificate.clone(), key: key.clone() }
        }
        _ => Transport::SelfSigned { beside: args.people.clone() },
    };
    let store = args.store.clone();
    let station = Station::open(Settings {
        store: args.store.clone(),
        people: args.people.clone(),
        recipe: recipe::in_force().hash(),
        verify: called_for(&args.verify)?,
        secure: !args.plain_http,
        clock: Arc::new(Timestamp::now),
        now,
        written: Arc::new(move |who| heads::keep(&store, who)),
    })?;
    let stop = Stop::default();
    listen(&stop);
    let ready = |r: &Ready| {
        let scheme = if r.secure { "https" } else { "http" };
        tell(say, say!("serving on {scheme}://{}", r.address));
        if let Some(print) = &r.fingerprint {
            tell(say, say!("fingerprint of the certificate (SHA-256): {print}"));
        }
    };
    serve(&station, args.listen, &transport, &stop, &ready)?;
    tell(say, say!("stopped"));
    Ok(End::AllDone)
}

fn called_for(words: &[String]) -> Result<std::collections::BTreeSet<Conclusion>> {
    let named = words.iter().filter(|word| word.as_str() != "none").map(|word| {
        let known = Conclusion::of_word(word.trim()).filter(|c| *c != Conclusion::Withdrawn);
        known.ok_or_else(|| {
            Error::new(Kind::BadInput, say!("there is no conclusion {word:?}"))
                .advise(say!("use lead, hit, eliminated, inconclusive, or none"))
        })
    });
    named.collect()
}

/// From now on SIGINT and SIGTERM end the station in good order.
#[cfg(unix)]
fn listen(stop: &Stop) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    let stop = stop.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            stop.now();
        }
    });
}

/// Elsewhere the system ends the process; store and people file are as safe.
#[cfg(not(unix))]
const fn listen(_: &Stop) {}
