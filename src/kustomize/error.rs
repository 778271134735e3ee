//! What goes wrong while one object is changed.

use crate::source::Span;

/// Why a patch, a selector or a replacement cannot be carried out, at the value that causes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct PatchError {
    /// The value that causes it.
    pub(crate) span: Span,
    /// States the fact, with the essential words of kustomize's own message.
    pub(crate) message: String,
    /// Whether it is only that an object is not there, which objects that cannot be seen may explain.
    pub(crate) object_missing: bool,
}

impl PatchError {
    /// An error at that place.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            object_missing: false,
        }
    }

    /// An error at that place, because an object is not there.
    pub(crate) fn object_missing(span: Span, message: impl Into<String>) -> Self {
        Self {
            object_missing: true,
            ..Self::new(span, message)
        }
    }
}

/// kustomize's words for a node of another kind than expected (kyaml `yaml/fns.go`).
pub(super) fn wrong_kind(node: &crate::yaml::Node, expected: &str) -> PatchError {
    use crate::yaml::Kind;
    let found = match node.kind() {
        Kind::Scalar(_) => "ScalarNode",
        Kind::Sequence(_) => "SequenceNode",
        Kind::Mapping(_) => "MappingNode",
    };
    PatchError::new(
        node.span(),
        format!("wrong node kind: expected {expected} but got {found}"),
    )
}
