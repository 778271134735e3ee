//! Hubs: Kustomizations with a `kubeConfig`, whose objects belong to another cluster.

use std::sync::Arc;

use crate::fleet::{Cluster, Delivery};
use crate::flux::Kustomization;
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::source::RepoPath;
use crate::yaml::Node;

/// Copies what hubs deliver to other clusters into these; clusters that nothing else shows are added.
pub(crate) fn deliver(clusters: &mut Vec<Cluster>) {
    let deliveries: Vec<Delivered> = clusters.iter().flat_map(Delivered::of_hub).collect();
    for Delivered {
        target,
        kustomization,
        values,
    } in deliveries
    {
        let known = clusters
            .iter()
            .position(|cluster| is_target(cluster, &target, &kustomization));
        let values = values.into_iter();
        match known.and_then(|at| clusters.get_mut(at)) {
            Some(cluster) if renders(cluster, &kustomization) => {}
            Some(cluster) => {
                cluster.kustomizations.push(kustomization);
                cluster.helm.extend(values);
            }
            None => {
                let mut cluster = seen_through_a_hub(target, kustomization);
                cluster.helm.extend(values);
                clusters.push(cluster);
            }
        }
    }
}

/// What a hub sends to one cluster.
struct Delivered {
    target: String,
    kustomization: Kustomization,
    /// Values of HelmReleases that stay in the hub: what they take from elsewhere is there too.
    values: Option<((String, String), HelmValues)>,
}

impl Delivered {
    fn of_hub(hub: &Cluster) -> Vec<Self> {
        let mut all = Vec::new();
        for owner in hub.kustomizations.iter().filter(|one| one.hub.is_none()) {
            if owner.remote {
                let reference = owner.spec().and_then(|spec| spec.get("kubeConfig"));
                let target = target_name(reference, &owner.namespace);
                all.push(Self {
                    target,
                    kustomization: copy(owner, hub),
                    values: None,
                });
                continue;
            }
            all.extend(
                owner
                    .objects
                    .iter()
                    .filter_map(|object| Self::of_release(hub, owner, object)),
            );
        }
        all
    }

    /// A HelmRelease whose chart goes to another cluster.
    fn of_release(hub: &Cluster, owner: &Kustomization, release: &Arc<Object>) -> Option<Self> {
        let reference = release
            .node
            .at(&["spec", "kubeConfig"])
            .filter(|node| !node.is_null())?;
        if release.kind() != "HelmRelease" {
            return None;
        }
        let mut there = Object::clone(release);
        there.node.get_mut("spec")?.remove("kubeConfig");
        let namespace = release.namespace().unwrap_or_default();
        let key = (namespace.to_owned(), release.name().to_owned());
        let mut kustomization = copy(owner, hub);
        kustomization.objects = vec![Arc::new(there)];
        // Only the release is there, not what else the directory holds.
        kustomization.path = None;
        Some(Self {
            target: target_name(Some(reference), namespace),
            kustomization,
            values: Some((key, hub.helm_values(release))),
        })
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
        rendered_sets: kustomization.rendered_sets.clone(),
        variables: kustomization.variables.clone(),
        problems: Vec::new(),
        suspended: kustomization.suspended,
        remote: false,
        hub: Some(hub.name.clone()),
    }
}

/// The name of the cluster that a `kubeConfig` leads to: the Secret's or ConfigMap's without what says that it
/// holds one, else the namespace (hubs often give each cluster one).
fn target_name(reference: Option<&Node>, namespace: &str) -> String {
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
        namespace.to_owned()
    } else {
        told.to_owned()
    }
}

fn is_target(cluster: &Cluster, name: &str, kustomization: &Kustomization) -> bool {
    let is_called = || {
        let names = [&cluster.name, &cluster.found_as];
        cluster.goes_by(name) || names.iter().any(|own| own.rsplit('/').next() == Some(name))
    };
    let same_place = || kustomization.path.as_ref() == Some(&cluster.entry);
    kustomization.hub.as_deref() != Some(&cluster.name) && (is_called() || same_place())
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
        found_as: name.clone(),
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
        given: Vec::new(),
        machines: Vec::new(),
        flux: None,
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
