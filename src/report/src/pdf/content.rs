//! What stands on the pages of each kind of report.

use super::case::case;
use super::casing::{findings, pair};
use super::decisions::decisions;
use super::items::interval;
use super::sheet::{Block, Cell, Picture, Sheet, Style};
use crate::Paper;
use crate::model::{BatchSummary, Failure, Header, LinkEntry, NewCandidate, NewCasing, Report};
use crate::seal;
use crate::text::{Strings, probability, rounded};
use crate::write::Look;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::Markup;
use statistics::link::Judged;
use types::error::Result;
use types::evidence::Digest;

/// The pages of one report and the files they show.
pub struct Content {
    pub sheet: Sheet,
    pub files: Vec<(String, Vec<u8>)>,
    pub t: &'static Strings,
}

impl Content {
    /// Gathers the pages of `report`.
    pub fn of(report: &Report, look: &Look) -> Result<Self> {
        let t = look.language.strings();
        let header = report.header();
        let subject = match report {
            Report::Casing(r) => {
                let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
                format!("{}: {id}", t.casing_title)
            }
            Report::Pair(r) => format!("{}: {} – {}", t.pair_title, r.a.casing.id, r.b.casing.id),
            Report::Case(r) => (t.subject_title)(&r.subject),
            Report::Batch(_) => t.batch_title.to_owned(),
        };
        let mut content = Self::begin(header, subject, look, t);
        let aid = format!("{} {}", t.lead_is_aid, t.lead_is_aid_more);
        content.sheet.text(Style::Aid, aid);
        if !header.same_acquisition.is_empty() {
            let each = header.same_acquisition.iter().map(t.same_acquisition_of);
            let pairs = each.collect::<Vec<_>>().join(" ");
            let text = format!("{} {} {pairs}", t.same_acquisition, t.same_acquisition_intro);
            content.sheet.text(Style::Warning, text);
        }
        match report {
            Report::Casing(r) => findings(&mut content, r)?,
            Report::Pair(r) => pair(&mut content, r)?,
            Report::Case(r) => case(&mut content, r),
            Report::Batch(r) => content.batch(r),
        }
        content.closing(header);
        Ok(content)
    }

    /// Letterhead, title and foot.
    pub fn begin(header: &Header, subject: String, look: &Look, t: &'static Strings) -> Self {
        let lab = &header.laboratory;
        let mut files = Vec::new();
        let logo = lab.logo.as_ref().and_then(|logo| {
            let name = format!("logo.{}", logo.subtype.split('+').next().unwrap_or_default());
            files.push((name.clone(), STANDARD.decode(&logo.base64).ok()?));
            Some(name)
        });
        let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.into());
        let sheet = Sheet {
            language: t.code,
            paper: match look.paper {
                Paper::A4 => "a4",
                Paper::Letter => "us-letter",
            },
            title: header.title.clone().unwrap_or(subject),
            report_id: header.report_id.clone(),
            laboratory: or(&lab.name, t.laboratory_not_configured),
            letterhead: vec![
                or(&lab.address, t.address_not_configured),
                or(&lab.accreditation, t.accreditation_not_configured),
            ],
            logo,
            logo_alt: t.logo,
            issued: (t.issued, day(header.issued.as_deref(), t)),
            date: header.issued.as_deref().and_then(|d| {
                let d: jiff::civil::Date = d.parse().ok()?;
                Some((d.year(), d.month(), d.day()))
            }),
            report_label: t.report_id,
            page: (t.page_of, t.of),
            end: format!("{} {}", t.end_of_report, header.report_id),
            seal: seal::blank(&header.report_id),
            blocks: Vec::new(),
        };
        Self { sheet, files, t }
    }

    /// Puts a drawing over the width of the page.
    pub fn drawing(&mut self, svg: &Markup, alt: &str, caption: String) {
        let picture = Picture { file: self.svg(svg), alt: alt.to_owned(), ..Picture::default() };
        self.figure(vec![picture], caption, 88);
    }

    /// Keeps a drawing as a file; its name.
    pub fn svg(&mut self, svg: &Markup) -> String {
        // Within a page an SVG needs no namespace; a file of its own does.
        let namespace = "<svg xmlns=\"http://www.w3.org/2000/svg\" ";
        self.file("svg", svg.clone().into_string().replacen("<svg ", namespace, 1).into_bytes())
    }

    /// Puts pictures side by side.
    pub fn figure(&mut self, pictures: Vec<Picture>, caption: String, width: u8) {
        self.sheet.blocks.push(Block::Figure { pictures, caption, width });
    }

    /// Keeps a file; its name. The same bytes are kept once.
    pub fn file(&mut self, extension: &str, bytes: Vec<u8>) -> String {
        let name = format!("{}.{extension}", Digest::of(&bytes).short());
        if !self.files.iter().any(|(known, _)| *known == name) {
            self.files.push((name.clone(), bytes));
        }
        name
    }

    fn news(&mut self, news: &[NewCasing]) {
        let t = self.t;
        self.sheet.heading(1, t.news);
        let row = |new: &NewCasing, c: Option<&NewCandidate>| {
            let weight = c.and_then(|c| c.weight.as_ref());
            let calibrated = weight.map_or(t.not_calibrated.into(), |w| rounded(w.log10_lr, 1));
            vec![
                new.casing.as_str().into(),
                c.map_or("–".into(), |c| c.rank.to_string().into()),
                c.map_or(t.no_candidates.into(), |c| c.casing.as_str().into()),
                c.map_or("–".into(), |c| rounded(c.score, 2).into()),
                c.map_or("–".into(), |_| calibrated.into()),
                new.group.as_deref().unwrap_or("–").into(),
            ]
        };
        let rows = news.iter().flat_map(|new| {
            let none = new.candidates.is_empty().then(|| row(new, None));
            new.candidates.iter().map(move |c| row(new, Some(c))).chain(none).collect::<Vec<_>>()
        });
        let [rank, score, lr] = [t.rank, t.score, t.log10_lr].map(right);
        self.sheet.table(
            format!("{}: {}", t.news, news.len()),
            &[
                (t.casing, 2.0),
                (&*rank, 0.0),
                (t.candidate, 2.0),
                (&*score, 1.0),
                (&*lr, 1.2),
                (t.group, 0.0),
            ],
            rows.collect(),
        );
    }

    fn batch(&mut self, r: &BatchSummary) {
        let t = self.t;
        if !r.news.is_empty() {
            self.news(&r.news);
        }
        if !r.watched.is_empty() {
            self.sheet.heading(1, t.watched);
            let rows = r.watched.iter().map(|l| {
                let said = |text: &str| t.said(text).text.into_owned().into();
                vec![format!("{} – {}", l.a, l.b).into(), said(&l.what), said(&l.why)]
            });
            self.sheet.table(
                format!("{}: {}", t.watched, r.watched.len()),
                &[(t.casings, 2.0), (t.watched_what, 2.0), (t.watched_why, 3.0)],
                rows.collect(),
            );
        }
        decisions(self, &r.objections);
        self.sheet.heading(1, t.totals);
        let n = &r.counts;
        if n.of_a_run() {
            self.sheet.facts(vec![
                (t.manifest_rows, count(n.rows)),
                (t.imported, count(n.imported)),
                (t.already_known, count(n.known)),
                (t.failed, count(n.failed)),
                (t.pairs_compared, count(n.pairs_compared)),
                (t.pairs_known, count(n.pairs_known)),
            ]);
        } else {
            self.sheet.text(Style::Plain, t.no_run);
        }
        if !r.overdue.is_empty() {
            self.sheet.heading(1, t.overdue);
            let rows = r.overdue.iter().map(|o| {
                vec![
                    o.item.as_str().into(),
                    t.said(&o.step).text.into_owned().into(),
                    day(Some(&o.due), t).into(),
                ]
            });
            self.sheet.table(
                format!("{}: {}", t.overdue, r.overdue.len()),
                &[(t.casing, 2.0), (t.overdue_step, 2.0), (t.overdue_due, 1.0)],
                rows.collect(),
            );
        }
        if n.of_a_run() {
            self.failures(&r.failures);
        }
        self.groups(&r.groups);
        self.sheet.heading(1, t.links);
        self.sheet.text(Style::Plain, if r.links.is_empty() { t.no_links } else { t.links_note });
        self.links(&r.links);
        self.judged(&r.judged);
        self.casings(&r.casings);
    }

    /// On what scale linking judged, and which pairs are open.
    fn judged(&mut self, judged: &Judged) {
        let t = self.t;
        self.sheet.text(Style::Plain, format!("{}:", t.judged_on));
        if judged.scales.is_empty() {
            self.sheet.text(Style::Plain, t.nothing_judged);
        }
        for scale in &judged.scales {
            let said: Vec<String> =
                scale.phrases().iter().map(|p| t.said(p).text.into_owned()).collect();
            let what = match (scale.mark, scale.modality) {
                (Some(mark), Some(modality)) => {
                    format!("{}, {}: ", (t.mark_kind)(mark), (t.modality)(modality))
                }
                _ => String::new(),
            };
            self.sheet.text(Style::Plain, format!("{what}{}", said.join("; ")));
        }
        if !judged.open.is_empty() {
            self.sheet.heading(2, t.open_pairs);
            self.sheet.text(Style::Plain, t.open_note);
            let pairs: Vec<String> = judged
                .open
                .iter()
                .map(|o| format!("{} – {} ({})", o.a, o.b, probability(o.posterior)))
                .collect();
            self.sheet.text(Style::Plain, pairs.join("; "));
        }
    }

    /// What could not be used.
    pub fn failures(&mut self, failures: &[Failure]) {
        let t = self.t;
        self.sheet.heading(1, t.failures);
        if failures.is_empty() {
            self.sheet.text(Style::Plain, t.no_failures);
            return;
        }
        self.sheet.text(Style::Plain, t.failures_intro);
        let said = |words: &str| t.said(words).text.into_owned();
        let rows = failures.iter().map(|f| {
            let line = f.line.map_or("–".into(), |l| l.to_string());
            let reason = format!("{}: {}", (t.failure)(f.kind), said(&f.what));
            let advice = f.advice.as_deref().map_or("–".into(), said);
            vec![Cell::Text(said(&f.item)), line.into(), reason.into(), advice.into()]
        });
        self.sheet.table(
            format!("{}: {}", t.failures, failures.len()),
            &[(t.file, 2.0), (&right(t.line), 0.0), (t.reason, 3.0), (t.advice, 3.0)],
            rows.collect(),
        );
    }

    /// Compared pairs.
    pub fn links(&mut self, links: &[LinkEntry]) {
        let t = self.t;
        if links.is_empty() {
            return;
        }
        let weighed = links.iter().any(|l| l.weight.is_some());
        let rows = links.iter().map(|l| {
            let mut row: Vec<Cell> = vec![
                l.a.as_str().into(),
                l.b.as_str().into(),
                (t.mark_kind)(l.kind).into(),
                rounded(l.score, 2).into(),
                format!("{} {} {}", l.congruent_cells, t.of, l.cells).into(),
                l.group.as_deref().unwrap_or("–").into(),
            ];
            row.extend(weighed.then(|| {
                let w = l.weight.as_ref();
                w.map_or("–".into(), |w| {
                    interval(w.log10_lr, w.log10_lower, w.log10_upper).into()
                })
            }));
            row
        });
        let (a, b) = (format!("{} A", t.casing), format!("{} B", t.casing));
        let [score, cells, weight] = [t.score, t.congruent_cells, t.log10_lr].map(right);
        let mut columns: Vec<(&str, f64)> =
            vec![(&a, 2.0), (&b, 2.0), (t.mark, 2.0), (&score, 1.0), (&cells, 1.2), (t.group, 0.0)];
        columns.extend(weighed.then_some((&*weight, 1.6)));
        self.sheet.table(format!("{}: {}", t.links, links.len()), &columns, rows.collect());
    }

    /// Limitations and traceability, which end every report.
    fn closing(&mut self, header: &Header) {
        let t = self.t;
        self.sheet.heading(1, t.limitations);
        let standing = t.standing_limitations.iter().map(|s| (*s).to_owned());
        let items = standing.chain(header.limitations.iter().cloned()).collect();
        self.sheet.blocks.push(Block::List { items });
        self.sheet.heading(1, t.traceability);
        let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.into());
        let list = |items: &[String]| {
            if items.is_empty() { t.none.to_owned() } else { items.join("; ") }
        };
        self.sheet.facts(vec![
            (t.customer, or(&header.customer, t.not_stated)),
            (t.received, day(header.received.as_deref(), t)),
            (t.performed, day(header.performed.as_deref(), t)),
            (t.issued, day(header.issued.as_deref(), t)),
            (t.deviations, list(&header.deviations)),
            (t.amendments, list(&header.amendments)),
            (t.authorised_by, or(&header.authorised_by, t.not_authorised)),
            (t.software, header.software.clone()),
            (t.schema_version, header.schema_version.to_string()),
        ]);
        let head = header.ledger_head.map_or(t.not_stated.to_owned(), |d| d.to_string());
        self.sheet.text(Style::Note, format!("{}: {}", t.recipe, header.recipe));
        self.sheet.text(Style::Note, format!("{}: {head}", t.ledger_head));
        self.sheet.text(Style::Plain, t.relates_only);
        self.sheet.text(Style::Note, t.verify_note);
    }
}

/// A heading that stands over numbers.
pub fn right(title: &str) -> String {
    format!(">{title}")
}

/// A count, thousands set apart.
pub fn count(n: u64) -> String {
    rounded(n as f64, 0)
}

/// A day in the language's own form, or the words for its absence.
pub fn day(raw: Option<&str>, t: &Strings) -> String {
    raw.map_or_else(|| t.not_stated.into(), |iso| t.day(iso).unwrap_or_else(|| iso.into()))
}
