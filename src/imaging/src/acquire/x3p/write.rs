//! Writing an X3P: the same surface gives the same bytes, always.

use super::matrix::ZType;
use ::image::{GrayImage, ImageFormat};
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use quick_xml::escape::escape;
use std::io::{Cursor, Write};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::surface::{HeightMap, Mask};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What goes into the file beside the heights.
#[derive(Clone, Copy, Debug)]
pub struct X3pMeta<'a> {
    /// Number type of the matrix. Integers are scaled to the range of the
    /// heights and carry missing points in a bit mask; floats use NaN.
    pub z_type: ZType,
    /// Date of measurement (ISO 8601); `Record2` is written only with it.
    pub date: Option<&'a str>,
    /// Maker of the instrument.
    pub manufacturer: &'a str,
    /// Model of the instrument.
    pub model: &'a str,
    /// Who made the file.
    pub creator: &'a str,
    /// Free text.
    pub comment: &'a str,
    /// Where the mark is; same shape as the heights.
    pub mask: Option<&'a Mask>,
}

impl Default for X3pMeta<'_> {
    fn default() -> Self {
        Self {
            z_type: ZType::F64,
            date: None,
            manufacturer: "not available",
            model: "not available",
            creator: "brasslink",
            comment: "",
            mask: None,
        }
    }
}

/// Writes a surface as X3P (ISO 25178-72): rows from the top, x fastest,
/// heights and increments in metres. Deterministic: no clock is asked.
///
/// Errors: [`Kind::BadInput`] for an empty surface, an unusable pitch, or a
/// mask of another shape.
pub fn write_x3p(map: &HeightMap, meta: &X3pMeta<'_>) -> Result<Vec<u8>> {
    check(map, meta)?;
    let matrix = encode(map, meta.z_type);
    let valid = meta.z_type.is_integer().then(|| valid_bits(map));
    let xml = main_xml(map, meta, &matrix, valid.as_deref());
    let checksum = format!("{} *main.xml\n", HEXLOWER.encode(&Md5::digest(&xml)));
    let mut members = vec![
        ("main.xml", xml.into_bytes()),
        ("bindata/data.bin", matrix.bytes),
        ("md5checksum.hex", checksum.into_bytes()),
    ];
    members.extend(valid.map(|bits| ("bindata/valid.bin", bits)));
    if let Some(mask) = meta.mask {
        members.push(("bindata/mask.png", mask_png(mask)?));
    }
    zipped(&members)
}

fn check(map: &HeightMap, meta: &X3pMeta<'_>) -> Result<()> {
    let refuse = |what: Message| Err(Error::new(Kind::BadInput, say!("cannot write X3P: {what}")));
    let usable = |pitch: f64| pitch.is_finite() && pitch > 0.0;
    if map.z.is_empty() {
        return refuse(say!("the surface is empty"));
    }
    if !usable(map.pitch_x.0) || !usable(map.pitch_y.0) {
        return refuse(say!("the pixel size is not a positive number"));
    }
    if meta.mask.is_some_and(|mask| mask.dim() != map.z.dim()) {
        return refuse(say!("the mask has another shape than the surface"));
    }
    Ok(())
}

struct Matrix {
    bytes: Vec<u8>,
    increment: f64,
    offset: f64,
}

fn encode(map: &HeightMap, z_type: ZType) -> Matrix {
    let finite = map.z.iter().filter(|z| z.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &z| (l.min(z), h.max(z)));
    // Symmetric steps about the middle; a flat or empty surface needs any.
    let most = if z_type == ZType::I16 { f64::from(i16::MAX) } else { f64::from(i32::MAX) };
    let (increment, offset) = match z_type.is_integer() {
        true if high > low => ((high - low) / 2.0 / most, low + (high - low) / 2.0),
        true if high == low => (1e-9, low),
        true => (1e-9, 0.0),
        false => (1.0, 0.0),
    };
    let mut bytes = Vec::with_capacity(map.z.len() * z_type.bytes());
    for &z in &map.z {
        // A cast from NaN gives 0; the bit mask says that it is missing.
        let steps = ((z - offset) / increment).round();
        match z_type {
            ZType::I16 => bytes.extend((steps as i16).to_le_bytes()),
            ZType::I32 => bytes.extend((steps as i32).to_le_bytes()),
            ZType::F32 => bytes.extend((z as f32).to_le_bytes()),
            ZType::F64 => bytes.extend(z.to_le_bytes()),
        }
    }
    Matrix { bytes, increment, offset }
}

fn valid_bits(map: &HeightMap) -> Vec<u8> {
    let mut bits = vec![0_u8; map.z.len().div_ceil(8)];
    for (i, z) in map.z.iter().enumerate() {
        if let Some(byte) = bits.get_mut(i / 8).filter(|_| z.is_finite()) {
            *byte |= 1 << (i % 8);
        }
    }
    bits
}

fn main_xml(map: &HeightMap, meta: &X3pMeta<'_>, matrix: &Matrix, valid: Option<&[u8]>) -> String {
    let (ny, nx) = map.z.dim();
    let axis = |name: &str, kind: &str, number: &str, increment: f64, offset: f64| {
        format!(
            "<{name}><AxisType>{kind}</AxisType><DataType>{number}</DataType>\
             <Increment>{increment:e}</Increment><Offset>{offset:e}</Offset></{name}>\n"
        )
    };
    let axes = [
        axis("CX", "I", "D", map.pitch_x.0, 0.0),
        axis("CY", "I", "D", map.pitch_y.0, 0.0),
        axis("CZ", "A", meta.z_type.letter(), matrix.increment, matrix.offset),
    ]
    .concat();
    let record2 = meta.date.map_or_else(String::new, |date| {
        format!(
            "<Record2><Date>{}</Date><Creator>{}</Creator><Instrument><Manufacturer>{}</Manufacturer>\
             <Model>{}</Model><Serial>not available</Serial><Version>not available</Version>\
             </Instrument><Comment>{}</Comment></Record2>\n",
            escape(date),
            escape(meta.creator),
            escape(meta.manufacturer),
            escape(meta.model),
            escape(meta.comment)
        )
    });
    let valid_link = valid.map_or_else(String::new, |bits| {
        format!(
            "<ValidPointsLink>bindata/valid.bin</ValidPointsLink>\
             <MD5ChecksumValidPoints>{}</MD5ChecksumValidPoints>",
            HEXLOWER.encode(&Md5::digest(bits))
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <p:ISO5436_2 xmlns:p=\"http://www.opengps.eu/2008/ISO5436_2\">\n\
         <Record1><Revision>ISO5436 - 2000</Revision><FeatureType>SUR</FeatureType>\n\
         <Axes>{axes}</Axes></Record1>\n{record2}\
         <Record3><MatrixDimension><SizeX>{nx}</SizeX><SizeY>{ny}</SizeY><SizeZ>1</SizeZ>\
         </MatrixDimension>\n<DataLink><PointDataLink>bindata/data.bin</PointDataLink>\
         <MD5ChecksumPointData>{}</MD5ChecksumPointData>{valid_link}</DataLink></Record3>\n\
         <Record4><ChecksumFile>md5checksum.hex</ChecksumFile></Record4>\n</p:ISO5436_2>\n",
        HEXLOWER.encode(&Md5::digest(&matrix.bytes))
    )
}

fn mask_png(mask: &Mask) -> Result<Vec<u8>> {
    let internal = |what: Message| Error::new(Kind::Internal, say!("mask.png: {what}"));
    let (ny, nx) = mask.dim();
    let pixels = mask.iter().map(|m| if *m { 255 } else { 0 }).collect();
    let image = GrayImage::from_raw(nx as u32, ny as u32, pixels)
        .ok_or_else(|| internal(say!("its size does not fit")))?;
    let mut png = Cursor::new(Vec::new());
    image
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|e| internal(Message::foreign(e.to_string())))?;
    Ok(png.into_inner())
}

fn zipped(members: &[(&str, Vec<u8>)]) -> Result<Vec<u8>> {
    let internal = |e: Message| Error::new(Kind::Internal, say!("zip archive: {e}"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::DEFAULT)
            .large_file(bytes.len() as u64 >= u64::from(u32::MAX));
        zip.start_file(*name, options).map_err(|e| internal(Message::foreign(e.to_string())))?;
        zip.write_all(bytes).map_err(|e| internal(Message::foreign(e.to_string())))?;
    }
    zip.finish().map(Cursor::into_inner).map_err(|e| internal(Message::foreign(e.to_string())))
}
