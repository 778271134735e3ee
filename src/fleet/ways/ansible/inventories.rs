//! Finding and reading inventories, in the form of YAML or of INI files.

use super::hosts::{Hosts, variables};
use super::ini;
use crate::fleet::inventory::Inventory;
use crate::source::RepoPath;
use crate::yaml::Node;

/// All inventories of the repository.
pub(super) fn inventories(inventory: &Inventory) -> Vec<Hosts> {
    let mut all = Vec::new();
    for (file, source) in inventory.sources.iter() {
        let path = source.path();
        if source.is_ignored() || !may_be_inventory(inventory, path) {
            continue;
        }
        let hosts = if path.is_yaml() {
            inventory.documents(file).next().and_then(of_yaml)
        } else {
            source.text().ok().and_then(|text| ini::read(file, text))
        };
        if let Some(mut hosts) = hosts.filter(|hosts| !hosts.names.is_empty()) {
            hosts.file = Some(file);
            all.push(hosts);
        }
    }
    all
}

/// By its name, its directory, or what lies beside it.
fn may_be_inventory(inventory: &Inventory, path: &RepoPath) -> bool {
    let name = path.file_name();
    let stem = name.split('.').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if !matches!(ending, "" | "ini" | "yml" | "yaml" | "inventory" | "hosts") {
        return false;
    }
    let parent = path.parent();
    let is_variables = |directory: &RepoPath| {
        directory.components().any(|part| {
            matches!(
                part,
                "group_vars" | "host_vars" | "roles" | "templates" | "tasks" | "vars" | "defaults"
            )
        })
    };
    if is_variables(&parent) {
        return false;
    }
    let is_home = |part: &str| part.starts_with("inventor") || part == "hosts";
    stem == "hosts"
        || stem.starts_with("inventor")
        || matches!(ending, "inventory" | "hosts")
        || parent.components().any(is_home)
        || ["group_vars", "host_vars"]
            .iter()
            .any(|beside| inventory.sources.is_directory(&parent.child(beside)))
}

fn of_yaml(root: &Node) -> Option<Hosts> {
    let is_group = |node: &Node| {
        node.is_null()
            || node.is_mapping()
                && node.entries().iter().all(|entry| {
                    matches!(entry.key.as_text(), Some("hosts" | "children" | "vars"))
                        && !entry.value.is_sequence()
                })
    };
    let is_inventory = !root.entries().is_empty()
        && root.entries().iter().all(|entry| is_group(&entry.value))
        && root
            .entries()
            .iter()
            .any(|entry| !entry.value.entries().is_empty());
    if !is_inventory {
        return None;
    }
    let mut hosts = Hosts::default();
    for entry in root.entries() {
        take_group(&mut hosts, entry.key.as_text()?, &entry.value, 0);
    }
    Some(hosts)
}

fn take_group(hosts: &mut Hosts, name: &str, group: &Node, depth: usize) {
    const MAX_DEPTH: usize = 16;
    if depth > MAX_DEPTH {
        return;
    }
    hosts.add_group(name);
    for entry in group.get("hosts").map(Node::entries).unwrap_or_default() {
        let Some(pattern) = entry.key.as_text() else {
            continue;
        };
        let own = variables(&entry.value);
        for host in ini::spelt_out(pattern) {
            hosts.add_host(name, &host, own.clone());
        }
    }
    for (key, value) in group.get("vars").map(variables).unwrap_or_default() {
        hosts.add_variable(name, &key, value);
    }
    for entry in group.get("children").map(Node::entries).unwrap_or_default() {
        if let Some(child) = entry.key.as_text() {
            hosts.add_child(name, child);
            take_group(hosts, child, &entry.value, depth + 1);
        }
    }
}
