//! Telling `${…}` that Flux is meant to fill in from `${…}` that belongs to a shell, a dashboard or another program.

use crate::kustomize::Object;
use crate::source::{SourceMap, Span};
use crate::yaml::{Kind, Node};

/// Where an expression stands in its object.
#[derive(Debug, Default)]
pub(super) struct Place<'o> {
    /// The keys on the way to the scalar, joined by dots.
    pub(super) route: String,
    scalar: Option<&'o Node>,
}

impl<'o> Place<'o> {
    /// Finds the scalar of `object` that holds the expression.
    pub(super) fn find(object: &'o Object, expression: Span) -> Self {
        let mut keys = Vec::new();
        let scalar = descend(&object.node, expression, &mut keys, 0);
        Self {
            route: keys.join("."),
            scalar,
        }
    }

    /// Whether another program is meant to read the expression: it stands in a script, in a command line or in a file
    /// of that program's own.
    pub(super) fn is_foreign(&self, sources: &SourceMap, expression: Span, variable: &str) -> bool {
        let path = sources.file(expression.file).path();
        let is_manifest = [".yaml", ".yml"]
            .iter()
            .any(|ending| path.as_str().ends_with(ending));
        let is_block = self
            .scalar
            .and_then(Node::as_scalar)
            .is_some_and(|scalar| scalar.text.trim_end().contains('\n'));
        let is_command = self
            .route
            .split('.')
            .any(|key| COMMAND_KEYS.iter().any(|word| key.eq_ignore_ascii_case(word)));
        !is_manifest || is_block || is_command || is_grafana(variable)
    }
}

/// Fields that hold what a shell or another program runs.
const COMMAND_KEYS: &[&str] = &["args", "command", "script", "scripts", "query", "expr"];

/// Data sources and built-in variables of Grafana.
fn is_grafana(variable: &str) -> bool {
    variable.starts_with("DS_") || variable.starts_with("__")
}

/// Levels of an object looked through; documents are not nested deeper.
const MAX_DEPTH: usize = 100;

fn descend<'o>(node: &'o Node, expression: Span, keys: &mut Vec<String>, depth: usize) -> Option<&'o Node> {
    if depth > MAX_DEPTH {
        return None;
    }
    match node.kind() {
        Kind::Scalar(_) => holds(node.span(), expression).then_some(node),
        Kind::Sequence(items) => items
            .iter()
            .find_map(|item| descend(item, expression, keys, depth + 1)),
        Kind::Mapping(entries) => entries.iter().find_map(|entry| {
            let key = entry.key.as_scalar().map_or("", |scalar| &scalar.text);
            keys.push(key.to_owned());
            if holds(entry.key.span(), expression) {
                return Some(&entry.key);
            }
            let found = descend(&entry.value, expression, keys, depth + 1);
            if found.is_none() {
                keys.pop();
            }
            found
        }),
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// How to keep Flux's hands off expressions of other programs in an object.
pub(super) fn keep_as_text(object: &Object, expression: &str) -> String {
    let escaped = format!("write `${expression}` to keep the text");
    if is_substituted(&object.node, 0) {
        // The annotation would also stop the expressions that are meant for Flux.
        return escaped;
    }
    format!(
        "{escaped}, or annotate {} `{}` with `kustomize.toolkit.fluxcd.io/substitute: disabled`",
        object.kind(),
        object.name()
    )
}

fn is_substituted(node: &Node, depth: usize) -> bool {
    let filled_in = |node: &Node| {
        let all = node.origin().substituted.as_deref().unwrap_or_default();
        all.iter().any(|one| one.unknown || one.value.is_some())
    };
    if depth > MAX_DEPTH {
        return false;
    }
    match node.kind() {
        _ if filled_in(node) => true,
        Kind::Scalar(_) => false,
        Kind::Sequence(items) => items.iter().any(|item| is_substituted(item, depth + 1)),
        Kind::Mapping(entries) => entries
            .iter()
            .any(|entry| is_substituted(&entry.key, depth + 1) || is_substituted(&entry.value, depth + 1)),
    }
}
