//! Every text that a language must have.

use super::decisions::Decisions;
use super::firearms::FirearmTexts;
use super::language::Language;
use super::letter::Letter;
use super::microscope::Hands;
use super::older;
use super::theirs::Theirs;
use crate::model::{MarkFacts, PopulationSource, Rule, Subject, Weight};
use types::error::Kind;
use types::evidence::{
    FiringPinShape, MarkKind, Modality, Origin, PartialDate, SameAcquisition, State,
};
use types::mark::Verdict;
use types::message::Message;

/// The program's own words, in the report's language or, where the catalogue
/// lacks them, as they were said.
pub struct Translated {
    pub text: String,
    /// The language of the text where it is not the report's.
    pub lang: Option<&'static str>,
}

impl Strings {
    /// An ISO 8601 day, month, year or range in the language's own form; none
    /// for anything else.
    pub fn day(&self, iso: &str) -> Option<String> {
        let when: PartialDate = iso.parse().ok()?;
        let day = |d: jiff::civil::Date| (self.date)(d.day(), d.month(), d.year());
        let (first, last) = (when.first(), when.last());
        let iso = when.to_string();
        Some(match iso.len() {
            4 => iso,
            7 => (self.month)(first.month(), first.year()),
            10 => day(first),
            _ => format!("{} – {}", day(first), day(last)),
        })
    }

    /// A state by its ISO 3166-2 code, with its country; a code that is none as
    /// it is.
    pub fn state(&self, code: &str) -> String {
        let Some(state) = State::of_code(code) else { return code.into() };
        let name = match self.language {
            Language::English => state.english,
            Language::Spanish => state.spanish,
        };
        format!("{name} ({})", state.country())
    }

    /// A place in words; none where nothing is known of it.
    pub fn place(&self, municipality: Option<&str>, state: Option<&str>) -> Option<String> {
        let parts: Vec<String> = municipality
            .map(str::to_owned)
            .into_iter()
            .chain(state.map(|s| self.state(s)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What the two classes of a distribution are: sources only where they are
    /// known; first the pairs that belong together.
    pub const fn classes(&self, population: &PopulationSource) -> [&'static str; 2] {
        match population {
            PopulationSource::KnownFirearms | PopulationSource::Named(_) => {
                [self.same_source, self.different_source]
            }
            PopulationSource::ProposedGroups => [self.in_one_group, self.not_in_one_group],
        }
    }

    /// A mark's kind and how it was measured: a casing may bear one of each.
    pub fn named(&self, mark: &MarkFacts) -> String {
        format!("{}, {}", (self.mark_kind)(mark.kind), (self.modality)(mark.modality))
    }

    /// What the program remarked, warned of or failed for.
    pub fn said(&self, words: &Message) -> Translated {
        let Some(catalogue) = self.language.catalogue() else {
            return Translated { text: words.to_string(), lang: None };
        };
        let old = || older::translated(words.as_foreign()?, catalogue);
        let lang = (words.as_foreign().is_some() && old().is_none()).then_some("en");
        Translated { text: old().unwrap_or_else(|| catalogue.tell(words)), lang }
    }
}

/// Every text of every report. Functions take numbers already set in type.
pub struct Strings {
    pub language: Language,
    pub code: &'static str,
    pub skip_to_content: &'static str,
    pub casing_title: &'static str,
    pub pair_title: &'static str,
    pub batch_title: &'static str,
    pub lead_is_aid: &'static str,
    pub lead_is_aid_more: &'static str,
    pub laboratory_not_configured: &'static str,
    pub address_not_configured: &'static str,
    pub accreditation_not_configured: &'static str,
    pub report_id: &'static str,
    pub issued: &'static str,
    pub received: &'static str,
    pub performed: &'static str,
    pub customer: &'static str,
    pub deviations: &'static str,
    pub amendments: &'static str,
    pub authorised_by: &'static str,
    pub not_authorised: &'static str,
    pub software: &'static str,
    pub recipe: &'static str,
    pub ledger_head: &'static str,
    pub schema_version: &'static str,
    pub not_stated: &'static str,
    pub none: &'static str,
    pub limitations: &'static str,
    pub traceability: &'static str,
    pub relates_only: &'static str,
    pub end_of_report: &'static str,
    pub not_calibrated: &'static str,
    pub firearms: &'static str,
    pub pairs: &'static str,
    pub scene: &'static str,
    pub case: &'static str,
    pub firearm: &'static str,
    pub calibre: &'static str,
    pub firing_pin: &'static str,
    pub acquired: &'static str,
    pub area: &'static str,
    pub coverage: &'static str,
    pub rms: &'static str,
    pub prepared_pitch: &'static str,
    pub failures: &'static str,
    pub no_failures: &'static str,
    pub failures_intro: &'static str,
    pub file: &'static str,
    pub line: &'static str,
    pub reason: &'static str,
    pub advice: &'static str,
    pub questioned_casing: &'static str,
    pub questioned: &'static str,
    pub compared_with: &'static str,
    pub first_candidate: &'static str,
    pub of: &'static str,
    pub weight: &'static str,
    pub log10_lr: &'static str,
    pub validation: &'static str,
    pub weighed: fn(&Weight) -> Vec<String>,
    pub score: &'static str,
    pub congruent_cells: &'static str,
    pub other_cells: &'static str,
    pub ccf: &'static str,
    pub overlap: &'static str,
    pub pose: &'static str,
    pub runner_up: &'static str,
    pub group: &'static str,
    pub rank: &'static str,
    pub picture: &'static str,
    pub picture_of: &'static str,
    pub candidate: &'static str,
    pub ranked_candidates: &'static str,
    pub no_candidates: &'static str,
    pub score_note: &'static str,
    pub comparisons: &'static str,
    pub comparison: &'static str,
    pub how_to_read_cells: &'static str,
    pub image_caption: &'static str,
    pub depth_caption: &'static str,
    pub profiles_alt: &'static str,
    pub profiles_caption: &'static str,
    pub overlay_caption: &'static str,
    pub no_picture: &'static str,
    pub colour_scale: &'static str,
    pub cell_table: &'static str,
    pub cell_side: &'static str,
    pub cell_table_caption: &'static str,
    pub number: &'static str,
    pub turn: &'static str,
    pub congruent: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub microscope: &'static str,
    pub pair_shown: &'static str,
    pub layout: &'static str,
    pub split_line: &'static str,
    pub side_by_side: &'static str,
    pub overlay: &'static str,
    pub difference: &'static str,
    pub surface: &'static str,
    pub relief: &'static str,
    pub height_colours: &'static str,
    pub light: &'static str,
    pub zoom_in: &'static str,
    pub zoom_out: &'static str,
    pub reset: &'static str,
    pub items: &'static str,
    pub items_caption: &'static str,
    pub casing: &'static str,
    pub scan: &'static str,
    pub condition: &'static str,
    pub method: &'static str,
    pub filters: &'static str,
    pub no_filters: &'static str,
    pub filter_rule: &'static str,
    pub excluded: &'static str,
    pub totals: &'static str,
    pub no_run: &'static str,
    pub manifest_rows: &'static str,
    pub imported: &'static str,
    pub already_known: &'static str,
    pub failed: &'static str,
    pub pairs_compared: &'static str,
    pub pairs_known: &'static str,
    pub casings: &'static str,
    pub origin_title: &'static str,
    pub groups: &'static str,
    pub no_groups: &'static str,
    pub groups_note: &'static str,
    pub prototype: &'static str,
    pub firearms_title: &'static str,
    pub scenes: &'static str,
    pub links: &'static str,
    pub no_links: &'static str,
    pub links_note: &'static str,
    pub judged_on: &'static str,
    pub open_pairs: &'static str,
    pub open_note: &'static str,
    pub nothing_judged: &'static str,
    pub judged_in_summary: &'static str,
    pub mark: &'static str,
    pub same_source: &'static str,
    pub different_source: &'static str,
    pub in_one_group: &'static str,
    pub not_in_one_group: &'static str,
    pub distribution_title: &'static str,
    pub distribution_intro: &'static str,
    pub score_of_pair: &'static str,
    pub group_section: &'static str,
    pub group_intro: &'static str,
    pub group_graph_alt: &'static str,
    pub confidence: &'static str,
    pub compared_pairs: &'static str,
    pub excluded_title: &'static str,
    pub quality_notes: &'static str,
    pub same_acquisition: &'static str,
    pub same_acquisition_intro: &'static str,
    pub same_acquisition_of: fn(&SameAcquisition) -> String,
    pub quality_intro: &'static str,
    pub is_new: &'static str,
    pub news: &'static str,
    pub no_news: &'static str,
    pub replaces: &'static str,
    pub state_note: &'static str,
    pub watched: &'static str,
    pub watched_what: &'static str,
    pub watched_why: &'static str,
    pub watched_by: &'static str,
    pub overdue: &'static str,
    pub overdue_step: &'static str,
    pub overdue_due: &'static str,
    pub subject: &'static str,
    pub map_intro: &'static str,
    pub map_alt: &'static str,
    pub map_states: &'static str,
    pub mexico: &'static str,
    pub united_states: &'static str,
    pub map_firearms: &'static str,
    pub timeline_title: &'static str,
    pub timeline_alt: &'static str,
    pub timeline_intro: &'static str,
    pub events_title: &'static str,
    pub date_title: &'static str,
    pub place_title: &'static str,
    pub open_in_microscope: &'static str,
    pub elevation: &'static str,
    pub flip: &'static str,
    pub cell_here: &'static str,
    pub logo: &'static str,
    pub page_of: &'static str,
    pub histogram_table: &'static str,
    pub from_score: &'static str,
    pub verify_note: &'static str,
    pub standing_limitations: &'static [&'static str],
    pub standing_method: &'static [&'static str],
    pub population: fn(compared: &str, casings: &str) -> String,
    pub ranking_caption: fn(listed: &str, compared: &str) -> String,
    pub cells_alt: fn(congruent: u32, cells: u32) -> String,
    pub relief_caption: fn(stretch: &str) -> String,
    pub date: fn(day: i8, month: i8, year: i16) -> String,
    pub month: fn(month: i8, year: i16) -> String,
    pub mark_kind: fn(MarkKind) -> &'static str,
    pub modality: fn(Modality) -> &'static str,
    pub origin: fn(Origin) -> &'static str,
    pub firing_pin_shape: fn(FiringPinShape) -> &'static str,
    pub verdict: fn(Verdict) -> &'static str,
    pub failure: fn(Kind) -> &'static str,
    pub population_of_scores: fn(&PopulationSource) -> String,
    pub rule: fn(&Rule) -> String,
    pub decisions: &'static Decisions,
    pub traced: &'static FirearmTexts,
    pub theirs: &'static Theirs,
    pub hands: &'static Hands,
    pub letter: &'static Letter,
    pub subject_title: fn(&Subject) -> String,
    pub stands: fn(same: &str, different: &str, classes: [&str; 2]) -> String,
    pub robust_title: &'static str,
    pub robust_intro: &'static str,
    pub robust_caption: &'static str,
    pub robust_choice: &'static str,
    pub robust_change: &'static str,
    /// Between which scores, under how many choices.
    pub robust_range: fn(low: &str, high: &str, choices: &str) -> String,
    /// Whether the range reaches pairs of a class, all of which lie below a score.
    pub robust_strangers: fn(reaches: bool, below: &str, class: &str) -> String,
}
