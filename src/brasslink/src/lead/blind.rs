//! Blind second review: the packet, and the answers.

use crate::{End, Say, output, print_json, tell, write_file, write_json};
use casework::{Answer, Key, reconcile};
use pipeline::{blind_packet, review};
use std::path::{Path, PathBuf};
use store::Store;
use types::error::{Error, Kind, Result};
use types::files::read_small_text;
use types::message::say;

/// What a packet is made of.
#[derive(clap::Args)]
pub struct PacketArgs {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// New folder for the pictures and the answer sheet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where to write the key, which the reviewer must not have.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Words from which names, order and sides are drawn; keep them.
    #[arg(long, value_name = "WORDS")]
    secret: String,
}

/// A blind review that came back.
#[derive(clap::Args)]
pub struct ReconcileArgs {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The key of the packet.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The filled answer sheet (columns item, conclusion).
    #[arg(long, value_name = "FILE")]
    answers: PathBuf,
    /// Who answered: another person than the one who decided first.
    #[arg(long, value_name = "NAME", value_parser = crate::name)]
    reviewer: String,
}

/// Writes a packet.
pub fn packet(args: &PacketArgs, say: Say) -> Result<()> {
    let PacketArgs { store, out, key, secret } = args;
    let snapshot = Store::open(store)?.snapshot()?;
    let (packet, secrets) = blind_packet(&snapshot, secret)?;
    // A folder with older content would mix two packets.
    std::fs::create_dir(out).map_err(|e| Error::io(say!("making the packet's folder"), out, &e))?;
    let mut sheet = "item,conclusion\n".to_owned();
    for item in &packet.items {
        for (side, bytes) in ["left", "right"].iter().zip(&item.pictures) {
            write_file(&out.join(format!("{}-{side}.png", item.name)), bytes)?;
        }
        sheet += &format!("{},\n", item.name);
    }
    write_file(&out.join("answers.csv"), sheet.as_bytes())?;
    write_json(key, &secrets)?;
    tell(say, say!("{} pairs in {}", packet.items.len(), out.display()));
    Ok(())
}

/// Prints the answers beside the decisions in force. What the reviewer decided
/// first is no second review, and is named.
pub fn reconciled(args: &ReconcileArgs, say: Say) -> Result<End> {
    let review = review(&Store::open(&args.store)?.snapshot()?)?;
    let (answers, key) = (read_answers(&args.answers)?, read_key(&args.key)?);
    let all = reconcile(&answers, &key, &review, &args.reviewer)?;
    print_json(&all)?;
    let mut end = End::AllDone;
    for r in all.iter().filter(|r| r.own) {
        end = End::SomeFailed;
        if !say.quiet {
            let (a, b) = &r.pair;
            let who = &args.reviewer;
            output::aside(say!("failed: {who} decided on {a} and {b} first"));
            output::aside(say!("  what to do: another person reviews this pair"));
        }
    }
    Ok(end)
}

fn read_key(path: &Path) -> Result<Key> {
    let text = read_small_text(path)?;
    serde_json::from_str(&text).map_err(|e| {
        Error::new(Kind::BadInput, say!("not a packet's key: {e}")).because(&e).at(path)
    })
}

/// The answers given; items left open are no answers.
fn read_answers(path: &Path) -> Result<Vec<Answer>> {
    let bad = |e: csv::Error| {
        Error::new(Kind::BadInput, say!("the answers cannot be read: {e}"))
            .because(&e)
            .at(path)
            .advise(say!("write lead, inconclusive or eliminated under conclusion"))
    };
    let text = read_small_text(path)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(bad)?.clone();
    let mut answers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        if record.get(1).is_some_and(|conclusion| !conclusion.is_empty()) {
            answers.push(record.deserialize(Some(&header)).map_err(bad)?);
        }
    }
    Ok(answers)
}
