//! A browser without script.

use super::lab::Lab;
use axum::body::Body;
use axum::http::Request;
use brasslink_station::Station;
use std::collections::BTreeMap;
use tower::ServiceExt as _;

/// What came back.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub to: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Seen {
    /// What stands in the hidden field of that name first.
    pub fn hidden(&self, name: &str) -> String {
        let begins = format!("name=\"{name}\" value=\"");
        let rest = self.body.split(&begins).nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// The form of a pair, filled in, as it is sent.
    pub fn filled(&self, conclusion: &str, basis: &str) -> String {
        let [csrf, form, state] = ["csrf", "form", "state"].map(|name| self.hidden(name));
        encoded(&[
            ("csrf", &csrf),
            ("form", &form),
            ("state", &state),
            ("conclusion", conclusion),
            ("basis", basis),
        ])
    }
}

/// A browser without script.
pub struct Browser<'l> {
    pub lab: &'l Lab,
    pub cookies: BTreeMap<String, String>,
    pub csrf: String,
}

/// One request to the station.
pub async fn ask(station: Station, request: Request<Body>) -> Seen {
    let response = station.router().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let to = head.headers.get("location").map_or("", |v| v.to_str().unwrap()).to_owned();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Seen { status: head.status.as_u16(), to, headers: head.headers, body }
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Browser<'_> {
    pub fn request(&self, method: &str, path: &str, body: &str) -> Request<Body> {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    pub fn send(&mut self, request: Request<Body>) -> Seen {
        let seen = self.lab.runtime.block_on(ask(self.lab.station.clone(), request));
        for line in seen.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            match line.contains("Max-Age=0") {
                true => _ = self.cookies.remove(name),
                false => _ = self.cookies.insert(name.into(), value.into()),
            }
        }
        let csrf = seen.hidden("csrf");
        if !csrf.is_empty() {
            self.csrf = csrf;
        }
        seen
    }

    pub fn get(&mut self, path: &str) -> Seen {
        let request = self.request("GET", path, "");
        self.send(request)
    }

    /// Hands in a form of the page seen last.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let csrf = self.csrf.clone();
        let all: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        let request = self.request("POST", path, &encoded(&all));
        self.send(request)
    }

    /// To the page where name and password are typed.
    pub fn reach_login(&mut self) -> Seen {
        assert_eq!(self.get("/").status, 200);
        assert_eq!(self.post("/banner", &[]).to, "/login");
        self.get("/login")
    }

    pub fn try_password(&mut self, login: &str, password: &str) -> Seen {
        self.reach_login();
        self.post("/login", &[("login", login), ("password", password)])
    }

    /// Through banner, password and second factor.
    pub fn enter(&mut self, login: &str) {
        let password = self.lab.password(login);
        assert_eq!(self.try_password(login, &password).to, "/second");
        self.get("/second");
        let code = self.lab.code(login);
        assert_eq!(self.post("/second", &[("code", &code)]).to, "/today");
        self.get("/today");
        self.get("/password");
    }

    /// Fills in the form of a pair and hands it in.
    pub fn decide(&mut self, pair: &str, fields: &[(&str, &str)]) -> Seen {
        let page = self.get(pair);
        assert_eq!(page.status, 200, "{}", page.body);
        let (form, state) = (page.hidden("form"), page.hidden("state"));
        let own = [("form", form.as_str()), ("state", state.as_str())];
        let all: Vec<_> = own.into_iter().chain(fields.iter().copied()).collect();
        self.post(pair, &all)
    }
}
