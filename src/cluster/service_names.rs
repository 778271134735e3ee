//! Names of Services in the text that workloads are configured with: `<name>.<namespace>.svc[.cluster.local]`.

use std::sync::Arc;

use super::workloads::Workload;
use crate::kustomize::Object;
use crate::yaml::{Kind, MAX_DEPTH, Node};

/// A Service that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named<'t> {
    pub(crate) name: &'t str,
    pub(crate) namespace: &'t str,
    /// The whole name as it is written.
    pub(crate) written: &'t str,
}

/// A name with the scalar it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mention<'a> {
    pub(crate) named: Named<'a>,
    pub(crate) node: &'a Node,
}

/// The Services that the pods of a workload are told of by their environment, arguments and commands.
pub(crate) fn in_workload<'a>(workload: Workload<'a>) -> Vec<Mention<'a>> {
    let containers = ["initContainers", "containers"]
        .iter()
        .filter_map(|key| workload.pod.at(&["spec", key]))
        .flat_map(Node::items);
    let mut mentions = Vec::new();
    for container in containers {
        let variables = container.get("env").map_or(&[][..], Node::items);
        for value in variables.iter().filter_map(|variable| variable.get("value")) {
            look(value, 0, &mut mentions);
        }
        for key in ["args", "command"] {
            container
                .get(key)
                .into_iter()
                .for_each(|list| look(list, 0, &mut mentions));
        }
    }
    mentions
}

/// The Services that the data of a ConfigMap or the values of a HelmRelease name.
pub(crate) fn in_settings(object: &Arc<Object>) -> Vec<Mention<'_>> {
    let route: &[&str] = match (object.group(), object.kind()) {
        ("", "ConfigMap") => &["data"],
        ("helm.toolkit.fluxcd.io", "HelmRelease") => &["spec", "values"],
        _ => return Vec::new(),
    };
    let mut mentions = Vec::new();
    if let Some(settings) = object.node.at(route) {
        look(settings, 0, &mut mentions);
    }
    mentions
}

fn look<'a>(node: &'a Node, depth: usize, mentions: &mut Vec<Mention<'a>>) {
    if depth > MAX_DEPTH || node.origin().is_unknown() {
        return;
    }
    match node.kind() {
        Kind::Scalar(scalar) => {
            mentions.extend(in_text(&scalar.text).map(|named| Mention { named, node }));
        }
        Kind::Sequence(items) => items.iter().for_each(|item| look(item, depth + 1, mentions)),
        Kind::Mapping(entries) => {
            entries
                .iter()
                .for_each(|entry| look(&entry.value, depth + 1, mentions));
        }
    }
}

const MARK: &str = ".svc";
const DOMAIN: &str = ".cluster.local";

/// The names in a text. One with a part that something else is still to fill in (`$(NAME).shop.svc`) is none yet.
pub(super) fn in_text(text: &str) -> impl Iterator<Item = Named<'_>> {
    text.match_indices(MARK).filter_map(|(at, _)| {
        let end = end_of(text, at + MARK.len())?;
        let before = text.get(..at)?;
        let start = before.rfind(|c| !is_name_char(c)).map_or(0, |last| {
            last + before
                .get(last..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
        let delimited = before.get(..start)?.chars().next_back().is_none_or(is_delimiter);
        let labels = before.get(start..)?;
        let (rest, namespace) = labels.rsplit_once('.')?;
        let name = rest.rsplit('.').next()?;
        (delimited && is_label(name) && is_label(namespace)).then_some(Named {
            name,
            namespace,
            written: text.get(start..end)?,
        })
    })
}

/// Where the name ends whose `.svc` ends at `at`; `None` when it goes on otherwise than with the usual domain.
fn end_of(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let end = at + if rest.starts_with(DOMAIN) { DOMAIN.len() } else { 0 };
    // A full stop behind it ends the name, or the sentence.
    let goes_on = text
        .get(end..)?
        .trim_start_matches('.')
        .starts_with(|c| is_name_char(c) || c == '$' || c == '{');
    (!goes_on).then_some(end)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.'
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || "\"'`/@,=:([<;|".contains(c)
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &str, &str)> {
        in_text(text)
            .map(|named| (named.name, named.namespace, named.written))
            .collect()
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        for (text, written) in [
            ("api.shop.svc", "api.shop.svc"),
            ("http://api.shop.svc:8080/v1", "api.shop.svc"),
            (
                "redis://:secret@api.shop.svc.cluster.local/0",
                "api.shop.svc.cluster.local",
            ),
            ("--peer=api.shop.svc.cluster.local.", "api.shop.svc.cluster.local"),
            ("see \"api.shop.svc\".", "api.shop.svc"),
            ("api-0.api.shop.svc", "api-0.api.shop.svc"),
        ] {
            assert_eq!(found(text), [("api", "shop", written)], "{text}");
        }
        assert_eq!(found("a.b.svc,c.d.svc").len(), 2);
    }

    #[test]
    fn what_is_no_whole_name_is_none() {
        for text in [
            "$(NAME).shop.svc",
            "${NAME}-api.shop.svc",
            "{{ .Release.Name }}-api.shop.svc",
            "%s.shop.svc",
            "api.shop.svc.clusterset.local",
            "api.shop.svc.${DOMAIN}",
            "api.shop.svcs",
            "shop.svc",
            ".shop.svc",
            "*.shop.svc",
            "üapi.shop.svc",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
