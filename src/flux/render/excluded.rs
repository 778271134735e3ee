//! What source-controller leaves out of an artifact: `.sourceignore` files and `spec.ignore` (fluxcd/pkg
//! `sourceignore`, `artifact/storage/archive.go`). What is left out does not exist for the Kustomizations.

mod pattern;

use std::sync::LazyLock;

use self::pattern::Pattern;
use crate::kustomize::Object;
use crate::source::{FileId, Lookup, RepoPath, SourceMap, Span};
use crate::yaml::Node;

const IGNORE_FILE: &str = ".sourceignore";
/// Left out when neither the source nor the files say anything else.
const DEFAULTS: &str = "*.jpg\n*.jpeg\n*.gif\n*.png\n*.wmv\n*.flv\n*.tar.gz\n*.zip\n.github/\n.circleci/\n.travis.yml\n\
                        .gitlab-ci.yml\nappveyor.yml\n.drone.yml\ncloudbuild.yaml\ncodeship-services.yml\n\
                        codeship-steps.yml\n**/.goreleaser.yml\n**/.sops.yaml\n**/.flux.yaml";

static DEFAULT_PATTERNS: LazyLock<Vec<Pattern<'static>>> =
    LazyLock::new(|| Pattern::read(DEFAULTS, "").collect());

/// The place that leaves a directory with all it holds out of the artifact, if one does. `root` is the root of the
/// artifact, `source` the object that makes it, where the cluster has it,
/// and `fallback` the place to name for what is left out by default.
pub(super) fn excluded_by(
    sources: &SourceMap,
    root: &RepoPath,
    source: Option<&Object>,
    fallback: Span,
    directory: &RepoPath,
) -> Option<Span> {
    let lists = Lists::of(sources, root, source, fallback, directory);
    let place = lists.leaves_out(directory, true).or(lists.not_checked_out())?;
    // Files are packed one by one: a single one that is taken in makes the directory exist.
    let below = sources
        .files()
        .iter()
        .map(|file| file.path())
        .filter(|path| path.starts_with(directory));
    let mut below = below.take(MAX_FILES);
    below
        .all(|path| lists.leaves_out(path, false).is_some())
        .then_some(place)
}

/// The manifests below a directory that the artifact leaves out. They matter where no kustomization file lists what is
/// built; elsewhere none is given.
pub(super) fn manifests_left_out(
    sources: &SourceMap,
    root: &RepoPath,
    source: Option<&Object>,
    fallback: Span,
    directory: &RepoPath,
) -> Vec<RepoPath> {
    let lists_its_files = ["kustomization.yaml", "kustomization.yml", "Kustomization"]
        .iter()
        .any(|name| matches!(sources.lookup(&directory.child(name)), Lookup::File(_)));
    if lists_its_files {
        return Vec::new();
    }
    let is_manifest = |path: &&RepoPath| {
        path.starts_with(directory) && matches!(path.file_name().rsplit_once('.'), Some((_, "yaml" | "yml")))
    };
    let manifests = sources.files().iter().map(|file| file.path()).filter(is_manifest);
    let mut lists: Option<(RepoPath, Lists)> = None;
    let mut left_out = Vec::new();
    for path in manifests {
        let at = path.parent();
        if lists.as_ref().is_none_or(|(known, _)| *known != at) {
            lists = Some((at.clone(), Lists::of(sources, root, source, fallback, &at)));
        }
        let verdict = lists
            .as_ref()
            .and_then(|(_, lists)| lists.leaves_out(path, false));
        if verdict.is_some() {
            left_out.push(path.clone());
        }
    }
    left_out
}

/// Enough to find a file that is taken in; a directory with more is rare and never left out on purpose.
const MAX_FILES: usize = 10_000;

/// The lists of patterns that count for one directory, the strongest last.
struct Lists<'a> {
    root: &'a RepoPath,
    /// `spec.sparseCheckout`: the only files that are fetched begin with one of these.
    checked_out: Option<&'a Node>,
    patterns: Vec<(Pattern<'a>, Span)>,
    /// The place to name for the patterns that count when there are no others.
    place_of_defaults: Option<Span>,
}

impl<'a> Lists<'a> {
    fn of(
        sources: &'a SourceMap,
        root: &'a RepoPath,
        source: Option<&'a Object>,
        fallback: Span,
        directory: &RepoPath,
    ) -> Self {
        let mut patterns = Vec::new();
        for file in ignore_files(sources, root, directory) {
            let text = sources.file(file).text().unwrap_or_default();
            let path = sources.file(file).path();
            let domain = path
                .below(root)
                .and_then(|below| below.strip_suffix(IGNORE_FILE))
                .unwrap_or_default();
            patterns.extend(Pattern::read(text, domain).map(|pattern| (pattern, Span::at_start(file))));
        }
        if let Some(ignore) = source.and_then(|source| source.node.at(&["spec", "ignore"])) {
            let text = Node::as_text(ignore).unwrap_or_default();
            patterns.extend(Pattern::read(text, "").map(|pattern| (pattern, ignore.span())));
        }
        let place_of_defaults = patterns
            .is_empty()
            .then(|| source.map_or(fallback, Object::name_span));
        let checked_out = source
            .and_then(|source| source.node.at(&["spec", "sparseCheckout"]))
            .filter(|list| list.items().iter().all(is_known_text) && !list.items().is_empty());
        Self {
            root,
            checked_out,
            patterns,
            place_of_defaults,
        }
    }

    fn not_checked_out(&self) -> Option<Span> {
        self.checked_out.map(Node::span)
    }

    /// The place of the last pattern that fits, when it leaves the path out.
    fn leaves_out(&self, path: &RepoPath, is_directory: bool) -> Option<Span> {
        if let Some(list) = self.checked_out.filter(|_| !is_directory) {
            // go-git compares names, not directories (`SkipUnless` in `plumbing/format/index/index.go`).
            let below = path.below(self.root)?;
            let mut prefixes = list.items().iter().filter_map(Node::as_text);
            if !prefixes.any(|prefix| below.starts_with(prefix.strip_prefix("./").unwrap_or(prefix))) {
                return Some(list.span());
            }
        }
        let inside: Vec<&str> = path
            .below(self.root)?
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let stated = self.patterns.iter().map(|(pattern, place)| (pattern, *place));
        let defaults = self
            .place_of_defaults
            .iter()
            .flat_map(|place| DEFAULT_PATTERNS.iter().map(|pattern| (pattern, *place)));
        let verdict = stated.chain(defaults).rev().find_map(|(pattern, place)| {
            let leaves_out = pattern.leaves_out(&inside, is_directory)?;
            Some((leaves_out, place))
        });
        verdict
            .filter(|(leaves_out, _)| *leaves_out)
            .map(|(_, place)| place)
    }
}

fn is_known_text(node: &Node) -> bool {
    node.as_text().is_some() && !node.origin().is_unknown()
}

/// Whether the path lies in what `spec.include` brings in from another repository.
pub(super) fn is_included(root: &RepoPath, source: Option<&Object>, path: &RepoPath) -> bool {
    let included = source.and_then(|source| source.node.at(&["spec", "include"]));
    included.map(Node::items).unwrap_or_default().iter().any(|one| {
        let place = one.text_at(&["toPath"]).filter(|path| !path.is_empty());
        let place = place.or_else(|| one.text_at(&["repository", "name"]));
        place.is_none_or(|place| path.starts_with(&root.clamp_join(place)))
    })
}

/// The ignore files from the root of the artifact down to the directory.
fn ignore_files(sources: &SourceMap, root: &RepoPath, directory: &RepoPath) -> Vec<FileId> {
    let mut directories = vec![directory.clone()];
    while let Some(last) = directories.last().filter(|last| *last != root && !last.is_root()) {
        directories.push(last.parent());
    }
    let file = |directory: RepoPath| match sources.lookup(&directory.child(IGNORE_FILE)) {
        Lookup::File(file) => Some(file),
        _ => None,
    };
    directories.into_iter().rev().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_excluded(files: &[(&str, &str)], path: &str) -> bool {
        let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, *text)));
        {
            let at = Span::at_start(sources.iter().next().unwrap().0);
            excluded_by(&sources, &RepoPath::root(), None, at, &RepoPath::clamp(path)).is_some()
        }
    }

    #[test]
    fn a_directory_exists_when_a_file_in_it_is_packed() {
        let files = [
            (
                ".sourceignore",
                "/*\n!/clusters\n/clusters/a/*\n!/clusters/a/keep.yaml",
            ),
            ("clusters/a/keep.yaml", ""),
        ];
        assert!(!is_excluded(&files, "clusters/a"));
        assert!(is_excluded(&files[..1], "apps/a"));
    }

    #[test]
    fn files_further_down_count_in_their_directory() {
        let nested = [
            (".sourceignore", "docs/"),
            ("apps/.sourceignore", "lab/"),
            ("lab/x", ""),
            ("apps/lab/x", ""),
        ];
        assert!(is_excluded(&nested, "apps/lab"));
        assert!(!is_excluded(&nested, "lab"));
        assert!(is_excluded(&nested, "apps/docs"));
    }
}
