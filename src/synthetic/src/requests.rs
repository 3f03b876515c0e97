//! Seeded requests for traces, and the same ones made again with a typing
//! error: what doubles are measured on.
//!
//! Serial numbers are as makers assign them: a few letters and a running
//! number. One in eight of the firearms was bought in runs of up to six from one
//! series, so that others differ from them in the last digit only.

use super::random::{Purpose, Stream, mix};
use jiff::civil::Date;
use std::collections::BTreeSet;
use types::evidence::{Description, Serial, Slip, TraceId, TraceRequest};

/// Maker, another spelling of it, model, calibre, type; what its serial numbers
/// begin with (`L` any letter, `D` any digit) and how many digits count on.
type Series =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, usize);

const SERIES: [Series; 16] = [
    ("Taurus", "Forjas Taurus", "PT 92", "9x19 mm", "pistol", "TLL", 5),
    ("Taurus", "Taurus Armas", "G2C", "9x19 mm", "pistol", "ALL", 6),
    ("Glock", "Glock GmbH", "17", "9x19 mm", "pistol", "BLLL", 3),
    ("Glock", "Glcok", "19", "9x19 mm", "pistol", "LLLL", 3),
    ("Smith & Wesson", "S&W", "M&P 9", "9x19 mm", "pistol", "HLL", 4),
    ("Ruger", "Sturm, Ruger & Co.", "P95", "9x19 mm", "pistol", "31D-", 5),
    ("Colt", "Colt's Mfg", "M4 Carbine", ".223 Rem", "rifle", "LE", 6),
    ("Romarm/Cugir", "Romarm", "WASR-10", "7.62x39", "rifle", "1S-", 6),
    ("Century Arms", "Century", "VSKA", "7.62x39", "rifle", "SV7", 6),
    ("Beretta", "P. Beretta", "92 FS", "9x19 mm", "pistol", "BER", 6),
    ("Springfield Armory", "Springfield", "XD-9", "9x19 mm", "pistol", "XDL", 5),
    ("Anderson", "Anderson Mfg", "AM-15", ".223 Rem", "rifle", "", 8),
    ("Barrett", "Barret", "M82A1", ".50 BMG", "rifle", "AA", 6),
    ("FN", "FN Herstal", "Five-seveN", "5.7x28", "pistol", "386", 6),
    ("Kimber", "Kimber Mfg", "Custom II", ".45 ACP", "pistol", "KL", 6),
    ("Heckler & Koch", "H&K", "USP", ".40 S&W", "pistol", "2D-", 6),
];

const STATES: [&str; 8] =
    ["MX-CHH", "MX-SON", "MX-TAM", "MX-SIN", "MX-JAL", "US-TX", "US-AZ", "US-NM"];

/// What a second request leaves out or writes in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// As laboratories write them: makers spelled differently, a third without
    /// model or date, dates up to three days apart.
    Usual,
    /// Nothing but serial number and maker.
    SerialAndMake,
}

/// Requests of one office each, about as many firearms.
pub fn firsts(seed: u64, count: usize) -> Vec<TraceRequest> {
    let mut rng = Stream::new(seed, Purpose::Requests);
    let mut all: Vec<TraceRequest> = Vec::with_capacity(count);
    while all.len() < count {
        let series = picked(&mut rng, &SERIES);
        let run = if rng.unit() < 0.04 { 2 + below(&mut rng, 5) } else { 1 };
        let start = below(&mut rng, 10_u64.pow(series.6 as u32) as usize - 6);
        let prefix = beginning(&mut rng, series.5);
        for number in start..start + run {
            if all.len() < count && rng.unit() < 0.8 {
                let n = all.len();
                all.extend(request(&mut rng, "A", n, series, (&prefix, number)));
            }
        }
    }
    all
}

/// The next firearms of the same series: each is one to five after a request's
/// in production, recovered somewhere else at another time, and in none of the
/// requests.
pub fn neighbours(seed: u64, firsts: &[TraceRequest]) -> Vec<TraceRequest> {
    let mut rng = Stream::new(mix(seed, 1), Purpose::Requests);
    let taken: BTreeSet<&Serial> =
        firsts.iter().filter_map(|r| r.description.serial.as_ref()).collect();
    let next = |(n, first): (usize, &TraceRequest)| {
        let Description { serial, make, model, .. } = &first.description;
        let serial = serial.as_ref()?.text()?;
        let of = (make.as_deref(), model.as_deref());
        let series = SERIES.iter().find(|s| (Some(s.0), Some(s.2)) == of)?;
        let (head, tail) = serial.split_at_checked(serial.len() - series.6)?;
        let number = tail.parse::<usize>().ok()? + 1 + below(&mut rng, 5);
        request(&mut rng, "N", n, series, (head, number))
    };
    let new = |r: &TraceRequest| r.description.serial.as_ref().is_some_and(|s| !taken.contains(s));
    firsts.iter().enumerate().filter_map(next).filter(new).collect()
}

/// Another office's request about each firearm, its serial number with one slip
/// of the kinds listed in [`Slip`].
pub fn again(seed: u64, firsts: &[TraceRequest], detail: Detail) -> Vec<TraceRequest> {
    let mut rng = Stream::new(mix(seed, 2), Purpose::Requests);
    let second = |(n, first): (usize, &TraceRequest)| {
        let mut second =
            TraceRequest { id: TraceId::new(format!("B{n:07}")).ok()?, ..first.clone() };
        second.firearm = format!("B-{n}").parse().ok()?;
        second.agency = format!("US{:07}", below(&mut rng, 40)).parse().ok();
        let serial = first.description.serial.as_ref().and_then(|s| s.text()).unwrap_or_default();
        second.description.serial = slipped(&mut rng, serial).parse().ok();
        if rng.unit() < 0.4 {
            let other = SERIES.iter().find(|s| Some(s.0) == first.description.make.as_deref());
            second.description.make = other.map(|s| s.1.to_owned());
        }
        if rng.unit() < 0.33 {
            second.description.model = None;
        }
        second.recovered = if rng.unit() < 0.33 {
            None
        } else {
            let later = jiff::Span::new().days(below(&mut rng, 4) as i64);
            first.recovered.and_then(|d| d.first().checked_add(later).ok()).map(Into::into)
        };
        Some(bare(second, detail))
    };
    firsts.iter().enumerate().filter_map(second).collect()
}

/// A request with no more than `detail` allows.
pub fn bare(request: TraceRequest, detail: Detail) -> TraceRequest {
    match detail {
        Detail::Usual => request,
        Detail::SerialAndMake => {
            let Description { make, serial, .. } = request.description;
            let description = Description { make, serial, ..Description::default() };
            let place = Default::default();
            TraceRequest { description, recovered: None, place, ..request }
        }
    }
}

fn below(rng: &mut Stream, n: usize) -> usize {
    (rng.unit() * n as f64) as usize
}

fn picked<'t, T>(rng: &mut Stream, of: &'t [T]) -> &'t T {
    &of[below(rng, of.len())]
}

/// A maker's letters and digits before the running number.
fn beginning(rng: &mut Stream, pattern: &str) -> String {
    let drawn = |c| match c {
        'L' => char::from(b'A' + below(rng, 26) as u8),
        'D' => char::from(b'0' + below(rng, 10) as u8),
        other => other,
    };
    pattern.chars().map(drawn).collect()
}

fn request(
    rng: &mut Stream,
    office: &str,
    n: usize,
    series: &Series,
    (prefix, number): (&str, usize),
) -> Option<TraceRequest> {
    let (make, _, model, calibre, sort, _, digits) = *series;
    let day = Date::constant(2022, 1, 1)
        .checked_add(jiff::Span::new().days(below(rng, 1500) as i64))
        .ok();
    let request = serde_json::json!({
        "id": format!("{office}{n:07}"), "firearm": format!("{office}-{n}"),
        "agency": format!("MX{:07}", below(rng, 40)),
        "type": sort, "make": make, "model": model, "calibre": calibre,
        "serial": format!("{prefix}{number:0digits$}"),
        "recovered": day, "place": { "state": picked(rng, &STATES) },
    });
    serde_json::from_value(request).ok()
}

/// A serial number with one slip, each kind as often as the others; look-alikes
/// only where there is one.
fn slipped(rng: &mut Stream, serial: &str) -> String {
    let chars: Vec<char> = serial.chars().collect();
    let kinds =
        [Slip::Same, Slip::LookAlike, Slip::Transposed, Slip::Mistyped, Slip::Dropped, Slip::Added];
    loop {
        let kind = *picked(rng, &kinds);
        let mut new = chars.clone();
        let at = below(rng, chars.len());
        match kind {
            Slip::Same => return spelled(rng, serial),
            Slip::LookAlike => match look_alike(chars[at]) {
                Some(other) => new[at] = other,
                None => continue,
            },
            Slip::Transposed if at + 1 < chars.len() => new.swap(at, at + 1),
            Slip::Mistyped if chars[at].is_ascii_digit() => {
                new[at] = char::from(b'0' + below(rng, 10) as u8);
            }
            Slip::Dropped => _ = new.remove(at),
            Slip::Added => new.insert(at, char::from(b'0' + below(rng, 10) as u8)),
            _ => continue,
        }
        let new: String = new.into_iter().collect();
        if new != serial && new.chars().filter(|c| c.is_alphanumeric()).count() > 2 {
            return new;
        }
    }
}

/// The same letters and digits, set apart in another way.
fn spelled(rng: &mut Stream, serial: &str) -> String {
    let bare: String = serial.chars().filter(|c| c.is_alphanumeric()).collect();
    let at = 1 + below(rng, bare.len() - 1);
    format!("{}{}{}", &bare[..at], picked(rng, &[" ", "-"]), bare[at..].to_lowercase())
}

fn look_alike(c: char) -> Option<char> {
    const PAIRS: [(char, char); 4] = [('O', '0'), ('I', '1'), ('S', '5'), ('B', '8')];
    PAIRS.iter().find_map(|&(a, b)| if c == a { Some(b) } else { (c == b).then_some(a) })
}
