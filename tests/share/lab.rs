//! Laboratories that share: each with a store, a key and a policy.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use casework::SearchRules;
use casework::share::{
    AgencyCode, Exported, Imported, Order, Receiver, Selection, Sharing, Statement, export, import,
    seal,
};
use imaging::acquire::Format;
use imaging::extract::Template;
use imaging::prepare::{PreparedMark, Quality, Verdict};
use ndarray::Array2;
use pipeline::{Quiet, Run, Verify, correlate, link};
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::{
    Actor, Batch, CommitNote, Content, MarkRow, ScanRow, Store, TemplateRow, key_pair,
    write_payload,
};
use types::error::Result;
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FirearmId, FiringPinShape, Light, MarkId, MarkKind,
    Modality, Origin, Scene, SceneId,
};
use types::surface::Pose;
use types::units::{Angle, Metres};

pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_brasslink"))
}

/// An agreement on everything there is.
pub const EVERYTHING: &str = "\
kinds = ['casing', 'case', 'decision', 'event', 'exhibit', 'firearm', 'firearm_event', 'mark', 'movement',
    'notification', 'original', 'shipment', 'trace_request', 'trace_result']
regions = ['*']
";

pub struct Lab {
    pub folder: tempfile::TempDir,
    pub code: AgencyCode,
    pub private: String,
    pub public: String,
    pub policy: String,
    bundles: usize,
}

pub fn note(n: usize) -> CommitNote {
    CommitNote {
        who: "Perla Secreta".to_owned(),
        when: format!("2026-11-21T10:{:02}:{:02}Z", n / 60, n % 60),
        command: "brasslink bundle".to_owned(),
        software: "brasslink test".to_owned(),
        recipe: None,
    }
}

impl Lab {
    pub fn new(code: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Store::create(folder.path().join("store")).unwrap();
        let (private, public) = key_pair(&Digest::of(code.as_bytes()).0).unwrap();
        let policy = format!("agency = \"{code}\"\n");
        let code = AgencyCode::new(code).unwrap();
        Self { folder, code, private, public, policy, bundles: 0 }
    }

    /// Two laboratories that share all there is.
    pub fn two() -> (Self, Self) {
        let (mut a, mut b) = (Self::new("FGE-CHH"), Self::new("ATF-PHX"));
        a.trust(&b, Some(EVERYTHING));
        b.trust(&a, Some(EVERYTHING));
        (a, b)
    }

    pub fn trust(&mut self, other: &Self, agreement: Option<&str>) {
        let Self { code, public, .. } = other;
        self.policy +=
            &format!("[[partner]]\nagency = \"{code}\"\npublic_key = '''\n{public}'''\n");
        if let Some(agreement) = agreement {
            self.policy += &format!("[partner.receives]\n{agreement}");
        }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub fn store(&self) -> Store {
        Store::open(self.root()).unwrap()
    }

    pub fn sharing(&self) -> Sharing {
        Sharing::parse(&self.policy).unwrap()
    }

    pub fn policy_file(&self) -> PathBuf {
        let path = self.folder.path().join("sharing.toml");
        std::fs::write(&path, &self.policy).unwrap();
        path
    }

    pub fn commit(&self, batch: Batch) {
        let store = self.store();
        let mut writer = store.writer(&Actor::here("tester")).unwrap();
        writer.commit(batch, &note(0)).unwrap();
    }

    /// Takes in a casing whose breech face bears the marks of firearm `gun`.
    pub fn add(&self, casing: &CasingRecord, gun: u64) {
        let mut batch = Batch::default();
        let bytes = format!("scan of {} by {}", casing.id, self.code).into_bytes();
        let path = self.folder.path().join("scan");
        std::fs::write(&path, &bytes).unwrap();
        batch.add_casing(casing, "Perla Secreta", "manifest");
        let mark = mark(gun, &bytes);
        let scan = scan_row(&casing.id, &bytes);
        let id = MarkId::new(format!("{}-breech_face", scan.sha256.short())).unwrap();
        let row = TemplateRow {
            mark: id.clone(),
            kind: mark.kind,
            modality: mark.modality,
            recipe: mark.recipe,
        };
        batch.add_template(row, Template::new(&mark).unwrap().encode());
        batch.add_mark(id, casing.id.clone(), scan.sha256, mark);
        batch.add_scan(scan, &path);
        batch.add_recipe(RECIPE);
        self.commit(batch);
    }

    /// Takes in records as JSON, named as they name themselves.
    pub fn record(&self, records: &[(&str, Value)]) {
        let mut batch = Batch::default();
        for (kind, body) in records {
            let id = body["id"].as_str().unwrap();
            batch.add_record(*kind, id, body.to_string(), "Perla Secreta", "");
        }
        self.commit(batch);
    }

    /// The records of a kind by identifier.
    pub fn records(&self, kind: &str) -> BTreeMap<String, Value> {
        let records = self.store().snapshot().unwrap().records(kind).unwrap();
        records.into_iter().map(|r| (r.id, serde_json::from_str(&r.body).unwrap())).collect()
    }

    pub fn export_to(
        &mut self,
        other: &Self,
        selection: &Selection,
    ) -> Result<(PathBuf, Exported)> {
        self.bundles += 1;
        let out = self.folder.path().join(format!("bundle-{}.h5", self.bundles));
        let order = Order {
            sharing: &self.sharing(),
            to: &other.code,
            selection,
            originals: true,
            after: 0,
            key: &self.private,
            program: program(),
        };
        let made = export(&self.store(), &out, &order, &note(self.bundles))?;
        Ok((out, made))
    }

    /// A bundle of everything.
    pub fn share_all(&mut self, other: &Self) -> PathBuf {
        self.export_to(other, &all()).unwrap().0
    }

    pub fn take(&self, bundle: &Path) -> Result<Imported> {
        let desk = Receiver { sharing: &self.sharing(), program: program() };
        import(&self.store(), bundle, &desk, &note(99))
    }

    pub fn content(&self) -> Content {
        self.store().snapshot().unwrap().content().unwrap()
    }

    /// Every file of the store with its bytes.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &mut files);
        files
    }

    /// Correlates and links, as `brasslink run` does.
    pub fn work(&self) {
        let recipe = Digest::of(RECIPE.as_bytes());
        let run = Run {
            who: "tester".to_owned(),
            started: "2026-11-21T12:00:00Z".to_owned(),
            command: "brasslink run".to_owned(),
            recipe,
            now: || "2026-11-21T12:00:01Z".to_owned(),
        };
        correlate(&self.store(), &recipe, Verify::All, &SearchRules::default(), &run, &Quiet)
            .unwrap();
        link(&self.store(), &recipe, None, &run).unwrap();
    }

    /// The proposed links, under the names that everybody knows.
    pub fn links(&self) -> BTreeSet<(String, String)> {
        let links = self.store().snapshot().unwrap().linking().unwrap().unwrap_or_default().links;
        let name = |id: &CasingId| self.code.qualify(id.as_str()).unwrap();
        let pair = |(a, b): (String, String)| if a < b { (a, b) } else { (b, a) };
        links.iter().map(|l| pair((name(&l.a), name(&l.b)))).collect()
    }

    /// A bundle that this laboratory signs, whatever is in it.
    pub fn sign(&self, other: &Self, payload: &Path, number: u64) -> PathBuf {
        self.sign_at(other, payload, number, &note(0).when)
    }

    fn sign_at(&self, other: &Self, payload: &Path, number: u64, when: &str) -> PathBuf {
        let bytes = std::fs::read(payload).unwrap();
        let snapshot = self.store().snapshot().unwrap();
        let (format, version) = Statement::stamp();
        let statement = Statement {
            format,
            version,
            from: self.code.clone(),
            to: other.code.clone(),
            number,
            when: when.to_owned(),
            ledger_seq: snapshot.seq(),
            ledger_head: snapshot.head(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
            holds: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        let out = self.folder.path().join("signed.h5");
        let mut file = std::fs::File::create(&out).unwrap();
        seal(&statement, &self.private, payload, &mut file).unwrap();
        out
    }

    /// A bundle of whatever the test made up, signed by this laboratory.
    pub fn forged(&self, other: &Self, forged: Forged) -> PathBuf {
        let mut batch = Batch::default();
        for (kind, id, body) in &forged.records {
            batch.add_record(*kind, id, body.to_string(), "somebody", "");
        }
        forged.scans.into_iter().for_each(|scan| batch.add_scan_facts(scan));
        for (row, bytes) in forged.templates {
            batch.add_template(row, bytes);
        }
        if !forged.marks.is_empty() {
            batch.add_recipe(RECIPE);
        }
        let payload = self.folder.path().join("payload.h5");
        let values: BTreeMap<MarkId, Array2<f32>> =
            forged.marks.iter().map(|(row, values)| (row.id.clone(), values.clone())).collect();
        let rows = forged.marks.into_iter().map(|(row, _)| row).collect();
        write_payload(&payload, batch, rows, &|id| Ok(values[id].clone())).unwrap();
        self.sign_at(other, &payload, forged.number, &forged.when)
    }

    /// A bundle with these records, signed by this laboratory.
    pub fn forge(&self, other: &Self, records: &[(&str, &str, &str)]) -> PathBuf {
        let mut batch = Batch::default();
        for (kind, id, body) in records {
            batch.add_record(*kind, *id, *body, "somebody", "");
        }
        let payload = self.folder.path().join("payload.h5");
        write_payload(&payload, batch, Vec::new(), &|_| unreachable!()).unwrap();
        self.sign(other, &payload, 1)
    }
}

/// What a forger puts into a bundle.
#[derive(Clone)]
pub struct Forged {
    pub number: u64,
    pub when: String,
    pub records: Vec<(&'static str, String, Value)>,
    pub scans: Vec<ScanRow>,
    pub marks: Vec<(MarkRow, Array2<f32>)>,
    pub templates: Vec<(TemplateRow, Vec<u8>)>,
}

impl Forged {
    pub fn of(records: &[(&'static str, String, Value)]) -> Self {
        Self {
            number: 1,
            when: note(60).when,
            records: records.to_vec(),
            scans: Vec::new(),
            marks: Vec::new(),
            templates: Vec::new(),
        }
    }

    /// With a scan of a casing whose mark is firearm `gun`'s, all in order.
    #[must_use]
    pub fn marked(mut self, casing: &str, gun: u64) -> Self {
        let bytes = format!("scan of {casing}").into_bytes();
        let made = mark(gun, &bytes);
        let casing = CasingId::new(casing).unwrap();
        let code = casing.as_str().rsplit_once('@').unwrap().1;
        let scan = ScanRow { bytes: 0, ..scan_row(&casing, &bytes) };
        let id = MarkId::new(format!("{}@{code}", scan.sha256.short())).unwrap();
        let about = TemplateRow {
            mark: id.clone(),
            kind: made.kind,
            modality: made.modality,
            recipe: made.recipe,
        };
        self.templates.push((about, Template::new(&made).unwrap().encode()));
        let (ny, nx) = made.values.dim();
        let row = MarkRow {
            id,
            casing,
            scan: scan.sha256,
            kind: made.kind,
            modality: made.modality,
            ny: ny as u64,
            nx: nx as u64,
            pitch: made.pitch,
            scan_from_mark: made.scan_from_mark,
            recipe: made.recipe,
            quality: made.quality,
        };
        self.marks.push((row, made.values));
        self.scans.push(scan);
        self
    }
}

fn scan_row(casing: &CasingId, bytes: &[u8]) -> ScanRow {
    ScanRow {
        sha256: Digest::of(bytes),
        casing: casing.clone(),
        bytes: bytes.len() as u64,
        format: Format::X3p,
        modality: Modality::Topography,
        light: Light::Unknown,
        ny: 10,
        nx: 10,
        pitch_x: Metres(3.125e-6),
        pitch_y: Metres(3.125e-6),
        file_name: "Perla_Secreta.x3p".to_owned(),
        instrument: Some("Sensofar S neox".to_owned()),
        acquired: None,
        warnings: Vec::new(),
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
}

pub fn all() -> Selection {
    Selection { everything: true, ..Selection::default() }
}

pub fn casing(id: &str, state: Option<&str>) -> CasingRecord {
    let scene = Scene {
        id: SceneId::new(format!("S-{id}")).unwrap(),
        date: Some("2026-03-14".parse().unwrap()),
        state: state.map(str::to_owned),
        agency: Some("Fiscalía".to_owned()),
        case: Some(CaseId::new(format!("K-{id}")).unwrap()),
    };
    CasingRecord {
        id: CasingId::new(id).unwrap(),
        origin: Origin::Evidence,
        scene: Some(scene),
        firearm: None,
        calibre: Some("9x19 mm".to_owned()),
        firing_pin_shape: FiringPinShape::Hemispherical,
        notes: "seen by Perla Secreta".to_owned(),
    }
}

pub fn test_fire(id: &str, firearm: &str) -> CasingRecord {
    let firearm = Some(FirearmId::new(firearm).unwrap());
    CasingRecord { origin: Origin::TestFire, scene: None, firearm, ..casing(id, None) }
}

pub const RECIPE: &str = r#"{"sort":"test"}"#;
/// Pixels across a mark.
const SIDE: usize = 320;

/// What firearm `gun` leaves on a casing: its own waves of 90 to 400 µm on a
/// disc of 2 mm, and a little of the casing's own.
pub fn mark(gun: u64, casing: &[u8]) -> PreparedMark {
    let seed = Digest::of(casing).0;
    let mut values = waves(&mut ChaCha8Rng::seed_from_u64(gun));
    values.zip_mut_with(&waves(&mut ChaCha8Rng::from_seed(seed)), |v, own| *v += 0.3 * own);
    let centre = SIDE as f32 / 2.0;
    values.indexed_iter_mut().for_each(|((y, x), v)| {
        if (y as f32 - centre).hypot(x as f32 - centre) > centre - 2.0 {
            *v = f32::NAN;
        }
    });
    PreparedMark {
        kind: MarkKind::BreechFace,
        modality: Modality::Topography,
        pitch: Metres(6.25e-6),
        values,
        scan_from_mark: Pose { rotation: Angle::from_rad(0.0), dx: Metres(0.0), dy: Metres(0.0) },
        recipe: Digest::of(RECIPE.as_bytes()),
        quality: Quality {
            verdict: Verdict::Good,
            reasons: Vec::new(),
            area_mm2: 3.1,
            coverage: 1.0,
            rms: 1.0,
        },
    }
}

fn waves(random: &mut ChaCha8Rng) -> Array2<f32> {
    let mut values = Array2::<f32>::zeros((SIDE, SIDE));
    for _ in 0..24 {
        let wavelength_px = random.random_range(15.0..60.0_f32);
        let (turn, phase) = (random.random_range(0.0..6.3_f32), random.random_range(0.0..6.3_f32));
        let (ky, kx) = turn.sin_cos();
        let k = std::f32::consts::TAU / wavelength_px;
        values.indexed_iter_mut().for_each(|((y, x), v)| {
            *v += (k * (ky * y as f32 + kx * x as f32) + phase).sin();
        });
    }
    values
}
