//! Hubs: Kustomizations with a `kubeConfig`, whose objects belong to another cluster.

use std::sync::Arc;

use crate::flux::{Cluster, Delivery, Kustomization};
use crate::source::RepoPath;
use crate::yaml::Node;

/// Copies what hubs deliver to other clusters into these; clusters that nothing else shows are added.
pub(in crate::flux) fn deliver(clusters: &mut Vec<Cluster>) {
    let mut deliveries = Vec::new();
    for cluster in clusters.iter() {
        for kustomization in cluster
            .kustomizations
            .iter()
            .filter(|one| one.remote && one.hub.is_none())
        {
            deliveries.push((target_name(kustomization), copy(kustomization, cluster)));
        }
    }
    for (name, kustomization) in deliveries {
        let known = clusters
            .iter()
            .position(|cluster| is_target(cluster, &name, &kustomization));
        match known.and_then(|at| clusters.get_mut(at)) {
            Some(cluster) if renders(cluster, &kustomization) => {}
            Some(cluster) => cluster.kustomizations.push(kustomization),
            None => clusters.push(seen_through_a_hub(name, kustomization)),
        }
    }
}

fn copy(kustomization: &Kustomization, hub: &Cluster) -> Kustomization {
    Kustomization {
        namespace: kustomization.namespace.clone(),
        name: kustomization.name.clone(),
        object: Arc::clone(&kustomization.object),
        parent: None,
        source: kustomization.source.clone(),
        path: kustomization.path.clone(),
        build: kustomization.build.clone(),
        objects: kustomization.objects.clone(),
        variables: kustomization.variables.clone(),
        problems: Vec::new(),
        suspended: kustomization.suspended,
        remote: false,
        hub: Some(hub.name.clone()),
    }
}

/// The name of the cluster that a `kubeConfig` leads to: the Secret's or ConfigMap's without what says that it
/// holds one, else the Kustomization's namespace (hubs often give each cluster one).
fn target_name(kustomization: &Kustomization) -> String {
    let reference = kustomization.spec().and_then(|spec| spec.get("kubeConfig"));
    let name = |kind| reference.and_then(|node: &Node| node.text_at(&[kind, "name"]));
    let name = name("secretRef").or(name("configMapRef")).unwrap_or_default();
    let words: Vec<&str> = name
        .split('-')
        .filter(|word| {
            !matches!(
                *word,
                "kubeconfig" | "kubeconf" | "kube" | "config" | "secret" | "cluster" | "user"
            )
        })
        .collect();
    let told = name
        .trim_end_matches("-user-kubeconfig")
        .trim_end_matches("-kubeconfig")
        .trim_end_matches("-kube-config")
        .trim_start_matches("kubeconfig-");
    if words.is_empty() {
        kustomization.namespace.clone()
    } else {
        told.to_owned()
    }
}

fn is_target(cluster: &Cluster, name: &str, kustomization: &Kustomization) -> bool {
    let same_place = || kustomization.path.as_ref() == Some(&cluster.entry);
    kustomization.hub.as_deref() != Some(&cluster.name)
        && (cluster.name == name || cluster.name.rsplit('/').next() == Some(name) || same_place())
}

/// Whether the cluster builds the same directory by itself.
fn renders(cluster: &Cluster, delivered: &Kustomization) -> bool {
    let own = cluster.kustomizations.iter().filter(|one| one.hub.is_none());
    delivered.path.is_some() && own.into_iter().any(|one| one.path == delivered.path)
}

fn seen_through_a_hub(name: String, kustomization: Kustomization) -> Cluster {
    let span = kustomization
        .spec()
        .and_then(|spec| spec.get("path"))
        .map(Node::span);
    Cluster {
        name,
        entry: kustomization
            .path
            .clone()
            .unwrap_or_else(|| stated_path(&kustomization)),
        entry_span: span.or(Some(kustomization.object.node.span())),
        delivery: Delivery::Flux,
        kustomizations: vec![kustomization],
        helm: std::collections::BTreeMap::new(),
        loose_values: Vec::new(),
        strict_substitution: true,
    }
}

/// The path as written, for a Kustomization whose files are not here.
fn stated_path(kustomization: &Kustomization) -> RepoPath {
    RepoPath::clamp(
        kustomization
            .spec()
            .and_then(|spec| spec.text_at(&["path"]))
            .unwrap_or_default(),
    )
}
