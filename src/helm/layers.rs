//! Values in layers, of which some may be unreadable.

use super::below::Below;
use super::merge::{merge, set_parameter};
use super::values::HelmValues;
use crate::source::{FileId, Span};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Store};

/// Layers of values, from the weakest to the strongest.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// Everything known.
    tree: Node,
    /// What came behind the last layer that cannot be read, and so wins over it.
    certain: Node,
    unknown: Vec<(Span, UnknownReason)>,
}

impl Layers {
    /// No layer yet, of values that are asked for at `span`.
    pub(crate) fn at(span: Span) -> Self {
        Self {
            tree: Node::mapping(Vec::new(), span),
            certain: Node::mapping(Vec::new(), span),
            unknown: Vec::new(),
        }
    }

    /// A layer over those before it.
    pub(crate) fn add(&mut self, values: &Node) {
        self.tree = merge(&self.tree, values);
        self.certain = merge(&self.certain, values);
    }

    /// The values of a file. What one that does not parse leaves out may stand in what cannot be read. `false` where there are none.
    pub(crate) fn add_file(&mut self, store: &Store<'_>, file: FileId) -> bool {
        let mut is_there = false;
        for layer in Below::file(store, file) {
            is_there = true;
            match layer {
                Below::Values(values) => self.add(&values),
                Below::Unknown(span, reason) => self.hide(span, reason),
            }
        }
        is_there
    }

    /// A layer that cannot be read and may state anything.
    pub(crate) fn hide(&mut self, span: Span, reason: UnknownReason) {
        self.unknown.push((span, reason));
        self.certain = Node::mapping(Vec::new(), self.certain.origin().clone());
    }

    /// Sets one key as `--set` does.
    pub(crate) fn set(&mut self, path: &str, value: &Node, literal: bool) {
        for tree in [&mut self.tree, &mut self.certain] {
            let _ = set_parameter(tree, path, value, literal);
        }
    }

    /// Whether nothing is known and nothing is hidden.
    pub(crate) fn is_empty(&self) -> bool {
        self.tree.entries().is_empty() && self.unknown.is_empty()
    }

    /// What comes out.
    pub(crate) fn finish(self) -> HelmValues {
        HelmValues {
            own: (!self.unknown.is_empty()).then_some(self.certain),
            tree: self.tree,
            unknown: self.unknown,
            absent: Vec::new(),
        }
    }
}
