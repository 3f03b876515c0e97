//! `serve` as it is written.

use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  brasslink people add admin --name 'A. Keeper' --role administrator --people people.db
  brasslink people add rortiz --name 'R. Ortiz' --role examiner,verifier --people people.db
  brasslink serve --store evidence --people people.db --listen 0.0.0.0:8443
  brasslink serve --store evidence --people people.db --plain-http --listen 127.0.0.1:8080
  brasslink serve --demo trial

Without --cert and --key the station makes a certificate of its own, keeps it
beside the people file and prints its fingerprint, which people compare once in
their browser. It asks nothing of the network. SIGTERM or Ctrl-C ends it: what is
being recorded is recorded first.";

/// What the station is started with.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct ServeArgs {
    /// The evidence store.
    #[arg(long, value_name = "DIR", required_unless_present = "demo")]
    pub store: Option<PathBuf>,
    /// The people file, made by `brasslink people add`; it belongs beside the
    /// store, not into it.
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    pub people: Option<PathBuf>,
    /// Try it: make a store of the bundled samples and made-up people in DIR, anew
    /// each time, tell how each of them logs in, and serve it on this machine
    /// without TLS.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["store", "people", "cert", "key"])]
    pub demo: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// The certificate (PEM), with those that vouch for it.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Without TLS; on this machine alone, behind a server that has it.
    #[arg(long, conflicts_with_all = ["cert", "key"])]
    pub plain_http: bool,
    /// Which conclusions call for a blind second person: lead, hit, eliminated,
    /// inconclusive, or none.
    #[arg(long, value_name = "CONCLUSIONS", value_delimiter = ',', default_value = "lead,hit")]
    pub verify: Vec<String>,
    /// The sharing policy; bundles then come in and go out through the station.
    #[arg(long, value_name = "FILE", requires = "bundles")]
    pub policy: Option<PathBuf>,
    /// The folder of bundles: those that came lie in its folder `in`, those that
    /// go in `out`.
    #[arg(long, value_name = "DIR", requires = "policy")]
    pub bundles: Option<PathBuf>,
    /// The laboratory's private key, with which bundles are signed.
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub signing_key: Option<PathBuf>,
}
