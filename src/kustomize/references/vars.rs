//! `vars`: `$(NAME)` in certain fields stands for a field of some object (api `filters/refvar`, `types/var.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::budget::{Budget, Exhausted};
use crate::kustomize::error::PatchError;
use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpecs};
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource::Resource;
use crate::kustomize::resources::resource_id::{ResourceId, split_api_version};
use crate::source::Span;
use crate::yaml::{Kind, Node, Resolved, Scalar, Schema, Style, Tag};

/// The variables of a kustomization and those below it, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars {
    known: BTreeMap<Arc<str>, Node>,
}

impl Vars {
    /// Adds the variables that one kustomization declares, and marks the objects they read from.
    pub(crate) fn declare(&mut self, items: &[Node], map: &mut ResMap, report: &mut Report) {
        for item in items {
            // Without a name it was refused before.
            let Some(name) = nodes::nonempty(item.get("name")).map(Arc::<str>::from) else {
                continue;
            };
            let id = target_of(item);
            let any_namespace = id.namespace.is_empty() && !id.is_cluster_scoped();
            let found = map.positions_by_any_id(&id.name, |own| {
                if any_namespace {
                    own.name == id.name
                        && own.group == id.group
                        && own.version == id.version
                        && own.kind == id.kind
                } else {
                    own.is_same(&id)
                }
            });
            match found.as_slice() {
                [] => {}
                &[at] => {
                    map.change(at, |resource| resource.var_names.push(Arc::clone(&name)));
                }
                many => report.fail(
                    item.span(),
                    format!(
                        "found {} resId matches for var `{name}` (unable to disambiguate)",
                        many.len()
                    ),
                    "reads from more than one object",
                ),
            }
            self.add(name, item, report);
        }
    }

    /// Adds the variables of another kustomization.
    pub(crate) fn merge(&mut self, other: &Self, report: &mut Report) {
        for (name, item) in &other.known {
            self.add(Arc::clone(name), item, report);
        }
    }

    fn add(&mut self, name: Arc<str>, item: &Node, report: &mut Report) {
        match self.known.get(&name) {
            Some(known) => report.push(
                Problem::new(
                    ProblemKind::Failure,
                    item.span(),
                    format!("var `{name}` already encountered"),
                    "declared a second time",
                )
                .related(known.span(), "declared before"),
            ),
            None => {
                self.known.insert(name, item.clone());
            }
        }
    }

    /// Puts the values in.
    pub(crate) fn resolve(&self, map: &mut ResMap, specs: &FieldSpecs, report: &mut Report) {
        if self.known.is_empty() {
            return;
        }
        let mut values = BTreeMap::new();
        let mut read_from: BTreeMap<&str, &Resource> = BTreeMap::new();
        for resource in map.list() {
            for name in &resource.var_names {
                read_from.entry(name).or_insert(resource);
            }
        }
        for (name, item) in &self.known {
            match value_of(name, item, read_from.get(&**name).copied()) {
                Ok(value) => {
                    values.insert(Arc::clone(name), value);
                }
                Err(_) if report.hides_objects() => {}
                Err((span, message)) => report.fail(span, message, "has no value"),
            }
        }
        for resource in map.list_mut() {
            for spec in &specs.0 {
                if report.budget.is_exhausted() {
                    return;
                }
                let too_much = report.too_much();
                let budget = &mut report.budget;
                let origin = resource.node.origin().clone();
                let set = &mut |node: &mut Node| replace_in(node, &values, budget, &too_much);
                if let Err(error) = fieldspec::apply(&mut resource.node, spec, Create::No, &origin, set) {
                    report.fail(error.span, error.message, "cannot hold a variable");
                }
            }
        }
    }
}

/// The identity that `objref` states.
fn target_of(item: &Node) -> ResourceId {
    let text = |key: &str| item.text_at(&["objref", key]).unwrap_or_default().to_owned();
    let (mut group, mut version) = (text("group"), text("version"));
    let api_version = text("apiVersion");
    if !api_version.is_empty() && api_version.matches('/').count() <= 1 {
        let (stated_group, stated_version) = split_api_version(&api_version);
        if !stated_group.is_empty() {
            group = stated_group.to_owned();
        }
        version = stated_version.to_owned();
    }
    ResourceId {
        group,
        version,
        kind: text("kind"),
        name: text("name"),
        namespace: text("namespace"),
        cluster_scoped: false,
    }
}

fn value_of(name: &Arc<str>, item: &Node, object: Option<&Resource>) -> Result<Node, (Span, String)> {
    let path = nodes::nonempty(item.at(&["fieldref", "fieldPath"])).unwrap_or("metadata.name");
    let object = object.ok_or_else(|| {
        (
            item.span(),
            format!("var `{name}` cannot be mapped to a field in the set of known resources"),
        )
    })?;
    lookup(&object.node, path).cloned().ok_or_else(|| {
        let at = item.at(&["fieldref", "fieldPath"]).unwrap_or(item);
        (
            at.span(),
            format!("field `{path}` specified in var `{name}` not found in corresponding resource"),
        )
    })
}

/// Follows a path of names separated by dots; a number, or a number in brackets behind a name, is a place in a list.
fn lookup<'n>(object: &'n Node, path: &str) -> Option<&'n Node> {
    let mut node = object;
    for part in crate::kustomize::fields::fieldpath::split_path(path, '.') {
        let (name, index) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((name, index)) => (name.to_owned(), Some(index.parse::<usize>().ok()?)),
            None => (part, None),
        };
        node = match (node.kind(), name.parse::<usize>()) {
            (Kind::Sequence(items), Ok(at)) => items.get(at)?,
            _ => node.get(&name)?,
        };
        if let Some(at) = index {
            node = node.items().get(at)?;
        }
    }
    Some(node)
}

type Values = BTreeMap<Arc<str>, Node>;

fn replace_in(
    node: &mut Node,
    values: &Values,
    budget: &mut Budget,
    too_much: &str,
) -> Result<(), PatchError> {
    let mut replace = |node: &mut Node| {
        let span = node.span();
        replace(node, values, budget).map_err(|_| PatchError::new(span, too_much))
    };
    match node.kind() {
        Kind::Scalar(_) if is_text(node) => replace(node),
        Kind::Scalar(_) => Ok(()),
        Kind::Mapping(entries) => {
            if let Some(entry) = entries.iter().find(|entry| !is_text(&entry.key)) {
                return Err(PatchError::new(
                    entry.key.span(),
                    "invalid map key: it is no text",
                ));
            }
            if let Kind::Mapping(entries) = node.kind_mut() {
                let values_in = entries.iter_mut().map(|entry| &mut entry.value);
                let mut texts = values_in.filter(|value| is_text(value));
                return texts.try_for_each(replace);
            }
            Ok(())
        }
        Kind::Sequence(items) => {
            if let Some(item) = items.iter().find(|item| !is_text(item)) {
                return Err(PatchError::new(item.span(), "invalid value type expect a string"));
            }
            if let Kind::Sequence(items) = node.kind_mut() {
                return items.iter_mut().try_for_each(replace);
            }
            Ok(())
        }
    }
}

fn is_text(node: &Node) -> bool {
    matches!(node.resolve(Schema::Kustomize), Some(Resolved::Str(_)))
}

/// Puts values into one text. A text that is nothing but one variable takes over the value's type.
fn replace(node: &mut Node, values: &Values, budget: &mut Budget) -> Result<(), Exhausted> {
    let text = node.as_scalar().map(|scalar| Arc::clone(&scalar.text));
    let Some(text) = text.filter(|text| text.contains('$')) else {
        return Ok(());
    };
    let whole = text
        .strip_prefix("$(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|name| values.get(name))
        .and_then(typed_scalar);
    let scalar = match whole {
        Some(scalar) => scalar,
        None => Scalar {
            text: expand(&text, values, budget)?.into(),
            style: Style::Plain,
            tag: Some(Tag::Str),
        },
    };
    if let Kind::Scalar(own) = node.kind_mut() {
        *own = scalar;
    }
    Ok(())
}

fn typed_scalar(value: &Node) -> Option<Scalar> {
    let tag = match value.resolve(Schema::Kustomize)? {
        Resolved::Bool(_) => Tag::Bool,
        Resolved::Int(_) => Tag::Int,
        Resolved::Float(_) => Tag::Float,
        Resolved::Null | Resolved::Str(_) => Tag::Str,
    };
    Some(Scalar {
        text: Arc::clone(&value.as_scalar()?.text),
        style: Style::Plain,
        tag: Some(tag),
    })
}

/// `$(NAME)` for its value, `$$` for `$`; a name without a value stays as it is.
fn expand(text: &str, values: &Values, budget: &mut Budget) -> Result<String, Exhausted> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Where none is left, nobody looks for one again.
    let last_bracket = text.rfind(')');
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let behind = &from[1..];
        let (written, used) = match behind.chars().next() {
            None => ("$".to_owned(), 0),
            Some('$') => ("$".to_owned(), 1),
            Some('(') => match last_bracket
                .filter(|last| text.len() - behind.len() < *last)
                .and_then(|_| behind.find(')'))
            {
                Some(end) => (value_text(&behind[1..end], values), end + 1),
                None => ("$(".to_owned(), 1),
            },
            Some(other) => (format!("${other}"), other.len_utf8()),
        };
        budget.spend(written.len())?;
        out.push_str(&written);
        rest = &behind[used..];
    }
    out.push_str(rest);
    Ok(out)
}

fn value_text(name: &str, values: &Values) -> String {
    match values.get(name).and_then(Node::as_scalar) {
        Some(scalar) => scalar.text.to_string(),
        None => format!("$({name})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let sources = crate::source::SourceMap::from_memory([("a", "")]);
        let file = sources.file_at(&crate::source::RepoPath::clamp("a")).unwrap();
        let node = Node::string("base", Span::at_start(file));
        BTreeMap::from([("NAME".into(), node)])
    }

    #[test]
    fn variables_are_replaced_and_dollars_escape() {
        let expanded = |text| expand(text, &values(), &mut Budget::new(1000)).unwrap();
        assert_eq!(expanded("a-$(NAME)-b"), "a-base-b");
        assert_eq!(expanded("$(OTHER) $NAME"), "$(OTHER) $NAME");
        assert_eq!(expanded("$$(NAME)"), "$(NAME)");
        assert_eq!(expanded("$(NAME"), "$(NAME");
        assert_eq!(expanded("cost: 5$"), "cost: 5$");
    }
}
