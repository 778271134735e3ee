//! What bootstrap, scripts and other tools may make in a cluster: only their own files tell of it, in words.

use std::collections::BTreeMap;

use crate::source::SourceMap;
use crate::yaml::{Kind, Node};

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

/// The files of such tools, found once, and what was asked of them: a fleet asks the same names for every cluster.
pub(in crate::rules::flux) struct ToolFiles<'a> {
    texts: Vec<&'a str>,
    answers: BTreeMap<String, bool>,
}

impl<'a> ToolFiles<'a> {
    pub(in crate::rules::flux) fn of(sources: &'a SourceMap) -> Self {
        let is_tool = |part: &str| {
            let part = part.to_ascii_lowercase();
            PLACES.iter().any(|word| part.contains(word))
        };
        let files = sources.files().iter();
        Self {
            texts: files
                .filter(|file| file.path().components().any(is_tool))
                .filter_map(|file| file.text().ok())
                .collect(),
            answers: BTreeMap::new(),
        }
    }

    /// Whether one of the files mentions a name.
    pub(in crate::rules::flux) fn mention(&mut self, name: &str) -> bool {
        if let Some(answer) = self.answers.get(name) {
            return *answer;
        }
        let answer = self.texts.iter().any(|text| has_word(text, name));
        self.answers.insert(name.to_owned(), answer);
        answer
    }
}

/// Whether a file of such a tool mentions a name.
pub(in crate::rules::flux) fn is_mentioned(sources: &SourceMap, name: &str) -> bool {
    ToolFiles::of(sources).mention(name)
}

/// Whether a text holds a name that is not a part of another.
pub(in crate::rules::flux) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether any key or scalar of a tree mentions a name.
pub(in crate::rules::flux) fn holds_word(root: &Node, word: &str) -> bool {
    let mut todo = vec![root];
    while let Some(node) = todo.pop() {
        match node.kind() {
            Kind::Scalar(scalar) if has_word(&scalar.text, word) => return true,
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => todo.extend(items),
            Kind::Mapping(entries) => {
                todo.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
        }
    }
    false
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
