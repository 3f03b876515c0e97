//! Templates as bytes, for the store.
//!
//! Little-endian: `BLT2`, mark kind (u8), modality (u8), two zero bytes, the
//! recipe's SHA-256, then the fine, coarse and smooth map, each as nx (u16),
//! ny (u16), nx·ny features (i8, row-major, 1/32 standard deviation) and
//! nx·ny mask bits (row-major, least significant bit first, padded to a
//! byte), and the sketch's bytes, dear to make. Everything else in a
//! template follows from these and is not stored. `types::outline` knows where
//! the parts lie.

use super::{FeatureMap, Sketch, Template, sketch};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::outline::{TEMPLATE_HEAD, TEMPLATE_MAGIC};

/// Largest side of a map; 25 mm at the fine pitch.
const MAX_SIDE: usize = 1024;

impl Template {
    /// The template as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let place = |found: Option<usize>| found.unwrap_or_default() as u8;
        let mut out = TEMPLATE_MAGIC.to_vec();
        out.push(place(MarkKind::ALL.iter().position(|k| *k == self.kind)));
        out.push(place(Modality::ALL.iter().position(|m| *m == self.modality)));
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&self.recipe.0);
        for map in [&self.fine, &self.coarse, &self.smooth] {
            out.extend_from_slice(&(map.nx as u16).to_le_bytes());
            out.extend_from_slice(&(map.ny as u16).to_le_bytes());
            out.extend(map.values.iter().map(|&v| v as i8 as u8));
            out.extend(map.mask.chunks(8).map(|bits| {
                bits.iter().enumerate().fold(0u8, |byte, (i, &m)| byte | (u8::from(m != 0) << i))
            }));
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
            let sketch = Sketch::of_bytes(take(&mut rest, sketch::BYTES)?).ok()?;
            let whole = magic == TEMPLATE_MAGIC && rest.is_empty();
            whole.then_some((kind, modality, recipe, maps, sketch))
        })();
        let Some((kind, modality, recipe, maps, sketch)) = parsed else {
            return Err(Error::new(Kind::Damaged, "these bytes are not a template")
                .advise("extract the mark's template again"));
        };
        Ok(Self::from_maps(kind, modality, recipe, maps, sketch))
    }
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(n)?;
    *rest = tail;
    Some(head)
}

fn map(rest: &mut &[u8]) -> Option<FeatureMap> {
    let side = |rest: &mut &[u8]| {
        let n = usize::from(u16::from_le_bytes(take(rest, 2)?.try_into().ok()?));
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
