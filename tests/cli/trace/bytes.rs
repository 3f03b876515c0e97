//! Every byte below a folder, and every byte that is packed in one.

use aho_corasick::AhoCorasick;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The files below `folder` that hold one of `words`, in the clear, deflated
/// (also from the middle of a file), or in a chunk of an HDF5 dataset.
pub fn holding(folder: &Path, words: &[&str]) -> BTreeSet<(PathBuf, String)> {
    let utf16 = |word: &&str| word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let forms = forms.into_iter().chain(words.iter().map(utf16)).collect::<Vec<_>>();
    let search = AhoCorasick::new(forms).unwrap();
    let mut found = BTreeSet::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        let mut look = |bytes: &[u8]| {
            for hit in search.find_overlapping_iter(bytes) {
                let word = words[hit.pattern().as_usize() % words.len()];
                found.insert((path.clone(), word.to_owned()));
            }
        };
        look(&bytes);
        inflated(&bytes).iter().chain(&unzipped(&bytes)).for_each(|packed| look(packed));
        // An HDF5 file may begin after a head of its own, as bundles do.
        let heads = [0, casework::share::HEAD];
        let begins = |at: &usize| bytes.get(*at..).is_some_and(|b| b.starts_with(HDF5));
        if let Some(head) = heads.into_iter().find(begins).filter(|_| !path.ends_with("view.h5")) {
            let mut plain = tempfile::NamedTempFile::new().unwrap();
            plain.write_all(&bytes[head..]).unwrap();
            chunks(plain.path()).iter().for_each(|chunk| look(chunk));
        }
    }
    found
}

/// What every HDF5 file begins with.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut all: Vec<PathBuf> =
        entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect();
    all.sort();
    all
}

/// What inflates from any place that looks like the start of a zlib stream.
fn inflated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = bytes.windows(2).enumerate().filter(|(_, w)| {
        w[0] == 0x78 && (u16::from(w[0]) * 256 + u16::from(w[1])).is_multiple_of(31)
    });
    starts
        .map(|(at, _)| {
            let mut out = Vec::new();
            let _ends_where_the_stream_does = ZlibDecoder::new(&bytes[at..]).read_to_end(&mut out);
            out
        })
        .filter(|out| out.len() > 8)
        .collect()
}

/// The deflated members of zip archives, wherever they lie (APPNOTE 4.3.7).
fn unzipped(bytes: &[u8]) -> Vec<Vec<u8>> {
    let headers = bytes.windows(30).enumerate().filter(|(_, w)| w.starts_with(b"PK\x03\x04"));
    headers
        .filter_map(|(at, header)| {
            let length = |i: usize| usize::from(u16::from_le_bytes([header[i], header[i + 1]]));
            let data = bytes.get(at + 30 + length(26) + length(28)..)?;
            let mut out = Vec::new();
            let _ends_where_the_stream_does = DeflateDecoder::new(data).read_to_end(&mut out);
            Some(out)
        })
        .collect()
}

/// The chunks of every dataset, with deflation and shuffling undone.
fn chunks(path: &Path) -> Vec<Vec<u8>> {
    let file = hdf5::File::open(path).unwrap();
    let mut groups = file.groups().unwrap();
    let mut sets = file.datasets().unwrap();
    while let Some(group) = groups.pop() {
        sets.extend(group.datasets().unwrap());
        groups.extend(group.groups().unwrap());
    }
    let mut raw = std::fs::File::open(path).unwrap();
    let mut found = Vec::new();
    for set in sets {
        let size = set.dtype().unwrap().size();
        for chunk in (0..set.num_chunks().unwrap_or(0)).filter_map(|i| set.chunk_info(i)) {
            let mut bytes = vec![0; chunk.size as usize];
            raw.seek(SeekFrom::Start(chunk.addr)).unwrap();
            raw.read_exact(&mut bytes).unwrap();
            let mut plain = Vec::new();
            if ZlibDecoder::new(bytes.as_slice()).read_to_end(&mut plain).is_err() {
                plain = bytes;
            }
            found.push(unshuffled(&plain, size));
        }
    }
    found
}

/// HDF5's shuffle undone: first bytes of all elements, then second bytes, ….
fn unshuffled(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    (0..count).flat_map(|i| (0..size).map(move |b| bytes[b * count + i])).collect()
}

#[test]
fn a_word_is_found_wherever_it_is_packed() {
    let folder = tempfile::tempdir().unwrap();
    let file = hdf5::File::create(folder.path().join("a.h5")).unwrap();
    let text = hdf5::types::FixedAscii::<16>::from_ascii("Dana Invented").unwrap();
    let rows = vec![text; 40];
    let build = file.new_dataset_builder().shuffle().deflate(4).chunk(20);
    build.with_data(&rows).create("names").unwrap();
    drop(file);
    let whole = std::fs::read(folder.path().join("a.h5")).unwrap();
    let bundle = [vec![0; casework::share::HEAD], whole].concat();
    std::fs::write(folder.path().join("b.h5"), bundle).unwrap();
    std::fs::write(folder.path().join("c.txt"), "Robin Imaginary").unwrap();
    let found = holding(folder.path(), &["Invented", "Imaginary", "Nobody"]);
    let words: Vec<&str> = found.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(words, ["Invented", "Invented", "Imaginary"]);
}
