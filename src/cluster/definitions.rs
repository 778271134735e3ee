//! Finding where an object is *written*, whether or not any build reaches the file. Only for help texts and for being
//! careful: what a cluster really has is told by its rendered objects.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::fleet::is_dead;
use crate::source::{SourceMap, Span};

/// Places of names, by kind and name.
pub(super) type Definitions<'a> = HashMap<&'a str, HashMap<&'a str, Vec<Span>>>;

/// The names of all objects in the YAML files of the repository that lie in no archive or the like, by kind and name. The search is
/// textual: it also sees files that no kustomization lists and files that do not parse.
pub(super) fn all(sources: &SourceMap) -> Definitions<'_> {
    let mut all = Definitions::new();
    for (id, file) in sources
        .iter()
        .filter(|(_, file)| file.path().is_yaml() && !is_dead(file.path()))
    {
        in_text(file.text().unwrap_or_default(), &mut |kind, name, start| {
            let span = Span::new(id, start, start + name.len());
            all.entry(kind).or_default().entry(name).or_default().push(span);
        });
    }
    all
}

/// The kinds that the templates of the charts in the repository state.
pub(super) fn kinds_of_templates(sources: &SourceMap) -> BTreeSet<&str> {
    let files = sources.files().iter();
    let templates = files.filter(|file| file.path().components().any(|name| name == "templates"));
    let lines = templates.filter_map(|file| file.text().ok()).flat_map(str::lines);
    lines
        .filter_map(|line| line.trim_start().strip_prefix("kind:"))
        .map(scalar)
        .collect()
}

/// Kinds that one document may state: an object states one.
const MAX_KINDS: usize = 8;

/// What is known of the document that is being read.
#[derive(Default)]
struct Document<'a> {
    kind: Option<&'a str>,
    kinds: usize,
    in_metadata: bool,
    /// Where each name that may be the object's stands; the last counts.
    names: BTreeMap<&'a str, usize>,
    told: HashSet<(&'a str, usize)>,
}

impl<'a> Document<'a> {
    fn tell(&mut self, name: &'a str, start: usize, found: &mut dyn FnMut(&'a str, &'a str, usize)) {
        if let Some(kind) = self.kind
            && self.told.insert((kind, start))
        {
            found(kind, name, start);
        }
    }
}

/// Calls `found` with the kind, the name and the place of the name of every object.
fn in_text<'a>(text: &'a str, found: &mut dyn FnMut(&'a str, &'a str, usize)) {
    let mut document = Document::default();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if line.starts_with("---") {
            document = Document::default();
        } else if let Some(value) = line.strip_prefix("kind:") {
            document.kinds += 1;
            document.kind = Some(scalar(value)).filter(|_| document.kinds <= MAX_KINDS);
            document.in_metadata = false;
            let names = std::mem::take(&mut document.names);
            for (name, start) in &names {
                document.tell(name, *start, found);
            }
            document.names = names;
        } else if line.starts_with("metadata:") {
            document.in_metadata = true;
        } else if !line.starts_with([' ', '#', '\n', '\r']) {
            document.in_metadata = false;
        } else if document.in_metadata
            && let Some(name) = line.trim_start().strip_prefix("name:").map(scalar)
            && !name.is_empty()
            && let Some(at) = line.find(name)
        {
            document.names.insert(name, start + at);
            document.tell(name, start + at, found);
        }
    }
}

/// The text of a plain or quoted scalar behind a colon, without anchor and comment.
fn scalar(text: &str) -> &str {
    let mut text = text.trim();
    if let Some(anchored) = text.strip_prefix('&') {
        text = anchored.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    if let Some(at) = text.find(" #") {
        text = text[..at].trim_end();
    }
    text.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, kind: &str, name: &str) -> Option<String> {
        let sources = SourceMap::from_memory([("a/ks.yaml", text)]);
        let span = *all(&sources).get(kind)?.get(name)?.first()?;
        let at = sources.file(span.file).line_column(span.start);
        Some(format!("{}:{} {}", at.line, at.column, sources.snippet(span)))
    }

    #[test]
    fn finds_the_object_and_not_a_mention_of_it() {
        let text = "kind: Kustomization\nmetadata:\n  name: first\nspec:\n  dependsOn:\n    - name: second\n---\n\
                    metadata:\n  name: &app second # here\n  namespace: x\nkind: Kustomization\n";
        assert_eq!(
            find(text, "Kustomization", "second"),
            Some("9:14 second".to_owned())
        );
        assert_eq!(find(text, "Kustomization", "third"), None);
        assert_eq!(find(text, "HelmRelease", "second"), None);
    }

    #[test]
    fn quotes_and_line_ends_do_not_matter() {
        let text = "kind: 'HelmRelease'\r\nmetadata:\r\n  name: \"x\"\r\n";
        assert_eq!(find(text, "HelmRelease", "x"), Some("3:10 x".to_owned()));
    }
}
