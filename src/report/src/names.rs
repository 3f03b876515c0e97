//! File names that no identifier can abuse.

use super::model::{Report, Subject};
use types::evidence::{CasingId, Digest};

/// The file name, without extension, that a report is written under.
pub fn file_stem(report: &Report) -> String {
    match report {
        Report::Casing(r) => match r.findings.first() {
            Some(f) => casing_stem(&f.questioned.casing.id),
            None => safe("casing", &r.header.report_id),
        },
        Report::Pair(r) => {
            let pair = format!("{} {}", r.a.casing.id, r.b.casing.id);
            safe(&format!("pair-{}", r.a.mark.kind), &pair)
        }
        Report::Case(r) => match &r.subject {
            Subject::Case(id) => safe("case", id.as_str()),
            Subject::Group(id) => lead_stem(id),
        },
        Report::Batch(_) => "index".into(),
    }
}

/// Where the casing report of `casing` lies in a reports folder.
pub fn casing_stem(casing: &CasingId) -> String {
    safe("casing", casing.as_str())
}

/// Where the lead report of a proposed group lies in a reports folder.
pub(super) fn lead_stem(group: &str) -> String {
    safe("lead", group)
}

/// `prefix-text-hash` with letters, digits and hyphens only; the hash of the
/// whole text keeps `a/b` and `a:b` (and `A` and `a` on some disks) apart.
fn safe(prefix: &str, text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            plain.push(c);
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    let digest = Digest::of(text.as_bytes()).short();
    let parts = [prefix, plain.trim_matches('-'), digest.get(..8).unwrap_or_default()];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_identifiers_stay_inside_the_folder_and_apart() {
        for text in ["../../etc/passwd", "a\\b:c", "<script>", "..", "ñandú", "con "] {
            let name = safe("casing", text);
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name}");
            assert!(name.starts_with("casing-"), "{name}");
        }
        assert_ne!(safe("casing", "a/b"), safe("casing", "a:b"));
        assert!(safe("casing", &"x".repeat(4000)).len() < 100);
    }
}
