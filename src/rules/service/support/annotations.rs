//! The annotations of Services, wherever they are in the clusters.

use crate::finding::ObjectRef;
use crate::kustomize::Object;
use crate::rules::Context;
use crate::rules::gather::Gathered;
use crate::source::Span;
use crate::yaml::Node;

/// The annotations of an object: name, key, value.
pub(crate) fn of(object: &Object) -> impl Iterator<Item = (&str, &Node, &Node)> {
    let annotations = object.node.at(&["metadata", "annotations"]);
    let entries = annotations.map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| Some((entry.key.as_text()?, &entry.key, &entry.value)))
}

/// The annotations of Services that are `meant`, in all clusters.
pub(crate) fn gather<'a>(
    context: &Context<'a>,
    meant: impl Fn(&Object, &str, &Node) -> bool,
) -> Gathered<&'a str, (Span, ObjectRef)> {
    let mut gathered = Gathered::new();
    for cluster in &context.fleet.clusters {
        let services = cluster.objects_of("Service");
        for (_, service) in services.filter(|(_, object)| object.group().is_empty()) {
            for (key, node, _) in of(service).filter(|(key, _, value)| meant(service, key, value)) {
                let span = node.span();
                gathered.add(span, key, &cluster.name, (span, service.reference()));
            }
        }
    }
    gathered
}
