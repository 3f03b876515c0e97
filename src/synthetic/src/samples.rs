//! The bundled sample set: scans, photographs, manifest and truth.

use super::casing::{Casing, Conditions, fire};
use super::firearm::{BreechFinish, Firearm, SubClass};
use super::photograph::{Camera, photograph};
use super::random::{Purpose, Stream, mix};
use super::scan::{Instrument, scan3d};
use super::scenario::{EXHIBITS, Exhibit, GUNS, Gun, PLACES, ScenePlace, View};
use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::evidence::{Light, MarkKind, Origin};
use types::message::say;
use types::surface::{IntensityMap, Pose};
use types::units::{Angle, Metres};

/// The seed of the set in `samples/`.
pub const SAMPLE_SEED: u64 = 1187;

/// Sampling of the topographies and of the photographs.
const SCAN_PITCH: Metres = Metres::from_um(10.0);
const PHOTO_PITCH: Metres = Metres::from_um(8.0);
/// Share of the variance that consecutively made guns have in common.
const LINE_SHARE: f64 = 0.2;

/// Writes the sample set into a folder (made if absent): 24 acquisitions of 17
/// casings fired by six guns as X3P (16-bit heights) and PNG (8 bit, pixel
/// size in `pHYs`), `manifest.csv` as a laboratory would write it, `truth.csv`
/// with the firearm of every casing, and `poses.csv` with the pose that maps
/// gun coordinates into each file. The same seed writes the same bytes.
///
/// Errors: [`Kind::Io`] where the folder cannot be written.
pub fn write_sample_set(dir: &Path, seed: u64) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| Error::io(say!("making the folder"), dir, &e))?;
    let mut manifest = csv::Writer::from_writer(Vec::new());
    let mut truth = csv::Writer::from_writer(Vec::new());
    let mut poses = csv::Writer::from_writer(Vec::new());
    row(&mut manifest, &MANIFEST_COLUMNS)?;
    row(&mut truth, &TRUTH_COLUMNS)?;
    row(&mut poses, &POSE_COLUMNS)?;
    let guns: Vec<Firearm> = (0..).zip(&GUNS).map(|(i, gun)| made(gun, seed, i)).collect();
    for (number, exhibit) in (0..).zip(&EXHIBITS) {
        let shot = fired(&guns[exhibit.gun], exhibit.shot, mix(seed, number));
        for (view_number, &view) in (0..).zip(exhibit.views) {
            let setup = mix(mix(seed, number), view_number);
            let (name, bytes, pose) = acquire(exhibit, &shot, view, setup)?;
            write(&dir.join(&name), &bytes)?;
            row(&mut manifest, &manifest_row(exhibit, view, &name))?;
            row(&mut truth, &truth_row(exhibit, view, &name))?;
            row(&mut poses, &pose_row(&name, &pose))?;
        }
    }
    write(&dir.join("manifest.csv"), &finished(manifest)?)?;
    write(&dir.join("truth.csv"), &finished(truth)?)?;
    write(&dir.join("poses.csv"), &finished(poses)?)
}

fn made(gun: &Gun, seed: u64, number: u64) -> Firearm {
    of_line(seed, number, gun.finish, gun.in_line).with_pin(gun.pin)
}

/// A firearm by its number; those made in line share marks of their tools.
pub(super) fn of_line(seed: u64, number: u64, finish: BreechFinish, in_line: bool) -> Firearm {
    let share = if in_line { LINE_SHARE } else { 0.0 };
    let line = SubClass { seed: mix(seed, Purpose::SubClass as u64), share };
    Firearm::consecutive(mix(seed, 1000 + number), finish, line)
}

/// A shot of ordinary quality: contact and fidelity vary from shot to shot.
pub(super) fn fired(gun: &Firearm, shot: u64, seed: u64) -> Casing {
    let mut rng = Stream::new(seed, Purpose::Contact);
    let conditions = Conditions {
        contact: rng.between(0.78, 0.92),
        fidelity: rng.between(0.72, 0.82),
        ..Conditions::default()
    };
    fire(gun, shot, conditions)
}

/// One file: its name, its bytes and its scan-from-gun pose.
fn acquire(
    exhibit: &Exhibit,
    casing: &Casing,
    view: View,
    seed: u64,
) -> Result<(String, Vec<u8>, Pose)> {
    let mut rng = Stream::new(seed, Purpose::Instrument);
    let pose = laid_down(&mut rng);
    let casing_id = exhibit.casing;
    match view {
        None => Ok((format!("{casing_id}.x3p"), topography(casing, seed, pose, &mut rng)?, pose)),
        Some(light) => {
            let camera = Camera {
                seed,
                pitch: PHOTO_PITCH,
                points: (500, 500),
                image_from_gun: pose,
                light,
                ..Camera::default()
            };
            let bytes = png_bytes(&photograph(casing, &camera).image)?;
            Ok((format!("{casing_id}_{light}.png"), bytes, pose))
        }
    }
}

/// How a casing happens to lie under the microscope.
fn laid_down(rng: &mut Stream) -> Pose {
    Pose {
        rotation: Angle::from_deg(rng.between(-180.0, 180.0)),
        dx: Metres::from_um(rng.between(-60.0, 60.0)),
        dy: Metres::from_um(rng.between(-60.0, 60.0)),
    }
}

fn topography(casing: &Casing, seed: u64, pose: Pose, rng: &mut Stream) -> Result<Vec<u8>> {
    let scan = scan3d(
        casing,
        &Instrument {
            seed,
            pitch: SCAN_PITCH,
            points: (384, 384),
            scan_from_gun: pose,
            tilt: (rng.between(-0.012, 0.012), rng.between(-0.012, 0.012)),
            scale_error: rng.between(-0.002, 0.002),
            ..Instrument::default()
        },
    );
    let meta = X3pMeta {
        z_type: ZType::I16,
        manufacturer: "brasslink",
        model: "synthetic confocal microscope",
        comment: "computed from a seed, not measured",
        ..X3pMeta::default()
    };
    write_x3p(&scan.map, &meta)
}

/// The scan of a casing that happens to lie as `seed` has it, as X3P.
pub(super) fn scan_file(casing: &Casing, seed: u64) -> Result<Vec<u8>> {
    let mut rng = Stream::new(seed, Purpose::Instrument);
    let pose = laid_down(&mut rng);
    topography(casing, seed, pose, &mut rng)
}

const MANIFEST_COLUMNS: [&str; 15] = [
    "file",
    "casing_id",
    "mark_kind",
    "origin",
    "scene_id",
    "scene_date",
    "scene_state",
    "agency",
    "case_number",
    "firearm_id",
    "calibre",
    "firing_pin_shape",
    "light",
    "pixel_um",
    "notes",
];

fn manifest_row(exhibit: &Exhibit, view: View, file: &str) -> [String; 15] {
    let gun = &GUNS[exhibit.gun];
    let place = exhibit.place.map(|i| &PLACES[i]);
    let origin = if place.is_some() { Origin::Evidence } else { Origin::TestFire };
    let of_place = |text: fn(&ScenePlace) -> &'static str| place.map_or("", text);
    [
        file,
        exhibit.casing,
        MarkKind::BreechFace.word(),
        origin.word(),
        of_place(|p| p.id),
        of_place(|p| p.date),
        of_place(|p| p.state),
        of_place(|p| p.agency),
        of_place(|p| p.case),
        if place.is_none() { gun.id } else { "" },
        gun.calibre,
        gun.pin.word(),
        view.map_or("", Light::word),
        "",
        "synthetic",
    ]
    .map(str::to_owned)
}

const TRUTH_COLUMNS: [&str; 6] =
    ["file", "casing_id", "firearm_id", "mark_kind", "light", "pixel_um"];

fn truth_row(exhibit: &Exhibit, view: View, file: &str) -> [String; 6] {
    let pitch = if view.is_some() { PHOTO_PITCH } else { SCAN_PITCH };
    [
        file.to_owned(),
        exhibit.casing.to_owned(),
        GUNS[exhibit.gun].id.to_owned(),
        MarkKind::BreechFace.word().to_owned(),
        view.map_or("", Light::word).to_owned(),
        format!("{:.3}", pitch.um()),
    ]
}

const POSE_COLUMNS: [&str; 4] = ["file", "rotation_deg", "dx_um", "dy_um"];

fn pose_row(file: &str, scan_from_gun: &Pose) -> [String; 4] {
    [
        file.to_owned(),
        format!("{:.3}", scan_from_gun.rotation.deg()),
        format!("{:.2}", scan_from_gun.dx.um()),
        format!("{:.2}", scan_from_gun.dy.um()),
    ]
}

/// An 8-bit grey PNG with its pixel size in `pHYs`.
fn png_bytes(image: &IntensityMap) -> Result<Vec<u8>> {
    let internal = |e: png::EncodingError| {
        Error::new(Kind::Internal, say!("encoding a photograph failed: {e}")).because(&e)
    };
    let (ny, nx) = image.v.dim();
    let grey: Vec<u8> = image.v.iter().map(|v| (v * 255.0).round() as u8).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, nx as u32, ny as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: (1.0 / image.pitch_x.0).round() as u32,
        yppu: (1.0 / image.pitch_y.0).round() as u32,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(internal)?;
    writer.write_image_data(&grey).map_err(internal)?;
    writer.finish().map_err(internal)?;
    Ok(bytes)
}

fn row<T: AsRef<[u8]>>(table: &mut csv::Writer<Vec<u8>>, cells: &[T]) -> Result<()> {
    table.write_record(cells).map_err(|e| table_failed(&e))
}

fn finished(table: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    table.into_inner().map_err(|e| table_failed(e.error()))
}

fn table_failed(error: &dyn std::error::Error) -> Error {
    Error::new(Kind::Internal, say!("composing a table failed: {error}"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|e| Error::io(say!("writing"), path, &e))
}
