//! What a validation says, before it is set as HTML or PDF.

use super::curves::{Drawn, drawn};
use super::words::{Words, words};
use crate::text::Language;
use crate::text::{grouped, rounded};
use statistics::weigh::{How, RANKS, RankCurve, Validation};
use types::message::Message;

/// A table; the first column names its rows.
pub struct Grid {
    pub headings: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Everything a validation says, in one language.
pub struct Page {
    pub title: String,
    pub tested: String,
    /// What limits the figures, each with its label.
    pub notes: Vec<String>,
    pub propositions: (&'static str, &'static str),
    pub figures_title: &'static str,
    pub figures: Vec<(&'static str, String)>,
    pub intervals_note: &'static str,
    pub curves_title: &'static str,
    pub curves: Vec<Drawn>,
    pub ranks_title: &'static str,
    pub ranks: Grid,
    pub firearms_title: &'static str,
    /// Firearms with misleading pairs, or the words for none.
    pub firearms: Result<Grid, &'static str>,
    pub scope: &'static str,
}

impl Page {
    /// The words for `v`.
    pub fn of(v: &Validation, title: Option<&str>, language: Language) -> Self {
        let w = words(language);
        let said = |words: &Message| language.tell(words);
        Self {
            title: title.unwrap_or(w.title).to_owned(),
            tested: tested(v, w),
            notes: v.notes.iter().map(|n| format!("{}: {}.", w.note, said(n))).collect(),
            propositions: (w.propositions_title, w.propositions),
            figures_title: w.figures,
            figures: figures(v, w, &said),
            intervals_note: w.intervals_note,
            curves_title: w.curves,
            curves: drawn(v, w),
            ranks_title: w.ranks,
            ranks: ranks(v, w),
            firearms_title: w.firearms_title,
            firearms: firearms(v, w),
            scope: w.scope,
        }
    }
}

fn count(n: u64) -> String {
    grouped(&n.to_string())
}

fn tested(v: &Validation, w: &Words) -> String {
    let how = match &v.how {
        How::Population { name, firearms, same_source_pairs, different_source_pairs, .. } => (w
            .by_population)(
            name,
            &count(*firearms),
            &count(*same_source_pairs),
            &count(*different_source_pairs),
        ),
        How::LeaveFirearmsOut { folds } => (w.left_out)(&count(*folds)),
    };
    let these = (w.tested)(
        &count(v.firearms),
        &count(v.same_source_pairs),
        &count(v.different_source_pairs),
    );
    format!("{these}, {how}.")
}

fn figures(
    v: &Validation,
    w: &Words,
    said: &dyn Fn(&Message) -> String,
) -> Vec<(&'static str, String)> {
    let to = |v: f64, places| rounded(v, places);
    let misleading = |share: f64, worst: Option<f64>| {
        let worst =
            worst.map_or(String::new(), |l| format!("; {} {}", w.most_misleading, to(l, 2)));
        format!("{} %{worst}", to(100.0 * share, 2))
    };
    let (cost, auc) = (&v.cllr_interval, &v.auc_interval);
    let mut all = vec![
        (
            w.cllr,
            format!(
                "{} ({}) {}",
                to(v.cllr, 4),
                (w.interval)(&to(cost.lower, 4), &to(cost.upper, 4)),
                w.bits
            ),
        ),
        (w.cllr_min, to(v.cllr_min, 4)),
        (w.cllr_cal, to(v.cllr_cal, 4)),
        (w.misleading_same, misleading(v.misleading_same_source, v.most_misleading_same_source)),
        (
            w.misleading_different,
            misleading(v.misleading_different_source, v.most_misleading_different_source),
        ),
        (
            "AUC",
            format!("{} ({})", to(v.auc, 5), (w.interval)(&to(auc.lower, 5), &to(auc.upper, 5))),
        ),
        (w.bounds, format!("{} … {}", to(v.bounds.log10_lower, 2), to(v.bounds.log10_upper, 2))),
    ];
    let refused = v.refused.iter();
    all.extend(
        refused.map(|(why, n)| (w.refused, format!("{} {}: {}", count(*n), w.pairs, said(why)))),
    );
    if let How::Population { sha256, .. } = &v.how {
        all.push(("SHA-256", sha256.clone()));
    }
    all
}

fn ranks(v: &Validation, w: &Words) -> Grid {
    let first = RANKS.iter().map(|k| format!("{} {k}", w.first));
    let headings = [w.gallery, w.probes, w.strangers].map(str::to_owned).into_iter().chain(first);
    let row = |name: String, c: &RankCurve| {
        let share = c.share.iter().map(|s| format!("{} %", rounded(100.0 * s, 1)));
        [name, count(c.probes), rounded(c.strangers, 0)].into_iter().chain(share).collect()
    };
    let sizes = v.ranks.by_gallery_size.iter();
    let whole = v.ranks.whole.iter().map(|c| row(w.whole_gallery.into(), c));
    let rows = whole
        .chain(sizes.map(|c| row(format!("{} {}", rounded(c.strangers, 0), w.strangers), c)))
        .chain(v.ranks.by_class.iter().map(|(class, c)| row(class.clone(), c)));
    Grid { headings: headings.collect(), rows: rows.collect() }
}

fn firearms(v: &Validation, w: &Words) -> Result<Grid, &'static str> {
    if v.failures_by_firearm.is_empty() {
        return Err(w.none);
    }
    let headings = [w.firearm, w.misleading_same, w.misleading_different].map(str::to_owned);
    let share = |n: u64, all: u64| format!("{} {} {}", count(n), w.of, count(all));
    let rows = v.failures_by_firearm.iter().map(|f| {
        vec![
            f.firearm.clone(),
            share(f.misleading_same_source, f.same_source),
            share(f.misleading_different_source, f.different_source),
        ]
    });
    Ok(Grid { headings: headings.to_vec(), rows: rows.collect() })
}
