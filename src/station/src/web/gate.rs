//! The gate: every request of every address passes here, and nowhere else is
//! asked who may do what.

use super::ask::{Ask, Before, Reply, local, segment};
use super::table::{Access, ROUTES, Route, Verb};
use super::{Inner, Station, decide, entry, frame};
use crate::people::{Account, Outcome, Session, SessionStage};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use report::Language;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// The largest form accepted, bytes.
const MOST: usize = 64 * 1024;
/// How long a form may take to arrive.
const ARRIVES: Duration = Duration::from_secs(20);

/// What a browser may do with a page: nothing from elsewhere, no script in the
/// page; pictures stand in it as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A request with its body read.
struct Arrived {
    route: &'static Route,
    parts: BTreeMap<String, String>,
    query: String,
    address: String,
    headers: HeaderMap,
    peer: String,
    body: Vec<u8>,
}

impl Station {
    /// The router, made from the table.
    pub fn router(&self) -> Router {
        let mut paths: BTreeMap<&str, MethodRouter> = BTreeMap::new();
        for route in ROUTES {
            let filter = match route.verb {
                Verb::Get => MethodFilter::GET,
                Verb::Post => MethodFilter::POST,
            };
            let station = self.clone();
            let pass = move |parts: RawPathParams, request: Request| {
                station.clone().pass(route, parts, request)
            };
            let all = paths.remove(route.path).unwrap_or_default();
            paths.insert(route.path, all.on(filter, pass));
        }
        let router = paths.into_iter().fold(Router::new(), |r, (path, m)| r.route(path, m));
        let secure = self.secure();
        let none = move |status| move || std::future::ready(plain(status, secure));
        router
            .fallback(none(StatusCode::NOT_FOUND))
            .method_not_allowed_fallback(none(StatusCode::METHOD_NOT_ALLOWED))
    }

    async fn pass(self, route: &'static Route, parts: RawPathParams, request: Request) -> Response {
        let named = parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let parts: BTreeMap<_, _> = named.collect();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|p| p.0.ip().to_string()).unwrap_or_default();
        let (head, body) = request.into_parts();
        let body = match route.verb {
            Verb::Get => Vec::new(),
            Verb::Post => {
                let whole = axum::body::to_bytes(body, MOST);
                match tokio::time::timeout(ARRIVES, whole).await {
                    Ok(Ok(bytes)) => bytes.to_vec(),
                    Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, self.secure()),
                    Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, self.secure()),
                }
            }
        };
        let _turn = match route.hashes {
            true => self.hashing.acquire().await.ok(),
            false => None,
        };
        let arrived = Arrived {
            route,
            parts,
            query: head.uri.query().unwrap_or_default().to_owned(),
            address: head.uri.path().to_owned(),
            headers: head.headers,
            peer,
            body,
        };
        let (station, secure) = (self.clone(), self.secure());
        let reply = tokio::task::spawn_blocking(move || station.respond(arrived)).await;
        reply.map_or_else(
            |_| plain(StatusCode::INTERNAL_SERVER_ERROR, secure),
            |reply| response(reply, secure),
        )
    }

    fn secure(&self) -> bool {
        self.settings.secure
    }
}

impl Inner {
    fn respond(&self, arrived: Arrived) -> Reply {
        let mut ask = match self.asked(arrived) {
            Ok((ask, None)) => ask,
            Ok((_, Some(reply))) => return reply,
            Err(error) => return bare(&error),
        };
        let post = ask.route.verb == Verb::Post;
        let noted = post || matches!(ask.route.access, Access::Roles(_));
        // A change is in the audit before it is made, a reading before it is shown.
        if post && let Err(error) = self.note(&ask, Outcome::Begun) {
            return bare(&error);
        }
        let reply = (ask.route.act)(self, &ask);
        let outcome = match &reply {
            Ok(reply) if reply.status == 403 => Outcome::Refused,
            Ok(reply) if reply.status < 400 => Outcome::Done,
            _ => Outcome::Failed,
        };
        if noted && let Err(error) = self.note(&ask, outcome) {
            return bare(&error);
        }
        match reply {
            Ok(reply) => reply,
            Err(error) => {
                // The form may have been about what is no longer there.
                ask.form.clear();
                frame::failed(&ask, &error)
            }
        }
    }

    /// Adds to the audit what was asked for.
    fn note(&self, ask: &Ask, outcome: Outcome) -> Result<()> {
        let who = ask.account.as_ref().map_or("", |a| a.name.as_str());
        let verb = if ask.route.verb == Verb::Post { "change" } else { "read" };
        let what = format!("{verb} {}", ask.route.path);
        self.people.note(who, &what, &ask.address, &ask.peer, outcome, ask.now)
    }

    /// Who asks, and whether that is allowed: the answer where it is not.
    fn asked(&self, arrived: Arrived) -> Result<(Ask, Option<Reply>)> {
        let Arrived { route, parts, query, address, headers, peer, body } = arrived;
        let now = self.time();
        let cookies = cookies(&headers);
        let cookie = |name: &str| cookies.get(&entry::cookie_name(name, self.settings.secure));
        let session = match cookie(entry::SESSION) {
            Some(token) => self.people.session(token, now)?,
            None => None,
        };
        let account = match &session {
            Some(session) => self.people.account(&session.login)?,
            None => None,
        };
        let fresh = || Before { nonce: crate::people::token(), acknowledged: false };
        let before = cookie(entry::BEFORE).and_then(|text| self.before(text));
        // Who comes to the door is given what its forms are known by.
        let before = before.or_else(|| (route.path == "/").then(fresh));
        let chosen = cookie(entry::LANGUAGE).and_then(|l| l.parse().ok());
        let accepted = || accepted(&headers);
        let language =
            account.as_ref().and_then(|a| a.language).or(chosen).unwrap_or_else(accepted);
        let csrf = match (&session, &before) {
            (Some(session), _) => session.csrf.clone(),
            (None, Some(before)) => self.form_of(&before.nonce)?,
            (None, None) => String::new(),
        };
        let form_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let is_form = form_type.is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
        let form = if is_form { fields(&body) } else { BTreeMap::new() };
        let ask = Ask {
            route,
            parts,
            query: fields(query.as_bytes()),
            form,
            account,
            session,
            csrf,
            before,
            peer,
            address,
            language,
            now,
        };
        let reply = self.judge(&ask, &headers)?;
        Ok((ask, reply))
    }

    /// What stands against it.
    fn judge(&self, ask: &Ask, headers: &HeaderMap) -> Result<Option<Reply>> {
        let route = ask.route;
        let stage = ask.session.as_ref().map(|s| s.stage);
        if route.verb == Verb::Post {
            let given = ask.form.get("csrf").map_or("", String::as_str);
            let own =
                headers.get("sec-fetch-site").is_none_or(|v| v == "same-origin" || v == "none");
            let token = !ask.csrf.is_empty() && crate::people::same(given, &ask.csrf);
            // Without any mark of this station there is nothing to protect, and
            // nothing is done: the browser begins anew.
            if ask.csrf.is_empty() && own {
                return Ok(Some(Reply::to("/")));
            }
            if !own || !token {
                return self.refuse(ask, say!("this form is not of this session")).map(Some);
            }
        }
        match (route.access, stage) {
            (Access::Anyone, _)
            | (Access::Password, Some(SessionStage::Password))
            | (Access::Idle, Some(SessionStage::Idle)) => return Ok(None),
            (Access::Password | Access::Idle, Some(SessionStage::Whole)) => {
                return Ok(Some(Reply::to("/today")));
            }
            (_, Some(SessionStage::Password)) => return Ok(Some(Reply::to("/second"))),
            (_, Some(SessionStage::Idle)) => {
                let back = if route.verb == Verb::Get { full(ask) } else { ask.address.clone() };
                let kept = self.kept(ask)?;
                let back = if kept || route.verb == Verb::Get { back } else { "/today".into() };
                // What works without a page of its own leads to the page it is of.
                let back = back.replacen("/draft/", "/pair/", 1);
                return Ok(Some(Reply::to(format!("/unlock?to={}", segment(&back)))));
            }
            (_, None) => return Ok(Some(Reply::to("/"))),
            (_, Some(SessionStage::Whole)) => {}
        }
        let (Some(account), Some(_)) = (&ask.account, &ask.session) else {
            return Ok(Some(Reply::to("/")));
        };
        if !route.access.allows(&account.roles) {
            return self.refuse(ask, say!("your role does not allow this")).map(Some);
        }
        let first = ["/password", "/logout"].contains(&route.path);
        Ok((account.must_change && !first).then(|| Reply::to("/password")))
    }

    /// Keeps what somebody wrote who was away too long; whether there was any.
    fn kept(&self, ask: &Ask) -> Result<bool> {
        let (Some(account), Verb::Post) = (&ask.account, ask.route.verb) else { return Ok(false) };
        // Drafts of those who may not decide are not kept either.
        if !ask.route.access.allows(&account.roles) || !ask.route.path.ends_with("/{a}/{b}") {
            return Ok(false);
        }
        decide::keep_draft(self, ask, account)?;
        Ok(true)
    }

    /// Says no, and writes it down.
    fn refuse(&self, ask: &Ask, why: Message) -> Result<Reply> {
        self.note(ask, Outcome::Refused)?;
        Ok(frame::refused(ask, &why))
    }

    fn before(&self, text: &str) -> Option<Before> {
        let (nonce, mac) = text.split_once('.')?;
        let is = |word: &str| self.mark_of(word, nonce).is_ok_and(|m| crate::people::same(&m, mac));
        let acknowledged = is("acknowledged");
        (acknowledged || is("new")).then(|| Before { nonce: nonce.to_owned(), acknowledged })
    }

    /// What marks a browser before log-in.
    pub(super) fn mark_of(&self, word: &str, nonce: &str) -> Result<String> {
        crate::people::code(&self.key, &format!("{word}\n{nonce}"))
    }

    /// The token of its forms.
    pub(super) fn form_of(&self, nonce: &str) -> Result<String> {
        self.mark_of("form", nonce)
    }
}

/// The address with what stands after `?`.
fn full(ask: &Ask) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(&ask.query);
    let query = query.finish();
    local(&if query.is_empty() { ask.address.clone() } else { format!("{}?{query}", ask.address) })
}

/// The fields of a form or query; of two with one name the last.
fn fields(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).map(|(k, v)| (k.into_owned(), v.into_owned())).collect()
}

fn cookies(headers: &HeaderMap) -> BTreeMap<String, String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs = lines.flat_map(|l| l.split(';')).filter_map(|c| c.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The first language of the browser that there is.
fn accepted(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let codes = wanted
        .unwrap_or_default()
        .split(',')
        .map(|part| part.split([';', '-']).next().unwrap_or_default().trim().to_lowercase());
    codes.filter_map(|code| code.parse().ok()).next().unwrap_or_default()
}

/// An error that no page can be made for.
fn bare(error: &Error) -> Reply {
    let body = maud::html! { p { (error.what.to_string()) } };
    let status = if error.kind == Kind::Locked { 503 } else { 500 };
    Reply::page(status, body)
}

fn response(reply: Reply, secure: bool) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut made = Response::new(Body::from(reply.body));
    *made.status_mut() = status;
    let headers = made.headers_mut();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    };
    put(header::CONTENT_TYPE, reply.kind);
    put(header::CACHE_CONTROL, if reply.public { "no-cache" } else { "no-store" });
    if let Some(name) = &reply.name {
        put(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
    }
    if let Some(to) = &reply.to {
        put(header::LOCATION, to);
    }
    reply.cookies.iter().for_each(|line| put(header::SET_COOKIE, line));
    protect(headers, secure);
    made
}

fn protect(headers: &mut HeaderMap, secure: bool) {
    let mut put = |name: &'static str, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    put("content-security-policy", POLICY);
    put("x-content-type-options", "nosniff");
    put("x-frame-options", "DENY");
    put("referrer-policy", "no-referrer");
    put("cross-origin-opener-policy", "same-origin");
    put("cross-origin-resource-policy", "same-origin");
    put("permissions-policy", "camera=(), microphone=(), geolocation=()");
    if secure {
        put("strict-transport-security", "max-age=31536000");
    }
}

fn plain(status: StatusCode, secure: bool) -> Response {
    let mut made = Response::new(Body::empty());
    *made.status_mut() = status;
    protect(made.headers_mut(), secure);
    made
}

/// Whether somebody is logged in, whatever the page.
pub(super) fn signed_in(ask: &Ask) -> Option<&Account> {
    let whole = |s: &Session| s.stage == SessionStage::Whole;
    ask.account.as_ref().filter(|_| ask.session.as_ref().is_some_and(whole))
}
