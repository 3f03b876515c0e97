//! Every byte below a folder, and every byte that is packed in one.

use flate2::read::{DeflateDecoder, ZlibDecoder};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The files below `folder` that hold one of `words`, in the clear, deflated
/// (also from the middle of a file), or in a chunk of an HDF5 dataset.
pub fn holding(folder: &Path, words: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        let mut everything = vec![bytes.clone()];
        everything.extend(inflated(&bytes));
        everything.extend(unzipped(&bytes));
        if bytes.starts_with(b"\x89HDF\r\n\x1a\n") && !path.ends_with("view.h5") {
            everything.extend(chunks(&path));
        }
        for word in words {
            if everything.iter().any(|bytes| contains(bytes, word)) {
                found.push((path.clone(), (*word).to_owned()));
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut all: Vec<PathBuf> =
        entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect();
    all.sort();
    all
}

fn contains(bytes: &[u8], word: &str) -> bool {
    let (utf8, utf16): (Vec<u8>, Vec<u8>) =
        (word.bytes().collect(), word.encode_utf16().flat_map(u16::to_le_bytes).collect());
    [utf8, utf16].iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
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
    std::fs::write(folder.path().join("b.txt"), "Robin Imaginary").unwrap();
    let found = holding(folder.path(), &["Invented", "Imaginary", "Nobody"]);
    let words: Vec<&str> = found.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(words, ["Invented", "Imaginary"]);
}
