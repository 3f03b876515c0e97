//! Labelled pairs from a CSV file.

use super::beta_binomial::Cells;
use super::columns::{ColumnNames, bad, plain};
use super::pairs::{Measured, Origin, Pair, PairSet, firearms_from_labels};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use types::cells::unguarded;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::files::{MAX_TABLE, read_within};
use types::message::say;

/// How a CSV of pairs is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Headers named by hand, by role (see `brasslink validate --help`).
    pub columns: BTreeMap<String, String>,
    /// Only rows with this value in this column.
    pub only: Option<(String, String)>,
    /// The mark, where no column says it; else a breech face.
    pub mark: Option<MarkKind>,
}

/// Reads labelled pairs. Rows with the same two casings and different marks are
/// one pair. Needs a label or both firearms; where only a label is given,
/// casings joined by same-source pairs are taken to be of one firearm.
///
/// # Errors
/// [`Kind::BadInput`] naming the row for a value that cannot be used, an unknown
/// role or column, or labels that contradict the firearms.
pub fn read_pairs(path: &Path, reading: &Reading) -> Result<PairSet> {
    let bytes = read_within(path, MAX_TABLE)?;
    parse(&bytes, reading).map_err(|e| e.at(path))
}

/// One row, before firearms are numbered.
struct PairRecord {
    casings: [String; 2],
    firearms: Option<[String; 2]>,
    same: Option<bool>,
    class: Option<String>,
    measured: Measured,
}

fn parse(bytes: &[u8], reading: &Reading) -> Result<PairSet> {
    let damaged =
        |e: csv::Error| Error::new(Kind::Damaged, say!("the CSV cannot be read: {e}")).because(&e);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let names = reader.headers().map_err(damaged)?.iter().map(str::to_owned).collect();
    let header = ColumnNames::of(names, &reading.columns)?;
    let only = match &reading.only {
        Some((column, value)) => Some((header.column(column)?, value)),
        None => None,
    };
    let labelled = header.has("same_source");
    let named = header.has("firearm_a") && header.has("firearm_b");
    let columns = || say!("the columns are: {}", header.names.join(", "));
    if !labelled && !named {
        return Err(bad(say!("no column tells the truth of the pairs")).advise(say!(
            "a column same_source (1 or 0), or both firearms, or --column same_source=NAME; {}",
            columns()
        )));
    }
    let counted = header.has("cells") && header.has("congruent_cells");
    if !header.has("score") && !counted {
        return Err(bad(say!("no column holds a score or counts of cells")).advise(say!(
            "name it: --column score=NAME, or cells=NAME and congruent_cells=NAME; {}",
            columns()
        )));
    }
    let paired = header.has("a") && header.has("b");
    if !named && !paired {
        return Err(bad(say!("no columns name the two casings or firearms of a pair"))
            .advise(say!("name them: --column a=NAME --column b=NAME; {}", columns())));
    }
    let (mut rows, mut origin) = (Vec::new(), Origin::default());
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        if only.is_some_and(|(at, value)| record.get(at) != Some(value.as_str())) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = row(&record, &header, reading, &mut origin);
        rows.push(row.map_err(|e| Error { what: say!("line {line}: {}", e.what), ..e })?);
    }
    if rows.is_empty() {
        return Err(bad(match only {
            Some((_, value)) => say!("there is no row with {value:?}"),
            None => say!("there is no row"),
        }));
    }
    assemble(rows, origin)
}

fn row(
    record: &csv::StringRecord,
    header: &ColumnNames,
    reading: &Reading,
    origin: &mut Origin,
) -> Result<PairRecord> {
    let get = |role: &str| {
        let text = header.roles.get(role).and_then(|at| record.get(*at)).unwrap_or_default();
        Some(unguarded(text)).filter(|t| !t.is_empty() && !["NA", "NaN", "nan"].contains(t))
    };
    let need = |role: &str| get(role).ok_or_else(|| bad(say!("{role} is empty")));
    let number = |role: &str| -> Result<Option<f64>> {
        let Some(text) = get(role) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(bad(say!("{role} is {text:?}, not a finite number"))),
        }
    };
    let count = |role: &str| -> Result<Option<u32>> {
        let Some(value) = number(role)? else { return Ok(None) };
        if value.fract() == 0.0 && (0.0..=1e6).contains(&value) {
            return Ok(Some(value as u32));
        }
        Err(bad(say!("{role} is {value}, not a count")))
    };
    let firearms = match (get("firearm_a"), get("firearm_b")) {
        (Some(a), Some(b)) => Some([a.to_owned(), b.to_owned()]),
        _ => None,
    };
    let casings = match &firearms {
        Some(firearms) if !header.has("a") || !header.has("b") => firearms.clone(),
        _ => [need("a")?.to_owned(), need("b")?.to_owned()],
    };
    let same = match get("same_source") {
        Some(text) => Some(label(text)?),
        None if header.has("same_source") => return Err(bad(say!("same_source is empty"))),
        None => None,
    };
    let cells = match (count("congruent_cells")?, count("cells")?) {
        (Some(congruent), Some(tried)) if congruent > tried => {
            return Err(bad(say!("{congruent} congruent cells of {tried}")));
        }
        (Some(congruent), Some(tried)) => Some(Cells { congruent, tried }),
        _ => None,
    };
    if let Some(text) = get("recipe") {
        let recipe = Digest::try_from(text.to_owned())?;
        if origin.recipe.replace(recipe).is_some_and(|before| before != recipe) {
            return Err(bad(say!("compared under another recipe than the rows before")));
        }
    }
    if let Some(text) = get("modality") {
        let modality: Modality = text.parse()?;
        if origin.modality.replace(modality).is_some_and(|before| before != modality) {
            return Err(bad(say!("of another modality than the rows before")).advise(say!(
                "calibrate topographies and images apart: --only modality=topography"
            )));
        }
    }
    let all = |roles: [&str; 3]| -> Vec<String> {
        roles.into_iter().filter_map(get).map(str::to_owned).collect()
    };
    origin.instruments.extend(all(["instrument", "instrument_a", "instrument_b"]));
    origin.calibres.extend(all(["calibre", "calibre_a", "calibre_b"]));
    let mark = match get("mark") {
        Some(text) => text.parse()?,
        None => reading.mark.unwrap_or(MarkKind::BreechFace),
    };
    let score = number("score")?;
    let (overlap_mm2, area_mm2) = (number("overlap_mm2")?, number("area_mm2")?);
    if score.is_none() && cells.is_none() {
        return Err(bad(say!("neither a score nor counts of cells")));
    }
    let class = get("by").map(str::to_owned);
    Ok(PairRecord {
        casings,
        firearms,
        same,
        class,
        measured: Measured { mark, score, cells, overlap_mm2, area_mm2 },
    })
}

/// A label as people write it.
fn label(text: &str) -> Result<bool> {
    match plain(text).as_str() {
        "1" | "1_0" | "true" | "t" | "yes" | "same" | "same_source" | "ss" | "km" | "h1" | "hp"
        | "mated" | "match" => Ok(true),
        "0" | "0_0" | "false" | "f" | "no" | "different" | "different_source" | "ds" | "knm"
        | "h2" | "h0" | "hd" | "non_mated" | "nonmatch" | "non_match" => Ok(false),
        _ => Err(bad(say!("same_source is {text:?}")).advise(say!("write 1 or 0"))),
    }
}

/// Numbers the firearms, and joins rows of one pair's different marks.
fn assemble(rows: Vec<PairRecord>, origin: Origin) -> Result<PairSet> {
    let mut notes = Vec::new();
    let names: Vec<[String; 2]> = if rows.iter().all(|r| r.firearms.is_some()) {
        rows.iter().filter_map(|r| r.firearms.clone()).collect()
    } else {
        let labelled: Vec<(&str, &str, bool)> = rows
            .iter()
            .map(|r| (r.casings[0].as_str(), r.casings[1].as_str(), r.same.unwrap_or(false)))
            .collect();
        let firearms = firearms_from_labels(&labelled).map_err(|(a, b)| {
            bad(say!(
                "{a:?} and {b:?} are called different-source, and same-source pairs join them"
            ))
            .advise(say!("correct the labels, or name the firearms: firearm_a, firearm_b"))
        })?;
        notes.push(say!(
            "no columns name the firearms: casings joined by same-source pairs count as one firearm"
        ));
        let width = firearms.len().to_string().len();
        let name = |casing: &String| {
            format!("firearm {:0width$}", firearms.get(casing.as_str()).map_or(0, |f| f + 1))
        };
        rows.iter().map(|r| [name(&r.casings[0]), name(&r.casings[1])]).collect()
    };
    let firearms: Vec<String> =
        names.iter().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let mut pairs: Vec<Pair> = Vec::with_capacity(rows.len());
    let mut open: BTreeMap<[String; 2], usize> = BTreeMap::new();
    for (row, names) in rows.into_iter().zip(names) {
        let number = |name| firearms.binary_search(name).unwrap_or_default();
        let firearms = (number(&names[0]), number(&names[1]));
        if row.same.is_some_and(|same| same != (firearms.0 == firearms.1)) {
            let [a, b] = &row.casings;
            return Err(bad(say!("the label of {a:?} and {b:?} contradicts their firearms")));
        }
        let known = open.get(&row.casings).copied();
        let joins = known.filter(|&n| pairs[n].marks.iter().all(|m| m.mark != row.measured.mark));
        if let Some(n) = joins {
            pairs[n].marks.push(row.measured);
            continue;
        }
        open.insert(row.casings.clone(), pairs.len());
        let [a, b] = row.casings;
        pairs.push(Pair { a, b, firearms, class: row.class, marks: vec![row.measured] });
    }
    Ok(PairSet { firearms, pairs, origin, notes })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PairSet> {
        parse(text.as_bytes(), &Reading::default())
    }

    #[test]
    fn columns_are_known_by_many_names() {
        let ours =
            read("a,b,same_source,score,cells,congruent_cells\nx,y,1,9,20,18\nx,z,0,1,20,1\n");
        let theirs =
            read("weapon1,weapon2,Hypothesis,accf,CMC,n\n7,7,true,9,18,20\n7,8,false,1,1,20\n");
        for set in [ours.unwrap(), theirs.unwrap()] {
            assert_eq!(set.counts(), (1, 1));
            assert_eq!(set.firearms.len(), 2);
            assert_eq!(set.pairs[0].marks[0].cells, Some(Cells { congruent: 18, tried: 20 }));
            assert_eq!(set.pairs[1].marks[0].score, Some(1.0));
        }
    }

    #[test]
    fn a_header_may_be_named_and_rows_chosen() {
        let reading = Reading {
            columns: [("score".into(), "Sim".into())].into(),
            only: Some(("part".into(), "t".into())),
            mark: Some(MarkKind::FiringPin),
        };
        let text = "id1,id2,same,score,sim,part\na,b,1,99,5,t\na,c,0,99,2,v\n";
        let set = parse(text.as_bytes(), &reading).unwrap();
        assert_eq!(set.pairs.len(), 1);
        let m = set.pairs[0].marks[0];
        assert_eq!((m.score, m.mark), (Some(5.0), MarkKind::FiringPin));
    }

    #[test]
    fn two_marks_of_one_pair_are_one_pair() {
        let text = "a,b,same,score,mark_kind\na,b,1,5,breech_face\na,b,1,7,firing_pin\n\
                    a,c,0,1,breech_face\na,b,1,6,breech_face\n";
        let set = read(text).unwrap();
        assert_eq!(set.pairs.iter().map(|p| p.marks.len()).collect::<Vec<_>>(), [2, 1, 1]);
    }

    #[test]
    fn faults_name_the_line_or_the_column() {
        let of = |text: &str| read(text).unwrap_err().to_string();
        assert!(of("a,b,score\nx,y,1\n").contains("truth"));
        assert!(of("a,b,same,colour\nx,y,1,red\n").contains("score"));
        assert!(of("a,b,same,score\nx,y,1,3\nx,z,maybe,1\n").starts_with("line 3"));
        assert!(of("a,b,same,score\nx,y,1,inf\n").contains("finite"));
        assert!(of("a,b,same,n,cmc\nx,y,1,4,5\n").contains("5 congruent cells of 4"));
        assert!(of("a,b,same,score\nx,y,1,3\ny,z,1,3\nx,z,0,1\n").contains("called different"));
        assert!(of("gun1,gun2,same,score\nx,y,1,3\n").contains("contradicts"));
        assert!(of("a,b,same,score\n").contains("no row"));
    }
}
