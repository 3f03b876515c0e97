//! Firing pins: what a class of pins has in common does not look like a match.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, Scan, read_scan};
use imaging::correlate::compare;
use imaging::extract::Template;
use imaging::prepare::{PreparedMark, Recipe, prepare};
use synthetic::{BreechFinish, Camera, Conditions, Firearm, Instrument, PinClass, fire};
use types::evidence::{FiringPinShape, MarkKind, Modality};
use types::surface::{Mask, Pose, Surface};
use types::units::{Angle, Metres};

/// The strangers' top of the scale on which breech faces are judged: chance does
/// not reach it.
const STRANGERS: f64 = 8.0;

const SHAPES: [FiringPinShape; 3] =
    [FiringPinShape::Hemispherical, FiringPinShape::Elliptical, FiringPinShape::Rectangular];

/// A whole case head as an instrument that sees into a pin's impression does, and
/// where that is.
fn head(model: PinClass, gun: u64, shot: u64, modality: Modality) -> (Scan, Mask) {
    let made = Firearm::new(gun, BreechFinish::Granular).with_pin_of(model);
    let casing = fire(&made, 30 * shot, Conditions::default());
    let rotation = Angle::from_deg((gun * 77 + shot * 131) as f64);
    let pose = Pose { rotation, ..Pose::default() };
    let (pitch, points) = (Metres::from_um(6.25), (672, 672));
    if modality == Modality::Topography {
        let deep = Instrument {
            seed: shot,
            pitch,
            points,
            scan_from_gun: pose,
            steepest: 1.5,
            range_below: Metres::from_um(600.0),
            ..Instrument::default()
        };
        let seen = synthetic::scan3d(&casing, &deep);
        return (testkit::scan_of(Surface::Height(seen.map)), seen.firing_pin);
    }
    let camera = Camera {
        seed: shot,
        pitch,
        points,
        image_from_gun: pose,
        exposure: 2.0,
        ..Camera::default()
    };
    let seen = synthetic::photograph(&casing, &camera);
    (testkit::scan_of(Surface::Intensity(seen.image)), seen.firing_pin)
}

fn pin(scan: &Scan) -> PreparedMark {
    prepare(scan, MarkKind::FiringPin, &Recipe::default()).unwrap()
}

/// The same values as another kind of mark.
fn template(mark: &PreparedMark, kind: MarkKind) -> Template {
    Template::new(&PreparedMark { kind, ..mark.clone() }).unwrap()
}

/// Scores of mates, of strangers of one class, and of strangers of another.
#[derive(Default)]
struct Scores {
    mates: Vec<f64>,
    class: Vec<f64>,
    others: Vec<f64>,
}

impl Scores {
    /// Two shots of each of `guns` guns of one model of each shape.
    fn of(modality: Modality, guns: u64) -> Vec<Self> {
        let of_shape = |(number, shape): (u64, FiringPinShape)| {
            let model = PinClass { seed: 70, shape };
            let gun = |k: u64| 1000 * (number + 1) + k / 2;
            (0..2 * guns)
                .map(|k| {
                    let (scan, truth) = head(model, gun(k), k % 2, modality);
                    let mark = pin(&scan);
                    outlined(&mark, &scan, &truth, shape);
                    (gun(k), template(&mark, MarkKind::FiringPin))
                })
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = (0..).zip(SHAPES).map(of_shape).collect();
        let mut scores = Vec::new();
        for (i, marks) in all.iter().enumerate() {
            let mut of = Self::default();
            for (k, (gun, a)) in marks.iter().enumerate() {
                for (other, b) in &marks[k + 1..] {
                    let score = compare(a, b).unwrap().score;
                    if gun == other { of.mates.push(score) } else { of.class.push(score) }
                }
                let (_, b) = &all[(i + 1) % all.len()][k];
                of.others.push(compare(a, b).unwrap().score);
            }
            scores.push(of);
        }
        scores
    }

    fn auc(&self) -> f64 {
        let pairs = || self.mates.iter().flat_map(|m| self.class.iter().map(move |c| (m, c)));
        let won = pairs().map(|(m, c)| if m > c { 1.0 } else { 0.0 }).sum::<f64>();
        won / pairs().count() as f64
    }
}

/// What is compared lies in the impression and is a good part of it; its shape is
/// named.
fn outlined(mark: &PreparedMark, scan: &Scan, truth: &Mask, shape: FiringPinShape) {
    let found = mark.mask_on(&scan.surface);
    let count = |mask: &Mask| mask.iter().filter(|on| **on).count() as f64;
    let both = count(&(&found & truth));
    let (within, covered) = (both / count(&found), both / count(truth));
    println!("{shape:?}: {within:.2} within, {covered:.2} covered, {:?}", mark.quality.reasons);
    assert!(within > 0.9 && covered > 0.35, "{shape:?}: {within:.2} within, {covered:.2} covered");
}

fn most(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::MIN, f64::max)
}

fn middle(scores: &[f64]) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn of_one_class(modality: Modality, least_auc: f64) {
    for (shape, scores) in SHAPES.iter().zip(Scores::of(modality, 4)) {
        let Scores { mates, class, others } = &scores;
        println!(
            "{modality} {shape:?}: mates {mates:.1?}, one class {:.1} to {:.1}, another to {:.1}, AUC {:.3}",
            middle(class),
            most(class),
            most(others),
            scores.auc()
        );
        assert!(most(class) < STRANGERS, "{shape:?}: a class looks like a match: {class:.1?}");
        assert!(most(others) < STRANGERS, "{shape:?}: {others:.1?}");
        assert!(scores.auc() >= least_auc, "{shape:?}: {:.3} {mates:.1?}", scores.auc());
        assert!(middle(mates) > STRANGERS, "{shape:?}: mates are not told: {mates:.1?}");
    }
}

#[test]
fn topographies_of_one_class_do_not_look_like_a_match() {
    of_one_class(Modality::Topography, 0.99);
}

#[test]
fn photographs_of_one_class_do_not_look_like_a_match() {
    of_one_class(Modality::Image, 0.95);
}

/// Two guns' rectangular pins under a ring light: with what their edges have in
/// common they would be taken for one.
#[test]
fn what_agrees_in_a_mirror_does_not_count() {
    let model = PinClass { seed: 71, shape: FiringPinShape::Rectangular };
    let marks = [7, 8].map(|gun| pin(&head(model, gun, 0, Modality::Image).0));
    let compared = |kind| {
        let [a, b] = [0, 1].map(|i: usize| template(&marks[i], kind));
        compare(&a, &b).unwrap()
    };
    let (plain, class) = (compared(MarkKind::BreechFace), compared(MarkKind::FiringPin));
    println!("plain {:.1}, without its class {:.1}", plain.score, class.score);
    assert!(plain.score > STRANGERS, "{}", plain.score);
    assert!(class.score < STRANGERS, "{}", class.score);
    assert!(class.congruent_fraction() < 0.3, "{}", class.congruent_fraction());
}

/// FBI, Colt and Ruger; the two of the Ruger are one gun's. As they were compared
/// before, strangers scored up to 9.4 and the Ruger 19.6, of which 17.9 were seen
/// in a mirror too.
#[test]
fn pins_of_three_guns_on_real_photographs_are_strangers() {
    let photos = [
        ("photos/nbtrd_colt_02.png", 0),
        ("photos/nbtrd_colt_03.png", 0),
        ("photos/nbtrd_colt_04.png", 0),
        ("photos/nbtrd_fbi_58A008995.png", 1),
        ("nbide2d/NBIDE_R_BF_118.png", 2),
        ("nbide2d/NBIDE_R_BF_129.png", 2),
    ];
    let options = ReadOptions { pixel_size: Some(Metres::from_um(2.53)), ..ReadOptions::default() };
    let mut pins = Vec::new();
    for (file, gun) in photos {
        let Some(path) = testkit::shared(file) else { return };
        let mark = pin(&read_scan(&path, &options).unwrap());
        let reasons = &mark.quality.reasons;
        assert!(reasons.iter().any(|r| r.contains("round")), "{file}: {reasons:?}");
        assert!(!reasons.iter().any(|r| r.contains("one side")), "{file}: {reasons:?}");
        pins.push((file, gun, template(&mark, MarkKind::FiringPin)));
    }
    for (i, (a, gun, mark)) in pins.iter().enumerate() {
        for (b, other, like) in &pins[i + 1..] {
            let c = compare(mark, like).unwrap();
            println!("{a} {b}: {:.1}, {} of {}", c.score, c.congruent_cells, c.cells);
            assert!(gun == other || c.score < STRANGERS, "{a} {b}: {:.1}", c.score);
        }
    }
}
