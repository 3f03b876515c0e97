//! Fuzzing on the stable toolchain: seeded mutations of valid and hostile
//! files, for every reader of what comes from outside. `BRASSLINK_FUZZ=500`
//! makes a million executions of each target (scripts/prove-store fuzz).
//!
//! A target fails on a panic, on an input that takes a second of the processor
//! or half a minute by the clock each of three times, and on a peak memory of a
//! gibibyte. What waits for the processor on a busy machine is no hang.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundles;
mod instruments;
mod manifests;
mod structured;
mod tables;

use cpu_time::ThreadTime;
use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage};
use imaging::acquire::{ReadOptions, read_scan_bytes};
use rand::{Rng, RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{Inspector, Ledger, Role, StoreManifest};
use testkit::hostile::write_hostile_files;
use testkit::{main_xml, ramp, rounds, x3p};
use types::evidence::Digest;
use types::units::Metres;

/// Executions of a target in CI.
const FEW: u32 = 2000;
const SLOWEST: Duration = Duration::from_secs(1);
const HANGS: Duration = Duration::from_secs(30);

/// Numbers that readers stumble over.
const NUMBERS: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// One to four changes of `bytes`.
fn mutated(seeds: &[Vec<u8>], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = seeds[rng.random_range(0..seeds.len())].clone();
    for _ in 0..rng.random_range(1..=4) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = rng.random_range(0..bytes.len());
        let end = (at + rng.random_range(1..=64)).min(bytes.len());
        match rng.random_range(0..8) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = rng.random(),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            5 => {
                let number = NUMBERS[rng.random_range(0..NUMBERS.len())];
                let mut word = number.to_le_bytes();
                if rng.random() {
                    word.reverse();
                }
                let width = [1, 2, 4, 8][rng.random_range(0..4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&word[..width]);
            }
            6 => {
                let number = NUMBERS[rng.random_range(0..NUMBERS.len())].to_string();
                bytes.splice(at..end, number.into_bytes());
            }
            _ => {
                let other = &seeds[rng.random_range(0..seeds.len())];
                let from = rng.random_range(0..=other.len());
                let to = (from + rng.random_range(0..=256)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

/// Peak resident memory of this process in MiB, where the system tells it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

/// Runs a target; `read` says whether the input was accepted.
fn fuzz(
    name: &str,
    mut input: impl FnMut(&mut ChaCha8Rng) -> Vec<u8>,
    mut read: impl FnMut(&[u8]) -> bool,
) {
    let (executions, mut accepted, mut slowest) = (rounds(FEW), 0, Duration::ZERO);
    for number in 0..executions {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(number));
        let bytes = input(&mut rng);
        let mut timed = || {
            let (clock, work) = (Instant::now(), ThreadTime::now());
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&bytes)));
            let taken = outcome.unwrap_or_else(|_| panic!("{name}: input {number} panics"));
            // What another process does for this one is not in its own time.
            let spent = if clock.elapsed() < HANGS { work.elapsed() } else { clock.elapsed() };
            (taken, spent)
        };
        let (taken, mut spent) = timed();
        for _ in 0..2 {
            if spent >= SLOWEST {
                spent = spent.min(timed().1);
            }
        }
        accepted += u32::from(taken);
        assert!(spent < SLOWEST, "{name}: input {number} takes {spent:?}");
        slowest = slowest.max(spent);
    }
    let peak = peak_mib();
    println!("fuzz {name} {executions} {accepted} {} {peak}", slowest.as_millis());
    assert!(peak < 1024, "{name}: {peak} MiB");
}

/// Some file systems flush a file that is overwritten, but not a new one.
fn write_anew(path: &Path, bytes: &[u8]) {
    let _absent_at_first = std::fs::remove_file(path);
    std::fs::write(path, bytes).unwrap();
}

fn hostile() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let files = write_hostile_files(folder.path());
    let bytes = files.iter().map(|f| std::fs::read(folder.path().join(f.name)).unwrap());
    // The bombs are a megabyte of zip: no seed, but tests/acquire_hostile.rs.
    bytes.filter(|b| b.len() < 100_000).collect()
}

fn scan(bytes: &[u8]) -> bool {
    // Small limits keep a million executions short; the limits are the readers' own.
    // The pixel size is given, or images would be refused before they are decoded.
    let pixel_size = Some(Metres::from_um(6.25));
    let options = ReadOptions { pixel_size, max_points: 1 << 20, ..ReadOptions::default() };
    read_scan_bytes(bytes, &options).is_ok()
}

#[test]
fn x3p_files() {
    let mut whole: Vec<Vec<u8>> = vec![x3p(&main_xml("D"), &ramp())];
    whole.extend(hostile());
    let input = |rng: &mut ChaCha8Rng| match rng.random_range(0..4) {
        0 => mutated(&whole, rng),
        _ => structured::x3p(rng),
    };
    fuzz("x3p", input, scan);
}

#[test]
fn images() {
    let grey = GrayImage::from_fn(40, 30, |x, y| image::Luma([(x * 5 + y) as u8]));
    let colour = RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8, y as u8, 9]));
    let mut seeds = hostile();
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Jpeg, ImageFormat::Bmp] {
        for picture in [DynamicImage::from(grey.clone()), DynamicImage::from(colour.clone())] {
            let mut bytes = Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).unwrap();
            seeds.push(bytes.into_inner());
        }
    }
    fuzz("images", |rng| mutated(&seeds, rng), scan);
}

#[test]
fn tiff() {
    fuzz("tiff", instruments::tiff, scan);
}

#[test]
fn al3d() {
    fuzz("al3d", instruments::al3d, scan);
}

#[test]
fn plu() {
    fuzz("plu", instruments::plu, scan);
}

#[test]
fn plux() {
    fuzz("plux", instruments::plux, scan);
}

#[test]
fn sur() {
    fuzz("sur", instruments::sur, scan);
}

#[test]
fn tmd() {
    fuzz("tmd", instruments::tmd, scan);
}

fn version1(name: &str) -> Vec<u8> {
    let folder = testkit::project().join("tests/store/version1");
    std::fs::read(folder.join(name)).unwrap()
}

/// The body of a framed line, and a body framed.
fn unframed(line: &[u8]) -> Vec<u8> {
    let start = br#"{"sha256":"","body":"#.len() + 64;
    line[start..line.len() - 2].to_vec()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let opening = format!(r#"{{"sha256":"{}","body":"#, Digest::of(body));
    [opening.as_bytes(), body, b"}\n"].concat()
}

#[test]
fn store_manifests_and_ledgers() {
    let manifest = version1("manifest.json");
    let ledger = version1("ledger.jsonl");
    let lines: Vec<Vec<u8>> = ledger.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let mut newer = StoreManifest::empty();
    newer.segments = StoreManifest::parse(&manifest).unwrap().segments;
    let newer = newer.to_bytes().unwrap();
    let whole = [manifest.clone(), newer.clone(), ledger];
    let bodies: Vec<Vec<u8>> =
        [&manifest, &newer].into_iter().chain(&lines).map(|line| unframed(line)).collect();
    let input = |rng: &mut ChaCha8Rng| match rng.random_range(0..3) {
        0 => mutated(&whole, rng),
        // Framed anew, so that more than the digest is tried.
        _ => framed(&mutated(&bodies, rng)),
    };
    let read = |bytes: &[u8]| {
        let manifest = StoreManifest::parse(bytes);
        if let Ok(manifest) = &manifest {
            let _ = (manifest.covering(Role::Marks, 2), manifest.files().count());
        }
        manifest.is_ok() | Ledger::parse(bytes).is_ok()
    };
    fuzz("store manifests", input, read);
}

#[test]
fn store_segments() {
    let folder = testkit::project().join("tests/store");
    let mut paths: Vec<PathBuf> = ["version1/segments", "hostile"]
        .iter()
        .flat_map(|f| std::fs::read_dir(folder.join(f)).unwrap().map(|e| e.unwrap().path()))
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|p| std::fs::read(p).unwrap()).collect();
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("segment.h5");
    let mut inspector = Inspector::new(Path::new(env!("CARGO_BIN_EXE_brasslink")));
    let read = |bytes: &[u8]| {
        write_anew(&path, bytes);
        inspector.list(&path).is_ok()
    };
    fuzz("store segments", |rng| mutated(&seeds, rng), read);
    println!("children that died, each a refusal: {}", inspector.deaths);
}
