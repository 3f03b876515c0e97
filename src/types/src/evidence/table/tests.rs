#![allow(clippy::unwrap_used)]
use super::*;
use crate::evidence::{Firearm, Serial};

fn example(kind: &RecordKind) -> BTreeMap<&'static str, String> {
    kind.columns.iter().map(|c| (c.name, c.example.to_owned())).collect()
}

#[test]
fn every_kind_reads_its_example_and_gives_the_same_cells_back() {
    for kind in &KINDS {
        let cells = example(kind);
        let made = kind.record(&cells, |_| None).unwrap();
        let row = kind.row(&made.body).unwrap();
        for (column, value) in kind.columns.iter().zip(&row).skip(1) {
            let back = column.value(&cell(value)).unwrap();
            assert_eq!(back, column.value(&cells[column.name]).unwrap(), "{}", column.name);
        }
        let again: BTreeMap<&str, String> =
            kind.columns.iter().map(|c| c.name).zip(row.iter().map(cell)).collect();
        assert_eq!(kind.record(&again, |_| None).unwrap().body, made.body);
    }
}

#[test]
fn all_faults_of_a_row_are_named_with_their_columns() {
    let kind = RecordKind::named("event").unwrap();
    let mut cells = example(kind);
    cells.insert("scene_id", String::new());
    cells.insert("date", "soon".into());
    cells.insert("latitude", "31°44'".into());
    let faults = kind.record(&cells, |_| None).unwrap_err();
    let named: Vec<_> = faults.iter().filter_map(|(column, _)| *column).collect();
    assert_eq!(named, ["date", "latitude", "scene_id"]);
    cells = example(kind);
    cells.insert("longitude", String::new());
    let half = kind.record(&cells, |_| None).unwrap_err();
    assert!(half[0].1.what.contains("longitude"), "{half:?}");
}

#[test]
fn columns_left_out_keep_what_is_stored() {
    let kind = RecordKind::named("firearm").unwrap();
    let stored = kind.record(&example(kind), |_| None).unwrap();
    let correction = [("firearm_id", "F-2026-0031"), ("serial", "TYE14712"), ("make", "")];
    let cells = correction.map(|(name, cell)| (name, cell.to_owned())).into();
    let changed = kind.record(&cells, |_| Some(stored.body)).unwrap();
    let firearm: Firearm = serde_json::from_str(&changed.body).unwrap();
    assert_eq!(firearm.description.serial, Some(Serial::Legible("TYE14712".into())));
    assert_eq!(
        (firearm.description.make, firearm.description.model.as_deref()),
        (None, Some("PT 92"))
    );
}
