//! Draws of a few firearms and casings from the Fadul and Weller scans, linked
//! by the score's own scale.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::prepare::Recipe;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statistics::link::{
    Basis, Casework, Compared, Linker, Reference, Settings, Standing, Yardsticks,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use types::evidence::{MarkKind, Modality};

/// A casing and its firearm.
pub type Casing = (String, String);

/// The score of every pair of the 85 scans, each turned at random.
pub struct Scans {
    scores: HashMap<(String, String), f64>,
    pub guns: BTreeMap<String, BTreeSet<String>>,
}

impl Scans {
    /// Computed by the program once for a recipe, and kept among the build's
    /// own temporary files.
    pub fn read() -> Option<Self> {
        let data = testkit::shared("truth.csv")?;
        let tmp = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let kept = tmp.join(format!("link-{}.csv", Recipe::default().hash().short()));
        if !kept.exists() {
            let dir = tempfile::tempdir_in(&tmp).unwrap();
            let (truth, out) = (dir.path().join("truth.csv"), dir.path().join("pairs.csv"));
            let all = std::fs::read_to_string(&data).unwrap();
            let wanted = |l: &&str| ["file,", "fadul/", "weller/"].iter().any(|p| l.starts_with(p));
            let lines: Vec<&str> = all.lines().filter(wanted).collect();
            std::fs::write(&truth, lines.join("\n")).unwrap();
            assert_cmd::Command::cargo_bin("brasslink")
                .unwrap()
                .args(["evaluate", "-q", "--turn-seed", "1", "--truth"])
                .arg(&truth)
                .args(["--root".as_ref(), data.parent().unwrap().as_os_str()])
                .args(["--pairs".as_ref(), out.as_os_str()])
                .assert()
                .success();
            std::fs::rename(out, &kept).unwrap();
        }
        let mut new = Self { scores: HashMap::new(), guns: BTreeMap::new() };
        let mut reader = csv::Reader::from_path(kept).unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|h| h == name).unwrap();
        let (x, y, score) = (column("firearm_a"), column("firearm_b"), column("score"));
        for row in reader.records().map(Result::unwrap) {
            for (casing, gun) in [(&row[0], &row[x]), (&row[1], &row[y])] {
                new.guns.entry(gun.to_owned()).or_default().insert(casing.to_owned());
            }
            let (a, b) = (row[0].to_owned(), row[1].to_owned());
            new.scores.insert((a.clone().min(b.clone()), a.max(b)), row[score].parse().unwrap());
        }
        assert_eq!(new.scores.len(), 85 * 84 / 2);
        Some(new)
    }

    /// The score of two casings.
    pub fn score(&self, a: &str, b: &str) -> f64 {
        self.scores[&(a.min(b).to_owned(), a.max(b).to_owned())]
    }

    /// Some firearms with one to nine casings each, and one casing of another.
    pub fn draw(&self, seed: u64, guns: std::ops::RangeInclusive<usize>) -> (Vec<Casing>, Casing) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut names: Vec<&String> = self.guns.keys().collect();
        names.shuffle(&mut random);
        let (few, rest) = names.split_at(random.random_range(guns));
        let mut drawn = Vec::new();
        for gun in few {
            let mut casings: Vec<&String> = self.guns[*gun].iter().collect();
            casings.shuffle(&mut random);
            let many = random.random_range(1..=9);
            drawn.extend(casings.into_iter().take(many).map(|c| (c.clone(), (*gun).clone())));
        }
        let other = self.guns[rest[0]].first().unwrap();
        (drawn, (other.clone(), rest[0].clone()))
    }

    /// The casings linked, scores altered by `alter` (score, same source), with
    /// the lowest same-source and the highest different-source score.
    pub fn link(
        &self,
        casings: &[Casing],
        references: &[Reference],
        alter: &dyn Fn(f64, bool) -> f64,
    ) -> (Linker, f64, f64) {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut compared = Vec::new();
        for (k, x) in casings.iter().enumerate() {
            for y in &casings[k + 1..] {
                let (a, b) = (&x.0, &y.0);
                let same = x.1 == y.1;
                let score = alter(self.score(a, b), same);
                (low, high) = if same { (low.min(score), high) } else { (low, high.max(score)) };
                let (mark, modality) = (MarkKind::BreechFace, Modality::Topography);
                compared.push(Compared { a, b, mark, modality, score, given: None });
            }
        }
        let names: Vec<&str> = casings.iter().map(|c| c.0.as_str()).collect();
        let recipe = Recipe::default().hash();
        let yardsticks = Yardsticks { recipe: &recipe, references, population: None };
        let (casework, settings) = (Casework::default(), Settings::default());
        let linker = Linker::of_marks(&names, &compared, &yardsticks, casework, settings).unwrap();
        (linker, low, high)
    }
}

/// What many draws gave.
#[derive(Debug, Default)]
pub struct Tally {
    pub linked: usize,
    pub right: usize,
    pub same: usize,
    /// Draws whose scores are fully apart, and in which nothing is linked.
    pub missed: usize,
    /// Draws not judged by the reference.
    pub refused: usize,
    /// Draws in which one more stranger changed what is linked.
    pub flipped: usize,
}

impl Tally {
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.linked.max(1) as f64
    }

    pub fn recall(&self) -> f64 {
        self.right as f64 / self.same.max(1) as f64
    }

    /// Links every draw, and again with one more stranger.
    pub fn of(
        scans: &Scans,
        draws: u64,
        guns: std::ops::RangeInclusive<usize>,
        references: &[Reference],
        alter: &dyn Fn(f64, bool) -> f64,
    ) -> Self {
        let mut tally = Self::default();
        for seed in 0..draws {
            let (casings, other) = scans.draw(seed, guns.clone());
            let (linker, low, high) = scans.link(&casings, references, alter);
            let more: Vec<Casing> = casings.iter().cloned().chain([other]).collect();
            let (after, ..) = scans.link(&more, references, alter);
            let (group, later) = (groups(&linker), groups(&after));
            let (mut linked, mut same, mut flipped) = (0, 0, false);
            for (k, x) in casings.iter().enumerate() {
                for y in &casings[k + 1..] {
                    let together = group[&x.0] == group[&y.0];
                    linked += usize::from(together);
                    same += usize::from(x.1 == y.1);
                    tally.right += usize::from(together && x.1 == y.1);
                    flipped |= together != (later[&x.0] == later[&y.0]);
                    if seed % 20 == 0 {
                        told_alike(&linker, &x.0, &y.0, together);
                    }
                }
            }
            tally.linked += linked;
            tally.same += same;
            tally.flipped += usize::from(flipped);
            tally.missed += usize::from(same > 0 && low > high && linked == 0);
            let by_reference =
                |l: &Linker| l.scales().iter().all(|s| matches!(s.basis, Basis::Reference { .. }));
            tally.refused += usize::from(!by_reference(&linker));
        }
        tally
    }
}

/// What is told of a pair is what became of it.
fn told_alike(linker: &Linker, a: &str, b: &str, together: bool) {
    let told = linker.explain(a, b).unwrap();
    assert_eq!(told.together, together, "{a} {b}");
    assert_eq!(told.standing == Standing::Linked, together, "{a} {b}");
    match told.posterior {
        Some(p) => assert_eq!(p >= 0.99, together, "{a} {b}: {p}"),
        None => assert!(!together),
    }
}

fn groups(linker: &Linker) -> BTreeMap<String, usize> {
    let groups = linker.groups();
    let members = groups.iter().enumerate();
    members.flat_map(|(k, g)| g.members.iter().map(move |m| (m.clone(), k))).collect()
}
