//! After an order is carried out nothing in the store tells of the casing but
//! its tombstone and what the ledger had said under its name.

use crate::desk::Workbench;
use crate::run::turned_anew;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use types::evidence::Digest;

/// Every file below a folder.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

/// The content of a file, and of an HDF5 file whatever its chunks unpack to, by
/// hand: inflated, and with the bytes of each element together again.
fn unpacked(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).unwrap();
    let mut all = raw.clone();
    // The view has no data of its own: names of files, and tables for people.
    if path.extension().is_none_or(|e| e != "h5") {
        return all;
    }
    let file = hdf5::File::open(path).unwrap();
    let names = ["/", "/originals", "/mark_values"];
    for group in names.into_iter().filter_map(|name| file.group(name).ok()) {
        let members = group.member_names().unwrap();
        for dataset in members.iter().filter_map(|name| group.dataset(name).ok()) {
            let size = dataset.dtype().unwrap().size();
            for n in 0..dataset.num_chunks().unwrap_or(0) {
                let chunk = dataset.chunk_info(n).unwrap();
                let packed = &raw[chunk.addr as usize..][..chunk.size as usize];
                let mut bytes = Vec::new();
                // Behind the zlib stream stands the chunk's checksum.
                flate2::read::ZlibDecoder::new(packed).read_to_end(&mut bytes).unwrap();
                let rows = bytes.len() / size;
                let whole = |at: usize| bytes[(at % size) * rows + at / size];
                all.extend((0..rows * size).map(whole));
                all.extend(&bytes);
            }
        }
    }
    all
}

fn holding_one(path: &Path, text: &str) -> bool {
    unpacked(path).windows(text.len()).any(|window| window == text.as_bytes())
}

/// The files of a store that hold a text.
fn holding(store: &Path, text: &str) -> Vec<String> {
    let holds =
        |path: &PathBuf| unpacked(path).windows(text.len()).any(|window| window == text.as_bytes());
    let name = |path: PathBuf| {
        let relative = path.strip_prefix(store).unwrap().to_string_lossy().into_owned();
        relative.split('/').next().unwrap().to_owned()
    };
    let mut names: Vec<String> = all_files(store).into_iter().filter(holds).map(name).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn no_byte_of_the_store_tells_of_an_expunged_casing_but_its_tombstone() {
    const NAME: &str = "XQ-7731-EXPUNGED";
    let desk = Workbench::new();
    let sample = |name: &str| testkit::project().join("samples").join(name);
    let scan = sample("CHH-1187-1.x3p");
    turned_anew(&scan, &desk.path("turned.x3p"));
    desk.write(
        "manifest.csv",
        &format!(
            "file,casing_id,scene_id,case_number,notes\n{},{NAME},S-1,K-1,ZEBRANOTE\n\
             turned.x3p,B,S-2,K-2,\n{},C,S-3,K-3,\n",
            scan.display(),
            sample("CHH-1187-2.x3p").display()
        ),
    );
    desk.write("exhibit.csv", &format!("exhibit_id,type,casings\nE-1,casings,{NAME}; C\n"));
    let run = ["run", "--manifest", "manifest.csv", "--store", "store", "--reports", "reports"];
    desk.said(0, &run);
    desk.said(0, &["record", "import", "exhibit.csv", "--store", "store"]);
    let why = ["--store", "store", "--operator", "R. Ortiz", "--reason", "worn"];
    desk.said(0, &[&["lead", "inconclusive", NAME, "C"], &why[..]].concat());
    desk.said(0, &run);

    let store = desk.path("store");
    let digest = Digest::of(&std::fs::read(&scan).unwrap()).to_string();
    for text in [NAME, &digest, "ZEBRANOTE"] {
        assert!(holding(&store, text).contains(&"segments".to_owned()), "{text} is looked for");
    }
    let listed = desk.json(&["acquisition", "list", "--json", "--store", "store"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let orders = ["--casing", NAME, "--order", "order 7", "--operator", "R. Ortiz"];
    // While another name leads to its bytes it is not said to be gone.
    let holder = all_files(&store)
        .into_iter()
        .find(|path| path.parent().unwrap().ends_with("segments") && holding_one(path, &digest));
    let backup = desk.path("backup.h5");
    std::fs::hard_link(holder.unwrap(), &backup).unwrap();
    let (_, told) = desk.said(3, &[&["expunge", "store"], &orders[..]].concat());
    assert!(told.contains("not gone: segments/"), "{told}");
    std::fs::remove_file(backup).unwrap();
    desk.said(0, &[&["expunge", "store"], &orders[..]].concat());

    assert_eq!(holding(&store, "ZEBRANOTE"), [""; 0]);
    // The tombstone stands in the manifest and in the order's line of the ledger.
    for text in [NAME, &digest] {
        assert_eq!(holding(&store, text), ["ledger.jsonl", "manifest.json"]);
    }
    let read = |name: &str| std::fs::read_to_string(store.join(name)).unwrap();
    let manifest = read("manifest.json");
    let (before, _) = manifest.split_once("\"withheld\":").unwrap();
    assert!(!before.contains(NAME) && !before.contains(&digest), "{before}");
    for line in read("ledger.jsonl").lines().filter(|line| line.contains(&digest)) {
        let (before, _) = line.split_once("\"withheld\":").unwrap();
        assert!(!before.contains(&digest) && line.contains("\"action\":\"expunge\""), "{line}");
    }
    // What told of others too still tells of them, and all goes on.
    let exhibit = desk.json(&["record", "list", "exhibit", "--store", "store", "--json"]);
    assert_eq!(exhibit[0]["casings"], serde_json::json!(["C"]), "{exhibit}");
    let listed = desk.json(&["acquisition", "list", "--json", "--store", "store"]);
    assert_eq!(listed, serde_json::json!([]));
    desk.said(0, &["verify", "store"]);
    desk.said(0, &["graph", "store", "--json"]);
    desk.said(0, &["link", "--store", "store"]);
    desk.said(0, &["report", "--store", "store", "--reports", "reports", "--all"]);
}
