//! What bootstrap, scripts and other tools may make in a cluster: only their own files tell of it, in words.

use crate::source::SourceMap;

/// Parts of paths in which the work of scripts and of other tools is kept.
const PLACES: [&str; 8] = [
    "bootstrap",
    "helmfile",
    "ansible",
    "terraform",
    "tofu",
    "talos",
    "taskfile",
    "script",
];

/// Whether a file of such a tool mentions a name.
pub(super) fn is_mentioned(sources: &SourceMap, name: &str) -> bool {
    let mut files = sources.files().iter().filter(|file| {
        let mut parts = file.path().components();
        parts.any(|part| PLACES.iter().any(|word| part.to_ascii_lowercase().contains(word)))
    });
    files.any(|file| file.text().is_ok_and(|text| has_word(text, name)))
}

/// Whether a text holds a name that is not a part of another.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_another_is_not_mentioned() {
        assert!(has_word(
            "kubectl create namespace cert-manager\n",
            "cert-manager"
        ));
        assert!(!has_word("namespace: cert-manager-webhook", "cert-manager"));
    }

    #[test]
    fn only_the_files_of_tools_count() {
        let sources =
            SourceMap::from_memory([("bootstrap/run.sh", "make shop"), ("apps/a.yaml", "name: bank")]);
        assert!(is_mentioned(&sources, "shop"));
        assert!(!is_mentioned(&sources, "bank"));
    }
}
