//! Which files a source holds: this repository's, another's, or nobody knows.

use super::Address;
use super::entry::Start;
use super::lookups::Lookups;
use crate::flux::options::{Discovery, SourceKey, StatedSource};
use crate::flux::{Source, address};
use crate::kustomize::Object;
use crate::source::RepoPath;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Generators that take artifacts of generators that take artifacts …
const MAX_DEPTH: usize = 8;

/// Resolves the `sourceRef` of a rendered Kustomization.
pub(crate) fn resolve(kustomization: &Object, namespace: &str, start: &Start, lookups: &Lookups) -> Source {
    let Some(reference) = kustomization.node.at(&["spec", "sourceRef"]) else {
        return Source::Unknown(UnknownReason::External);
    };
    let unknown = ["kind", "name", "namespace"]
        .iter()
        .filter_map(|key| reference.get(key))
        .any(|node| node.origin().is_unknown());
    let (Some(kind), Some(name), false) = (
        reference.text_at(&["kind"]),
        reference.text_at(&["name"]),
        unknown,
    ) else {
        return Source::Unknown(UnknownReason::External);
    };
    let namespace = reference.text_at(&["namespace"]).unwrap_or(namespace);
    let path = kustomization.node.text_at(&["spec", "path"]).map(RepoPath::clamp);
    of_address(
        &Address::new(kind, namespace, name),
        path.as_ref(),
        start,
        lookups,
        0,
    )
}

/// `path` is what is built of the source, where that is known.
fn of_address(
    address: &Address,
    path: Option<&RepoPath>,
    start: &Start,
    lookups: &Lookups,
    depth: usize,
) -> Source {
    let stated = lookups.options().sources.iter();
    if let Some(stated) = stated.clone().find(|stated| {
        stated
            .which
            .names(&address.kind, &address.namespace, &address.name)
    }) {
        return of_stated(stated, || address.name.clone());
    }
    if start.own.as_ref() == Some(address) {
        return Source::Here(start.root.clone());
    }
    if address.kind == "ExternalArtifact" {
        return of_artifact(address, path, start, lookups, depth);
    }
    match lookups.get(address) {
        Some(object) => of_url(object, start, lookups.options()),
        // Until the source of a presumed entry point is known, nothing is missing.
        None if start.own.is_none() || !start.delivered.is_empty() => {
            Source::Unknown(UnknownReason::External)
        }
        None => Source::Missing,
    }
}

fn of_stated(stated: &StatedSource, address: impl FnOnce() -> String) -> Source {
    match &stated.root {
        Some(root) => Source::Here(root.clone()),
        None => Source::Elsewhere(address()),
    }
}

fn of_url(source: &Object, start: &Start, options: &Discovery) -> Source {
    let Some(url) = source
        .node
        .at(&["spec", "url"])
        .or(source.node.at(&["spec", "bucketName"]))
    else {
        return Source::Unknown(UnknownReason::External);
    };
    if url.origin().is_unknown() {
        return Source::Unknown(UnknownReason::External);
    }
    let text = url.as_text().unwrap_or_default();
    let normal = address::normalise(text);
    let is_it = |stated: &&StatedSource| match &stated.which {
        SourceKey::Address(url) => address::normalise(url) == normal,
        SourceKey::Name { .. } => false,
    };
    if let Some(stated) = options.sources.iter().find(is_it) {
        return of_stated(stated, || text.to_owned());
    }
    if start.own_url.as_deref() == Some(normal.as_str()) {
        // Another branch or tag of this repository holds other files.
        return match (source.node.at(&["spec", "ref"]), &start.own_ref) {
            (Some(other), Some(own)) if !other.same_value(own) => Source::Elsewhere(text.to_owned()),
            _ => Source::Here(start.root.clone()),
        };
    }
    let mut remotes = options.remotes.iter().map(|remote| address::normalise(remote));
    if remotes.any(|remote| remote == normal) && is_usual_branch(source) {
        return Source::Here(RepoPath::root());
    }
    Source::Elsewhere(text.to_owned())
}

/// Whether the source follows the branch that repositories have for what counts. Another branch or a tag holds other files.
fn is_usual_branch(source: &Object) -> bool {
    let reference = source
        .node
        .at(&["spec", "ref"])
        .map(Node::entries)
        .unwrap_or_default();
    reference.iter().all(|entry| {
        entry.key.as_text() == Some("branch") && matches!(entry.value.as_text(), Some("main" | "master"))
    })
}

/// An ArtifactGenerator puts artifacts together from others (source-watcher). One whose parts keep their place
/// relative to each other has a directory of this repository as its root.
fn of_artifact(
    artifact: &Address,
    path: Option<&RepoPath>,
    start: &Start,
    lookups: &Lookups,
    depth: usize,
) -> Source {
    let generators = lookups.of_kind("ArtifactGenerator");
    let found = generators
        .filter(|(generator, _)| generator.namespace == artifact.namespace)
        .find_map(|(at, object)| {
            let artifacts = object
                .node
                .at(&["spec", "artifacts"])
                .map(Node::items)
                .unwrap_or_default();
            let made = artifacts
                .iter()
                .find(|made| made.text_at(&["name"]) == Some(&artifact.name))?;
            Some((at.clone(), object.node.clone(), made.clone()))
        });
    let Some((at, generator, made)) = found else {
        return Source::Unknown(UnknownReason::Generated);
    };
    let copies = made.get("copy").map(Node::items).unwrap_or_default();
    let mut roots = copies.iter().map(|copy| {
        let (alias, pattern) = copied(copy)?;
        let sources = generator
            .at(&["spec", "sources"])
            .map(Node::items)
            .unwrap_or_default();
        let source = sources
            .iter()
            .find(|source| source.text_at(&["alias"]) == Some(alias))?;
        let namespace = source.text_at(&["namespace"]).unwrap_or(&at.namespace);
        let address = Address::new(source.text_at(&["kind"])?, namespace, source.text_at(&["name"])?);
        match (depth < MAX_DEPTH).then(|| part_of_artifact(address, start, lookups, depth + 1))? {
            Source::Here(base) => {
                let is_file = |path: &str| lookups.sources().file_at(&base.clamp_join(path)).is_some();
                let root = root_of(pattern, copy.text_at(&["to"])?, path, &is_file)?;
                Some(base.clamp_join(root.as_str()))
            }
            _ => None,
        }
    });
    match roots.next() {
        Some(Some(first)) if roots.all(|root| root.as_ref() == Some(&first)) => Source::Here(first),
        _ => Source::Unknown(UnknownReason::Generated),
    }
}

/// A source that is part of an artifact. Many artifacts may be made of one, each of which is part of many.
fn part_of_artifact(address: Address, start: &Start, lookups: &Lookups, depth: usize) -> Source {
    let key = (address, depth);
    if let Some(known) = lookups.artifacts.borrow().get(&key) {
        return known.clone();
    }
    let source = of_address(&key.0, None, start, lookups, depth);
    lookups.artifacts.borrow_mut().insert(key, source.clone());
    source
}

/// The source's alias and what of it is copied; `None` where files are left out, merged or extracted on the way, so that
/// the artifact holds others than Git.
fn copied(copy: &Node) -> Option<(&str, &str)> {
    let overwrites = copy
        .text_at(&["strategy"])
        .is_none_or(|strategy| strategy == "Overwrite");
    let from = copy.text_at(&["from"])?.strip_prefix('@')?.split_once('/');
    from.filter(|_| overwrites && copy.get("exclude").is_none())
}

/// The directory of the source that is the root of the artifact: `@repo/apps/x/**` copied to `@artifact/x/` makes `apps` the
/// root (source-watcher `internal/builder/builder.go`, `applyCopyOperation`).
fn root_of(
    from: &str,
    to: &str,
    path: Option<&RepoPath>,
    is_file: &dyn Fn(&str) -> bool,
) -> Option<RepoPath> {
    let to = to.strip_prefix("@artifact/")?;
    // Placeholders of a `pathPattern` stand for several directories.
    if from.contains('{') {
        return None;
    }
    let is_glob = |text: &str| text.contains(['*', '?', '[', ']']);
    let (source, target) = match (from.strip_suffix("/**"), from.strip_suffix('*')) {
        // The content of the directory takes the target's place.
        (Some(directory), _) if !is_glob(directory) => (RepoPath::clamp(directory), RepoPath::clamp(to)),
        // Other patterns keep the whole path of what fits.
        _ if matches!(from, "*" | "**") => (RepoPath::root(), RepoPath::clamp(to)),
        (None, Some(all)) if all.ends_with('/') && !is_glob(all) => (RepoPath::root(), RepoPath::clamp(to)),
        // These choose some of the files.
        _ if is_glob(from) => return None,
        // A file may get another name; a directory goes into the target, with or without slashes at the end.
        _ => {
            let source = RepoPath::clamp(from);
            let is_file = is_file(source.as_str());
            let renames = is_file && !to.is_empty() && !to.ends_with('/');
            let target = RepoPath::clamp(to);
            // `apps/x/` copied to `apps/x/` lies in `apps/x/x`. What is built of `apps/x` is the same: a kustomization
            // that lists the only directory there is.
            let is_built_alike = !is_file && path.is_some_and(|path| target.starts_with(path));
            let target = if renames || source.is_root() || is_built_alike && ends_with(&source, &target) {
                target
            } else {
                target.child(source.file_name())
            };
            (source, target)
        }
    };
    let mut root: Vec<&str> = source.components().collect();
    for part in target.components().rev() {
        if root.pop()? != part {
            return None;
        }
    }
    Some(RepoPath::clamp(&root.join("/")))
}

fn ends_with(path: &RepoPath, end: &RepoPath) -> bool {
    let mut parts = path.components().rev();
    !end.is_root() && end.components().rev().all(|part| parts.next() == Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Span};

    fn root(from: &str, to: &str) -> Option<String> {
        let is_file = |path: &str| path.ends_with(".yaml");
        root_of(from, to, None, &is_file).map(|root| root.to_string())
    }

    #[test]
    fn a_directory_in_one_of_its_own_name_is_built_as_if_it_took_its_place() {
        let root = |path: &str| {
            let path = RepoPath::clamp(path);
            root_of("apps/x/", "@artifact/apps/x/", Some(&path), &|_| false)
        };
        assert_eq!(root("./apps/x"), Some(RepoPath::root()));
        assert_eq!(root("./apps"), Some(RepoPath::root()));
        assert_eq!(root("./apps/x/x"), None);
    }

    #[test]
    fn the_root_of_an_artifact_is_where_its_paths_begin() {
        for (from, to, expected) in [
            ("apps/x/**", "@artifact/", Some("apps/x")),
            ("apps/x/**", "@artifact/apps/x/", Some(".")),
            ("apps/x/**", "@artifact/x/", Some("apps")),
            ("apps/x/**", "@artifact/y/", None),
            ("apps/x", "@artifact/", Some("apps")),
            ("apps/x/", "@artifact/", Some("apps")),
            ("apps/x/", "@artifact/apps/", Some(".")),
            ("apps/x/", "@artifact/apps/x/", None),
            ("", "@artifact/", Some(".")),
            ("**", "@artifact/", Some(".")),
            ("apps/*", "@artifact/", Some(".")),
            ("apps/*", "@artifact/apps/", None),
            ("apps/*.yaml", "@artifact/", None),
            ("apps/a.yaml", "@artifact/apps/", Some(".")),
            ("apps/a.yaml", "@artifact/apps/a.yaml", Some(".")),
            ("apps/a.yaml", "@artifact/apps/b.yaml", None),
            ("apps/{app}/**", "@artifact/", None),
            ("apps/x/**", "elsewhere/", None),
        ] {
            assert_eq!(root(from, to).as_deref(), expected, "{from} to {to}");
        }
    }

    #[test]
    fn what_is_changed_on_the_way_is_not_known() {
        let sources = SourceMap::from_memory([("a", "")]);
        let span = Span::at_start(sources.iter().next().unwrap().0);
        let mut copy = Node::mapping(Vec::new(), span);
        copy.set(Node::string("from", span), Node::string("@repo/apps/**", span));
        assert_eq!(copied(&copy), Some(("repo", "apps/**")));
        copy.set(Node::string("strategy", span), Node::string("Merge", span));
        assert_eq!(copied(&copy), None);
    }
}
