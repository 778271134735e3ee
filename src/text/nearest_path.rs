//! "Did you mean" for paths.

use super::suggest::nearest;
use crate::source::{Lookup, RepoPath, SourceMap};

/// What the path is to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// A directory.
    Directory,
    /// A file or a directory.
    Any,
}

impl Want {
    fn takes(self, what: &Lookup) -> bool {
        match what {
            Lookup::Directory(_) => true,
            Lookup::File(_) => self == Self::Any,
            Lookup::Missing | Lookup::LeavesRepository => false,
        }
    }
}

/// What a path was most probably meant to be: the same path with misspelt components mended, else the only directory
/// whose path ends alike.
pub(crate) fn nearest_path(sources: &SourceMap, path: &RepoPath, want: Want) -> Option<RepoPath> {
    mended(sources, path, want).or_else(|| moved(sources, path))
}

/// Goes down from the root, taking the nearest name where a component does not exist.
fn mended(sources: &SourceMap, path: &RepoPath, want: Want) -> Option<RepoPath> {
    let mut at = RepoPath::root();
    let mut names = path.components().peekable();
    while let Some(name) = names.next() {
        // What is gone on in must be a directory.
        let want = if names.peek().is_some() {
            Want::Directory
        } else {
            want
        };
        let exact = at.child(name);
        at = if want.takes(&sources.lookup(&exact)) {
            exact
        } else {
            let children = sources.list(&at);
            let fitting = children.iter().filter(|(_, what)| want.takes(what));
            at.child(nearest(name, fitting.map(|(child, _)| *child))?)
        };
    }
    Some(at)
}

/// The only directory that ends in the last components of the path, as many of them as any directory shares.
fn moved(sources: &SourceMap, path: &RepoPath) -> Option<RepoPath> {
    let wanted: Vec<&str> = path.components().rev().collect();
    let mut best: (usize, Option<RepoPath>) = (0, None);
    let mut seen = RepoPath::root();
    for file in sources.files() {
        let mut directory = file.path().parent();
        if directory == seen {
            continue;
        }
        seen = directory.clone();
        while !directory.is_root() {
            let shared = directory
                .components()
                .rev()
                .zip(&wanted)
                .take_while(|(a, b)| a == *b)
                .count();
            if shared > best.0 {
                best = (shared, Some(directory.clone()));
            } else if shared == best.0 && best.1.as_ref() != Some(&directory) {
                best.1 = None;
            }
            directory = directory.parent();
        }
    }
    // One shared word such as `app` says nothing.
    best.1.filter(|_| best.0 >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(path: &str) -> Option<String> {
        let sources = SourceMap::from_memory(
            [
                "kubernetes/apps/media/plex/app/x.yaml",
                "kubernetes/apps/network/traefik/app/x.yaml",
                "kubernetes/apps/network/traefik/config/x.yaml",
            ]
            .map(|path| (path, "")),
        );
        nearest_path(&sources, &RepoPath::clamp(path), Want::Directory).map(|found| found.as_str().to_owned())
    }

    #[test]
    fn misspelt_components_are_mended() {
        assert_eq!(
            near("kubernetes/app/netwrok/traefik/app").as_deref(),
            Some("kubernetes/apps/network/traefik/app")
        );
    }

    #[test]
    fn a_directory_that_moved_is_found_by_its_end() {
        assert_eq!(
            near("cluster/media/plex/app").as_deref(),
            Some("kubernetes/apps/media/plex/app")
        );
    }

    #[test]
    fn nothing_near_or_several_equally_near_give_nothing() {
        assert_eq!(near("charts/app"), None);
        assert_eq!(near("kubernetes/apps/network/vault"), None);
    }

    #[test]
    fn a_file_is_found_only_where_one_is_wanted() {
        let sources = SourceMap::from_memory([("apps/kustomization.yaml", ""), ("apps/service.yaml", "")]);
        let near = |want| nearest_path(&sources, &RepoPath::clamp("apps/servise.yaml"), want);
        assert_eq!(near(Want::Any), Some(RepoPath::clamp("apps/service.yaml")));
        assert_eq!(near(Want::Directory), None);
    }
}
