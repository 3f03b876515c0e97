//! Tables of records, results of traces, sharing policies: what laboratories,
//! tracing centres and partners hand over.

use super::{fuzz, mutated, write_anew};
use casework::share::Sharing;
use casework::trace::personal::PersonalKeys;
use pipeline::Counted;
use pipeline::{Run, Source, import_records, import_results};
use rand::{Rng, RngExt as _};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use store::{Actor, Batch, CommitNote, Store};
use types::evidence::{Digest, KINDS, RecordKind};

/// What a cell may say instead of what it should.
const ODD: [&str; 28] = [
    "",
    " ",
    ";",
    "; ;",
    "0",
    "-1",
    "91",
    "-180.5",
    "1e999",
    "NaN",
    "4294967296",
    "2026-02-30",
    "2026-13",
    "0000",
    "9999-12-31/0001-01-01",
    "2026-03-14T25:00:00Z",
    "-009999-01-01",
    "9999-12-31T23:59:59+26:00",
    "MX-XXX",
    "Coahuila de Zaragoza",
    "obliterated",
    "???",
    "C-1@FGE-CHH",
    "=cmd()",
    "\"",
    "a\nb",
    "\u{feff}\u{202e}",
    "ſ\u{301}İ",
];

/// A cell of a column: its example, what another column says, or something odd.
fn cell(kind: &RecordKind, column: usize, rng: &mut impl Rng) -> String {
    let other = rng.random_range(0..kind.columns.len());
    match rng.random_range(0..16) {
        0 => ODD[rng.random_range(0..ODD.len())].to_owned(),
        1 => kind.columns[other].example.to_owned(),
        _ => kind.columns[column].example.to_owned(),
    }
}

/// A table of a kind with `more` headings beside its own: CSV, or JSON; in one
/// of four some bytes are changed besides.
fn table(kind: &RecordKind, more: &[&str], rng: &mut impl Rng) -> Vec<u8> {
    let own = kind.columns.iter().map(|c| c.name);
    let mut headings: Vec<&str> = own.chain(more.iter().copied()).collect();
    if rng.random_ratio(1, 4) {
        headings.remove(rng.random_range(0..headings.len()));
    }
    let rows: Vec<BTreeMap<&str, String>> = (0..rng.random_range(0..4))
        .map(|_| {
            let value = |h: &&str| {
                let column = kind.columns.iter().position(|c| c.name == *h);
                column.map_or_else(|| "Dana Q. Invented".into(), |c| cell(kind, c, rng))
            };
            headings.iter().copied().zip(headings.iter().map(value).collect::<Vec<_>>()).collect()
        })
        .collect();
    let text = if rng.random() {
        serde_json::to_string(&rows).unwrap()
    } else {
        let separator = [",", ";", "\t"][rng.random_range(0..3)];
        let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let line = |row: &BTreeMap<&str, String>| {
            headings.iter().map(|h| quoted(&row[h])).collect::<Vec<_>>().join(separator)
        };
        let lines: Vec<String> = rows.iter().map(line).collect();
        format!("{}\n{}\n", headings.join(separator), lines.join("\n"))
    };
    if rng.random_ratio(1, 4) { mutated(&[text.into_bytes()], rng) } else { text.into_bytes() }
}

fn run() -> Run {
    let now = || "2026-11-21T12:00:00Z".to_owned();
    let command = "brasslink record import".to_owned();
    Run { who: "fuzz".into(), started: now(), command, recipe: Digest::of(b""), now }
}

/// A store with the examples of all kinds, so that there is something that a
/// row can name, change or contradict.
fn filled(root: &Path) -> Store {
    let store = Store::create(root).unwrap();
    let mut batch = Batch::default();
    for kind in &KINDS {
        let cells = kind.columns.iter().map(|c| (c.name, c.example.to_owned())).collect();
        let made = kind.record(&cells, |_| None).unwrap();
        batch.add_record(kind.name, made.id, made.body, "fuzz", "");
    }
    let note = CommitNote {
        who: "fuzz".into(),
        when: "2026-11-21T12:00:00Z".into(),
        command: String::new(),
        software: String::new(),
        recipe: None,
    };
    let mut writer = store.writer(&Actor::here("fuzz")).unwrap();
    writer.commit(batch, &note).unwrap();
    drop(writer);
    store
}

/// A folder in memory, where there is such: a commit waits for the disk, which
/// is not what is timed.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

#[test]
fn record_tables() {
    let folder = scratch();
    let store = filled(&folder.path().join("store"));
    let path = folder.path().join("table");
    let input = |rng: &mut rand_chacha::ChaCha8Rng| {
        let kind = rng.random_range(0..KINDS.len());
        // The first byte names the kind.
        [&[kind as u8][..], &table(&KINDS[kind], &[], rng)].concat()
    };
    let read = |bytes: &[u8]| {
        let (kind, table) = bytes.split_first().unwrap();
        write_anew(&path, table);
        let source = Source { kind: &KINDS[usize::from(*kind)], path: path.clone() };
        let outcome = import_records(&store, &[source], Some("fuzz"), true, &run());
        outcome.is_ok_and(|o| o.failures.is_empty() && o.get(Counted::Rows) > 0)
    };
    fuzz("record tables", input, read);
}

#[test]
fn trace_results() {
    let folder = scratch();
    let (path, keys) = (folder.path().join("table"), PersonalKeys::generate().unwrap().0);
    let keys = PersonalKeys::parse(&keys).unwrap();
    let kind = RecordKind::named("trace_result").unwrap();
    let beside = ["firearm_id", "purchaser_name", "purchaser_birth_date"];
    let input = |rng: &mut rand_chacha::ChaCha8Rng| table(kind, &beside, rng);
    let root = |n: u32| -> PathBuf { folder.path().join(format!("store-{n}")) };
    let (mut number, mut written) = (0, 0);
    let mut store = filled(&root(number));
    let read = |bytes: &[u8]| {
        write_anew(&path, bytes);
        let outcome = import_results(&store, &path, Some(&keys), &run());
        let accepted = outcome.is_ok_and(|o| o.get(Counted::New) + o.get(Counted::Changed) > 0);
        written += u32::from(accepted);
        // Before small commits are merged, which would be what is timed.
        if written == 12 {
            std::fs::remove_dir_all(root(number)).unwrap();
            (number, written) = (number + 1, 0);
            store = filled(&root(number));
        }
        accepted
    };
    fuzz("trace results", input, read);
}

#[test]
fn sharing_policies() {
    let path = testkit::project().join("samples/sharing.toml");
    let whole = std::fs::read(path).unwrap();
    let short =
        b"agency = \"FGE-CHH\"\n[[partner]]\nagency = \"A-1\"\npublic_key = \"\"\n".to_vec();
    let input = |rng: &mut rand_chacha::ChaCha8Rng| mutated(&[whole.clone(), short.clone()], rng);
    let read = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let Ok(sharing) = Sharing::parse(text) else { return false };
        // Whatever a policy says, each question has an answer.
        for partner in &sharing.partners {
            let found = sharing.partner(partner.agency.as_str()).unwrap();
            black_box(found.receives.as_ref().map(|a| a.allows_region(Some("MX-CHH"))));
        }
        true
    };
    fuzz("sharing policies", input, read);
}
