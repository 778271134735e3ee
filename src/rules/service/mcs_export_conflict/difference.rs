//! What clusters that export one Service have to agree on, as Cilium's operator compares it
//! (pkg/clustermesh/mcsapi/serviceimport_controller.go of cilium/cilium 1.19: `mergePorts`, `intersectIPFamilies`,
//! `checkConflictExport`).

use std::collections::BTreeMap;

use crate::kustomize::Object;
use crate::mesh::{ServiceKind, service_kind};
use crate::source::Span;
use crate::yaml::Node;

/// A ServiceExport with its Service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) export: &'a Object,
    pub(super) service: &'a Object,
}

/// What two exports of one name differ in.
#[derive(Debug)]
pub(super) struct Difference {
    /// In the plural.
    pub(super) what: &'static str,
    /// Whether some traffic does not arrive, rather than being handled in another way than was asked for.
    pub(super) loses_traffic: bool,
    /// Whether the ServiceExports differ, not the Services.
    pub(super) of_export: bool,
    /// The field.
    pub(super) route: String,
    pub(super) ours: Span,
    pub(super) theirs: Span,
}

/// The gravest difference; what cannot be known on one side is no difference. `both_since` says whether both clusters
/// have at least that minor version: what an older Cilium does not compare is none either.
pub(super) fn difference(
    ours: Side<'_>,
    theirs: Side<'_>,
    both_since: impl Fn((u64, u64)) -> bool,
) -> Option<Difference> {
    let kinds = (service_kind(ours.service), service_kind(theirs.service));
    let known = kinds.0 != ServiceKind::Unknown && kinds.1 != ServiceKind::Unknown;
    if known && kinds.0 != kinds.1 {
        return Some(Difference {
            what: "types",
            loses_traffic: true,
            of_export: false,
            route: "spec.clusterIP".to_owned(),
            ours: at(ours.service, &["clusterIP"]),
            theirs: at(theirs.service, &["clusterIP"]),
        });
    }
    different_ports(ours.service, theirs.service)
        .or_else(|| no_common_family(ours.service, theirs.service).filter(|_| both_since((1, 19))))
        .or_else(|| {
            let compared = FIELDS.iter().filter(|field| both_since(field.since));
            compared.filter_map(|field| field.difference(ours, theirs)).next()
        })
}

/// A field that the oldest export decides for all.
struct Field {
    what: &'static str,
    /// Below `spec`.
    path: &'static [&'static str],
    /// Whether it is one of the ServiceExport, not of the Service.
    of_export: bool,
    /// The first minor version that compares it, of those that know ServiceExports.
    since: (u64, u64),
    /// What holds where it is not set; `ClientIP` affinity has a timeout then.
    default: fn(Side<'_>) -> &'static str,
}

static FIELDS: &[Field] = &[
    Field {
        what: "session affinities",
        path: &["sessionAffinity"],
        of_export: false,
        since: (1, 16),
        default: |_| "None",
    },
    Field {
        what: "timeouts of the session affinity",
        path: &["sessionAffinityConfig", "clientIP", "timeoutSeconds"],
        of_export: false,
        since: (1, 16),
        default: timeout,
    },
    Field {
        what: "exported annotations",
        path: &["exportedAnnotations"],
        of_export: true,
        since: (1, 18),
        default: |_| "",
    },
    Field {
        what: "exported labels",
        path: &["exportedLabels"],
        of_export: true,
        since: (1, 18),
        default: |_| "",
    },
    Field {
        what: "internal traffic policies",
        path: &["internalTrafficPolicy"],
        of_export: false,
        since: (1, 19),
        default: |_| "Cluster",
    },
    Field {
        what: "traffic distributions",
        path: &["trafficDistribution"],
        of_export: false,
        since: (1, 19),
        default: |_| "",
    },
];

/// What the API server fills in.
fn timeout(side: Side<'_>) -> &'static str {
    match side.service.node.text_at(&["spec", "sessionAffinity"]) {
        Some("ClientIP") => "10800",
        _ => "",
    }
}

impl Field {
    fn difference(&self, ours: Side<'_>, theirs: Side<'_>) -> Option<Difference> {
        let differ = self.value(ours)? != self.value(theirs)?;
        differ.then(|| Difference {
            what: self.what,
            loses_traffic: false,
            of_export: self.of_export,
            route: format!("spec.{}", self.path.join(".")),
            ours: at(self.object(ours), self.path),
            theirs: at(self.object(theirs), self.path),
        })
    }

    fn object<'a>(&self, side: Side<'a>) -> &'a Object {
        match self.of_export {
            true => side.export,
            false => side.service,
        }
    }

    /// A scalar as one value without a key, a mapping as its own; `None` when something in it cannot be known.
    fn value(&self, side: Side<'_>) -> Option<BTreeMap<String, String>> {
        let node = self
            .object(side)
            .node
            .get("spec")
            .and_then(|spec| spec.at(self.path));
        let text = |node: &Node| {
            (!node.origin().is_unknown()).then(|| node.as_text().unwrap_or_default().to_owned())
        };
        match node.filter(|node| !node.is_null()) {
            Some(node) if node.is_mapping() => node
                .entries()
                .iter()
                .map(|entry| Some((text(&entry.key)?, text(&entry.value)?)))
                .collect(),
            Some(node) => Some(BTreeMap::from([(String::new(), text(node)?)])),
            None => match (self.default)(side) {
                "" => Some(BTreeMap::new()),
                default => Some(BTreeMap::from([(String::new(), default.to_owned())])),
            },
        }
    }
}

/// The line to edit for a field below `spec`: its value, where it is a scalar; else the name of the nearest that exists.
fn at(object: &Object, path: &[&str]) -> Span {
    let named = object.node.at(&["metadata", "name"]).unwrap_or(&object.node);
    let Some(mut node) = object.node.get("spec") else {
        return named.origin().edit_span();
    };
    let mut found = named.origin().edit_span();
    for step in path {
        let Some(entry) = node.entry(step) else {
            return found;
        };
        node = &entry.value;
        found = match node.as_scalar() {
            Some(_) => node.origin().edit_span(),
            None => entry.key.span(),
        };
    }
    found
}

/// Port, protocol, name and protocol of the application, each with where it stands.
fn shape(port: &Node) -> Option<[String; 4]> {
    let text = |key: &str, default: &str| {
        let node = port.get(key);
        let known = node.is_none_or(|node| !node.origin().is_unknown());
        known.then(|| node.and_then(Node::as_text).unwrap_or(default).to_owned())
    };
    Some([
        text("port", "")?,
        text("protocol", "TCP")?,
        text("name", "")?,
        text("appProtocol", "")?,
    ])
}

const SHAPE: [&str; 4] = ["port", "protocol", "name", "appProtocol"];

fn different_ports(ours: &Object, theirs: &Object) -> Option<Difference> {
    let ports = |object: &Object| -> Option<Vec<([String; 4], Node)>> {
        let ports = object.node.at(&["spec", "ports"]).map_or(&[][..], Node::items);
        ports
            .iter()
            .map(|port| Some((shape(port)?, port.clone())))
            .collect()
    };
    let (a, b) = (ports(ours)?, ports(theirs)?);
    let lacks =
        |others: &[([String; 4], Node)], shape: &[String; 4]| others.iter().all(|(other, _)| other != shape);
    let first_alone = |ports: &[([String; 4], Node)], others: &[([String; 4], Node)]| {
        ports.iter().find(|(shape, _)| lacks(others, shape)).cloned()
    };
    let (alone_a, alone_b) = (first_alone(&a, &b), first_alone(&b, &a));
    if alone_a.is_none() && alone_b.is_none() {
        return None;
    }
    // The field that sets apart two ports that are the same otherwise; else the list as a whole.
    let apart = match (&alone_a, &alone_b) {
        (Some((a, _)), Some((b, _))) => {
            let mut differing = (0..SHAPE.len()).filter(|at| a.get(*at) != b.get(*at));
            differing.next().filter(|_| differing.next().is_none())
        }
        _ => None,
    };
    let span = |object: &Object, port: &Option<([String; 4], Node)>| {
        let key = apart.and_then(|at| SHAPE.get(at));
        let field = key.and_then(|key| port.as_ref()?.1.get(key));
        field.map_or_else(|| at(object, &["ports"]), |node| node.origin().edit_span())
    };
    Some(Difference {
        what: "ports",
        loses_traffic: true,
        of_export: false,
        route: "spec.ports".to_owned(),
        ours: span(ours, &alone_a),
        theirs: span(theirs, &alone_b),
    })
}

/// Families that are not stated are those of the cluster, which nobody can see here.
fn no_common_family(ours: &Object, theirs: &Object) -> Option<Difference> {
    let families = |object: &Object| -> Option<Vec<String>> {
        let items = object.node.at(&["spec", "ipFamilies"])?.items();
        let known = items.iter().all(|item| !item.origin().is_unknown());
        known.then(|| {
            items
                .iter()
                .filter_map(Node::as_text)
                .map(str::to_owned)
                .collect()
        })
    };
    let (a, b) = (families(ours)?, families(theirs)?);
    let apart = !a.is_empty() && !b.is_empty() && a.iter().all(|family| !b.contains(family));
    apart.then(|| Difference {
        what: "IP families",
        loses_traffic: true,
        of_export: false,
        route: "spec.ipFamilies".to_owned(),
        ours: at(ours, &["ipFamilies"]),
        theirs: at(theirs, &["ipFamilies"]),
    })
}
