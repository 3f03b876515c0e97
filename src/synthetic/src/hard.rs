//! A labelled set that is hard: guns whose marks are weak, partial and worn.

use super::casing::{Conditions, PrimerFinish, fire};
use super::firearm::BreechFinish;
use super::random::{Purpose, Stream, mix};
use super::samples::{of_line, scan_file};
use std::path::Path;
use types::error::{Error, Result};
use types::message::say;

/// The knobs of a hard set. Each shot draws its own values from the ranges,
/// evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HardSet {
    /// Seed of the guns and shots.
    pub seed: u64,
    /// Firearms; every third has the same sort of breech face (granular, milled,
    /// arc-milled), and those of a sort were made in line.
    pub firearms: u64,
    /// Casings of each; shot by shot the primers are drawn, brushed, lacquered.
    pub casings: u64,
    /// Share of the primer that was pressed fully ([`Conditions::contact`]).
    pub contact: [f64; 2],
    /// Share of the impression that is the gun's own ([`Conditions::fidelity`]).
    pub fidelity: [f64; 2],
    /// By how many shots the gun was worn when it fired.
    pub shots: [f64; 2],
}

impl Default for HardSet {
    /// So hard that the High-CMC rule (Tong, Song, Chu 2015) finds what it finds
    /// on the NBIDE set: an area under the curve of some 0.87.
    fn default() -> Self {
        Self {
            seed: 1,
            firearms: 12,
            casings: 12,
            contact: [0.55, 0.9],
            fidelity: [0.25, 0.6],
            shots: [0.0, 3000.0],
        }
    }
}

impl HardSet {
    /// Writes the scans (X3P, raw, 10 µm a point) and `truth.csv` into a folder
    /// (made if absent); how many scans. The same knobs write the same bytes.
    ///
    /// # Errors
    /// [`types::error::Kind::Io`] where the folder cannot be written.
    pub fn write(&self, dir: &Path) -> Result<u64> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |e: std::io::Error| Error::io(say!("writing"), &path, &e)
        };
        std::fs::create_dir_all(dir).map_err(io(dir))?;
        let casings = self.casings.max(1);
        let count = self.firearms * casings;
        (0..count).try_for_each(|n| {
            let (gun, shot) = (n / casings, n % casings);
            let path = dir.join(format!("{}.x3p", name(gun, shot)));
            std::fs::write(&path, self.scan(gun, shot)?).map_err(io(&path))
        })?;
        let mut truth = String::from("file,casing_id,firearm_id\n");
        for n in 0..count {
            let (gun, shot) = (n / casings, n % casings);
            let name = name(gun, shot);
            truth += &format!("{name}.x3p,{name},gun-{gun:02}\n");
        }
        let path = dir.join("truth.csv");
        std::fs::write(&path, truth).map_err(io(&path))?;
        Ok(count)
    }

    fn scan(&self, gun: u64, shot: u64) -> Result<Vec<u8>> {
        const FINISHES: [BreechFinish; 3] =
            [BreechFinish::Granular, BreechFinish::Milled, BreechFinish::ArcMilled];
        const PRIMERS: [PrimerFinish; 3] =
            [PrimerFinish::Drawn, PrimerFinish::Brushed, PrimerFinish::Lacquered];
        let seed = mix(mix(self.seed, gun), shot);
        let mut rng = Stream::new(seed, Purpose::Contact);
        let mut draw = |[low, high]: [f64; 2]| rng.between(low, high);
        let conditions = Conditions {
            contact: draw(self.contact),
            fidelity: draw(self.fidelity),
            shots_before: draw(self.shots) as u64,
            primer: PRIMERS[(shot % 3) as usize],
            ..Conditions::default()
        };
        let firearm = of_line(self.seed, gun, FINISHES[(gun % 3) as usize], true);
        scan_file(&fire(&firearm, shot, conditions), seed)
    }
}

fn name(gun: u64, shot: u64) -> String {
    format!("gun-{gun:02}-shot-{shot:02}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_set_is_a_function_of_its_knobs() {
        let set = HardSet { firearms: 2, casings: 2, ..HardSet::default() };
        let made = |set: &HardSet| {
            let dir = tempfile::tempdir().unwrap();
            assert_eq!(set.write(dir.path()).unwrap(), 4);
            let truth = std::fs::read_to_string(dir.path().join("truth.csv")).unwrap();
            let scan = std::fs::read(dir.path().join("gun-01-shot-01.x3p")).unwrap();
            (truth, scan)
        };
        let (truth, scan) = made(&set);
        assert_eq!(truth.lines().count(), 5);
        assert_eq!(made(&set).1, scan);
        assert_ne!(made(&HardSet { fidelity: [0.9, 0.9], ..set }).1, scan);
    }
}
