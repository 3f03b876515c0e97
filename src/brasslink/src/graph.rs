//! `graph`: casework for other programs.

use super::place::StoreAt;
use super::{End, Say, output, print_json, tell, write_file};
use casework::{Graph, geojson};
use pipeline::files;
use std::path::PathBuf;
use store::Store;
use types::cells::Table;
use types::error::{Error, Result};
use types::message::say;

const EXAMPLE: &str = "\
Examples:
  brasslink graph --store evidence --graphml > links.graphml      (Gephi, yEd, networkx)
  brasslink graph --store evidence --geojson > scenes.geojson     (QGIS, RFC 7946)
  brasslink graph --store evidence --csv tables                   (nodes.csv, edges.csv)

No free-text notes and nothing of purchasers is in any of them.";

/// `brasslink graph`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(flatten)]
    store: StoreAt,
    #[command(flatten)]
    form: Form,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Form {
    /// Print the graph as GraphML.
    #[arg(long)]
    graphml: bool,
    /// Print the graph as JSON: nodes and edges.
    #[arg(long)]
    json: bool,
    /// Print scenes, recoveries and shipments as GeoJSON.
    #[arg(long)]
    geojson: bool,
    /// Write nodes.csv and edges.csv into this folder.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
}

/// Writes it.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let snapshot = Store::open(&args.store)?.snapshot()?;
    let files = files(&snapshot)?;
    if args.form.geojson {
        let mut map = geojson(&files);
        if let Some(features) = map["features"].as_array_mut() {
            features.extend(files.traces.features());
        }
        print_json(&map)?;
        return Ok(End::AllDone);
    }
    let mut graph = Graph::of(&files);
    files.traces.join(&mut graph);
    if args.form.json {
        print_json(&graph)?;
    } else if let Some(dir) = &args.form.csv {
        std::fs::create_dir_all(dir).map_err(|e| Error::io(say!("making the folder"), dir, &e))?;
        let or_blank = |text: &Option<String>| text.clone().unwrap_or_default();
        let nodes = graph.nodes.iter().map(|n| {
            [n.id.clone(), n.kind.into(), n.label.clone(), or_blank(&n.date), or_blank(&n.state)]
        });
        let edges = graph.edges.iter().map(|e| {
            let score = e.score.map_or(String::new(), |s| s.to_string());
            [e.source.clone(), e.target.clone(), e.kind.into(), score, or_blank(&e.decision)]
        });
        let mut table = Table::new(["id", "kind", "label", "date", "state"])?;
        nodes.into_iter().try_for_each(|row| table.row(row))?;
        write_file(&dir.join("nodes.csv"), &table.finish()?)?;
        let mut table = Table::new(["source", "target", "kind", "score", "decision"])?;
        edges.into_iter().try_for_each(|row| table.row(row))?;
        write_file(&dir.join("edges.csv"), &table.finish()?)?;
        let (n, m) = (graph.nodes.len(), graph.edges.len());
        tell(say, say!("{n} nodes, {m} edges in {}", dir.display()));
    } else {
        output::content(&graph.graphml());
    }
    Ok(End::AllDone)
}
