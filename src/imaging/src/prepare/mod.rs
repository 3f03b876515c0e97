//! [`Scan`] → [`PreparedMark`]: the mark found, levelled, band-passed and
//! resampled.

mod class;
mod filter;
mod ground;
mod image;
mod level;
mod processed;
mod quality;
mod recipe;
mod region;
mod regression;
mod resample;
mod segment;
mod striae;
mod topography;
mod variant;

pub use types::mark::{Otherwise, PreparedMark, Quality, Verdict};

pub use filter::{low_pass, low_pass_line};
pub use level::{Estimator, Level, Point};
use quality::Remark;
pub use quality::area_and_rms;
pub use recipe::{Band, Form, Impression, MaskPolicy, QualityLimits, Recipe};
pub use regression::GaussianRegression;
pub use resample::{Axis, Kernel, resample};
pub use striae::{band_across, upright};
pub use variant::Variant;

use crate::acquire::{MOST_POINTS, Scan};
use ndarray::Array2;
use types::error::{Error, Kind, Result};
use types::evidence::{MarkKind, Modality};
use types::message::say;
use types::surface::{Pose, Surface};
use types::units::Metres;

/// What the two modalities hand to the quality gate.
#[derive(Clone, Debug)]
struct Prepared {
    /// As [`PreparedMark::values`], at the recipe's pitch; see [`frame`].
    values: Array2<f32>,
    /// Where that grid lies in the scan's grid.
    scan_from_mark: Pose,
    /// Area inside the mark's outline in mm², missing points included.
    outline_mm2: f64,
    /// What the modality itself has to remark.
    remarks: Vec<Remark>,
}

impl Prepared {
    /// Turns a striated mark so that its striae run along y.
    fn align(&mut self, pitch: Metres, band: Band) {
        let (values, place) = striae::aligned(&self.values, pitch, band, &mut self.remarks);
        self.values = values;
        self.scan_from_mark = self.scan_from_mark.after(&place);
    }
}

/// Finds and prepares one mark of a scan. A striated mark is prepared at the
/// recipe's finer pitch and lies with its striae along y.
///
/// Errors: [`NoMark`](Kind::NoMark) where none is found,
/// [`BadInput`](Kind::BadInput) for a meaningless recipe and
/// [`TooLarge`](Kind::TooLarge) for a scan that is wider than any case head.
pub fn prepare(scan: &Scan, kind: MarkKind, recipe: &Recipe) -> Result<PreparedMark> {
    recipe.check()?;
    let name = recipe.hash();
    let recipe = &recipe.of_kind(kind);
    bounded(&scan.surface, recipe)?;
    let mask = scan.file_mask.as_ref();
    let (modality, mut prepared) = match &scan.surface {
        Surface::Height(map) => {
            (Modality::Topography, topography::prepare_topography(map, mask, kind, recipe)?)
        }
        Surface::Intensity(map) => {
            (Modality::Image, image::prepare_image(map, mask, kind, recipe)?)
        }
    };
    if kind.is_striated() {
        prepared.align(recipe.pitch(), recipe.band(kind));
    }
    let quality = quality::judge(&prepared, kind, modality, recipe);
    Ok(PreparedMark {
        kind,
        modality,
        pitch: recipe.pitch(),
        values: prepared.values,
        scan_from_mark: prepared.scan_from_mark,
        recipe: name,
        quality,
    })
}

/// Refuses a surface that would make more than [`MOST_POINTS`] at the recipe's
/// pitch: at 6.25 µm those are 25.6 × 25.6 mm, and the head of a .50 BMG case,
/// the widest there is, measures 20.4 mm.
fn bounded(surface: &Surface, recipe: &Recipe) -> Result<()> {
    let ((ny, nx), (px, py)) = (surface.dim(), surface.pitch());
    let (width, height) = (px.0 * nx as f64, py.0 * ny as f64);
    let pitch = recipe.pitch();
    if width * height <= MOST_POINTS as f64 * pitch.0 * pitch.0 {
        return Ok(());
    }
    let what = say!(
        "the scan covers {:.1} × {:.1} mm, more than {MOST_POINTS} points {pitch} apart",
        width * 1e3,
        height * 1e3
    );
    Err(Error::new(Kind::TooLarge, what)
        .advise(say!("crop the scan to the mark, or check its pixel size")))
}

/// Sides of a prepared grid are multiples of this many pixels, so that block
/// means by up to as much keep the grid's centre where it is.
const BLOCK: usize = 16;

/// Cuts a grid at the recipe's pitch down to its finite values and pads it to
/// whole blocks; with the new grid's centre in the old grid, in pixels (x, y).
fn frame(values: &Array2<f32>) -> (Array2<f32>, (f64, f64)) {
    let (ny, nx) = values.dim();
    let (mut top, mut bottom, mut left, mut right) = (ny, 0, nx, 0);
    for ((y, x), _) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
        (top, bottom) = (top.min(y), bottom.max(y + 1));
        (left, right) = (left.min(x), right.max(x + 1));
    }
    let (height, width) = (bottom.saturating_sub(top), right.saturating_sub(left));
    let side = |n: usize| n.div_ceil(BLOCK).max(1) * BLOCK;
    let (my, mx) = (side(height), side(width));
    let (before_y, before_x) = ((my - height) / 2, (mx - width) / 2);
    let out = Array2::from_shape_fn((my, mx), |(y, x)| {
        match ((y + top).checked_sub(before_y), (x + left).checked_sub(before_x)) {
            (Some(y), Some(x)) => values.get((y, x)).copied().unwrap_or(f32::NAN),
            _ => f32::NAN,
        }
    });
    let centre = |start: usize, before: usize, m: usize, n: usize| {
        start as f64 - before as f64 + (m as f64 - 1.0) / 2.0 - (n as f64 - 1.0) / 2.0
    };
    (out, (centre(left, before_x, mx, nx), centre(top, before_y, my, ny)))
}
