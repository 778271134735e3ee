//! What playbooks and roles do about Cilium: templates of its values, tasks that install its chart, and variables.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::fleet::dead;
use crate::fleet::inventory::Inventory;
use crate::source::{FileId, Lookup, RepoPath};
use crate::yaml::Node;

/// A template, with the variables of its role.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) file: FileId,
    /// Whether it makes values of Cilium; else it configures machines.
    pub(super) is_of_cilium: bool,
    pub(super) role_variables: Vec<FileId>,
}

/// A task of a module that installs charts.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) template: Template,
    pub(super) values: Vec<Node>,
    pub(super) version: Option<Node>,
}

/// A play that gives variables to hosts.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) hosts: String,
    pub(super) variables: Vec<(String, Node)>,
    pub(super) files: Vec<FileId>,
}

/// Everything of interest.
#[derive(Debug, Default)]
pub(super) struct Plays {
    pub(super) templates: Vec<Template>,
    pub(super) tasks: Vec<Task>,
    pub(super) plays: Vec<Play>,
    /// Directories of playbooks, and those that hold `roles`.
    pub(super) homes: BTreeSet<RepoPath>,
    /// Defaults of roles, the weakest of all variables.
    pub(super) defaults: Vec<FileId>,
    /// Values files that tasks bring in.
    pub(super) files: BTreeSet<RepoPath>,
}

/// What is in configurations of machines.
const MACHINES: [&str; 5] = [
    "podSubnet",
    "serviceSubnet",
    "cluster-cidr",
    "clusterPodNets",
    "podSubnets",
];
/// What is in values of Cilium.
const VALUES: [&str; 6] = [
    "clustermesh:",
    "ipam:",
    "kubeProxyReplacement",
    "hubble:",
    "cluster:",
    "encryption:",
];

impl Plays {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut plays = Self::default();
        for (file, source) in inventory.sources.iter() {
            let path = source.path();
            if source.is_ignored() || is_put_away(path) {
                continue;
            }
            if is_jinja(path) {
                plays.take_template(inventory, file);
            } else if path.is_yaml() {
                plays.take_yaml(inventory, file);
            }
        }
        plays
    }

    /// Whether there is anything that installs Cilium.
    pub(super) fn install_cilium(&self) -> bool {
        !self.tasks.is_empty() || self.templates.iter().any(|template| template.is_of_cilium)
    }

    fn take_template(&mut self, inventory: &Inventory, file: FileId) {
        let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
        let has = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
        let is_of_machines = MACHINES.iter().any(|word| has(word));
        let path = inventory.path_of(file);
        let is_manifest = has("apiVersion:");
        let is_called = path.as_str().to_ascii_lowercase().contains("cilium");
        let marks = VALUES.iter().filter(|word| has(word)).count();
        let is_of_cilium = !is_manifest && !is_of_machines && (marks >= 2 || (is_called && marks >= 1));
        if is_of_cilium || is_of_machines {
            let template = template(inventory, file, is_of_cilium);
            self.take_role(inventory, path);
            self.templates.push(template);
        }
    }

    fn take_role(&mut self, inventory: &Inventory, path: &RepoPath) {
        let Some(role) = role_of(path) else { return };
        self.homes.insert(role.parent().parent());
        for file in main_files(inventory, &role.child("defaults")) {
            if !self.defaults.contains(&file) {
                self.defaults.push(file);
            }
        }
    }

    fn take_yaml(&mut self, inventory: &Inventory, file: FileId) {
        let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
        let has = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
        if !has("hosts:") && !has("helm") {
            return;
        }
        for document in inventory.documents(file) {
            for item in document.items() {
                if let Some(hosts) = item.text_at(&["hosts"]) {
                    self.take_play(inventory, file, hosts, item);
                }
                self.take_task(inventory, file, item, 0);
            }
        }
    }

    fn take_play(&mut self, inventory: &Inventory, file: FileId, hosts: &str, play: &Node) {
        let home = inventory.path_of(file).parent();
        let variables = play.get("vars").map(super::hosts::variables).unwrap_or_default();
        let named = play.get("vars_files").map(Node::items).unwrap_or_default();
        let files = named.iter().filter_map(Node::as_text).filter_map(|name| {
            let path = home.join(name).ok()?;
            inventory.sources.file_at(&path)
        });
        self.plays.push(Play {
            hosts: hosts.to_owned(),
            variables,
            files: files.collect(),
        });
        self.homes.insert(home);
    }

    fn take_task(&mut self, inventory: &Inventory, file: FileId, task: &Node, depth: usize) {
        const MODULES: [&str; 4] = [
            "kubernetes.core.helm",
            "community.kubernetes.helm",
            "community.general.helm",
            "helm",
        ];
        const LISTS: [&str; 6] = ["tasks", "pre_tasks", "post_tasks", "block", "rescue", "always"];
        if depth > 8 {
            return;
        }
        for list in LISTS {
            for inner in task.get(list).map(Node::items).unwrap_or_default() {
                self.take_task(inventory, file, inner, depth + 1);
            }
        }
        let Some(call) = MODULES.iter().find_map(|module| task.get(module)) else {
            return;
        };
        let chart = call.text_at(&["chart_ref"]).unwrap_or_default();
        let is_cilium = chart == "cilium" || chart.ends_with("/cilium");
        if !is_cilium {
            return;
        }
        let path = inventory.path_of(file);
        self.take_role(inventory, path);
        let mut values = Vec::new();
        for name in call.get("values_files").map(Node::items).unwrap_or_default() {
            let named = name.as_text().and_then(|name| values_file(inventory, path, name));
            if let Some(found) = named {
                self.files.insert(inventory.path_of(found).clone());
                values.extend(inventory.documents(found).next().cloned());
            }
        }
        for key in ["values", "release_values"] {
            values.extend(call.get(key).cloned());
        }
        self.tasks.push(Task {
            template: template(inventory, file, true),
            values,
            version: call.get("chart_version").cloned(),
        });
    }
}

/// A values file that a task names: beside it, or among the files of its role.
fn values_file(inventory: &Inventory, task: &RepoPath, name: &str) -> Option<FileId> {
    if name.contains("{{") {
        return None;
    }
    let mut homes = vec![task.parent()];
    if let Some(role) = role_of(task) {
        homes.push(role.child("files"));
        homes.push(role);
    }
    homes
        .iter()
        .filter_map(|home| home.join(name).ok())
        .find_map(|path| inventory.sources.file_at(&path))
}

fn template(inventory: &Inventory, file: FileId, is_of_cilium: bool) -> Template {
    let role = role_of(inventory.path_of(file));
    let variables = role.map(|role| main_files(inventory, &role.child("vars")));
    Template {
        file,
        is_of_cilium,
        role_variables: variables.unwrap_or_default(),
    }
}

/// `main.yml` of a directory of a role, or all files of `main/`.
fn main_files(inventory: &Inventory, directory: &RepoPath) -> Vec<FileId> {
    let mut files: Vec<FileId> = ["main.yml", "main.yaml"]
        .iter()
        .filter_map(|name| inventory.sources.file_at(&directory.child(name)))
        .collect();
    for (_, what) in inventory.sources.list(&directory.child("main")) {
        if let Lookup::File(file) = what {
            files.push(file);
        }
    }
    files
}

/// The directory of the role that a file is part of: `…/roles/<name>`.
fn role_of(path: &RepoPath) -> Option<RepoPath> {
    let mut at = path.parent();
    while !at.is_root() {
        if at.parent().file_name() == "roles" {
            return Some(at);
        }
        at = at.parent();
    }
    None
}

fn is_jinja(path: &RepoPath) -> bool {
    let name = path.file_name();
    [".j2", ".jinja2", ".jinja"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Archives and tests; `templates` are where roles keep theirs.
fn is_put_away(path: &RepoPath) -> bool {
    path.parent()
        .components()
        .any(|name| name == "molecule" || (name != "templates" && dead::is_dead_name(name)))
}
