//! The pictures of one report, made once and used many times.

use crate::model::Findings;
use crate::picture::{
    Frame, Lamp, clip_level, exaggeration, field, png, relief, round_length, sample,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ExtendedColorType;
use ndarray::Array2;
use std::rc::Rc;
use types::error::Result;
use types::evidence::Modality;
use types::mark::PreparedMark;
use types::surface::Pose;

/// What all pictures of a page may weigh together, as text in the page.
const BUDGET_BYTES: usize = 4_000_000;
/// Picture pixels that usually fit the budget.
const USUAL_PIXELS: f64 = 1.7e6;
/// No picture is larger or smaller than this, in pixels a side.
const SIDE_LIMITS: (f64, f64) = (96.0, 560.0);

/// What every picture of one mark's findings covers.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    /// The grid of every picture.
    pub frame: Frame,
    /// A round length of about a quarter of the picture, µm.
    pub bar_um: f64,
}

/// One mark's pictures in the questioned mark's frame, as base64 PNG.
#[derive(Debug)]
pub struct Plate {
    /// Its name within the report.
    pub id: String,
    /// Heights or brightness between −clip and +clip as grey.
    pub field: String,
    /// Shaded relief; none for images, whose field is their picture.
    pub relief: Option<String>,
    /// Questioned minus this, between −clip and +clip; for the first few.
    pub difference: Option<String>,
}

/// Candidates shown with colour heights, overlay and difference besides the
/// relief.
pub const IN_DEPTH: usize = 3;

/// The pictures of one mark's findings.
#[derive(Debug)]
pub struct Plates {
    /// What they cover.
    pub ground: Ground,
    /// The value at the ends of the colour scale, µm (1 for images).
    pub clip: f32,
    /// Stretch of the heights in the relief.
    pub exaggeration: f64,
    /// The questioned mark.
    pub questioned: Rc<Plate>,
    /// The candidates laid over it, in order; none where no mark is at hand.
    pub candidates: Vec<Option<Rc<Plate>>>,
}

/// The plates of each entry of `findings` (none without the questioned mark at
/// hand), as fine as the page's budget allows.
pub fn plates(findings: &[Findings]) -> Result<Vec<Option<Plates>>> {
    let pictures: usize = findings.iter().map(|f| 1 + f.candidates.len()).sum();
    let mut side = (USUAL_PIXELS / pictures.max(1) as f64).sqrt();
    loop {
        side = side.clamp(SIDE_LIMITS.0, SIDE_LIMITS.1);
        let made = findings.iter().enumerate().map(|(n, f)| of_findings(n, f, side as usize));
        let made: Vec<_> = made.collect::<Result<_>>()?;
        let bytes: usize = made.iter().flatten().map(Plates::bytes).sum();
        if bytes <= BUDGET_BYTES || side <= SIDE_LIMITS.0 {
            return Ok(made);
        }
        side *= 0.95 * (BUDGET_BYTES as f64 / bytes as f64).sqrt();
    }
}

impl Plates {
    /// The picture of candidate `index`, counted from 0.
    pub fn candidate(&self, index: usize) -> Option<&Rc<Plate>> {
        self.candidates.get(index)?.as_ref()
    }

    fn bytes(&self) -> usize {
        let plates = self.candidates.iter().flatten().chain([&self.questioned]);
        let extra = |s: &Option<String>| s.as_ref().map_or(0, String::len);
        plates.map(|p| p.field.len() + extra(&p.relief) + extra(&p.difference)).sum()
    }
}

fn of_findings(section: usize, findings: &Findings, side: usize) -> Result<Option<Plates>> {
    let Some(mark) = &findings.questioned.prepared else { return Ok(None) };
    let frame = Frame::of(mark, side);
    let values = onto(mark, &frame, &Pose::default());
    let clip = clip_level(values.view());
    let stretch = exaggeration(&values, frame.pixel.um());
    let plate = |id, v: &Array2<f32>| plate(id, v, &frame, clip, stretch, mark.modality);
    let candidates = findings.candidates.iter().enumerate().map(|(index, c)| {
        let Some(b) = &c.side.prepared else { return Ok(None) };
        let other = onto(b, &frame, &c.comparison.b_from_a);
        let mut made = plate(format!("s{section}c{index}"), &other)?;
        if index < IN_DEPTH {
            made.difference = Some(encode(&frame, &field(&(&values - &other), clip))?);
        }
        Ok(Some(Rc::new(made)))
    });
    Ok(Some(Plates {
        ground: Ground { frame, bar_um: bar_um(&frame) },
        clip,
        exaggeration: stretch,
        questioned: Rc::new(plate(format!("s{section}a"), &values)?),
        candidates: candidates.collect::<Result<_>>()?,
    }))
}

/// A whole number, which metres keep only up to rounding.
fn bar_um(frame: &Frame) -> f64 {
    round_length(frame.pixel * frame.width as f64).um().round()
}

fn onto(mark: &PreparedMark, frame: &Frame, mark_from_frame: &Pose) -> Array2<f32> {
    sample(mark.values.view(), (mark.pitch, mark.pitch), frame, mark_from_frame)
}

fn plate(
    id: String,
    values: &Array2<f32>,
    frame: &Frame,
    clip: f32,
    exaggeration: f64,
    modality: Modality,
) -> Result<Plate> {
    let shaded = match modality {
        Modality::Topography => {
            Some(relief(values, frame.pixel.um(), exaggeration, &Lamp::default()))
        }
        Modality::Image => None,
    };
    Ok(Plate {
        id,
        field: encode(frame, &field(values, clip))?,
        relief: shaded.map(|pixels| encode(frame, &pixels)).transpose()?,
        difference: None,
    })
}

fn encode(frame: &Frame, pixels: &[u8]) -> Result<String> {
    Ok(STANDARD.encode(png(pixels, frame.width, frame.height, ExtendedColorType::La8)?))
}
