//! Finding where an object is *written*, whether or not any build reaches the file. Only for help texts and for being
//! careful: what a cluster really has is told by its rendered objects.

use crate::source::{SourceFile, SourceMap, Span};

/// The names of all objects of that kind and name in the YAML files of the repository. The search is textual: it also
/// sees files that no kustomization lists and files that do not parse.
pub(crate) fn definitions(sources: &SourceMap, kind: &str, name: &str) -> Vec<Span> {
    if name.is_empty() {
        return Vec::new();
    }
    let finder = memchr::memmem::Finder::new(name);
    sources
        .iter()
        .filter(|(_, file)| is_yaml(file))
        .filter_map(|(id, file)| Some((id, file.text().ok()?)))
        .filter(|(_, text)| finder.find(text.as_bytes()).is_some())
        .flat_map(|(id, text)| {
            let found = in_text(text, kind, name).into_iter();
            found.map(move |(start, end)| Span::new(id, start, end))
        })
        .collect()
}

/// Whether the template of any chart in the repository makes objects of that kind.
pub(crate) fn in_templates(sources: &SourceMap, kind: &str) -> bool {
    sources.files().iter().any(|file| {
        let is_template = file.path().components().any(|name| name == "templates");
        let makes_it = |text: &str| {
            let mut lines = text.lines();
            lines.any(|line| {
                line.trim_start()
                    .strip_prefix("kind:")
                    .is_some_and(|value| scalar(value) == kind)
            })
        };
        is_template && file.text().is_ok_and(makes_it)
    })
}

fn is_yaml(file: &SourceFile) -> bool {
    let name = file.path().file_name();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// What is known of the document that is being read.
#[derive(Default)]
struct Document {
    kind: bool,
    in_metadata: bool,
    name: Option<(usize, usize)>,
}

fn in_text(text: &str, kind: &str, name: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut document = Document::default();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if line.starts_with("---") {
            document = Document::default();
        } else if let Some(value) = line.strip_prefix("kind:") {
            document.kind = scalar(value) == kind;
            document.in_metadata = false;
        } else if line.starts_with("metadata:") {
            document.in_metadata = true;
        } else if !line.starts_with([' ', '#', '\n', '\r']) {
            document.in_metadata = false;
        } else if document.in_metadata
            && let Some(value) = line.trim_start().strip_prefix("name:")
            && scalar(value) == name
            && let Some(at) = line.find(name)
        {
            document.name = Some((start + at, start + at + name.len()));
        }
        if document.kind
            && let Some(name) = document.name.take()
        {
            found.push(name);
        }
    }
    found
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
        let span = *definitions(&sources, kind, name).first()?;
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
