//! A small HTML reader, and what every page must be.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use std::collections::BTreeSet;

/// The tags of a page as `(name, attributes, closing)`, scripts and styles
/// skipped over.
pub fn tags(page: &str) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if tag.starts_with('!') {
            continue;
        }
        let closing = tag.starts_with('/');
        let tag = tag.trim_start_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !closing && (name == "script" || name == "style") {
            let end = rest.find(&format!("</{name}>")).expect("it closes");
            rest = &rest[end..];
        }
        found.push((name.to_owned(), attributes.to_owned(), closing));
    }
    found
}

/// The values of attribute `name` over the page.
pub fn attribute(page: &str, name: &str) -> Vec<String> {
    let key = format!("{name}=\"");
    let start = format!(" {key}");
    tags(page)
        .iter()
        .filter_map(|(_, attributes, _)| {
            let spaced = format!(" {attributes}");
            let at = spaced.find(&start)? + start.len();
            let value = &spaced[at..];
            Some(value[..value.find('"')?].to_owned())
        })
        .collect()
}

/// The page without its embedded pictures.
pub fn without_pictures(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(at) = rest.find("data:image/png;base64,") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('"').expect("a picture ends")..];
    }
    out + rest
}

/// Holds a page to its form: tags nest and close, ids are unique, and links,
/// labels and paints within the page lead to them.
pub fn well_formed(page: &str) {
    const VOID: [&str; 4] = ["meta", "br", "input", "img"];
    let mut open: Vec<String> = Vec::new();
    for (name, _, closing) in tags(page) {
        if closing {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()));
        } else if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ids = attribute(page, "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    let local = |name: &str| attribute(page, name).into_iter();
    let targets = local("href").filter_map(|h| h.strip_prefix('#').map(str::to_owned));
    let labels = local("aria-labelledby").chain(local("aria-describedby"));
    let labels = labels.flat_map(|l| l.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let paints = local("fill")
        .chain(local("filter"))
        .filter_map(|v| Some(v.strip_prefix("url(#")?.strip_suffix(')')?.to_owned()));
    for target in targets.chain(labels).chain(paints) {
        assert!(unique.contains(&target), "{target} leads nowhere");
    }
}

/// The numbers of a report's JSON that its page does not carry to the last bit.
pub fn numbers_missing(page: &str, report: &Value) -> Vec<f64> {
    let shown: BTreeSet<u64> = attribute(page, "value")
        .iter()
        .filter_map(|v| v.parse::<f64>().ok())
        .map(f64::to_bits)
        .collect();
    let mut missing = Vec::new();
    numbers(report, &mut |n| {
        if !shown.contains(&n.to_bits()) {
            missing.push(n);
        }
    });
    missing
}

fn numbers(value: &Value, see: &mut dyn FnMut(f64)) {
    match value {
        Value::Number(n) => see(n.as_f64().unwrap()),
        Value::Array(items) => items.iter().for_each(|v| numbers(v, see)),
        Value::Object(map) => map.values().for_each(|v| numbers(v, see)),
        _ => {}
    }
}

/// The texts of the body cells of the tables in the section that `id` heads, row
/// by row.
pub fn rows(page: &str, id: &str) -> Vec<Vec<String>> {
    let at = page.find(&format!(" aria-labelledby=\"{id}\"")).expect("the section");
    let section = &page[at..at + page[at..].find("</section>").expect("it closes")];
    let bodies = section.split("<tbody>").skip(1).map(|b| b.split("</tbody>").next().unwrap());
    let row = |row: &str| -> Vec<String> {
        let cells = row.split("<td").flat_map(|piece| piece.split("<th")).skip(1);
        cells.map(|cell| text(&format!("<td{cell}"))).collect()
    };
    bodies.flat_map(|body| body.split("<tr>").skip(1)).map(row).collect()
}

/// What a piece of a page says, tags left out and spaces made single.
pub fn text(html: &str) -> String {
    let pieces = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |p| p.1));
    let text = pieces.collect::<Vec<_>>().join(" ");
    let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}
