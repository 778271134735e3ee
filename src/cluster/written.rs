//! What the files say in words, whether or not any build reaches them; indexed when first asked for, since a rule may ask about every
//! object of a cluster.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::definitions::{self, Definitions};
use super::mentions::Words;
use crate::source::{SourceMap, Span};

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

/// The texts of a repository.
#[derive(Debug)]
pub struct Written<'a> {
    sources: &'a SourceMap,
    definitions: OnceLock<Definitions<'a>>,
    kinds_of_templates: OnceLock<BTreeSet<&'a str>>,
    tools: OnceLock<Words<&'a str>>,
}

impl<'a> Written<'a> {
    /// Over these files; reads nothing yet.
    pub(crate) fn new(sources: &'a SourceMap) -> Self {
        Self {
            sources,
            definitions: OnceLock::new(),
            kinds_of_templates: OnceLock::new(),
            tools: OnceLock::new(),
        }
    }

    /// The files.
    pub(crate) fn sources(&self) -> &'a SourceMap {
        self.sources
    }

    /// The names of all objects of that kind and name in the YAML files of the repository.
    pub(crate) fn definitions(&self, kind: &str, name: &str) -> &[Span] {
        let all = self.definitions.get_or_init(|| definitions::all(self.sources));
        let of_kind = all.get(kind).and_then(|names| names.get(name));
        of_kind.map_or(&[], Vec::as_slice)
    }

    /// Whether the template of any chart in the repository makes objects of that kind.
    pub(crate) fn is_in_templates(&self, kind: &str) -> bool {
        let kinds = || definitions::kinds_of_templates(self.sources);
        self.kinds_of_templates.get_or_init(kinds).contains(kind)
    }

    /// Whether bootstrap, a script or another tool mentions a name in its own files: what these make in a cluster, nothing else
    /// tells.
    pub(crate) fn is_mentioned_by_tools(&self, name: &str) -> bool {
        let words = || {
            let files = self.sources.files().iter();
            let files = files.filter(|file| file.path().components().any(is_tool));
            Words::of(files.filter_map(|file| Some((file.text().ok()?, 0))))
        };
        self.tools.get_or_init(words).mention(name)
    }
}

fn is_tool(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    PLACES.iter().any(|word| part.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_of_tools_count() {
        let sources =
            SourceMap::from_memory([("bootstrap/run.sh", "make shop"), ("apps/a.yaml", "name: bank")]);
        let written = Written::new(&sources);
        assert!(written.is_mentioned_by_tools("shop"));
        assert!(!written.is_mentioned_by_tools("bank"));
    }
}
