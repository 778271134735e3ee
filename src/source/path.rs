//! Paths inside the repository: relative, `/`-separated, without `.` or `..`.

use std::fmt;
use std::sync::Arc;

/// A normalised path below the repository root. The root itself is the empty path.
///
/// A value of this type cannot name anything outside the repository, whatever text it was made from:
/// [`RepoPath::join`] refuses to climb over the root and [`RepoPath::clamp`] stops there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Arc<str>);

/// The text climbs over the repository root, or is an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` leaves the repository")]
pub struct LeavesRepository(pub String);

impl RepoPath {
    /// The repository root.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path from text that is relative to the root; `..` and a leading `/` stop at the root, as Flux's
    /// `SecureJoin` does with `spec.path` (fluxcd/pkg, kustomize-controller `reconcile`).
    pub fn clamp(text: &str) -> Self {
        Self::root().clamp_join(text)
    }

    /// The name of a file that does not lie in the repository. No lookup finds it.
    pub(super) fn outside(name: &str) -> Self {
        Self(name.into())
    }

    /// Like [`RepoPath::clamp`], starting at this directory instead of the root; the root is still the border.
    pub fn clamp_join(&self, text: &str) -> Self {
        let mut parts: Vec<&str> = if text.starts_with('/') {
            Vec::new()
        } else {
            self.components().collect()
        };
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        Self(parts.join("/").into())
    }

    /// This directory joined with a relative path.
    ///
    /// # Errors
    /// When the text is absolute or climbs over the root.
    pub fn join(&self, text: &str) -> Result<Self, LeavesRepository> {
        if text.starts_with('/') {
            return Err(LeavesRepository(text.to_owned()));
        }
        let mut parts: Vec<&str> = self.components().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(LeavesRepository(text.to_owned()));
                    }
                }
                _ => parts.push(part),
            }
        }
        Ok(Self(parts.join("/").into()))
    }

    /// The entry `name` of this directory. `name` is one path component.
    pub fn child(&self, name: &str) -> Self {
        if self.is_root() {
            Self(name.into())
        } else {
            Self(format!("{}/{name}", self.0).into())
        }
    }

    /// The directory that holds this path; the root is its own parent.
    pub fn parent(&self) -> Self {
        match self.0.rfind('/') {
            Some(slash) => Self(self.0[..slash].into()),
            None => Self::root(),
        }
    }

    /// Whether the name says that pictures, fonts, archives or programs are in it, in which nobody looks for text.
    pub fn is_of_media(&self) -> bool {
        const MEDIA: [&str; 33] = [
            "png", "jpg", "jpeg", "gif", "webp", "ico", "bmp", "tiff", "pdf", "mp3", "mp4", "mov", "webm",
            "wav", "ttf", "otf", "woff", "woff2", "eot", "zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "tar",
            "jar", "exe", "dll", "so", "wasm", "iso",
        ];
        let ending = self
            .file_name()
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| MEDIA.contains(&ending.as_str()))
    }

    /// Whether the name is that of a YAML file.
    pub fn is_yaml(&self) -> bool {
        is_yaml(&self.0)
    }

    /// Whether a file of that name may hold Kubernetes objects.
    pub fn is_manifest(&self) -> bool {
        is_manifest(&self.0)
    }

    /// The last component, empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The path as text, `/`-separated, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The components from the root down.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Whether this is the repository root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `directory` or lies below it.
    pub fn starts_with(&self, directory: &RepoPath) -> bool {
        directory.is_root()
            || self
                .0
                .strip_prefix(directory.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What is left of this path below `directory`, or `None` when it does not lie there.
    pub fn below(&self, directory: &RepoPath) -> Option<&str> {
        if directory.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(directory.as_str())?;
        if rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix('/')
        }
    }
}

/// Whether a path or an address ends like that of a YAML file, as kustomize-controller asks (`fluxcd/pkg/kustomize`).
pub(crate) fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// The same for a file that may hold Kubernetes objects.
pub(crate) fn is_manifest(name: &str) -> bool {
    is_yaml(name) || name.ends_with(".json")
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            f.write_str(".")
        } else {
            f.write_str(&self.0)
        }
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping_stops_at_the_root_as_secure_join_does() {
        for text in ["./x", "/x", "x", "../x", "../../x", "a/../x/", "x/."] {
            assert_eq!(RepoPath::clamp(text).as_str(), "x", "{text}");
        }
        assert!(RepoPath::clamp("./").is_root());
    }

    #[test]
    fn joining_refuses_to_leave() {
        let base = RepoPath::clamp("a/b");
        assert_eq!(base.join("../c").unwrap().as_str(), "a/c");
        assert!(base.join("../../../c").is_err());
        assert!(base.join("/etc/passwd").is_err());
    }

    #[test]
    fn below_and_starts_with_respect_component_borders() {
        let path = RepoPath::clamp("apps/prod/x.yaml");
        assert_eq!(path.below(&RepoPath::clamp("apps")), Some("prod/x.yaml"));
        assert_eq!(path.below(&RepoPath::clamp("app")), None);
        assert!(path.starts_with(&RepoPath::root()));
        assert!(!path.starts_with(&RepoPath::clamp("apps/pro")));
        assert_eq!(path.parent().as_str(), "apps/prod");
        assert_eq!(path.file_name(), "x.yaml");
    }
}
