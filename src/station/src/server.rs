//! The station on the network: TLS, time limits, a graceful end.

use crate::Station;
use axum_server::tls_rustls::RustlsConfig;
use data_encoding::HEXUPPER;
use hyper_util::rt::TokioTimer;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::say;
use types::system::{for_owner_alone, host_name, open_to_everybody};

/// How long a browser may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(15);
/// How long requests may go on after the station was told to stop.
const LAST: Duration = Duration::from_secs(30);

/// How the station is reached.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Without TLS, from this machine alone.
    Plain,
    /// TLS with a certificate and key (PEM).
    Files {
        /// The certificate, and those that vouch for it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// TLS with a certificate of its own making, kept beside the people file.
    SelfSigned {
        /// The people file.
        beside: PathBuf,
    },
}

/// Ends the station from another thread.
#[derive(Clone, Default)]
pub struct Stop(axum_server::Handle<SocketAddr>);

impl Stop {
    /// Takes no more requests, and waits for those that are going on.
    pub fn now(&self) {
        self.0.graceful_shutdown(Some(LAST));
    }
}

/// What is told when the station can be reached.
pub struct Ready {
    /// Where.
    pub address: SocketAddr,
    /// Whether by TLS.
    pub secure: bool,
    /// SHA-256 of the certificate, where it is of the station's own making.
    pub fingerprint: Option<String>,
}

/// Serves until told to stop.
///
/// # Errors
/// Where the address cannot be listened on, or the certificate not be used.
pub fn serve(
    station: &Station,
    listen: SocketAddr,
    transport: &Transport,
    stop: &Stop,
    ready: &dyn Fn(&Ready),
) -> Result<()> {
    if matches!(transport, Transport::Plain) && !listen.ip().is_loopback() {
        let what = say!("without TLS the station listens on this machine alone, not on {listen}");
        return Err(Error::new(Kind::BadInput, what)
            .advise(say!("leave --plain-http out, or listen on 127.0.0.1")));
    }
    if !station.people.has_administrator()? {
        let what = say!("the people file has no administrator who could unlock an account");
        return Err(Error::new(Kind::BadInput, what).at(&station.settings.people).advise(say!(
            "make one: `brasslink people add LOGIN --name NAME --role administrator`"
        )));
    }
    let at = |e: &std::io::Error| {
        Error::new(Kind::Io, say!("listening on {listen} failed: {e}"))
            .because(e)
            .advise(say!("see whether another program has this address; name one with --listen"))
    };
    let listener = TcpListener::bind(listen).map_err(|e| at(&e))?;
    listener.set_nonblocking(true).map_err(|e| at(&e))?;
    let address = listener.local_addr().map_err(|e| at(&e))?;
    let (tls, fingerprint) = match transport {
        Transport::Plain => (None, None),
        Transport::Files { certificate, key } => {
            for_some_alone(key)?;
            (Some(config(certificate, key)?.0), None)
        }
        Transport::SelfSigned { beside } => {
            let (certificate, key) = self_signed(beside, listen.ip())?;
            let (tls, print) = config(&certificate, &key)?;
            (Some(tls), Some(print))
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(32)
        .enable_all()
        .build()
        .map_err(|e| Error::new(Kind::Io, say!("the server could not be started: {e}")))?;
    ready(&Ready { address, secure: tls.is_some(), fingerprint });
    let service = station.router().into_make_service_with_connect_info::<SocketAddr>();
    let ended = runtime.block_on(async {
        match tls {
            None => {
                let mut server = axum_server::from_tcp(listener)?.handle(stop.0.clone());
                limits(server.http_builder());
                server.serve(service).await
            }
            Some(tls) => {
                let mut server =
                    axum_server::from_tcp_rustls(listener, tls)?.handle(stop.0.clone());
                limits(server.http_builder());
                server.serve(service).await
            }
        }
    });
    // What was begun is brought to its end: a decision that is being written.
    runtime.shutdown_timeout(LAST);
    ended.map_err(|e| at(&e))
}

fn limits(http: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(32 * 1024);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
}

/// TLS 1.3 alone, and the certificate's fingerprint.
fn config(certificate: &Path, key: &Path) -> Result<(RustlsConfig, String)> {
    let pem = |path: &Path, e: &dyn std::fmt::Display| {
        Error::new(Kind::BadInput, say!("no certificate or key in PEM: {e}"))
            .at(path)
            .advise(say!("name the files with --cert and --key"))
    };
    let chain: Vec<CertificateDer> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|e| pem(certificate, &e))?;
    let first = chain.first().ok_or_else(|| pem(certificate, &say!("the file is empty")))?;
    let hex = HEXUPPER.encode(&Sha256::digest(first));
    let pairs: Vec<&str> = (0..hex.len()).step_by(2).filter_map(|i| hex.get(i..i + 2)).collect();
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| pem(key, &e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut made = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|e| {
            Error::new(Kind::BadInput, say!("the certificate cannot be used: {e}")).at(certificate)
        })?;
    made.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((RustlsConfig::from_config(Arc::new(made)), pairs.join(":")))
}

/// Refuses a private key that everybody on this machine can read: whoever has it
/// can pass for the station. A group may have it, as certificate programs set it.
fn for_some_alone(key: &Path) -> Result<()> {
    let about = std::fs::metadata(key)
        .map_err(|e| Error::io(say!("reading the certificate's key"), key, &e))?;
    let Some(mode) = open_to_everybody(&about) else { return Ok(()) };
    let what = say!("everybody on this machine can read the certificate's key (mode {mode:04o})");
    Err(Error::new(Kind::BadInput, what).at(key).advise(say!(
        "chmod 640 it, or 600; if somebody may have read it, have a new certificate made"
    )))
}

/// A certificate of the station's own making: the one beside the people file, or
/// a new one.
fn self_signed(beside: &Path, ip: IpAddr) -> Result<(PathBuf, PathBuf)> {
    let named = |end: &str| {
        let mut name = beside.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let (certificate, key) = (named(".cert.pem"), named(".key.pem"));
    if certificate.exists() && key.exists() {
        return Ok((certificate, key));
    }
    let mut names = vec!["localhost".to_owned(), ip.to_string()];
    names.extend(host_name());
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| {
        Error::new(Kind::Internal, say!("no certificate could be made: {e}"))
            .advise(say!("give one with --cert and --key"))
    })?;
    private(&key, &made.signing_key.serialize_pem())?;
    private(&certificate, &made.cert.pem())?;
    Ok((certificate, key))
}

/// Writes a file that only its owner can read.
fn private(path: &Path, text: &str) -> Result<()> {
    let file = for_owner_alone().create(true).truncate(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|e| Error::io(say!("writing the certificate"), path, &e))
}
