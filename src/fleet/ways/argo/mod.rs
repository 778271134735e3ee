//! Cilium inside Argo CD: Applications of the chart, and ApplicationSets whose generators can be worked out from the
//! repository (lists, files and directories in Git).

mod parameters;

use std::collections::BTreeSet;

use memchr::memmem;

use self::parameters::Parameters;
use super::values::ValuesCluster;
use crate::fleet::discover::Found;
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::{HelmValues, Layers};
use crate::source::{FileId, RepoPath, Span};
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node, parse_embedded};

/// Looks through all Applications and ApplicationSets, where Flux delivers nothing.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    if !found.flux.is_empty() {
        return;
    }
    for file in inventory
        .live
        .iter()
        .copied()
        .filter(|file| mentions_argo(inventory, *file))
    {
        for document in inventory.documents(file) {
            if document
                .text_at(&["apiVersion"])
                .is_none_or(|api| !api.starts_with("argoproj.io/"))
            {
                continue;
            }
            match document.text_at(&["kind"]) {
                Some("Application") => add(found, inventory, file, document),
                Some("ApplicationSet") => {
                    for application in generated(inventory, document) {
                        add(found, inventory, file, &application);
                    }
                }
                _ => {}
            }
        }
    }
}

fn mentions_argo(inventory: &Inventory, file: FileId) -> bool {
    let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
    memmem::find(bytes, b"argoproj.io/").is_some() && memmem::find(bytes, b"cilium").is_some()
}

/// The Applications that an ApplicationSet makes.
fn generated(inventory: &Inventory, set: &Node) -> Vec<Node> {
    let Some(template) = set.at(&["spec", "template"]) else {
        return Vec::new();
    };
    let generators = set
        .at(&["spec", "generators"])
        .map(Node::items)
        .unwrap_or_default();
    let all = generators
        .iter()
        .flat_map(|generator| parameters::of_generator(inventory, generator));
    all.map(|parameters: Parameters| parameters.fill(template))
        .collect()
}

fn add(found: &mut Found, inventory: &Inventory, file: FileId, application: &Node) {
    let Some(spec) = application.get("spec") else {
        return;
    };
    let several = spec.get("sources").map(Node::items).unwrap_or_default();
    for source in spec.get("source").into_iter().chain(several) {
        let Some(chart) = Chart::of(inventory, source) else {
            continue;
        };
        let values = chart.own_values(layers(&mut found.claimed, inventory, source, &chart));
        let name = name_of(application, inventory.path_of(file));
        found.values.push(ValuesCluster {
            found_as: name.clone(),
            name,
            entry: inventory.path_of(file).clone(),
            span: values
                .tree
                .entries()
                .first()
                .map_or_else(|| source.span(), |entry| entry.key.span()),
            values,
            chart_version: chart.version,
            machines: Vec::new(),
        });
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
    let Some(helm) = source.get("helm") else {
        return layers.finish();
    };
    for name in helm.get("valueFiles").map(Node::items).unwrap_or_default() {
        let path = name
            .as_text()
            .and_then(|name| value_file(inventory, name, &chart.directory));
        if let Some(file) = path.as_ref().and_then(|path| inventory.sources.file_at(path)) {
            if let Some(document) = inventory.documents(file).next() {
                layers.add(document);
            }
            claimed.extend(path);
        }
    }
    match (helm.get("valuesObject"), helm.get("values")) {
        (Some(object), _) if object.is_mapping() => layers.add(object),
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
    /// Whether it is a dependency of a chart in the repository, with its values under `cilium`.
    is_dependency: bool,
    directory: RepoPath,
}

impl Chart {
    fn of(inventory: &Inventory, source: &Node) -> Option<Self> {
        if let Some(chart) = source.text_at(&["chart"]) {
            let is_cilium = chart == "cilium" || chart.ends_with("/cilium");
            let version = source.get("targetRevision").cloned();
            return is_cilium.then_some(Self {
                version,
                is_dependency: false,
                directory: RepoPath::root(),
            });
        }
        let directory = RepoPath::clamp(source.text_at(&["path"])?);
        let file = inventory.sources.file_at(&directory.child("Chart.yaml"))?;
        let chart = inventory.documents(file).next()?;
        if chart.text_at(&["name"]) == Some("cilium") && chart.get("dependencies").is_none() {
            return Some(Self {
                version: chart.get("version").cloned(),
                is_dependency: false,
                directory,
            });
        }
        let dependencies = chart.get("dependencies").map(Node::items).unwrap_or_default();
        let cilium = dependencies
            .iter()
            .find(|one| one.text_at(&["name"]) == Some("cilium"))?;
        Some(Self {
            version: cilium.get("version").cloned(),
            is_dependency: true,
            directory,
        })
    }

    /// The values of Cilium itself.
    fn own_values(&self, values: HelmValues) -> HelmValues {
        if self.is_dependency {
            values.below("cilium")
        } else {
            values
        }
    }
}

/// The name of the destination, else what the Application's name says beside the chart's.
fn name_of(application: &Node, file: &RepoPath) -> String {
    let destination = application
        .text_at(&["spec", "destination", "name"])
        .filter(|name| *name != "in-cluster");
    let own = application.text_at(&["metadata", "name"]).unwrap_or_default();
    let told = own.trim_start_matches("cilium-").trim_end_matches("-cilium");
    match destination {
        Some(name) => name.to_owned(),
        None if told.is_empty() || told == "cilium" => file
            .parent()
            .components()
            .next_back()
            .map_or_else(|| file.to_string(), str::to_owned),
        None => told.to_owned(),
    }
}

/// One key with a value that came from somewhere else.
fn entry(key: &str, value: Node, span: Span) -> Entry {
    Entry {
        key: Node::string(key, span),
        value,
    }
}

#[cfg(test)]
mod tests;
