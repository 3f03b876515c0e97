//! Casework as a graph and as a map, for other programs.

use super::CaseFiles;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use types::evidence::{Coordinates, Event};
use types::printable::printable;

/// A node: something that casework knows of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Node {
    /// `KIND/ID`, unique in the graph.
    pub id: String,
    /// `casing`, `group`, `firearm`, `scene`, `case`, `exhibit` or `agency`.
    pub kind: &'static str,
    /// Its own name.
    pub label: String,
    /// Date, where it has one (ISO 8601, partial dates as they are).
    pub date: Option<String>,
    /// ISO 3166-2 code of the state, where it is in one.
    pub state: Option<String>,
}

/// A tie between two nodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// The node it begins at.
    pub source: String,
    /// The node it ends at.
    pub target: String,
    /// What ties them: `proposed`, `in_group`, `fired_by`, `found_at`,
    /// `held_in`, `belongs_to`, `handled_by`, `hit`; `same_acquisition`, which
    /// is no link.
    pub kind: &'static str,
    /// Similarity, of proposed links.
    pub score: Option<f64>,
    /// The decision in force, of proposed links; `cleared` where a person found
    /// two acquisitions.
    pub decision: Option<String>,
}

/// Nodes and edges, sorted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Graph {
    /// What there is.
    pub nodes: Vec<Node>,
    /// What ties it.
    pub edges: Vec<Edge>,
}

#[derive(Default)]
struct Builder {
    nodes: BTreeMap<String, Node>,
    edges: Vec<Edge>,
}

impl Builder {
    fn node(&mut self, kind: &'static str, label: &str) -> String {
        self.dated(kind, label, None, None)
    }

    fn dated(
        &mut self,
        kind: &'static str,
        label: &str,
        date: Option<String>,
        state: Option<String>,
    ) -> String {
        let id = format!("{kind}/{label}");
        let node = self.nodes.entry(id.clone()).or_insert_with(|| Node {
            id: id.clone(),
            kind,
            label: label.to_owned(),
            date: None,
            state: None,
        });
        node.date = node.date.take().or(date);
        node.state = node.state.take().or(state);
        id
    }

    fn edge(&mut self, source: &str, target: &str, kind: &'static str) {
        let (source, target) = (source.to_owned(), target.to_owned());
        self.edges.push(Edge { source, target, kind, score: None, decision: None });
    }
}

impl Graph {
    /// The graph of everything in the files.
    pub fn of(files: &CaseFiles) -> Self {
        let mut b = Builder::default();
        let register = &files.register;
        for agency in register.agencies.values() {
            b.dated("agency", agency.id.as_str(), None, agency.state.clone());
        }
        for case in register.cases.values() {
            let id = b.node("case", case.id.as_str());
            if let Some(agency) = &case.agency {
                let agency = b.node("agency", agency.as_str());
                b.edge(&id, &agency, "handled_by");
            }
        }
        for casing in register.casings.values() {
            let id = b.node("casing", casing.id.as_str());
            if let Some(scene) = &casing.scene {
                let date = scene.date.map(|d| d.to_string());
                let scene_id = b.dated("scene", scene.id.as_str(), date, scene.state.clone());
                b.edge(&id, &scene_id, "found_at");
            }
            if let Some(case) = register.case_of(&casing.id) {
                let case = b.node("case", case.as_str());
                b.edge(&id, &case, "belongs_to");
            }
            if let Some(firearm) = &casing.firearm {
                let firearm = b.node("firearm", firearm.as_str());
                b.edge(&id, &firearm, "fired_by");
            }
            if let Some(exhibit) = register.exhibit(&casing.id) {
                let exhibit = b.node("exhibit", exhibit.id.as_str());
                b.edge(&id, &exhibit, "held_in");
            }
            if let Some(group) = files.group_of(&casing.id) {
                let group = b.node("group", &group.id);
                b.edge(&id, &group, "in_group");
            }
        }
        for event in register.events.values() {
            let date = event.date.map(|d| d.to_string());
            b.dated("scene", event.id.as_str(), date, event.place.state.clone());
        }
        for firearm in register.firearms.keys() {
            b.node("firearm", firearm.as_str());
        }
        for link in &files.links {
            let decided = files.review.state(&link.a, &link.b);
            b.edges.push(Edge {
                source: format!("casing/{}", link.a),
                target: format!("casing/{}", link.b),
                kind: "proposed",
                score: Some(link.score),
                decision: decided.map(|d| d.conclusion.word().to_owned()),
            });
        }
        for same in files.suspicions.all() {
            b.edges.push(Edge {
                source: format!("casing/{}", same.found.a),
                target: format!("casing/{}", same.found.b),
                kind: "same_acquisition",
                score: None,
                decision: same.cleared.as_ref().map(|_| "cleared".to_owned()),
            });
        }
        for hit in &files.hits {
            let (x, y) = &hit.cases;
            b.edge(&format!("case/{x}"), &format!("case/{y}"), "hit");
        }
        let mut edges = b.edges;
        edges.sort_by(|x, y| (&x.source, &x.target, x.kind).cmp(&(&y.source, &y.target, y.kind)));
        edges.dedup_by(|x, y| (&x.source, &x.target, x.kind) == (&y.source, &y.target, y.kind));
        Self { nodes: b.nodes.into_values().collect(), edges }
    }

    /// The graph as GraphML (Brandes et al. 2002; graphml.graphdrawing.org).
    pub fn graphml(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
        );
        for (id, of, name, sort) in KEYS {
            out += &format!(
                "  <key id=\"{id}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{sort}\"/>\n"
            );
        }
        out += "  <graph edgedefault=\"undirected\">\n";
        for n in &self.nodes {
            out += &format!("    <node id=\"{}\">", escaped(&n.id));
            out += &data("kind", Some(n.kind));
            out += &data("label", Some(&n.label));
            out += &data("date", n.date.as_deref());
            out += &data("state", n.state.as_deref());
            out += "</node>\n";
        }
        for e in &self.edges {
            let (source, target) = (escaped(&e.source), escaped(&e.target));
            out += &format!("    <edge source=\"{source}\" target=\"{target}\">");
            out += &data("tie", Some(e.kind));
            out += &data("score", e.score.map(|s| s.to_string()).as_deref());
            out += &data("decision", e.decision.as_deref());
            out += "</edge>\n";
        }
        out + "  </graph>\n</graphml>\n"
    }
}

/// The attributes of the GraphML: key, of what, name, type.
const KEYS: [(&str, &str, &str, &str); 7] = [
    ("kind", "node", "kind", "string"),
    ("label", "node", "label", "string"),
    ("date", "node", "date", "string"),
    ("state", "node", "state", "string"),
    ("tie", "edge", "kind", "string"),
    ("score", "edge", "score", "double"),
    ("decision", "edge", "decision", "string"),
];

fn data(key: &str, value: Option<&str>) -> String {
    let text = |v| format!("<data key=\"{key}\">{}</data>", escaped(v));
    value.map(text).unwrap_or_default()
}

/// Text as it may stand in XML, which knows some characters not even escaped:
/// they are written out.
fn escaped(text: &str) -> String {
    quick_xml::escape::escape(&*printable(text)).into_owned()
}

/// Scenes, and where firearms were recovered, as a GeoJSON feature collection
/// (RFC 7946: WGS 84, longitude first). What has no coordinates is there
/// without a geometry.
pub fn geojson(files: &CaseFiles) -> Value {
    let register = &files.register;
    let point = |c: Option<Coordinates>| {
        c.map(|c| json!({"type": "Point", "coordinates": [c.longitude(), c.latitude()]}))
    };
    let scene = |event: &Event| {
        let here = register
            .casings
            .values()
            .filter(|c| c.scene.as_ref().is_some_and(|s| s.id == event.id));
        let casings: Vec<_> = here.map(|c| &c.id).collect();
        let mut groups: Vec<&str> =
            casings.iter().filter_map(|c| Some(files.group_of(c)?.id.as_str())).collect();
        groups.sort_unstable();
        groups.dedup();
        json!({
            "type": "Feature",
            "id": format!("scene/{}", event.id),
            "geometry": point(event.place.coordinates),
            "properties": {
                "kind": "scene",
                "scene": event.id,
                "type": event.kind,
                "date": event.date,
                "state": event.place.state,
                "municipality": event.place.municipality,
                "agency": event.agency,
                "case": event.case,
                "casings": casings,
                "groups": groups,
            },
        })
    };
    let recorded = register.events.values();
    // Scenes that only manifests name.
    let mut named: BTreeMap<_, Event> = BTreeMap::new();
    for scene in register.casings.values().filter_map(|c| c.scene.as_ref()) {
        if !register.events.contains_key(&scene.id) {
            named.entry(&scene.id).or_insert_with(|| Event::of_scene(scene));
        }
    }
    let firearm_events = register.firearm_events.iter().map(|event| {
        json!({
            "type": "Feature",
            "id": format!("firearm_event/{}", event.id),
            "geometry": point(event.place.coordinates),
            "properties": {
                "kind": event.kind,
                "firearm": event.firearm,
                "date": event.date,
                "state": event.place.state,
                "municipality": event.place.municipality,
                "agency": event.agency,
                "case": event.case,
            },
        })
    });
    let scenes = recorded.chain(named.values()).map(scene);
    let features: Vec<Value> = scenes.chain(firearm_events).collect();
    json!({ "type": "FeatureCollection", "features": features })
}
