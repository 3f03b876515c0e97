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
//! | `Origin` other than NW, or a `Rotation` | read as it lies, with a warning |
//! | absolute X or Y axes, profiles, point lists | refused by name |

mod archive;
mod document;
mod header;
mod mask;
mod matrix;
mod scale;
mod write;

pub use matrix::ZType;
pub use write::{X3pMeta, write_x3p};

use super::{Format, ReadOptions, Scan, pixel_size, thin};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use crate::surface::{HeightMap, Surface};
use crate::units::Metres;
use archive::{Archive, base, damaged};
use data_encoding::HEXLOWER;
use document::Document;
use header::Header;
use md5::Digest as _;
use ndarray::Array2;

/// Longest `main.xml`, checksum file and mask that are unpacked, in bytes.
const MAX_SMALL_MEMBER: u64 = 4 << 20;

/// Whether a zip archive is an X3P at all.
pub(super) fn recognise(bytes: &[u8]) -> Result<()> {
    main_xml(&Archive::open(bytes)?).map(|_| ())
}

fn main_xml(archive: &Archive<'_>) -> Result<archive::Found> {
    archive.find("main.xml").ok_or_else(|| {
        Error::new(Kind::UnknownFormat, "unknown format: a zip archive without main.xml, so no X3P")
            .advise("give the X3P file itself, or unpack the archive of scans first")
    })
}

/// The shape that the header claims.
pub(super) fn shape(bytes: &[u8], options: &ReadOptions) -> Result<(usize, usize)> {
    let mut archive = Archive::open(bytes)?;
    let found = main_xml(&archive)?;
    let xml = archive.read(found.index, MAX_SMALL_MEMBER)?;
    let document = Document::parse(&text(&xml, &mut Vec::new()))?;
    let header = Header::read(&document, options.max_points, &mut Vec::new())?;
    check_extent(&header, options)?;
    Ok((header.ny, header.nx))
}

/// Refuses a scan that is too wide, before anything is unpacked for it.
fn check_extent(header: &Header, options: &ReadOptions) -> Result<()> {
    // Increments that cannot be are told of when the heights are read.
    let Ok(scale) = scale::lateral(header, &mut Vec::new()) else { return Ok(()) };
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
        warnings.push(format!("main.xml is stored as {:?}", archive.name(found.index)));
    }
    let xml = archive.read(found.index, MAX_SMALL_MEMBER)?;
    let document = Document::parse(&text(&xml, &mut warnings))?;
    let header = Header::read(&document, options.max_points, &mut warnings)?;
    check_main_md5(&mut archive, &document, &xml, &mut warnings);

    check_extent(&header, options)?;
    let mut heights = read_heights(&mut archive, &document, &header, &mut warnings)?;
    let scale = scale::lateral(&header, &mut warnings)?;
    scale::heights(&mut heights, &mut warnings)?;
    let own = (Metres(header.increment_x * scale), Metres(header.increment_y * scale));
    let (pitch_x, pitch_y) = pixel_size::settle(options.pixel_size, own, &mut warnings);

    let z = Array2::from_shape_vec((header.ny, header.nx), heights)
        .map_err(|e| Error::new(Kind::Internal, format!("matrix shape: {e}")))?;
    let file_mask = mask::read(&mut archive, &document, z.dim(), &mut warnings);
    Ok(Scan {
        surface: Surface::Height(HeightMap { z, pitch_x, pitch_y }),
        file_mask,
        format: Format::X3p,
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
        instrument: instrument(&document),
        acquired: document.get("Record2/Date").map(str::to_owned),
        warnings,
    })
}

fn text(xml: &[u8], warnings: &mut Vec<String>) -> String {
    std::str::from_utf8(xml).map_or_else(
        |_| {
            warnings.push("main.xml is not UTF-8; read as Latin-1".into());
            xml.iter().map(|&b| char::from(b)).collect()
        },
        str::to_owned,
    )
}

fn read_heights(
    archive: &mut Archive<'_>,
    document: &Document,
    header: &Header,
    warnings: &mut Vec<String>,
) -> Result<Vec<f64>> {
    let link = document.get("Record3/DataLink/PointDataLink").ok_or_else(|| {
        damaged("main.xml has no PointDataLink").advise("lists inside main.xml are not read")
    })?;
    let valid_link = document.get("Record3/DataLink/ValidPointsLink");
    let is_data = |n: &str| n.ends_with(".bin") && valid_link.is_none_or(|v| base(v) != base(n));
    let found = archive
        .find(link)
        .or_else(|| archive.only(is_data).map(|index| archive::Found { index, exact: false }));
    let Some(found) = found else {
        return Err(damaged(format!("the archive has no member {link:?} with the heights")));
    };
    if !found.exact {
        warnings.push(format!(
            "heights are linked as {link:?} and stored as {:?}",
            archive.name(found.index)
        ));
    }
    let layout = header.layout();
    let (mut heights, md5) = matrix::read(archive, found.index, &layout)?;
    compare_md5(
        "the heights",
        document.get("Record3/DataLink/MD5ChecksumPointData"),
        &md5,
        warnings,
    );

    let Some(link) = valid_link else { return Ok(heights) };
    match archive.find(link) {
        Some(valid) => {
            let md5 = matrix::apply_valid_points(archive, valid.index, &layout, &mut heights)?;
            let stated = document.get("Record3/DataLink/MD5ChecksumValidPoints");
            compare_md5("the valid points", stated, &md5, warnings);
        }
        None => warnings
            .push(format!("the archive has no member {link:?}: all points are taken as valid")),
    }
    Ok(heights)
}

/// Compares `main.xml` with the checksum file, in which a file name may follow
/// the hash.
fn check_main_md5(
    archive: &mut Archive<'_>,
    document: &Document,
    xml: &[u8],
    warnings: &mut Vec<String>,
) {
    let link = document.get("Record4/ChecksumFile").unwrap_or("md5checksum.hex");
    let stated = archive
        .find(link)
        .and_then(|found| archive.read(found.index, MAX_SMALL_MEMBER).ok())
        .map(|content| String::from_utf8_lossy(&content).into_owned());
    compare_md5("main.xml", stated.as_deref(), &HEXLOWER.encode(&md5::Md5::digest(xml)), warnings);
}

fn compare_md5(what: &str, stated: Option<&str>, actual: &str, warnings: &mut Vec<String>) {
    match stated.and_then(|text| text.split_whitespace().next()) {
        None => warnings.push(format!("no MD5 checksum of {what}")),
        Some(stated) if !stated.eq_ignore_ascii_case(actual) => {
            let shown: String = stated.chars().take(32).collect();
            warnings
                .push(format!("the MD5 checksum of {what} is {actual}, the file states {shown}"));
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
