//! `scan`: look at one file.

use super::instruments::InstrumentsArgs;
use super::json::Json;
use super::{End, write_file};
use crate::recipe;
use imaging::acquire::ReadOptions;
use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use imaging::prepare::prepare;
use report::picture::{Lamp, render_scan};
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::MarkKind;
use types::mark::Verdict;
use types::message::{KeptMessage as _, Message, say};
use types::scan::Scan;
use types::surface::{HeightMap, IntensityMap, Mask, Surface};
use types::units::Metres;

/// Longest side of a rendered picture, in pixels.
const PICTURE: usize = 1600;

/// What every subcommand takes.
#[derive(clap::Args)]
pub struct Input {
    /// The scan: X3P, AL3D, PLU, PLUX, SUR, TMD, PNG, TIFF, JPEG or BMP.
    file: PathBuf,
    /// Pixel size in micrometres, where the file does not say it.
    #[arg(long, value_name = "UM")]
    pixel_um: Option<f64>,
    #[command(flatten)]
    instruments: InstrumentsArgs,
}

/// `brasslink scan …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// What the file is and says, and what was odd about it.
    Info {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        json: Json,
    },
    /// Write the scan in another format: .x3p (heights) or .png (a picture).
    Convert {
        #[command(flatten)]
        input: Input,
        /// The file to write.
        #[arg(long, short)]
        out: PathBuf,
    },
    /// Write what the matcher sees: .x3p or .png.
    Prepare {
        #[command(flatten)]
        input: Input,
        /// The mark: breech_face, firing_pin, ejector or aperture_shear.
        #[arg(long, default_value = "breech_face")]
        mark_kind: MarkKind,
        /// The file to write.
        #[arg(long, short)]
        out: PathBuf,
        /// Also write where the mark was found on the scan's grid (PNG, white).
        #[arg(long, value_name = "FILE")]
        mask: Option<PathBuf>,
    },
    /// Draw a shaded picture of the scan as measured.
    Render {
        #[command(flatten)]
        input: Input,
        /// The PNG to write.
        #[arg(long, short)]
        out: PathBuf,
    },
}

/// Runs the subcommand.
pub fn run(command: &Command) -> Result<End> {
    match command {
        Command::Info { input, json } => info(&read(input)?, json)?,
        Command::Convert { input, out } => write_surface(&read(input)?, out)?,
        Command::Render { input, out } => picture(&read(input)?, out)?,
        Command::Prepare { input, mark_kind, out, mask } => {
            let scan = read(input)?;
            let mark =
                prepare(&scan, *mark_kind, &recipe::in_force()).map_err(|e| e.at(&input.file))?;
            for reason in &mark.quality.reasons {
                super::output::aside(match mark.quality.verdict {
                    Verdict::Good => say!("Good: {reason}"),
                    Verdict::Doubtful => say!("Doubtful: {reason}"),
                    Verdict::Unusable => say!("Unusable: {reason}"),
                });
            }
            if let Some(path) = mask {
                write_mask(&mark.mask_on(&scan.surface), path)?;
            }
            let surface = match scan.surface {
                Surface::Height(_) => Surface::Height(HeightMap {
                    z: mark.values.mapv(|v| Metres::from_um(f64::from(v)).0),
                    pitch_x: mark.pitch,
                    pitch_y: mark.pitch,
                }),
                Surface::Intensity(_) => Surface::Intensity(IntensityMap {
                    v: grey(&mark.values),
                    pitch_x: mark.pitch,
                    pitch_y: mark.pitch,
                }),
            };
            write_surface(&Scan { surface, file_mask: None, ..scan }, out)?;
        }
    }
    Ok(End::AllDone)
}

fn read(input: &Input) -> Result<Scan> {
    let pixel_size = input.pixel_um.map(Metres::from_um);
    let profiles = input.instruments.profiles()?;
    let options = ReadOptions { pixel_size, profiles: Some(&profiles), ..ReadOptions::default() };
    let scan = pipeline::read(&input.file, &options)?;
    for warning in &scan.warnings {
        super::output::aside(say!("warning: {warning}"));
    }
    Ok(scan)
}

fn info(scan: &Scan, json: &Json) -> Result<()> {
    let (ny, nx) = scan.surface.dim();
    let (px, py) = scan.surface.pitch();
    let (what, present) = match &scan.surface {
        Surface::Height(h) => ("heights", h.z.iter().filter(|v| v.is_finite()).count()),
        Surface::Intensity(i) => ("brightness", i.v.iter().filter(|v| v.is_finite()).count()),
    };
    let coverage = present as f64 / (nx * ny).max(1) as f64;
    if json.asked() {
        return json.put(&serde_json::json!({
            "format": scan.format,
            "measures": what,
            "width_px": nx,
            "height_px": ny,
            "pitch_x_um": px.um(),
            "pitch_y_um": py.um(),
            "coverage": coverage,
            "has_mask": scan.file_mask.is_some(),
            "instrument": scan.instrument,
            "acquired": scan.acquired,
            "bytes": scan.bytes,
            "sha256": scan.sha256,
            "warnings": scan.warnings.texts(),
            "coded_warnings": scan.warnings,
        }));
    }
    super::output::line(match &scan.surface {
        Surface::Height(_) => say!("format       {:?}, heights", scan.format),
        Surface::Intensity(_) => say!("format       {:?}, brightness", scan.format),
    });
    super::output::line(say!(
        "size         {nx} × {ny} points, {} × {}",
        px * nx as f64,
        py * ny as f64
    ));
    super::output::line(say!("pitch        {px} × {py}"));
    super::output::line(say!("present      {:.1} %", 100.0 * coverage));
    super::output::line(say!(
        "mask         {}",
        if scan.file_mask.is_some() { say!("carried by the file") } else { say!("none") }
    ));
    super::output::line(say!("instrument   {}", stated(scan.instrument.as_deref())));
    super::output::line(say!("acquired     {}", stated(scan.acquired.as_deref())));
    super::output::line(say!("SHA-256      {}", scan.sha256));
    Ok(())
}

/// What a file says, where it does.
fn stated(text: Option<&str>) -> Message {
    text.map_or_else(|| say!("not stated"), Message::foreign)
}

/// Prepared brightness, which has no natural black and white, as grey: ±3
/// standard deviations over the range.
fn grey(values: &ndarray::Array2<f32>) -> ndarray::Array2<f32> {
    let (sum, n) = values
        .iter()
        .filter(|v| v.is_finite())
        .fold((0.0f64, 0u64), |(s, n), &v| (s + f64::from(v).powi(2), n + 1));
    let sd = (sum / n.max(1) as f64).sqrt().max(1e-12) as f32;
    values.mapv(|v| (0.5 + v / (6.0 * sd)).clamp(0.0, 1.0))
}

fn write_surface(scan: &Scan, out: &Path) -> Result<()> {
    let extension = out.extension().and_then(|e| e.to_str()).unwrap_or_default();
    match (extension.to_ascii_lowercase().as_str(), &scan.surface) {
        ("x3p", Surface::Height(map)) => {
            let meta = X3pMeta {
                z_type: ZType::F64,
                date: scan.acquired.as_deref(),
                comment: "written by brasslink",
                mask: scan.file_mask.as_ref(),
                ..X3pMeta::default()
            };
            write_file(out, &write_x3p(map, &meta)?)
        }
        ("x3p", Surface::Intensity(_)) => {
            Err(Error::new(Kind::BadInput, say!("an image has no heights to be written as X3P"))
                .at(out)
                .advise(say!("write a .png")))
        }
        ("png", _) => picture(scan, out),
        _ => Err(Error::new(Kind::BadInput, say!("cannot write {extension:?} files"))
            .at(out)
            .advise(say!("name the file .x3p or .png"))),
    }
}

fn picture(scan: &Scan, out: &Path) -> Result<()> {
    write_file(out, &render_scan(scan, &Lamp::default(), PICTURE)?)
}

fn write_mask(mask: &Mask, out: &Path) -> Result<()> {
    let (ny, nx) = mask.dim();
    let bytes: Vec<u8> = mask.iter().map(|&m| if m { 255 } else { 0 }).collect();
    let mut png = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_raw(nx as u32, ny as u32, bytes)
        .ok_or_else(|| Error::new(Kind::Internal, say!("the mask has an odd shape")))?
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|e| {
            Error::new(Kind::Internal, say!("the mask could not be drawn: {e}")).because(&e)
        })?;
    write_file(out, &png.into_inner())
}
