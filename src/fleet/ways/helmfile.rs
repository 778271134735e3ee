//! helmfile: a cluster for each environment, or for each release of Cilium where there are none. Templates are filled in as far as
//! their values stand in the repository.

use std::collections::BTreeSet;

use memchr::memmem;

use super::charts::{self, LocalChart};
use crate::fleet::dead;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{FileId, RepoPath, Span};
use crate::template::go;
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node};

/// How the names of files end that are templates.
const GO_TEMPLATE: &str = ".gotmpl";

/// Environments of one helmfile.
const MAX_ENVIRONMENTS: usize = 500;

/// An environment, with where its name stands.
struct Environment {
    name: Node,
    spec: Node,
    directory: RepoPath,
}

/// Finds the releases of Cilium in helmfiles.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let helmfiles: Vec<FileId> = inventory
        .sources
        .iter()
        .filter(|(_, file)| !file.is_ignored() && !dead::is_dead(file.path()) && is_helmfile(file.path()))
        .map(|(id, _)| id)
        .collect();
    for file in &helmfiles {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        if memmem::find(bytes, b"releases").is_none() {
            continue;
        }
        let mut environments = environments(inventory, *file);
        if environments.is_empty() {
            let named_by = |other: &&FileId| names(inventory, **other, inventory.path_of(*file));
            let parent = helmfiles.iter().find(named_by);
            environments = parent
                .map(|parent| self::environments(inventory, *parent))
                .unwrap_or_default();
        }
        let reading = Reading {
            inventory,
            file: *file,
            claimed: BTreeSet::new(),
            clusters: Vec::new(),
        };
        reading.clusters(&environments, found);
    }
}

fn is_helmfile(path: &RepoPath) -> bool {
    let name = path.file_name().trim_end_matches(".gotmpl");
    crate::source::is_yaml(name)
        && (name.starts_with("helmfile") || path.parent().file_name() == "helmfile.d")
}

/// Whether a helmfile names another under `helmfiles` or lies beside it in `helmfile.d`.
fn names(inventory: &Inventory, helmfile: FileId, other: &RepoPath) -> bool {
    let directory = inventory.path_of(helmfile).parent();
    if directory.file_name() == "helmfile.d" && other.parent() == directory {
        return !environments(inventory, helmfile).is_empty();
    }
    let documents = documents(inventory, helmfile, &nothing(helmfile));
    let entries = documents
        .iter()
        .filter_map(|node| node.get("helmfiles"))
        .flat_map(Node::items);
    let mut paths = entries.filter_map(|entry| entry.as_text().or(entry.text_at(&["path"])));
    paths.any(|path| {
        directory
            .join(path)
            .is_ok_and(|path| path == *other || other.parent() == path)
    })
}

fn nothing(file: FileId) -> Node {
    Node::mapping(Vec::new(), Span::at_start(file))
}

/// The documents of a helmfile, filled in; where that is impossible, those before the first separator as they stand.
fn documents(inventory: &Inventory, file: FileId, dot: &Node) -> Vec<Node> {
    let filled = go::fill_file(inventory.sources, file, dot);
    if let Some(documents) = filled.and_then(|written| written.documents()) {
        return documents;
    }
    let text = inventory.sources.file(file).text().unwrap_or_default();
    let head = text
        .match_indices("\n---")
        .map(|(at, _)| at)
        .find(|at| *at > 0)
        .and_then(|at| text.get(..at));
    let parsed = head.map(|head| crate::yaml::parse(file, head));
    parsed
        .filter(|parsed| parsed.errors.is_empty())
        .map(|parsed| parsed.documents.into_iter().map(|one| one.root).collect())
        .unwrap_or_default()
}

fn environments(inventory: &Inventory, file: FileId) -> Vec<Environment> {
    let directory = inventory.path_of(file).parent();
    let own = documents(inventory, file, &nothing(file));
    let bases = own
        .iter()
        .filter_map(|node| node.get("bases"))
        .flat_map(Node::items);
    let bases = bases
        .filter_map(Node::as_text)
        .filter_map(|path| inventory.sources.file_at(&directory.join(path).ok()?))
        .map(|base| {
            (
                inventory.path_of(base).parent(),
                documents(inventory, base, &nothing(base)),
            )
        });
    let all: Vec<(RepoPath, Vec<Node>)> = bases.chain([(directory.clone(), own.clone())]).collect();
    let mut environments = Vec::new();
    for (directory, documents) in all {
        let entries = documents
            .iter()
            .filter_map(|node| node.get("environments"))
            .flat_map(Node::entries);
        environments.extend(entries.take(MAX_ENVIRONMENTS).map(|entry| Environment {
            name: entry.key.clone(),
            spec: entry.value.clone(),
            directory: directory.clone(),
        }));
    }
    // The one that everybody has is no cluster where others are.
    let is_default = |one: &Environment| one.name.as_text() == Some("default");
    if environments.iter().any(|one| !is_default(one)) {
        environments.retain(|one| !is_default(one) || one.spec.get("values").is_some());
    }
    environments
}

struct Reading<'i, 'a> {
    inventory: &'i Inventory<'a>,
    file: FileId,
    claimed: BTreeSet<RepoPath>,
    clusters: Vec<ValuesCluster>,
}

impl Reading<'_, '_> {
    fn clusters(mut self, environments: &[Environment], found: &mut Found) {
        if environments.is_empty() {
            self.releases(None);
        }
        for environment in environments {
            self.releases(Some(environment));
        }
        found.claimed.extend(self.claimed);
        found.values.extend(self.clusters);
    }

    fn releases(&mut self, environment: Option<&Environment>) {
        let dot = environment.map_or_else(|| nothing(self.file), |one| self.dot(one));
        let documents = documents(self.inventory, self.file, &dot);
        let default = documents
            .iter()
            .find_map(|one| one.at(&["helmDefaults", "kubeContext"]));
        for document in &documents {
            for release in document.get("releases").map(Node::items).unwrap_or_default() {
                self.release(release, environment, &dot, default);
            }
        }
    }

    /// What templates see.
    fn dot(&self, environment: &Environment) -> Node {
        let span = environment.name.span();
        let name = environment.name.clone();
        let in_environment = |values: &Node| {
            let entry = |key: &str, value: Node| Entry {
                key: Node::string(key, span),
                value,
            };
            let about = Node::mapping(
                vec![entry("Name", name.clone()), entry("Values", values.clone())],
                span,
            );
            Node::mapping(
                vec![
                    entry("Environment", about),
                    entry("Values", values.clone()),
                    entry("StateValues", values.clone()),
                ],
                span,
            )
        };
        let mut layers = Layers::at(span);
        let before = in_environment(&Node::mapping(Vec::new(), span));
        for item in environment
            .spec
            .get("values")
            .map(Node::items)
            .unwrap_or_default()
        {
            if item.is_mapping() {
                layers.add(item);
            } else if let Some(values) = item
                .as_text()
                .and_then(|path| environment.directory.join(path).ok())
                .and_then(|path| self.values_file(&path, &before))
            {
                layers.add(&values);
            }
        }
        in_environment(&layers.finish().tree)
    }

    fn values_file(&self, path: &RepoPath, dot: &Node) -> Option<Node> {
        let file = self.inventory.sources.file_at(path)?;
        if path.file_name().ends_with(GO_TEMPLATE) {
            return go::fill_file(self.inventory.sources, file, dot)?
                .documents()?
                .into_iter()
                .next();
        }
        self.inventory.documents(file).next().cloned()
    }

    fn release(
        &mut self,
        release: &Node,
        environment: Option<&Environment>,
        dot: &Node,
        default_context: Option<&Node>,
    ) {
        let directory = self.inventory.path_of(self.file).parent();
        let chart = release.text_at(&["chart"]).unwrap_or_default();
        let local = directory
            .join(chart)
            .ok()
            .and_then(|path| LocalChart::at(self.inventory, &path));
        if local.is_none() && !charts::is_cilium(chart) || is_switched_off(release, dot) {
            return;
        }
        let mut layers = Layers::at(release.span());
        if let Some(local) = &local {
            local.add_defaults(self.inventory, &mut layers, &mut self.claimed);
        }
        for item in release.get("values").map(Node::items).unwrap_or_default() {
            self.add(&mut layers, item, &directory, dot);
        }
        if let Some(secrets) = release
            .get("secrets")
            .filter(|secrets| !secrets.items().is_empty())
        {
            layers.hide(secrets.span(), UnknownReason::Encrypted);
        }
        for parameter in release.get("set").map(Node::items).unwrap_or_default() {
            if let (Some(path), Some(value)) = (parameter.text_at(&["name"]), parameter.get("value")) {
                layers.set(path, value, false);
            }
        }
        let values = layers.finish();
        let version = release
            .get("version")
            .cloned()
            .or_else(|| local.as_ref()?.version.clone());
        let values = local
            .as_ref()
            .map_or(values.clone(), |local| local.own_values(values));
        let context = release
            .get("kubeContext")
            .or_else(|| environment?.spec.get("kubeContext"))
            .or(default_context)
            .and_then(Node::as_text);
        let name = environment.and_then(|one| one.name.as_text()).or(context);
        let name = name.map_or_else(|| directory.file_name().to_owned(), str::to_owned);
        let span = environment.map_or_else(|| release.span(), |one| one.name.span());
        self.clusters.push(ValuesCluster {
            chart_version: version,
            ..ValuesCluster::of(name, self.inventory.path_of(self.file).clone(), span, values)
        });
    }

    fn add(&mut self, layers: &mut Layers, item: &Node, directory: &RepoPath, dot: &Node) {
        if item.is_mapping() {
            return layers.add(item);
        }
        let Some(path) = item.as_text() else { return };
        if item.origin().is_unknown() {
            return layers.hide(item.span(), UnknownReason::Generated);
        }
        let Ok(path) = directory.join(path) else { return };
        let plain = self.inventory.sources.file_at(&path);
        let plain = plain.filter(|_| !path.file_name().ends_with(GO_TEMPLATE));
        let is_there = match plain {
            Some(file) => self.inventory.add_values(layers, file),
            None => {
                let values = self.values_file(&path, dot);
                values.iter().for_each(|values| layers.add(values));
                values.is_some()
            }
        };
        if is_there {
            self.claimed.insert(path);
        } else {
            layers.hide(item.span(), UnknownReason::Generated);
        }
    }
}

fn is_switched_off(release: &Node, dot: &Node) -> bool {
    let is_false = |node: &Node| node.as_text() == Some("false");
    if release.get("installed").is_some_and(is_false) {
        return true;
    }
    let condition = release.text_at(&["condition"]).unwrap_or_default();
    let keys: Vec<&str> = std::iter::once("Values").chain(condition.split('.')).collect();
    !condition.is_empty() && dot.at(&keys).is_some_and(is_false)
}
