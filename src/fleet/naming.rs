//! The names that clusters are shown under.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::RepoPath;

/// Directory names that say nothing about which cluster it is.
const GENERIC: &[&str] = &[
    "base",
    "bootstrap",
    "cluster",
    "clusters",
    "config",
    "deploy",
    "deployments",
    "entry",
    "entrypoint",
    "env",
    "environments",
    "envs",
    "fleet",
    "flux",
    "flux-system",
    "gitops",
    "gotk",
    "k8s",
    "kube",
    "kubernetes",
    "management-clusters",
    "manifests",
    "overlays",
    "server",
    "setup",
    "src",
    "sync",
];

/// Directory names that say what is in them, and for no cluster.
const TOPICS: &[&str] = &[
    "charts",
    "cilium",
    "cni",
    "helm",
    "kube-system",
    "network",
    "networking",
];

/// A path alone without the names at its end that say nothing about which cluster it is.
fn without_topics(mut paths: Vec<RepoPath>) -> Vec<RepoPath> {
    if let [only] = paths.as_mut_slice() {
        while TOPICS.contains(&only.file_name()) && !only.parent().is_root() {
            *only = only.parent();
        }
    }
    paths
}

/// A name for each entry path: what is left of it without the part that all share and the words that
/// say nothing. Names are distinct when the paths are.
pub(crate) fn names(entries: &[RepoPath]) -> Vec<String> {
    let short: Vec<String> = entries.iter().map(|entry| telling_part(entry, entries)).collect();
    let distinct: BTreeSet<&String> = short.iter().collect();
    if distinct.len() == short.len() {
        return short;
    }
    let repeated = |name: &String| short.iter().filter(|other| *other == name).count() > 1;
    short
        .iter()
        .zip(entries)
        .map(|(name, entry)| {
            if repeated(name) {
                entry.to_string()
            } else {
                name.clone()
            }
        })
        .collect()
}

/// A name for each file that a cluster is told by, which several may share: of its directory, where that tells, else its own.
pub(crate) fn names_of_files(files: &[RepoPath]) -> Vec<String> {
    let whole: Vec<RepoPath> = files
        .iter()
        .map(|file| {
            let name = file.file_name();
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            file.parent().child(stem)
        })
        .collect();
    let distinct: BTreeSet<&RepoPath> = whole.iter().collect();
    let distinct: Vec<RepoPath> = distinct.into_iter().cloned().collect();
    let short = names(&without_common_end(&distinct));
    whole
        .iter()
        .map(|path| {
            let at = distinct.iter().position(|one| one == path);
            at.and_then(|at| short.get(at)).cloned().unwrap_or_default()
        })
        .collect()
}

/// The names as they are shown, each with the entry it is of: those that several have take in front what tells their entries apart.
pub(crate) fn distinct(shown: &[(&str, &RepoPath)]) -> Vec<String> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (name, _)) in shown.iter().enumerate() {
        by_name.entry(name).or_default().push(at);
    }
    let mut names: Vec<String> = shown.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, shared) in by_name.into_iter().filter(|(_, shared)| shared.len() > 1) {
        let entries = shared.iter().filter_map(|at| shown.get(*at));
        let entries: Vec<RepoPath> = entries.map(|(_, entry)| (*entry).clone()).collect();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (at, place) in shared.iter().zip(names_of_files(&entries)) {
            let has_name = place.split('/').any(|part| part == name);
            let own = if has_name {
                place
            } else {
                format!("{place}/{name}")
            };
            let count = seen.entry(own.clone()).or_default();
            *count += 1;
            if let Some(shown) = names.get_mut(*at) {
                *shown = if *count > 1 { format!("{own}#{count}") } else { own };
            }
        }
    }
    names
}

/// A name for each directory or file that is a cluster's own.
pub(crate) fn names_of_places(places: &[RepoPath]) -> Vec<String> {
    if !places.iter().all(RepoPath::is_yaml) {
        return names(&without_topics(without_common_end(places)));
    }
    let stems: Vec<RepoPath> = places
        .iter()
        .map(|place| match values_file_name(place) {
            Some(stem) => place.parent().child(&stem),
            None => place.clone(),
        })
        .collect();
    names(&without_common_end(&without_common_words(&stems)))
}

/// Names without the last words that all have: `east-rke2`, `west-rke2` are `east` and `west`.
fn without_common_words(paths: &[RepoPath]) -> Vec<RepoPath> {
    let mut paths = paths.to_vec();
    while paths.len() > 1 {
        let last = |path: &RepoPath| path.file_name().rsplit_once('-').map(|(_, word)| word.to_owned());
        let Some(word) = paths.first().and_then(last) else {
            break;
        };
        if !paths.iter().all(|path| last(path).as_ref() == Some(&word)) {
            break;
        }
        for path in &mut paths {
            let name = path.file_name();
            let kept = name.get(..name.len() - word.len() - 1).unwrap_or(name);
            *path = path.parent().child(kept);
        }
    }
    paths
}

/// The paths without the last names that all have: `east/cilium`, `west/cilium` are `east` and `west`.
pub(crate) fn without_common_end(paths: &[RepoPath]) -> Vec<RepoPath> {
    let mut paths = paths.to_vec();
    if paths.len() < 2 {
        return paths;
    }
    loop {
        let last = paths
            .first()
            .map(|path| path.file_name().to_owned())
            .unwrap_or_default();
        let all_have_it = paths
            .iter()
            .all(|path| path.file_name() == last && !path.parent().is_root());
        if !all_have_it {
            return paths;
        }
        for path in &mut paths {
            *path = path.parent();
        }
    }
}

fn telling_part(entry: &RepoPath, all: &[RepoPath]) -> String {
    let own: Vec<&str> = entry.components().collect();
    let is_telling = |name: &&&str| !GENERIC.contains(&name.to_ascii_lowercase().as_str());
    if all.len() == 1 {
        let last = own.iter().rev().find(is_telling).or(own.last());
        return last.map_or_else(|| ".".to_owned(), |name| (*name).to_owned());
    }
    let shared = shared_prefix(all);
    let own = own.get(shared..).unwrap_or_default();
    let telling: Vec<&str> = own.iter().filter(is_telling).copied().collect();
    match (telling.is_empty(), own.is_empty()) {
        (false, _) => telling.join("/"),
        (true, false) => own.join("/"),
        (true, true) => entry.to_string(),
    }
}

fn shared_prefix(all: &[RepoPath]) -> usize {
    let Some(first) = all.first() else { return 0 };
    let shared = |other: &RepoPath| {
        first
            .components()
            .zip(other.components())
            .take_while(|(a, b)| a == b)
            .count()
    };
    all.iter().map(shared).min().unwrap_or(0)
}

/// The name for a file of Helm values: its own without the word `values`, else its directory's.
pub(crate) fn values_file_name(file: &RepoPath) -> Option<String> {
    let stem = file
        .file_name()
        .rsplit_once('.')
        .map_or(file.file_name(), |(stem, _)| stem);
    let telling: Vec<&str> = stem
        .split(['-', '_', '.'])
        .filter(|word| {
            !matches!(
                word.to_ascii_lowercase().as_str(),
                "values" | "value" | "helm" | "cilium" | ""
            )
        })
        .collect();
    let joined = telling.join("-");
    if joined.is_empty() {
        None
    } else if joined.chars().all(|c| c.is_ascii_digit()) {
        Some(format!("cilium-{joined}"))
    } else {
        Some(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &[&str]) -> Vec<String> {
        names(&paths.iter().map(|path| RepoPath::clamp(path)).collect::<Vec<_>>())
    }

    #[test]
    fn the_part_that_differs_is_the_name() {
        assert_eq!(
            named(&["kubernetes/main/flux/cluster", "kubernetes/utility/flux/cluster"]),
            ["main", "utility"]
        );
        assert_eq!(
            named(&["clusters/main/base", "clusters/local"]),
            ["main", "local"]
        );
        assert_eq!(
            named(&["clusters/sbox/00", "clusters/sbox/01", "clusters/dev/00"]),
            ["sbox/00", "sbox/01", "dev/00"]
        );
    }

    #[test]
    fn a_single_cluster_takes_its_last_telling_directory() {
        assert_eq!(
            named(&["clusters/stages/dev/clusters/services-amer"]),
            ["services-amer"]
        );
        assert_eq!(named(&["kubernetes/flux/cluster"]), ["cluster"]);
        assert_eq!(named(&[""]), ["."]);
    }

    #[test]
    fn names_stay_apart_when_only_generic_words_differ() {
        assert_eq!(named(&["a/flux", "a/config"]), ["flux", "config"]);
        assert_eq!(named(&["a", "a/flux"]), ["a", "flux"]);
    }

    #[test]
    fn values_files_lose_the_words_that_all_have() {
        let name = |path: &str| values_file_name(&RepoPath::clamp(path));
        assert_eq!(name("charts/values-cluster1.yaml").as_deref(), Some("cluster1"));
        assert_eq!(name("cilium-1-values.yaml").as_deref(), Some("cilium-1"));
        assert_eq!(name("east/cilium-values.yaml"), None);
    }
}
