//! Hubs: Kustomizations with a `kubeConfig`, whose objects belong to another cluster.

use std::sync::Arc;

use crate::fleet::{Cluster, Delivery, ReleaseFacts};
use crate::flux::render::{Address, Lent, Renderer, Territory, source_reference};
use crate::flux::{Kustomization, Source, address};
use crate::kustomize::Object;
use crate::source::RepoPath;
use crate::yaml::Node;

/// Copies what hubs deliver to other clusters into these; clusters that nothing else shows are added.
pub(crate) fn deliver(clusters: &mut Vec<Cluster>) {
    let deliveries: Vec<Delivered> = clusters.iter().flat_map(Delivered::of_hub).collect();
    for Delivered {
        target,
        kustomization,
        facts,
    } in deliveries
    {
        let known = position(clusters, &target, &kustomization);
        match known.and_then(|at| clusters.get_mut(at)) {
            Some(cluster) if renders(cluster, &kustomization) => {}
            Some(cluster) => {
                cluster.kustomizations.push(kustomization);
                cluster.releases.extend(facts);
            }
            None => {
                let mut cluster = seen_through_a_hub(target, kustomization);
                cluster.releases.extend(facts);
                clusters.push(cluster);
            }
        }
    }
}

/// Follows the Flux objects that hubs put into clusters of which nothing else is known: Flux runs there too.
pub(crate) fn follow(clusters: &mut [Cluster], renderer: &Renderer<'_>) {
    let followed: Vec<Option<Vec<Kustomization>>> = clusters
        .iter()
        .map(|cluster| {
            let first = cluster.kustomizations.first()?;
            let hub = first.hub.as_ref().filter(|_| cluster.is_delivered_by_another())?;
            let hub = clusters.iter().find(|one| one.name == *hub)?;
            let source = lent(hub, first)?;
            let territory = Territory::of([&*cluster.name, &*cluster.found_as], &cluster.entry, &[]);
            renderer.follow(&cluster.kustomizations, source, &territory, &cluster.given)
        })
        .collect();
    for (cluster, followed) in clusters.iter_mut().zip(followed) {
        if let Some(kustomizations) = followed {
            cluster.kustomizations = kustomizations;
        }
    }
}

/// The source from which the hub takes a Kustomization, if it holds this repository.
fn lent(hub: &Cluster, delivered: &Kustomization) -> Option<Lent> {
    let Source::Here(root) = &delivered.source else {
        return None;
    };
    let own = source_reference(&delivered.object)?;
    let mut sources = hub.objects().map(|(_, object)| object);
    let source = sources.find(|object| Address::of(object) == own);
    let url = source.and_then(|source| source.node.text_at(&["spec", "url"]));
    Some(Lent {
        url: url.map(address::normalise),
        reference: source.and_then(|source| source.node.at(&["spec", "ref"]).cloned()),
        root: root.clone(),
        own,
    })
}

/// What a hub sends to one cluster.
struct Delivered {
    target: String,
    kustomization: Kustomization,
    /// Of a HelmRelease that stays in the hub: what it takes from elsewhere is there too.
    facts: Option<((String, String), ReleaseFacts)>,
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
                    facts: None,
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
            facts: hub.facts_of(release).map(|facts| (key, facts.clone())),
        })
    }
}

fn copy(kustomization: &Kustomization, hub: &Cluster) -> Kustomization {
    Kustomization {
        parent: None,
        problems: Vec::new(),
        remote: false,
        hub: Some(hub.name.clone()),
        ..kustomization.clone()
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

/// The cluster that is meant: the one of that name, else one that starts from the directory that is delivered. What only a hub
/// shows is known by its name alone, since one directory may go to all of them.
fn position(clusters: &[Cluster], name: &str, kustomization: &Kustomization) -> Option<usize> {
    let find = |is_it: &dyn Fn(&Cluster) -> bool| {
        clusters
            .iter()
            .position(|cluster| kustomization.hub.as_deref() != Some(&cluster.name) && is_it(cluster))
    };
    let is_called = |cluster: &Cluster| {
        let names = [&cluster.name, &cluster.found_as];
        cluster.goes_by(name) || names.iter().any(|own| own.rsplit('/').next() == Some(name))
    };
    let starts_there = |cluster: &Cluster| {
        !cluster.is_delivered_by_another() && kustomization.path.as_ref() == Some(&cluster.entry)
    };
    find(&is_called).or_else(|| find(&starts_there))
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
        releases: std::collections::BTreeMap::new(),
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
