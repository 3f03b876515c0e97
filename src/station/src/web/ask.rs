//! What is asked, and what is answered.

use super::table::Route;
use crate::people::{Account, Session};
use jiff::Timestamp;
use maud::Markup;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pipeline::Wanted;
use report::Language;
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::CasingId;
use types::message::{Message, ToMessage, say};
use types::printable::printable_lines;

/// What stays as it is in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request that passed the gate.
pub struct Ask {
    /// What is asked for.
    pub route: &'static Route,
    /// The parts of the address that the route names.
    pub parts: BTreeMap<String, String>,
    /// What stands after the question mark.
    pub query: BTreeMap<String, String>,
    /// The fields of the form.
    pub form: BTreeMap<String, String>,
    /// Who asks, once logged in.
    pub account: Option<Account>,
    /// The session, in whatever stage.
    pub session: Option<Session>,
    /// The token that forms of this page carry.
    pub csrf: String,
    /// The mark of a browser that has not logged in yet.
    pub before: Option<Before>,
    /// Where the request came from.
    pub peer: String,
    /// The address that was asked for, without what stands after `?`.
    pub address: String,
    /// The language of the page.
    pub language: Language,
    /// Now.
    pub now: Timestamp,
}

/// A browser before log-in.
pub struct Before {
    /// What its forms are known by.
    pub nonce: String,
    /// Whether the banner was acknowledged.
    pub acknowledged: bool,
}

impl Ask {
    /// A message in the language of the page.
    pub fn t(&self, message: impl ToMessage) -> String {
        printable_lines(&self.language.tell(&message.to_message())).into_owned()
    }

    /// A field of the form, without blanks around it; empty where it is not
    /// there.
    pub fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", |v| v.trim())
    }

    /// A field of several lines as one: a record's reason has no line ends.
    pub fn line(&self, name: &str) -> String {
        self.field(name).replace("\r\n", " ").replace('\n', " ")
    }

    /// What stands after the question mark under this name.
    pub fn asked(&self, name: &str) -> &str {
        self.query.get(name).map_or("", |v| v.trim())
    }

    /// A part of the address.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", |v| v.as_str())
    }

    /// The two casings of the address.
    pub fn pair(&self) -> Result<(CasingId, CasingId)> {
        Ok((CasingId::new(self.part("a"))?, CasingId::new(self.part("b"))?))
    }

    /// Which of a pair's heights the address names.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if there are no such.
    pub fn wanted(&self) -> Result<Wanted> {
        let unknown = || {
            Error::new(Kind::BadInput, say!("there are no such heights"))
                .advise(say!("open the page of the pair"))
        };
        let second = match self.part("side") {
            "a" => false,
            "b" => true,
            _ => return Err(unknown()),
        };
        let raw = match self.part("how") {
            "filtered" => false,
            "raw" => true,
            _ => return Err(unknown()),
        };
        Ok(Wanted { kind: self.part("kind").parse().map_err(|_| unknown())?, second, raw })
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Kind::Internal`] where the gate let somebody through without an account.
    pub fn who(&self) -> Result<&Account> {
        self.account.as_ref().ok_or_else(|| Error::new(Kind::Internal, say!("nobody is logged in")))
    }
}

/// An answer.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Media type.
    pub kind: &'static str,
    /// What is sent.
    pub body: Vec<u8>,
    /// Where the browser is sent on to.
    pub to: Option<String>,
    /// `Set-Cookie` lines.
    pub cookies: Vec<String>,
    /// Whether it is the same for everybody.
    pub public: bool,
    /// The name of the file that it is kept as.
    pub name: Option<String>,
}

impl Reply {
    /// A page.
    pub fn page(status: u16, body: Markup) -> Self {
        let body = body.into_string().into_bytes();
        Self { status, kind: HTML, body, to: None, cookies: Vec::new(), public: false, name: None }
    }

    /// What is the same for everybody.
    pub fn same(kind: &'static str, body: &str) -> Self {
        let body = body.as_bytes().to_vec();
        Self { status: 200, kind, body, to: None, cookies: Vec::new(), public: true, name: None }
    }

    /// What a script of the page reads.
    pub fn data(kind: &'static str, body: Vec<u8>) -> Self {
        Self { status: 200, kind, body, to: None, cookies: Vec::new(), public: false, name: None }
    }

    /// A file that is kept rather than shown. The name holds letters, digits, points
    /// and hyphens.
    pub fn file(kind: &'static str, name: String, body: Vec<u8>) -> Self {
        Self { name: Some(name), ..Self::data(kind, body) }
    }

    /// Sends the browser on, with a GET.
    pub fn to(place: impl Into<String>) -> Self {
        let (to, body) = (Some(place.into()), Vec::new());
        Self { status: 303, kind: HTML, body, to, cookies: Vec::new(), public: false, name: None }
    }

    /// With a cookie.
    pub fn cookie(mut self, line: String) -> Self {
        self.cookies.push(line);
        self
    }
}

const HTML: &str = "text/html; charset=utf-8";

/// A text as a part of an address.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The address of a pair's page.
pub fn pair_address(a: &CasingId, b: &CasingId) -> String {
    let (a, b) = (a.min(b), a.max(b));
    format!("/pair/{}/{}", segment(a.as_str()), segment(b.as_str()))
}

/// An address within the station that a form or link names, else Today.
pub fn local(place: &str) -> String {
    let plain = place.starts_with('/')
        && !place.starts_with("//")
        && place.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if plain { place.to_owned() } else { "/today".to_owned() }
}

/// What went wrong and what to do about it, for a page.
pub fn told(error: &Error) -> Message {
    match &error.advice {
        Some(advice) => say!("{}; {advice}", error.what),
        None => error.what.clone(),
    }
}
