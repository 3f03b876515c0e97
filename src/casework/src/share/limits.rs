//! What numbers, texts and times a bundle may hold.
//!
//! A signature says who sent a thing, not that it makes sense: a pixel of no
//! size breaks every later report. Each field has a range, wide enough for
//! every real instrument and case.

use super::fields::SharedKind;
use jiff::{SignedDuration, Timestamp};
use ndarray::Array2;
use serde_json::Value;
use std::ops::RangeInclusive;
use store::{MarkRow, ScanRow};
use types::evidence::{Moment, PartialDate};
use types::message::{Message, say};
use types::surface::Pose;
use types::units::Metres;

/// How far the clocks of two laboratories may differ: one that is set to the
/// wrong side of daylight saving is an hour off.
pub const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);
/// Days have no zone: somewhere it is tomorrow already.
const DAYS_DIFFER: SignedDuration = SignedDuration::from_hours(26);
/// By how much a bundle's number may pass that of the last one taken over.
pub const MOST_MISSED: u64 = 10_000;
/// No firearm or case that a laboratory deals with is older than this year.
const EARLIEST: i16 = 1800;
/// The longest text, in bytes, and the longest list.
const LONGEST_TEXT: usize = 4096;
const LONGEST_LIST: usize = 10_000;
/// Side of a pixel in metres: from a hundredth of a micrometre to a millimetre.
const PITCH: RangeInclusive<f64> = 1e-8..=1e-3;
/// Rows or columns of a scan.
const SCAN_SIDE: RangeInclusive<u64> = 1..=65_536;
/// Rows or columns of a mark: those of the largest template.
const MARK_SIDE: RangeInclusive<u64> = 1..=4096;
/// Where a mark may lie from a scan's centre, in metres.
const SHIFT: RangeInclusive<f64> = -0.1..=0.1;
/// Length of a scan's file.
const FILE_BYTES: RangeInclusive<u64> = 0..=super::envelope::LONGEST;
/// Prepared values: micrometres, or normalised brightness.
const VALUES: RangeInclusive<f32> = -1e4..=1e4;

/// What is not as it must be.
type Refusal = std::result::Result<(), Message>;

fn within<T: PartialOrd + std::fmt::Display>(
    what: Message,
    value: T,
    range: &RangeInclusive<T>,
) -> Refusal {
    // A number that is none is in no range.
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(say!("has {what} {value}, which is not from {least} to {most}"))
}

fn pitch(what: Message, Metres(pitch): Metres) -> Refusal {
    within(what, pitch, &PITCH)
}

/// The facts of a scan.
pub fn scan(row: &ScanRow) -> Refusal {
    within(say!("rows"), row.ny, &SCAN_SIDE)?;
    within(say!("columns"), row.nx, &SCAN_SIDE)?;
    pitch(say!("a pixel width of"), row.pitch_x)?;
    pitch(say!("a pixel height of"), row.pitch_y)?;
    within(say!("a length in bytes of"), row.bytes, &FILE_BYTES)?;
    let said = [Some(&row.file_name), row.instrument.as_ref(), row.acquired.as_ref()];
    said.into_iter().flatten().try_for_each(|t| text(t))?;
    row.warnings.iter().try_for_each(|t| text(&t.to_string()))?;
    within(say!("as many warnings as"), row.warnings.len(), &(0..=LONGEST_LIST))
}

/// The facts of a mark.
pub fn mark(row: &MarkRow) -> Refusal {
    within(say!("rows"), row.ny, &MARK_SIDE)?;
    within(say!("columns"), row.nx, &MARK_SIDE)?;
    pitch(say!("a pixel side of"), row.pitch)?;
    let Pose { rotation, dx, dy } = row.scan_from_mark;
    within(say!("a turn in radians of"), rotation.rad(), &(-4.0..=4.0))?;
    within(say!("a shift in metres of"), dx.0, &SHIFT)?;
    within(say!("a shift in metres of"), dy.0, &SHIFT)?;
    let quality = &row.quality;
    within(say!("a coverage of"), quality.coverage, &(0.0..=1.0))?;
    within(say!("an area in mm² of"), quality.area_mm2, &(0.0..=1e4))?;
    within(say!("an rms of"), quality.rms, &(0.0..=f64::from(*VALUES.end())))?;
    quality.reasons.iter().try_for_each(|t| text(&t.to_string()))?;
    within(say!("as many remarks as"), quality.reasons.len(), &(0..=LONGEST_LIST))
}

/// The values of a mark: missing, or within reason.
pub fn values(values: &Array2<f32>) -> Refusal {
    let wrong = values.iter().find(|v| !v.is_nan() && !VALUES.contains(*v));
    wrong.map_or(Ok(()), |v| within(say!("a value of"), *v, &VALUES))
}

fn text(text: &str) -> Refusal {
    if text.len() <= LONGEST_TEXT {
        return Ok(());
    }
    Err(say!("has a text of {} bytes, which is more than {LONGEST_TEXT}", text.len()))
}

/// Every text and list of a record.
pub fn record(body: &Value) -> Refusal {
    match body {
        Value::String(t) => text(t),
        Value::Array(all) => {
            within(say!("a list as long as"), all.len(), &(0..=LONGEST_LIST))?;
            all.iter().try_for_each(record)
        }
        Value::Object(map) => map.values().try_for_each(record),
        _ => Ok(()),
    }
}

/// The dates and moments of a record: none is later than `now`.
pub fn times(sort: &SharedKind, body: &Value, now: Timestamp) -> Refusal {
    for field in sort.fields.iter().filter(|f| f.time) {
        for text in SharedKind::texts(body, field.path) {
            let day = text.parse::<PartialDate>().ok().map(|d| Moment::Day(d.first()));
            let Some(moment) = day.or_else(|| text.parse().ok()) else {
                return Err(say!("has {text:?} as {}, which is no time", field.path));
            };
            let tolerance = match moment {
                Moment::Instant(_) => CLOCKS_DIFFER,
                Moment::Day(_) => DAYS_DIFFER,
            };
            if moment.day().year() < EARLIEST {
                return Err(say!("has {text} as {}, before {EARLIEST}", field.path));
            }
            if moment.earliest() > later(now, tolerance) {
                return Err(say!("has {text} as {}, which is yet to come", field.path));
            }
        }
    }
    Ok(())
}

/// A time by a clock (RFC 3339) that is not later than `now`.
pub fn moment(
    what: Message,
    text: &str,
    now: Timestamp,
) -> std::result::Result<Timestamp, Message> {
    let time: Timestamp =
        text.parse().map_err(|_| say!("has {text:?} as {what}, which is no RFC 3339 time"))?;
    if time > later(now, CLOCKS_DIFFER) {
        return Err(say!("has {text} as {what}, which is yet to come"));
    }
    Ok(time)
}

/// The latest that a time may be which is `by` after another at most.
pub fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
