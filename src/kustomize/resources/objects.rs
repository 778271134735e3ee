//! Documents to objects (api `resource/factory.go`): which documents count, and lists taken apart.

use std::collections::VecDeque;

use super::nodes;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::source::Span;
use crate::yaml::{Node, Parsed};

/// The objects of a file, and why some of its documents are none.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) objects: Vec<Node>,
    pub(crate) problems: Vec<Problem>,
}

/// Takes the documents of a text for objects.
pub(crate) fn read(parsed: &Parsed) -> Objects {
    let mut result = Objects::default();
    let alone = parsed.documents.len() == 1;
    let mut waiting = VecDeque::new();
    for document in &parsed.documents {
        for node in unwrapped(&document.root, alone) {
            take(node, &mut waiting, &mut result.problems);
        }
    }
    // What a list holds comes behind everything else.
    while let Some(node) = waiting.pop_front() {
        let is_list = node.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
        match node.get("items").filter(|_| is_list) {
            None => result.objects.push(node),
            Some(items) if items.is_sequence() => {
                for item in items.items() {
                    take(item.clone(), &mut waiting, &mut result.problems);
                }
            }
            Some(items) if items.is_null() => {}
            Some(items) => result.problems.push(Problem::new(
                ProblemKind::Failure,
                items.span(),
                format!(
                    "expected array in {}/items",
                    node.text_at(&["kind"]).unwrap_or_default()
                ),
                "not a list",
            )),
        }
    }
    result
}

/// A `List` or `ResourceList` that is the only document stands for its items (kyaml `kio/byteio_reader.go`).
fn unwrapped(root: &Node, alone: bool) -> Vec<Node> {
    let is_list = matches!(root.text_at(&["kind"]), Some("List" | "ResourceList"));
    if alone && is_list && (root.get("items").is_some() || root.get("functionConfig").is_some()) {
        root.get("items").map(Node::items).unwrap_or_default().to_vec()
    } else {
        vec![root.clone()]
    }
}

fn take(node: Node, objects: &mut VecDeque<Node>, problems: &mut Vec<Problem>) {
    if nodes::is_nil_or_empty(&node) {
        return;
    }
    match missing(&node) {
        None => objects.push_back(node),
        Some((span, message)) => {
            problems.push(Problem::new(
                ProblemKind::Failure,
                span,
                message,
                "no Kubernetes object",
            ));
        }
    }
}

/// What an object must have and this has not.
pub(crate) fn missing(node: &Node) -> Option<(Span, String)> {
    if !node.is_mapping() {
        return Some((
            node.span(),
            "missing Resource metadata: the document is no map".to_owned(),
        ));
    }
    let Some(kind) = nodes::nonempty(node.get("kind")) else {
        return Some((node.span(), "missing kind in object".to_owned()));
    };
    if kind.ends_with("List") || nodes::nonempty(node.at(&["metadata", "name"])).is_some() {
        return None;
    }
    let span = node
        .entry("metadata")
        .map_or_else(|| node.span(), |entry| entry.key.span());
    Some((span, format!("missing metadata.name in object of kind `{kind}`")))
}
