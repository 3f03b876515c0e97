//! What ties the casings of a group or case, drawn.

use super::graph::{Edge, Node, Shape, graph};
use crate::model::LinkEntry;
use crate::text::Strings;
use maud::Markup;
use std::collections::BTreeMap;
use types::evidence::{CasingRecord, Origin};

/// Casings that a link graph can show legibly.
const GRAPH_NODES: usize = 24;

/// The link graph of some casings; the first few where they are many.
pub fn drawing(
    casings: &[CasingRecord],
    links: &[LinkEntry],
    subject: &dyn Fn(&CasingRecord) -> bool,
    t: &Strings,
) -> Markup {
    let mut order: Vec<&CasingRecord> = casings.iter().collect();
    order.sort_by_key(|c| !subject(c));
    order.truncate(GRAPH_NODES);
    let place: BTreeMap<&str, usize> =
        order.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let nodes: Vec<Node> = order
        .iter()
        .map(|c| Node {
            label: c.id.to_string(),
            below: match (&c.scene, &c.firearm) {
                (Some(scene), _) => scene.id.to_string(),
                (None, Some(firearm)) => firearm.to_string(),
                (None, None) => String::new(),
            },
            shape: if c.origin == Origin::TestFire { Shape::Square } else { Shape::Disc },
            subject: subject(c),
        })
        .collect();
    let strongest = links.iter().map(|l| l.score).fold(f64::MIN_POSITIVE, f64::max);
    let edges: Vec<Edge> = links
        .iter()
        .filter_map(|l| {
            let (a, b) = (*place.get(l.a.as_str())?, *place.get(l.b.as_str())?);
            Some(Edge { a, b, strength: l.score / strongest })
        })
        .collect();
    graph(&nodes, &edges, t.group_graph_alt)
}
