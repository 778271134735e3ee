//! What substitution needs of an object that does not depend on the variables.

use std::sync::Arc;

use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::yaml::{self, Entry, Kind, Mapped, Node, Origin, Placed, Scalar, Substitution};

use super::expression::find_expression;
use super::printed::{Printed, placed_at};
use super::quick::Quick;
use super::typed::changes_when_reread;
use crate::postbuild::RenderProblem;
use crate::postbuild::envsubst::{SyntaxError, Template};

/// An object made ready for any number of clusters.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Substitution gives the object back whatever the variables are.
    Unchanged,
    /// Too much text to work on.
    TooLarge {
        /// The object with everything that holds an expression marked unknown.
        guarded: Arc<Object>,
        problem: RenderProblem,
    },
    /// The object as text, and the short way, where there is one.
    Printed(Box<Printed>, Option<Quick>),
}

impl Prepared {
    pub(crate) fn new(object: &Arc<Object>, sources: &SourceMap) -> Self {
        if is_excluded(object) {
            return Self::Unchanged;
        }
        let mut looked = Looked::default();
        looked.at(&object.node);
        if !looked.dollar && !looked.retyped {
            return Self::Unchanged;
        }
        if looked.bytes > MAX_BYTES {
            return Self::TooLarge {
                guarded: guarded(object),
                problem: RenderProblem::MalformedSubstitution {
                    expression: object.node.span(),
                    reason: format!("more than {MAX_BYTES} bytes are too many to substitute in"),
                    object: Arc::clone(object),
                },
            };
        }
        let Mapped { text, scalars } = yaml::to_yaml_mapped(&object.node);
        let file = object.node.span().file;
        let (template, errors) = Template::parse_tolerantly(text.as_str());
        if errors.is_empty() && template.is_literal() && !looked.retyped {
            return Self::Unchanged;
        }
        let mut printed = Printed::new(template, scalars, file, sources);
        let quick = match errors.is_empty() && !looked.retyped {
            true => Quick::new(object, &text, &printed.scalars, &printed.places),
            false => None,
        };
        printed.malformed = errors
            .first()
            .map(|error| malformed(object, &text, &printed.scalars, error, sources));
        let spoiled = errors
            .iter()
            .filter_map(|error| printed.scalar_at(error.range.start));
        printed.spoiled = spoiled.collect();
        printed.spoiled.dedup();
        Self::Printed(Box::new(printed), quick)
    }
}

fn malformed(
    object: &Arc<Object>,
    text: &str,
    scalars: &[Placed],
    error: &SyntaxError,
    sources: &SourceMap,
) -> RenderProblem {
    let written = text.get(error.range.clone()).unwrap_or_default();
    let expression = match placed_at(scalars, error.range.start) {
        Some(placed) => find_expression(sources, placed.node.span(), 0, written)
            .map_or_else(|| placed.node.span(), |found| found.span),
        None => object.node.span(),
    };
    RenderProblem::MalformedSubstitution {
        expression,
        reason: error.reason.to_string(),
        object: Arc::clone(object),
    }
}

/// Text that an object may hold. Aliases can make it hold far more than its file; etcd takes 1.5 MB.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Only the exact word counts.
fn is_excluded(object: &Object) -> bool {
    [object.label(SUBSTITUTE_KEY), object.annotation(SUBSTITUTE_KEY)]
        .into_iter()
        .flatten()
        .any(|value| value.as_text() == Some("disabled"))
}

/// Whether an object needs to be printed at all.
#[derive(Default)]
struct Looked {
    dollar: bool,
    retyped: bool,
    bytes: usize,
}

impl Looked {
    fn at(&mut self, node: &Node) {
        match node.kind() {
            Kind::Scalar(scalar) => {
                self.bytes = self.bytes.saturating_add(scalar.text.len() + 1);
                self.dollar |= scalar.text.contains('$');
                self.retyped |= changes_when_reread(scalar);
            }
            Kind::Sequence(items) => items.iter().for_each(|item| self.at(item)),
            Kind::Mapping(entries) => entries.iter().for_each(|Entry { key, value }| {
                self.dollar |= key.as_scalar().is_some_and(|scalar| scalar.text.contains('$'));
                self.at(value);
            }),
        }
    }
}

/// Where the real program gives nothing, work goes on with the object as it is. No rule shall judge what stands
/// where an expression's value should.
pub(crate) fn guarded(object: &Arc<Object>) -> Arc<Object> {
    match guarded_node(&object.node) {
        Some(node) => Arc::new(object.with(node)),
        None => Arc::clone(object),
    }
}

/// The mark of a scalar whose expressions give nothing; `None` when it has none.
pub(crate) fn unknown_expression(scalar: &Scalar, origin: &Origin) -> Option<Substitution> {
    let behind = scalar.text.split_once("${")?.1;
    let name: String = behind
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    Some(Substitution {
        variable: name.into(),
        expression: origin.span,
        value: None,
        unknown: true,
        output: None,
    })
}

/// The node with its expressions marked, or `None` when it holds none.
fn guarded_node(node: &Node) -> Option<Node> {
    match node.kind() {
        Kind::Scalar(scalar) => {
            let origin = node.origin();
            let mark = unknown_expression(scalar, origin)?;
            let before = origin.substituted.as_deref().unwrap_or_default();
            let mut marked = node.clone();
            marked.set_origin(Origin {
                span: origin.span,
                substituted: Some(before.iter().cloned().chain([mark]).collect()),
            });
            Some(marked)
        }
        Kind::Sequence(items) => {
            let changed: Vec<Option<Node>> = items.iter().map(guarded_node).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = items.iter().zip(changed);
                let items = items.map(|(item, changed)| changed.unwrap_or_else(|| item.clone()));
                Node::sequence(items.collect(), node.origin().clone())
            })
        }
        Kind::Mapping(entries) => {
            let changed: Vec<[Option<Node>; 2]> = entries
                .iter()
                .map(|entry| [guarded_node(&entry.key), guarded_node(&entry.value)])
                .collect();
            changed.iter().flatten().any(Option::is_some).then(|| {
                let entries = entries.iter().zip(changed).map(|(entry, [key, value])| Entry {
                    key: key.unwrap_or_else(|| entry.key.clone()),
                    value: value.unwrap_or_else(|| entry.value.clone()),
                });
                Node::mapping(entries.collect(), node.origin().clone())
            })
        }
    }
}

/// The label or annotation that, with the value `disabled`, keeps an object from being substituted.
pub(crate) const SUBSTITUTE_KEY: &str = "kustomize.toolkit.fluxcd.io/substitute";
