//! The station on the network.

use super::lab::Lab;
use brasslink_station::server::{Ready, Stop, Transport, serve};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Serves a laboratory's station while something is done with it.
fn serving(lab: &Lab, transport: &Transport, act: impl FnOnce(SocketAddr, Option<String>, &Stop)) {
    let (stop, (tell, told)) = (Stop::default(), mpsc::channel());
    std::thread::scope(|scope| {
        let (station, own) = (lab.station.clone(), stop.clone());
        let server = scope.spawn(move || {
            let ready = |r: &Ready| tell.send((r.address, r.fingerprint.clone())).unwrap();
            serve(&station, "127.0.0.1:0".parse().unwrap(), transport, &own, &ready)
        });
        let (address, print) = told.recv_timeout(Duration::from_secs(20)).unwrap();
        act(address, print, &stop);
        stop.now();
        server.join().unwrap().unwrap();
    });
}

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn answer(stream: &mut (impl Read + Write), request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    let mut all = Vec::new();
    // A peer that ends without a farewell has still answered.
    let _end = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

fn client(
    trusted: &Path,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Option<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let built =
        rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    Some(built.ok()?.with_root_certificates(roots).with_no_client_auth())
}

#[test]
fn tls_with_a_certificate_of_its_own_that_stays_the_same() {
    let lab = Lab::new();
    let transport = Transport::SelfSigned { beside: lab.path("people.db") };
    let mut prints = Vec::new();
    for _ in 0..2 {
        serving(&lab, &transport, |address, print, _| {
            prints.push(print.unwrap());
            let config =
                client(&lab.path("people.db.cert.pem"), &[&rustls::version::TLS13]).unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
            let mut tcp = TcpStream::connect(address).unwrap();
            let mut stream = rustls::Stream::new(&mut connection, &mut tcp);
            let told = answer(&mut stream, HEALTH);
            assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("ok\n"), "{told}");
            assert!(told.contains("strict-transport-security"), "{told}");
            let told = answer(&mut TcpStream::connect(address).unwrap(), HEALTH);
            assert!(!told.contains("ok\n"), "plain words get no answer: {told}");
        });
    }
    assert_eq!(prints[0], prints[1]);
    assert_eq!(prints[0].len(), 95, "{}", prints[0]);
}

#[test]
fn without_tls_it_listens_on_this_machine_alone() {
    let lab = Lab::new();
    let refused = serve(
        &lab.station,
        "0.0.0.0:0".parse().unwrap(),
        &Transport::Plain,
        &Stop::default(),
        &|_| panic!("it must not"),
    );
    assert!(refused.is_err_and(|e| e.what.contains("this machine alone")));
    serving(&lab, &Transport::Plain, |address, print, _| {
        assert_eq!(print, None);
        let told = answer(&mut TcpStream::connect(address).unwrap(), HEALTH);
        assert!(told.ends_with("ok\n"), "{told}");
    });
}

#[test]
fn a_slow_request_is_dropped_and_others_are_served_meanwhile() {
    let lab = Lab::new();
    serving(&lab, &Transport::Plain, |address, _, _| {
        let mut slow: Vec<TcpStream> = (0..40)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(b"GET /health HTTP/1.1\r\nHost: ").unwrap();
                stream
            })
            .collect();
        let told = answer(&mut TcpStream::connect(address).unwrap(), HEALTH);
        assert!(told.ends_with("ok\n"), "{told}");
        let first = slow.first_mut().unwrap();
        first.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
        let mut rest = Vec::new();
        // Closed from the other side, not given up here.
        let waited = first.read_to_end(&mut rest).err().map(|e| e.kind());
        assert_ne!(waited, Some(std::io::ErrorKind::WouldBlock));
        assert!(!String::from_utf8_lossy(&rest).contains("ok\n"));
    });
}

#[test]
fn an_administrator_comes_before_serving() {
    let lab = Lab::new();
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    db.execute("DELETE FROM accounts WHERE login = 'adm'", []).unwrap();
    let refused = serve(
        &lab.station,
        "127.0.0.1:0".parse().unwrap(),
        &Transport::Plain,
        &Stop::default(),
        &|_| panic!("it must not"),
    );
    assert!(refused.is_err_and(|e| e.what.contains("no administrator")));
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::new();
    let made = Transport::SelfSigned { beside: lab.path("people.db") };
    serving(&lab, &made, |_, _, _| ());
    let [certificate, key] = ["cert", "key"].map(|n| lab.path(&format!("people.db.{n}.pem")));
    let files = Transport::Files { certificate, key: key.clone() };
    let mode =
        |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let listen = "127.0.0.1:0".parse().unwrap();
    let refused = serve(&lab.station, listen, &files, &Stop::default(), &|_: &Ready| ());
    let refused = refused.unwrap_err();
    assert!(refused.what.contains("mode 0644"), "{refused}");
    assert_eq!(refused.path.as_deref(), Some(key.as_path()));
    mode(0o640);
    serving(&lab, &files, |address, _, _| assert_ne!(address.port(), 0));
}
