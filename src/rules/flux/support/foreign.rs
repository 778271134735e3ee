//! Telling `${…}` that Flux is meant to fill in from `${…}` that belongs to a shell, a dashboard or another program.

use crate::cluster::expressions::SUBSTITUTE_KEY;
use crate::fleet::Fleet;
use crate::kustomize::Object;
use crate::source::{SourceMap, Span};
use crate::yaml::{Kind, MAX_DEPTH, Node};

/// Where an expression stands in its object.
#[derive(Debug, Default)]
pub(crate) struct ExpressionPlace<'o> {
    /// The keys on the way to the scalar, joined by dots.
    pub(crate) route: String,
    scalar: Option<&'o Node>,
}

impl<'o> ExpressionPlace<'o> {
    /// Finds the scalar of `object` that holds the expression.
    pub(crate) fn find(object: &'o Object, expression: Span) -> Self {
        let mut keys = Vec::new();
        let scalar = descend(&object.node, expression, &mut keys, 0);
        Self {
            route: keys.join("."),
            scalar,
        }
    }

    /// Whether another program is meant to read the expression: it stands in a script, in a command line or in a file
    /// of that program's own.
    pub(crate) fn is_foreign(&self, sources: &SourceMap, expression: Span, variable: &str) -> bool {
        let is_manifest = sources.file(expression.file).path().is_yaml();
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

/// Whether any Kustomization of any cluster has a value for the variable: then it is meant for Flux.
pub(crate) fn is_known_anywhere(fleet: &Fleet, variable: &str) -> bool {
    let owners = fleet.clusters.iter().flat_map(|cluster| &cluster.kustomizations);
    owners
        .into_iter()
        .any(|owner| owner.variables.known.contains_key(variable))
}

/// Fields that hold what a shell or another program runs.
const COMMAND_KEYS: &[&str] = &["args", "command", "script", "scripts", "query", "expr"];

/// Data sources and built-in variables of Grafana.
fn is_grafana(variable: &str) -> bool {
    variable.starts_with("DS_") || variable.starts_with("__")
}

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

/// How to keep Flux's hands off expressions of other programs in an object, as it was before substitution. `is_known` tells
/// which variables any cluster gives a value.
pub(crate) fn keep_as_text(
    sources: &SourceMap,
    object: &Object,
    expression: &str,
    is_known: &dyn Fn(&str) -> bool,
) -> String {
    let escaped = format!("write `${expression}` to keep the text");
    if needs_substitution(&object.node, is_known, 0) {
        // The annotation would also stop the expressions that are meant for Flux.
        return escaped;
    }
    let file = sources.file(object.node.span().file).path().file_name();
    if file.to_ascii_lowercase().starts_with("kustomization") {
        // The name of what a generator makes is not written anywhere.
        return format!(
            "{escaped}, or give its generator `options: {{annotations: {{{SUBSTITUTE_KEY}: disabled}}}}`"
        );
    }
    format!(
        "{escaped}, or annotate {} `{}` with `{SUBSTITUTE_KEY}: disabled`",
        object.kind(),
        object.name()
    )
}

/// Whether some expression has a value.
fn needs_substitution(node: &Node, is_known: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match node.kind() {
        Kind::Scalar(scalar) => names(&scalar.text).any(is_known),
        Kind::Sequence(items) => items
            .iter()
            .any(|item| needs_substitution(item, is_known, depth + 1)),
        Kind::Mapping(entries) => entries.iter().any(|entry| {
            needs_substitution(&entry.key, is_known, depth + 1)
                || needs_substitution(&entry.value, is_known, depth + 1)
        }),
    }
}

/// The names that follow `${` in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).map(|rest| {
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        end.and_then(|end| rest.get(..end)).unwrap_or(rest)
    })
}
