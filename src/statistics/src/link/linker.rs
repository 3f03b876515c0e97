//! The linker: keeps groups up to date with scores and decisions.

use super::casework::{Casework, Contradiction, Rules};
use super::cluster::Found;
use super::cohort::Cohorts;
use super::engine::Engine;
use super::fit::fit;
use super::model::Calibration;
use super::scale::{Basis, Scale};
use super::settings::Settings;
use super::table::ScoreTable;
use std::collections::BTreeSet;
use types::error::{Error, Kind, Result};
use types::message::say;

/// Groups of casings, kept consistent with scores and decisions.
///
/// The groups depend on the calibration, the scores and the casework only, not
/// on the order in which they came.
#[derive(Clone, Debug)]
pub struct Linker {
    pub(super) engine: Engine,
    pub(super) casework: Casework,
    /// The group whose lowest-numbered casing has this number.
    pub(super) groups: Vec<Option<Found>>,
    /// The lowest-numbered casing of a casing's group.
    pub(super) lead: Vec<u32>,
    /// On what scale pairs are judged.
    pub(super) scales: Vec<Scale>,
    /// The scores of pairs by the same numbers, where the engine's table holds
    /// likelihood ratios.
    pub(super) scores: Option<ScoreTable>,
}

impl Linker {
    /// Fits the model to the table and links it.
    pub fn new(table: ScoreTable, casework: Casework, settings: Settings) -> Result<Self> {
        let settings = settings.check()?;
        let rules = Rules::new(&casework, &table);
        let mut engine = fit(table, rules, settings);
        let scale = structure(&engine);
        if !scale.known() {
            engine.calibration.least = f64::INFINITY;
        }
        Ok(Self { scales: vec![scale], ..Self::link(engine, casework) })
    }

    /// Links a table of scores of unknown meaning as a whole: by what casings
    /// have in common with all others too, where it is complete and explains
    /// the scores better. No casing can be added to what comes out.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn of_scores(table: ScoreTable, casework: Casework, settings: Settings) -> Result<Self> {
        let base = Self::new(table.clone(), casework.clone(), settings)?;
        let Some(cohorts) = Cohorts::of(&table) else { return Ok(base) };
        let mut best: Option<(f64, Self)> = None;
        for normalised in &cohorts.tables {
            let other = Self::new(normalised.clone(), casework.clone(), settings)?;
            let gain = cohorts.gain(&base, &other);
            if let Some(gain) = gain.filter(|g| best.as_ref().is_none_or(|b| *g > b.0)) {
                best = Some((gain, other));
            }
        }
        Ok(match best {
            Some((_, other)) => Self { scores: Some(table), ..other },
            None => base,
        })
    }

    /// Links a table under a calibration fitted before.
    pub fn with_calibration(
        table: ScoreTable,
        casework: Casework,
        calibration: Calibration,
    ) -> Self {
        let rules = Rules::new(&casework, &table);
        Self::link(Engine::new(table, rules, calibration), casework)
    }

    fn link(engine: Engine, casework: Casework) -> Self {
        let (n, more) = (engine.table.len(), engine.table.headroom());
        let (mut kept, mut lead) = (Vec::with_capacity(n + more), Vec::with_capacity(n + more));
        kept.resize(n, None);
        lead.resize(n, 0);
        let groups = engine.groups(&engine.components(), |_| ());
        let mut new =
            Self { engine, casework, groups: kept, lead, scales: Vec::new(), scores: None };
        groups.into_iter().for_each(|group| new.keep(group));
        new
    }

    fn keep(&mut self, group: Found) {
        let Some(lead) = group.members().min() else { return };
        group.members().for_each(|c| self.lead[c as usize] = lead);
        self.groups[lead as usize] = Some(group);
    }

    /// On what scale pairs are judged, one for each kind of mark.
    pub fn scales(&self) -> &[Scale] {
        &self.scales
    }

    /// The score of two casings, if they were compared.
    pub(super) fn score(&self, a: u32, b: u32) -> Option<f64> {
        self.scores.as_ref().unwrap_or(&self.engine.table).score(a, b)
    }

    /// The model in use.
    pub fn calibration(&self) -> &Calibration {
        &self.engine.calibration
    }

    /// The decisions and facts in use.
    pub fn casework(&self) -> &Casework {
        &self.casework
    }

    /// Facts that cannot all be true.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.engine.rules.contradictions
    }

    /// Adds one casing and regroups what it touches, under the same calibration.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a casing that is linked already, a score that is
    /// not finite, and where the whole table gave the scores their meaning.
    pub fn add<S: AsRef<str>>(&mut self, id: &str, scores: &[(S, f64)]) -> Result<()> {
        if self.scores.is_some() {
            let what = say!("the groups rest on the whole table: a casing cannot be added to them");
            return Err(Error::new(Kind::BadInput, what).advise(say!("link the longer table anew")));
        }
        let touched: Vec<u32> =
            scores.iter().filter_map(|(c, _)| self.engine.table.find(c.as_ref())).collect();
        let before = self.engine.components_of(touched);
        let new = self.engine.add(id, scores)?;
        self.lead.push(new);
        self.groups.push(None);
        self.regroup(before.into_iter().flatten().chain([new]).collect());
        if self.casework.casings().contains(id) {
            self.resolve(&[new]);
        }
        Ok(())
    }

    /// Changes the casework and regroups what it touches.
    pub fn review(&mut self, change: impl FnOnce(&mut Casework)) {
        let before = self.casework.clone();
        change(&mut self.casework);
        let touched: Vec<u32> = before
            .differing(&self.casework)
            .iter()
            .filter_map(|id| self.engine.table.find(id))
            .collect();
        self.resolve(&touched);
    }

    /// Resolves the casework anew after a change at `touched`.
    fn resolve(&mut self, touched: &[u32]) {
        let rules = Rules::new(&self.casework, &self.engine.table);
        let old: BTreeSet<&Vec<u32>> = self.engine.rules.together.iter().collect();
        let new: BTreeSet<&Vec<u32>> = rules.together.iter().collect();
        let changed = old.symmetric_difference(&new).flat_map(|set| set.iter().copied());
        let seeds: Vec<u32> = changed.chain(touched.iter().copied()).collect();
        let before = self.engine.components_of(seeds);
        self.engine.rules = rules;
        self.regroup(before.into_iter().flatten().collect());
    }

    /// Links anew every component that holds one of `casings`.
    fn regroup(&mut self, casings: Vec<u32>) {
        for component in self.engine.components_of(casings) {
            for &c in &component {
                self.groups[c as usize] = None;
            }
            for group in self.engine.divide(&component, |_| ()) {
                self.keep(group);
            }
        }
    }
}

/// Below this many scores the highest of them is no rarer than one in a
/// hundred by chance, so what does not stand clear cannot be judged at all.
const FEWEST: u64 = 100;

/// The scale that the scores' own structure gives.
fn structure(engine: &Engine) -> Scale {
    let table = &engine.table;
    let scored = (0..table.len() as u32).filter(|&c| !table.candidates(c).is_empty());
    let casings = scored.count() as u64;
    let separation = engine.calibration.model.as_ref().filter(|m| m.visible).map(|m| m.same.mean);
    let basis = if separation.is_some() || table.pairs() >= FEWEST {
        Basis::Structure { casings, separation }
    } else {
        let reason = say!("{} scores of {casings} casings show no groups", table.pairs());
        Basis::Unknown { reason }
    };
    Scale { mark: None, modality: None, pairs: table.pairs(), basis }
}
