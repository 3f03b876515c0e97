//! How the pixels of a page lie in the file, checked before any is unpacked.

use super::directory::{Directory, damaged, tag};
use super::unread;
use types::error::Result;
use types::message::say;

/// Largest tile in bytes; whole-slide scanners use up to 12 MiB.
const LARGEST_TILE: u64 = 64 << 20;

/// How strips or tiles are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

/// Type of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Unsigned,
    Signed,
    Float,
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// White is the highest number.
    Grey,
    /// White is zero.
    Inverted,
    Rgb,
    /// Numbers of colours in a table.
    Palette,
}

impl Colour {
    pub const fn channels(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Grey | Self::Inverted | Self::Palette => 1,
        }
    }
}

/// What differences neighbouring samples are stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    Horizontal,
    FloatingPoint,
}

/// The layout of one page.
#[derive(Debug)]
pub(super) struct Layout {
    pub nx: u32,
    pub ny: u32,
    /// Bytes of a sample.
    pub width: usize,
    pub number: Number,
    pub colour: Colour,
    /// Samples of a pixel, those beyond the colour included.
    pub samples: usize,
    /// Which sample is the alpha, and whether the colours are multiplied by it.
    pub alpha: Option<(usize, bool)>,
    /// Samples that are neither colour nor alpha.
    pub unspecified: usize,
    pub packing: Packing,
    pub predictor: Predictor,
    /// Each colour in strips of its own.
    pub planar: bool,
    /// The bits of every byte lie in reverse.
    pub reversed_bits: bool,
    /// Width and height of a strip or tile.
    pub piece: (u32, u32),
    pub tiled: bool,
}

impl Layout {
    /// Reads and checks the tags. What is not read is refused by name.
    pub fn read(page: &Directory<'_>) -> Result<Self> {
        let one = |tag: u16, otherwise: u64| Ok(page.number(tag)?.unwrap_or(otherwise));
        let side = |tag: u16| -> Result<u32> {
            let n = page.number(tag)?.ok_or_else(|| damaged(say!("it does not say its size")))?;
            u32::try_from(n).map_err(|_| damaged(say!("a side of {n} pixels")))
        };
        let (nx, ny) = (side(tag::WIDTH)?, side(tag::LENGTH)?);
        let packing = packing(one(tag::COMPRESSION, 1)?)?;
        let colour = colour(one(tag::PHOTOMETRIC, 1)?, packing)?;
        let samples = one(tag::SAMPLES, 1)? as usize;
        if samples < colour.channels() || samples > 16 {
            return Err(unread(say!("{samples} samples a pixel")));
        }
        let (alpha, unspecified) = extra(page, colour, samples)?;
        let (width, number) = number(page, samples)?;
        let planar = match one(tag::PLANAR, 1)? {
            1 => false,
            2 => samples > 1,
            other => return Err(unread(say!("planar configuration {other}"))),
        };
        let predictor = match one(tag::PREDICTOR, 1)? {
            // A predictor is part of LZW and deflate only.
            1 => Predictor::None,
            2 | 3 if !matches!(packing, Packing::Lzw | Packing::Deflate) => Predictor::None,
            2 => Predictor::Horizontal,
            3 if number == Number::Float => Predictor::FloatingPoint,
            other => return Err(unread(say!("predictor {other} for this type of number"))),
        };
        let reversed_bits = match one(tag::FILL_ORDER, 1)? {
            1 => false,
            2 => packing != Packing::Jpeg,
            other => return Err(unread(say!("fill order {other}"))),
        };
        if colour == Colour::Palette && (width, number) != (1, Number::Unsigned) {
            return Err(unread(say!("a palette of more than 256 colours")));
        }
        if packing == Packing::Jpeg && (width != 1 || number != Number::Unsigned || planar) {
            return Err(unread(say!("JPEG strips of more than 8 bits or stored plane by plane")));
        }
        if packing == Packing::Jpeg && samples != colour.channels() {
            return Err(unread(say!("JPEG strips with extra samples")));
        }
        let tiled = page.number(tag::TILE_WIDTH)?.is_some();
        let piece = match tiled {
            true => (side(tag::TILE_WIDTH)?, side(tag::TILE_LENGTH)?),
            false => {
                let rows = one(tag::ROWS_PER_STRIP, u64::from(ny))?;
                (nx, u32::try_from(rows).unwrap_or(u32::MAX).min(ny))
            }
        };
        let layout = Self {
            nx,
            ny,
            width,
            number,
            colour,
            samples,
            alpha,
            unspecified,
            packing,
            predictor,
            planar,
            reversed_bits,
            piece,
            tiled,
        };
        if piece.0 == 0 || piece.1 == 0 || tiled && layout.piece_bytes() > LARGEST_TILE {
            return Err(damaged(say!("tiles or strips of {} × {} pixels", piece.0, piece.1)));
        }
        Ok(layout)
    }

    /// Samples of a pixel that lie side by side.
    pub const fn interleaved(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Strips or tiles along x and y.
    pub const fn grid(&self) -> (u32, u32) {
        (self.nx.div_ceil(self.piece.0), self.ny.div_ceil(self.piece.1))
    }

    /// Bytes of a whole strip or tile once unpacked.
    pub fn piece_bytes(&self) -> u64 {
        let pixels = u64::from(self.piece.0) * u64::from(self.piece.1);
        pixels.saturating_mul((self.interleaved() * self.width) as u64)
    }

    /// Bytes of all pixels.
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.nx) * u64::from(self.ny);
        pixels.saturating_mul((self.samples * self.width) as u64)
    }
}

fn packing(code: u64) -> Result<Packing> {
    match code {
        1 => Ok(Packing::None),
        5 => Ok(Packing::Lzw),
        7 => Ok(Packing::Jpeg),
        8 | 32_946 => Ok(Packing::Deflate),
        32_773 => Ok(Packing::PackBits),
        2..=4 => Err(unread(say!("fax compression, which is for black and white"))),
        6 => Err(unread(say!("JPEG compression of the old style"))),
        33_003 | 33_005 | 34_712 => Err(unread(say!("JPEG 2000 compression"))),
        34_887 => Err(unread(say!("LERC compression"))),
        34_925 => Err(unread(say!("LZMA compression"))),
        50_000 | 34_926 => Err(unread(say!("Zstandard compression"))),
        50_001 | 34_927 => Err(unread(say!("WebP compression"))),
        other => Err(unread(say!("compression {other}"))),
    }
}

fn colour(code: u64, packing: Packing) -> Result<Colour> {
    match (code, packing) {
        (0, Packing::Jpeg) => Err(unread(say!("inverted grey in JPEG strips"))),
        (0, _) => Ok(Colour::Inverted),
        (1, _) => Ok(Colour::Grey),
        // Whether such strips hold RGB or YCbCr is told differently by different writers.
        (2, Packing::Jpeg) => Err(unread(say!("RGB in JPEG strips"))),
        // A JPEG decoder gives RGB.
        (2, _) | (6, Packing::Jpeg) => Ok(Colour::Rgb),
        (3, _) => Ok(Colour::Palette),
        (4, _) => Err(unread(say!("a transparency mask"))),
        (5, _) => Err(unread(say!("CMYK colours"))),
        (6, _) => Err(unread(say!("YCbCr colours"))),
        (8..=10, _) => Err(unread(say!("CIELab colours"))),
        (32_803, _) => Err(unread(say!("a raw image of a colour camera"))),
        (other, _) => Err(unread(say!("photometric interpretation {other}"))),
    }
}

/// Which extra sample is the alpha (and whether it is multiplied in), and how
/// many have another or no meaning.
fn extra(
    page: &Directory<'_>,
    colour: Colour,
    samples: usize,
) -> Result<(Option<(usize, bool)>, usize)> {
    let kinds = page.numbers(tag::EXTRA_SAMPLES)?.unwrap_or_default();
    let count = samples - colour.channels();
    let alpha = kinds.iter().take(count).position(|kind| matches!(kind, 1 | 2));
    let alpha = alpha.map(|i| (colour.channels() + i, kinds.get(i) == Some(&1)));
    Ok((alpha, count - usize::from(alpha.is_some())))
}

/// Bytes and type of a sample, the same for all.
fn number(page: &Directory<'_>, samples: usize) -> Result<(usize, Number)> {
    let all_equal = |tag: u16, otherwise: u64| -> Result<u64> {
        let values = page.numbers(tag)?.unwrap_or_default();
        let first = values.first().copied().unwrap_or(otherwise);
        match values.iter().take(samples).all(|v| *v == first) {
            true => Ok(first),
            false => Err(unread(say!("samples of different types in one pixel"))),
        }
    };
    let bits = all_equal(tag::BITS, 1)?;
    let kind = match all_equal(tag::SAMPLE_FORMAT, 1)? {
        1 | 4 => Number::Unsigned,
        2 => Number::Signed,
        3 => Number::Float,
        _ => return Err(unread(say!("complex numbers"))),
    };
    match (bits, kind) {
        (8 | 16 | 32, Number::Unsigned | Number::Signed) | (32 | 64, Number::Float) => {
            Ok((bits as usize / 8, kind))
        }
        _ => Err(unread(say!("samples of {bits} bits of this type"))),
    }
}
