//! What the configuration of machines says of a cluster: Talos, talhelper, kubeadm, kind, k3s and Cluster API.
//!
//! Such files lie beside what Flux delivers. Each counts only for the cluster that it names itself, or that a directory
//! around it is named after.

use std::sync::Arc;

use memchr::memmem;
use rayon::prelude::*;

use super::fact::{Place, Statement};
use super::settings::Setting;
use crate::fleet::{Cluster, Fleet};
use crate::sops::holds_encrypted;
use crate::source::{FileId, RepoPath};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Store};

/// Words one of which is in every such file.
const MARKS: [&str; 9] = [
    "machine:",
    "talosVersion",
    "kind.x-k8s.io",
    "podSubnet",
    "serviceSubnet",
    "clusterPodNets",
    "clusterSvcNets",
    "cidrBlocks",
    "cluster-cidr",
];

/// Where the configuration of one kind has its name and its ranges.
struct Form {
    name: &'static [&'static str],
    pods: &'static [&'static str],
    services: &'static [&'static str],
    is: fn(&Node) -> bool,
    /// The pod range where the whole configuration states none, and whether this is the whole.
    by_default: Option<ByDefault>,
}

/// A range that holds where the whole configuration states none.
struct ByDefault {
    range: &'static str,
    is_whole: fn(&Node) -> bool,
}

/// The range of pods that Talos and kind take by themselves (siderolabs/talos `pkg/machinery/constants`, kubernetes-sigs/kind
/// `pkg/apis/config/v1alpha4/default.go`).
const DEFAULT_PODS: &str = "10.244.0.0/16";

/// A configuration that holds a machine and its cluster, not a patch of one.
fn is_whole_machine(node: &Node) -> bool {
    node.text_at(&["version"]) == Some("v1alpha1")
        && node.at(&["machine", "type"]).is_some()
        && node.at(&["cluster", "controlPlane", "endpoint"]).is_some()
}

fn api_group(node: &Node, group: &str) -> bool {
    let version = node.text_at(&["apiVersion"]).unwrap_or_default();
    version
        .strip_prefix(group)
        .is_some_and(|rest| rest.starts_with('/'))
}

const FORMS: [Form; 6] = [
    // A machine configuration of Talos, or a patch of one.
    Form {
        name: &["cluster", "clusterName"],
        pods: &["cluster", "network", "podSubnets"],
        services: &["cluster", "network", "serviceSubnets"],
        is: |node| {
            node.get("apiVersion").is_none()
                && (node.at(&["cluster", "network"]).is_some() || is_whole_machine(node))
        },
        by_default: Some(ByDefault {
            range: DEFAULT_PODS,
            is_whole: is_whole_machine,
        }),
    },
    // talhelper's talconfig.yaml
    Form {
        name: &["clusterName"],
        pods: &["clusterPodNets"],
        services: &["clusterSvcNets"],
        is: |node| node.get("clusterName").is_some() && node.get("endpoint").is_some(),
        by_default: Some(ByDefault {
            range: DEFAULT_PODS,
            is_whole: |_| true,
        }),
    },
    Form {
        name: &["clusterName"],
        pods: &["networking", "podSubnet"],
        services: &["networking", "serviceSubnet"],
        is: |node| {
            api_group(node, "kubeadm.k8s.io") && node.text_at(&["kind"]) == Some("ClusterConfiguration")
        },
        by_default: None,
    },
    Form {
        name: &["name"],
        pods: &["networking", "podSubnet"],
        services: &["networking", "serviceSubnet"],
        is: |node| api_group(node, "kind.x-k8s.io"),
        by_default: Some(ByDefault {
            range: DEFAULT_PODS,
            is_whole: |node| {
                node.text_at(&["networking", "ipFamily"])
                    .is_none_or(|family| family == "ipv4")
            },
        }),
    },
    Form {
        name: &["metadata", "name"],
        pods: &["spec", "clusterNetwork", "pods", "cidrBlocks"],
        services: &["spec", "clusterNetwork", "services", "cidrBlocks"],
        is: |node| api_group(node, "cluster.x-k8s.io") && node.text_at(&["kind"]) == Some("Cluster"),
        by_default: None,
    },
    // /etc/rancher/k3s/config.yaml and rke2's
    Form {
        name: &[],
        pods: &["cluster-cidr"],
        services: &["service-cidr"],
        is: |node| node.get("cluster-cidr").is_some() || node.get("service-cidr").is_some(),
        by_default: None,
    },
];

/// The configuration of the machines of one cluster.
#[derive(Debug)]
struct Machine {
    path: RepoPath,
    name: Option<String>,
    pods: Option<Setting>,
    services: Option<Setting>,
    /// The range of pods that holds while nothing else states one.
    default_pods: Option<Setting>,
}

/// All configuration of machines in the repository.
#[derive(Debug, Default)]
pub struct Machines(Vec<Machine>);

impl Machines {
    /// Reads every file that may be such a configuration.
    pub fn read(store: &Store<'_>) -> Self {
        let sources = store.sources();
        let files: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
        let machines = files.par_iter().filter_map(|id| {
            let file = sources.file(*id);
            let path = file.path();
            let is_marked = || {
                let bytes = file.bytes().unwrap_or_default();
                MARKS
                    .iter()
                    .any(|mark| memmem::find(bytes, mark.as_bytes()).is_some())
            };
            // What is put away applies to nothing.
            let is_put_away = path.components().any(|name| name.starts_with('.'));
            (path.is_yaml() && !is_put_away && is_marked()).then(|| {
                let documents = store.parsed(*id).documents.iter();
                documents
                    .filter_map(|document| machine(path, &document.root))
                    .collect::<Vec<_>>()
            })
        });
        Self(machines.flatten_iter().collect())
    }

    /// What belongs to each cluster of the fleet for certain: positions of machines.
    pub(super) fn by_cluster(&self, fleet: &Fleet) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new(); fleet.clusters.len()];
        for (at, machine) in self.0.iter().enumerate() {
            let mut owners = (0..fleet.clusters.len()).filter(|cluster| {
                fleet
                    .clusters
                    .get(*cluster)
                    .is_some_and(|one| machine.is_of(&one.name) || machine.is_of(&one.found_as))
            });
            if let (Some(only), None) = (owners.next(), owners.next())
                && let Some(machines) = all.get_mut(only)
            {
                machines.push(at);
            }
        }
        all
    }

    /// What was made for one cluster alone.
    pub(super) fn made_for(cluster: &Cluster) -> Self {
        let made = cluster.machines.iter();
        Self(made.filter_map(|node| machine(&cluster.entry, node)).collect())
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.0.len()).collect()
    }

    /// The pod ranges that these machines state.
    pub(super) fn pods<'a>(&'a self, at: &'a [usize]) -> impl Iterator<Item = &'a Setting> {
        at.iter()
            .filter_map(|at| self.0.get(*at))
            .filter_map(|machine| machine.pods.as_ref())
    }

    /// The pod range that these machines take by themselves, where no configuration of machines states one for them, or may.
    pub(super) fn default_pods(&self, at: &[usize]) -> Option<&Setting> {
        let may_be_of_these = |machine: &Machine| machine.pods.is_some() && machine.name.is_none();
        if self.pods(at).next().is_some() || self.0.iter().any(may_be_of_these) {
            return None;
        }
        let mut machines = at.iter().filter_map(|at| self.0.get(*at));
        machines.find_map(|machine| machine.default_pods.as_ref())
    }

    /// The service ranges that these machines state.
    pub(super) fn services<'a>(&'a self, at: &'a [usize]) -> impl Iterator<Item = &'a Setting> {
        at.iter()
            .filter_map(|at| self.0.get(*at))
            .filter_map(|machine| machine.services.as_ref())
    }
}

impl Machine {
    /// Its own name decides; where it has none, the directories around it.
    fn is_of(&self, cluster: &str) -> bool {
        match &self.name {
            Some(name) => name == cluster,
            None => self
                .path
                .parent()
                .components()
                .any(|directory| directory == cluster),
        }
    }
}

fn machine(path: &RepoPath, node: &Node) -> Option<Machine> {
    let form = FORMS.iter().find(|form| (form.is)(node))?;
    let name = (!form.name.is_empty()).then(|| node.text_at(form.name)).flatten();
    let pods = range(node, form.pods);
    let services = range(node, form.services);
    let by_default = form.by_default.as_ref();
    let default_pods = by_default.filter(|one| (one.is_whole)(node) && pods.is_none() && !says_more(node));
    let default_pods = default_pods.map(|one| taken(node, form.pods, one.range));
    (pods.is_some() || services.is_some() || default_pods.is_some()).then(|| Machine {
        path: path.clone(),
        name: name.map(str::to_owned),
        pods,
        services,
        default_pods,
    })
}

/// Whether the configuration holds patches of itself, or names files of them, that may state ranges.
fn says_more(node: &Node) -> bool {
    node.entries().iter().any(|entry| {
        entry
            .key
            .as_text()
            .is_some_and(|key| key.to_lowercase().contains("patches"))
    }) || ["controlPlane", "worker"]
        .iter()
        .any(|role| node.at(&[role, "patches"]).is_some())
}

/// A range that holds by default, at the nearest place where another could be written.
fn taken(node: &Node, path: &[&str], text: &str) -> Setting {
    let (mut at, mut key) = (node, node.entries().first().map_or(node, |entry| &entry.key));
    for step in path {
        let Some(entry) = at.entry(step) else { break };
        key = &entry.key;
        at = &entry.value;
    }
    Setting {
        value: Ok(Arc::from(text)),
        place: Place {
            node: key.clone(),
            statement: Statement::Machine,
            object: None,
            route: path.join("."),
        },
    }
}

/// Ranges, written as a list or as one text.
fn range(node: &Node, path: &[&str]) -> Option<Setting> {
    let found = node.at(path).filter(|node| !node.is_null())?;
    let text = match found.as_text() {
        Some(text) => text.to_owned(),
        None => {
            let items: Option<Vec<&str>> = found.items().iter().map(Node::as_text).collect();
            items?.join(",")
        }
    };
    // Something else fills this in, or it is encrypted.
    let is_open = text.contains(['$', '{', '<']) || holds_encrypted(&text);
    Some(Setting {
        value: if is_open {
            Err(UnknownReason::Generated)
        } else {
            Ok(Arc::from(text))
        },
        place: Place {
            node: found.items().first().unwrap_or(found).clone(),
            statement: Statement::Machine,
            object: None,
            route: path.join("."),
        },
    })
}
