//! Cluster API: clusters that are objects of another, and what that one brings into them: ClusterResourceSets apply what
//! ConfigMaps and Secrets hold (kubernetes-sigs/cluster-api `exp/addons`), HelmChartProxies install charts
//! (kubernetes-sigs/cluster-api-addon-provider-helm).

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::{Cluster, Delivery};
use super::plain::{Plain, applied};
use crate::helm::text_of_secret;
use crate::kustomize::Object;
use crate::source::{RepoPath, SourceMap};
use crate::template::go;
use crate::yaml::{Entry, Node, embedded_places, parse_embedded};

/// The groups of its objects.
const CLUSTERS: &str = "cluster.x-k8s.io";
const ADDONS: &str = "addons.cluster.x-k8s.io";

/// Adds the clusters that each cluster makes, with what it brings into them.
pub(super) fn deliver(clusters: &mut Vec<Cluster>, sources: &SourceMap) {
    let hubs: Vec<(String, Vec<Arc<Object>>)> = clusters
        .iter()
        .map(|hub| {
            let objects = hub.objects().map(|(_, object)| Arc::clone(object));
            (hub.name.clone(), objects.collect())
        })
        .collect();
    for (hub, objects) in hubs {
        for (cluster, brought) in brought(&objects, sources) {
            add(clusters, &cluster, brought, &hub);
        }
    }
}

/// The clusters that objects make which none of these clusters has.
pub(super) fn beside(clusters: &[Cluster], plain: &Plain<'_>, sources: &SourceMap) -> Vec<Cluster> {
    let made: BTreeSet<&str> = clusters
        .iter()
        .flat_map(|cluster| cluster.objects_of("Cluster"))
        .map(|(_, object)| object.name())
        .collect();
    let is_beside = |object: &Arc<Object>| {
        object.group() == CLUSTERS && object.kind() == "Cluster" && !made.contains(object.name())
    };
    let marked = plain.marked(CLUSTERS.as_bytes());
    if !marked.iter().any(is_beside) {
        return Vec::new();
    }
    let objects = plain.all();
    let beside: Vec<Arc<Object>> = objects
        .into_iter()
        .filter(|object| object.group() != CLUSTERS || is_beside(object))
        .collect();
    let mut found = Vec::new();
    for (cluster, brought) in brought(&beside, sources) {
        add(&mut found, &cluster, brought, "Cluster API");
    }
    found
}

fn add(clusters: &mut Vec<Cluster>, made: &Arc<Object>, brought: Vec<Arc<Object>>, hub: &str) {
    let name = made.name();
    let applied = applied(Arc::clone(made), brought, hub);
    let is_it = |one: &&mut Cluster| one.name != hub && one.goes_by(name);
    if let Some(cluster) = clusters.iter_mut().find(is_it) {
        cluster.kustomizations.push(applied);
        return;
    }
    clusters.push(Cluster {
        name: name.to_owned(),
        found_as: name.to_owned(),
        entry: RepoPath::clamp(name),
        entry_span: Some(made.name_span()),
        delivery: Delivery::Flux,
        kustomizations: vec![applied],
        loose_values: Vec::new(),
        strict_substitution: true,
        flux: None,
        releases: std::collections::BTreeMap::new(),
        given: Vec::new(),
        machines: Vec::new(),
    });
}

/// The clusters among the objects into which something is brought, each with that.
fn brought(objects: &[Arc<Object>], sources: &SourceMap) -> Vec<(Arc<Object>, Vec<Arc<Object>>)> {
    let of = |group: &'static str, kind: &'static str| {
        objects
            .iter()
            .filter(move |object| object.group() == group && object.kind() == kind)
    };
    let held = |set| LazyCell::new(move || resources(set, objects, sources));
    // What a set holds is read once, for however many clusters it is.
    let sets: Vec<_> = of(ADDONS, "ClusterResourceSet")
        .map(|set| (set, held(set)))
        .collect();
    let made = of(CLUSTERS, "Cluster").map(|cluster| {
        let is_for = |addon: &&Arc<Object>| {
            addon.namespace() == cluster.namespace()
                && addon
                    .node
                    .at(&["spec", "clusterSelector"])
                    .is_some_and(|selector| selects(selector, cluster))
        };
        let charts = of(ADDONS, "HelmChartProxy").filter(is_for);
        let mut all: Vec<Arc<Object>> = charts.map(|proxy| filled(proxy, cluster, sources)).collect();
        for (_, held) in sets.iter().filter(|(set, _)| is_for(set)) {
            all.extend(held.iter().cloned());
        }
        (Arc::clone(cluster), all)
    });
    made.filter(|(_, all)| !all.is_empty()).collect()
}

fn selects(selector: &Node, cluster: &Object) -> bool {
    let label = |key: &str| cluster.label(key).and_then(Node::as_text);
    let labels = selector.get("matchLabels").map(Node::entries).unwrap_or_default();
    let expressions = selector
        .get("matchExpressions")
        .map(Node::items)
        .unwrap_or_default();
    let has = |entry: &Entry| {
        entry
            .key
            .as_text()
            .is_some_and(|key| label(key).is_some() && label(key) == entry.value.as_text())
    };
    let holds = |expression: &Node| {
        let found = label(expression.text_at(&["key"]).unwrap_or_default());
        let values = expression.get("values").map(Node::items).unwrap_or_default();
        let is_named = values
            .iter()
            .any(|value| found.is_some() && value.as_text() == found);
        match expression.text_at(&["operator"]).unwrap_or_default() {
            "In" => is_named,
            "NotIn" => !is_named,
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            _ => false,
        }
    };
    labels.iter().all(has) && expressions.iter().all(holds)
}

/// The proxy as it is for one cluster: what its template gives there stands in `spec.values`.
fn filled(proxy: &Arc<Object>, cluster: &Object, sources: &SourceMap) -> Arc<Object> {
    let Some(template) = proxy.node.at(&["spec", "valuesTemplate"]) else {
        return Arc::clone(proxy);
    };
    let text = template.as_text().unwrap_or_default();
    let at = template.span();
    let dot = Node::mapping(
        vec![Entry {
            key: Node::string("Cluster", at),
            value: cluster.node.clone(),
        }],
        at,
    );
    let places = embedded_places(template, sources);
    let written = go::fill(text, &dot, None, &|range| places(range).span);
    let values = written
        .and_then(|written| written.documents())
        .and_then(|documents| documents.into_iter().next());
    let mut object = Object::clone(proxy);
    if let (Some(values), Some(spec)) = (values, object.node.get_mut("spec")) {
        spec.remove("valuesTemplate");
        spec.set(Node::string("values", at), values);
    }
    Arc::new(object)
}

/// The objects in the ConfigMaps and Secrets that a ClusterResourceSet names.
fn resources(set: &Object, objects: &[Arc<Object>], sources: &SourceMap) -> Vec<Arc<Object>> {
    let named = set
        .node
        .at(&["spec", "resources"])
        .map(Node::items)
        .unwrap_or_default();
    let mut all = Vec::new();
    for reference in named {
        let is_it = |object: &&Arc<Object>| {
            object.group().is_empty()
                && Some(object.kind()) == reference.text_at(&["kind"])
                && Some(object.name()) == reference.text_at(&["name"])
                && object.namespace() == set.namespace()
        };
        if let Some(holder) = objects.iter().find(is_it) {
            for text in texts(holder) {
                let documents = parse_embedded(&text, sources).documents;
                let roots = documents.into_iter().map(|document| document.root);
                let manifests = roots.filter(|root| root.text_at(&["metadata", "name"]).is_some());
                all.extend(manifests.map(|root| Arc::new(Object::new(root))));
            }
        }
    }
    all
}

fn texts(holder: &Object) -> Vec<Node> {
    let entries = |field: &str| holder.node.get(field).map(Node::entries).unwrap_or_default();
    if holder.kind() == "ConfigMap" {
        return entries("data").iter().map(|entry| entry.value.clone()).collect();
    }
    let keys = entries("stringData").iter().chain(entries("data"));
    keys.filter_map(|entry| text_of_secret(holder, entry.key.as_text()?)?.ok())
        .collect()
}
