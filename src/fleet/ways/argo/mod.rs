//! Cilium inside Argo CD: Applications of the chart, and ApplicationSets whose generators can be worked out from the
//! repository (lists, files and directories in Git).

mod generators;
mod parameters;

use std::collections::BTreeSet;

use memchr::memmem;

use self::generators::{Generators, Registered};
use super::charts::{self, LocalChart};
use super::manifests;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::{HelmValues, Layers, merge};
use crate::source::{FileId, RepoPath};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, parse_embedded};

/// Looks through all Applications and ApplicationSets.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let registered = generators::registered(inventory);
    let carriers = manifests::carriers(inventory);
    let reading = Reading {
        inventory,
        carriers: &carriers,
        registered: &registered,
    };
    let live = inventory.live.iter().copied();
    for file in live.filter(|file| mentions_argo(inventory, *file)) {
        for document in inventory.documents(file) {
            let api = document.text_at(&["apiVersion"]).unwrap_or_default();
            match document.text_at(&["kind"]) {
                _ if !api.starts_with("argoproj.io/") => {}
                Some("Application") => reading.add(found, file, document, None),
                Some("ApplicationSet") => reading.add_set(found, file, document),
                _ => {}
            }
        }
    }
}

fn mentions_argo(inventory: &Inventory, file: FileId) -> bool {
    let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
    memmem::find(bytes, b"argoproj.io/").is_some()
}

struct Reading<'i, 'a> {
    inventory: &'i Inventory<'a>,
    /// Files with an object that brings Cilium.
    carriers: &'i [FileId],
    registered: &'i [Registered],
}

impl Reading<'_, '_> {
    /// The Applications that an ApplicationSet makes.
    fn add_set(&self, found: &mut Found, file: FileId, set: &Node) {
        let Some(spec) = set.get("spec") else { return };
        let Some(template) = spec.get("template") else {
            return;
        };
        let generators = Generators {
            inventory: self.inventory,
            registered: self.registered,
            spec,
        };
        for parameters in generators.all() {
            let mut application = parameters.fill(self.inventory.sources, template);
            let patch = spec.get("templatePatch");
            if let Some(patch) = patch.and_then(|patch| parameters.document(self.inventory.sources, patch)) {
                application = merge(&application, &patch);
            }
            self.add(found, file, &application, parameters.cluster());
        }
    }

    fn add(&self, found: &mut Found, file: FileId, application: &Node, cluster: Option<&str>) {
        let Some(spec) = application.get("spec") else {
            return;
        };
        let several = spec.get("sources").map(Node::items).unwrap_or_default();
        for source in spec.get("source").into_iter().chain(several) {
            let Some(chart) = Chart::of(self.inventory, source) else {
                let name = self.name_of(application, self.inventory.path_of(file), cluster);
                self.add_manifests(found, file, source, name);
                continue;
            };
            let values = layers(&mut found.claimed, self.inventory, source, &chart);
            let values = chart
                .local
                .as_ref()
                .map_or(values.clone(), |local| local.own_values(values));
            let name = self.name_of(application, self.inventory.path_of(file), cluster);
            let first = values.tree.entries().first();
            let span = first.map_or_else(|| source.span(), |entry| entry.key.span());
            found.values.push(ValuesCluster {
                chart_version: chart.version,
                ..ValuesCluster::of(name, self.inventory.path_of(file).clone(), span, values)
            });
        }
    }

    /// A directory with manifests, which is not always one of this repository.
    fn add_manifests(&self, found: &mut Found, file: FileId, source: &Node, name: String) {
        let Some(path) = source.text_at(&["path"]).map(RepoPath::clamp) else {
            return;
        };
        if path.is_root() || !self.inventory.is_live(&path) {
            return;
        }
        let carriers = self.carriers.iter().map(|file| self.inventory.path_of(*file));
        let brings_cilium = {
            let reach = self.inventory.reach(&path).files;
            self.carriers.iter().any(|file| reach.contains(file))
        };
        let inside = carriers.filter(|carrier| carrier.starts_with(&path)).cloned();
        found.claimed.extend(inside);
        if brings_cilium {
            let mut cluster = manifests::cluster(name, path, file);
            cluster.entry = self.inventory.path_of(file).clone();
            found.values.push(cluster);
        } else {
            found.applied.push((name, path));
        }
    }

    /// The name of the destination, else what the parameters call the cluster, else what the Application's name says beside the
    /// chart's.
    fn name_of(&self, application: &Node, file: &RepoPath, cluster: Option<&str>) -> String {
        let destination = application.at(&["spec", "destination"]);
        let name = destination
            .and_then(|destination| destination.get("name"))
            .filter(|name| !name.origin().is_unknown())
            .and_then(Node::as_text)
            .filter(|name| *name != "in-cluster");
        let server = destination.and_then(|destination| destination.text_at(&["server"]));
        let by_server = || {
            let known = self.registered.iter();
            let same = known
                .clone()
                .find(|one| one.server.as_deref() == server && server.is_some());
            same.map(|one| one.name.as_str())
        };
        let own = application.text_at(&["metadata", "name"]).unwrap_or_default();
        let told = own.trim_start_matches("cilium-").trim_end_matches("-cilium");
        match name.or_else(by_server).or(cluster) {
            Some(name) => name.to_owned(),
            None if told.is_empty() || told == "cilium" => file
                .parent()
                .components()
                .next_back()
                .map_or_else(|| file.to_string(), str::to_owned),
            None => told.to_owned(),
        }
    }
}

/// From the weakest to the strongest: files, then `valuesObject` or, where that is not, `values` (argoproj/argo-cd
/// `pkg/apis/application/v1alpha1/values.go`), then parameters.
fn layers(
    claimed: &mut BTreeSet<RepoPath>,
    inventory: &Inventory,
    source: &Node,
    chart: &Chart,
) -> HelmValues {
    let mut layers = Layers::at(source.span());
    if let Some(local) = &chart.local {
        local.add_defaults(inventory, &mut layers, claimed);
    }
    let Some(helm) = source.get("helm") else {
        return layers.finish();
    };
    for name in helm.get("valueFiles").map(Node::items).unwrap_or_default() {
        let path = name
            .as_text()
            .and_then(|name| value_file(inventory, name, &chart.directory));
        if let Some(file) = path.as_ref().and_then(|path| inventory.sources.file_at(path)) {
            inventory.add_values(&mut layers, file);
            claimed.extend(path);
        }
    }
    match (helm.get("valuesObject"), helm.get("values")) {
        (Some(object), _) if object.is_mapping() => layers.add(object),
        (_, Some(values)) if values.is_mapping() => layers.add(values),
        (_, Some(text)) => match parse_embedded(text, inventory.sources).root() {
            Some(values) => layers.add(values),
            None if text.as_text().is_some_and(|text| text.contains("{{")) => {
                layers.hide(text.span(), UnknownReason::Generated);
            }
            None => {}
        },
        _ => {}
    }
    for parameter in helm.get("parameters").map(Node::items).unwrap_or_default() {
        let literal = parameter.get("forceString").and_then(Node::as_bool) == Some(true);
        if let (Some(path), Some(value)) = (parameter.text_at(&["name"]), parameter.get("value")) {
            layers.set(path, value, literal);
        }
    }
    layers.finish()
}

/// `$name/path` counts from the root of another source, which is this repository when the file is in it.
fn value_file(inventory: &Inventory, name: &str, chart: &RepoPath) -> Option<RepoPath> {
    let path = match name.strip_prefix('$') {
        Some(rest) => RepoPath::clamp(rest.split_once('/')?.1),
        None => chart.join(name).ok()?,
    };
    inventory.sources.file_at(&path).map(|_| path)
}

/// The Cilium chart as a source names it.
struct Chart {
    version: Option<Node>,
    /// The chart in the repository, where the source means one.
    local: Option<LocalChart>,
    directory: RepoPath,
}

impl Chart {
    fn of(inventory: &Inventory, source: &Node) -> Option<Self> {
        if let Some(chart) = source.text_at(&["chart"]) {
            return charts::is_cilium(chart).then(|| Self {
                version: source.get("targetRevision").cloned(),
                local: None,
                directory: RepoPath::root(),
            });
        }
        let directory = RepoPath::clamp(source.text_at(&["path"])?);
        let local = LocalChart::at(inventory, &directory)?;
        Some(Self {
            version: local.version.clone(),
            local: Some(local),
            directory,
        })
    }
}

#[cfg(test)]
mod tests;
