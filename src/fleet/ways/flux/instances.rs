//! Clusters whose first Kustomization the flux-operator makes: FluxInstance objects, and the values of the chart
//! `flux-instance` in HelmReleases, in generated ConfigMaps and in helmfiles.

use memchr::memmem;

use super::candidate::Candidate;
use super::variables;
use crate::fleet::inventory::{Inventory, RawObject};
use crate::flux::{Instance, SyncedBy, address};
use crate::source::{FileId, Lookup, RepoPath};
use crate::yaml::Node;

/// The namespace that the operator's documentation and every known repository use.
const DEFAULT_NAMESPACE: &str = "flux-system";

/// The candidates among FluxInstances and charts that make one.
pub(crate) fn candidates(inventory: &Inventory) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut elsewhere = Vec::new();
    for object in &inventory.instances {
        let namespace = object.text(&["metadata", "namespace"]);
        if let Some(spec) = object.node.get("spec") {
            let own = of_spec(inventory, spec, namespace);
            if own.is_empty() {
                elsewhere.extend(leading_nowhere(inventory, object, spec, namespace));
            }
            found.extend(own);
        }
    }
    let own_urls: Vec<String> = found.iter().filter_map(url).collect();
    elsewhere.retain(|one| url(one).is_some_and(|url| own_urls.contains(&url)));
    found.extend(elsewhere);
    for release in &inventory.instance_releases {
        let namespace = release
            .text(&["spec", "targetNamespace"])
            .or(release.text(&["metadata", "namespace"]));
        for spec in instance_values(inventory, release) {
            found.extend(of_spec(inventory, &spec, namespace));
        }
    }
    if found.is_empty() {
        found.extend(loose_values(inventory));
    }
    found
}

/// The address from which the operator syncs.
fn url(candidate: &Candidate) -> Option<String> {
    match &candidate.start {
        SyncedBy::Instance(instance) => instance.spec.text_at(&["sync", "url"]).map(address::normalise),
        _ => None,
    }
}

/// An instance whose path exists nowhere. It is one of this repository where another that is has the same address; what it lies in
/// is what was meant.
fn leading_nowhere(
    inventory: &Inventory,
    object: &RawObject,
    spec: &Node,
    namespace: Option<&str>,
) -> Option<Candidate> {
    let path = spec.at(&["sync", "path"])?;
    let text = path
        .as_text()
        .filter(|text| !variables::is_template(text) && !text.contains("${"))?;
    let own = inventory.path_of(object.file).parent();
    Some(Candidate {
        directory: if own.is_root() { RepoPath::clamp(text) } else { own },
        root: RepoPath::root(),
        span: Some(path.span()),
        start: synced_by(spec, namespace),
        also: Vec::new(),
        certain: true,
    })
}

fn synced_by(spec: &Node, namespace: Option<&str>) -> SyncedBy {
    SyncedBy::Instance(Box::new(Instance {
        spec: spec.clone(),
        namespace: namespace.unwrap_or(DEFAULT_NAMESPACE).to_owned(),
        is_namespace_presumed: namespace.is_none(),
    }))
}

fn of_spec(inventory: &Inventory, spec: &Node, namespace: Option<&str>) -> Vec<Candidate> {
    let Some(path) = spec.at(&["sync", "path"]) else {
        return Vec::new();
    };
    let text = path.as_text().unwrap_or_default();
    let here = variables::directories(inventory, text)
        .into_iter()
        .map(|directory| (directory, RepoPath::root()));
    let mut places: Vec<(RepoPath, RepoPath)> = here.collect();
    if places.is_empty() {
        places.extend(below_an_artifact_root(inventory, text));
    }
    places
        .into_iter()
        .map(|(directory, root)| Candidate {
            directory,
            root,
            span: Some(path.span()),
            start: synced_by(spec, namespace),
            also: Vec::new(),
            certain: true,
        })
        .collect()
}

/// An artifact may hold only a part of the repository: then its paths lie below the directory that was packed.
fn below_an_artifact_root(inventory: &Inventory, path: &str) -> Option<(RepoPath, RepoPath)> {
    let wanted = RepoPath::clamp(path);
    if wanted.is_root() || variables::is_template(path) || path.contains("${") {
        return None;
    }
    let mut roots: Vec<RepoPath> = inventory
        .kustomize_dirs
        .keys()
        .chain(
            inventory
                .kustomizations
                .iter()
                .map(|object| inventory.path_of(object.file)),
        )
        .flat_map(ancestors)
        .filter(|root| !root.is_root())
        .collect();
    roots.sort_by(|a, b| (a.components().count(), a).cmp(&(b.components().count(), b)));
    roots.dedup();
    roots.into_iter().find_map(|root| {
        let directory = root.clamp_join(wanted.as_str());
        inventory
            .sources
            .is_directory(&directory)
            .then_some((directory, root))
    })
}

fn ancestors(path: &RepoPath) -> Vec<RepoPath> {
    let mut all = Vec::new();
    let mut at = path.parent();
    while !at.is_root() {
        all.push(at.clone());
        at = at.parent();
    }
    all
}

/// The `instance` of the chart's values: written in the release, or in a values file that a kustomization beside it
/// makes a ConfigMap of.
fn instance_values(inventory: &Inventory, release: &RawObject) -> Vec<Node> {
    if let Some(own) = release
        .node
        .at(&["spec", "values", "instance"])
        .filter(|node| node.get("sync").is_some())
    {
        return vec![own.clone()];
    }
    let directory = inventory.path_of(release.file).parent();
    let Some(&file) = inventory.kustomize_dirs.get(&directory) else {
        return Vec::new();
    };
    let generators = inventory
        .documents(file)
        .filter_map(|node| node.get("configMapGenerator"));
    generators
        .flat_map(Node::items)
        .flat_map(|generator| generator.get("files").map(Node::items).unwrap_or_default())
        .filter_map(Node::as_text)
        .filter_map(|entry| directory.join(entry.rsplit('=').next()?).ok())
        .filter_map(|path| match inventory.sources.lookup(&path) {
            Lookup::File(file) => instance_of_values_file(inventory, file),
            _ => None,
        })
        .collect()
}

fn instance_of_values_file(inventory: &Inventory, file: FileId) -> Option<Node> {
    let with_sync = |node: &&Node| node.at(&["sync", "path"]).is_some();
    inventory
        .documents(file)
        .find_map(|node| node.get("instance").filter(with_sync).cloned())
}

/// Values files of the chart that only a helmfile or a script brings in.
fn loose_values(inventory: &Inventory) -> Vec<Candidate> {
    let mentions = |file: &FileId| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, b"instance:").is_some() && memmem::find(bytes, b"sync:").is_some()
    };
    let files = inventory.live.iter().copied().filter(mentions);
    files
        .filter_map(|file| instance_of_values_file(inventory, file))
        .flat_map(|spec| of_spec(inventory, &spec, None))
        .collect()
}
