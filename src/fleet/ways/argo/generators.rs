//! The generators of an ApplicationSet, as far as the repository tells what they give.

use std::collections::BTreeSet;

use memchr::memmem;
use regex::Regex;

use super::parameters::Parameters;
use crate::fleet::inventory::Inventory;
use crate::source::{Lookup, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Kind, Node};

/// Sets of parameters that one ApplicationSet makes Applications of.
const MAX_SETS: usize = 2_000;
/// Generators within generators.
const MAX_DEPTH: usize = 4;

/// A cluster that Argo CD knows: a Secret of its.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) name: String,
    pub(super) server: Option<String>,
    secret: Node,
}

/// The clusters whose Secrets are in the repository.
pub(super) fn registered(inventory: &Inventory) -> Vec<Registered> {
    const LABEL: &str = "argocd.argoproj.io/secret-type";
    let live = inventory.live.iter().copied();
    let marked = live.filter(|file| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, LABEL.as_bytes()).is_some()
    });
    let secrets = marked.flat_map(|file| inventory.documents(file));
    secrets
        .filter(|node| node.text_at(&["metadata", "labels", LABEL]) == Some("cluster"))
        .filter_map(|node| {
            let text = |key: &str| node.text_at(&["stringData", key]).map(str::to_owned);
            Some(Registered {
                name: text("name").or_else(|| node.text_at(&["metadata", "name"]).map(str::to_owned))?,
                server: text("server"),
                secret: node.clone(),
            })
        })
        .collect()
}

/// What is needed to work generators out.
pub(super) struct Generators<'i, 'a> {
    pub(super) inventory: &'i Inventory<'a>,
    pub(super) registered: &'i [Registered],
    /// `spec` of the ApplicationSet: its texts tell which files there are for a cluster that only Argo CD knows.
    pub(super) spec: &'i Node,
}

impl Generators<'_, '_> {
    /// All sets of parameters.
    pub(super) fn all(&self) -> Vec<Parameters> {
        let generators = self.spec.get("generators").map(Node::items).unwrap_or_default();
        let sets = generators
            .iter()
            .flat_map(|one| self.of(one, &Parameters::default(), 0));
        sets.take(MAX_SETS).collect()
    }

    /// What one generator gives; those of the generator before it in a `matrix` may stand in its texts.
    fn of(&self, generator: &Node, before: &Parameters, depth: usize) -> Vec<Parameters> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let filled = before.fill(self.inventory.sources, generator);
        let generator = &filled;
        let mut sets = self.list(generator);
        sets.extend(self.files(generator));
        sets.extend(self.directories(generator));
        sets.extend(self.clusters(generator));
        sets.extend(self.matrix(generator, depth));
        sets.extend(self.merged(generator, depth));
        sets.truncate(MAX_SETS);
        if let Some(labels) = generator.at(&["selector", "matchLabels"]) {
            let fits = |set: &Parameters| {
                labels
                    .entries()
                    .iter()
                    .all(|entry| set.text(entry.key.as_text().unwrap_or_default()) == entry.value.as_text())
            };
            sets.retain(fits);
        }
        sets
    }

    fn list(&self, generator: &Node) -> Vec<Parameters> {
        let elements = generator
            .at(&["list", "elements"])
            .map(Node::items)
            .unwrap_or_default();
        elements.iter().map(Parameters::of_map).collect()
    }

    fn files(&self, generator: &Node) -> Vec<Parameters> {
        let mut sets = Vec::new();
        for file in generator
            .at(&["git", "files"])
            .map(Node::items)
            .unwrap_or_default()
        {
            let pattern = file.text_at(&["path"]).unwrap_or_default();
            for path in matching_files(self.inventory, pattern) {
                let Some(file) = self.inventory.sources.file_at(&path) else {
                    continue;
                };
                for document in self.inventory.documents(file) {
                    let items = match document.items() {
                        [] => std::slice::from_ref(document),
                        items => items,
                    };
                    sets.extend(items.iter().map(|item| {
                        Parameters::of_map(item).with_path(
                            &path.parent(),
                            Some(path.file_name()),
                            item.span(),
                        )
                    }));
                }
            }
        }
        sets.iter()
            .map(|set| self.with_values(set, generator.get("git")))
            .collect()
    }

    fn directories(&self, generator: &Node) -> Vec<Parameters> {
        let entries = generator
            .at(&["git", "directories"])
            .map(Node::items)
            .unwrap_or_default();
        let is_left_out = |entry: &Node| entry.text_at(&["exclude"]) == Some("true");
        let matching =
            |entry: &Node| matching_directories(self.inventory, entry.text_at(&["path"]).unwrap_or_default());
        let left_out: BTreeSet<RepoPath> = entries
            .iter()
            .filter(|entry| is_left_out(entry))
            .flat_map(matching)
            .collect();
        let mut sets = Vec::new();
        for entry in entries.iter().filter(|entry| !is_left_out(entry)) {
            let paths = matching(entry)
                .into_iter()
                .filter(|path| !left_out.contains(path));
            sets.extend(paths.map(|path| Parameters::default().with_path(&path, None, entry.span())));
        }
        sets.iter()
            .map(|set| self.with_values(set, generator.get("git")))
            .collect()
    }

    /// With the `values` of a generator, which may hold its own parameters.
    fn with_values(&self, set: &Parameters, generator: Option<&Node>) -> Parameters {
        match generator.and_then(|generator| generator.get("values")) {
            Some(values) => {
                let filled = set.fill(self.inventory.sources, values);
                let entry = Entry {
                    key: Node::string("values", values.span()),
                    value: filled,
                };
                set.and(&Parameters::of_map(&Node::mapping(vec![entry], values.span())))
            }
            None => set.clone(),
        }
    }

    /// Clusters by their Secrets; else by the files that there are for each.
    fn clusters(&self, generator: &Node) -> Vec<Parameters> {
        let Some(clusters) = generator.get("clusters") else {
            return Vec::new();
        };
        let wanted = clusters
            .at(&["selector", "matchLabels"])
            .map(Node::entries)
            .unwrap_or_default();
        let fits = |one: &&Registered| {
            wanted.iter().all(|entry| {
                let key = entry.key.as_text().unwrap_or_default();
                one.secret.text_at(&["metadata", "labels", key]) == entry.value.as_text()
            })
        };
        let sets: Vec<Parameters> = if self.registered.is_empty() {
            let names = names_by_files(self.inventory, self.spec);
            names.iter().map(|name| named(name, clusters.span())).collect()
        } else {
            self.registered.iter().filter(fits).map(of_secret).collect()
        };
        sets.iter()
            .map(|set| self.with_values(set, Some(clusters)))
            .collect()
    }

    fn matrix(&self, generator: &Node, depth: usize) -> Vec<Parameters> {
        let generators = generator
            .at(&["matrix", "generators"])
            .map(Node::items)
            .unwrap_or_default();
        let [first, second] = generators else {
            return Vec::new();
        };
        let firsts = self.of(first, &Parameters::default(), depth + 1);
        let sets = firsts.iter().flat_map(|one| {
            let seconds = self.of(second, one, depth + 1);
            seconds.iter().map(|other| one.and(other)).collect::<Vec<_>>()
        });
        sets.take(MAX_SETS).collect()
    }

    /// The first generator's sets, each with what later ones say under the same keys.
    fn merged(&self, generator: &Node, depth: usize) -> Vec<Parameters> {
        let generators = generator
            .at(&["merge", "generators"])
            .map(Node::items)
            .unwrap_or_default();
        let keys = generator
            .at(&["merge", "mergeKeys"])
            .map(Node::items)
            .unwrap_or_default();
        let keys: Vec<&str> = keys.iter().filter_map(Node::as_text).collect();
        let Some((first, others)) = generators.split_first() else {
            return Vec::new();
        };
        let mut sets = self.of(first, &Parameters::default(), depth + 1);
        for other in others {
            for over in self.of(other, &Parameters::default(), depth + 1) {
                for set in sets.iter_mut().filter(|set| set.agrees(&over, &keys)) {
                    *set = set.and(&over);
                }
            }
        }
        sets
    }
}

fn named(name: &str, at: Span) -> Parameters {
    let text = |text: &str| Node::string(text, at);
    Parameters::default()
        .with("name", text(name))
        .with("nameNormalized", text(&name.replace(['_', '.'], "-")))
}

fn of_secret(one: &Registered) -> Parameters {
    let at = one.secret.span();
    let mut entries = Vec::new();
    for key in ["labels", "annotations"] {
        entries.extend(one.secret.at(&["metadata", key]).map(|value| Entry {
            key: Node::string(key, at),
            value: value.clone(),
        }));
    }
    let metadata = Entry {
        key: Node::string("metadata", at),
        value: Node::mapping(entries, at),
    };
    let name = one.secret.at(&["stringData", "name"]).map_or(at, Node::span);
    let set = Parameters::of_map(&Node::mapping(vec![metadata], at)).and(&named(&one.name, name));
    match one.secret.at(&["stringData", "server"]) {
        Some(server) => set.with("server", server.clone()),
        None => set,
    }
}

/// The names that an expression for the cluster stands for in the paths of a specification, going by what exists.
fn names_by_files(inventory: &Inventory, spec: &Node) -> BTreeSet<String> {
    let mut texts = Vec::new();
    collect(spec, &mut texts, 0);
    let mut names = BTreeSet::new();
    for text in texts {
        let text = match text.strip_prefix('$') {
            Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
            None => text,
        };
        if let Some(pattern) = pattern(text) {
            names.extend(matching_names(inventory.sources, &pattern));
        }
    }
    names
}

fn collect<'n>(node: &'n Node, texts: &mut Vec<&'n str>, depth: usize) {
    if depth > 40 {
        return;
    }
    match node.kind() {
        Kind::Scalar(scalar)
            if scalar.text.contains("{{") && !scalar.text.contains(['\n', ' ', ':']) || is_path(node) =>
        {
            texts.push(node.as_scalar().map_or("", |scalar| &*scalar.text));
        }
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter().for_each(|item| collect(item, texts, depth + 1)),
        Kind::Mapping(entries) => entries
            .iter()
            .for_each(|entry| collect(&entry.value, texts, depth + 1)),
    }
}

fn is_path(node: &Node) -> bool {
    let text = node.as_text().unwrap_or_default();
    text.contains("{{") && !text.contains("://") && (text.contains('/') || text.ends_with(".yaml"))
}

/// A regular expression for a path with the name of a cluster in it.
fn pattern(text: &str) -> Option<Regex> {
    let expression = Regex::new(r"\{\{-?\s*(.*?)\s*-?\}\}").ok()?;
    let is_name = |inner: &str| {
        matches!(
            inner.trim_start_matches('.'),
            "name" | "nameNormalized" | "metadata.labels.name" | "metadata.labels.cluster"
        )
    };
    // A name alone would be that of any directory.
    if expression.replace_all(text, "").is_empty() {
        return None;
    }
    let mut built = String::from("(?:^|/)");
    let mut at = 0;
    let mut is_named = false;
    for found in expression.captures_iter(text) {
        let whole = found.get(0)?;
        built.push_str(&regex::escape(text.get(at..whole.start())?));
        if is_name(&found[1]) && !is_named {
            is_named = true;
            built.push_str("([^/]+?)");
        } else {
            built.push_str("[^/]+?");
        }
        at = whole.end();
    }
    built.push_str(&regex::escape(text.get(at..)?.trim_end_matches('/')));
    built.push_str("(?:$|/)");
    let built = built.replace("(?:^|/)\\./", "(?:^|/)");
    is_named.then(|| Regex::new(&built).ok())?
}

fn matching_names(sources: &SourceMap, pattern: &Regex) -> BTreeSet<String> {
    let files = sources.iter().filter(|(_, file)| !file.is_ignored());
    files
        .filter_map(|(_, file)| {
            Some(
                pattern
                    .captures(file.path().as_str())?
                    .get(1)?
                    .as_str()
                    .to_owned(),
            )
        })
        .collect()
}

fn matching_files(inventory: &Inventory, pattern: &str) -> Vec<RepoPath> {
    let pattern: Vec<&str> = pattern
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let files = inventory.sources.iter().filter(|(_, file)| !file.is_ignored());
    files
        .map(|(_, file)| file.path())
        .filter(|path| fits(&pattern, &path.components().collect::<Vec<_>>()))
        .cloned()
        .collect()
}

fn matching_directories(inventory: &Inventory, pattern: &str) -> Vec<RepoPath> {
    let mut found = vec![RepoPath::root()];
    for part in pattern.split('/').filter(|part| !matches!(*part, "" | ".")) {
        found = found
            .iter()
            .flat_map(|directory| {
                let names = inventory.sources.list(directory).into_iter();
                let fits = names
                    .filter(|(name, what)| matches!(what, Lookup::Directory(_)) && fits_name(part, name));
                fits.map(|(name, _)| directory.child(name)).collect::<Vec<_>>()
            })
            .collect();
    }
    found.retain(|path| !path.is_root());
    found
}

/// `**` stands for any number of directories.
fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|skip| fits(rest, path.get(skip..).unwrap_or_default())),
        Some((part, rest)) => path
            .split_first()
            .is_some_and(|(name, below)| fits_name(part, name) && fits(rest, below)),
    }
}

/// `*` stands for any characters of a name.
fn fits_name(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
        last = part;
    }
    last.is_empty() || name.ends_with(last)
}
