//! `verify` and `repair`.

use super::json::Json;
use super::place::StoreAt;
use super::progress::Shown;
use super::{End, Say, note, tell};
use pipeline::rederive;
use std::path::{Path, PathBuf};
use store::{
    Actor, Finding, Remedy, Severity, Store, compare_heads, plan, repair as apply, verify as check,
};
use types::error::{Error, Kind, Result};
use types::files::read_small_text;
use types::message::{Message, say};

/// `brasslink store verify`.
#[derive(clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    store: StoreAt,
    /// Also make every mark and template anew from the stored originals and
    /// compare.
    #[arg(long)]
    deep: bool,
    /// Also compare the heads kept in this folder with the store's history:
    /// only they tell of a store that was set back as a whole.
    #[arg(long, value_name = "FOLDER", requires = "public_key")]
    heads: Option<PathBuf>,
    /// The public key (PEM) that must have signed them.
    #[arg(long, value_name = "KEY", requires = "heads")]
    public_key: Option<PathBuf>,
    #[command(flatten)]
    json: Json,
}

/// Verifies; exit code 3 if anything is damaged.
pub fn verify(args: &VerifyArgs, say: Say) -> Result<End> {
    let mut findings = check(&args.store);
    if args.deep && findings.iter().all(|f| f.severity == Severity::Note) {
        let snapshot = Store::open(&args.store)?.snapshot()?;
        findings.extend(rederive(&snapshot, &Shown::new(say))?);
    }
    if let Some((folder, key)) = args.heads.as_ref().zip(args.public_key.as_ref()) {
        findings.extend(check_heads(&args.store, folder, key)?);
    }
    if args.json.asked() {
        args.json.put(&findings)?;
    } else {
        for Finding { id, severity, file, what, advice } in &findings {
            let severity = match severity {
                Severity::Note => say!("Note"),
                Severity::Damage => say!("Damage"),
            };
            super::output::line(match file {
                Some(file) => say!("{severity} ({id}) {}: {what}", file.display()),
                None => say!("{severity} ({id}): {what}"),
            });
            super::output::line(say!("  what to do: {advice}"));
        }
        tell(say, say!("{} findings", findings.len()));
    }
    let damaged = findings.iter().any(|f| f.severity == Severity::Damage);
    Ok(if damaged { End::SomeFailed } else { End::AllDone })
}

/// What the heads kept in `folder` tell of the store.
fn check_heads(store: &Path, folder: &Path, key: &Path) -> Result<Vec<Finding>> {
    let pem = read_small_text(key)?;
    // A store that cannot be opened is told of already.
    let Ok(store) = Store::open(store) else { return Ok(Vec::new()) };
    let Ok(ledger) = store.snapshot()?.ledger() else { return Ok(Vec::new()) };
    let (kept, findings) = compare_heads(folder, &pem, &ledger)?;
    if kept == 0 {
        return Err(Error::new(
            Kind::BadInput,
            say!("no head is kept there, so none was compared"),
        )
        .at(folder)
        .advise(say!("name the folder that BRASSLINK_HEADS names")));
    }
    Ok(findings)
}

/// `brasslink store repair`.
#[derive(clap::Args)]
pub struct RepairArgs {
    #[command(flatten)]
    store: StoreAt,
    /// Do it. Without this, the plan is only shown.
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    json: Json,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_parser = super::name, value_name = "NAME")]
    operator: Option<String>,
}

/// Plans and, if asked, applies; exit code 3 if a backup is needed.
pub fn repair(args: &RepairArgs, say: Say) -> Result<End> {
    let remedies = if args.apply {
        let note = note(args.operator.as_deref());
        apply(&args.store, &Actor::here(note.who.clone()), &note)?
    } else {
        plan(&args.store)?
    };
    if args.json.asked() {
        args.json.put(&remedies)?;
    } else {
        remedies.iter().for_each(|r| super::output::line(told(r)));
        match (remedies.is_empty(), args.apply) {
            (true, _) => tell(say, say!("there is nothing to repair")),
            (false, true) => tell(say, say!("done; now run `brasslink store verify`")),
            (false, false) => tell(say, say!("nothing was changed; --apply does this")),
        }
    }
    let beyond = |r: &Remedy| matches!(r, Remedy::RestoreBackup { .. });
    Ok(if remedies.iter().any(beyond) { End::SomeFailed } else { End::AllDone })
}

fn told(remedy: &Remedy) -> Message {
    match remedy {
        Remedy::CorrectBit { file, line } => say!(
            "correct one flipped bit in line {line} of {}: its SHA-256 proves it",
            file.display()
        ),
        Remedy::RebuildManifest => {
            say!("make manifest.json anew from the ledger, which vouches for it")
        }
        Remedy::PutBack { from, to } => {
            say!("put {} in its place, {}: its SHA-256 is right", from.display(), to.display())
        }
        Remedy::GiveUp { file } => say!(
            "give up {} and keep what is left of it in quarantine/; what it held is lost \
             until the scans are imported again (`brasslink store verify` will list it)",
            file.display()
        ),
        Remedy::MakeIndex { files } => {
            let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
            let what = match files.as_slice() {
                [] => say!("what has none"),
                files => say!("what has none and {}", files.join(", ")),
            };
            say!("make the index of the templates anew from them: of {what}")
        }
        Remedy::SetAside { file } => {
            say!("move what belongs to no commit to quarantine/: {}", file.display())
        }
        Remedy::RefreshView => say!("make view.h5 anew"),
        Remedy::RestoreBackup { file, what } => {
            say!("restore {} from a backup: {what}", file.display())
        }
    }
}
