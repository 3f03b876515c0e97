//! The index of the templates: it says what they say, through all that happens
//! to a store, and is made anew where it is lost.

use super::*;
use imaging::extract::{FINE_PITCH, Template};
use store::{IndexRow, Snapshot};
use synthetic::Gallery;

/// A real, small template.
fn template(number: u64) -> Template {
    let recipe = Digest::of(b"index");
    let gallery = Gallery { seed: 4, pitch: FINE_PITCH, shots_per_firearm: 1, recipe };
    let mark = gallery.mark(number).0;
    Template::of_fine(mark.kind, mark.modality, recipe, &mark.values)
}

/// Adds casings with real templates, a commit each.
fn with_templates(lab: &Lab, numbers: std::ops::Range<usize>) {
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    for i in numbers {
        let mut batch = Batch::default();
        let scan = lab.scan(i);
        batch.add_recipe(lab.recipe_text());
        batch.add_casing(&lab.casing(i), "A. Examiner", "");
        batch.add_mark(mark_id(i), casing_id(i), scan.sha256, lab.mark(i));
        batch.add_scan_facts(scan);
        batch.add_template(row_of(lab, i), template(i as u64).encode());
        writer.commit(batch, &note(1)).unwrap();
    }
}

fn row_of(lab: &Lab, i: usize) -> TemplateRow {
    let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
    TemplateRow { mark: mark_id(i), kind, modality, recipe: lab.recipe() }
}

fn gallery(snapshot: &Snapshot, lab: &Lab) -> types::error::Result<Vec<IndexRow>> {
    snapshot.gallery(MarkKind::BreechFace, Modality::Topography, &lab.recipe())
}

/// The index holds exactly these marks, and of each what its template says.
fn holds(lab: &Lab, numbers: &[usize]) {
    let snapshot = lab.store().snapshot().unwrap();
    let rows = gallery(&snapshot, lab).unwrap();
    let marks: Vec<_> = rows.iter().map(|row| row.mark.clone()).collect();
    assert_eq!(marks, numbers.iter().map(|&i| mark_id(i)).collect::<Vec<_>>());
    let mut sketches = Vec::new();
    snapshot.visit_sketches(&rows, &mut |part| sketches.extend_from_slice(part)).unwrap();
    let templates = snapshot.templates_of(&rows.iter().rev().collect::<Vec<_>>()).unwrap();
    let mut expected = Vec::new();
    for ((&i, row), bytes) in numbers.iter().zip(&rows).zip(templates.into_iter().rev()) {
        let template = template(i as u64);
        assert_eq!(row.casing, Some(casing_id(i)));
        assert_eq!(row.points, template.fine.points as u64);
        assert_eq!(bytes, template.encode());
        expected.extend(template.sketch.0.iter().map(|&v| v as u8));
    }
    assert!(sketches == expected, "the sketches are not those of the templates");
    assert_eq!(verify(lab.root()), []);
}

fn index_files(lab: &Lab) -> Vec<PathBuf> {
    let mut files = fixture::files(lab.root());
    files.retain(|file| file.to_string_lossy().contains("-index"));
    files
}

#[test]
fn it_is_kept_by_commits_merges_and_orders() {
    let lab = Lab::small();
    with_templates(&lab, 0..3);
    holds(&lab, &[0, 1, 2]);
    lab.store().writer(&lab.actor).unwrap().compact(&note(2)).unwrap().unwrap();
    assert_eq!(index_files(&lab).len(), 1);
    with_templates(&lab, 3..5);
    holds(&lab, &[0, 1, 2, 3, 4]);

    let withhold = |i, by| {
        let store = lab.store();
        let mut writer = store.writer(&lab.actor).unwrap();
        writer.withhold(&casing_id(i), by, "order 1", &surface_digest, &note(3)).unwrap();
    };
    withhold(1, Withholding::Expunged);
    holds(&lab, &[0, 2, 3, 4]);
    let gone: Vec<u8> = template(1).sketch.0.iter().map(|&v| v as u8).collect();
    assert!(!on_disk(&lab, &gone), "the sketch of an expunged casing is on the disk");
    withhold(3, Withholding::Sealed);
    holds(&lab, &[0, 2, 4]);
    lab.store().writer(&lab.actor).unwrap().unseal(&casing_id(3), "order 2", &note(4)).unwrap();
    holds(&lab, &[0, 2, 4, 3]);
    lab.store().writer(&lab.actor).unwrap().compact(&note(5)).unwrap().unwrap();
    holds(&lab, &[0, 2, 4, 3]);
}

#[test]
fn a_lost_index_is_told_of_and_made_anew() {
    for damaged in ["missing", "flipped", "merged"] {
        let lab = Lab::small();
        with_templates(&lab, 0..2);
        if damaged == "merged" {
            lab.store().writer(&lab.actor).unwrap().compact(&note(2)).unwrap().unwrap();
        }
        with_templates(&lab, 2..3);
        let file = index_files(&lab)[0].clone();
        match damaged {
            "flipped" => flip(&lab.root().join(&file), 900),
            _ => std::fs::remove_file(lab.root().join(&file)).unwrap(),
        }
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let refused = gallery(&lab.store().snapshot().unwrap(), &lab).unwrap_err();
        assert!(refused.path.unwrap().ends_with(&name), "{damaged}");
        assert_eq!(verify(lab.root())[0].file, Some(file.clone()), "{damaged}");
        assert_eq!(plan(lab.root()).unwrap(), [Remedy::MakeIndex { files: vec![file] }]);
        repair(lab.root(), &lab.actor, &note(9)).unwrap();
        holds(&lab, &[0, 1, 2]);
        assert_eq!(plan(lab.root()).unwrap(), []);
    }
}

#[test]
fn a_template_that_is_not_the_one_indexed_is_refused() {
    let lab = Lab::small();
    with_templates(&lab, 0..2);
    let snapshot = lab.store().snapshot().unwrap();
    let rows = gallery(&snapshot, &lab).unwrap();
    let mut swapped = rows[0].clone();
    swapped.template = rows[1].template;
    let refused = snapshot.templates_of(&[&rows[1], &swapped]).unwrap_err();
    assert!(refused.what.contains("mark/000"), "{refused:?}");
}

#[test]
fn a_store_of_version_2_is_read_and_migrated() {
    let frozen = testkit::project().join("tests/store/version2");
    let lab = Lab::at(tempfile::tempdir().unwrap().keep().as_path());
    fixture::copy(&frozen, lab.root());
    let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
    let before = lab.store().snapshot().unwrap();
    assert_eq!(damage(&verify(lab.root())), [] as [&Finding; 0]);
    let refused = gallery(&before, &lab).unwrap_err();
    assert!(refused.advice.unwrap().contains("brasslink store migrate"));
    let refused = lab.store().writer(&lab.actor).err().unwrap();
    assert!(refused.advice.unwrap().contains("brasslink store migrate"));
    let templates = before.templates(kind, modality, &lab.recipe()).unwrap();
    let content = before.content().unwrap();
    drop(before);

    assert_eq!(migrate(lab.root(), &lab.actor, &note(7)).unwrap().unwrap().seq, 7);
    assert_eq!(migrate(lab.root(), &lab.actor, &note(8)).unwrap(), None);
    assert_eq!(verify(lab.root()), []);
    let same = |marks: usize| {
        let snapshot = lab.store().snapshot().unwrap();
        let rows = gallery(&snapshot, &lab).unwrap();
        assert_eq!(rows.len(), marks);
        let read = snapshot.templates_of(&rows.iter().collect::<Vec<_>>()).unwrap();
        let all = snapshot.templates(kind, modality, &lab.recipe()).unwrap();
        assert!(all.into_iter().eq(rows.iter().map(|row| row.mark.clone()).zip(read)));
        // One of the frozen templates is a real one.
        let real = rows.iter().find(|row| row.mark == mark_id(7)).unwrap();
        assert!(real.points > 1000 && real.casing == Some(casing_id(3)), "{real:?}");
        snapshot.content().unwrap()
    };
    assert_eq!(same(templates.len()), content);
    // What version 2 put under seal has no index, and gets one.
    let store = lab.store();
    store.writer(&lab.actor).unwrap().unseal(&casing_id(4), "order 2", &note(9)).unwrap();
    same(templates.len() + 1);
    store.writer(&lab.actor).unwrap().compact(&note(10)).unwrap().unwrap();
    same(templates.len() + 1);
    assert_eq!(verify(lab.root()), []);
    std::fs::remove_dir_all(lab.folder()).unwrap();
}
