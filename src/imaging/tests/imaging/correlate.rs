//! Comparing marks of known truth: the pose is found, sides can be changed,
//! damage is borne, chance does not score.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, read_scan};
use imaging::correlate::{Comparison, Probe, Rotations, Step, compare, compare_probe, explain};
use imaging::extract::{PREPARED_PITCH, Sketch, Template};
use imaging::prepare::{PreparedMark, Recipe, prepare};
use imaging::search::compare_pairs;
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use synthetic::Gallery;
use synthetic::damage::{self, Cut};
use types::error::Kind;
use types::evidence::{Digest, MarkKind};
use types::outline::Outline;
use types::surface::Pose;

/// Scores above this are not reached by chance in this gallery; see
/// `other_guns_stay_below_chance`.
const CHANCE: f64 = 8.0;

fn gallery() -> Gallery {
    Gallery { seed: 11, pitch: PREPARED_PITCH, shots_per_firearm: 2, recipe: Digest([7; 32]) }
}

fn template(mark: &PreparedMark) -> Template {
    Template::new(mark).unwrap()
}

/// The mark with its values changed, on a canvas whose sides are multiples of
/// eight as preparation makes them.
fn changed(mark: &PreparedMark, change: impl FnOnce(Array2<f64>) -> Array2<f64>) -> PreparedMark {
    let values = change(mark.values.mapv(f64::from)).mapv(|v| v as f32);
    let (ny, nx) = values.dim();
    let (my, mx) = (ny.next_multiple_of(8), nx.next_multiple_of(8));
    let mut canvas = Array2::from_elem((my, mx), f32::NAN);
    let (oy, ox) = ((my - ny) / 2, (mx - nx) / 2);
    canvas.slice_mut(ndarray::s![oy..oy + ny, ox..ox + nx]).assign(&values);
    PreparedMark { values: canvas, ..mark.clone() }
}

fn assert_pose(found: &Pose, truth: &Pose, degrees: f64, um: f64) {
    let turn = found.rotation.minus(truth.rotation).deg();
    let shift = (found.dx.um() - truth.dx.um()).hypot(found.dy.um() - truth.dy.um());
    assert!(turn.abs() <= degrees && shift <= um, "off by {turn:.2}° and {shift:.1} µm");
}

#[test]
fn the_planted_pose_is_found_between_shots_of_one_gun() {
    for gun in 0..6 {
        let (a, a_from_gun) = gallery().mark(2 * gun);
        let (b, b_from_gun) = gallery().mark(2 * gun + 1);
        let c = compare(&template(&a), &template(&b)).unwrap();
        assert!(c.score > CHANCE && c.congruent_fraction() > 0.5, "gun {gun}: {}", c.score);
        assert_pose(&c.b_from_a, &b_from_gun.after(&a_from_gun.inverse()), 0.5, 15.0);
    }
}

#[test]
fn other_guns_stay_below_chance() {
    let templates: Vec<_> = (0..12).map(|n| template(&gallery().mark(2 * n).0)).collect();
    for (i, a) in templates.iter().enumerate() {
        for b in &templates[i + 1..] {
            let c = compare(a, b).unwrap();
            assert!(c.score < CHANCE, "{}", c.score);
            assert!(c.congruent_fraction() < 0.4, "{}/{}", c.congruent_cells, c.cells);
        }
    }
}

#[test]
fn changing_sides_changes_the_pose_only() {
    let templates: Vec<_> = (0..4).map(|n| template(&gallery().mark(n).0)).collect();
    for a in &templates {
        for b in &templates {
            let (forth, back) = (compare(a, b).unwrap(), compare(b, a).unwrap());
            assert_eq!(forth.score.to_bits(), back.score.to_bits());
            assert_eq!((forth.cells, forth.congruent_cells), (back.cells, back.congruent_cells));
            if a.digest != b.digest {
                assert_eq!(forth.cells_of_b, !back.cells_of_b);
                assert_pose(&back.b_from_a, &forth.b_from_a.inverse(), 1e-9, 1e-6);
                let ((x, y), (u, v)) = (forth.symmetric_shift_um(), back.symmetric_shift_um());
                assert!((x + u).abs() < 1e-6 && (y + v).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn a_mark_agrees_with_itself_turned_and_noisy() {
    let (mark, _) = gallery().mark(3);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let turned = changed(&mark, |v| damage::turn(&damage::noise(&v, 0.5, &mut rng), 2.0));
    let c = compare(&template(&mark), &template(&turned)).unwrap();
    let truth = Pose { rotation: types::units::Angle::from_rad(2.0), ..Pose::default() };
    assert_pose(&c.b_from_a, &truth, 0.3, 8.0);
    assert!(c.ccf > 0.8 && c.congruent_fraction() > 0.9, "{} {}", c.ccf, c.congruent_fraction());
}

#[test]
fn a_noisy_fragment_finds_its_place() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for gun in 0..3 {
        let (a, _) = gallery().mark(2 * gun);
        let (b, _) = gallery().mark(2 * gun + 1);
        let (_, a_from_gun) = gallery().mark(2 * gun);
        let (_, b_from_gun) = gallery().mark(2 * gun + 1);
        let fragment = changed(&a, |v| {
            damage::cut(&damage::noise(&v, 1.0, &mut rng), Cut::Sector, 0.3, &mut rng)
        });
        let c = compare(&template(&fragment), &template(&b)).unwrap();
        assert!(c.score > CHANCE, "{}", c.score);
        assert_pose(&c.b_from_a, &b_from_gun.after(&a_from_gun.inverse()), 1.5, 40.0);
    }
}

/// The probe of a gun's first shot, cut and noisy, turned by 2.2 and off the
/// middle of its canvas, and the pose of the second shot from it.
fn fragment(gun: u64, kept: Cut, share: f64) -> (Template, Template, Pose) {
    let mut rng = ChaCha8Rng::seed_from_u64(40 + gun);
    let ((a, a_from_gun), (b, b_from_gun)) = (gallery().mark(2 * gun), gallery().mark(2 * gun + 1));
    let part = changed(&a, |v| {
        let turned = damage::turn(&damage::noise(&v, 1.0, &mut rng), 2.2);
        let (ny, nx) = turned.dim();
        let mut canvas = Array2::from_elem((ny + 32, nx + 64), f64::NAN);
        canvas
            .slice_mut(ndarray::s![..ny, ..nx])
            .assign(&damage::cut(&turned, kept, share, &mut rng));
        canvas
    });
    // The canvas grew to the right and below.
    let (dx, dy) = (PREPARED_PITCH * -32.0, PREPARED_PITCH * -16.0);
    let part_from_a = Pose { rotation: types::units::Angle::from_rad(2.2), dx, dy };
    let truth = b_from_gun.after(&a_from_gun.inverse()).after(&part_from_a.inverse());
    (template(&part), template(&b), truth)
}

#[test]
fn pieces_of_any_shape_find_their_place_from_either_side() {
    for (gun, kept) in (0..).zip([Cut::Sector, Cut::HalfPlane, Cut::Disc]) {
        let (part, whole, truth) = fragment(gun, kept, 0.2);
        let (forth, back) = (compare(&part, &whole).unwrap(), compare(&whole, &part).unwrap());
        assert!(forth.score > CHANCE, "{kept:?}: {}", forth.score);
        assert_pose(&forth.b_from_a, &truth, 1.5, 40.0);
        assert_eq!(forth.score.to_bits(), back.score.to_bits());
        assert_pose(&back.b_from_a, &forth.b_from_a.inverse(), 1e-9, 1e-6);
    }
}

#[test]
fn a_round_piece_is_not_taken_for_a_whole_mark() {
    let (part, whole, truth) = fragment(4, Cut::Disc, 0.12);
    // Its outline is a circle, but not the primer's.
    let c = compare(&part, &whole).unwrap();
    assert!(c.score > 6.0, "{}", c.score);
    assert_pose(&c.b_from_a, &truth, 1.5, 40.0);
}

#[test]
fn a_fragment_lies_where_the_exhaustive_search_finds_it() {
    let (part, whole, _) = fragment(3, Cut::HalfPlane, 0.2);
    let quick = compare(&part, &whole).unwrap();
    let exhaustive =
        compare_probe(&Probe::exhaustive(&part), &whole, &mut Rotations::new()).unwrap();
    assert_pose(&quick.b_from_a, &exhaustive.b_from_a, 1.0, 20.0);
    assert!(quick.score > 0.95 * exhaustive.score, "{} {}", quick.score, exhaustive.score);
}

#[test]
fn pieces_of_other_guns_stay_below_chance() {
    for gun in 0..4 {
        let (part, ..) = fragment(gun, Cut::Disc, 0.2);
        for other in (0..6).filter(|other| *other != gun) {
            let c = compare(&part, &template(&gallery().mark(2 * other).0)).unwrap();
            assert!(c.score < CHANCE, "{}", c.score);
        }
    }
}

#[test]
fn templates_survive_the_store_and_refuse_strangers() {
    let a = template(&gallery().mark(0).0);
    let b = template(&gallery().mark(1).0);
    let bytes = b.encode();
    let again = Template::decode(&bytes).unwrap();
    assert_eq!(again, b);
    let outline = Outline::of(&bytes).unwrap();
    assert_eq!(outline.points, b.fine.points as u64);
    assert_eq!(Sketch::of_bytes(outline.sketch).unwrap(), b.sketch);
    assert_eq!(compare(&a, &again).unwrap(), compare(&a, &b).unwrap());
    for cut in [0, 3, 39, 41, bytes.len() - 1] {
        assert_eq!(Template::decode(&bytes[..cut]).unwrap_err().kind, Kind::Damaged);
    }
    let other = Gallery { recipe: Digest([8; 32]), ..gallery() };
    let stranger = template(&other.mark(0).0);
    assert_eq!(compare(&a, &stranger).unwrap_err().kind, Kind::Incomparable);
}

#[test]
fn threads_do_not_change_a_bit() {
    let templates: Vec<_> = (0..6).map(|n| template(&gallery().mark(n).0)).collect();
    let pairs: Vec<_> = (0..6).flat_map(|a| (0..6).map(move |b| (a, b))).collect();
    let run = |threads: usize| -> Vec<Comparison> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let all = pool.install(|| compare_pairs(&templates, &pairs, &|_| ()));
        all.into_iter().map(Result::unwrap).collect()
    };
    let one = run(1);
    assert_eq!(one, run(3));
    assert!(pairs.iter().zip(&one).all(|(p, c)| p.0 != p.1 || c.ccf > 0.999));
}

/// The breech face on a reference scan, or `None` where that is absent.
fn measured(name: &str) -> Option<Template> {
    let scan = read_scan(&testkit::shared(name)?, &ReadOptions::default()).unwrap();
    Some(template(&prepare(&scan, MarkKind::BreechFace, &Recipe::default()).unwrap()))
}

/// Same-source scans of two instruments: confocal (Fadul, every fifth pair of
/// casings of one slide) and GelSight (Ruger SR9), whose marks agree in short
/// waves only.
#[test]
fn the_pose_of_true_mates_is_the_one_that_an_exhaustive_search_finds() {
    let fadul = [("1-1", "1-2"), ("3-1", "3-2"), ("5-1", "5-2"), ("7-1", "7-2"), ("9-1", "9-2")];
    let fadul = fadul.map(|(a, b)| [a, b].map(|n| format!("fadul/Fadul_{n}.x3p")));
    let gelsight = [("K013sA1_raw", "K013sA2_raw"), ("K013sA1_raw", "K027gA3_processed")];
    let gelsight = gelsight.iter().chain(&[("K013sA2_raw", "K027gA3_processed")]);
    let gelsight = gelsight.map(|&(a, b)| [a, b].map(|n| format!("raw3d/topmatch_{n}.x3p")));
    for [a, b] in fadul.into_iter().chain(gelsight) {
        let (Some(one), Some(other)) = (measured(&a), measured(&b)) else { return };
        let found = compare(&one, &other).unwrap();
        let exhaustive =
            compare_probe(&Probe::exhaustive(&one), &other, &mut Rotations::new()).unwrap();
        println!("{a} ~ {b}: {:.2}, exhaustive {:.2}", found.score, exhaustive.score);
        assert!(found.score > CHANCE, "{a} ~ {b}: {}", found.score);
        assert!(found.score > 0.97 * exhaustive.score, "{a} ~ {b}: {}", exhaustive.score);
        assert_pose(&found.b_from_a, &exhaustive.b_from_a, 5.0, 150.0);
        assert!(found.distinctness().is_some_and(|times| times >= 1.1), "{a} ~ {b}: {found:?}");
        // Whoever looks inside finds the same.
        let inside = explain(&one, &other, false).unwrap();
        assert_eq!(inside.comparison, found);
        let other = found.runner_up.unwrap();
        assert_eq!(inside.steps.last().unwrap().step, Step::Refined);
        let refined = &inside.steps.last().unwrap().places;
        assert_eq!((refined[0].evidence, refined[0].b_from_a), (found.score, found.b_from_a));
        assert!(refined.iter().any(|p| (p.evidence, p.b_from_a) == (other.score, other.b_from_a)));
        // Most rings agree, at the pose that was found.
        let rings = inside.unrolled.unwrap().rings;
        let ccf: Vec<f64> = rings.iter().filter_map(|ring| ring.ccf).collect();
        let agree = ccf.iter().filter(|&&ccf| ccf > 0.0).count();
        assert!(4 * agree > 3 * ccf.len() && ccf.len() > 8, "{a} ~ {b}: {rings:?}");
    }
}
