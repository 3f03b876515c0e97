//! Bundles that are not what they seem: each is refused with a clear message,
//! and the receiver's store is as before, byte for byte.

use super::lab::{Lab, all, casing, program};
use casework::share::HEAD;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{Batch, write_payload};

/// A sender with a bundle, and a receiver with evidence of its own.
fn bundle() -> (Lab, Lab, PathBuf) {
    let (mut a, b) = Lab::two();
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    b.add(&casing("C-001", Some("US-TX")), 2);
    let bundle = a.share_all(&b);
    (a, b, bundle)
}

/// Tries a bundle that must be refused, and says why it was.
fn refused(lab: &Lab, bundle: &Path) -> String {
    let (content, files) = (lab.content(), lab.files());
    let error = lab.take(bundle).expect_err("refused");
    assert!(error.advice.is_some(), "{error}");
    assert_eq!(lab.content(), content);
    assert_eq!(lab.files(), files);
    error.what.to_string()
}

#[test]
fn any_changed_byte_is_noticed() {
    let (_a, b, path) = bundle();
    let sound = std::fs::read(&path).unwrap();
    let text = sound.iter().position(|b| *b == 0).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut places: Vec<usize> = (0..text).step_by(3).collect();
    places.extend((0..60).map(|_| random.random_range(text..HEAD)));
    places.extend((0..200).map(|_| random.random_range(HEAD..sound.len())));
    places.extend([HEAD - 1, HEAD, sound.len() - 1]);
    let files = b.files();
    for place in places {
        let mut changed = sound.clone();
        changed[place] ^= 1 << random.random_range(0..8);
        std::fs::write(&path, &changed).unwrap();
        let error = b.take(&path).expect_err("refused");
        assert!(error.what.contains("bundle") || error.what.contains("agency"), "{error}");
    }
    assert_eq!(b.files(), files);
    for length in [0, 100, HEAD, sound.len() - 1] {
        std::fs::write(&path, &sound[..length]).unwrap();
        refused(&b, &path);
    }
    std::fs::write(&path, [&sound[..], b"more"].concat()).unwrap();
    assert!(refused(&b, &path).contains("bytes, but was signed with"));
    std::fs::write(&path, &sound).unwrap();
    b.take(&path).unwrap();
}

#[test]
fn only_the_named_agency_speaks_for_itself_and_only_to_the_receiver() {
    let (mut a, b, path) = bundle();
    let (mut thief, mut c) = (Lab::new("FGE-CHH"), Lab::new("DPS-TX"));
    (thief.private, thief.public) = store::key_pair(&[9; 32]).unwrap();
    let payload = b.folder.path().join("payload");
    std::fs::write(&payload, &std::fs::read(&path).unwrap()[HEAD..]).unwrap();
    assert!(refused(&b, &thief.sign(&b, &payload, 1)).contains("signed with another key"));
    assert!(refused(&b, &c.sign(&b, &payload, 1)).contains("names no agency \"DPS-TX\""));
    c.trust(&a, None);
    assert!(refused(&c, &path).contains("was made for ATF-PHX, not for DPS-TX"));
    // What came from another is not passed on.
    b.take(&path).unwrap();
    let (mut b, theirs) = (b, ["C-001@FGE-CHH".to_owned()].into());
    let theirs = casework::share::Selection { casings: theirs, ..Default::default() };
    let told = b.export_to(&a, &theirs).unwrap_err().what;
    assert!(told.contains("belongs to FGE-CHH, which alone may share it"), "{told}");
    let (_, made) = b.export_to(&a, &all()).unwrap();
    assert_eq!(made.statement.holds["casing"], 1);
    assert!(a.share_all(&b).exists());
}

const SCENE: &str = r#"{"id":"S@FGE-CHH","date":null,"state":null,"agency":null,"case":null}"#;

fn body(id: &str, scene: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","origin":"evidence","scene":{scene},"firearm":null,"calibre":null,
            "firing_pin_shape":"unknown","notes":""{more}}}"#
    )
}

#[test]
fn a_bundle_speaks_only_of_what_is_its_senders_and_carries_only_what_bundles_carry() {
    let (a, b, _) = bundle();
    let own = "C-9@FGE-CHH";
    let sound = body(own, SCENE, "");
    let verdict = r#"{"at":"2026-03-14T10:00:00Z","conclusion":"hit","a":"C@FGE-CHH",
        "b":"C-001@ATF-PHX","by":"FGE-CHH","agency":null}"#;
    let exhibit =
        |casing| format!(r#"{{"id":"X@FGE-CHH","kind":"casings","casings":["{casing}"]}}"#);
    let moved = |exhibit, to| {
        format!(r#"{{"id":"M@FGE-CHH","exhibit":"{exhibit}","at":"2026-03-16","to":"{to}"}}"#)
    };
    for (kind, id, body, told) in [
        ("casing", "C-9@ATF-PHX", body("C-9@ATF-PHX", SCENE, ""), "is not FGE-CHH's to share"),
        ("casing", "C-001", body("C-001", SCENE, ""), "is not FGE-CHH's to share"),
        ("casing", "C@DPS-TX", body("C@DPS-TX", SCENE, ""), "is not FGE-CHH's to share"),
        ("casing", own, body("C-8@FGE-CHH", SCENE, ""), "names itself otherwise"),
        ("casing", own, body(own, &SCENE.replace("S@", "S"), ""), "without saying whose"),
        ("casing", own, body(own, &SCENE.replace("CHH", "SON"), ""), "belongs to FGE-SON"),
        ("casing", own, sound.replace(r#""notes":"""#, r#""notes":"Juan""#), "field \"notes\""),
        ("casing", own, body(own, SCENE, r#","buyer":"Juan""#), "field \"buyer\""),
        ("decision", "D@FGE-CHH", verdict.replace("hit", "maybe"), "cannot be understood"),
        ("decision", "D@FGE-CHH", verdict.replace("ATF-PHX", "DPS-TX"), "belongs to DPS-TX"),
        ("decision", "D@FGE-CHH", verdict.replace("\"by\":\"FGE-CHH", "\"by\":\"Juan"), "\"by\""),
        ("exhibit", "X@FGE-CHH", exhibit("C-001@ATF-PHX"), "says who holds C-001@ATF-PHX"),
        ("movement", "M@FGE-CHH", moved("X@ATF-PHX", "withheld"), "says who holds X@ATF-PHX"),
        ("movement", "M@FGE-CHH", moved("X@FGE-CHH", "Juan"), "field \"to\""),
        ("notification", "M@FGE-CHH", moved("X@ATF-PHX", "withheld"), "says who holds X@ATF-PHX"),
        ("purchaser", "P@FGE-CHH", "{}".to_owned(), "a kind that bundles do not carry"),
        ("population", "P@FGE-CHH", "{}".to_owned(), "a kind that bundles do not carry"),
        ("bundle_received", "X@FGE-CHH", "{}".to_owned(), "a kind that bundles do not carry"),
    ] {
        let why = refused(&b, &a.forge(&b, &[(kind, id, &body)]));
        assert!(why.contains(told), "{kind} {id}: {why}");
    }
    let twice = [("casing", own, sound.as_str()), ("casing", own, sound.as_str())];
    assert!(refused(&b, &a.forge(&b, &twice)).contains("is in the bundle twice"));
    b.take(&a.forge(&b, &twice[..1])).unwrap();
    let versions = b.store().snapshot().unwrap().versions("casing", own).unwrap();
    assert_eq!(versions[0].author, "FGE-CHH", "whoever the bundle names as its author");
}

#[test]
fn a_record_of_ones_own_is_not_gone_on_with() {
    let (a, b, _) = bundle();
    b.add(&casing("C-9@FGE-CHH", None), 5);
    let record = body("C-9@FGE-CHH", SCENE, "");
    let why = refused(&b, &a.forge(&b, &[("casing", "C-9@FGE-CHH", &record)]));
    assert!(why.contains("this store has its own casing C-9@FGE-CHH"), "{why}");
}

#[test]
fn a_replayed_bundle_changes_nothing_and_an_older_one_is_refused() {
    let (mut a, b, first) = bundle();
    let second = a.share_all(&b);
    assert!(!b.take(&first).unwrap().known);
    let files = b.files();
    assert!(b.take(&first).unwrap().known);
    assert_eq!(b.files(), files, "not a byte");
    a.add(&casing("C-002", Some("MX-CHH")), 3);
    let third = a.share_all(&b);
    let taken = b.take(&third).unwrap();
    assert!(taken.remarks[0].contains("1 earlier bundles of FGE-CHH were not taken over"));
    let why = refused(&b, &second);
    assert!(why.contains("number 2 of FGE-CHH, of which number 3 was taken over"), "{why}");
    assert!(b.take(&first).unwrap().known);
    // A sender that lost its memory gives a number twice.
    let payload = a.folder.path().join("payload");
    std::fs::write(&payload, &std::fs::read(&second).unwrap()[HEAD..]).unwrap();
    let why = refused(&b, &a.sign(&b, &payload, 3));
    assert!(why.contains("has made two bundles with number 3"), "{why}");
    b.take(&a.sign(&b, &payload, 4)).unwrap();
}

#[test]
fn hostile_hdf5_in_the_clothes_of_a_bundle_is_refused() {
    let (a, b, sound) = bundle();
    let folder = testkit::project().join("tests/store/hostile");
    let mut seeds: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    seeds.sort();
    assert!(seeds.len() >= 15);
    for seed in seeds {
        let why = refused(&b, &a.sign(&b, &seed, 9));
        assert!(why.starts_with("the bundle's content: "), "{}: {why}", seed.display());
    }
    // Mutations of a good one, signed: whatever the mutation does to HDF5.
    let payload = std::fs::read(sound).unwrap()[HEAD..].to_vec();
    let path = a.folder.path().join("mutated.h5");
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut sorts = [0; 2];
    for number in 0..40 {
        let mut mutated = payload.clone();
        for _ in 0..random.random_range(1..20) {
            // Most of the structure is at the beginning.
            let end = if random.random_bool(0.7) { 4096 } else { mutated.len() };
            let place = random.random_range(0..end);
            mutated[place] = random.random();
        }
        std::fs::write(&path, &mutated).unwrap();
        let files = b.files();
        match b.take(&a.sign(&b, &path, 10 + number)) {
            Ok(_) => sorts[0] += 1,
            Err(_) => {
                sorts[1] += 1;
                assert_eq!(b.files(), files);
            }
        }
        assert!(store::verify(&b.root()).is_empty());
    }
    assert!(sorts[1] > 10, "{sorts:?}");
}

#[test]
fn a_million_records_are_refused_in_bounded_memory() {
    let (a, b, _) = bundle();
    let mut batch = Batch::default();
    for n in 0..1_000_000 {
        batch.add_record("case", format!("K{n}@FGE-CHH"), "{}", "", "");
    }
    let payload = a.folder.path().join("payload.h5");
    write_payload(&payload, batch, Vec::new(), &|_| unreachable!()).unwrap();
    let bundle = a.sign(&b, &payload, 1);
    let files = b.files();
    // As a process of its own that may use 1 GiB of address space.
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1048576 && exec \"$@\"", "sh"])
        .arg(program())
        .args(["bundle", "import"])
        .arg(&bundle)
        .arg("--store")
        .arg(b.root())
        .arg("--policy")
        .arg(b.policy_file())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("records claims more data than is read of such a file"), "{told}");
    assert_eq!(b.files(), files);
}
