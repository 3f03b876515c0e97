//! Traces and shipments in the graph and on the map.

use super::Traces;
use crate::{Edge, Graph, Node};
use serde_json::{Value, json};
use types::evidence::capital;
use types::evidence::{Place, Stop};

impl Traces {
    /// Adds traces (with their dealers) and shipments, and what ties them to
    /// firearms and casings: `traced`, `sold_by`, `found_in`. No purchaser.
    pub fn join(&self, graph: &mut Graph) {
        let node = |kind, label: &str, date: Option<String>, place: &Place| Node {
            id: format!("{kind}/{label}"),
            kind,
            label: label.to_owned(),
            date,
            state: place.state.clone(),
        };
        let edge = |source: &str, target: String, kind| Edge {
            source: source.to_owned(),
            target,
            kind,
            score: None,
            decision: None,
        };
        for request in &self.requests {
            let date = request.recovered.map(|d| d.to_string());
            let trace = node("trace", request.id.as_str(), date, &request.place);
            graph.edges.push(edge(
                &format!("firearm/{}", request.firearm),
                trace.id.clone(),
                "traced",
            ));
            let dealer = self.results.get(&request.id).map(|result| &result.dealer);
            if let Some((dealer, name)) = dealer.and_then(|d| Some((d, d.name.as_ref()?))) {
                let dealer = node("dealer", name, None, &dealer.place);
                graph.edges.push(edge(&trace.id, dealer.id.clone(), "sold_by"));
                graph.nodes.push(dealer);
            }
            graph.nodes.push(trace);
        }
        for shipment in &self.shipments {
            let date = shipment.date.map(|d| d.to_string());
            let here = node("shipment", shipment.id.as_str(), date, &shipment.place);
            let firearms = shipment.firearms.iter().map(|f| format!("firearm/{f}"));
            let casings = shipment.casings.iter().map(|c| format!("casing/{c}"));
            let found =
                firearms.chain(casings).map(|what| edge(&what, here.id.clone(), "found_in"));
            graph.edges.extend(found);
            graph.nodes.push(here);
        }
        graph.nodes.sort();
        graph.nodes.dedup_by(|a, b| a.id == b.id);
        let key = |e: &Edge| (e.source.clone(), e.target.clone(), e.kind);
        graph.edges.sort_by_key(key);
        graph.edges.dedup_by_key(|e| key(e));
    }

    /// Shipments as GeoJSON features (RFC 7946): a point where each was
    /// stopped, a line from its origin to its destination.
    pub fn features(&self) -> Vec<Value> {
        let mut features = Vec::new();
        for shipment in &self.shipments {
            let mut properties = json!(shipment);
            if let Some(fields) = properties.as_object_mut() {
                fields.insert("kind".into(), "shipment".into());
                fields.insert("misdeclared".into(), shipment.misdeclared().into());
            }
            let stopped = shipment.place.coordinates.map(|c| [c.longitude(), c.latitude()]);
            features.push(json!({
                "type": "Feature",
                "id": format!("shipment/{}", shipment.id),
                "geometry": stopped.map(|at| json!({ "type": "Point", "coordinates": at })),
                "properties": properties,
            }));
            let ends = at(&shipment.origin).zip(at(&shipment.destination));
            if let Some((origin, destination)) = ends {
                let way: Vec<[f64; 2]> =
                    [Some(origin), stopped, Some(destination)].into_iter().flatten().collect();
                features.push(json!({
                    "type": "Feature",
                    "id": format!("route/{}", shipment.id),
                    "geometry": { "type": "LineString", "coordinates": way },
                    "properties": { "kind": "route", "shipment": shipment.id },
                }));
            }
        }
        features
    }
}

/// Longitude and latitude of a stop, of its state's capital where no more is
/// known.
fn at(stop: &Stop) -> Option<[f64; 2]> {
    let known = stop.place.coordinates.map(|c| [c.longitude(), c.latitude()]);
    let state = || capital(stop.place.state.as_deref()?).map(|(lat, lon)| [lon, lat]);
    known.or_else(state)
}
