//! Every address of the station, and who may use it. The router and the gate are
//! made from this table, and so is the test that goes over roles and addresses.

use super::ask::{Ask, Reply};
use super::{
    Inner, blind, bundles, decide, entry, letters, notes, office, pair, requests, sharing, today,
    traces, worklist,
};
use crate::role::Role;
use Role::{
    Administrator, Auditor, Examiner, Partner, Supervisor, Technician, TraceOfficer, Verifier,
};
use types::error::Result;

/// What is done to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Read.
    Get,
    /// Changed.
    Post,
}

/// Who may use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, logged in or not.
    Anyone,
    /// Who has given the password, and not yet the second factor.
    Password,
    /// Who was away too long.
    Idle,
    /// Everybody who is logged in.
    SignedIn,
    /// These roles.
    Roles(&'static [Role]),
}

/// An address.
pub struct Route {
    /// What is done.
    pub verb: Verb,
    /// The address; parts in braces are named.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Whether a password is hashed for it.
    pub hashes: bool,
    /// What is done.
    pub(super) act: fn(&Inner, &Ask) -> Result<Reply>,
}

/// Who sees candidates with their names and scores.
const CASEWORK: Access = Access::Roles(&[Technician, Examiner, Supervisor, Auditor]);
/// Who says what a pair is.
const DECIDES: Access = Access::Roles(&[Technician, Examiner]);
const BLIND: Access = Access::Roles(&[Verifier]);
/// Who asks for traces, and who reads of them.
const TRACES: Access = Access::Roles(&[TraceOfficer]);
const TRACED: Access = Access::Roles(&[TraceOfficer, Auditor]);
/// Who sends and takes over bundles, and who reads of them.
const SHARES: Access = Access::Roles(&[Supervisor]);
const SHARED: Access = Access::Roles(&[Supervisor, Auditor]);
/// Who fetches what was made for their agency.
const PARTNER: Access = Access::Roles(&[Partner]);
/// Who releases letters.
const RELEASES: Access = Access::Roles(&[Supervisor]);
const ACCOUNTS: Access = Access::Roles(&[Administrator]);

const fn get(path: &'static str, access: Access, act: fn(&Inner, &Ask) -> Result<Reply>) -> Route {
    Route { verb: Verb::Get, path, access, hashes: false, act }
}

const fn post(path: &'static str, access: Access, act: fn(&Inner, &Ask) -> Result<Reply>) -> Route {
    Route { verb: Verb::Post, path, access, hashes: false, act }
}

const fn hashing(route: Route) -> Route {
    Route { hashes: true, ..route }
}

/// The table.
pub static ROUTES: &[Route] = &[
    get("/health", Access::Anyone, entry::health),
    get("/static/{file}", Access::Anyone, entry::file),
    get("/", Access::Anyone, entry::start),
    post("/banner", Access::Anyone, entry::acknowledge),
    get("/login", Access::Anyone, entry::login_page),
    hashing(post("/login", Access::Anyone, entry::login)),
    post("/language", Access::Anyone, entry::language),
    get("/second", Access::Password, entry::second_page),
    post("/second", Access::Password, entry::second),
    get("/unlock", Access::Idle, entry::unlock_page),
    hashing(post("/unlock", Access::Idle, entry::unlock)),
    get("/password", Access::SignedIn, entry::password_page),
    hashing(post("/password", Access::SignedIn, entry::password)),
    post("/logout", Access::SignedIn, entry::logout),
    get("/today", Access::SignedIn, today::page),
    get("/worklist", CASEWORK, worklist::page),
    get("/overdue", CASEWORK, office::overdue),
    get("/pair/{a}/{b}", CASEWORK, pair::page),
    post("/pair/{a}/{b}", DECIDES, decide::hand_in),
    get("/pair/{a}/{b}/heights/{kind}/{side}/{how}", CASEWORK, pair::heights),
    get("/pair/{a}/{b}/heights/turned/{kind}/{side}/{how}", CASEWORK, pair::heights),
    post("/pair/{a}/{b}/marks", DECIDES, notes::keep_marks),
    post("/pair/{a}/{b}/views", DECIDES, notes::take_view),
    post("/draft/{a}/{b}", DECIDES, decide::draft),
    get("/verify", BLIND, blind::list),
    get("/verify/{item}", BLIND, blind::item),
    get("/verify/{item}/heights/{kind}/{side}/{how}", BLIND, blind::heights),
    post("/verify/{item}/marks", BLIND, notes::keep_blind_marks),
    post("/verify/{item}/views", BLIND, notes::take_blind_view),
    post("/verify/{item}", BLIND, blind::hand_in),
    get("/disagreements", Access::Roles(&[Supervisor, Auditor]), blind::disagreements),
    post("/disagreements/{id}", Access::Roles(&[Supervisor]), blind::settle),
    get("/letters", CASEWORK, letters::list),
    post("/letters", RELEASES, letters::release),
    get("/letters/{id}", CASEWORK, letters::page),
    get("/letters/{id}/file/{language}", CASEWORK, letters::file),
    post("/letters/{id}/steps", RELEASES, letters::step),
    get("/traces", TRACED, traces::list),
    post("/traces", TRACES, requests::enter),
    get("/traces/new", TRACES, requests::new),
    get("/traces/doubles", TRACES, requests::doubles),
    get("/traces/table", TRACES, requests::table),
    post("/traces/table", TRACES, requests::take_table),
    get("/traces/{id}", TRACED, traces::one),
    hashing(post("/traces/{id}/person", TRACES, traces::person)),
    get("/sharing", SHARED, sharing::list),
    post("/sharing/out", SHARES, sharing::make),
    post("/sharing/in/{file}/accept", SHARES, sharing::accept),
    post("/sharing/in/{file}/refuse", SHARES, sharing::refuse),
    get("/bundles", PARTNER, bundles::list),
    get("/bundles/{file}", PARTNER, bundles::fetch),
    get("/audit", Access::Roles(&[Auditor]), office::audit),
    get("/people", ACCOUNTS, office::people),
    hashing(post("/people/{login}/unlock", ACCOUNTS, office::unlock)),
    hashing(post("/people/{login}/disable", ACCOUNTS, office::disable)),
    hashing(post("/people/{login}/enable", ACCOUNTS, office::enable)),
];

impl Access {
    /// Whether somebody with these roles, logged in, may.
    pub fn allows<'r>(self, roles: impl IntoIterator<Item = &'r Role>) -> bool {
        match self {
            Self::Anyone | Self::SignedIn => true,
            Self::Password | Self::Idle => false,
            Self::Roles(may) => roles.into_iter().any(|role| may.contains(role)),
        }
    }
}

/// Whether an account may read an address of the menu.
pub fn may_read<'r>(path: &str, roles: impl IntoIterator<Item = &'r Role>) -> bool {
    let route = ROUTES.iter().find(|r| r.verb == Verb::Get && r.path == path);
    route.is_some_and(|route| route.access.allows(roles))
}
