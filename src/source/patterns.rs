//! Sets of paths, written as in a `.gitignore` at the repository root.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::RepoPath;

/// Paths that one or more patterns cover.
#[derive(Debug, Clone, Default)]
pub struct Patterns(Option<Gitignore>);

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MalformedPattern(pub String);

impl Patterns {
    /// Reads patterns; a later one can take back (`!x`) what an earlier one covers.
    ///
    /// # Errors
    /// At the first that is malformed.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, MalformedPattern> {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(malformed)?;
        }
        let all = builder.build().map_err(malformed)?;
        Ok(Self((!all.is_empty()).then_some(all)))
    }

    /// Whether the file, or a directory that it lies in, is covered.
    pub fn cover(&self, file: &RepoPath) -> bool {
        let matched = |all: &Gitignore| all.matched_path_or_any_parents(file.as_str(), false).is_ignore();
        // Absolute paths only come from outside of the repository.
        !file.as_str().starts_with('/') && self.0.as_ref().is_some_and(matched)
    }
}

fn malformed(error: ignore::Error) -> MalformedPattern {
    match error {
        ignore::Error::Glob { err, .. } => MalformedPattern(err),
        other => MalformedPattern(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(patterns: &[&str], path: &str) -> bool {
        Patterns::new(patterns.iter().copied())
            .unwrap()
            .cover(&RepoPath::clamp(path))
    }

    #[test]
    fn patterns_cover_what_git_would_ignore() {
        assert!(covered(&["/clusters/lab/"], "clusters/lab/apps.yaml"));
        assert!(!covered(&["/clusters/lab/"], "clusters/prod/apps.yaml"));
        assert!(covered(&["lab"], "clusters/lab/apps.yaml"));
        assert!(covered(&["apps/**/test*.yaml"], "apps/a/b/test-1.yaml"));
        assert!(!covered(&["*.yaml", "!keep.yaml"], "a/keep.yaml"));
        assert!(!covered(&[], "a.yaml"));
    }

    #[test]
    fn a_malformed_pattern_says_why() {
        let error = Patterns::new(["[z-a]"]).unwrap_err();
        assert!(error.to_string().contains("range"), "{error}");
    }
}
