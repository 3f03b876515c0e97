//! Templates as bytes, for the store.
//!
//! Little-endian: `BLT2`, mark kind (u8), modality (u8), two zero bytes, the
//! recipe's SHA-256, then the fine, coarse and smooth map, each as nx (u16),
//! ny (u16), nx·ny features (i8, row-major, 1/32 standard deviation) and
//! nx·ny mask bits (row-major, least significant bit first, padded to a
//! byte), and the sketch's bytes, dear to make. Everything else in a
//! template follows from these and is not stored. `types::outline` knows where
//! the parts lie.
//!
//! The template of a striated mark begins with `BLT3` and has in place of the
//! sketch its profile: number of points and points of a usual column (u16 each),
//! the short and the long waves of each point (i8, 1/32 standard deviation), and
//! mask bits as above.

use super::{FeatureMap, Sketch, Striae, Template, sketch, striae};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::say;
use types::outline::{STRIATED_MAGIC, TEMPLATE_HEAD, TEMPLATE_MAGIC};

/// Largest side of a map; 25 mm at the fine pitch.
const MAX_SIDE: usize = 1024;

impl Template {
    /// The template as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let place = |found: Option<usize>| found.unwrap_or_default() as u8;
        let magic = if self.striae.is_some() { STRIATED_MAGIC } else { TEMPLATE_MAGIC };
        let mut out = magic.to_vec();
        out.push(place(MarkKind::ALL.iter().position(|k| *k == self.kind)));
        out.push(place(Modality::ALL.iter().position(|m| *m == self.modality)));
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&self.recipe.0);
        for map in [&self.fine, &self.coarse, &self.smooth] {
            out.extend_from_slice(&(map.nx as u16).to_le_bytes());
            out.extend_from_slice(&(map.ny as u16).to_le_bytes());
            out.extend(map.values.iter().map(|&v| v as i8 as u8));
            out.extend(packed(&map.mask, |&m| m != 0));
        }
        if let Some(striae) = &self.striae {
            out.extend_from_slice(&(striae.present.len() as u16).to_le_bytes());
            out.extend_from_slice(&striae.column.to_le_bytes());
            for band in &striae.bands {
                out.extend(band.values.iter().map(|&v| v as i8 as u8));
            }
            out.extend(packed(&striae.present, |&p| p));
        }
        out.extend(self.sketch.0.iter().map(|&v| v as u8));
        out
    }

    /// Reads a template back.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if the bytes are not those of a template.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let parsed = (|| {
            let head = take(&mut rest, TEMPLATE_HEAD)?;
            let (magic, head) = head.split_first_chunk::<4>()?;
            let kind = *MarkKind::ALL.get(usize::from(head[0]))?;
            let modality = *Modality::ALL.get(usize::from(head[1]))?;
            let recipe = Digest(head[4..].try_into().ok()?);
            let maps = [map(&mut rest)?, map(&mut rest)?, map(&mut rest)?];
            let template = if magic == STRIATED_MAGIC {
                let striae = profile(&mut rest).filter(|_| kind.is_striated())?;
                Self::of_striae(kind, modality, recipe, maps, striae)
            } else {
                let sketch = Sketch::of_bytes(take(&mut rest, sketch::BYTES)?).ok()?;
                Self::from_maps(kind, modality, recipe, maps, sketch)
            };
            let known = magic == TEMPLATE_MAGIC || magic == STRIATED_MAGIC;
            (known && rest.is_empty()).then_some(template)
        })();
        parsed.ok_or_else(|| {
            Error::new(Kind::Damaged, say!("these bytes are not a template"))
                .advise(say!("extract the mark's template again"))
        })
    }
}

/// Bits of a mask, least significant first, padded to a byte.
fn packed<T>(mask: &[T], set: impl Fn(&T) -> bool) -> Vec<u8> {
    let byte = |bits: &[T]| {
        bits.iter().enumerate().fold(0u8, |byte, (i, m)| byte | (u8::from(set(m)) << i))
    };
    mask.chunks(8).map(byte).collect()
}

fn number(rest: &mut &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes(take(rest, 2)?.try_into().ok()?))
}

/// A profile; a value where nothing was measured, or beyond the clip, is damage.
fn profile(rest: &mut &[u8]) -> Option<Striae> {
    let (n, column) = (usize::from(number(rest)?), number(rest)?);
    if n > striae::LONGEST {
        return None;
    }
    let mut band = || -> Option<Vec<i16>> {
        Some(take(rest, n)?.iter().map(|&b| i16::from(b as i8)).collect())
    };
    let bands = [band()?, band()?];
    let bits = take(rest, n.div_ceil(8))?;
    let present: Vec<bool> = (0..n).map(|i| bits[i / 8] >> (i % 8) & 1 == 1).collect();
    let sound = |&(&v, &p): &(&i16, &bool)| v >= -127 && (p || v == 0);
    let all = bands.iter().all(|band| band.iter().zip(&present).all(|point| sound(&point)));
    all.then(|| Striae::from_bands(bands, present, column))
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(n)?;
    *rest = tail;
    Some(head)
}

fn map(rest: &mut &[u8]) -> Option<FeatureMap> {
    let side = |rest: &mut &[u8]| {
        let n = usize::from(number(rest)?);
        (n <= MAX_SIDE).then_some(n)
    };
    let (nx, ny) = (side(rest)?, side(rest)?);
    let values: Vec<i16> = take(rest, nx * ny)?.iter().map(|&b| i16::from(b as i8)).collect();
    let bits = take(rest, (nx * ny).div_ceil(8))?;
    let mask: Vec<i16> = (0..nx * ny).map(|i| i16::from(bits[i / 8] >> (i % 8) & 1)).collect();
    // A feature where nothing was measured, or beyond the clip, is damage.
    let sound = values.iter().zip(&mask).all(|(&v, &m)| v.abs() <= 96 && (m != 0 || v == 0));
    sound.then(|| FeatureMap::new(nx, ny, values, mask))
}
