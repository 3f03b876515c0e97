//! Numbers as people read them.

/// A number as text: a true minus, thousands set apart, "–" where there is
/// none. The decimal sign is a point in both languages, as in Mexican use.
pub fn rounded(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let text = format!("{:.places$}", value.abs());
    let negative = value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(w, r)| (w, r));
    let sign = if negative { "−" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}", grouped(whole))
}

/// Digits with thousands set apart by a thin space.
pub fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.into();
    }
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_set_as_people_read_them() {
        assert_eq!(rounded(-0.0004, 2), "0.00");
        assert_eq!(rounded(-1.25, 1), "−1.2");
        assert_eq!(rounded(1_234_567.0, 0), "1\u{202f}234\u{202f}567");
        assert_eq!(rounded(9999.0, 0), "9999");
        assert_eq!(rounded(f64::NAN, 2), "–");
    }
}
