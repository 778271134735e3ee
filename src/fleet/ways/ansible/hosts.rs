//! Inventories of Ansible: hosts, groups, and the variables that each file gives them.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::inventory::Inventory;
use crate::source::{FileId, Lookup, RepoPath};
use crate::template::jinja::Scope;
use crate::yaml::{Kind, Node, Tag};

/// Hosts of one inventory, ranges spelt out; the rest is left out.
pub(super) const MAX_HOSTS: usize = 2_000;

/// One inventory.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    pub(super) file: Option<FileId>,
    /// In the order of the file.
    pub(super) names: Vec<String>,
    host_variables: BTreeMap<String, Vec<(String, Node)>>,
    groups: BTreeMap<String, Group>,
}

#[derive(Debug, Default)]
struct Group {
    hosts: Vec<String>,
    children: Vec<String>,
    variables: Vec<(String, Node)>,
}

impl Hosts {
    pub(super) fn add_group(&mut self, name: &str) {
        self.groups.entry(name.to_owned()).or_default();
    }

    pub(super) fn add_host(&mut self, group: &str, host: &str, variables: Vec<(String, Node)>) {
        if !self.host_variables.contains_key(host) {
            if self.names.len() >= MAX_HOSTS {
                return;
            }
            self.names.push(host.to_owned());
        }
        self.host_variables
            .entry(host.to_owned())
            .or_default()
            .extend(variables);
        let hosts = &mut self.groups.entry(group.to_owned()).or_default().hosts;
        if !hosts.iter().any(|known| known == host) {
            hosts.push(host.to_owned());
        }
    }

    pub(super) fn add_child(&mut self, group: &str, child: &str) {
        let children = &mut self.groups.entry(group.to_owned()).or_default().children;
        children.push(child.to_owned());
    }

    pub(super) fn add_variable(&mut self, group: &str, name: &str, value: Node) {
        let variables = &mut self.groups.entry(group.to_owned()).or_default().variables;
        variables.push((name.to_owned(), value));
    }

    /// The groups of a host, the most general first, with how far each is from the host.
    pub(super) fn groups_of(&self, host: &str) -> Vec<String> {
        let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
        let direct = self
            .groups
            .iter()
            .filter(|(_, group)| group.hosts.iter().any(|own| own == host));
        let mut todo: Vec<(&str, usize)> = direct.map(|(name, _)| (name.as_str(), 0)).collect();
        while let Some((name, at)) = todo.pop() {
            if at > 16 || depth.get(name).is_some_and(|known| *known >= at) {
                continue;
            }
            depth.insert(name, at);
            let parents = self
                .groups
                .iter()
                .filter(|(_, group)| group.children.iter().any(|child| child == name));
            todo.extend(parents.map(|(parent, _)| (parent.as_str(), at + 1)));
        }
        depth.remove("all");
        let mut ordered: Vec<(&str, usize)> = depth.into_iter().collect();
        ordered.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        std::iter::once("all".to_owned())
            .chain(ordered.into_iter().map(|(name, _)| name.to_owned()))
            .collect()
    }

    /// Whether a pattern of a play (`masters:workers`, `all`) means the host.
    pub(super) fn means(&self, pattern: &str, host: &str) -> bool {
        let groups = self.groups_of(host);
        pattern
            .split([',', ':'])
            .map(str::trim)
            .any(|part| part == host || part == "*" || groups.iter().any(|group| group == part))
    }

    /// The variables of a host as Ansible puts them together ("Understanding variable precedence"): the inventory's groups,
    /// `group_vars/all`, other `group_vars`, the inventory's hosts, `host_vars`; of each what lies beside the inventory before
    /// what lies beside the playbooks.
    pub(super) fn scope(&self, files: &VariableFiles, host: &str, base: &Scope) -> Scope {
        let mut scope = base.clone();
        let groups = self.groups_of(host);
        for group in &groups {
            for (name, value) in self
                .groups
                .get(group)
                .into_iter()
                .flat_map(|group| &group.variables)
            {
                scope.set(name, value.clone());
            }
        }
        for group in &groups {
            files.take("group_vars", group, &mut scope);
        }
        for (name, value) in self.host_variables.get(host).into_iter().flatten() {
            scope.set(name, value.clone());
        }
        files.take("host_vars", host, &mut scope);
        self.take_magic(host, &groups, &mut scope);
        scope
    }

    fn take_magic(&self, host: &str, groups: &[String], scope: &mut Scope) {
        let Some(file) = self.file else { return };
        let span = crate::source::Span::at_start(file);
        let text = |text: &str| Node::string(text, span);
        scope.set("inventory_hostname", text(host));
        let short = host.split('.').next().unwrap_or_default();
        scope.set("inventory_hostname_short", text(short));
        let names = groups
            .iter()
            .filter(|group| *group != "all")
            .map(|group| text(group));
        scope.set("group_names", Node::sequence(names.collect(), span));
        let members = self.groups.iter().map(|(name, group)| crate::yaml::Entry {
            key: text(name),
            value: Node::sequence(group.hosts.iter().map(|host| text(host)).collect(), span),
        });
        scope.set("groups", Node::mapping(members.collect(), span));
    }
}

/// The entries of a map of variables; what is encrypted is unknown.
pub(super) fn variables(map: &Node) -> Vec<(String, Node)> {
    let entries = map.entries().iter();
    entries
        .filter_map(|entry| Some((entry.key.as_text()?.to_owned(), readable(&entry.value))))
        .collect()
}

fn readable(node: &Node) -> Node {
    let is_vault = |tag: &Tag| matches!(tag, Tag::Other(tag) if tag.ends_with("vault"));
    match node.kind() {
        Kind::Scalar(scalar) if scalar.tag.as_ref().is_some_and(is_vault) => {
            crate::template::jinja::unknown("vault", node.span())
        }
        _ => node.clone(),
    }
}

/// The directories `group_vars` and `host_vars` that count for an inventory.
pub(super) struct VariableFiles<'i, 'a> {
    inventory: &'i Inventory<'a>,
    homes: Vec<RepoPath>,
}

impl<'i, 'a> VariableFiles<'i, 'a> {
    /// Those beside the inventory first, then those beside playbooks, which lie above the inventory or above roles.
    pub(super) fn of(inventory: &'i Inventory<'a>, file: FileId, playbooks: &BTreeSet<RepoPath>) -> Self {
        let own = inventory.path_of(file).parent();
        let mut homes = vec![own.clone()];
        let holds = |home: &RepoPath| {
            ["group_vars", "host_vars"]
                .iter()
                .any(|name| inventory.sources.is_directory(&home.child(name)))
        };
        let mut above = own.clone();
        while !above.is_root() {
            above = above.parent();
            if holds(&above) {
                homes.push(above.clone());
            }
        }
        for home in playbooks {
            if holds(home) && !homes.contains(home) && own.starts_with(&home.parent()) {
                homes.push(home.clone());
            }
        }
        Self { inventory, homes }
    }

    fn take(&self, kind: &str, name: &str, scope: &mut Scope) {
        for home in &self.homes {
            let directory = home.child(kind);
            for file in self.files(&directory, name) {
                for document in self.inventory.documents(file) {
                    for (name, value) in variables(document) {
                        scope.set(&name, value);
                    }
                }
            }
        }
    }

    /// `name`, `name.yml`, `name.yaml`, and everything below `name/`.
    fn files(&self, directory: &RepoPath, name: &str) -> Vec<FileId> {
        if name.contains(['/', '\\']) {
            return Vec::new();
        }
        let sources = self.inventory.sources;
        let mut files: Vec<FileId> = ["", ".yml", ".yaml", ".json"]
            .iter()
            .filter_map(|ending| sources.file_at(&directory.child(&format!("{name}{ending}"))))
            .collect();
        let mut todo = vec![directory.child(name)];
        while let Some(next) = todo.pop() {
            for (_, what) in sources.list(&next) {
                match what {
                    Lookup::File(file) => files.push(file),
                    Lookup::Directory(path) if path.starts_with(&next) => todo.push(path),
                    _ => {}
                }
            }
        }
        files
    }
}
