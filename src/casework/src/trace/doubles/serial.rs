//! Serial numbers as people read and write them, and the slips they make.

use types::evidence::Slip;

/// Capital letters, digits and `?` alone.
pub(super) fn plain(serial: &str) -> String {
    let kept = serial.chars().filter(|c| c.is_alphanumeric() || *c == '?');
    kept.flat_map(char::to_uppercase).collect()
}

/// [`plain`] with each look-alike letter written as its digit.
pub(super) fn folded(plain: &str) -> String {
    let digit = |c| match c {
        'O' => '0',
        'I' => '1',
        'S' => '5',
        'B' => '8',
        other => other,
    };
    plain.chars().map(digit).collect()
}

/// The one slip that leads from `a` to `b`, both [`plain`]; none where it
/// takes more than one.
pub(super) fn slip(a: &str, b: &str) -> Option<Slip> {
    if a == b {
        return Some(Slip::Same);
    }
    let (a, b): (Vec<char>, Vec<char>) = (folded(a).chars().collect(), folded(b).chars().collect());
    let Some(first) = a.iter().zip(&b).position(|(x, y)| x != y) else {
        return match b.len() as i64 - a.len() as i64 {
            0 => Some(Slip::LookAlike),
            1 => Some(Slip::Added),
            -1 => Some(Slip::Dropped),
            _ => None,
        };
    };
    let (x, y) = (a.get(first..)?, b.get(first..)?);
    match (x, y) {
        ([p, x @ ..], [q, y @ ..]) if x == y => {
            let unread = *p == '?' || *q == '?';
            Some(if unread { Slip::Unreadable } else { Slip::Mistyped })
        }
        ([p, q, x @ ..], [r, s, y @ ..]) if (p, q) == (s, r) && x == y => Some(Slip::Transposed),
        ([_, x @ ..], y) if x == y => Some(Slip::Dropped),
        (x, [_, y @ ..]) if x == y => Some(Slip::Added),
        _ => None,
    }
}

/// How far apart in production two serial numbers are that differ only in the
/// number at their end.
pub(super) fn made_apart(a: &str, b: &str) -> Option<u64> {
    let split = |s: &str| {
        let digits = s.bytes().rev().take(9).take_while(u8::is_ascii_digit).count();
        let (head, tail) = s.split_at_checked(s.len() - digits)?;
        Some((head.to_owned(), tail.parse::<u64>().ok()?))
    };
    let ((head, one), (other_head, other)) = (split(a)?, split(b)?);
    (head == other_head && a.len() == b.len()).then(|| one.abs_diff(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_is_told_from_the_others_and_two_are_too_many() {
        let cases = [
            ("PT-92 1187", "pt921187", Some(Slip::Same)),
            ("TYO14711", "TY014711", Some(Slip::LookAlike)),
            ("SB815", "5B8IS", Some(Slip::LookAlike)),
            ("AB12345", "AB12354", Some(Slip::Transposed)),
            ("AB12345", "BA12345", Some(Slip::Transposed)),
            ("AB12345", "AB12945", Some(Slip::Mistyped)),
            ("AB12345", "AB1?345", Some(Slip::Unreadable)),
            ("AB12345", "AB1345", Some(Slip::Dropped)),
            ("AB12345", "AB1234", Some(Slip::Dropped)),
            ("AB12345", "AAB12345", Some(Slip::Added)),
            ("AB12345", "AB123456", Some(Slip::Added)),
            ("AB12345", "AC12346", None),
            ("AB12345", "AB123", None),
            ("AB12345", "B1234", None),
        ];
        for (a, b, expected) in cases {
            assert_eq!(slip(&plain(a), &plain(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn neighbours_in_production_are_those_of_one_series() {
        assert_eq!(made_apart("ABC001199", "ABC001202"), Some(3));
        assert_eq!(made_apart("ABC1199", "ABD1199"), None);
        assert_eq!(made_apart("AB199", "AB1199"), None);
        assert_eq!(made_apart("12ABC", "13ABC"), None);
    }
}
