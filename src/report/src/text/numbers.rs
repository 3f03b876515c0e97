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

/// A probability to three places; never the certainty that rounding would feign.
pub fn probability(p: f64) -> String {
    let shown = rounded(p, 3);
    match shown.as_str() {
        "1.000" => "> 0.999".into(),
        "0.000" => "< 0.001".into(),
        _ => shown,
    }
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

    #[test]
    fn no_probability_is_rounded_to_certainty() {
        let shown = [0.0, 0.000_4, 0.25, 0.999_4, 0.999_5, 1.0].map(probability);
        assert_eq!(shown, ["< 0.001", "< 0.001", "0.250", "0.999", "> 0.999", "> 0.999"]);
    }
}
