//! The language that is spoken: help, errors and results in Spanish; what is for
//! machines in none.

use crate::desk::Workbench;
use report::Language;
use std::collections::BTreeSet;

fn spanish(code: &str) -> Option<&'static str> {
    Language::Spanish.catalogue().unwrap().phrase(code)
}

/// Lines of examples are commands and files, which no language changes.
fn is_example(text: &str) -> bool {
    text.starts_with("  ")
}

#[test]
fn every_text_of_the_help_has_its_spanish_and_no_other_has() {
    let texts = brasslink::help_texts(&brasslink::command());
    assert!(texts.len() > 300, "{}", texts.len());
    let wordless = |text: &str| !text.contains(char::is_alphabetic);
    let missing: Vec<&String> = texts
        .iter()
        .filter(|text| !is_example(text) && !wordless(text) && spanish(text).is_none())
        .collect();
    assert!(missing.is_empty(), "add to src/report/src/text/es/help.txt: {missing:#?}");
    let help = include_str!("../../src/report/src/text/es/help.txt");
    let known: BTreeSet<&str> = help.lines().step_by(2).collect();
    let unused: Vec<&&str> = known.iter().filter(|text| !texts.contains(**text)).collect();
    assert!(unused.is_empty(), "no help says: {unused:#?}");
}

/// A laboratory with two scans of one pistol and a file that is empty.
fn laboratory() -> Workbench {
    let desk = Workbench::new();
    let mut rows = String::from("file,casing_id,firing_pin_shape\n");
    for name in ["CHH-1187-1", "CHH-1187-2"] {
        let sample = testkit::project().join("samples").join(format!("{name}.x3p"));
        std::fs::copy(sample, desk.path(&format!("{name}.x3p"))).unwrap();
        rows += &format!("{name}.x3p,{name},hemispherical\n");
    }
    desk.write("cut.x3p", "");
    rows += "cut.x3p,C-3,\nnowhere.x3p,C-4,\n";
    desk.write("manifest.csv", &rows);
    desk
}

/// A summary without what another minute changes.
fn timeless(json: &str) -> String {
    let lines = json.lines().filter(|l| !l.contains("\"started\"") && !l.contains("\"finished\""));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_main_job_speaks_spanish_and_its_json_is_the_same_bytes() {
    let run = ["run", "--manifest", "manifest.csv", "--store", "s", "--reports", "r", "--json"];
    let [english, spanish] = [(), ()].map(|()| laboratory());
    let (plain, told) = english.said(3, &run);
    assert!(told.contains("imported 2 scans, 0 known already, 2 failed"), "{told}");
    let (json, told) = spanish.said(3, &[&["--language", "es"][..], &run].concat());
    assert_eq!(timeless(&plain), timeless(&json));
    for line in [
        "2 escaneos importados, 0 ya conocidos, 2 con fallo",
        "1 pares comparados, 0 ya conocidos",
        "falló: cut.x3p (línea 4): el archivo está vacío (0 bytes)",
        "  qué hacer: cópielo de nuevo del instrumento",
        "falló: manifiesto, columna file (línea 5): no existe el archivo \"nowhere.x3p\"",
        "2 fallos en total",
    ] {
        assert!(told.lines().any(|l| l == line), "{line}: {told}");
    }
    assert!(told.contains("  juzgado en esta escala: "), "{told}");
    for word in ["failed", "what to do", "imported", "compared", "judged", "scans:"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
    // What the store keeps of it is said in either language.
    let list = ["lead", "list", "--store", "s", "--json"];
    let (en, _) = spanish.said(0, &list);
    let (es, _) = spanish.said(0, &[&list[..], &["--language", "es"]].concat());
    assert_eq!(en, es);
    let (list, _) = spanish.said(0, &["lead", "list", "--store", "s", "--language", "es"]);
    assert!(list.contains("pares, 0 aciertos entre carpetas"), "{list}");
    let info = ["scan", "info", "CHH-1187-1.x3p"];
    let (en, _) = spanish.said(0, &[&info[..], &["--json"]].concat());
    let (es, _) = spanish.said(0, &[&info[..], &["--json", "--language=es"]].concat());
    assert_eq!(en, es);
    assert!(spanish.said(0, &[&info[..], &["--language=es"]].concat()).0.contains("tamaño       "));
}

#[test]
fn remarks_are_kept_as_codes_and_shown_in_the_language_of_the_report() {
    let desk = laboratory();
    let run = ["run", "--manifest", "manifest.csv", "--store", "s", "--reports", "r"];
    desk.said(3, &[&run[..], &["--language", "en,es", "--json", "out.json"]].concat());
    let outcome = desk.read("out.json");
    let failed = &outcome["failures"][0];
    assert_eq!(failed["reason"], failed["coded_reason"]["text"]);
    assert!(failed["coded_reason"]["code"].as_str().unwrap().starts_with("there is no file {}"));
    let index = std::fs::read_to_string(desk.path("r/es/index.html")).unwrap();
    assert!(index.contains("no existe el archivo"), "a failure in Spanish");
    let told = &desk.read("r/index.json")["failures"][0];
    assert_eq!(told["what"], told["coded_what"]["text"]);
    assert_eq!(told["coded_what"]["code"], failed["coded_reason"]["code"]);
}

#[test]
fn help_and_misuse_are_spanish_by_option_or_locale() {
    let desk = Workbench::new();
    let (help, _) = desk.said(0, &["--language", "es", "run", "--help"]);
    for text in [
        "Uso: brasslink run [OPCIONES]",
        "\nOpciones:\n",
        "[por omisión: 200]",
        "Carpeta para los informes",
    ] {
        assert!(help.contains(text), "{text}: {help}");
    }
    assert!(!help.contains("Options") && !help.contains("[default"), "{help}");
    let (all, _) = desk.said(0, &["--language=es", "help"]);
    assert!(all.contains("Órdenes:") && all.contains("Códigos de salida: 0 todo hecho"), "{all}");
    for (args, line) in [
        (&["run", "--nombre"][..], "error: argumento inesperado '--nombre'"),
        (&["corre"], "error: orden desconocida 'corre'"),
        (&["link"], "error: no se dieron los siguientes argumentos requeridos:"),
        (
            &["run", "--shortlist", "0", "--manifest", "m", "--store", "s", "--reports", "r"],
            "error: valor no válido '0' para '--shortlist <N|all>': indique un número de casquillos, al menos 1, o `all`",
        ),
        (&["compare", "a"], "error: no se dieron los siguientes argumentos requeridos:"),
        (
            &["lead", "list", "--store", "s", "--pending", "--decided"],
            "error: el argumento '--pending' no puede usarse con '--decided'",
        ),
        (
            &["lead", "list", "--store", "s", "--sort", "age"],
            "error: valor no válido 'age' para '--sort <SORT>'",
        ),
    ] {
        let (_, told) = desk.said(2, &[args, &["--language", "es"]].concat());
        assert_eq!(told.lines().next(), Some(line), "{told}");
        assert!(told.contains("Para más información"), "{told}");
    }
    let (_, told) = desk.said(2, &["run", "--nombre"]);
    assert!(told.starts_with("error: unexpected argument '--nombre' found"), "{told}");
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    let output = command.env("LC_ALL", "es_MX.UTF-8").args(["store", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("Corregir el registro de un casquillo"), "{help}");
}
