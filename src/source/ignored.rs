//! What the `.gitignore` files of a repository leave out, on disk or in a Git tree.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::RepoPath;

/// The name of the files.
pub(super) const FILE: &str = ".gitignore";

/// Patterns taken from one file. Every file is held against every pattern, so that with more than these nobody could work with
/// the repository; the files that the rest would leave out are checked.
const MAX_PATTERNS: usize = 10_000;

/// The `.gitignore` files met on the way down, innermost last.
pub(super) struct Ignores {
    root: PathBuf,
    stack: Vec<(RepoPath, Option<Gitignore>)>,
    ignored_below: Option<RepoPath>,
}

impl Ignores {
    /// `text` is the file of the root.
    pub(super) fn new(root: &Path, text: Option<&[u8]>) -> Self {
        let mut ignores = Self {
            root: root.to_owned(),
            stack: Vec::new(),
            ignored_below: None,
        };
        ignores.enter(&RepoPath::root(), text);
        ignores
    }

    /// Goes into a directory with that file in it.
    pub(super) fn enter(&mut self, path: &RepoPath, text: Option<&[u8]>) {
        while self.stack.last().is_some_and(|(dir, _)| !path.starts_with(dir)) {
            self.stack.pop();
        }
        let patterns = text.and_then(|text| patterns(&self.root.join(path.as_str()), text));
        self.stack.push((path.clone(), patterns));
    }

    /// Whether an entry of the directories gone into is left out.
    pub(super) fn covers(&mut self, path: &RepoPath, is_dir: bool) -> bool {
        if let Some(dir) = &self.ignored_below {
            if path.starts_with(dir) {
                return true;
            }
            self.ignored_below = None;
        }
        let absolute = self.root.join(path.as_str());
        let verdict = self
            .stack
            .iter()
            .rev()
            .filter(|(dir, _)| path.starts_with(dir))
            .filter_map(|(_, ignore)| ignore.as_ref())
            .map(|ignore| ignore.matched(&absolute, is_dir))
            .find(|matched| !matched.is_none());
        let ignored = verdict.is_some_and(|matched| matched.is_ignore());
        if ignored && is_dir {
            self.ignored_below = Some(path.clone());
        }
        ignored
    }
}

fn patterns(directory: &Path, text: &[u8]) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(directory);
    let text = String::from_utf8_lossy(text);
    // Git passes over a byte order mark.
    let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
    for line in lines.filter(|line| !line.trim().is_empty()).take(MAX_PATTERNS) {
        // A malformed pattern is skipped, as Git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_one_file_are_bounded() {
        let mut text: String = (0..MAX_PATTERNS).map(|nth| format!("a{nth}\n\n")).collect();
        text.push_str("behind\n");
        let mut ignores = Ignores::new(Path::new("/r"), Some(text.as_bytes()));
        let mut covers = |path: &str| ignores.covers(&RepoPath::clamp(path), false);
        assert!(covers("a0") && covers(&format!("a{}", MAX_PATTERNS - 1)));
        assert!(!covers("behind"));
    }
}
