//! What source-controller leaves out of an artifact: by `.sourceignore` files, `spec.ignore` and `spec.sparseCheckout` of
//! the source, and symbolic links (fluxcd/pkg `sourceignore/sourceignore.go`, `artifact/storage/archive.go`). For what is
//! built from the artifact, such files do not exist.

mod pattern;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use self::pattern::Pattern;
use crate::source::{FileId, RepoPath, SourceMap, Span};
use crate::yaml::Node;

use crate::kustomize::model::{Object, Problem, ProblemKind};

const IGNORE_FILE: &str = ".sourceignore";
/// Git's own files, unless a pattern takes them in.
const GIT: &str = ".git/\n.gitignore\n.gitmodules\n.gitattributes";
/// Left out as well when neither the source nor any file says anything.
const DEFAULTS: &str = "*.jpg\n*.jpeg\n*.gif\n*.png\n*.wmv\n*.flv\n*.tar.gz\n*.zip\n.github/\n.circleci/\n.travis.yml\n\
                        .gitlab-ci.yml\nappveyor.yml\n.drone.yml\ncloudbuild.yaml\ncodeship-services.yml\n\
                        codeship-steps.yml\n**/.goreleaser.yml\n**/.sops.yaml\n**/.flux.yaml";

/// Enough to find a file that is packed; a directory with more is rare and never left out on purpose.
const MAX_FILES: usize = 10_000;

/// Every file is held against every pattern. With more than this nothing is taken to be left out.
const MAX_PATTERNS: usize = 10_000;

/// Why something is not in the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// A pattern or a list in the repository leaves it out.
    Stated(Span),
    /// source-controller leaves it out unless told otherwise.
    Default,
    /// It is, or is reached through, a symbolic link.
    Link,
}

impl Exclusion {
    /// What says so, if anything in the repository does.
    pub fn place(self) -> Option<Span> {
        match self {
            Self::Stated(place) => Some(place),
            Self::Default | Self::Link => None,
        }
    }

    /// What to do so that the artifact holds it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Stated(_) => "let the source take it in, for example with a pattern that starts with `!`",
            Self::Default => {
                "rename it, or give the source patterns of its own: without any, source-controller leaves such files out"
            }
            Self::Link => "put the content itself there: source-controller packs no symbolic links",
        }
    }
}

/// What is left out of the artifact of one source. By default nothing.
#[derive(Debug, Default)]
pub struct LeftOut {
    root: RepoPath,
    /// The strongest last.
    patterns: Vec<(Pattern, Exclusion)>,
    /// `spec.sparseCheckout`: the only files that are fetched begin with one of these.
    checked_out: Option<(Vec<String>, Span)>,
    /// Whether symbolic links are left out, as in every artifact.
    is_artifact: bool,
    /// The first pattern beyond those that are followed.
    unread: Option<Span>,
    /// All that decides what is left out.
    identity: String,
    known: Mutex<BTreeMap<FileId, Option<Exclusion>>>,
}

impl PartialEq for LeftOut {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Eq for LeftOut {}

impl Hash for LeftOut {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
    }
}

impl LeftOut {
    /// What is left out of the artifact that `source` makes of the files below `root`. `None` stands for a source without
    /// anything special.
    pub fn of(sources: &SourceMap, root: &RepoPath, source: Option<&Object>) -> Self {
        let ignore = source.and_then(|source| source.node.at(&["spec", "ignore"]));
        let ignore = ignore.filter(|ignore| !ignore.is_null());
        if ignore.is_some_and(|ignore| ignore.origin().is_unknown()) {
            // Nobody knows; nothing is taken to be left out.
            return Self {
                identity: Self::identity(root, source),
                ..Self::default()
            };
        }
        let mut stated = Vec::new();
        for file in ignore_files(sources, root) {
            let path = sources.file(file).path();
            let domain = path
                .below(root)
                .and_then(|below| below.strip_suffix(IGNORE_FILE))
                .unwrap_or_default();
            for (pattern, start, end) in Pattern::read(sources.file(file).text().unwrap_or_default(), domain)
            {
                stated.push((pattern, Exclusion::Stated(Span::new(file, start, end))));
            }
        }
        if let Some(ignore) = ignore {
            let text = Node::as_text(ignore).unwrap_or_default();
            for (pattern, ..) in Pattern::read(text, "") {
                stated.push((pattern, Exclusion::Stated(ignore.span())));
            }
        }
        if let Some((_, first)) = stated.get(MAX_PATTERNS) {
            return Self {
                unread: first.place(),
                identity: Self::identity(root, source),
                ..Self::default()
            };
        }
        let is_bucket = is_bucket(source);
        let mut patterns = Vec::new();
        let mut add = |text: &str| {
            patterns.extend(
                Pattern::read(text, "")
                    .into_iter()
                    .map(|(pattern, ..)| (pattern, Exclusion::Default)),
            );
        };
        if !is_bucket {
            add(GIT);
        }
        if stated.is_empty() && !is_bucket {
            add(DEFAULTS);
        }
        patterns.extend(stated);
        let checked_out = sparse_checkout(source).map(|list| (prefixes(list), list.span()));
        Self {
            root: root.clone(),
            patterns,
            checked_out,
            is_artifact: true,
            unread: None,
            identity: Self::identity(root, source),
            known: Mutex::default(),
        }
    }

    /// What is left out of an artifact whatever is stated: source-watcher packs without looking at patterns.
    pub fn by_default(root: &RepoPath) -> Self {
        let patterns = [GIT, DEFAULTS]
            .into_iter()
            .flat_map(|text| Pattern::read(text, ""));
        Self {
            root: root.clone(),
            patterns: patterns
                .map(|(pattern, ..)| (pattern, Exclusion::Default))
                .collect(),
            is_artifact: true,
            identity: format!("{root} by default"),
            ..Self::default()
        }
    }

    /// What decides [`Self::of`], the files being the same.
    pub fn identity(root: &RepoPath, source: Option<&Object>) -> String {
        let ignore = source.and_then(|source| source.node.at(&["spec", "ignore"]));
        let ignore = ignore.map(|ignore| (ignore.span(), ignore.as_text()));
        let sparse = sparse_checkout(source).map(|list| (prefixes(list), list.span()));
        format!("{root} {} {ignore:?} {sparse:?}", is_bucket(source))
    }

    /// Why a file is left out, if it is; `path` is the way to it.
    pub fn file(&self, sources: &SourceMap, file: FileId, path: &RepoPath) -> Option<Exclusion> {
        let real = sources.file(file).path();
        if self.is_artifact && real != path {
            return Some(Exclusion::Link);
        }
        if self.patterns.is_empty() && self.checked_out.is_none() {
            return None;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(file).or_insert_with(|| self.excludes(real, false))
    }

    /// That nothing is known of what is left out, where there are too many patterns.
    pub(crate) fn bound(&self) -> Option<Problem> {
        let message = format!(
            "more than {MAX_PATTERNS} patterns say what the source leaves out, so nothing is taken to be left out"
        );
        let problem = Problem::new(
            ProblemKind::Limit,
            self.unread?,
            message,
            "the first that is not followed",
        );
        Some(problem.help("replace patterns for files by patterns for their directories"))
    }

    /// Why a directory is left out with all it holds, if it is; `path` is the way to it.
    pub fn directory(&self, sources: &SourceMap, directory: &RepoPath, path: &RepoPath) -> Option<Exclusion> {
        if self.is_artifact && directory != path {
            return Some(Exclusion::Link);
        }
        let sparse = self.checked_out.as_ref();
        let why = self
            .excludes(directory, true)
            .or(sparse.map(|(_, place)| Exclusion::Stated(*place)))?;
        // Files are packed one by one: a single one that is taken in makes the directory exist.
        let below = sources
            .files()
            .iter()
            .map(|file| file.path())
            .filter(|path| path.starts_with(directory));
        let mut below = below.take(MAX_FILES);
        below
            .all(|path| self.excludes(path, false).is_some())
            .then_some(why)
    }

    /// What the last pattern that fits says.
    fn excludes(&self, path: &RepoPath, is_directory: bool) -> Option<Exclusion> {
        let below = path.below(&self.root)?;
        if let Some((prefixes, place)) = self.checked_out.as_ref().filter(|_| !is_directory) {
            // go-git compares names, not directories (`SkipUnless` in `plumbing/format/index/index.go`).
            if !prefixes.iter().any(|prefix| below.starts_with(prefix.as_str())) {
                return Some(Exclusion::Stated(*place));
            }
        }
        let inside: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
        let verdict = self
            .patterns
            .iter()
            .rev()
            .find_map(|(pattern, why)| Some((pattern.leaves_out(&inside, is_directory)?, *why)));
        verdict.filter(|(leaves_out, _)| *leaves_out).map(|(_, why)| why)
    }
}

/// A Bucket is filtered while it is fetched, by what is stated only.
fn is_bucket(source: Option<&Object>) -> bool {
    source.is_some_and(|source| source.kind() == "Bucket")
}

fn sparse_checkout(source: Option<&Object>) -> Option<&Node> {
    source
        .and_then(|source| source.node.at(&["spec", "sparseCheckout"]))
        .filter(|list| list.items().iter().all(is_known_text) && !list.items().is_empty())
}

fn is_known_text(node: &Node) -> bool {
    node.as_text().is_some() && !node.origin().is_unknown()
}

fn prefixes(list: &Node) -> Vec<String> {
    let texts = list.items().iter().filter_map(Node::as_text);
    texts
        .map(|prefix| prefix.strip_prefix("./").unwrap_or(prefix).to_owned())
        .collect()
}

/// The ignore files of the artifact. Those of a directory count before those further down.
fn ignore_files(sources: &SourceMap, root: &RepoPath) -> Vec<FileId> {
    let mut files: Vec<(usize, FileId)> = sources
        .iter()
        .filter(|(_, file)| file.path().file_name() == IGNORE_FILE && file.path().starts_with(root))
        .map(|(id, file)| (file.path().components().count(), id))
        .collect();
    files.sort_unstable_by_key(|(depth, _)| *depth);
    files.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_excluded(files: &[(&str, &str)], path: &str) -> bool {
        let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, *text)));
        let left_out = LeftOut::of(&sources, &RepoPath::root(), None);
        let path = RepoPath::clamp(path);
        left_out.directory(&sources, &path, &path).is_some()
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

    #[test]
    fn a_file_of_patterns_that_nobody_wrote_leaves_nothing_out() {
        let few = format!("/apps\n{}", "/docs\n".repeat(10));
        let many = format!("/apps\n{}", "/docs\n".repeat(MAX_PATTERNS));
        assert!(is_excluded(&[(".sourceignore", &few)], "apps/a"));
        assert!(!is_excluded(&[(".sourceignore", &many)], "apps/a"));
    }

    #[test]
    fn the_line_that_leaves_a_file_out_is_named() {
        let text = "# logos\n*.svg\n\nvalues.yaml\n";
        let sources = SourceMap::from_memory([("a/values.yaml", ""), (".sourceignore", text)]);
        let left_out = LeftOut::of(&sources, &RepoPath::root(), None);
        let path = RepoPath::clamp("a/values.yaml");
        let file = sources.file_at(&path).unwrap();
        let Some(Exclusion::Stated(span)) = left_out.file(&sources, file, &path) else {
            panic!("it is left out");
        };
        assert_eq!(sources.snippet(span), "values.yaml");
    }
}
