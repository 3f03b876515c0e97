//! English.

use super::language::Language;
use super::numbers::rounded;
use super::strings::Strings;
use crate::model::{PopulationSource, Rule, Subject};
use types::error::Kind;
use types::evidence::{FiringPinShape, Modality, Origin, SameAcquisition, Sameness};
use types::mark::Verdict;

pub(super) const ENGLISH: Strings = Strings {
    language: Language::English,
    code: "en",
    skip_to_content: "Skip to the content",
    casing_title: "Casing report",
    pair_title: "Comparison report",
    batch_title: "Batch summary",
    lead_is_aid: "A lead is an investigative aid, not an identification.",
    lead_is_aid_more: "The program ranks candidates by similarity. Only a qualified examiner with the specimens under a comparison microscope can reach a conclusion about their source.",
    laboratory_not_configured: "Laboratory: not configured",
    address_not_configured: "Address: not configured",
    accreditation_not_configured: "Accreditation: not configured",
    report_id: "Report",
    issued: "Issued",
    received: "Items received",
    performed: "Comparison performed",
    customer: "Customer",
    deviations: "Deviations from the method",
    amendments: "Amendments",
    authorised_by: "Authorised by",
    not_authorised: "not yet authorised",
    software: "Software",
    recipe: "Recipe (SHA-256)",
    ledger_head: "Head of the audit ledger (SHA-256)",
    schema_version: "Version of the data model",
    not_stated: "not stated",
    none: "none",
    limitations: "Limitations",
    traceability: "Traceability",
    relates_only: "This report relates only to the items listed in it. It may be reproduced only in full.",
    end_of_report: "End of report",
    not_calibrated: "not calibrated",
    firearms: "firearms",
    pairs: "pairs",
    scene: "scene",
    case: "case",
    firearm: "firearm",
    calibre: "calibre",
    firing_pin: "firing pin",
    acquired: "measured",
    area: "area",
    coverage: "with data",
    rms: "RMS",
    prepared_pitch: "compared at",
    failures: "Not processed",
    no_failures: "Every item was processed.",
    failures_intro: "These items could not be used; nothing in this report rests on them.",
    file: "File",
    line: "Line",
    reason: "Reason",
    advice: "What to do",
    questioned_casing: "Questioned casing",
    questioned: "Questioned",
    compared_with: "Casings compared",
    first_candidate: "First-ranked candidate",
    of: "of",
    weight: "Weight of evidence",
    log10_lr: "Weight, log10 LR",
    validation: "Validation: how good the likelihood ratios are",
    weighed: super::weight::english,
    score: "Score",
    congruent_cells: "Congruent cells",
    other_cells: "Other cells",
    ccf: "Correlation",
    overlap: "Overlap, mm²",
    pose: "Turn and shift, B from A",
    runner_up: "Runner-up pose",
    group: "Proposed group",
    rank: "Rank",
    picture: "Picture",
    picture_of: "Aligned picture of",
    candidate: "Candidate",
    ranked_candidates: "Ranked candidates",
    no_candidates: "No candidate was found.",
    score_note: "The score orders candidates by similarity: higher is more similar. It is not a probability. A list always has a first place, whether or not the firearm is in the gallery. Bars are relative to the highest score in the list.",
    comparisons: "Comparisons",
    comparison: "Comparison",
    how_to_read_cells: "A is the questioned mark; B is the candidate’s, turned and shifted over A. Solid blue squares with a number are congruent cells: the same number marks the same cell on both sides. Dashed orange squares were tried and do not agree with the common turn and shift. Hatched areas hold no data.",
    image_caption: "Images in A’s frame, at the same scale.",
    profiles_alt: "The profiles of both marks across their striae, laid on each other.",
    profiles_caption: "Means along the striae of both marks, over the place across them in A; B is turned and shifted as in the comparison. Below: the segments that were searched, numbered and blue where they lie as the whole profile does, dashed where not.",
    depth_caption: "Heights in the same colours on both sides, both reliefs over each other (A in red, B in cyan, grey where they agree), and the difference A − B (blue where A is lower, orange where it is higher).",
    overlay_caption: "Both images over each other (A in red, B in cyan, grey where they agree), and the difference A − B (blue where A is darker, orange where it is brighter).",
    no_picture: "No picture: the prepared marks were not at hand when the report was made.",
    colour_scale: "Colour scale of the heights",
    cell_table: "Table of cells",
    cell_side: "Side of a cell:",
    cell_table_caption: "Where each cell lies in A and in B, from the centre of each grid, x to the right, y down",
    number: "No.",
    turn: "Turn",
    congruent: "Congruent",
    yes: "yes",
    no: "no",
    microscope: "Comparison microscope",
    pair_shown: "Pair",
    layout: "Layout",
    split_line: "Split line",
    side_by_side: "Side by side",
    overlay: "Overlay",
    difference: "Difference A − B",
    surface: "Surface",
    relief: "Shaded relief",
    height_colours: "Colours",
    light: "Light from",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    reset: "Reset",
    items: "Items",
    items_caption: "Casings, the scans they were measured in, and the condition of the marks",
    casing: "Casing",
    scan: "Scan",
    condition: "Mark and condition",
    method: "Method and filters",
    filters: "Filters",
    no_filters: "No filter was applied: nothing was excluded.",
    filter_rule: "Filter",
    excluded: "Casings excluded",
    no_run: "This summary tells what the store holds; nothing was imported or compared when it was made.",
    totals: "Totals",
    manifest_rows: "Rows of the manifest",
    imported: "Scans imported",
    already_known: "Scans already stored",
    failed: "Not processed",
    pairs_compared: "Pairs compared",
    pairs_known: "Pairs compared before",
    casings: "Casings",
    origin_title: "Origin",
    groups: "Proposed groups",
    no_groups: "No group is proposed.",
    groups_note: "A group holds casings that the program proposes to examine together. It is a proposal, not a finding that one firearm fired them.",
    prototype: "Stands for the group",
    firearms_title: "Known firearms",
    scenes: "Scenes",
    links: "Proposed links",
    no_links: "No link is proposed.",
    links_note: "Pairs proposed for a trained person’s decision, the most similar first.",
    judged_on: "Judged on this scale",
    open_pairs: "Open pairs",
    open_note: "Neither proposed nor clearly of two firearms: their scores are too few, or too low, to judge. Posterior probability of one firearm in brackets.",
    nothing_judged: "Nothing was compared, so there was nothing to judge.",
    judged_in_summary: "The batch summary says on what scale links are judged and which pairs are open.",
    mark: "Mark",
    same_source: "same source",
    different_source: "different source",
    in_one_group: "in one proposed group",
    not_in_one_group: "not in one proposed group",
    distribution_title: "Where the scores stand",
    distribution_intro: "Each marker is a candidate of this list, by its rank. Both sorts of pairs fill the same area; the number of pairs is in brackets.",
    score_of_pair: "Score of this pair among other pairs",
    group_section: "Proposed group of this casing",
    group_intro: "Lines join pairs that were compared; thicker is more similar. Discs are evidence, squares test fires; the filled one is the casing in question.",
    group_graph_alt: "Casings of the proposed group and the links between them; the table below says the same.",
    confidence: "Confidence of the group",
    compared_pairs: "Compared pairs within the group",
    excluded_title: "Not compared, and why",
    same_acquisition: "The same acquisition?",
    same_acquisition_intro: "The scans of these casings agree more closely than two measurements do, so one file may have been entered under two names. Until a person has cleared the pair, no link, rank or weight rests on it. What is found about one of the two casings may belong to the other.",
    same_acquisition_of,
    quality_notes: "Quality notes",
    quality_intro: "Read these before relying on the ranking: they concern the questioned mark.",
    news: "New since the last run",
    no_news: "No casing is new since the last index was issued.",
    replaces: "Replaces",
    state_note: "The report describes the store as it was at that head of the ledger. It is issued again when what it finds changes, and not because the store has grown: how many casings were compared and how other scores are distributed are as of that state.",
    is_new: "new",
    watched: "Watch list: new links",
    watched_what: "Watched",
    watched_why: "Why",
    watched_by: "For",
    overdue: "Overdue",
    overdue_step: "Step",
    overdue_due: "Due",
    subject: "Subject",
    map_firearms: "Squares with a letter are what happened to firearms, as in the table of events; the dashed orange line joins what happened to one of them, in order.",
    map_intro: "Numbers are those of the table of scenes. Lines join scenes with a proposed link between their casings. The outline is coarse and for orientation only.",
    map_alt: "Map of the scenes; the table of scenes says the same.",
    map_states: "Dashed places are approximate: for want of recorded coordinates they stand where something else was recorded in the same municipality, or at the capital of the state.",
    mexico: "Mexico",
    united_states: "United States",
    timeline_title: "Time line",
    timeline_intro: "Discs: scenes. Squares: what happened to firearms. A bar covers the days that it may have been.",
    timeline_alt: "Events in the order of their dates; the table below says the same.",
    events_title: "Events",
    date_title: "Date",
    place_title: "Place",
    open_in_microscope: "Show in the comparison microscope",
    elevation: "Height of the light",
    flip: "Flip A and B",
    cell_here: "Cell",
    logo: "Logo of the laboratory",
    page_of: "Page",
    histogram_table: "The chart as a table",
    from_score: "Score from",
    verify_note: "Whether this file is as it was written: brasslink report verify FILE. Whether the evidence store says the same: add --store.",
    standing_limitations: &[
        "Scores compare the marks as measured. Wear, fouling, the ammunition and the quality of a scan change them.",
        "A low score does not exclude a common source; a high score does not establish one.",
        "A firearm that is not in the gallery cannot be found; the first place is then taken by another.",
        "Where the weight of evidence reads “not calibrated”, no reference population fits this comparison and no figure is given.",
    ],
    standing_method: &[
        "Each scan was read from the file identified by its SHA-256. The mark was found, levelled, band-pass filtered with a Gaussian regression filter (ISO 16610) and resampled to a common pitch, as laid down in the recipe.",
        "Two marks are registered by normalised cross-correlation that leaves missing data out, over all rotations. The area common to both is then divided into cells, each is cut from one mark and sought in the other, in both directions, and a cell is congruent when its correlation is sufficient and its place and turn agree with those of the others; the direction with fewer congruent cells is reported. The score is the correlation over the common area in standard deviations of chance agreement, and orders the candidates.",
    ],
    population: |compared, casings| {
        format!(
            "Compared with {compared} of the {casings} other casings in the gallery that bear such a mark."
        )
    },
    ranking_caption: |listed, compared| {
        format!("The first {listed} of {compared} casings compared, most similar first")
    },
    cells_alt: |congruent, cells| format!("{congruent} of {cells} cells are congruent."),
    relief_caption: |stretch| {
        format!(
            "Shaded relief in A’s frame, at the same scale, light from the upper left, heights stretched {stretch} times on both sides."
        )
    },
    date,
    month,
    mark_kind: super::marks::english,
    modality,
    origin,
    firing_pin_shape,
    verdict,
    failure,
    population_of_scores,
    rule,
    decisions: &super::decisions::ENGLISH,
    traced: &super::firearms::ENGLISH,
    theirs: &super::theirs::ENGLISH,
    hands: &super::microscope::ENGLISH,
    letter: &super::letter::ENGLISH,
    subject_title,
    stands,
    robust_title: "What the score owes to preparation",
    robust_intro: "The same two scans, prepared in other ways that are as plausible: each choice alone, all else as in the recipe. A score that moves little does not hang on the choice of recipe.",
    robust_caption: "Each choice alone",
    robust_choice: "Prepared otherwise",
    robust_change: "Change",
    robust_range,
    robust_strangers,
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn date(day: i8, of: i8, year: i16) -> String {
    format!("{day} {}", month(of, year))
}

fn month(month: i8, year: i16) -> String {
    let place = usize::from(month.unsigned_abs()).wrapping_sub(1);
    let name = MONTHS.get(place).copied().unwrap_or("?");
    format!("{name} {year}")
}

const fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::Topography => "3D topography",
        Modality::Image => "2D image",
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Evidence => "evidence",
        Origin::TestFire => "test fire",
    }
}

const fn firing_pin_shape(shape: FiringPinShape) -> &'static str {
    match shape {
        FiringPinShape::Hemispherical => "hemispherical",
        FiringPinShape::Rectangular => "rectangular",
        FiringPinShape::Elliptical => "elliptical",
        FiringPinShape::Flat => "flat",
        FiringPinShape::Other => "other",
        FiringPinShape::Unknown => "not recorded",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "doubtful",
        Verdict::Unusable => "unusable",
    }
}

const fn failure(kind: Kind) -> &'static str {
    match kind {
        Kind::Io => "The file could not be read or written",
        Kind::UnknownFormat => "Unknown file format",
        Kind::Damaged => "Damaged file",
        Kind::TooLarge => "Larger than the limit",
        Kind::UnknownPixelSize => "Unknown pixel size",
        Kind::BadInput => "Unusable entry",
        Kind::NoMark => "No usable mark found",
        Kind::Mirrored => "Agrees far better mirrored or negated",
        Kind::Incomparable => "Not comparable",
        Kind::Store => "Evidence store damaged or of an unknown version",
        Kind::Locked => "Store in use by another process",
        Kind::NotFound => "Not in the store",
        Kind::Internal => "Defect in the program",
    }
}

fn population_of_scores(population: &PopulationSource) -> String {
    match population {
        PopulationSource::KnownFirearms => {
            "Pairs of this store whose firearms are recorded (test fires).".into()
        }
        PopulationSource::ProposedGroups => "Pairs of this store, split by the program’s own proposed groups: this shows what stands apart from what, not what is true.".into(),
        PopulationSource::Named(name) => format!("Reference population: {name}."),
    }
}

fn same_acquisition_of(found: &SameAcquisition) -> String {
    let SameAcquisition { a, b, why, .. } = found;
    match why {
        Sameness::SameValues => format!("{a} and {b}: every value measured is the same."),
        Sameness::NearIdentical(l) => {
            let [low, high] = [l.band_um.0, l.band_um.1].map(|um| rounded(um, 0));
            let (r, area) = (rounded(l.correlation, 3), rounded(l.area_mm2, 2));
            format!("{a} and {b}: correlation {r} in waves of {low} to {high} µm over {area} mm².")
        }
    }
}

fn rule(rule: &Rule) -> String {
    match rule {
        Rule::NoSuchMark => "no mark of this kind, measured in this way".into(),
        Rule::UnusableMark => "mark unusable by the quality gate".into(),
        Rule::Screened => "screened out: its sketch is not among the most similar".into(),
        Rule::SameAcquisition => "the same acquisition? not compared until cleared".into(),
        Rule::Class(words) => words.to_string(),
    }
}

fn subject_title(subject: &Subject) -> String {
    match subject {
        Subject::Case(id) => format!("Case report: {id}"),
        Subject::Group(id) => format!("Lead report: {id}"),
    }
}

fn robust_range(low: &str, high: &str, choices: &str) -> String {
    format!("The score lies between {low} and {high} under {choices} other choices.")
}

fn robust_strangers(reaches: bool, below: &str, class: &str) -> String {
    if reaches {
        return format!(
            "Caution: pairs of the class “{class}” score up to {below}, and the lowest score of this range is not above that. Which preparation is chosen may decide."
        );
    }
    format!("All pairs of the class “{class}” score below {below}; this range lies above that.")
}

fn stands(same: &str, different: &str, [together, apart]: [&str; 2]) -> String {
    format!("At least as high: {different} ({apart}) and {same} ({together}).")
}
