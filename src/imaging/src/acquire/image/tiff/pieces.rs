//! Strips and tiles: unpacked, predictions undone, samples put in their places.

use super::directory::{Directory, damaged, tag};
use super::layout::{Layout, Number, Packing, Predictor};
use ::image::{DynamicImage, ImageDecoder, codecs::jpeg::JpegDecoder};
use std::io::{Cursor, Read};
use types::error::Result;
use types::message::say;

/// Calls `put(pixel index, sample index, value)` for every sample of the page.
pub(super) fn each_sample(
    page: &Directory<'_>,
    layout: &Layout,
    mut put: impl FnMut(usize, usize, f64),
) -> Result<()> {
    let (across, down) = layout.grid();
    let planes = if layout.planar { layout.samples } else { 1 };
    let (offsets, lengths) = places(page, layout, planes)?;
    let (piece_x, piece_y) = layout.piece;
    let mut number = 0;
    for plane in 0..planes {
        for (row, column) in (0..down).flat_map(|r| (0..across).map(move |c| (r, c))) {
            let (Some(&at), Some(&length)) = (offsets.get(number), lengths.get(number)) else {
                return Err(damaged(say!("it names fewer strips or tiles than it has")));
            };
            number += 1;
            let (x0, y0) = (column * piece_x, row * piece_y);
            // The last strip is only as high as the image; tiles are all whole.
            let rows = if layout.tiled { piece_y } else { piece_y.min(layout.ny - y0) };
            let bytes = unpack(page, layout, page.piece(at, length)?, rows)?;
            let line = piece_x as usize * layout.interleaved() * layout.width;
            let columns = piece_x.min(layout.nx - x0) as usize;
            let lines = bytes.chunks_exact(line).take((layout.ny - y0).min(rows) as usize);
            for (y, samples) in lines.enumerate() {
                let start = (y0 as usize + y) * layout.nx as usize + x0 as usize;
                let samples = samples.chunks_exact(layout.width);
                let wanted = columns * layout.interleaved();
                for (i, raw) in samples.take(wanted).enumerate() {
                    let sample = if layout.planar { plane } else { i % layout.samples };
                    put(start + i / layout.interleaved(), sample, value(raw, layout.number));
                }
            }
        }
    }
    Ok(())
}

/// Where the strips or tiles lie, and how long they are.
fn places(page: &Directory<'_>, layout: &Layout, planes: usize) -> Result<(Vec<u64>, Vec<u64>)> {
    let tags = match layout.tiled {
        true => (tag::TILE_OFFSETS, tag::TILE_BYTES),
        false => (tag::STRIP_OFFSETS, tag::STRIP_BYTES),
    };
    let missing = || damaged(say!("it does not say where its pixels lie"));
    let offsets = page.numbers(tags.0)?.ok_or_else(missing)?;
    let lengths = match page.numbers(tags.1)? {
        Some(lengths) => lengths,
        // Old writers leave the lengths out where there is one strip.
        None => offsets.iter().map(|at| page.rest(*at)).collect(),
    };
    let (across, down) = layout.grid();
    let wanted = u64::from(across) * u64::from(down) * planes as u64;
    if (offsets.len().min(lengths.len()) as u64) < wanted {
        return Err(damaged(say!("it has {} of {wanted} strips or tiles", offsets.len())));
    }
    Ok((offsets, lengths))
}

/// The samples of one strip or tile of `rows` rows, low byte first.
fn unpack(page: &Directory<'_>, layout: &Layout, packed: &[u8], rows: u32) -> Result<Vec<u8>> {
    let line = layout.piece.0 as usize * layout.interleaved() * layout.width;
    let expected = line * rows as usize;
    let reversed;
    let packed = match layout.reversed_bits {
        true => {
            reversed = packed.iter().map(|b| b.reverse_bits()).collect::<Vec<u8>>();
            &reversed
        }
        false => packed,
    };
    let mut bytes = match layout.packing {
        Packing::None => packed.get(..expected.min(packed.len())).unwrap_or_default().to_vec(),
        Packing::Lzw => lzw(packed, expected)?,
        Packing::Deflate => {
            let mut out = Vec::new();
            let stream = flate2::read::ZlibDecoder::new(packed);
            stream
                .take(expected as u64)
                .read_to_end(&mut out)
                .map_err(|e| damaged(say!("a strip or tile cannot be unpacked: {e}")))?;
            out
        }
        Packing::PackBits => pack_bits(packed, expected),
        Packing::Jpeg => return jpeg(page, layout, packed, rows),
    };
    if bytes.len() < expected {
        return Err(damaged(say!("a strip or tile holds {} bytes of {expected}", bytes.len())));
    }
    bytes.truncate(expected);
    for row in bytes.chunks_exact_mut(line) {
        restore(row, layout, page.little_endian());
    }
    Ok(bytes)
}

/// Brings a row to little-endian and undoes its prediction.
fn restore(row: &mut [u8], layout: &Layout, little: bool) {
    let (width, step) = (layout.width, layout.interleaved());
    if layout.predictor == Predictor::FloatingPoint {
        // TIFF Technical Note 3: differences of bytes, the high bytes first.
        for i in step..row.len() {
            row[i] = row[i].wrapping_add(row[i - step]);
        }
        let count = row.len() / width;
        let planes = row.to_vec();
        for (i, sample) in row.chunks_exact_mut(width).enumerate() {
            for (b, byte) in sample.iter_mut().enumerate() {
                *byte = planes[(width - 1 - b) * count + i];
            }
        }
        return;
    }
    if !little && width > 1 {
        row.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    if layout.predictor == Predictor::Horizontal {
        for start in (step * width..row.len()).step_by(width) {
            // Addition with carry from the low byte up, the last carry dropped.
            let mut carry = 0_u16;
            for b in start..start + width {
                let sum = u16::from(row[b]) + u16::from(row[b - step * width]) + carry;
                row[b] = sum as u8;
                carry = sum >> 8;
            }
        }
    }
}

fn value(raw: &[u8], number: Number) -> f64 {
    match (number, raw) {
        (Number::Unsigned, &[a]) => a.into(),
        (Number::Unsigned, &[a, b]) => u16::from_le_bytes([a, b]).into(),
        (Number::Unsigned, &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]).into(),
        (Number::Signed, &[a]) => i8::from_le_bytes([a]).into(),
        (Number::Signed, &[a, b]) => i16::from_le_bytes([a, b]).into(),
        (Number::Signed, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).into(),
        (Number::Float, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
        (Number::Float, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

/// TIFF's LZW: high bits first, the code's length grows one code early.
fn lzw(packed: &[u8], expected: usize) -> Result<Vec<u8>> {
    if let [0, second, ..] = packed
        && second & 1 == 1
    {
        return Err(super::unread(say!("LZW compression of the old style")));
    }
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let mut out = vec![0; expected];
    let (mut read, mut written) = (0, 0);
    // A tile may end without an end code, and the code behind the last wanted
    // byte may be anything; what was written decides.
    while written < expected {
        let step = decoder.decode_bytes(&packed[read..], &mut out[written..]);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            _ => break,
        }
    }
    out.truncate(written);
    Ok(out)
}

fn pack_bits(packed: &[u8], expected: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(expected.min(packed.len().saturating_mul(128)));
    let mut rest = packed;
    while let [head, after @ ..] = rest
        && out.len() < expected
    {
        let count = usize::from(*head);
        rest = match (count, after) {
            (0..=127, _) => {
                let (own, later) = after.split_at((count + 1).min(after.len()));
                out.extend_from_slice(own);
                later
            }
            (129.., [byte, later @ ..]) => {
                out.resize(out.len() + 257 - count, *byte);
                later
            }
            _ => after,
        };
    }
    out
}

/// A strip or tile that is a JPEG by itself, but for the tables that all share.
fn jpeg(page: &Directory<'_>, layout: &Layout, packed: &[u8], rows: u32) -> Result<Vec<u8>> {
    let cannot = |e: ::image::ImageError| damaged(say!("a JPEG strip or tile: {e}"));
    let own = packed.strip_prefix(b"\xff\xd8").unwrap_or(packed);
    let tables = page.raw(tag::JPEG_TABLES).unwrap_or(b"\xff\xd8\xff\xd9");
    let shared = tables.strip_suffix(b"\xff\xd9").unwrap_or(tables);
    let whole = [shared, own].concat();
    let decoder = JpegDecoder::new(Cursor::new(whole.as_slice())).map_err(cannot)?;
    let (nx, ny) = decoder.dimensions();
    if nx != layout.piece.0 || ny != rows {
        return Err(damaged(say!(
            "a JPEG of {nx} × {ny} pixels in a strip or tile of {} × {rows}",
            layout.piece.0
        )));
    }
    match DynamicImage::from_decoder(decoder).map_err(cannot)? {
        DynamicImage::ImageLuma8(image) if layout.samples == 1 => Ok(image.into_raw()),
        DynamicImage::ImageRgb8(image) if layout.samples == 3 => Ok(image.into_raw()),
        _ => Err(damaged(say!("JPEG strips or tiles of other colours than it says"))),
    }
}
