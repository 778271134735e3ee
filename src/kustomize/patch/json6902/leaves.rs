//! Scalars on their way through JSON.

use std::borrow::Cow;
use std::sync::Arc;

use crate::yaml::{Entry, Int, Kind, Node, Resolved, Scalar, Schema, Style, Tag, special_text, to_yaml};

/// The value with its scalars as `sigs.k8s.io/yaml` reads them, which is how kustomize reads JSON patches: `yes` is
/// true here, though it is text everywhere else.
pub(super) fn as_kubernetes_reads(node: &Node) -> Node {
    match node.kind() {
        Kind::Scalar(_) => scalar_as_kubernetes_reads(node),
        Kind::Sequence(items) => Node::sequence(
            items.iter().map(as_kubernetes_reads).collect(),
            node.origin().clone(),
        ),
        Kind::Mapping(entries) => {
            let read = |entry: &Entry| Entry {
                key: as_key(&scalar_as_kubernetes_reads(&entry.key)),
                value: as_kubernetes_reads(&entry.value),
            };
            Node::mapping(entries.iter().map(read).collect(), node.origin().clone())
        }
    }
}

/// A key of JSON, which is text whatever YAML made of it.
fn as_key(node: &Node) -> Node {
    match node.as_scalar() {
        Some(scalar) => Node::string(Arc::clone(&scalar.text), node.origin().clone()),
        None => node.clone(),
    }
}

fn scalar_as_kubernetes_reads(node: &Node) -> Node {
    let (Some(here), Some(elsewhere)) = (node.resolve(Schema::Kubernetes), node.resolve(Schema::Kustomize))
    else {
        return node.clone();
    };
    let origin = node.origin().clone();
    match here {
        Resolved::Str(text) if special_text_of(node).is_some() => Node::string(text, origin),
        _ if here == elsewhere => node.clone(),
        Resolved::Bool(value) => Node::plain(value.to_string(), origin),
        Resolved::Int(value) => Node::plain(value.to_string(), origin),
        Resolved::Float(value) => Node::plain(value.to_string(), origin),
        Resolved::Str(text) => Node::string(text, origin),
        Resolved::Null => Node::plain("null", origin),
    }
}

fn special_text_of(node: &Node) -> Option<Cow<'_, str>> {
    special_text(node.as_scalar()?, Schema::Kustomize)
}

/// The object after its way through JSON: numbers, truth values and null in JSON's one way of writing them. That is
/// what annotations, merge keys and replacements see of them from here on.
pub(crate) fn through_json(node: &Node) -> Node {
    match node.kind() {
        Kind::Scalar(scalar) => {
            let text = match scalar.resolve(Schema::Kustomize) {
                Resolved::Null => "null".to_owned(),
                Resolved::Bool(value) => value.to_string(),
                Resolved::Int(Int::Signed(value)) => go_shortest(value as f64),
                Resolved::Int(Int::Unsigned(value)) => go_shortest(value as f64),
                Resolved::Float(value) if value.is_finite() => go_shortest(value),
                Resolved::Float(_) => return node.clone(),
                Resolved::Str(text) => {
                    let text = special_text(scalar, Schema::Kustomize).unwrap_or(text.into());
                    return with_needed_quotes(node, scalar, &text);
                }
            };
            if *scalar.text == *text && scalar.style == Style::Plain {
                node.clone()
            } else {
                Node::plain(text, node.origin().clone())
            }
        }
        Kind::Sequence(items) => {
            let new: Vec<Node> = items.iter().map(through_json).collect();
            if items.iter().zip(&new).all(|(old, new)| old.is_same(new)) {
                return node.clone();
            }
            Node::sequence(new, node.origin().clone())
        }
        Kind::Mapping(entries) => {
            let new: Vec<Node> = entries.iter().map(|entry| through_json(&entry.value)).collect();
            if entries.iter().zip(&new).all(|(old, new)| old.value.is_same(new)) {
                return node.clone();
            }
            let keys = entries.iter().map(|entry| entry.key.clone());
            let entries = keys.zip(new).map(|(key, value)| Entry { key, value });
            Node::mapping(entries.collect(), node.origin().clone())
        }
    }
}

/// Text in quotes where it needs them, else plain. What replaces it later in a strategic merge takes over the style, so
/// this decides whether a number stays one (see `strategic`).
fn with_needed_quotes(node: &Node, scalar: &Scalar, text: &str) -> Node {
    let needs_quotes = to_yaml(&Node::string(text, node.origin().clone())).starts_with(['"', '\'', '|', '>']);
    let is_unchanged = *scalar.text == *text;
    let style = match (needs_quotes, scalar.style) {
        (false, Style::Plain) if is_unchanged => return node.clone(),
        (false, _) => Style::Plain,
        (true, Style::Plain | Style::Folded) if text.contains('\n') => Style::Literal,
        (true, Style::Plain | Style::Folded) => Style::DoubleQuoted,
        (true, _) => return node.clone(),
    };
    let written = Scalar {
        text: if is_unchanged {
            Arc::clone(&scalar.text)
        } else {
            text.into()
        },
        style,
        tag: Some(Tag::Str),
    };
    Node::new(Kind::Scalar(written), node.origin().clone())
}

/// A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it.
fn go_shortest(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ => value.to_string(),
    }
}
