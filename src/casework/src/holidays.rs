//! Days on which a country's public offices are closed.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// Whether offices of a country (ISO 3166-1) are closed by law: in the United
/// States on the federal holidays (5 U.S.C. 6103, moved from a weekend to the
/// Friday before or the Monday after), in Mexico on the days of obligatory
/// rest (Ley Federal del Trabajo, art. 74). Other countries' days are the
/// laboratory's to list.
pub fn is_holiday(country: &str, day: Date) -> bool {
    let year = day.year();
    match country {
        "US" => {
            let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
            // New Year's Day may be kept on the last day of the year before.
            let years = [year, year.saturating_add(1)];
            let kept = |(month, d)| years.into_iter().any(|y| observed(y, month, d) == Some(day));
            let moving = [
                (1, 3, Weekday::Monday),
                (2, 3, Weekday::Monday),
                (5, -1, Weekday::Monday),
                (9, 1, Weekday::Monday),
                (10, 2, Weekday::Monday),
                (11, 4, Weekday::Thursday),
            ];
            fixed.into_iter().any(kept) || moving.into_iter().any(|m| nth(year, m) == Some(day))
        }
        "MX" => {
            let fixed = [(1, 1), (5, 1), (9, 16), (12, 25)];
            let moving =
                [(2, 1, Weekday::Monday), (3, 3, Weekday::Monday), (11, 3, Weekday::Monday)];
            // Every sixth year the federal executive changes.
            let change = (year - 2024) % 6 == 0 && (day.month(), day.day()) == (10, 1);
            fixed.contains(&(day.month(), day.day()))
                || moving.into_iter().any(|m| nth(year, m) == Some(day))
                || change
        }
        _ => false,
    }
}

/// The day on which a fixed holiday is kept.
fn observed(year: i16, month: i8, day: i8) -> Option<Date> {
    let on = Date::new(year, month, day).ok()?;
    match on.weekday() {
        Weekday::Saturday => on.checked_sub(1.day()).ok(),
        Weekday::Sunday => on.checked_add(1.day()).ok(),
        _ => Some(on),
    }
}

/// The nth (or, negative, last) weekday of a month.
fn nth(year: i16, (month, n, weekday): (i8, i8, Weekday)) -> Option<Date> {
    Date::new(year, month, 1).ok()?.nth_weekday_of_month(n, weekday).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn holidays_fall_where_the_law_puts_them() {
        let of = |country| {
            let mut day = date(2026, 1, 1);
            let mut found = Vec::new();
            while day.year() == 2026 {
                if is_holiday(country, day) {
                    found.push((day.month(), day.day()));
                }
                day = day.tomorrow().unwrap_or(Date::MAX);
            }
            found
        };
        let mexico = [(1, 1), (2, 2), (3, 16), (5, 1), (9, 16), (11, 16), (12, 25)];
        assert_eq!(of("MX"), mexico);
        let states = [
            (1, 1),
            (1, 19),
            (2, 16),
            (5, 25),
            (6, 19),
            (7, 3),
            (9, 7),
            (10, 12),
            (11, 11),
            (11, 26),
            (12, 25),
        ];
        assert_eq!(of("US"), states);
        assert!(is_holiday("US", date(2021, 12, 31)), "New Year's Day 2022 was a Saturday");
        assert!(is_holiday("MX", date(2024, 10, 1)) && !is_holiday("MX", date(2026, 10, 1)));
        assert!(!is_holiday("AT", date(2026, 12, 25)));
    }
}
