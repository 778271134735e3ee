//! Ansible: inventories with variables, from which a template of Cilium's values, or a task of the module `helm`, makes an
//! installation. Nothing is run; a template is rendered once for each kind of host, and what it asks for that no file states is
//! unknown.

mod hosts;
mod ini;
mod installation;
mod inventories;
mod kubespray;
mod plays;

use std::collections::{BTreeMap, BTreeSet};

use self::hosts::{Hosts, VariableFiles};
use self::installation::Installation;
use self::plays::{Plays, Template};
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{RepoPath, Span};
use crate::tables::cilium::telling;
use crate::template::jinja::Scope;
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node};

/// Hosts of one inventory for which templates are rendered: a few of each kind.
const MAX_RENDERED: usize = 60;
const OF_EACH_KIND: usize = 3;

/// Finds the clusters of inventories.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let plays = Plays::of(inventory);
    if !plays.install_cilium() && !kubespray::is_used(inventory) {
        return;
    }
    let mut clusters = Vec::new();
    for hosts in inventories::inventories(inventory) {
        clusters.extend(clusters_of(inventory, &plays, &hosts));
    }
    found.claimed.extend(plays.claimed());
    let entries: Vec<RepoPath> = clusters.iter().map(|cluster| cluster.entry.clone()).collect();
    let names = naming::names_of_files(&entries);
    for (cluster, name) in clusters.iter_mut().zip(names) {
        cluster.name.clone_from(&name);
        cluster.found_as = name;
    }
    found.values.extend(clusters);
}

/// The clusters of one inventory: hosts that get the same name and id of a cluster are one.
fn clusters_of(inventory: &Inventory, plays: &Plays, hosts: &Hosts) -> Vec<ValuesCluster> {
    let Some(file) = hosts.file else { return Vec::new() };
    let files = VariableFiles::of(inventory, file, &plays.homes);
    let mut by_identity: BTreeMap<(String, String), Installation> = BTreeMap::new();
    let mut order = Vec::new();
    for host in some_of_each_kind(hosts) {
        let scope = plays.scope(inventory, hosts, &files, host);
        let own = installation(inventory, plays, &scope, file);
        let by_role = || {
            let mut installation = kubespray::installation(inventory, &scope, Span::at_start(file))?;
            installation.machines.extend(ranges(&scope, inventory, file));
            Some(installation)
        };
        let Some(installation) = own.or_else(by_role) else {
            continue;
        };
        let text = |node: &Option<Node>| {
            let known = node.as_ref().filter(|node| !node.origin().is_unknown());
            known.and_then(Node::as_text).unwrap_or_default().to_owned()
        };
        let identity = (text(&installation.name), text(&installation.id));
        if let std::collections::btree_map::Entry::Vacant(place) = by_identity.entry(identity.clone()) {
            order.push(identity);
            place.insert(installation);
        }
    }
    // Hosts beside the clusters, such as load balancers, get no identity.
    if order.len() > 1 {
        order.retain(|(name, id)| !name.is_empty() || !id.is_empty());
    }
    let taken = order.iter().filter_map(|identity| by_identity.remove(identity));
    taken
        .map(|installation| {
            let start = Span::at_start(file);
            let place = installation.name.as_ref().or(installation.id.as_ref());
            ValuesCluster {
                chart_version: installation.version,
                machines: installation.machines,
                ..ValuesCluster::of(
                    String::new(),
                    inventory.path_of(file).clone(),
                    place.map_or(start, |node| node.origin().edit_span()),
                    installation.values.finish(),
                )
            }
        })
        .collect()
}

/// Hosts in the same groups are alike, but for their own variables.
fn some_of_each_kind(hosts: &Hosts) -> Vec<&str> {
    let mut kinds: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut chosen = Vec::new();
    for host in &hosts.names {
        let seen = kinds.entry(hosts.groups_of(host)).or_default();
        *seen += 1;
        if *seen <= OF_EACH_KIND && chosen.len() < MAX_RENDERED {
            chosen.push(host.as_str());
        }
    }
    chosen
}

fn installation(
    inventory: &Inventory,
    plays: &Plays,
    scope: &Scope,
    file: crate::source::FileId,
) -> Option<Installation> {
    let sources = inventory.sources;
    let mut values = Layers::at(Span::at_start(file));
    let mut machines = Vec::new();
    let mut version = None;
    for template in &plays.templates {
        let own = plays.with_role(inventory, template, scope);
        match rendered(inventory, template, &own) {
            Some((documents, is_open)) => {
                for document in documents {
                    if !template.is_of_cilium {
                        machines.push(document);
                    } else if telling::is_values(&document) || looks_like_values(&document) {
                        if is_open {
                            values.hide(document.span(), UnknownReason::External);
                        }
                        values.add(&document);
                        version = version.or_else(|| version_in(&own, sources));
                    } else {
                        machines.push(document);
                    }
                }
            }
            None if template.is_of_cilium => {
                values.hide(Span::at_start(template.file), UnknownReason::Generated);
            }
            None => {}
        }
    }
    for task in &plays.tasks {
        let own = plays.with_role(inventory, &task.template, scope);
        for layer in &task.values {
            let layer = own.resolve(sources, layer);
            if layer.is_mapping() {
                values.add(&layer);
            } else {
                values.hide(layer.span(), UnknownReason::External);
            }
        }
        let stated = task.version.as_ref().map(|version| own.resolve(sources, version));
        version = stated.or(version);
    }
    if values.is_empty() {
        return None;
    }
    let finished = values.clone().finish();
    let at = |path: &[&str]| finished.tree.at(path).filter(|node| !node.is_null()).cloned();
    if machines.is_empty() {
        machines.extend(ranges(scope, inventory, file));
    }
    Some(Installation {
        name: at(&["cluster", "name"]),
        id: at(&["cluster", "id"]),
        version: version.or_else(|| version_in(scope, sources)),
        machines,
        values,
    })
}

fn looks_like_values(document: &Node) -> bool {
    let known = [
        "cluster",
        "clustermesh",
        "ipam",
        "hubble",
        "kubeProxyReplacement",
        "encryption",
    ];
    document.get("apiVersion").is_none() && known.iter().any(|key| document.get(key).is_some())
}

fn rendered(inventory: &Inventory, template: &Template, scope: &Scope) -> Option<(Vec<Node>, bool)> {
    let rendered = scope.render(inventory.sources, template.file)?;
    Some((rendered.written.documents()?, rendered.is_open))
}

/// The chart's version, where only a variable's name tells of it.
fn version_in(scope: &Scope, sources: &crate::source::SourceMap) -> Option<Node> {
    let mut names: Vec<&str> = scope
        .names()
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            lower.contains("cilium") && lower.contains("version") && !lower.contains("cli")
        })
        .collect();
    names.sort_by_key(|name| (!name.contains("chart"), name.len()));
    let found = names.into_iter().find_map(|name| scope.get(name))?;
    Some(scope.resolve(sources, found)).filter(|node| node.as_text().is_some())
}

/// What the variables themselves say of ranges, where no template of the machines' configuration does: in the form of k3s.
fn ranges(scope: &Scope, inventory: &Inventory, file: crate::source::FileId) -> Option<Node> {
    const PODS: [&str; 8] = [
        "pod_network_cidr",
        "kube_pods_subnet",
        "pod_cidr",
        "pod_subnet",
        "cluster_cidr",
        "pods_cidr",
        "k8s_pod_cidr",
        "kubernetes_pod_network_cidr",
    ];
    const SERVICES: [&str; 8] = [
        "service_cidr",
        "kube_service_addresses",
        "service_network_cidr",
        "service_subnet",
        "services_cidr",
        "k8s_service_cidr",
        "svc_cidr",
        "kubernetes_service_cidr",
    ];
    let start = Span::at_start(file);
    let find = |names: &[&str]| {
        let stated = names.iter().find_map(|name| scope.get(name))?;
        Some(scope.resolve(inventory.sources, stated))
    };
    let entries: Vec<Entry> = [("cluster-cidr", find(&PODS)), ("service-cidr", find(&SERVICES))]
        .into_iter()
        .filter_map(|(key, value)| {
            Some(Entry {
                key: Node::string(key, start),
                value: value?,
            })
        })
        .collect();
    (!entries.is_empty()).then(|| Node::mapping(entries, start))
}

impl Plays {
    /// Everything known of a host: the inventory's variables, then those of the plays that mean it.
    fn scope(&self, inventory: &Inventory, hosts: &Hosts, files: &VariableFiles, host: &str) -> Scope {
        let mut base = Scope::default();
        for file in &self.defaults {
            take_all(inventory, *file, &mut base);
        }
        let mut scope = hosts.scope(files, host, &base);
        for play in self.plays.iter().filter(|play| hosts.means(&play.hosts, host)) {
            for (name, value) in &play.variables {
                scope.set(name, value.clone());
            }
            for file in &play.files {
                take_all(inventory, *file, &mut scope);
            }
        }
        scope
    }

    /// With the variables of the role that a template lies in, which win over the inventory's.
    fn with_role(&self, inventory: &Inventory, template: &Template, scope: &Scope) -> Scope {
        let mut scope = scope.clone();
        for file in &template.role_variables {
            take_all(inventory, *file, &mut scope);
        }
        scope
    }

    fn claimed(&self) -> BTreeSet<RepoPath> {
        self.files.clone()
    }
}

fn take_all(inventory: &Inventory, file: crate::source::FileId, scope: &mut Scope) {
    for document in inventory.documents(file) {
        for (name, value) in hosts::variables(document) {
            scope.set(&name, value);
        }
    }
}
