//! Which releases of Kubernetes, Flux, Cilium and external-secrets each cluster runs, as far as the repository states them.

use memchr::memmem;
use rayon::prelude::*;

use super::charts::{chart_of, version_of};
use super::index::{ClusterIndex, Index};
use super::kind::GroupKind;
use crate::fleet::Cluster;
use crate::source::{FileId, RepoPath};
use crate::tables::api_versions::Release;
use crate::yaml::{Node, Store};

/// What a cluster runs; `None` where nothing states it, or two places disagree.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Releases {
    kubernetes: Option<Release>,
    flux: Option<Release>,
    cilium: Option<Release>,
    external_secrets: Option<Release>,
}

impl Releases {
    /// The release of that product.
    pub(crate) fn of(&self, product: &str) -> Option<Release> {
        match product {
            "Kubernetes" => self.kubernetes,
            "Flux" => self.flux,
            "Cilium" => self.cilium,
            "external-secrets" => self.external_secrets,
            _ => None,
        }
    }
}

/// The releases of every cluster, in their order. `cilium` tells that of Cilium by the cluster's position.
pub(crate) fn releases(
    store: &Store<'_>,
    index: &Index<'_>,
    cilium: &dyn Fn(usize) -> Option<Release>,
) -> Vec<Releases> {
    let stated = Stated::read(store);
    let clusters = index.clusters.iter().enumerate();
    let of_cluster = |(at, cluster): (usize, &ClusterIndex<'_>)| {
        let flux = cluster.cluster.flux;
        Releases {
            kubernetes: stated.of(cluster.cluster, index.clusters.len() == 1),
            flux: flux.and_then(|flux| Some((flux.major, flux.minor?))),
            cilium: cilium(at),
            external_secrets: of_chart(cluster, "external-secrets"),
        }
    };
    clusters.map(of_cluster).collect()
}

/// The release of the one chart of that name.
fn of_chart(index: &ClusterIndex<'_>, name: &str) -> Option<Release> {
    let releases = index.cluster.objects_of(GroupKind::HELM_RELEASE.kind);
    let of_it = releases.filter(|(_, release)| chart_of(index, release) == Some(name));
    agreed(of_it.map(|(_, release)| version_of(index, release).and_then(release_in)))
}

/// What all say, if they say the same.
fn agreed(mut all: impl Iterator<Item = Option<Release>>) -> Option<Release> {
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

/// Major and minor of `v1.34.1+k3s1`, and of what ends in one: an image with its tag, or a channel.
fn release_in(text: &str) -> Option<Release> {
    let text = text.split('@').next()?;
    let version = text.rsplit(['/', ':']).next()?;
    let mut parts = version.trim_start_matches('v').split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?;
    let digits = minor.find(|c: char| !c.is_ascii_digit()).unwrap_or(minor.len());
    Some((major, minor.get(..digits)?.parse().ok()?))
}

/// Words one of which is in every file that states a release of Kubernetes for machines.
const MARKS: [&str; 5] = [
    "kubernetesVersion",
    "kindest/node",
    "/kubelet:",
    "cluster.x-k8s.io/",
    "k3s_version",
];

/// Where a file states a release of Kubernetes, and the name of the cluster.
struct Form {
    is: fn(&Node) -> bool,
    name: &'static [&'static str],
    version: &'static [&'static str],
}

fn is_of_group(node: &Node, group: &str) -> bool {
    let version = node
        .text_at(&["apiVersion"])
        .and_then(|version| version.split_once('/'));
    version.is_some_and(|(own, _)| own == group)
}

const FORMS: [Form; 7] = [
    // talhelper's talconfig.yaml, and the file of variables beside it
    Form {
        is: |node| node.get("kind").is_none() && node.get("kubernetesVersion").is_some(),
        name: &["clusterName"],
        version: &["kubernetesVersion"],
    },
    Form {
        is: |node| node.text_at(&["kind"]) == Some("ClusterConfiguration"),
        name: &["clusterName"],
        version: &["kubernetesVersion"],
    },
    // A machine configuration of Talos
    Form {
        is: |node| node.at(&["machine", "kubelet", "image"]).is_some(),
        name: &["cluster", "clusterName"],
        version: &["machine", "kubelet", "image"],
    },
    // kind
    Form {
        is: |node| is_of_group(node, "kind.x-k8s.io"),
        name: &["name"],
        version: &["nodes"],
    },
    // Cluster API: the control planes of kubeadm, RKE2, k3s and Talos
    Form {
        is: |node| is_of_group(node, "controlplane.cluster.x-k8s.io"),
        name: &["metadata", "labels", "cluster.x-k8s.io/cluster-name"],
        version: &["spec", "version"],
    },
    Form {
        is: |node| is_of_group(node, "cluster.x-k8s.io"),
        name: &["metadata", "name"],
        version: &["spec", "topology", "version"],
    },
    // k3s-ansible
    Form {
        is: |node| node.get("k3s_version").is_some(),
        name: &[],
        version: &["k3s_version"],
    },
];

/// A file that states a release.
struct Statement {
    path: RepoPath,
    /// The cluster that it names.
    name: Option<String>,
    release: Release,
}

/// What files of machines state.
struct Stated(Vec<Statement>);

impl Stated {
    fn read(store: &Store<'_>) -> Self {
        let sources = store.sources();
        let files: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
        let statements = files.par_iter().filter_map(|id| {
            let file = sources.file(*id);
            let path = file.path();
            let is_put_away = path.components().any(|name| name.starts_with('.'));
            let is_marked = |bytes: &[u8]| {
                let mut marks = MARKS.iter();
                marks.any(|mark| memmem::find(bytes, mark.as_bytes()).is_some())
            };
            (path.is_yaml() && !is_put_away && file.bytes().is_ok_and(is_marked)).then(|| {
                let documents = store.parsed(*id).documents.iter();
                documents
                    .filter_map(|document| statement(path, &document.root))
                    .collect::<Vec<_>>()
            })
        });
        Self(statements.flatten_iter().collect())
    }

    /// The release of a cluster: what it says of itself, else what is stated for a cluster of its name, in a directory
    /// of its name, or for the only cluster there is.
    fn of(&self, cluster: &Cluster, is_only: bool) -> Option<Release> {
        let own: Vec<Release> = cluster
            .objects()
            .filter_map(|(_, object)| of_plan(&object.node))
            .collect();
        if !own.is_empty() {
            return agreed(own.into_iter().map(Some));
        }
        let is_of = |statement: &&Statement| match &statement.name {
            Some(name) => is_only || cluster.goes_by(name),
            None => {
                is_only
                    || statement
                        .path
                        .parent()
                        .components()
                        .any(|part| cluster.goes_by(part))
            }
        };
        agreed(
            self.0
                .iter()
                .filter(is_of)
                .map(|statement| Some(statement.release)),
        )
    }
}

fn statement(path: &RepoPath, node: &Node) -> Option<Statement> {
    let form = FORMS
        .iter()
        .find(|form| (form.is)(node) && node.at(form.version).is_some())?;
    let stated = node.at(form.version)?;
    let stated = match stated.items() {
        [] => stated,
        [first, ..] => first.get("image")?,
    };
    let name = (!form.name.is_empty()).then(|| node.text_at(form.name)).flatten();
    Some(Statement {
        path: path.clone(),
        name: name.map(str::to_owned),
        release: release_in(stated.as_text()?)?,
    })
}

/// What an object of the cluster says about upgrades of its own nodes: a Plan of system-upgrade-controller for k3s, RKE2 or a
/// kubelet, or a KubernetesUpgrade of tuppr.
fn of_plan(node: &Node) -> Option<Release> {
    match node.text_at(&["kind"])? {
        "KubernetesUpgrade" => release_in(node.text_at(&["spec", "kubernetes", "version"])?),
        "Plan" => {
            let image = node.text_at(&["spec", "upgrade", "image"])?;
            let is_kubernetes = ["k3s-upgrade", "rke2-upgrade", "kubelet"]
                .iter()
                .any(|name| image.contains(name));
            let version = node
                .text_at(&["spec", "version"])
                .or_else(|| node.text_at(&["spec", "channel"]));
            release_in(version.filter(|_| is_kubernetes)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_what_a_version_a_tag_or_a_channel_ends_in() {
        for (text, release) in [
            ("v1.34.1", Some((1, 34))),
            ("1.31.4+k3s1", Some((1, 31))),
            ("kindest/node:v1.27.3@sha256:00ff", Some((1, 27))),
            ("ghcr.io/siderolabs/kubelet:v1.30.0", Some((1, 30))),
            ("https://update.k3s.io/v1-release/channels/v1.29", Some((1, 29))),
            ("https://update.k3s.io/v1-release/channels/stable", None),
            ("${kubernetesVersion}", None),
        ] {
            assert_eq!(release_in(text), release, "{text}");
        }
    }
}
