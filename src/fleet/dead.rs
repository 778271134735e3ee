//! Directories that hold no live manifests: archives, templates, test data.

use crate::source::RepoPath;

const DEAD_NAMES: &[&str] = &[
    "archive",
    "archived",
    "_archive",
    "_archived",
    "attic",
    "deprecated",
    "disabled",
    "node_modules",
    "scaffold",
    "scaffolding",
    "scaffolds",
    "skeleton",
    "skeletons",
    "template",
    "templates",
    "_template",
    "_templates",
    "testdata",
    "tests",
    "vendor",
];
const DEAD_ENDINGS: &[&str] = &[
    ".bak",
    ".backup",
    ".disabled",
    ".old",
    ".orig",
    "_bak",
    "_old",
    "-old",
];
/// Live when nothing else is: a repository may be nothing but an example.
const SAMPLE_NAMES: &[&str] = &["doc", "docs", "example", "examples", "sample", "samples"];

/// Whether the file lies in a tree that nobody deploys.
pub(crate) fn is_dead(file: &RepoPath) -> bool {
    file.parent().components().any(is_dead_name)
}

/// Whether a directory of that name holds nothing live.
pub(crate) fn is_dead_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (name.starts_with('.') && name.len() > 1)
        || DEAD_NAMES.contains(&lower.as_str())
        || DEAD_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether a component of the path calls it an example.
pub(crate) fn is_sample(path: &RepoPath) -> bool {
    path.components()
        .any(|name| SAMPLE_NAMES.contains(&name.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_templates_and_test_data_are_dead_but_an_environment_called_test_is_not() {
        for path in [
            ".archive/a.yaml",
            "x/kube_old/a.yaml",
            "apps.bak/a.yaml",
            "a/templates/b.yaml",
            "tests/testdata/c.yaml",
        ] {
            assert!(is_dead(&RepoPath::clamp(path)), "{path}");
        }
        for path in [
            "clusters/test/00/a.yaml",
            "clusters/demo/a.yaml",
            "apps/backup/a.yaml",
            "templates.yaml",
        ] {
            assert!(!is_dead(&RepoPath::clamp(path)), "{path}");
        }
    }
}
