//! Bundles of a partner whose signature is good: their heads, and what is in
//! them. The HDF5 between the two is the target `store segments`.

use super::{fuzz, mutated};
use casework::Register;
use casework::share::{
    AgencyCode, Envelope, HEAD, SHARED_KINDS, SharedKind, Statement, admitted, seal,
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use store::{Record, key_pair};
use types::evidence::{Digest, KINDS};

/// What a field may hold instead of what it should.
fn odd(rng: &mut ChaCha8Rng) -> Value {
    let all = [
        json!(null),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!([]),
        json!({}),
        json!("9999-12-31T23:59:59Z"),
        json!("-009999-01-01"),
        json!("C-1"),
        json!("C-1@ATF-PHX"),
        json!("C-1@DPS-TX"),
        json!("@FGE-CHH"),
        json!("x\u{1b}[2J\u{202e}"),
        json!("x".repeat(5000)),
        json!(["C-1@FGE-CHH", "C-1@ATF-PHX"]),
    ];
    all[rng.random_range(0..all.len())].clone()
}

/// A record of every kind that bundles carry, with every field that its table
/// gives an example of.
fn seeds() -> Vec<(&'static str, Value)> {
    let example = |kind: &str| -> Value {
        let Some(table) = KINDS.iter().find(|k| k.name == kind) else {
            return json!({ "a": "C-1@FGE-CHH", "b": "C-2@ATF-PHX", "conclusion": "hit",
                "at": "2026-03-14T10:00:00Z", "by": "FGE-CHH", "agency": "A" });
        };
        let cells: BTreeMap<&str, String> =
            table.columns.iter().map(|c| (c.name, c.example.to_owned())).collect();
        serde_json::from_str(&table.record(&cells, |_| None).unwrap().body).unwrap()
    };
    // As it would go: redacted, and under the sender's names.
    let shared = |sort: &SharedKind| {
        let mut body = sort.redacted(&example(sort.kind), "FGE-CHH", &|_| true, &mut |_| {});
        let named = |id: &str| {
            let has = id.contains('@');
            Ok::<_, ()>(if has { id.to_owned() } else { format!("{id}@FGE-CHH") })
        };
        sort.rename(&mut body, named).unwrap();
        (sort.kind, body)
    };
    SHARED_KINDS.iter().map(shared).collect()
}

#[test]
fn bundles() {
    let [from, to] = ["FGE-CHH", "ATF-PHX"].map(|code| AgencyCode::new(code).unwrap());
    let (private, _) = key_pair(&[7; 32]).unwrap();
    let (format, version) = Statement::stamp();
    let statement = Statement {
        format,
        version,
        from: from.clone(),
        to: to.clone(),
        number: 1,
        when: "2026-03-15T00:00:00Z".into(),
        ledger_seq: 1,
        ledger_head: Digest::of(b"head"),
        bytes: 0,
        sha256: Digest::of(b""),
        holds: BTreeMap::new(),
        left_out: BTreeMap::new(),
    };
    let empty = tempfile::NamedTempFile::new().unwrap();
    let mut head = Vec::new();
    seal(&statement, &private, empty.path(), &mut head).unwrap();
    let line = head.iter().position(|b| *b == b'\n').unwrap();
    let heads = [head[..line].to_vec()];
    let seeds = seeds();
    let bodies: Vec<Vec<u8>> = seeds.iter().map(|s| s.1.to_string().into_bytes()).collect();
    let input = |rng: &mut ChaCha8Rng| match rng.random_range(0..8) {
        0 => [b"H".to_vec(), mutated(&heads, rng)].concat(),
        1 => [b"B".to_vec(), mutated(&bodies, rng)].concat(),
        _ => {
            let (kind, mut body) = seeds[rng.random_range(0..seeds.len())].clone();
            for _ in 0..rng.random_range(0..4) {
                change(&mut body, rng);
            }
            serde_json::to_vec(&json!([kind, body])).unwrap()
        }
    };
    let made = "2027-01-01T00:00:00Z".parse().unwrap();
    let record = |kind: &str, body: &str| {
        let id = serde_json::from_str::<Value>(body).ok();
        let id = id.and_then(|b| b.get("id").and_then(Value::as_str).map(str::to_owned));
        let record = Record {
            kind: kind.to_owned(),
            id: id.unwrap_or_else(|| "D-1@FGE-CHH".to_owned()),
            version: 0,
            body: body.to_owned(),
            author: "FGE-CHH".to_owned(),
            reason: String::new(),
        };
        let Ok(record) = admitted(record, &from, &to, made) else { return false };
        // Whatever is let in can be read.
        black_box(Register::of(std::slice::from_ref(&record)).unwrap());
        true
    };
    let read = |bytes: &[u8]| match bytes.split_first() {
        Some((b'H', head)) => {
            let mut whole = [head, b"\n"].concat();
            whole.resize(HEAD, 0);
            Envelope::parse(&whole).is_ok()
        }
        Some((b'B', body)) => {
            let body = String::from_utf8_lossy(body);
            SHARED_KINDS.iter().filter(|sort| record(sort.kind, &body)).count() > 0
        }
        _ => {
            let (kind, body): (String, Value) = serde_json::from_slice(bytes).unwrap();
            record(&kind, &body.to_string())
        }
    };
    fuzz("bundles", input, read);
}

/// Puts something odd, something of another kind or a name of the partner's in
/// one place of a record.
fn change(body: &mut Value, rng: &mut ChaCha8Rng) {
    let Value::Object(map) = body else { return };
    let names: Vec<String> = map.keys().cloned().collect();
    let Some(name) = names.get(rng.random_range(0..names.len().max(1))).cloned() else { return };
    let deep = map[&name].is_object() && rng.random();
    if deep {
        return change(&mut map[&name], rng);
    }
    match (rng.random_range(0..3), &map[&name]) {
        (0, _) => _ = map.insert(name, odd(rng)),
        (1, _) => _ = map.remove(&name),
        (_, Value::String(text)) => _ = map.insert(name, format!("{text}@FGE-CHH").into()),
        _ => {}
    }
}
