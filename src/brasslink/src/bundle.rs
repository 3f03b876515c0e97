//! `bundle`: evidence for and from other agencies.

use super::json::Json;
use super::keys::{read_private, write_private};
use super::place::StoreAt;
use super::{End, Say, note, tell, tell_lines, write_file};
use casework::share::{
    AgencyCode, Envelope, OperatorKnows, Order, Receiver, SHARED_KINDS, Selection, Sharing,
    Statement, Suggestion, Trigger, export, import, suggest, verified,
};
use std::path::{Path, PathBuf};
use store::{Store, fingerprint, key_pair, list_confined, public_of};
use types::error::{Error, Kind, Result};
use types::files::read_small_text;
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink bundle keys new --agency FGE-CHH --out keys
  brasslink bundle keys show keys/FGE-CHH.key.pem --agency FGE-CHH
  brasslink bundle fields
  brasslink bundle export --store evidence --policy sharing.toml --key keys/FGE-CHH.key.pem \\
      --to ATF-PHX --case FGE-2026-004211 --out for-phoenix.h5
  brasslink bundle inspect for-phoenix.h5 --policy sharing.toml
  brasslink bundle import for-phoenix.h5 --store evidence --policy sharing.toml
  brasslink correlate --store evidence && brasslink link --store evidence

docs/SHARING.md explains the policy file and the way of working; an example is
samples/sharing.toml.";

/// `brasslink bundle …`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Make a key pair, or show what partners need of one.
    #[command(subcommand)]
    Keys(Keys),
    /// List what of each kind of record may be shared, field by field.
    Fields {
        #[command(flatten)]
        json: Json,
    },
    /// Make a signed bundle of chosen evidence for one agency.
    ///
    /// Only what the policy allows goes; what was chosen and does not go is
    /// listed, and the exit code is 3. The ledger says who got what and when.
    Export(Box<ExportArgs>),
    /// Say what a bundle states of itself and whether that is true.
    Inspect {
        /// The bundle.
        file: PathBuf,
        /// The sharing policy, which has the sender's public key.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Name cases that other agencies should probably be told of.
    ///
    /// By the triggers under which INTERPOL asks its members to share: within
    /// 80 km of a land border (where a scene or recovery has coordinates; the
    /// lines are good to some 10 km), three or more firearms; and, as far as
    /// you name them, customs finds and suspects from abroad. Nothing goes by
    /// itself.
    Suggest {
        #[command(flatten)]
        store: StoreAt,
        /// A case of which customs found something (may be repeated).
        #[arg(long, value_name = "CASE")]
        customs: Vec<String>,
        /// A case with a suspect from abroad (may be repeated). Not recorded.
        #[arg(long, value_name = "CASE")]
        foreign_suspect: Vec<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Take over a bundle; `correlate` and `link` then treat it like local
    /// evidence.
    ///
    /// Verified before anything in it is opened. A bundle taken over before
    /// changes nothing.
    Import {
        /// The bundle.
        file: PathBuf,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        json: Json,
    },
}

/// `brasslink bundle keys …`.
#[derive(clap::Subcommand)]
pub enum Keys {
    /// Make an Ed25519 key pair: CODE.key.pem, to be kept secret, and
    /// CODE.public.pem.
    New {
        /// The code of the agency.
        #[arg(long, value_name = "CODE")]
        agency: AgencyCode,
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Print what partners put into their policy: the public key, and its
    /// fingerprint as a comment.
    Show {
        /// The private or the public key.
        file: PathBuf,
        /// The code of the agency.
        #[arg(long, value_name = "CODE")]
        agency: AgencyCode,
    },
}

/// Where one works, and by which policy.
#[derive(clap::Args)]
pub struct At {
    /// The evidence store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The laboratory's sharing policy.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    operator: Option<String>,
}

/// `brasslink bundle export`.
#[derive(clap::Args)]
pub struct ExportArgs {
    #[command(flatten)]
    at: At,
    /// The receiver.
    #[arg(long, value_name = "CODE")]
    to: AgencyCode,
    /// The laboratory's private key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The bundle to be made.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Send the scan files as received too. They may carry names within.
    #[arg(long)]
    originals: bool,
    /// The number of the last bundle that the receiver has, where this store
    /// was restored from a backup and does not know it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
    #[command(flatten)]
    json: Json,
}

/// What goes: whatever any of these names.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Choice {
    /// A casing (may be repeated, like all of these).
    #[arg(long, value_name = "ID")]
    casing: Vec<String>,
    /// A case: its casings, scenes, recoveries and shipments.
    #[arg(long, value_name = "NUMBER")]
    case: Vec<String>,
    /// The casings of a proposed group.
    #[arg(long, value_name = "ID")]
    group: Vec<String>,
    /// A firearm, with the casings known to be fired by it.
    #[arg(long, value_name = "ID")]
    firearm: Vec<String>,
    /// A scene with its casings.
    #[arg(long, value_name = "ID")]
    scene: Vec<String>,
    /// A shipment, with the firearms recovered from it.
    #[arg(long, value_name = "ID")]
    shipment: Vec<String>,
    /// Whatever happened in a state (ISO 3166-2, such as MX-CHH).
    #[arg(long, value_name = "CODE")]
    state: Vec<String>,
    /// Everything of this laboratory.
    #[arg(long)]
    all: bool,
}

impl Choice {
    fn selection(&self) -> Selection {
        let set = |names: &[String]| names.iter().cloned().collect();
        Selection {
            casings: set(&self.casing),
            cases: set(&self.case),
            groups: set(&self.group),
            firearms: set(&self.firearm),
            scenes: set(&self.scene),
            shipments: set(&self.shipment),
            states: set(&self.state),
            everything: self.all,
        }
    }
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Keys(Keys::New { agency, out }) => new_keys(agency, out, say),
        Command::Keys(Keys::Show { file, agency }) => show_key(file, agency, say),
        Command::Fields { json } => fields(json, say),
        Command::Export(args) => make(args, say),
        Command::Inspect { file, policy, json } => inspect(file, policy, json, say),
        Command::Suggest { store, customs, foreign_suspect, json } => {
            let set = |names: &[String]| names.iter().cloned().collect();
            let known =
                OperatorKnows { customs: set(customs), foreign_suspect: set(foreign_suspect) };
            propose(store, &known, json, say)
        }
        Command::Import { file, at, json } => take(file, at, json, say),
    }
}

fn new_keys(agency: &AgencyCode, out: &Path, say: Say) -> Result<End> {
    let (private, public) = key_pair(&rand::random())?;
    std::fs::create_dir_all(out).map_err(|e| Error::io(say!("making the folder"), out, &e))?;
    let [key, open] = ["key", "public"].map(|sort| out.join(format!("{agency}.{sort}.pem")));
    if let Some(there) = [&key, &open].into_iter().find(|path| path.exists()) {
        return Err(Error::new(Kind::BadInput, say!("there is a key of this name already"))
            .at(there)
            .advise(say!(
                "bundles signed with it would no longer be trusted; name another folder"
            )));
    }
    write_private(&key, &private)?;
    write_file(&open, public.as_bytes())?;
    tell(say, say!("# keep secret: {}", key.display()));
    show_key(&open, agency, say)
}

fn read(path: &Path) -> Result<String> {
    read_small_text(path)
}

fn show_key(file: &Path, agency: &AgencyCode, say: Say) -> Result<End> {
    let text = read(file)?;
    let secret = text.contains("PRIVATE KEY");
    let public = if secret { public_of(&read_private(file)?)? } else { text };
    let fingerprint = fingerprint(&public).map_err(|e| e.at(file))?;
    let public = public.trim_end();
    // As a comment, so that the output as a whole can be put into a policy.
    tell(say, say!("# fingerprint, to be compared by telephone: {fingerprint}"));
    tell_lines(
        say,
        format!("[[partner]]\nagency = \"{agency}\"\npublic_key = \"\"\"\n{public}\n\"\"\""),
    );
    Ok(End::AllDone)
}

fn fields(json: &Json, say: Say) -> Result<End> {
    if json.asked() {
        json.put(&SHARED_KINDS)?;
        return Ok(End::AllDone);
    }
    for sort in SHARED_KINDS {
        tell(say, Message::foreign(sort.kind));
        for field in sort.fields {
            match field.needed {
                true => tell(say, say!("  {} (always)", field.path)),
                false => tell(say, say!("  {}", field.path)),
            }
        }
        for field in sort.never {
            tell(say, say!("  {field} (never)"));
        }
    }
    Ok(End::AllDone)
}

/// This program's own file, for the confined child.
fn program(path: &Path) -> Result<PathBuf> {
    std::env::current_exe().map_err(|e| Error::io(say!("finding this program"), path, &e))
}

fn make(args: &ExportArgs, say: Say) -> Result<End> {
    let sharing = Sharing::read(&args.at.policy)?;
    let store = Store::open(&args.at.store)?;
    let order = Order {
        sharing: &sharing,
        to: &args.to,
        selection: &args.choice.selection(),
        originals: args.originals,
        after: args.after,
        key: &read_private(&args.key)?,
        program: &program(&args.out)?,
    };
    let made = export(&store, &args.out, &order, &note(args.at.operator.as_deref()))?;
    if args.json.asked() {
        args.json.put(&made)?;
    } else {
        describe(&made.statement, say);
        tell(say, say!("written: {}", args.out.display()));
    }
    for refused in &made.refused {
        super::output::aside(say!("not shared: {}: {}", refused.what, refused.why));
    }
    Ok(if made.refused.is_empty() { End::AllDone } else { End::SomeFailed })
}

fn describe(statement: &Statement, say: Say) {
    let Statement { from, to, number, when, ledger_seq, ledger_head, .. } = statement;
    tell(say, say!("bundle {number} of {from} for {to}, made {when}"));
    tell(say, say!("  from ledger entry {ledger_seq} with hash {ledger_head}"));
    let holds: Vec<_> = statement.holds.iter().map(|(what, n)| format!("{n} {what}")).collect();
    tell(say, say!("  holds: {}", holds.join(", ")));
    for (kind, fields) in &statement.left_out {
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        tell(say, say!("  left out of {kind}: {}", fields.join(", ")));
    }
}

fn inspect(file: &Path, policy: &Path, json: &Json, say: Say) -> Result<End> {
    let sharing = Sharing::read(policy)?;
    let envelope: Envelope = verified(file, &sharing)?;
    envelope.unpack(file, &mut std::io::sink())?;
    // HDF5 itself passes over the user block.
    let listing = list_confined(&program(file)?, file)?;
    if json.asked() {
        json.put(&serde_json::json!({
            "statement": envelope.statement,
            "datasets": listing.datasets,
        }))?;
        return Ok(End::AllDone);
    }
    describe(&envelope.statement, say);
    tell(say, say!("signature, length, digest and form are good"));
    Ok(End::AllDone)
}

fn propose(store: &Path, known: &OperatorKnows, json: &Json, say: Say) -> Result<End> {
    let suggestions = suggest(&Store::open(store)?.snapshot()?, known)?;
    if json.asked() {
        json.put(&suggestions)?;
        return Ok(End::AllDone);
    }
    for Suggestion { what, why } in &suggestions {
        tell(say, say!("{what}: {}", Message::joined(why.iter().map(reason), "; ")));
    }
    if suggestions.is_empty() {
        tell(say, say!("nothing to suggest"));
    }
    Ok(End::AllDone)
}

fn reason(trigger: &Trigger) -> Message {
    match trigger {
        Trigger::NearBorder { border, km } => {
            say!("about {km} km from the border {}", border.name())
        }
        Trigger::CustomsFind => say!("found by customs"),
        Trigger::ManyFirearms { firearms } => say!("{firearms} firearms"),
        Trigger::ForeignSuspect => say!("a suspect from abroad"),
    }
}

fn take(file: &Path, at: &At, json: &Json, say: Say) -> Result<End> {
    let sharing = Sharing::read(&at.policy)?;
    let store = Store::open(&at.store)?;
    let receiver = Receiver { sharing: &sharing, program: &program(file)? };
    let taken = import(&store, file, &receiver, &note(at.operator.as_deref()))?;
    if json.asked() {
        json.put(&taken)?;
        return Ok(End::AllDone);
    }
    describe(&taken.statement, say);
    if taken.known {
        tell(say, say!("this bundle was taken over before; nothing was changed"));
        return Ok(End::AllDone);
    }
    let added: Vec<_> = taken.added.iter().map(|(table, n)| format!("{n} {table}")).collect();
    tell(say, say!("added: {}", added.join(", ")));
    for remark in &taken.remarks {
        tell(say, say!("note: {remark}"));
    }
    Ok(End::AllDone)
}
