//! X3P surface files (ISO 25178-72, formerly ISO 5436-2), read and written.
//!
//! A zip archive of `main.xml` (dimensions, increments, instrument), a binary
//! matrix of heights, MD5 checksums and, by custom, `bindata/mask.png`. Real
//! files break the rules; what can be understood is read with a warning:
//!
//! | fault | decision |
//! |---|---|
//! | increments or heights in micrometres | taken as such where metres are absurd ([`scale`]) |
//! | increment missing, unparsable, zero or negative | error |
//! | checksum wrong or missing | warning |
//! | link that names no member exactly | the only member it can mean, with a warning |
//! | more than one layer (`SizeZ` > 1) | the first layer, with a warning |
//! | matrix shorter or longer than the dimensions | error |
//! | a `Rotation`, or an unknown `Origin` | read as it lies, with a warning |
//! | `Origin` NW, NE, SW or SE | the first point is put there |
//! | absolute X or Y axes, profiles, point lists | refused by name |
//! | heights inside `main.xml` | read |
//! | integers that wrap, rows that do not continue each other | refused ([`coherence`]) |
//! | valid points as one byte each | read, with a warning |

mod archive;
mod coherence;
mod document;
mod header;
mod mask;
mod matrix;
mod scale;
mod write;

pub(super) use archive::Archive;
pub use matrix::ZType;
pub use write::{X3pMeta, write_x3p};

use super::heights;
use super::setting::{Rows, Setting, flip};
use super::{Format, ReadOptions, Scan, pixel_size, thin};
use archive::{base, damaged};
use data_encoding::HEXLOWER;
use document::Document;
use header::X3pHeader;
use md5::Digest as _;
use ndarray::{Array2, Axis};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};
use types::surface::{HeightMap, Surface};
use types::units::Metres;

/// Longest `main.xml`, checksum file and mask that are unpacked, in bytes.
const MAX_SMALL_MEMBER: u64 = 4 << 20;

/// The archive's `main.xml`; without it the archive is no X3P.
pub(super) fn main_xml(archive: &Archive<'_>) -> Result<archive::Found> {
    archive.find("main.xml").ok_or_else(|| {
        let what = match archive.find("xl/workbook.xml") {
            Some(_) => say!("unknown format: an Excel workbook"),
            None => say!("unknown format: a zip archive without main.xml, so no X3P"),
        };
        Error::new(Kind::UnknownFormat, what)
            .advise(say!("give the X3P file itself, or unpack the archive of scans first"))
    })
}

/// The shape that the header claims.
pub(super) fn shape(bytes: &[u8], options: &ReadOptions) -> Result<(usize, usize)> {
    let mut archive = Archive::open(bytes)?;
    let found = main_xml(&archive)?;
    let xml = archive.read(found.index, MAX_SMALL_MEMBER)?;
    let document = Document::parse(&text(&xml, &mut Vec::new()))?;
    let header = X3pHeader::read(&document, options.max_points, &mut Vec::new())?;
    let (setting, _) = options.setting_of(instrument(&document).as_deref())?;
    check_extent(&header, setting, options)?;
    Ok((header.ny, header.nx))
}

/// Refuses a scan that is too wide, before anything is unpacked for it.
fn check_extent(header: &X3pHeader, setting: Setting, options: &ReadOptions<'_>) -> Result<()> {
    // Increments that cannot be are told of when the heights are read.
    let scale = scale::lateral(header, setting.lateral_unit, &mut Vec::new());
    let Ok(scale) = scale else { return Ok(()) };
    let own = Metres(header.increment_x.max(header.increment_y) * scale);
    let pitch = options.pixel_size.unwrap_or(own);
    thin::check((header.ny, header.nx), (pitch, pitch)).map(drop)
}

/// Reads the X3P file with these bytes.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Scan> {
    let mut warnings = Vec::new();
    let mut archive = Archive::open(bytes)?;
    let found = main_xml(&archive)?;
    if !found.exact {
        warnings.push(say!("main.xml is stored as {:?}", archive.name(found.index)));
    }
    let xml = archive.read(found.index, MAX_SMALL_MEMBER)?;
    let document = Document::parse(&text(&xml, &mut warnings))?;
    let header = X3pHeader::read(&document, options.max_points, &mut warnings)?;
    check_main_md5(&mut archive, &document, &xml, &mut warnings);

    let maker = instrument(&document);
    let (setting, _) = options.setting_of(maker.as_deref())?;
    check_extent(&header, setting, options)?;
    let heights = read_heights(&mut archive, &document, &header, &mut warnings)?;
    let scale = scale::lateral(&header, setting.lateral_unit, &mut warnings)?;
    let own = (Metres(header.increment_x * scale), Metres(header.increment_y * scale));
    let (pitch_x, pitch_y) = pixel_size::settle(options.pixel_size, own, &mut warnings);

    coherence::check(&heights, &header)?;
    let z = Array2::from_shape_vec((header.ny, header.nx), heights)
        .map_err(|e| Error::new(Kind::Internal, say!("matrix shape: {e}")).because(&e))?;
    let mut map = HeightMap { z, pitch_x, pitch_y };
    heights::settle(&mut map, setting.height_unit, &mut warnings)?;
    let (file_mask, excluded) = mask::read(&mut archive, &document, map.z.dim(), &mut warnings);
    if let Some(excluded) = excluded {
        map.z.zip_mut_with(&excluded, |z, out| *z = if *out { f64::NAN } else { *z });
    }
    let mut scan = Scan {
        surface: Surface::Height(map),
        file_mask,
        format: Format::X3p,
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
        instrument: maker,
        acquired: document.get("Record2/Date").map(str::to_owned),
        warnings,
    };
    put_origin(&document, setting.rows, &mut scan);
    Ok(scan)
}

/// Puts the first point where `Origin` says it lies: north is the upper row,
/// west the left column. What the laboratory states of the rows prevails.
fn put_origin(document: &Document, stated: Option<Rows>, scan: &mut Scan) {
    let Some(origin) = document.get("Record1/Axes/Origin") else { return };
    let (south, east) = match origin {
        "NW" => return,
        "NE" => (false, true),
        "SW" => (true, false),
        "SE" => (true, true),
        _ => {
            scan.warnings.push(say!(
                "the file says its first point lies {origin:?}, which is not understood: rows are \
                 read from the top"
            ));
            return;
        }
    };
    if south && stated.is_none() {
        flip(scan, Axis(0));
    }
    if east {
        flip(scan, Axis(1));
    }
    scan.warnings.push(match stated {
        Some(_) if south => say!(
            "the file says its first point lies {origin}; of the rows, what the laboratory states counts"
        ),
        _ => say!("the file says its first point lies {origin}: it is put there"),
    });
}

/// The text of `main.xml`: by its byte order mark or the zero bytes of its first
/// sign, else UTF-8, else the encoding that its first line names, else
/// Windows-1252.
fn text(xml: &[u8], warnings: &mut Vec<Message>) -> String {
    let wide = match xml.get(..2) {
        Some(b"<\0") => Some(encoding_rs::UTF_16LE),
        Some(b"\0<") => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = encoding_rs::Encoding::for_bom(xml).map(|(e, _)| e).or(wide) {
        return encoding.decode_with_bom_removal(xml).0.into_owned();
    }
    std::str::from_utf8(xml).map_or_else(
        |_| {
            let head = String::from_utf8_lossy(xml.get(..xml.len().min(200)).unwrap_or_default());
            let named = head.split("encoding=").nth(1).and_then(|rest| {
                let label = rest.get(1..)?.split(['"', '\'']).next()?;
                encoding_rs::Encoding::for_label(label.as_bytes())
            });
            // A file that is no UTF-8 may still say that it is.
            let encoding =
                named.filter(|e| *e != encoding_rs::UTF_8).unwrap_or(encoding_rs::WINDOWS_1252);
            warnings.push(say!("main.xml is not UTF-8; read as {}", encoding.name()));
            encoding.decode_without_bom_handling(xml).0.into_owned()
        },
        str::to_owned,
    )
}

fn read_heights(
    archive: &mut Archive<'_>,
    document: &Document,
    header: &X3pHeader,
    warnings: &mut Vec<Message>,
) -> Result<Vec<f64>> {
    let layout = header.layout();
    let Some(link) = document.get("Record3/DataLink/PointDataLink") else {
        return match document.data() {
            Some(data) => matrix::from_list(data, &layout),
            None => Err(damaged(say!("main.xml has neither a PointDataLink nor a DataList"))
                .advise(say!("export the scan again with its heights"))),
        };
    };
    let valid_link = document.get("Record3/DataLink/ValidPointsLink");
    let is_data = |n: &str| n.ends_with(".bin") && valid_link.is_none_or(|v| base(v) != base(n));
    let found = archive
        .find(link)
        .or_else(|| archive.only(is_data).map(|index| archive::Found { index, exact: false }));
    let Some(found) = found else {
        return Err(damaged(say!("the archive has no member {link:?} with the heights")));
    };
    if !found.exact {
        warnings.push(say!(
            "heights are linked as {link:?} and stored as {:?}",
            archive.name(found.index)
        ));
    }
    let (mut heights, md5) = matrix::read(archive, found.index, &layout)?;
    compare_md5(
        say!("the heights"),
        document.get("Record3/DataLink/MD5ChecksumPointData"),
        &md5,
        warnings,
    );

    let Some(link) = valid_link else { return Ok(heights) };
    match archive.find(link) {
        Some(valid) => {
            let md5 =
                matrix::apply_valid_points(archive, valid.index, &layout, &mut heights, warnings)?;
            let stated = document.get("Record3/DataLink/MD5ChecksumValidPoints");
            compare_md5(say!("the valid points"), stated, &md5, warnings);
        }
        None => {
            warnings.push(say!("the archive has no member {link:?}: all points are taken as valid"))
        }
    }
    Ok(heights)
}

/// Compares `main.xml` with the checksum file, in which a file name may follow
/// the hash.
fn check_main_md5(
    archive: &mut Archive<'_>,
    document: &Document,
    xml: &[u8],
    warnings: &mut Vec<Message>,
) {
    let link = document.get("Record4/ChecksumFile").unwrap_or("md5checksum.hex");
    let stated = archive
        .find(link)
        .and_then(|found| archive.read(found.index, MAX_SMALL_MEMBER).ok())
        .map(|content| String::from_utf8_lossy(&content).into_owned());
    compare_md5(
        Message::foreign("main.xml"),
        stated.as_deref(),
        &HEXLOWER.encode(&md5::Md5::digest(xml)),
        warnings,
    );
}

fn compare_md5(what: Message, stated: Option<&str>, actual: &str, warnings: &mut Vec<Message>) {
    match stated.and_then(|text| text.split_whitespace().next()) {
        None => warnings.push(say!("no MD5 checksum of {what}")),
        Some(stated) if !stated.eq_ignore_ascii_case(actual) => {
            let shown: String = stated.chars().take(32).collect();
            warnings.push(say!("the MD5 checksum of {what} is {actual}, the file states {shown}"));
        }
        Some(_) => {}
    }
}

fn instrument(document: &Document) -> Option<String> {
    let known = ["Record2/Instrument/Manufacturer", "Record2/Instrument/Model"]
        .into_iter()
        .filter_map(|field| document.get(field))
        .filter(|text| !text.eq_ignore_ascii_case("not available"))
        .collect::<Vec<_>>();
    (!known.is_empty()).then(|| known.join(" "))
}
