use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::cluster::reached::{Reached, texts};
use crate::finding::{Finding, Severity};
use crate::kustomize::{FILE_NAMES, Object};
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, Lookup, RepoPath, SourceMap, Span};

/// A manifest beside others that no cluster has.
pub(crate) static RULE: Rule = Rule {
    name: "orphaned-manifest",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/orphaned-manifest.md"),
    check,
};

fn message(path: &RepoPath, orphan: &Orphan) -> String {
    let manifests = match orphan.objects.len() {
        0 => "its kustomization".to_owned(),
        1 => "its manifest".to_owned(),
        count => format!("its {count} manifests"),
    };
    match orphan.files.as_slice() {
        [only] if !orphan.is_directory => format!("no cluster reaches `{only}`"),
        files if !orphan.is_directory => {
            let names: Vec<&str> = files.iter().map(RepoPath::file_name).collect();
            format!("no cluster reaches {} in `{path}`", all_of(&names))
        }
        _ => format!("no cluster reaches directory `{path}` with {manifests}"),
    }
}

const LABEL: &str = "in no cluster";
const LABEL_FURTHER: &str = "nor this";
const LABEL_COMMENT: &str = "commented out here";

fn help(list: Option<&RepoPath>, orphan: &Orphan) -> String {
    let it = if orphan.is_directory || orphan.files.len() == 1 {
        "it"
    } else {
        "them"
    };
    match list {
        Some(list) => format!("list {it} in `{list}`, or remove {it}"),
        None => format!("let a Kustomization's `path` lead to {it}, or remove {it}"),
    }
}

/// Directories that belong to other tools, to people, or to what comes before Flux.
const FOREIGN: [&str; 30] = [
    "ansible",
    "bootstrap",
    "chart",
    "charts",
    "ci",
    "demo",
    "doc",
    "docs",
    "example",
    "examples",
    "hack",
    "helm",
    "helmfile",
    "init",
    "opentofu",
    "packer",
    "provision",
    "pulumi",
    "sample",
    "samples",
    "schemas",
    "script",
    "scripts",
    "setup",
    "talos",
    "terraform",
    "test",
    "tofu",
    "tools",
    "local",
];

/// API groups of files that configure programs, not clusters.
const CONFIGURATION: [&str; 7] = [
    "audit.k8s.io",
    "config.kubernetes.io",
    "k3d.io",
    "kind.x-k8s.io",
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kustomize.config.k8s.io",
];

/// Manifests of one directory that no cluster has.
#[derive(Default)]
struct Orphan {
    /// Whether the whole directory is unreached, not only some of its files.
    is_directory: bool,
    files: Vec<RepoPath>,
    objects: Vec<Object>,
    /// What each file is labelled at.
    places: Vec<Span>,
    /// What would be reached if these were.
    leads_to: BTreeSet<RepoPath>,
}

/// Key of an orphan: its directory, and whether it is the whole of it.
type Key = (RepoPath, bool);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(reached) = Reached::of(context.fleet, context.store, &is_foreign_directory) else {
        return;
    };
    let mut orphans: BTreeMap<Key, Orphan> = BTreeMap::new();
    for file in &context.fleet.live {
        let path = context.sources.file(*file).path();
        if reached.holds(*file, path) || is_foreign(context.sources, path) {
            continue;
        }
        let objects: Vec<Object> = manifests(context, *file).collect();
        let is_kustomization = FILE_NAMES.contains(&path.file_name());
        if objects.is_empty() && !is_kustomization {
            continue;
        }
        let highest = reached.highest_unreached(path);
        let is_directory = highest.is_some();
        let directory = highest.unwrap_or_else(|| path.parent());
        let orphan = orphans.entry((directory, is_directory)).or_default();
        orphan.is_directory = is_directory;
        orphan.leads_to.extend(objects.iter().filter_map(flux_path));
        if is_kustomization {
            orphan.leads_to.extend(entries(context, *file));
        }
        orphan.files.push(path.clone());
        orphan.places.push(
            objects
                .first()
                .map_or_else(|| Span::at_start(*file), Object::name_span),
        );
        orphan.objects.extend(objects);
    }
    // A list in a directory that is reached piece by piece is no manifest, and nobody misses it.
    orphans.retain(|_, orphan| orphan.is_directory || !orphan.objects.is_empty());
    let leads = |from: &Key, to: &Key| {
        from != to
            && orphans
                .get(from)
                .is_some_and(|from| from.leads_to.iter().any(|path| covers(path, to, &orphans)))
    };
    for (key, orphan) in &orphans {
        // What another orphan would bring along is its mistake; of two that bring each other along it is the first's.
        let is_led_to = orphans
            .keys()
            .any(|other| leads(other, key) && (!leads(key, other) || other < key));
        if !is_led_to && !is_mentioned(context.sources, &key.0) {
            findings.extend(finding(context.sources, &key.0, orphan));
        }
    }
}

/// Whether reaching a path reaches the orphan or something in it.
fn covers(path: &RepoPath, (directory, whole): &Key, orphans: &BTreeMap<Key, Orphan>) -> bool {
    if *whole {
        return directory.starts_with(path) || path.starts_with(directory);
    }
    let orphan = orphans.get(&(directory.clone(), false));
    orphan.is_some_and(|orphan| {
        orphan
            .files
            .iter()
            .all(|file| file == path || file.parent() == *path)
    })
}

/// Directories at the root belong to whatever tool; a file there too.
fn is_foreign(sources: &SourceMap, path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let is_pattern = ["example", "sample", "template", "tmpl"]
        .iter()
        .any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    let mut directory = path.parent();
    let mut in_chart = false;
    while !directory.is_root() && !in_chart {
        in_chart = sources.file_at(&directory.child("Chart.yaml")).is_some();
        directory = directory.parent();
    }
    path.components().count() < 3 || is_pattern || in_chart || is_foreign_directory(&path.parent())
}

fn is_foreign_directory(path: &RepoPath) -> bool {
    let is_foreign = |name: &str| FOREIGN.iter().any(|foreign| name.eq_ignore_ascii_case(foreign));
    path.components().any(is_foreign)
}

/// The Kubernetes objects of a file.
fn manifests<'a>(context: &Context<'a>, file: FileId) -> impl Iterator<Item = Object> + 'a {
    let documents = context.store.parsed(file).documents.iter();
    let objects = documents.map(|document| Object::new(document.root.clone()));
    objects.filter(|object| {
        let version = object.api_version().rsplit('/').next().unwrap_or_default();
        let is_versioned = version
            .strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        // Talos says `v1alpha1` without a group.
        let is_core = !object.group().is_empty() || object.api_version() == "v1";
        is_versioned
            && is_core
            && !object.kind().is_empty()
            && !object.name().is_empty()
            && !CONFIGURATION.contains(&object.group())
    })
}

/// `spec.path` of a Flux Kustomization.
fn flux_path(object: &Object) -> Option<RepoPath> {
    let is_flux = object.group() == "kustomize.toolkit.fluxcd.io" && object.kind() == "Kustomization";
    let path = object.node.text_at(&["spec", "path"]).filter(|_| is_flux)?;
    Some(RepoPath::clamp(path)).filter(|path| !path.is_root())
}

/// What a kustomization names beside its own files.
fn entries(context: &Context<'_>, file: FileId) -> Vec<RepoPath> {
    let directory = context.sources.file(file).path().parent();
    let paths = texts(context.store, file)
        .into_iter()
        .filter_map(|text| directory.join(text).ok());
    paths
        .filter(|path| {
            matches!(
                context.sources.lookup(path),
                Lookup::File(_) | Lookup::Directory(_)
            )
        })
        .collect()
}

/// Whether a script, a pipeline or a task names the path: then something applies it.
fn is_mentioned(sources: &SourceMap, path: &RepoPath) -> bool {
    let finder = memmem::Finder::new(path.as_str());
    let files = sources.files().iter().filter(|file| is_of_tools(file.path()));
    files
        .filter_map(|file| file.bytes().ok())
        .any(|bytes| finder.find(bytes).is_some())
}

fn is_of_tools(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let is_hidden = path.components().any(|part| part.starts_with('.'));
    let is_tool = [
        "justfile", "makefile", "taskfile", "helmfile", "tiltfile", "skaffold", "mod.just",
    ]
    .iter()
    .any(|tool| name.starts_with(tool));
    let ending = name.rsplit('.').next().unwrap_or_default();
    is_hidden || is_tool || matches!(ending, "sh" | "just" | "tf" | "py" | "gotmpl" | "toml" | "json5")
}

fn finding(sources: &SourceMap, path: &RepoPath, orphan: &Orphan) -> Option<Finding> {
    let (first, further) = orphan.places.split_first()?;
    let object = orphan.objects.first();
    let first = object.map_or(*first, Object::name_span);
    let above = if orphan.is_directory {
        path.parent()
    } else {
        path.clone()
    };
    let list = FILE_NAMES
        .iter()
        .map(|name| above.child(name))
        .find(|list| sources.file_at(list).is_some())
        // A list that nothing reaches itself leads to nothing.
        .filter(|list| !orphan.files.contains(list));
    let mut finding = Finding::new(message(path, orphan), first, LABEL)
        .help(help(list.as_ref(), orphan))
        .route(path.file_name());
    if let Some(object) = object {
        finding = finding.object(object.reference());
    }
    if !orphan.is_directory {
        let further = further.iter().take(MAX_LABELS);
        finding = further.fold(finding, |finding, place| finding.label(*place, LABEL_FURTHER));
    }
    let name = if orphan.is_directory {
        path
    } else {
        orphan.files.first()?
    };
    let members = orphan.files.iter().zip(&orphan.places);
    let members = members.map(|(file, place)| {
        Finding::new(format!("no cluster reaches `{file}`"), *place, LABEL).route(file.file_name())
    });
    finding = finding.members(members);
    let comment = list.and_then(|list| comment(sources, sources.file_at(&list)?, name.file_name()));
    Some(match comment {
        Some(place) => finding.label(place, LABEL_COMMENT),
        None => finding,
    })
}

/// Files labelled in one finding.
const MAX_LABELS: usize = 6;

/// A comment of a kustomization that names the entry.
fn comment(sources: &SourceMap, list: FileId, name: &str) -> Option<Span> {
    let text = sources.file(list).text().ok()?;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let names_it = content.starts_with('#') && content.split(['/', ' ']).any(|part| part == name);
        if names_it {
            let begin = start + line.find('#')?;
            return Some(Span::new(list, begin, begin + content.len()));
        }
        start += line.len();
    }
    None
}
