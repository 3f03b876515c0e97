//! From comparisons of marks to one log likelihood ratio for every pair of
//! casings, on the best scale there is for each kind of mark.

use super::absolute::{Absolute, LEAST_RATIO, MOST_RATIO};
use super::casework::Casework;
use super::fit::{log_odds, presence};
use super::linker::Linker;
use super::model::{Calibration, Prior};
use super::own::{OwnStrangers, Stranger, blended};
use super::reference::Reference;
use super::scale::{Basis, Scale};
use super::settings::Settings;
use super::table::ScoreTable;
use std::collections::{BTreeMap, BTreeSet};
use types::error::Result;
use types::evidence::{Digest, MarkKind, Modality};
use types::message::{Message, say};
use types::numeric::nearest_rank;

/// Log prior odds that two casings, or two groups, are of one firearm: one in
/// fifty. They do not depend on how many casings there are: a store of two is
/// judged like one of two thousand. What many comparisons bring by chance is
/// met by the bar ([`bar`]).
const PRIOR: f64 = -3.912;
/// Posterior probability that a proposed link needs, and from which a pair
/// that is not proposed is called open.
const PROPOSED: f64 = 0.99;
pub(super) const OPEN: f64 = 0.05;
/// Steps by which the bar is raised, in log likelihood ratios.
const BAR_STEP: f64 = 0.05;

/// A comparison of one mark of two casings.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared<'a> {
    /// One casing.
    pub a: &'a str,
    /// The other casing of the pair.
    pub b: &'a str,
    /// The kind of mark.
    pub mark: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// The score.
    pub score: f64,
    /// The natural-log likelihood ratio of a calibrated population, where one
    /// was given and covers the comparison.
    pub given: Option<f64>,
}

/// What scores are judged by.
#[derive(Clone, Debug)]
pub struct Yardsticks<'a> {
    /// The recipe of the comparisons.
    pub recipe: &'a Digest,
    /// The references that there are.
    pub references: &'a [Reference],
    /// The population that gave likelihood ratios.
    pub population: Option<Basis>,
}

/// The comparisons of one kind of mark: best score of each pair of casings.
struct Channel<'a> {
    mark: MarkKind,
    modality: Modality,
    rows: Vec<&'a Compared<'a>>,
    table: ScoreTable,
}

impl Linker {
    /// Links the casings of a store by the comparisons of their marks.
    ///
    /// # Errors
    /// Where a score is not finite, or a casing is paired with itself.
    pub fn of_marks(
        casings: &[&str],
        compared: &[Compared<'_>],
        yardsticks: &Yardsticks<'_>,
        casework: Casework,
        settings: Settings,
    ) -> Result<Self> {
        let mut ratios = Vec::<(&str, &str, f64)>::new();
        let mut scales = Vec::new();
        let mut bar = log_odds(PROPOSED);
        let given: Vec<&Compared<'_>> = compared.iter().filter(|c| c.given.is_some()).collect();
        for of_channel in by_channel(&given) {
            let basis = yardsticks.population.clone();
            scales.extend(basis.map(|basis| scale(of_channel[0], pairs_of(&of_channel), basis)));
        }
        ratios.extend(
            given.iter().filter_map(|c| Some((c.a, c.b, c.given?.clamp(LEAST_RATIO, MOST_RATIO)))),
        );
        let all: Vec<&Compared<'_>> = compared.iter().collect();
        let channels = by_channel(&all);
        let alone = channels.len() == 1 && ratios.is_empty();
        for rows in channels {
            let channel = Channel::of(casings, rows)?;
            let reference = yardsticks
                .references
                .iter()
                .find(|r| r.covers(channel.mark, channel.modality, yardsticks.recipe));
            let missing = match reference {
                Some(reference) => match channel.on(reference, &casework) {
                    Ok((absolute, own)) => {
                        let least = false_discovery_bar(&channel.table, &absolute, settings);
                        bar = bar.max(least);
                        let basis = Basis::Reference {
                            sets: reference.sets.clone(),
                            strangers: reference.strangers.pairs,
                            firearms: reference.firearms,
                            own,
                            proposed_from: absolute.score_of(least - PRIOR),
                            open_from: absolute.score_of(log_odds(OPEN) - PRIOR),
                        };
                        scales.push(scale(channel.rows[0], channel.table.pairs(), basis));
                        ratios.extend(
                            channel.rows.iter().map(|c| (c.a, c.b, absolute.log_ratio(c.score))),
                        );
                        continue;
                    }
                    Err(reason) => Some(reason),
                },
                None => None,
            };
            // No known scale: what the scores' own structure shows.
            let rest = channel.rows.iter().copied().filter(|c| c.given.is_none()).collect();
            let Some(channel) = Channel::of_any(casings, rest)? else { continue };
            let link = if alone { Self::of_scores } else { Self::new };
            let fitted = link(channel.table.clone(), casework.clone(), settings)?;
            let mut basis = fitted.scales[0].basis.clone();
            if let (Basis::Unknown { reason }, Some(missing)) = (&mut basis, missing) {
                *reason = missing;
            }
            let scale = scale(channel.rows[0], channel.table.pairs(), basis);
            if alone {
                return Ok(Self { scales: vec![scale], ..fitted });
            }
            if matches!(scale.basis, Basis::Structure { separation: Some(_), .. }) {
                for c in &channel.rows {
                    ratios.extend(fitted.ratio(c.a, c.b, c.score).map(|ratio| (c.a, c.b, ratio)));
                }
            }
            scales.push(scale);
        }
        let table = ScoreTable::new(casings.iter().copied(), averaged(ratios))?;
        let linker = Self::with_calibration(table.clone(), casework, given_ratios(&table, bar));
        Ok(Self { scales, scores: Some(best(casings, compared)?), ..linker })
    }

    /// The pair's log likelihood ratio by the model in use, had it this score.
    fn ratio(&self, a: &str, b: &str, score: f64) -> Option<f64> {
        let engine = &self.engine;
        let ratio = engine.log_ratio(engine.table.find(a)?, engine.table.find(b)?, score);
        Some(ratio.clamp(LEAST_RATIO, MOST_RATIO))
    }
}

impl<'a> Channel<'a> {
    fn of(casings: &[&str], rows: Vec<&'a Compared<'a>>) -> Result<Self> {
        let (mark, modality) = (rows[0].mark, rows[0].modality);
        let table = best(casings, rows.iter().copied())?;
        Ok(Self { mark, modality, rows, table })
    }

    /// None where there are no rows.
    fn of_any(casings: &[&str], rows: Vec<&'a Compared<'a>>) -> Result<Option<Self>> {
        if rows.is_empty() { Ok(None) } else { Self::of(casings, rows).map(Some) }
    }

    /// The scale of a reference with the store's own strangers blended in, or
    /// why it does not apply.
    fn on(
        &self,
        reference: &Reference,
        casework: &Casework,
    ) -> std::result::Result<(Absolute, OwnStrangers), Message> {
        let first = Absolute::of(reference);
        let table = self.table.map(|score| first.log_ratio(score));
        let calibration = given_ratios(&table, log_odds(PROPOSED));
        let linker = Linker::with_calibration(table, casework.clone(), calibration);
        let lead = &linker.lead;
        let mut open = BTreeMap::<(u32, u32), bool>::new();
        let strangers: Vec<Stranger> = self
            .table
            .each_pair()
            .filter_map(|(a, b, score)| {
                let groups = (lead[a as usize], lead[b as usize]);
                let groups = (groups.0.min(groups.1), groups.0.max(groups.1));
                if groups.0 == groups.1 {
                    return None;
                }
                let open = *open.entry(groups).or_insert_with(|| linker.open_between(groups));
                (!open).then_some(Stranger { groups, casings: (a, b), score })
            })
            .collect();
        let mut scores: Vec<f64> = self.table.each_pair().map(|(_, _, score)| score).collect();
        let low = reference.mates.low();
        if strangers.is_empty() && scores.len() >= 3 {
            let median = nearest_rank(&mut scores, 0.5);
            if median < low {
                return Err(say!(
                    "all scores lie between strangers and mates of the reference: median {median:.2}"
                ));
            }
        }
        blended(reference, &strangers)
    }
}

/// The best score of each pair of casings.
fn best<'a>(
    casings: &[&str],
    rows: impl IntoIterator<Item = &'a Compared<'a>>,
) -> Result<ScoreTable> {
    let mut best = BTreeMap::<(&str, &str), f64>::new();
    for c in rows {
        let at = best.entry((c.a.min(c.b), c.a.max(c.b))).or_insert(c.score);
        *at = at.max(c.score);
    }
    let rows = best.into_iter().map(|((a, b), score)| (a, b, score));
    ScoreTable::new(casings.iter().copied(), rows)
}

fn by_channel<'a>(rows: &[&'a Compared<'a>]) -> Vec<Vec<&'a Compared<'a>>> {
    let mut channels = BTreeMap::<(MarkKind, Modality), Vec<&Compared<'_>>>::new();
    for row in rows {
        channels.entry((row.mark, row.modality)).or_default().push(row);
    }
    channels.into_values().collect()
}

fn scale(row: &Compared<'_>, pairs: u64, basis: Basis) -> Scale {
    Scale { mark: Some(row.mark), modality: Some(row.modality), pairs, basis }
}

fn pairs_of(rows: &[&Compared<'_>]) -> u64 {
    rows.iter().map(|c| (c.a.min(c.b), c.a.max(c.b))).collect::<BTreeSet<_>>().len() as u64
}

/// One ratio for every pair of casings: the mean of the likelihood ratios of
/// its comparisons, by the population and by the reference where both cover
/// them. That is a valid ratio however they depend on each other; a second scan
/// that failed does not undo the first, nor a population of a few firearms,
/// whose ratios are held back, what the reference says.
fn averaged<'a>(
    ratios: Vec<(&'a str, &'a str, f64)>,
) -> impl Iterator<Item = (&'a str, &'a str, f64)> {
    let mut of_pair = BTreeMap::<(&str, &str), Vec<f64>>::new();
    for (a, b, ratio) in ratios {
        of_pair.entry((a.min(b), a.max(b))).or_default().push(ratio);
    }
    of_pair.into_iter().map(|((a, b), mut ratios)| {
        ratios.sort_unstable_by(f64::total_cmp);
        let most = ratios.last().copied().unwrap_or(0.0);
        let mean = ratios.iter().map(|r| (r - most).exp()).sum::<f64>() / ratios.len() as f64;
        (a, b, most + mean.ln())
    })
}

/// A calibration for a table of log likelihood ratios.
fn given_ratios(table: &ScoreTable, least: f64) -> Calibration {
    let (_, absent) = presence(table, 0.0, 0.0);
    Calibration { model: None, present: 0.0, absent, prior: Prior::Fixed(PRIOR), least }
}

/// The log posterior odds that a merge needs for strangers to make up no more
/// than the false discovery rate of the proposed pairs, all pairs of casings
/// counted, those never compared too; beyond what a single pair can reach,
/// that much. In small stores the least posterior decides.
fn false_discovery_bar(table: &ScoreTable, absolute: &Absolute, settings: Settings) -> f64 {
    let n = table.len() as f64;
    let all = 0.5 * n * (n - 1.0);
    let mut scores: Vec<f64> = table.each_pair().map(|(_, _, score)| score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let mut ratio = log_odds(PROPOSED) - PRIOR;
    while ratio < MOST_RATIO {
        let score = absolute.score_of(ratio);
        let proposed = scores.len() - scores.partition_point(|s| *s < score);
        let wrong = all * absolute.beyond(score);
        if wrong <= settings.false_discovery_rate * proposed.max(1) as f64 {
            break;
        }
        ratio += BAR_STEP;
    }
    ratio.min(MOST_RATIO) + PRIOR
}
