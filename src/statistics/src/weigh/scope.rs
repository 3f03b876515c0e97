//! What comparisons a population covers.

use super::pairs::{Measured, PairSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::{Message, say};

/// How a comparison was made, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// Hash of the recipe.
    pub recipe: Option<Digest>,
    /// Heights or brightness.
    pub modality: Option<Modality>,
    /// Instruments of the two scans.
    pub instruments: Vec<String>,
    /// Calibres of the two casings.
    pub calibres: Vec<String>,
    /// The casings' identifiers.
    pub casings: Vec<String>,
    /// Whether the quality gate found either mark doubtful.
    pub doubtful_mark: bool,
}

/// Something to be careful about in a likelihood ratio.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// An instrument that the population does not name, or none is known.
    InstrumentOutside,
    /// A calibre that the population does not name, or none is known.
    ClassOutside,
    /// Fewer cells were tried than in any pair of the population.
    FewCells,
    /// The marks overlap less than in any pair of the population.
    SmallOverlap,
    /// The quality gate found a mark doubtful.
    DoubtfulMark,
    /// A casing is itself part of the population.
    InPopulation,
    /// The model's value was cut to the bound.
    AtBound,
}

impl Flag {
    /// What it says.
    pub fn words(self) -> Message {
        match self {
            Self::InstrumentOutside => say!("measured by an instrument outside the population"),
            Self::ClassOutside => say!("of a calibre outside the population"),
            Self::FewCells => say!("fewer cells than in any pair of the population"),
            Self::SmallOverlap => say!("less overlap than in any pair of the population"),
            Self::DoubtfulMark => say!("a mark of doubtful quality"),
            Self::InPopulation => say!("a casing is itself part of the population"),
            Self::AtBound => say!("cut to the bound the population supports"),
        }
    }
}

/// Least extents in the pairs of a population.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Extent {
    cells: Option<u32>,
    overlap_mm2: Option<f64>,
    area_mm2: Option<f64>,
}

/// The lesser of what is known.
fn lesser<T: PartialOrd>(known: Option<T>, value: Option<T>) -> Option<T> {
    match (known, value) {
        (Some(x), Some(y)) => Some(if y < x { y } else { x }),
        (x, y) => x.or(y),
    }
}

/// Below this share of the population's least extent nothing is weighed: the few
/// cells of a fragment agree by chance in ways the population cannot show. The
/// extent is the marks' own area. How far two whole marks overlap is an outcome
/// of the comparison, and little is usual where nothing fits; only where no area
/// is known are overlap and cells taken for it.
const LEAST_SHARE: f64 = 0.5;

/// What a population was made of, as far as it decides where it applies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Hash of the recipe; unknown for scores of another program.
    pub recipe: Option<Digest>,
    /// Heights or brightness, where stated.
    pub modality: Option<Modality>,
    /// Marks that were compared.
    pub marks: BTreeSet<MarkKind>,
    /// Instruments, where stated.
    pub instruments: BTreeSet<String>,
    /// Calibres, where stated.
    pub calibres: BTreeSet<String>,
    least: BTreeMap<MarkKind, Extent>,
    /// The casings' names, digested: to tell whether one is compared with itself.
    members: BTreeSet<String>,
}

fn member(casing: &str) -> String {
    Digest::of(casing.as_bytes()).short()
}

impl Scope {
    /// The scope of the pairs of a set.
    pub fn of(set: &PairSet) -> Self {
        let mut least: BTreeMap<MarkKind, Extent> = BTreeMap::new();
        for m in set.pairs.iter().flat_map(|p| &p.marks) {
            let extent = least.entry(m.mark).or_default();
            extent.cells = lesser(extent.cells, m.cells.map(|c| c.tried));
            extent.overlap_mm2 = lesser(extent.overlap_mm2, m.overlap_mm2);
            extent.area_mm2 = lesser(extent.area_mm2, m.area_mm2);
        }
        Self {
            recipe: set.origin.recipe,
            modality: set.origin.modality,
            marks: set.marks(),
            instruments: set.origin.instruments.clone(),
            calibres: set.origin.calibres.clone(),
            least,
            members: set.casings().into_iter().map(member).collect(),
        }
    }

    /// Whether a casing is part of the population.
    pub fn has(&self, casing: &str) -> bool {
        self.members.contains(&member(casing))
    }

    /// Refuses a comparison outside the scope; flags a doubtful one.
    ///
    /// # Errors
    /// [`Kind::Incomparable`].
    pub fn check(&self, marks: &[Measured], how: &Circumstances) -> Result<Vec<Flag>> {
        let refuse = |what: Message| Err(Error::new(Kind::Incomparable, what));
        if how.recipe.is_some() && self.recipe != how.recipe {
            let ours =
                self.recipe.map_or_else(|| say!("an unknown one"), |r| Message::foreign(r.short()));
            let theirs = how.recipe.map(|r| r.short()).unwrap_or_default();
            return refuse(say!("compared under recipe {theirs}, and the population under {ours}"));
        }
        if let (Some(ours), Some(theirs)) = (self.modality, how.modality)
            && ours != theirs
        {
            return refuse(say!("a comparison by {theirs}, and a population of {ours}"));
        }
        let mut flags = BTreeSet::new();
        for m in marks {
            if !self.marks.contains(&m.mark) {
                return refuse(say!("the population has no {} marks", m.mark));
            }
            let least = self.least.get(&m.mark).copied().unwrap_or_default();
            let whole = match (m.area_mm2, least.area_mm2) {
                (Some(area), Some(least)) if area < LEAST_SHARE * least => {
                    return refuse(say!(
                        "a mark of {area:.2} mm², in the population at least {least:.2}"
                    ));
                }
                (area, least) => area.is_some() && least.is_some(),
            };
            if let (Some(cells), Some(least)) = (m.cells, least.cells) {
                if !whole && f64::from(cells.tried) < LEAST_SHARE * f64::from(least) {
                    return refuse(say!(
                        "{} cells were tried, in the population at least {least}",
                        cells.tried
                    ));
                }
                flags.extend((cells.tried < least).then_some(Flag::FewCells));
            }
            if let (Some(area), Some(least)) = (m.overlap_mm2, least.overlap_mm2) {
                if !whole && area < LEAST_SHARE * least {
                    return refuse(say!(
                        "the marks overlap by {area:.2} mm², in the population by at least {least:.2}"
                    ));
                }
                flags.extend((area < least).then_some(Flag::SmallOverlap));
            }
        }
        let outside = |known: &BTreeSet<String>, these: &[String]| {
            these.is_empty() || these.iter().any(|t| !known.contains(t))
        };
        flags.extend(
            outside(&self.instruments, &how.instruments).then_some(Flag::InstrumentOutside),
        );
        flags.extend(outside(&self.calibres, &how.calibres).then_some(Flag::ClassOutside));
        flags.extend(how.doubtful_mark.then_some(Flag::DoubtfulMark));
        let known = how.casings.iter().any(|c| self.has(c));
        flags.extend(known.then_some(Flag::InPopulation));
        Ok(flags.into_iter().collect())
    }
}
