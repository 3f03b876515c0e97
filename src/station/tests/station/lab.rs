//! A laboratory with a store of two guns, an account for every role, and a clock
//! that tests turn.

use super::browser::Browser;
use brasslink_station::people::{Credentials, NewAccount, People, code_at};
use brasslink_station::web::ShareDesk;
use brasslink_station::{Role, Settings, Station};
use casework::Conclusion;
use imaging::prepare::Recipe;
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use store::{Actor, Batch, CommitNote, ScanRow, Store};
use types::comparison::{Cell, Comparison};
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FirearmId, FiringPinShape, Light, MarkId, Modality,
    Origin, Scene, SceneId,
};
use types::scan::Format;
use types::surface::Pose;
use types::units::{Angle, Metres};

/// Casings of the two guns; the last of each is a test fire.
pub const CASINGS: [&str; 8] = ["A1", "A2", "A3", "TA", "B1", "B2", "B3", "TB"];

/// A calibre that would run in a page that did not escape it.
pub const MARKUP: &str = "9x19 <script>alert(1)</script>\"'";

/// The accounts: login, name, roles.
pub const PEOPLE: [(&str, &str, &[Role]); 10] = [
    ("adm", "Ada Keeper", &[Role::Administrator]),
    ("tec", "Teo Lugo", &[Role::Technician]),
    ("ana", "Ana Ruiz", &[Role::Examiner]),
    ("bea", "Bea Mora", &[Role::Examiner]),
    ("eva", "Eva Soto", &[Role::Examiner, Role::Verifier]),
    ("vic", "Vic Paz", &[Role::Verifier]),
    ("sup", "Sue Prado", &[Role::Supervisor]),
    ("trc", "Tris Cano", &[Role::TraceOfficer]),
    ("par", "Pat Ayala", &[Role::Partner]),
    ("aud", "Aud Ibarra", &[Role::Auditor]),
];

fn mark_id(casing: &str) -> MarkId {
    MarkId::new(format!("mark-{casing}")).unwrap()
}

fn record(casing: &str) -> CasingRecord {
    let evidence = !casing.starts_with('T');
    let scene = evidence.then(|| Scene {
        id: SceneId::new(format!("S-{casing}")).unwrap(),
        date: Some("2026-03".parse().unwrap()),
        state: Some("MX-CHH".into()),
        agency: None,
        case: Some(CaseId::new(format!("CASE-{casing}")).unwrap()),
    });
    CasingRecord {
        id: CasingId::new(casing).unwrap(),
        origin: if evidence { Origin::Evidence } else { Origin::TestFire },
        scene,
        firearm: (!evidence).then(|| FirearmId::new(format!("GUN-{casing}")).unwrap()),
        calibre: Some(MARKUP.into()),
        firing_pin_shape: FiringPinShape::Unknown,
        notes: "SECRET-NOTE".into(),
    }
}

fn comparison(a: &str, b: &str) -> Comparison {
    let gun = |c: &str| c.chars().find(|c| "AB".contains(*c));
    let spread = a.bytes().chain(b.bytes()).map(|x| f64::from(x) * 7.3).sum::<f64>() % 2.0;
    let same = gun(a) == gun(b);
    let cell = Cell {
        x_um: 10.0,
        y_um: 20.0,
        found_x_um: 11.0,
        found_y_um: 21.0,
        rotation_deg: 1.25,
        ccf: 0.77,
        congruent: true,
    };
    Comparison {
        score: if same { 30.0 } else { 2.0 } + spread,
        ccf: 0.5,
        cells: 20,
        congruent_cells: if same { 15 } else { 1 },
        overlap_mm2: 6.0,
        b_from_a: Pose { rotation: Angle::from_deg(17.0), dx: Metres(4e-5), dy: Metres(-3e-5) },
        cell_table: vec![cell],
        cell_um: 450.0,
        cells_of_b: false,
        runner_up: None,
    }
}

/// A store of all casings, compared with each other.
pub fn fill(folder: &std::path::Path) {
    let store = Store::create(folder.join("store")).unwrap();
    let recipe = Recipe::default();
    let mut batch = Batch::default();
    batch.add_recipe(recipe.json());
    for (n, casing) in CASINGS.iter().enumerate() {
        let file = folder.join(format!("{casing}.x3p"));
        std::fs::write(&file, format!("scan of {casing}")).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let id = CasingId::new(*casing).unwrap();
        let scan = ScanRow {
            sha256: Digest::of(&bytes),
            casing: id.clone(),
            bytes: bytes.len() as u64,
            format: Format::X3p,
            modality: Modality::Topography,
            light: Light::Unknown,
            ny: 24,
            nx: 30,
            pitch_x: Metres(1e-5),
            pitch_y: Metres(1e-5),
            file_name: format!("{casing}.x3p"),
            instrument: None,
            acquired: None,
            warnings: Vec::new(),
        };
        let mark = testkit::mark_of_numbers(casing, recipe.hash());
        batch.add_casing(&record(casing), "tests", "");
        batch.add_mark(mark_id(casing), id, scan.sha256, mark);
        batch.add_scan(scan, &file);
        for other in &CASINGS[..n] {
            let compared = comparison(other, casing);
            batch.add_comparison(mark_id(other), mark_id(casing), recipe.hash(), compared);
        }
    }
    let note = CommitNote {
        who: "tests".into(),
        when: "2026-03-20T10:00:00Z".into(),
        command: "tests".into(),
        software: "tests".into(),
        recipe: Some(recipe.hash()),
    };
    store.writer(&Actor::here("tests")).unwrap().commit(batch, &note).unwrap();
    let run = pipeline::Run {
        who: "tests".into(),
        started: "2026-03-20T11:00:00Z".into(),
        command: "link".into(),
        recipe: recipe.hash(),
        now: || "2026-03-20T11:00:00Z".into(),
    };
    pipeline::link(&store, &recipe.hash(), None, &run).unwrap();
}

pub struct Lab {
    dir: tempfile::TempDir,
    pub station: Station,
    clock: Arc<Mutex<Timestamp>>,
    credentials: RefCell<BTreeMap<String, Credentials>>,
    pub runtime: tokio::runtime::Runtime,
    share: Option<ShareDesk>,
}

impl Lab {
    pub fn new() -> Self {
        Self::with(&|_| None)
    }

    /// A laboratory that shares under this policy, with this private key.
    pub fn sharing(policy: &str, key: &str, program: &std::path::Path) -> Self {
        Self::with(&|dir| {
            std::fs::write(dir.join("sharing.toml"), policy).unwrap();
            let own = dir.join("own.key.pem");
            let mut file = types::system::for_owner_alone().create_new(true).open(&own).unwrap();
            std::io::Write::write_all(&mut file, key.as_bytes()).unwrap();
            Some(ShareDesk {
                policy: dir.join("sharing.toml"),
                key: Some(own),
                folder: dir.join("bundles"),
                program: program.to_owned(),
            })
        })
    }

    fn with(sharing: &dyn Fn(&std::path::Path) -> Option<ShareDesk>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path());
        let start: Timestamp = "2026-11-30T14:00:00Z".parse().unwrap();
        let clock = Arc::new(Mutex::new(start));
        let people = People::open_or_create(&dir.path().join("people.db")).unwrap();
        let mut credentials = BTreeMap::new();
        for (login, name, roles) in PEOPLE {
            let new = NewAccount {
                login: login.into(),
                name: name.into(),
                agency: Some("FGECHH1".into()),
                roles: roles.iter().copied().collect(),
            };
            credentials.insert(login.to_owned(), people.add(&new, "tests", start).unwrap());
        }
        drop(people);
        let sharing = sharing(dir.path());
        let station = Self::open(dir.path().to_owned(), &clock, sharing.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            dir,
            station,
            clock,
            credentials: RefCell::new(credentials),
            runtime,
            share: sharing,
        }
    }

    fn open(dir: PathBuf, clock: &Arc<Mutex<Timestamp>>, sharing: Option<ShareDesk>) -> Station {
        let clock = clock.clone();
        Station::open(Settings {
            store: dir.join("store"),
            people: dir.join("people.db"),
            recipe: Recipe::default().hash(),
            verify: BTreeSet::from([Conclusion::Lead, Conclusion::Hit]),
            secure: true,
            clock: Arc::new(move || *clock.lock().unwrap()),
            now: || "2026-11-30T15:00:00Z".into(),
            written: Arc::new(|_| Ok(())),
            sharing,
        })
        .unwrap()
    }

    /// The station as after a crash: the same files, a new process.
    pub fn restarted(&mut self) {
        self.station = Self::open(self.dir.path().to_owned(), &self.clock, self.share.clone());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn people(&self) -> People {
        People::open(&self.path("people.db")).unwrap()
    }

    pub fn store(&self) -> Store {
        Store::open(self.path("store")).unwrap()
    }

    pub fn pass(&self, seconds: i64) {
        let mut now = self.clock.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// The code that an account's authenticator shows now.
    pub fn code(&self, login: &str) -> String {
        let at = u64::try_from(self.now().as_second()).unwrap();
        code_at(&self.credentials.borrow()[login].secret, at).unwrap()
    }

    pub fn password(&self, login: &str) -> String {
        self.credentials.borrow()[login].password.clone()
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { lab: self, cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// A browser in which this person has logged in, with a password of their own.
    pub fn logged_in(&self, login: &str) -> Browser<'_> {
        // A code is good once.
        self.pass(31);
        let mut browser = self.browser();
        browser.enter(login);
        let seen = browser.get("/today");
        if seen.to == "/password" {
            browser.get("/password");
            let (old, new) = (self.password(login), format!("nopal {login} under the bridge"));
            let form = [("old", old.as_str()), ("new", &new), ("again", &new)];
            assert_eq!(browser.post("/password", &form).to, "/today");
            self.credentials.borrow_mut().get_mut(login).unwrap().password = new;
        }
        assert_eq!(browser.get("/today").status, 200);
        browser
    }

    /// The names and outcomes of the audit, newest first.
    pub fn audit(&self) -> Vec<(String, String, String)> {
        let rows = self.people().audit(i64::MAX, 1000, "").unwrap();
        rows.into_iter().map(|r| (r.who, r.what, r.outcome)).collect()
    }

    /// All decisions: who said what of which pair, with which reason.
    pub fn decisions(&self) -> Vec<(String, String, String)> {
        let review = pipeline::review(&self.store().snapshot().unwrap()).unwrap();
        let told = |d: &casework::Decided| {
            let pair = format!("{} {} {}", d.a, d.b, d.conclusion.word());
            (d.by.clone(), pair, d.reason.clone())
        };
        review.all().iter().map(told).collect()
    }
}

/// A page without what is drawn by chance: tokens, and the names of blind items.
/// Two letters of a casing stand in some of them.
pub fn without_tokens(body: &str) -> String {
    let in_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut names: Vec<&str> = body
        .split("/verify/")
        .skip(1)
        .filter_map(|rest| rest.split(|c| !in_token(c)).next())
        .collect();
    names.extend(body.split(|c| !in_token(c)).filter(|run| run.len() >= 40));
    names.retain(|name| name.len() >= 12);
    names.iter().fold(body.to_owned(), |kept, name| kept.replace(name, "…"))
}
